"""Where and how providers want a token that is good: in a header of their own, at another host, under the scheme that came with it.

Here: calls with the right token in the wrong place. Not here: headers beside the token (`api_client`), a missing one (`bearer`), flaws of
the token itself (`audience`, `token_time`, `signature`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from oauthctl.findings import Certainty
from oauthctl.http import split_url
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenResponse
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section

_USE = Section("RFC 6750", "2.1")
_GENERAL = (
    "api-call-refused",
    "api-rejects-valid-token",
    "authorization-header-stripped",
    "required-header-missing",
    "request-fault-named",
)
_ENDED = re.compile(r"\bexpired\b|\brevoked\b", re.IGNORECASE)
_SCHEMES = ("bearer", "dpop", "basic", "negotiate", "ntlm", "digest", "mac", "oauth", "oauth2", "zoho-oauthtoken")
_UNSUBSCRIBED = re.compile(
    r"\bsubscription (?:validation )?(?:failed|not found|inactive)|\bsubscription is (?:missing|inactive|blocked|invalid|required)"
    r"|\bnot subscribed\b|\bno (?:active |valid )?(?:api )?subscription\b|\bsubscription to (?:this|the) api\b"
    r"|\brequires an? (?:active )?subscription\b"
    r"|missing subscription key|\bapi ?product\b[^.]{0,40}(?:not|no|match|found|missing)|\bno (?:matching )?api ?product\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Own:
    """A provider whose API reads the token from a header of its own."""

    host: re.Pattern[str]
    path: str
    header: str


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """A host that a person knows, and the one where tokens of OAuth are good."""

    ending: str
    path: str
    right: str
    how: str


@dataclass(frozen=True, slots=True)
class _Profile:
    """An endpoint of an older product: the scopes that open it, and the endpoint for tokens with `openid`."""

    host: str
    path: re.Pattern[str]
    needs: tuple[str, ...]
    instead: str


_OWN_HEADERS = (
    _Own(re.compile(r"\.myshopify\.com$"), "/admin/api", "X-Shopify-Access-Token"),
    _Own(re.compile(r"^api\.bigcommerce\.com$"), "/stores", "X-Auth-Token"),
    _Own(re.compile(r"^(?:sandbox\.)?sellingpartnerapi-[a-z]{2}\.amazon\.com$"), "/", "x-amz-access-token"),
    _Own(re.compile(r"^api\.rechargeapps\.com$"), "/", "X-Recharge-Access-Token"),
)
_HOSTS = (
    _Elsewhere(
        ".atlassian.net",
        "/wiki",
        "https://api.atlassian.com/ex/confluence/{cloudid}",
        "take the `id` of the site (the cloudid) from `GET https://api.atlassian.com/oauth/token/accessible-resources`",
    ),
    _Elsewhere(
        ".atlassian.net",
        "/",
        "https://api.atlassian.com/ex/jira/{cloudid}",
        "take the `id` of the site (the cloudid) from `GET https://api.atlassian.com/oauth/token/accessible-resources`",
    ),
    _Elsewhere("app.hubspot.com", "/", "https://api.hubapi.com", "keep the path of the API"),
)
_PROFILES = (
    _Profile(
        "api.linkedin.com",
        re.compile(r"^/v2/(?:me|emailAddress)\b"),
        ("r_liteprofile", "r_basicprofile", "r_emailaddress"),
        "https://api.linkedin.com/v2/userinfo",
    ),
    _Profile(
        "slack.com",
        re.compile(r"^/api/users\.identity$"),
        ("identity.basic",),
        "https://slack.com/api/openid.connect.userInfo",
    ),
)


def _is_refused(seen: Seen[Message], scene: Scene) -> bool:
    return seen.reply.status in (400, 401, 403) and seen.id in scene.failed


def _is_bearer(seen: Seen[ApiRequest]) -> bool:
    return str(seen.sent.raw("scheme") or "").lower() == "bearer" and bool(seen.sent.raw("token"))


@rule(_USE, explains=_GENERAL)
def token_in_wrong_header(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The API reads the token from a header of its own, and it is sent as a bearer token."""
    if not _is_refused(seen, scene) or not _is_bearer(seen) or _ENDED.search(seen.reply.words):
        return
    host, path = host_of(seen.url), split_url(seen.url).path
    for one in _OWN_HEADERS:
        if one.host.search(host) and path.startswith(one.path) and not seen.request_header(one.header):
            yield Found(
                cause=f"The token is sent as `Authorization: Bearer`, and the API at `{host}` reads it from its own header, "
                f"`{one.header}`, which the call lacks: the token is not looked at.",
                help=f"In the client send `{one.header}: <access token>` (the bare token, without the word Bearer) instead of "
                "`Authorization`.",
                evidence=(seen.evidence(f"request.headers.{one.header}", "the access token", "missing"),),
                certainty=Certainty.LIKELY,
            )
            return


@rule(_USE, explains=_GENERAL)
def token_at_wrong_host(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The call goes to a host where this provider's OAuth tokens are not good."""
    if seen.reply.status not in (401, 403, 404) or seen.id not in scene.failed or not _is_bearer(seen) or _ENDED.search(seen.reply.words):
        return
    host, path = host_of(seen.url), split_url(seen.url).path
    for one in _HOSTS:
        if not host.endswith(one.ending) or not path.startswith(one.path):
            continue
        right = host_of(one.right)
        others = [
            call for call in scene.each(ApiRequest) if host_of(call.url) == right and call.sent.raw("token") == seen.sent.raw("token")
        ]
        works = next((call for call in others if call.reply.has_answer and not call.reply.failed), None)
        proof = f"; the same token is accepted at `{right}` (exchange {works.id})" if works is not None else ""
        yield Found(
            cause=f"The call goes to `{host}`, where people sign in, and this provider takes OAuth access tokens at `{one.right}` only"
            f"{proof}.",
            help=f"In the client call `{one.right}` and the path of the API after it: {one.how}.",
            evidence=(seen.evidence("request.url", one.right, seen.url.partition("?")[0][:200]),),
            certainty=Certainty.CERTAIN if works is not None else Certainty.LIKELY,
        )
        return


@rule(_USE, Section("RFC 6749", "7.1"), explains=("authorization-scheme-wrong", *_GENERAL))
def authorization_scheme_differs(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The token is sent under another scheme than the type that it was issued with."""
    scheme, _, token = seen.request_header("authorization").strip().partition(" ")
    issued = scene.issued_by(token.strip(), "access_token")
    if issued is None or not isinstance(issued.back, TokenResponse) or seen.reply.status != 401 or scene.is_made_good(seen):
        return
    kind = (issued.back.token_type or "").strip()
    if kind.lower() != "bearer" or scheme.lower() in _SCHEMES or _ENDED.search(seen.reply.words) or _was_taken(scheme, seen, scene):
        return
    yield Found(
        cause=f"The access token was issued with `token_type` `{kind}` (exchange {issued.id}), and the call sends it as "
        f"`Authorization: {scheme[:20]} …`: the API looks for another kind of credentials under the word `{scheme[:20]}`.",
        help=f"In the client send `Authorization: Bearer <access token>`; `{scheme[:20]}` is for the credentials that the API "
        "itself calls so.",
        evidence=(
            issued.evidence("response.body.token_type", got=kind),
            seen.evidence("request.headers.Authorization", "Bearer and the access token", scheme[:20]),
        ),
    )


def _was_taken(scheme: str, seen: Seen[Message], scene: Scene) -> bool:
    """Whether the API takes this scheme: GitHub does with `token`, and any that did so in this recording."""
    host = host_of(seen.url)
    if scheme.lower() == "token" and "github" in host:
        return True
    others = (one for one in scene.seen if one.id != seen.id and host_of(one.url) == host)
    return any(one.request_header("authorization").startswith(f"{scheme} ") and 0 < one.reply.status < 400 for one in others)


@rule(Section("RFC 6750", "3.1"), explains=("scope-insufficient", "token-opaque", *_GENERAL))
def endpoint_of_other_scopes(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The endpoint belongs to an older product, whose scopes the token does not have."""
    is_no = _is_refused(seen, scene) or (seen.reply.status == 200 and seen.reply.members.get("ok") is False)
    issued = scene.issued_by(str(seen.sent.raw("token") or ""), "access_token")
    scope = issued.back.scope if issued is not None and isinstance(issued.back, TokenResponse) else None
    if not is_no or not scope:
        return
    has = tuple(name for text in scope for name in text.split(","))
    path = split_url(seen.url).path
    for one in _PROFILES:
        if host_of(seen.url) != one.host or not one.path.search(path) or "openid" not in has or set(has) & set(one.needs):
            continue
        yield Found(
            cause=f"`{path[:100]}` wants a scope of the provider's older sign-in ({' or '.join(f'`{name}`' for name in one.needs)}), and "
            f"the token has the scopes of OpenID Connect ({' '.join(has)[:120]}), which do not open it.",
            help=f"In the client read the profile from the userinfo endpoint, `{one.instead}`, which takes tokens with `openid`.",
            evidence=(seen.evidence("request.url", one.instead, seen.url.partition("?")[0][:200]),),
            certainty=Certainty.CERTAIN if seen.reply.status == 403 else Certainty.LIKELY,
        )
        return


@rule(Section("RFC 6750", "3.1"), explains=("scope-insufficient", *_GENERAL))
def api_subscription_missing(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The application has no subscription to the API that it calls."""
    if seen.reply.status not in (401, 403) or not _is_refused(seen, scene):
        return
    said = _UNSUBSCRIBED.search(seen.reply.words)
    if said is None:
        return
    is_key, is_product = "key" in said[0].lower(), "product" in said[0].lower()
    if is_key and (seen.request_header("ocp-apim-subscription-key") or "subscription-key" in seen.url):
        return
    yield Found(
        cause="The API gateway took the call and misses a subscription key beside the token: it knows by that key which application "
        "subscribed to the API."
        if is_key
        else "No API product of the application that the token was issued to covers this API, path or method: the gateway knows the "
        "application, and its products do not match the call."
        if is_product
        else "The application that the token was issued to is not subscribed to this API: the gateway knows both, and there is no "
        "subscription between them.",
        help="In the developer portal, subscribe to the API's product, and send the key with each call (at Azure API Management the header "
        "`Ocp-Apim-Subscription-Key`)."
        if is_key
        else "At the gateway, add this API's proxy, path and environment to a product of the application (Apigee: the API product's "
        "operations), "
        "or get the token with the keys of an application that has such a product."
        if is_product
        else "In the gateway's developer portal, subscribe the application to this API and version, or get the token with the keys of the "
        "application that has the subscription.",
        evidence=(seen.evidence("response", "a subscription to the API", said[0][:200]),),
        certainty=Certainty.LIKELY,
    )
