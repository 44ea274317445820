"""The resources that tokens can be for.

Here: their identifiers, their metadata (RFC 9728), the `resource` parameter (RFC 8707). Not here: the API itself (`api`).
"""

from __future__ import annotations

from oauthctl.http import Params, Request, Response
from oauthctl.provider.answers import CORS, Answer, Denied, json_answer
from oauthctl.provider.api_parts import ApiPart
from oauthctl.provider.dpop import ALGS
from oauthctl.provider.moment import Moment
from oauthctl.provider.records import Grant
from oauthctl.provider.state import ProviderState

WELL_KNOWN = "/.well-known/oauth-protected-resource"
API_PATH = "/api"
"""The API as a whole."""


def resource_of(state: ProviderState, path: str) -> str:
    """The identifier of the resource at this path; the empty path is the whole server."""
    return state.url(path)


def audiences_of(state: ProviderState, path: str) -> tuple[str, ...]:
    """The audiences that the API at this path answers to: itself, the API around it, the server."""
    part = state.api.get(path)
    own = (part.audience,) if part is not None and part.audience else ()
    return tuple(dict.fromkeys((resource_of(state, path), *own, resource_of(state, API_PATH), resource_of(state, ""))))


def paths_of(state: ProviderState) -> tuple[str, ...]:
    """The paths of all resources but the whole server."""
    return (API_PATH, *state.api)


def audience_of(state: ProviderState, params: Params) -> tuple[str, ...]:
    """The audience that a request asks for with `resource`, or with `audience` as Auth0 spells it; the API when it doesn't.

    Source: RFC 8707 section 2.
    """
    known = {resource_of(state, path) for path in ("", *paths_of(state))}
    own = {part.audience for part in state.api.values() if part.audience}
    asked = params.all("resource") or params.all("audience")
    for resource in asked:
        if resource not in own and resource.rstrip("/") not in known:
            raise Denied("invalid_target", "the requested resource is unknown here")
    named = tuple(dict.fromkeys(resource if resource in own else resource.rstrip("/") for resource in asked))
    return named or (resource_of(state, API_PATH),)


def metadata_url(state: ProviderState, path: str) -> str:
    """Where the metadata of the resource at this path is.

    Source: RFC 9728 section 3.1: the well-known part goes between host and path.
    """
    return f"{state.origin}{WELL_KNOWN}{state.base_path}{path}"


def resource_metadata(state: ProviderState, request: Request, _moment: Moment) -> Answer:
    """The metadata of the resource whose path is inserted in the well-known URL."""
    path = request.path.removeprefix(WELL_KNOWN).removeprefix(state.base_path)
    return state, resource_document(state, path)


def resource_document(state: ProviderState, path: str) -> Response:
    """The metadata document of the resource at this path."""
    opening = {scope for part in state.api.values() for scope in (part.read_scope, part.write_scope)}
    scopes = [scope for scope in state.scopes if scope in opening or scope in state.scope_aliases]
    document: dict[str, object] = {
        "resource": resource_of(state, path),
        "authorization_servers": [state.issuer],
        "jwks_uri": state.url(state.endpoints.jwks),
        "scopes_supported": scopes,
        "bearer_methods_supported": ["header"],
        "resource_name": f"{state.name}'s API",
    }
    part = state.api.get(path)
    if part is not None:
        document |= _wanted(part)
    return json_answer(document, headers=CORS)


def _wanted(part: ApiPart) -> dict[str, object]:
    """What a part of the API wants of tokens and sign-ins, for its metadata."""
    found: dict[str, object] = {}
    if part.dpop:
        found |= {"dpop_bound_access_tokens_required": True, "dpop_signing_alg_values_supported": list(ALGS)}
    # No member is registered for these: they have the names of the challenge (RFC 9470 section 3), and others MAY be there (section 2).
    if part.acr:
        found["acr_values"] = [part.acr]
    if part.max_age is not None:
        found["max_age"] = part.max_age
    return found


def narrowed_audience(state: ProviderState, grant: Grant, form: Params) -> tuple[str, ...]:
    """The resources for which the token request asks, of those that were granted. `Denied` for others. Source: RFC 8707 section 2.2."""
    if "resource" not in form and "audience" not in form:
        return grant.audience
    asked = audience_of(state, form)
    if not set(asked) <= set(grant.audience):
        raise Denied("invalid_target", "a resource is asked for that was not granted")
    return asked
