"""What a client expects of an ID token.

Here: the value. Not here: the checks (`id_token`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class IdTokenExpectations:
    """What the client knows and the ID token must agree with. An empty value is one that the client does not know: its check is left out.

    `nonce` None: the request sent none. `max_age` and `acr_values` are those of the request. `algs` are the announced or registered ones.
    """

    now: datetime
    issuer: str = ""
    client_id: str = ""
    nonce: str | None = field(default=None, repr=False)
    leeway_seconds: float = 60
    max_iat_age_seconds: float | None = None
    access_token: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    state: str = field(default="", repr=False)
    max_age: float | None = None
    acr_values: tuple[str, ...] = ()
    algs: tuple[str, ...] = ()
    trusted_audiences: tuple[str, ...] = ()
    subject: str = field(default="", repr=False)
    needs: tuple[str, ...] = ()
    """The hashes that the token must have: `at_hash`, `c_hash`."""
