"""The API that the tokens are for: items and photos.

Here: what it has, and which scope opens what. Not here: whether a token is good (`bearer`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from oauthctl.http import Request
from oauthctl.provider.answers import NO_STORE, Answer, json_answer
from oauthctl.provider.bearer import BadBearer, Bearer, read_bearer, refuse_bearer
from oauthctl.provider.changing import changed
from oauthctl.provider.moment import Moment
from oauthctl.provider.resources import NEEDS, Need, audiences_of, metadata_url
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
SAFE = Collection("safe", "items.read", "items.write", ({"id": "1", "name": "A will"},))
TRANSFERS = Collection("transfers", "items.read", "items.write", ({"id": "1", "name": "Rent"},))
VAULT = Collection("vault", "items.read", "items.write", ({"id": "1", "name": "A ring"},))
COLLECTIONS: Mapping[str, Collection] = {
    "/api/items": ITEMS,
    "/api/photos": PHOTOS,
    "/photos": PHOTOS,
    "/api/safe": SAFE,
    "/api/transfers": TRANSFERS,
    "/api/vault": VAULT,
}


def api(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """The collection at this path, or a new thing in it."""
    path = request.path.removeprefix(state.base_path)
    collection = COLLECTIONS[path]
    try:
        state, bearer = read_bearer(state, request, moment)
        _let_in(state, request, path, bearer=bearer, moment=moment)
        if request.method == "POST":
            return _add(state, request, collection, bearer)
    except BadBearer as bad:
        return refuse_bearer(state, request, bad, endpoint=ENDPOINT, moment=moment, metadata=metadata_url(state, path))
    added = [{"id": thing["id"], "name": thing["name"]} for thing in state.items if thing["collection"] == collection.name]
    return state, json_answer({collection.name: [*collection.items, *added], "for": bearer.subject})


def _let_in(state: ProviderState, request: Request, path: str, *, bearer: Bearer, moment: Moment) -> None:
    """Raises `BadBearer` where the token is good, and not for this."""
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
    _check_need(NEEDS.get(path, Need()), bearer, moment)


def _check_need(need: Need, bearer: Bearer, moment: Moment) -> None:
    """Source: RFC 9470 section 3 for level and freshness; RFC 9728 section 2 for tokens that must be bound to a key."""
    if need.dpop and (bearer.confirmation is None or bearer.confirmation.method != "jkt"):
        raise BadBearer("invalid_token", "The access token has to be bound to a key (DPoP) here", scheme="DPoP")
    is_old = need.max_age is not None and (bearer.auth_time is None or moment.seconds - bearer.auth_time > need.max_age)
    if is_old or (need.acr and bearer.acr != need.acr):
        lacking = "A more recent sign-in" if is_old else "A stronger sign-in"
        bad = BadBearer("insufficient_user_authentication", f"{lacking} is needed here")
        bad.acr_values, bad.max_age = need.acr, need.max_age
        raise bad


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
    state = changed(state, items=(*state.items, thing)[-ITEMS_KEPT:])
    return state, json_answer({"id": thing["id"], "name": thing["name"], "for": bearer.subject}, 201, headers=NO_STORE)
