"""Requests that reach the authorization server and no endpoint of it: the method is another one, or nothing is at the path.

Here: what the HTTP status alone tells. Not here: endpoints that metadata or a manual names (`endpoint_addresses`, `known_endpoints`),
what is sent to the right place (the rules of the subjects).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from oauthctl.findings import Certainty
from oauthctl.http import origin, split_url
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest
from oauthctl.record import purposes
from oauthctl.record.purposes import is_endpoint_path
from oauthctl.record.transaction import describe
from oauthctl.rules.front_channel import base_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import says
from oauthctl.specs import Section

# Source: the section that defines each request.
_METHODS = {
    purposes.DISCOVERY: ("GET",),
    purposes.RESOURCE_METADATA: ("GET",),
    purposes.JWKS: ("GET",),
    purposes.AUTHORIZATION: ("GET", "POST"),
    purposes.LOGOUT: ("GET", "POST"),
    purposes.USERINFO: ("GET", "POST"),
    purposes.TOKEN: ("POST",),
    purposes.PUSHED_AUTHORIZATION: ("POST",),
    purposes.DEVICE_AUTHORIZATION: ("POST",),
    purposes.BACKCHANNEL_AUTHENTICATION: ("POST",),
    purposes.INTROSPECTION: ("POST",),
    purposes.REVOCATION: ("POST",),
}
_TO_SERVER = (*_METHODS, purposes.REGISTRATION)
_AUTHORIZATION_PATH = re.compile(r"/authori[sz]e/?$", re.IGNORECASE)
_WELL_KNOWN = "/.well-known/"
_DOCUMENTS = ("openid-configuration", "oauth-authorization-server", "oauth-protected-resource", "jwks.json")
# How servers say that no page, rather than no client, is there.
_NO_ROUTE = (
    r"nothing is at|no (?:such )?(?:route|endpoint|page|static resource)\b|cannot (?:get|post) /|page not found"
    r"|requested url .{0,200}not found"
)


def is_method_wrong(seen: Seen[Message]) -> bool:
    """Whether an endpoint refuses the request for its method alone, one that it need not take. Source: RFC 9110 section 15.5.6."""
    request = seen.exchange.request
    taken = _METHODS.get(seen.purpose, ())
    return seen.reply.status == 405 and bool(taken) and request.method not in (*taken, "OPTIONS", "HEAD")


def says_no_route(seen: Seen[Message]) -> bool:
    """Whether a server says with its 404 that nothing is at the path at all."""
    return seen.reply.status == 404 and says(seen, _NO_ROUTE)


@rule(Section("RFC 9110", "15.5.6"), Section("RFC 6749", "3"), explains=("authorization-refused", "request-refused"))
def method_not_allowed(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The endpoint does not take the request's method."""
    if not seen.is_direct or not is_method_wrong(seen) or scene.is_made_good(seen):
        return
    method, taken = seen.exchange.request.method, " or ".join(_METHODS[seen.purpose])
    yield Found(
        cause=f"The {_name_of(seen)} comes with the HTTP method {method[:20]}, and the endpoint answers 405: it takes {taken}.",
        help=f"In the client, send it with {taken}; if it does, look for a redirect on the way that changed the method.",
        evidence=(seen.evidence("request.method", expected=taken, got=method[:20]),),
    )


@rule(Section("RFC 9110", "15.5.5"), Section("RFC 8414", "2"), explains=("authorization-refused", "request-refused"))
def endpoint_not_found(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """Nothing is at the path that the request is for."""
    request = seen.exchange.request
    if not seen.is_direct or seen.reply.status != 404 or request.method in ("OPTIONS", "HEAD"):
        return
    if not _is_of_path(seen) or not _is_meant_for_endpoint(seen, scene) or scene.is_made_good(seen):
        return
    meant = _meant(seen, scene)
    hint = f" The metadata names `{meant[:160]}`." if meant else ""
    yield Found(
        cause=f"The request goes to `{base_of(seen.url)[:160]}`, where the authorization server has no endpoint: it answers 404.{hint}",
        help="In the client's configuration, take each endpoint from the provider's metadata (discovery) as it stands there, and do not "
        "put it together from the issuer and a path; compare prefix, slashes and spelling.",
        evidence=(seen.evidence("request.url", expected=meant[:200] or "an endpoint of the server", got=base_of(seen.url)[:200]),),
        certainty=Certainty.CERTAIN if meant or says_no_route(seen) else Certainty.LIKELY,
    )


def _is_of_path(seen: Seen[Message]) -> bool:
    """Whether the 404 is about the path, and not an endpoint's answer about what was asked for, such as a person who is gone."""
    said = seen.reply.error.lower().replace("_", " ")
    return not said or says_no_route(seen) or (said == "not found" and seen.purpose != purposes.USERINFO)


def _is_meant_for_endpoint(seen: Seen[Message], scene: Scene) -> bool:
    """Whether the request is one for an endpoint for which no other rule looks; by its path where its content does not tell."""
    if seen.purpose == purposes.AUTHORIZATION:
        return says_no_route(seen)
    if seen.purpose and not (seen.purpose == purposes.TOKEN and not isinstance(seen.sent, TokenRequest)):
        told_elsewhere = (purposes.TOKEN, purposes.PUSHED_AUTHORIZATION, purposes.DISCOVERY, purposes.RESOURCE_METADATA, purposes.JWKS)
        return seen.purpose in _METHODS and seen.purpose not in told_elsewhere
    path = split_url(seen.url).path
    if _WELL_KNOWN in path:
        is_like = bool(get_close_matches(path.partition(_WELL_KNOWN)[2].partition("/")[0], _DOCUMENTS, n=1, cutoff=0.8))
    else:
        is_like = is_endpoint_path(path) or _AUTHORIZATION_PATH.search(path) is not None
    return is_like and origin(seen.url) in scene.once(_origins_of_server)


def _origins_of_server(scene: Scene) -> frozenset[str]:
    """Where the authorization server is: the issuer's origin, and those of the requests that only such a server gets."""
    issuers = (scene.recording.issuer, *(document.issuer or "" for document, _ in scene.metadata))
    answered = (seen.url for seen in scene.seen if seen.is_direct and seen.purpose in _TO_SERVER and seen.reply.status not in (0, 404))
    return frozenset(origin(url) for url in (*issuers, *answered) if url)


def _meant(seen: Seen[Message], scene: Scene) -> str:
    """The endpoint of the metadata whose path has the same end; empty when there is none."""
    published = scene.metadata_for(seen.url)
    end = split_url(seen.url).path.rstrip("/").rpartition("/")[2]
    named = (value for name, value in published.fields if name.endswith(("_endpoint", "jwks_uri"))) if published is not None else ()
    return next((one for one in named if isinstance(one, str) and end and split_url(one).path.rstrip("/").endswith(f"/{end}")), "")


def _name_of(seen: Seen[Message]) -> str:
    label = describe(seen.exchange)
    return label if "request" in label else f"{label} request"
