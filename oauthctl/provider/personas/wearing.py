"""The provider with a persona over it.

Here: the state that wears one, and the way of a request through its quirks and shapes. Not here: what they are (`quirk`, `shaping`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import isfinite
from typing import Any

from oauthctl.http import Request
from oauthctl.provider.answers import Answer, Endpoint, json_answer, with_headers
from oauthctl.provider.bearer import BadBearer, read_bearer, refuse_bearer
from oauthctl.provider.client import DEVICE_CODE, Client
from oauthctl.provider.faults.places import place_of
from oauthctl.provider.faults.registry import Call
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.personas.persona import Persona
from oauthctl.provider.personas.quirk import PAGES, Quirk, all_quirks
from oauthctl.provider.personas.shaping import reshaped
from oauthctl.provider.personas.words import filled, words_of
from oauthctl.provider.records import AccessToken
from oauthctl.provider.state import SCOPES, ProviderState

_OFFLINE = "Keep this access when you are away"


def wear(state: ProviderState, persona: Persona) -> ProviderState:
    """The provider as this one: its issuer, endpoints, scopes and clients; `state.issuer` is where it is reached.

    Scopes beyond the practice provider's own stay; of all else the persona's values count.
    """
    state = replace(state, persona=persona, home=state.issuer, name=f"Practice {persona.title}")
    if persona.endpoints is None:
        return state
    state = replace(state, takes_registrations=False, **persona.settings)
    further = {name: told for name, told in state.scopes.items() if name not in SCOPES}
    hidden = {} if state.offline_scope in persona.scopes else {state.offline_scope: _OFFLINE}
    scopes = {**persona.scopes, **further, **hidden}
    clients = {key: _dressed(client, persona, tuple(scopes)) for key, client in state.clients.items() if _is_welcome(client, persona)}
    issuer = persona.issuer.replace("{home}", state.reached_at)
    return replace(state, issuer=issuer, endpoints=persona.endpoints, scopes=scopes, clients=clients)


def worn(state: ProviderState, request: Request, moment: Moment, *, then: Endpoint) -> Answer:
    """What the provider answers with its persona; `then` is the one without."""

    def at_its_place(state: ProviderState, request: Request, moment: Moment) -> Answer:
        return _at_place(state, request, moment, then=then)

    answer: Endpoint = at_its_place
    for known in _quirks(state, lambda one: not one.places):
        # Before it is known which endpoint the request is for: these say so.
        answer = _around(answer, known, state)
    return answer(state, request, moment)


def _at_place(state: ProviderState, request: Request, moment: Moment, *, then: Endpoint) -> Answer:
    if request.method == "OPTIONS":
        # A browser asks whether it may ask; that is no request of the client's yet.
        return then(state, request, moment)
    place = _place_of(state, request)
    answer = then
    for known in _quirks(state, lambda one: place in one.places and not one.is_outer):
        answer = _around(answer, known, state)
    # What concerns members is settled by the shape before the answer as a whole is written.
    answer = _shaped(answer, place)
    for known in _quirks(state, lambda one: place in one.places and one.is_outer):
        answer = _around(answer, known, state)
    return answer(state, request, moment)


def _quirks(state: ProviderState, fits: Callable[[Quirk], bool]) -> list[Quirk]:
    """The persona's quirks that fit, the innermost first."""
    names = state.persona.quirks if state.persona is not None else {}
    return [one for name, one in reversed(all_quirks().items()) if name in names and fits(one)]


def page_of_user(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """A page of the provider's API that tells of the user, for whom the access token speaks."""
    page = state.persona.page_at(request.path.removeprefix(state.base_path)) if state.persona is not None else None
    if page is None:
        raise LookupError(f"no page is at {request.path}")
    try:
        state, bearer = read_bearer(state, request, moment)
        needed = [scope for scope in page.scopes if scope not in bearer.scopes]
        if needed or (page.any_scope and not set(page.any_scope) & set(bearer.scopes)):
            scope = " ".join(needed or page.any_scope)
            raise BadBearer("insufficient_scope", f"The scope {scope} is needed here", status=403, scope=scope)
        token = (request.headers.get("authorization") or "").partition(" ")[2].strip()
        item = state.access_tokens.get(digest(token))
        if item is None:
            raise BadBearer("invalid_token", "The access token is forgotten")
    except BadBearer as bad:
        return refuse_bearer(state, request, bad, endpoint="api", moment=moment)
    words = words_of(state, moment, state.grants[item.grant_id], scopes=item.scopes) | _of_token(item, moment)
    headers = tuple((name, str(filled(value, words))) for name, value in page.headers.items())
    return state, with_headers(json_answer(filled(page.body, words)), headers)


def _of_token(item: AccessToken, moment: Moment) -> dict[str, Any]:
    """The words of the access token that a page is asked with; one that does not end has no seconds left to tell."""
    left = item.expires_at - moment.seconds
    return {"issued_at": item.issued_at, "seconds_left": round(left) if isfinite(left) else None}


def _is_welcome(client: Client, persona: Persona) -> bool:
    """Whether the provider has clients of this kind at all."""
    if client.is_resource_server and not client.grant_types:
        return bool(persona.endpoints and persona.endpoints.introspect)
    takes_public = "none" in persona.quirks.get("client-auth", ("none",)) or DEVICE_CODE in persona.grants
    return bool(set(client.grant_types) & set(persona.grants)) and (takes_public or not client.is_public)


def _dressed(client: Client, persona: Persona, scopes: tuple[str, ...]) -> Client:
    """The client with the grants that this provider knows, and its own scopes where it knows them all, else all of the table."""
    grants = tuple(grant for grant in client.grant_types if grant in persona.grants)
    may = client.scopes if client.scopes and set(client.scopes) <= set(scopes) else scopes
    return replace(client, grant_types=grants, scopes=may, always_gets_refresh_token=False)


def _place_of(state: ProviderState, request: Request) -> str:
    place = place_of(state, request)
    if not place and state.persona is not None and state.persona.page_at(request.path.removeprefix(state.base_path)):
        return PAGES
    return place


def _around(then: Endpoint, known: Quirk, worn_by: ProviderState) -> Endpoint:
    value = worn_by.persona.quirks[known.name] if worn_by.persona is not None else None
    return lambda state, request, moment: known.behave(Call(state, request, moment, then), value)


def _shaped(then: Endpoint, place: str) -> Endpoint:
    def answer(state: ProviderState, request: Request, moment: Moment) -> Answer:
        state, response = then(state, request, moment)
        return state, reshaped(state, request, response, place=place, moment=moment)

    return answer
