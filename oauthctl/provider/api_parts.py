"""The parts of the API that a provider's tokens are for.

Here: what a part wants and has, and the practice set. Not here: answering at them (`api`), their metadata (`resources`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SECOND_FACTOR = "second-factor"
"""The level (`acr`) of a sign-in with a code beside the password."""


@dataclass(frozen=True, slots=True)
class ApiPart:
    """One collection, at a path of its own: what opens it, and what is in it from the start.

    Beyond audience and scope it may want a level of sign-in (`acr`), one that is `max_age` seconds old at most, or a token that is bound
    by DPoP. `audience` is a name by which tokens are asked for it beside its URL. An empty scope is none that is needed.
    """

    name: str
    read_scope: str
    write_scope: str
    items: tuple[Mapping[str, str], ...] = ()
    audience: str = ""
    acr: str = ""
    max_age: int | None = None
    dpop: bool = False


_PHOTOS = ApiPart("photos", "photos.read", "photos.write", ({"id": "1", "name": "Harbour.jpg"}, {"id": "2", "name": "Meadow.jpg"}))
API_PARTS: Mapping[str, ApiPart] = {
    "/api/items": ApiPart("items", "items.read", "items.write", ({"id": "1", "name": "A notebook"}, {"id": "2", "name": "A pencil"})),
    "/api/photos": _PHOTOS,
    "/photos": _PHOTOS,
    "/api/safe": ApiPart("safe", "items.read", "items.write", ({"id": "1", "name": "A will"},), acr=SECOND_FACTOR),
    "/api/transfers": ApiPart("transfers", "items.read", "items.write", ({"id": "1", "name": "Rent"},), max_age=60),
    "/api/vault": ApiPart("vault", "items.read", "items.write", ({"id": "1", "name": "A ring"},), dpop=True),
}
"""By path, below the issuer's."""
