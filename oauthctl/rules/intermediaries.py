"""What stands between client and server and answers in its place: proxies, gateways, rate limits, portals.

Here: answers that are not the server's own. Not here: connections that fail (`transport`), access proxies (`access_proxy`), firewalls
(`firewall`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.transaction import describe
from oauthctl.rules.hosts import host_of, is_internal_host
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.trouble import Kind, troubles
from oauthctl.specs import Section

_GATEWAY = {502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
# Cloudflare's numbers for an origin server that can't be reached, is too slow, or fails in TLS.
_CLOUDFLARE = range(520, 531)
_RATE = re.compile(r"rate.?limit.{0,20}exceeded|too.?many.?requests|quota exceeded|request was throttled", re.IGNORECASE)
_PORTAL = re.compile(
    r"captive|hotspot|wi-?fi (?:login|access|portal)|guest (?:network|wi-?fi|access)|zscaler|netskope|fortigate|fortinet|blue ?coat"
    r"|web ?filter"
    r"|blocked by your (?:organi[sz]ation|administrator)|cisco umbrella|access to this (?:web ?)?(?:site|page) (?:is|has been) blocked",
    re.IGNORECASE,
)
_PROXY_DENIES = re.compile(
    r"ERR_ACCESS_DENIED|ERR_CANNOT_FORWARD|squid[^<]{0,400}access denied|requested URL could not be retrieved.{0,400}denied"
    r"|policy_denied|blocked by (?:the )?proxy|proxy (?:server )?(?:has )?(?:denied|blocked)|forbidden by (?:the )?proxy",
    re.IGNORECASE | re.DOTALL,
)
# What `CONNECT` asks for. Source: RFC 9110 section 9.3.6.
_TUNNEL = re.compile(r"(?:[a-z]+://)?\[?(?P<host>[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:]{2,45})\]?:\d{1,5}/?")
_BY_PROGRAMS = (purposes.DISCOVERY, purposes.JWKS, purposes.TOKEN, purposes.USERINFO, purposes.RESOURCE_METADATA)


@rule(Section("RFC 9110", "11.7.1"))
def proxy_needs_credentials(scene: Scene) -> Iterator[Found]:
    """The forward proxy asks for credentials."""
    for seen in scene.each(Message):
        if seen.is_direct and seen.reply.status == 407 and not scene.is_made_good(seen):
            yield Found(
                cause=f"The forward proxy between client and {_tunnel_to(seen)} answered 407: it asks for proxy credentials"
                f"{_schemes_of(seen)}. The server itself never saw the request.",
                help="Give the client the proxy's user and password (proxy settings, `HTTPS_PROXY`), or have the host exempted "
                "(`NO_PROXY`).",
                evidence=(seen.evidence("response.status", "an answer of the server", "407"),),
            )
    for one in troubles(scene, Kind.PROXY_CREDENTIALS):
        if one.seen is None or one.seen.reply.status != 407:
            yield Found(
                cause=f"The forward proxy refused to connect to {one.target} (407): it asks for proxy credentials.",
                help="Give the client the proxy's user and password (proxy settings, `HTTPS_PROXY`), or have the host exempted "
                "(`NO_PROXY`).",
                evidence=one.evidence("a tunnel through the proxy"),
                certainty=one.certainty,
            )


def _tunnel_to(seen: Seen[Message]) -> str:
    """What lies behind the proxy: the host of the URL, or of the tunnel that was asked for (`CONNECT host:443`)."""
    tunnel = _TUNNEL.fullmatch(seen.url)
    host = host_of(seen.url) or (tunnel["host"].lower() if tunnel else "")
    return f"`{host}`" if host else "the server"


def _schemes_of(seen: Seen[Message]) -> str:
    response = seen.exchange.response
    values = response.headers.all("proxy-authenticate") if response is not None else ()
    schemes = tuple(dict.fromkeys(value.split()[0].strip(",")[:20] for value in values if value.strip()))
    return f" ({', '.join(schemes)})" if schemes else ""


@rule(Section("RFC 9110", "9.3.6"))
def proxy_unreachable(scene: Scene) -> Iterator[Found]:
    """The forward proxy can't be reached, or does not let the host through."""
    for one in troubles(scene, Kind.PROXY):
        yield Found(
            cause=f"The client's forward proxy could not be reached, or did not open a tunnel to {one.target}.",
            help="Correct the proxy settings of the client (`HTTPS_PROXY`, the system's proxy), or have the host allowed there or "
            "exempted (`NO_PROXY`).",
            evidence=one.evidence("a tunnel through the proxy"),
            certainty=one.certainty,
        )


@rule(Section("RFC 9110", "15.6.3"))
def gateway_error(scene: Scene) -> Iterator[Found]:
    """A gateway answered in place of the server behind it."""
    for seen in scene.failures:
        status = seen.reply.status
        if seen.purpose == purposes.CALLBACK or seen.reply.error:
            continue
        if status not in _GATEWAY and status not in _CLOUDFLARE:
            continue
        name = _GATEWAY.get(status, "an error of the CDN")
        yield Found(
            cause=f"The {describe(seen.exchange)} was answered {status} ({name}) by a gateway: the reverse proxy or load balancer before "
            f"`{host_of(seen.url)}` could not get an answer from the server behind it (upstream).",
            help="Look at the log of the gateway and whether the server behind it runs and is reached at the configured address; try "
            "again later if it is somebody else's.",
            evidence=(seen.evidence("response.status", "an answer of the server", str(status)),),
            certainty=Certainty.LIKELY,
        )


@rule(Section("RFC 6585", "4"), explains=("request-throttled-by-provider",))
def rate_limited(scene: Scene) -> Iterator[Found]:
    """The server limits how often it may be asked."""
    for seen in scene.failures:
        if seen.reply.error == "slow_down":
            continue
        is_told = seen.reply.status in (400, 403, 503) and _RATE.search(seen.reply.words[:2000]) is not None
        if seen.reply.status != 429 and not is_told:
            continue
        wait = seen.reply.header("retry-after")[:40]
        yield Found(
            cause=f"The {describe(seen.exchange)} was refused by a rate limit ({seen.reply.status}): the client sends too many requests"
            + (f"; `Retry-After: {wait}` says how long to wait." if wait else "."),
            help="In the client, keep tokens, metadata and keys until they expire instead of fetching them for every call, and wait as "
            "`Retry-After` says before the next try, longer each time.",
            evidence=(seen.evidence("response.status", "an answer", str(seen.reply.status)),),
            certainty=Certainty.CERTAIN if seen.reply.status == 429 else Certainty.LIKELY,
        )


@rule(
    Section("RFC 6585", "6"),
    explains=(
        "metadata-is-html",
        "token-answer-is-html",
        "key-set-not-found",
        "metadata-not-found",
        "metadata-redirected",
        "token-request-redirected",
    ),
)
def captive_portal(scene: Scene) -> Iterator[Found]:
    """A network's own page came in place of the server's answer."""
    for seen in scene.failures:
        if seen.purpose in (purposes.AUTHORIZATION, purposes.CALLBACK, purposes.API):
            continue
        words = _PORTAL.search(f"{seen.reply.words[:8000]} {seen.reply.header('location')[:500]}")
        is_led_away = seen.purpose in _BY_PROGRAMS and _is_led_away(seen)
        if seen.reply.status != 511 and ((words is None and not is_led_away) or "json" in seen.reply.header("content-type")):
            continue
        yield Found(
            cause=f"What answered the {describe(seen.exchange)} is not `{host_of(seen.url)}` but the network in between: a captive portal "
            "or a filtering proxy put its own page there.",
            help="Sign in to the network (open any page in a browser), or have the host allowed in the filtering proxy; then try again.",
            evidence=(
                seen.evidence("response.body", "the server's answer", words[0] if words else seen.reply.header("location")[:160] or "511"),
            ),
            certainty=Certainty.CERTAIN if seen.reply.status == 511 else Certainty.LIKELY,
        )


def _is_led_away(seen: Seen[Message]) -> bool:
    """Whether a request by https is sent on to plain http on somebody else's host: no server of the protocol does that."""
    location = seen.reply.header("location").lower()
    if seen.reply.status not in (301, 302, 303, 307) or not location.startswith("http://") or not seen.url.lower().startswith("https://"):
        return False
    theirs, own = host_of(location), host_of(seen.url)
    return not is_internal_host(own) and theirs.split(".")[-2:] != own.split(".")[-2:]


@rule(
    Section("RFC 9110", "7.7"),
    explains=(
        "token-answer-is-html", "metadata-is-html", "token-request-refused", "gateway-error", "captive-portal", "key-set-not-found",
        "metadata-not-found", "api-call-refused",
    ),
)  # fmt: skip
def proxy_denies_host(scene: Scene) -> Iterator[Found]:
    """The forward proxy does not let requests to the server's host through."""
    for seen in scene.failures:
        if "json" in seen.reply.header("content-type"):
            continue
        if seen.reply.status not in (403, 502, 503) or seen.purpose in (purposes.AUTHORIZATION, purposes.CALLBACK):
            continue
        said = f"{seen.reply.header('x-squid-error')} {seen.reply.header('server')} {seen.reply.header('via')} {seen.reply.words[:4000]}"
        match = _PROXY_DENIES.search(said)
        if match is None:
            continue
        host = host_of(seen.url)
        yield Found(
            cause=f"What answered the {describe(seen.exchange)} with {seen.reply.status} is not `{host}` but the forward proxy on the way "
            "(Squid, say): its access rules do not let requests to that host through.",
            help=f"Have `{host}` allowed in the proxy's access list, or exempt it from the proxy in the client's environment (`NO_PROXY`), "
            "where the host is reached directly.",
            evidence=(seen.evidence("response", "an answer of the server", match[0][:120]),),
            certainty=Certainty.LIKELY,
        )


@rule(Section("RFC 9110", "10.1.1"), explains=("token-answer-is-html", "token-request-refused", "request-refused", "api-call-refused"))
def expect_header_refused(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The request asks for `100 Continue`, and the server does not know that."""
    if not seen.is_direct or seen.reply.status != 417 or scene.is_made_good(seen):
        return
    sent = seen.request_header("expect") or "100-continue"
    yield Found(
        cause=f"The client sends the header `Expect: {sent[:40]}` with the {describe(seen.exchange)}, and the server or a proxy before it "
        "refuses that with 417 (Expectation Failed) before it reads the request.",
        help="In the client, send no `Expect` header (.NET: `ExpectContinue = false`; curl: `-H 'Expect:'`), or let the proxy handle "
        "`100-continue`.",
        evidence=(seen.evidence("request.headers.Expect", "no such header", sent),),
    )
