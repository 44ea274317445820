"""An address that stands in the place of another one: the metadata's, the authorization endpoint's.

Here: settings that were mixed up, as the requests show. Not here: the token endpoint (`token_request`), what the metadata says
(`metadata_endpoints`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import origin, split_url
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.record import purposes
from oauthctl.record.purposes import query_of
from oauthctl.rules.front_channel import base_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import PageRequest, Seen
from oauthctl.specs import Section

_ENDPOINT = re.compile(
    r"(?P<issuer>.*?)(?:/protocol/openid-connect/(?P<keycloak>auth|token|userinfo|certs)|/oauth2/v2\.0/(?P<entra>authorize|token)"
    r"|/(?:oauth2?|connect|oidc|openid)(?:/v\d)?/(?P<other>authori[sz]e|token))/?"
)
_NAMES = {
    "auth": "authorization endpoint",
    "authorize": "authorization endpoint",
    "authorise": "authorization endpoint",
    "certs": "key set",
}
_REFUSALS = (400, 404, 405, 501)


@rule(
    Section("RFC 6749", "3.1"),
    Section("RFC 8414", "2"),
    explains=("client-unknown", "authorization-refused", "tenant-unknown", "redirect-uri-not-registered"),
)
def authorization_endpoint_wrong(asked: Seen[AuthorizationRequest], published: ProviderMetadata | None) -> Iterator[Found]:
    """The browser is sent to another address than the authorization endpoint of the metadata."""
    named = (published.authorization_endpoint or "") if published is not None else ""
    called = base_of(asked.url)
    if asked.purpose != purposes.AUTHORIZATION or not asked.is_direct or not named or base_of(named) == called:
        return
    if asked.reply.status not in (404, 405, 501) or origin(named) != origin(called) or asked.reply.error:
        return
    yield Found(
        cause=f"The browser is sent to `{called[:160]}`, where the server answers {asked.reply.status}, and the metadata names another "
        f"address as `authorization_endpoint`: `{named[:160]}`.",
        help="In the client, take the `authorization_endpoint` from the provider's metadata (discovery) as it stands there, and do not put "
        "it together from the issuer and a path.",
        evidence=(asked.evidence("request.url", expected=named[:200], got=called[:200]),),
    )


@rule(Section("OIDC Discovery", "4"), explains=("metadata-not-found", "metadata-is-html", "authorization-refused"))
def endpoint_taken_for_metadata(seen: Seen[PageRequest], scene: Scene) -> Iterator[Found]:
    """A program looks for the metadata at the address of an endpoint."""
    match = _ENDPOINT.fullmatch(base_of(seen.url))
    request = seen.exchange.request
    if match is None or request.method != "GET" or query_of(seen.url).pairs or seen.reply.status not in _REFUSALS or not seen.is_direct:
        return
    if not _is_program(seen) or seen.purpose:
        return
    kind = next(value for name, value in match.groupdict().items() if name != "issuer" and value)
    what = _NAMES.get(kind, f"{kind} endpoint")
    issuer = match["issuer"] + ("/v2.0" if match["entra"] else "")
    yield Found(
        cause=f"A program asks for `{split_url(seen.url).path[:160]}` without any parameter and is refused ({seen.reply.status}): "
        "that is the "
        f"provider's {what}, and what it looks for is the metadata (discovery document). Its setting for the discovery URL holds the wrong "
        "address.",
        help=f"In the application's configuration, set the discovery URL to the issuer with `/.well-known/openid-configuration` behind it, "
        f"here most likely `{issuer[:160]}/.well-known/openid-configuration`, and leave the endpoints to what that document names.",
        evidence=(seen.evidence("request.url", f"{issuer[:160]}/.well-known/openid-configuration", base_of(seen.url)[:200]),),
        certainty=Certainty.LIKELY,
    )


def _is_program(seen: Seen[PageRequest]) -> bool:
    """Whether it is no browser that shows the page to somebody."""
    accept, agent = seen.request_header("accept"), seen.request_header("user-agent")
    return "text/html" not in accept and ("json" in accept or (bool(agent) and not agent.startswith("Mozilla/")))
