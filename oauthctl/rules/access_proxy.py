"""Access proxies that answer in an API's place: they want a sign-in of their own before anything passes.

Here: a program's request that is sent to a login page. Not here: an API's own refusal (`api`), captive portals (`transport`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from oauthctl.http import split_url
from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.transaction import describe
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.sign_in_page import ends_well, leads_to_sign_in
from oauthctl.specs import Section

_BY_PROGRAMS = (
    purposes.API,
    purposes.USERINFO,
    purposes.TOKEN,
    purposes.INTROSPECTION,
    purposes.REVOCATION,
    purposes.DISCOVERY,
    purposes.RESOURCE_METADATA,
    purposes.JWKS,
    purposes.REGISTRATION,
    purposes.DEVICE_AUTHORIZATION,
)


@dataclass(frozen=True, slots=True)
class _Guard:
    """One access proxy: how its redirect looks, and what a program must send to pass; `passes` are request headers that do."""

    name: str
    redirect: re.Pattern[str]
    todo: str
    passes: tuple[str, ...] = ()
    words: re.Pattern[str] | None = None

    def answers(self, location: str, said: str) -> bool:
        """Whether this is its redirect, or its own refusal."""
        return self.redirect.search(location) is not None or (self.words is not None and self.words.search(said) is not None)


_GUARDS = (
    _Guard(
        "Cloudflare Access",
        re.compile(r"\.cloudflareaccess\.com/|/cdn-cgi/access/"),
        "send a service token with each request (`CF-Access-Client-Id` and `CF-Access-Client-Secret`) and allow it by a policy with the "
        "action Service Auth, or set a Bypass policy for the path of the API",
        ("cf-access-client-id", "cf-access-token", "cf-access-jwt-assertion"),
        re.compile(r"Cloudflare Access", re.IGNORECASE),
    ),
    _Guard(
        "Google's Identity-Aware Proxy (IAP)",
        re.compile(r"iap\.googleapis\.com|gcp_iap|/_gcp_gatekeeper/"),
        "send an ID token of a service account whose audience is IAP's client ID (`Proxy-Authorization: Bearer` leaves `Authorization` "
        "to the application), and give that account the role IAP-secured Web App User",
        ("proxy-authorization",),
        re.compile(r"Invalid IAP credentials|Identity-Aware Proxy", re.IGNORECASE),
    ),
    _Guard(
        "Azure App Service Authentication (Easy Auth)",
        re.compile(r"/\.auth/login/"),
        "set its action for unauthenticated requests to 401 instead of a redirect, and let it accept this token's issuer and audience, or "
        "exclude the path",
    ),
    _Guard(
        "Microsoft Entra application proxy",
        re.compile(r"\.msappproxy\.net"),
        "get a token for the proxy's own application and send that one, or publish the API with passthrough pre-authentication",
    ),
    _Guard(
        "oauth2-proxy",
        re.compile(r"/oauth2/(?:sign_in|start)\b"),
        "set `--skip-jwt-bearer-tokens` with the token's issuer in `--extra-jwt-issuers`, and `--api-route` (or `--skip-auth-route`) for "
        "the path, so that a program gets 401 and not a page",
    ),
    _Guard(
        "an AWS load balancer that authenticates",
        re.compile(r"/oauth2/idpresponse"),
        "give the API a listener rule of its own without the action `authenticate-oidc` (or with `OnUnauthenticatedRequest` `deny` or "
        "`allow`), since that action knows its session cookie alone and no bearer tokens",
    ),
    _Guard(
        "authentik's outpost",
        re.compile(r"/outpost\.goauthentik\.io/"),
        "exclude the path in the proxy provider (unauthenticated paths), or send the credentials that its provider intercepts",
    ),
    _Guard(
        "Pomerium", re.compile(r"/\.pomerium/"), "send a service account's token as `Authorization: Pomerium`, or allow the path publicly"
    ),
    _Guard(
        "Authelia", re.compile(r"[?&]rd=https?(?::|%3A)", re.IGNORECASE), "let its access control bypass the path, or set a rule for it"
    ),
)


@rule(
    Section("RFC 6750", "3"),
    explains=(
        "token-answer-is-html",
        "metadata-is-html",
        "token-request-redirected",
        "metadata-not-found",
        "api-call-refused",
        "captive-portal",
    ),
)
def access_proxy_login(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """An access proxy sends a program's request to its login page."""
    location = seen.reply.header("location")
    if not seen.is_direct or seen.reply.status not in (301, 302, 303, 307, 308, 401, 403) or scene.is_made_good(seen):
        return
    has_token = seen.request_header("authorization").partition(" ")[0].lower() in ("bearer", "dpop")
    wants_json = "json" in seen.request_header("accept") and "html" not in seen.request_header("accept")
    if not has_token and not (seen.purpose in _BY_PROGRAMS or (wants_json and seen.sent.title == "request")):
        return
    said = seen.reply.words[:2000] if seen.reply.status in (401, 403) else ""
    guard = next((one for one in _GUARDS if one.answers(unquote(location), said)), None)
    if guard is None and not (has_token and leads_to_sign_in(seen, location) and not ends_well(seen, scene)):
        return
    where = f"`{location.partition('?')[0][:120]}`"
    token = "the Bearer token never reaches the API" if has_token else "the request never reaches what is behind it"
    if guard is None:
        cause = (
            f"The {describe(seen.exchange)} to `{host_of(seen.url)}` is redirected to a login page, {where}: a proxy that guards the "
            f"host, or the application's own session login, answers in the API's place, and {token}."
        )
        todo = (
            "Let bearer tokens pass there: exempt the API's path from the login, or send the credentials that the proxy wants of programs."
        )
    else:
        sent = next((name for name in guard.passes if seen.request_header(name)), "")
        did = f"redirects the {describe(seen.exchange)} to its login page ({where})" if location else "answers in its place"
        refused = f" It does not take the `{sent}` that was sent: it is expired or revoked, or no policy allows it." if sent else ""
        cause = (
            f"`{host_of(seen.url)}` is guarded by {guard.name}, which {did}: it is a program's request without what the "
            f"proxy wants of programs, and {token}.{refused}"
        )
        todo = f"For {guard.name}: {guard.todo}."
    yield Found(
        cause=cause,
        help=todo,
        evidence=(
            seen.evidence("response.headers.Location" if location else "response", "an answer of the API", (location or said)[:200]),
        ),
        certainty=Certainty.CERTAIN if guard is not None else Certainty.LIKELY,
    )


@rule(
    Section("RFC 6749", "4.1.3"),
    explains=("callback-failed", "server-error", "request-refused", "callback-gateway-error", "provider-failed"),
)
def balancer_sign_in_failed(returned: Seen[AuthorizationResponse]) -> Iterator[Found]:
    """A load balancer that signs people in itself fails at its own callback."""
    status = returned.reply.status
    if split_url(returned.url).path != "/oauth2/idpresponse" or not returned.is_direct or status not in _BALANCER or returned.sent.error:
        return
    what, todo = _BALANCER[status]
    yield Found(
        cause=f"The callback `/oauth2/idpresponse` is answered by the AWS load balancer itself (its action `authenticate-oidc` or "
        f"`authenticate-cognito`) with {status}: {what}. The application behind it is not reached.",
        help=f"{todo} The access log's `error_reason` (`AuthTokenEpRequestFailed`, `AuthMissingAWSALBAuthNonce` …) tells which it is.",
        evidence=(returned.evidence("response.status", "302", str(status)),),
        certainty=Certainty.LIKELY,
    )


# Source: https://repost.aws/knowledge-center/elb-configure-authentication-alb.
_BALANCER = {
    500: (
        "it can't reach the token endpoint or userinfo of the provider, or they answer what it can't use (a wrong client secret, too many "
        "claims)",
        "Let the load balancer's security group, network ACL and routes out to the provider by IPv4 on port 443 (a private one needs a NAT "
        "gateway), see that the endpoint's name resolves publicly, and compare client ID and client secret in the listener's rule.",
    ),
    561: (
        "the provider answered the token request with an error, or an endpoint in the listener's rule is wrong",
        "In the listener's rule, compare issuer, authorization, token and userinfo endpoint, client ID and client secret with the "
        "provider.",
    ),
    401: (
        "the browser did not send its nonce cookie (`AWSALBAuthNonce`) or the `state` is another one, or the provider's values in the "
        "listener's rule do not match",
        "Open the application under the one host name that is registered as callback, keep its cookies, and compare issuer, endpoints, "
        "client ID and client secret in the listener's rule with the provider.",
    ),
}
