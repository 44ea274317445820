"""What a client's metadata name by URL: its keys (`jwks_uri`), and the redirect URIs of its sector (`sector_identifier_uri`).

Here: which of them a request needs, and what becomes of them. As with the documents of clients, `handle` never fetches: whoever serves asks
`needed` first, fetches, and hands each answer to `fetched`. Not here: judging keys (`client_keys`), fetching (`shell.client_requests`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oauthctl.http import Request, Response, has_user_info, is_http_url, is_loopback, is_safe_for_secrets, origin
from oauthctl.jose.json_object import read_json, read_strictly
from oauthctl.provider.answers import UNTOLD, Denied, claimed_client
from oauthctl.provider.changing import changed
from oauthctl.provider.client_assertion import claimed_client as client_of_assertion
from oauthctl.provider.client_keys import read_keys
from oauthctl.provider.local_clients import local_origins
from oauthctl.provider.moment import Moment
from oauthctl.provider.records import Referred
from oauthctl.provider.remembered import with_item
from oauthctl.provider.state import ProviderState

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk

ENDPOINT = "client reference"
SECONDS = 10.0
"""How long an answer is good: a client may get new keys at any time, and its requests must not make ours come one after the other."""
MOST = 200
KEYS, SECTOR = "jwks_uri", "sector_identifier_uri"


def is_reference(value: object) -> bool:
    """Whether a client may name this: https, or http on this machine."""
    return isinstance(value, str) and value.isascii() and is_http_url(value) and is_safe_for_secrets(value) and not has_user_info(value)


def needed(state: ProviderState, request: Request, moment: Callable[[], Moment]) -> tuple[str, ...]:
    """The URLs that are to be fetched before this request is answered: those of a registration, and of a client that proves itself.

    `moment` is asked for where there are any: most requests need none.
    """
    path, paths = request.path.removeprefix(state.base_path), state.endpoints
    if _is_registration(state, request):
        is_of_page = "origin" in request.headers
        # As in `local_clients`: a page of the web must not make the provider knock at this machine.
        return tuple(url for url in named_in(state, request.body, moment()) if not (is_of_page and is_loopback(url)))
    asking = (paths.authorize, paths.token, paths.pushed, paths.introspect, paths.revoke, paths.backchannel, paths.device_authorization)
    client = state.clients.get(_claimed(request)) if path in asking else None
    return _stale(state, (client.jwks_uri,), moment()) if client is not None and client.jwks_uri else ()


def opened(state: ProviderState, request: Request) -> frozenset[str]:
    """The origins of this machine where this request alone lets the provider ask: those that a program names that registers itself."""
    if not _is_registration(state, request) or "origin" in request.headers:
        return frozenset()
    return frozenset(origin(url) for url in _named(request.body) if is_loopback(url))


def named_in(state: ProviderState, octets: bytes, moment: Moment) -> tuple[str, ...]:
    """The URLs in a client's metadata, whatever else these are, that are not known or not any more."""
    return _stale(state, _named(octets), moment)


def fetched(state: ProviderState, url: str, response: Response | None, moment: Moment, *, local: Set[str] = frozenset()) -> ProviderState:
    """The state that knows what this URL leads to, and with it the new keys of the clients that have theirs there.

    `local` are origins of this machine that were `opened`.
    """
    if response is None and is_loopback(url) and origin(url) not in local_origins(state) | local:
        problem = f"it is on this machine, where nothing is fetched unless --local-client {origin(url)} allows it"
        # Nothing was asked, and so there is nothing to keep: the next request may be allowed to.
        value, until = None, moment.seconds
    else:
        value, problem = _read(response)
        until = moment.seconds + SECONDS
    if problem:
        told, but, untold = problem.partition(UNTOLD)
        problem = f"{told}{_kept_for(moment, until)}"
        state = state.logged(moment, ENDPOINT, url, error="invalid_client_metadata", reason=f"{problem}{but}{untold}")
    item = Referred(value, problem, until)
    state = changed(state, referred=with_item(state.referred, url, item).newest(MOST))
    theirs = [client for client in state.clients.values() if client.jwks_uri == url] if not problem else []
    try:
        keys = read_keys(value) if theirs else ()
    except Denied as denied:
        return state.logged(moment, ENDPOINT, url, error=denied.error, reason=denied.description)
    for client in theirs:
        if client.keys != keys:
            state = changed(state, clients=with_item(state.clients, client.id, replace(client, keys=keys)))
            state = state.logged(moment, ENDPOINT, client.id, reason="has other keys at its jwks_uri than before")
    return state


def keys_of(state: ProviderState, metadata: Mapping[str, Any]) -> tuple[Jwk, ...]:
    """The keys that these metadata hold, or name. `Denied` for both at once. Source: RFC 7591 section 2."""
    if KEYS in metadata and "jwks" in metadata:
        raise _bad("jwks and jwks_uri can't be used together")
    if KEYS in metadata:
        return read_keys(_value(state, metadata, KEYS))
    return read_keys(metadata["jwks"]) if "jwks" in metadata else ()


def check_sector(state: ProviderState, metadata: Mapping[str, Any]) -> None:
    """Source: OpenID Connect Dynamic Client Registration 1.0 section 5: the array there has all redirect URIs of the client."""
    if SECTOR not in metadata:
        return
    listed = _value(state, metadata, SECTOR)
    if not isinstance(listed, list):
        raise _bad(f"{SECTOR} leads to no JSON array")
    missing = next((uri for uri in metadata.get("redirect_uris", ()) if uri not in listed), None)
    if missing is not None:
        raise _bad(f"{missing} is not in the array to which {SECTOR} leads")


def _claimed(request: Request) -> str:
    assertion = request.form.get("client_assertion") if request.method == "POST" else None
    return claimed_client(request) or (client_of_assertion(assertion) if assertion else "")


def _stale(state: ProviderState, urls: tuple[str, ...], moment: Moment) -> tuple[str, ...]:
    return tuple(url for url in dict.fromkeys(urls) if (known := state.referred.get(url)) is None or known.until <= moment.seconds)


def _is_registration(state: ProviderState, request: Request) -> bool:
    is_there = request.path == state.base_path + state.endpoints.register
    return is_there and request.method in ("POST", "PUT") and state.takes_registrations


def _named(octets: bytes) -> tuple[str, ...]:
    """The URLs in a client's metadata."""
    value = read_json(octets, "the metadata").value
    found = (value.get(name) for name in (KEYS, SECTOR)) if isinstance(value, dict) else ()
    return tuple(one for one in found if isinstance(one, str) and is_reference(one))


def _kept_for(moment: Moment, until: float) -> str:
    seconds = until - moment.seconds
    return f" (it is asked again after {seconds:g} seconds)" if seconds > 0 else ""


def _read(response: Response | None) -> tuple[Any, str]:
    """What stands there, and the problem with it."""
    if response is None:
        return None, "it could not be fetched"
    if response.status != 200:
        return None, f"its answer is not 200{UNTOLD}{response.status}"
    try:
        return read_strictly(response.body, "what stands there"), ""
    except ValueError as error:
        return None, str(error)


def _value(state: ProviderState, metadata: Mapping[str, Any], name: str) -> Any:
    item = state.referred.get(metadata[name])
    if item is None:
        raise _bad(f"{name} was not fetched here: the provider can't ask for it, or has too much to ask for")
    if item.problem:
        raise _bad(f"{name} is of no use: {item.problem}")
    return item.value


def _bad(description: str) -> Denied:
    return Denied("invalid_client_metadata", description)
