"""`handle`: the whole provider as one pure function.

Here: which path leads to which endpoint, with which methods. Not here: anything that an endpoint does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from oauthctl.http import Headers, Request, Response
from oauthctl.provider import control
from oauthctl.provider.answers import CORS, NO_STORE, Answer, Endpoint, ascii_description, json_answer, with_headers
from oauthctl.provider.api import api
from oauthctl.provider.authorize import authorize
from oauthctl.provider.back import SCRIPT_PATH
from oauthctl.provider.backchannel import approvals, backchannel
from oauthctl.provider.client_attestation import challenge
from oauthctl.provider.device import device, device_authorization
from oauthctl.provider.end_session import end_session
from oauthctl.provider.home import home
from oauthctl.provider.introspect import introspect
from oauthctl.provider.metadata import jwks, metadata
from oauthctl.provider.missing import nothing_at
from oauthctl.provider.moment import Moment
from oauthctl.provider.pages import FORM_POST_SCRIPT, missing_page
from oauthctl.provider.pruning import pruned
from oauthctl.provider.pushed import push
from oauthctl.provider.records import Endpoints
from oauthctl.provider.registration import register
from oauthctl.provider.resources import API_PATH, WELL_KNOWN, resource_metadata
from oauthctl.provider.revoke import revoke
from oauthctl.provider.state import ProviderState
from oauthctl.provider.token import token
from oauthctl.provider.userinfo import userinfo

if TYPE_CHECKING:
    from oauthctl.provider.personas.persona import Persona

_CORS_HEADERS = (
    *CORS,
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, DPoP"),
    ("Access-Control-Max-Age", "600"),
)
_NO_ENDPOINTS = ("/", "/favicon.ico", SCRIPT_PATH, control.PATH)


@dataclass(frozen=True, slots=True)
class Route:
    """What a path leads to. `is_open` lets scripts of other origins in."""

    endpoint: Endpoint
    methods: tuple[str, ...] = ("GET",)
    is_open: bool = False


def handle(state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
    """The next state and the answer to one request, with what faults make of it; the host in the request's URL is not looked at.

    To HEAD it answers as to GET; whoever sends that leaves the body out. Source: RFC 9110 section 9.3.2.
    """
    if request.method == "HEAD" and "GET" in _methods(state, request):
        request = replace(request, method="GET")
    if state.faults:
        # Not before there are some: a provider without faults needn't load what makes them.
        from oauthctl.provider.faults.striking import struck

        return struck(state, request, moment, then=_as_persona)
    return _as_persona(state, request, moment)


def _as_persona(state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
    if state.persona is None:
        return _handle(state, request, moment)
    from oauthctl.provider.personas.wearing import worn

    return worn(state, request, moment, then=_handle)


def _handle(state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
    route = routes(state).get(request.path)
    is_preflight = request.method == "OPTIONS" and "origin" in request.headers
    if is_preflight and (route is None or route.is_open):
        # At a path where nothing is, too: else the script that asks would never get to see that nothing is there.
        allowed = (("Access-Control-Allow-Methods", ", ".join(_methods(state, request))),)
        return state, Response(204, Headers((*allowed, *_CORS_HEADERS)))
    if route is None:
        reason = nothing_at(request.path, _meant_paths(state))
        state = state.logged(moment, "routing", "", error="not_found", reason=reason)
        return state, _told(state, request, "not_found", f"{reason[0].upper()}{reason[1:]}", status=404)
    if request.method not in route.methods:
        reason = f"{request.method} is not allowed at {request.path}"
        state = state.logged(moment, "routing", "", error="method_not_allowed", reason=reason)
        response = _told(state, request, "method_not_allowed", f"{request.path} takes {', '.join(route.methods)}", status=405)
        return state, with_headers(response, (("Allow", ", ".join(_methods(state, request))),))
    state, response = route.endpoint(pruned(state, moment), request, moment)
    if route.is_open and "access-control-allow-origin" not in response.headers:
        response = with_headers(response, (*CORS, ("Access-Control-Expose-Headers", "WWW-Authenticate, DPoP-Nonce")))
    return state, response


def _methods(state: ProviderState, request: Request) -> tuple[str, ...]:
    """What the path takes, HEAD where it takes GET; where nothing is, what anything here takes."""
    route = routes(state).get(request.path)
    methods = route.methods if route is not None else ("GET", "POST", "PUT", "DELETE")
    return (*methods, "HEAD") if "GET" in methods else methods


def _told(state: ProviderState, request: Request, error: str, text: str, *, status: int) -> Response:
    """That a request went to the wrong place: a page for a person, JSON for a program, that of another origin too."""
    if "text/html" in (request.headers.get("accept") or ""):
        return missing_page(state.name, error.capitalize().replace("_", " "), text, status=status, start=f"{state.base_path}/")
    document = {"error": error, "error_description": ascii_description(text)}
    route = routes(state).get(request.path)
    return json_answer(document, status, headers=(*NO_STORE, *(CORS if route is None or route.is_open else ())))


def _meant_paths(state: ProviderState) -> Iterator[str]:
    """The paths that a client may have meant: the start page and what pages load are none of them."""
    return (path for path in routes(state) if path.removeprefix(state.base_path) not in _NO_ENDPOINTS)


def routes(state: ProviderState) -> Mapping[str, Route]:
    """The paths of this provider."""
    persona = state.persona if state.persona is not None and state.persona.endpoints is not None else None
    here = _routes(
        state.endpoints,
        state.base_path,
        state.metadata_paths,
        has_control=state.is_controllable,
        has_challenge=state.is_experimental,
        api_paths=tuple(state.api) if persona is None else None,
    )
    return here if persona is None else {**here, **_pages(persona, state.base_path)}


# Every request asks for them, and they hardly ever change.
@lru_cache(maxsize=64)
def _routes(
    paths: Endpoints,
    base: str,
    metadata_paths: tuple[str, ...],
    *,
    has_control: bool,
    has_challenge: bool,
    api_paths: tuple[str, ...] | None,
) -> Mapping[str, Route]:
    shared = {
        base + "/": Route(home, ("GET", "POST")),
        **({base + control.PATH: Route(control.control, ("GET", "PUT", "DELETE"))} if has_control else {}),
        base + SCRIPT_PATH: Route(_form_post_script),
        "/favicon.ico": Route(_no_icon),
        **{path: Route(metadata, is_open=True) for path in metadata_paths},
    }
    known = {
        paths.authorize: Route(authorize, ("GET", "POST")),
        paths.token: Route(token, ("POST",), is_open=True),
        paths.jwks: Route(jwks, is_open=True),
        paths.userinfo: Route(userinfo, ("GET", "POST"), is_open=True),
        paths.backchannel: Route(backchannel, ("POST",)),
        paths.approvals: Route(approvals, ("GET", "POST")),
        paths.device_authorization: Route(device_authorization, ("POST",), is_open=True),
        paths.device: Route(device, ("GET", "POST")),
        paths.pushed: Route(push, ("POST",), is_open=True),
        paths.register: Route(register, ("POST", "GET", "PUT", "DELETE"), is_open=True),
        paths.introspect: Route(introspect, ("POST",)),
        paths.revoke: Route(revoke, ("POST",), is_open=True),
        paths.end_session: Route(end_session, ("GET", "POST")),
        **({paths.challenge: Route(challenge, ("POST",))} if has_challenge else {}),
    }
    here: dict[str, Route] = shared | {base + path: route for path, route in known.items() if path}
    if api_paths is None:
        return here
    return {
        **here,
        **{base + path: Route(api, ("GET", "POST"), is_open=True) for path in api_paths},
        **{WELL_KNOWN + base + path: Route(resource_metadata, is_open=True) for path in ("", API_PATH, *api_paths)},
    }


def _pages(persona: Persona, base: str) -> Mapping[str, Route]:
    """The pages of a known provider's API, in place of our own."""
    from oauthctl.provider.personas.wearing import page_of_user

    return {base + page.path: Route(page_of_user, ("GET", "POST"), is_open=True) for page in persona.pages}


def _form_post_script(state: ProviderState, _request: Request, _moment: Moment) -> Answer:
    headers = (("Content-Type", "text/javascript; charset=utf-8"), ("Cache-Control", "max-age=3600"), ("X-Content-Type-Options", "nosniff"))
    return state, Response(200, Headers(headers), FORM_POST_SCRIPT)


def _no_icon(state: ProviderState, _request: Request, _moment: Moment) -> Answer:
    # Every browser asks; without an answer the log would be full of it.
    return state, Response(204, Headers((("Cache-Control", "max-age=86400"),)))
