"""Servers behind a proxy that ends TLS, and that take each request for plain http.

Here: a client that came by https and is told to do so. Not here: URLs that really are http (`transport`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.http import is_loopback_host, split_url
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
_REDIRECT = "a redirect to"
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
    if not seen.is_direct or not seen.url.lower().startswith("https://"):
        return
    said = _refusal(seen) or _redirect(seen, scene)
    if not said or scene.is_made_good(seen):
        return
    told = "redirects it as if it had come by http" if said.startswith(_REDIRECT) else "says that https is required"
    via = seen.reply.header("server") or seen.reply.header("via")
    before = f" (`{via[:60]}` answers)" if via else ""
    yield Found(
        cause=f"The {describe(seen.exchange)} came to `{host_of(seen.url)}` by https, and yet the server {told}: TLS ends at a proxy or "
        f"load balancer before it{before}, which passes the request on as plain http, and the server is not told the outer scheme, or "
        "does not honour it.",
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


def _redirect(seen: Seen[Message], scene: Scene) -> str:
    """A redirect that only a server makes which takes the request for http: to the very same URL, or to http on its own host, in vain."""
    location = seen.reply.header("location")
    if seen.reply.status not in (301, 302, 303, 307, 308) or not location or not seen.purpose:
        return ""
    # A cookie that the answer sets is a reason to come back, and so is whatever let it end well.
    if seen.exchange.request.method == "GET" and not seen.reply.header("set-cookie") and _bare(location) == _bare(seen.url):
        return "" if scene.once(_ends).get(_bare(seen.url), 0) > seen.id else f"{_REDIRECT} the very same URL"
    if location.lower().startswith("http://") and host_of(location) == host_of(seen.url) and not is_loopback_host(host_of(location)):
        following = next((one for one in scene.order.by_url.get(location, ()) if one.id > seen.id), None)
        broken = following is not None and (not following.reply.has_answer or following.reply.status in (400, 404, 405, 421, 426))
        return f"{_REDIRECT} {location[:160]}" if broken else ""
    return ""


def _ends(scene: Scene) -> dict[str, int]:
    """By the URL without what browsers leave out: the last exchange that was answered with anything but a redirect."""
    return {_bare(one.url): one.id for one in scene.seen if one.is_direct and one.reply.status // 100 != 3}


def _bare(url: str) -> str:
    parts = split_url(url)
    return f"{parts.scheme}://{(parts.netloc or '').lower().removesuffix(':443')}{parts.path}?{parts.query}"
