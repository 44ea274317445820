"""The API that the tokens are for: items and photos.

Here: what it has, and which scope opens what. Not here: whether a token is good (`bearer`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from oauthctl.http import Request
from oauthctl.provider.answers import NO_STORE, Answer, json_answer
from oauthctl.provider.bearer import BadBearer, Bearer, read_bearer, refuse_bearer
from oauthctl.provider.moment import Moment
from oauthctl.provider.resources import audiences_of, metadata_url
from oauthctl.provider.state import ProviderState

ENDPOINT = "api"
ITEMS_KEPT = 200


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection of the API: the scopes that open it, and what is in it from the start."""

    name: str
    read_scope: str
    write_scope: str
    items: tuple[Mapping[str, str], ...]


ITEMS = Collection("items", "items.read", "items.write", ({"id": "1", "name": "A notebook"}, {"id": "2", "name": "A pencil"}))
PHOTOS = Collection("photos", "photos.read", "photos.write", ({"id": "1", "name": "Harbour.jpg"}, {"id": "2", "name": "Meadow.jpg"}))
COLLECTIONS: Mapping[str, Collection] = {"/api/items": ITEMS, "/api/photos": PHOTOS, "/photos": PHOTOS}


def api(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """The collection at this path, or a new thing in it."""
    path = request.path.removeprefix(state.base_path)
    collection = COLLECTIONS[path]
    try:
        state, bearer = _let_in(state, request, path, moment=moment)
        if request.method == "POST":
            return _add(state, request, collection, bearer)
    except BadBearer as bad:
        return refuse_bearer(state, request, bad, endpoint=ENDPOINT, moment=moment, metadata=metadata_url(state, path))
    added = [{"id": thing["id"], "name": thing["name"]} for thing in state.items if thing["collection"] == collection.name]
    return state, json_answer({collection.name: [*collection.items, *added], "for": bearer.subject})


def _let_in(state: ProviderState, request: Request, path: str, *, moment: Moment) -> tuple[ProviderState, Bearer]:
    state, bearer = read_bearer(state, request, moment)
    if not set(bearer.audience) & set(audiences_of(state, path)):
        raise BadBearer("invalid_token", "The access token is for another audience")
    collection = COLLECTIONS[path]
    needed = collection.write_scope if request.method == "POST" else collection.read_scope
    # A provider with other scopes than ours names them by what they open: `source:w` writes and reads.
    opens = state.scope_aliases
    granted = {opened for scope in bearer.scopes for opened in (scope, *opens.get(scope, ()))}
    if needed not in granted:
        named = next((scope for scope in state.scopes if needed in (scope, *opens.get(scope, ()))), needed)
        raise BadBearer("insufficient_scope", f"The scope {named} is needed here", status=403, scope=named)
    return state, bearer


def _add(state: ProviderState, request: Request, collection: Collection, bearer: Bearer) -> Answer:
    try:
        value = json.loads(request.body)
    except ValueError:
        value = None
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(name, str) or not name:
        problem = {"message": "the body has to be a JSON object with a name"}
        return state, json_answer(problem, 400)
    taken = [int(thing["id"]) for thing in state.items if thing["collection"] == collection.name]
    thing = {"id": str(max((*taken, len(collection.items))) + 1), "name": name[:200], "collection": collection.name}
    state = replace(state, items=(*state.items, thing)[-ITEMS_KEPT:])
    return state, json_answer({"id": thing["id"], "name": thing["name"], "for": bearer.subject}, 201, headers=NO_STORE)
