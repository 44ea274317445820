"""The API that the tokens are for.

Here: letting somebody in, what is there and what is added. Not here: which parts it has (`api_parts`),
whether a token is good (`bearer`).
"""

from __future__ import annotations

from oauthctl.http import Request
from oauthctl.jose.json_object import read_strictly
from oauthctl.provider.answers import NO_STORE, Answer, json_answer
from oauthctl.provider.api_parts import ApiPart
from oauthctl.provider.bearer import BadBearer, Bearer, read_bearer, refuse_bearer
from oauthctl.provider.changing import changed
from oauthctl.provider.moment import Moment
from oauthctl.provider.resources import audiences_of, metadata_url
from oauthctl.provider.state import ProviderState

ENDPOINT = "api"
ITEMS_KEPT = 200


def api(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """The collection at this path, or a new thing in it."""
    path = request.path.removeprefix(state.base_path)
    part = state.api[path]
    try:
        state, bearer = read_bearer(state, request, moment)
        _let_in(state, request, path, bearer=bearer, moment=moment)
        if request.method == "POST":
            return _add(state, request, part, bearer)
    except BadBearer as bad:
        if part.dpop:
            # Source: RFC 9449 section 7.1: whatever was wrong, another try needs this scheme.
            bad.scheme = "DPoP"
        return refuse_bearer(state, request, bad, endpoint=ENDPOINT, moment=moment, metadata=metadata_url(state, path))
    added = [{"id": thing["id"], "name": thing["name"]} for thing in state.items if thing["collection"] == part.name]
    return state, json_answer({part.name: [*part.items, *added], "for": bearer.subject})


def _let_in(state: ProviderState, request: Request, path: str, *, bearer: Bearer, moment: Moment) -> None:
    """Raises `BadBearer` where the token is good, and not for this."""
    if not set(bearer.audience) & set(audiences_of(state, path)):
        raise BadBearer("invalid_token", "The access token is for another audience")
    part = state.api[path]
    needed = part.write_scope if request.method == "POST" else part.read_scope
    # A provider with other scopes than ours names them by what they open: `source:w` writes and reads.
    opens = state.scope_aliases
    granted = {opened for scope in bearer.scopes for opened in (scope, *opens.get(scope, ()))}
    if needed and needed not in granted:
        named = next((scope for scope in state.scopes if needed in (scope, *opens.get(scope, ()))), needed)
        raise BadBearer("insufficient_scope", f"The scope {named} is needed here", status=403, scope=named)
    _check_need(part, bearer, moment)


def _check_need(part: ApiPart, bearer: Bearer, moment: Moment) -> None:
    """Source: RFC 9470 section 3 for level and freshness; RFC 9728 section 2 for tokens that must be bound to a key."""
    if part.dpop and (bearer.confirmation is None or bearer.confirmation.method != "jkt"):
        raise BadBearer("invalid_token", "The access token has to be bound to a key (DPoP) here", scheme="DPoP")
    is_old = part.max_age is not None and (bearer.auth_time is None or moment.seconds - bearer.auth_time > part.max_age)
    if is_old or (part.acr and bearer.acr != part.acr):
        lacking = "A more recent sign-in" if is_old else "A stronger sign-in"
        bad = BadBearer("insufficient_user_authentication", f"{lacking} is needed here")
        bad.acr_values, bad.max_age = part.acr, part.max_age
        raise bad


def _add(state: ProviderState, request: Request, part: ApiPart, bearer: Bearer) -> Answer:
    try:
        value = read_strictly(request.body, "the body")
    except ValueError:
        value = None
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(name, str) or not name:
        problem = {"message": "the body has to be a JSON object with a name"}
        return state, json_answer(problem, 400)
    taken = [int(thing["id"]) for thing in state.items if thing["collection"] == part.name]
    thing = {"id": str(max((*taken, len(part.items))) + 1), "name": name[:200], "collection": part.name}
    state = changed(state, items=(*state.items, thing)[-ITEMS_KEPT:])
    return state, json_answer({"id": thing["id"], "name": thing["name"], "for": bearer.subject}, 201, headers=NO_STORE)
