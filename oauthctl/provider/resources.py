"""The resources that tokens can be for.

Here: their identifiers, their metadata (RFC 9728), the `resource` parameter (RFC 8707). Not here: the API itself (`api`).
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthctl.http import Params, Request, Response
from oauthctl.provider.answers import CORS, Answer, Denied, json_answer
from oauthctl.provider.dpop import ALGS
from oauthctl.provider.moment import Moment
from oauthctl.provider.records import Grant
from oauthctl.provider.state import SECOND_FACTOR, ProviderState

WELL_KNOWN = "/.well-known/oauth-protected-resource"
API_PATHS = ("/api", "/api/items", "/api/photos", "/photos", "/api/safe", "/api/transfers", "/api/vault")
API_SCOPES = ("items.read", "items.write", "photos.read", "photos.write")


@dataclass(frozen=True, slots=True)
class Need:
    """What an API wants beyond audience and scope: a level of sign-in, one that is so many seconds old at most, a bound token."""

    acr: str = ""
    max_age: int | None = None
    dpop: bool = False


NEEDS = {"/api/safe": Need(acr=SECOND_FACTOR), "/api/transfers": Need(max_age=60), "/api/vault": Need(dpop=True)}
"""By path; all others want a token alone."""


def resource_of(state: ProviderState, path: str) -> str:
    """The identifier of the resource at this path; the empty path is the whole server."""
    return state.url(path)


def audiences_of(state: ProviderState, path: str) -> tuple[str, ...]:
    """The audiences that the API at this path answers to: itself, the API around it, the server."""
    return tuple(dict.fromkeys((resource_of(state, path), resource_of(state, "/api"), resource_of(state, ""))))


def audience_of(state: ProviderState, params: Params) -> tuple[str, ...]:
    """The audience that a request asks for with `resource`, or with `audience` as Auth0 spells it; the API when it doesn't.

    Source: RFC 8707 section 2.
    """
    known = {resource_of(state, path) for path in ("", *API_PATHS)}
    asked = params.all("resource") or params.all("audience")
    for resource in asked:
        if resource.rstrip("/") not in known:
            raise Denied("invalid_target", "the requested resource is unknown here")
    return tuple(dict.fromkeys(resource.rstrip("/") for resource in asked)) or (resource_of(state, "/api"),)


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
    scopes = [scope for scope in state.scopes if scope in API_SCOPES or scope in state.scope_aliases]
    document: dict[str, object] = {
        "resource": resource_of(state, path),
        "authorization_servers": [state.issuer],
        "jwks_uri": state.url(state.endpoints.jwks),
        "scopes_supported": scopes,
        "bearer_methods_supported": ["header"],
        "resource_name": f"{state.name}'s API",
    }
    need = NEEDS.get(path, Need())
    if need.dpop:
        document |= {"dpop_bound_access_tokens_required": True, "dpop_signing_alg_values_supported": list(ALGS)}
    # No member is registered for these: they have the names of the challenge (RFC 9470 section 3), and others MAY be there (section 2).
    if need.acr:
        document["acr_values"] = [need.acr]
    if need.max_age is not None:
        document["max_age"] = need.max_age
    return json_answer(document, headers=CORS)


def narrowed_audience(state: ProviderState, grant: Grant, form: Params) -> tuple[str, ...]:
    """The resources for which the token request asks, of those that were granted. `Denied` for others. Source: RFC 8707 section 2.2."""
    if "resource" not in form and "audience" not in form:
        return grant.audience
    asked = audience_of(state, form)
    if not set(asked) <= set(grant.audience):
        raise Denied("invalid_target", "a resource is asked for that was not granted")
    return asked
