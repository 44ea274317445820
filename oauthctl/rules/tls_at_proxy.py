"""Servers behind a proxy that ends TLS, and that take each request for plain http.

Here: a client that came by https and is told to do so. Not here: URLs that really are http (`transport`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.http import split_url
from oauthctl.messages.param import Message
from oauthctl.record.transaction import describe
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_WANTS_TLS = re.compile(
    r"(?:only accepts?|requires?|must (?:be|use|utili[sz]e)|only (?:via|over|supports?|allows?)|\buse|\bover|\bexpects?) (?:a "
    r")?(?:https|tls|ssl)\b"
    r"|https (?:is |connections? |requests? |only)?(?:required|only|must|expected)|(?:ssl|tls) (?:is )?required|\bID2083\b|HTTPS_REQUIRED"
    r"|insecure (?:connection|transport|request)|InsecureTransport|transport security (?:is )?required|not (?:a )?secure "
    r"(?:connection|request)",
    re.IGNORECASE,
)
# Said of another address than the request's own.
_OF_ANOTHER = re.compile(
    r"redirect|callback|reply ur|return ur|webhook|issuer|\bmetadata\b|jwks|authority|origin|resource|logo|client_uri", re.I
)
_URL = re.compile(r"https?://\S+")


@rule(
    Section("RFC 6749", "1.6"),
    explains=(
        "metadata-not-found",
        "request-refused",
        "token-request-refused",
        "authorization-refused",
        "api-call-refused",
        "plain-http-refused",
    ),
)
def tls_ends_at_proxy(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The server takes a request by https for plain http, since a proxy before it ends TLS."""
    if not seen.is_direct or not seen.url.lower().startswith("https://") or scene.is_made_good(seen):
        return
    said = _refusal(seen) or ("a redirect to the very same URL" if _goes_round(seen) else "")
    if not said:
        return
    via = seen.reply.header("server") or seen.reply.header("via")
    before = f" (`{via[:60]}` answers)" if via else ""
    yield Found(
        cause=f"The {describe(seen.exchange)} came to `{host_of(seen.url)}` by https, and yet the server says that https is required: "
        f"TLS ends "
        f"at a proxy or load balancer before it{before}, which passes the request on as plain http, and the server is not told the outer "
        "scheme, or does not honour it.",
        help="At the proxy, send `X-Forwarded-Proto: https` (and `X-Forwarded-Host`); on the server, switch on forwarded headers for that "
        "proxy (ASP.NET Core: `UseForwardedHeaders` before authentication, with the known proxies; Keycloak: `proxy-headers`; Spring: "
        "`server.forward-headers-strategy`; Django: `SECURE_PROXY_SSL_HEADER`).",
        evidence=(seen.evidence("request.url", got=seen.url[:200]), seen.evidence("response", expected="an answer", got=said[:200])),
        certainty=Certainty.LIKELY,
    )


def _refusal(seen: Seen[Message]) -> str:
    if seen.reply.status not in (400, 401, 403, 421, 426, 500):
        return ""
    said = _URL.sub(" ", f"{seen.reply.error} {seen.reply.description}" if seen.reply.description else seen.reply.words[:2000])
    found = _WANTS_TLS.search(said)
    return "" if found is None or _OF_ANOTHER.search(said) else found[0]


def _goes_round(seen: Seen[Message]) -> bool:
    """Whether the answer sends the client to the URL that it came to: what a server does that always finds http."""
    location = seen.reply.header("location")
    if seen.reply.status not in (301, 302, 307, 308) or seen.exchange.request.method not in ("GET", "POST") or not seen.purpose:
        return False
    # A cookie that the answer sets is a reason to come back.
    return bool(location) and not seen.reply.header("set-cookie") and _bare(location) == _bare(seen.url)


def _bare(url: str) -> str:
    parts = split_url(url)
    return f"{parts.scheme}://{(parts.netloc or '').lower().removesuffix(':443')}{parts.path}?{parts.query}"
