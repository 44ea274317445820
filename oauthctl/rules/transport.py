"""Connections that fail, and what stands between client and server: names, ports, proxies, gateways.

Here: failures before or beside OAuth. Not here: certificates (`certificates`), a browser's own refusals (`cors`), keys that can't be
fetched (`key_set`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import is_loopback_host
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.transaction import describe
from oauthctl.rules.hosts import host_of, is_internal_host
from oauthctl.rules.registry import Candidate, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.trouble import Kind, Trouble, troubles
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
_NEEDS_TLS = re.compile(
    r"plain HTTP request was sent to HTTPS port|client sent an HTTP request to an HTTPS server|https (?:is )?required|requires? https"
    r"|must (?:be|use) https"
    r"|must utilize https|only requests to HTTPS are allowed|insecure_transport|IDX20108|must use a secure|ssl (?:is )?required|use https",
    re.IGNORECASE,
)


def _is_name_of_inside(one: Trouble) -> bool:
    return is_internal_host(one.host) and not is_loopback_host(one.host)


@rule(Section("RFC 3986", "3.2.2"))
def host_not_found(scene: Scene) -> Iterator[Found]:
    """The host name is not known to DNS."""
    for one in troubles(scene, Kind.DNS):
        if _is_name_of_inside(one):
            continue
        yield Found(
            cause=f"The host name {one.target} could not be resolved by DNS, so the {one.asked} was never sent.",
            help="Check the configured URL for a typo in the host name (tenant or domain part); if it is right, check the DNS and the "
            "network of the machine that calls.",
            evidence=one.evidence("a host name that resolves"),
            certainty=one.certainty,
        )


@rule(Section("RFC 3986", "3.2.2"), explains=("host-not-found",))
def internal_host_unreachable(scene: Scene) -> Iterator[Found]:
    """A name that only another network knows is used as a URL."""
    for one in troubles(scene, Kind.DNS, Kind.ROUTE, Kind.SLOW):
        if _is_name_of_inside(one):
            yield Found(
                cause=f"{one.target} is an internal host name or address, known only inside of a private network (a container's network, "
                f"a cluster, a VPN); whoever sent the {one.asked} is outside of it and can't reach that host.",
                help="For a URL that a browser or a program outside opens, configure the server's public host name; keep the internal "
                "one for calls from within the same network (service name of the compose file or the cluster), and check that both share "
                "that network or VPN.",
                evidence=one.evidence("a host that the caller can reach"),
                certainty=Certainty.LIKELY,
            )


@rule(Section("RFC 9110", "4.2"))
def connection_refused(scene: Scene) -> Iterator[Found]:
    """Nothing listens at that host and port."""
    for one in troubles(scene, Kind.REFUSED):
        if is_loopback_host(one.host):
            yield Found(
                cause=f"The connection for the {one.asked} was refused at {one.target}: a loopback address is the caller itself. In a "
                "container, localhost is that container, and nothing listens on this port there.",
                help="If the caller runs in a container (Docker, a pod), use the server's service name, or `host.docker.internal` for "
                "the host; otherwise start the server on this port, and bind it to the address family that is asked (127.0.0.1 or ::1).",
                evidence=one.evidence("something that listens there"),
                certainty=Certainty.LIKELY,
            )
            continue
        inside = (
            " Within a container's network or a cluster it is the container's own port that counts, not the published one."
            if _is_name_of_inside(one)
            else ""
        )
        yield Found(
            cause=f"{one.target} refused the connection{one.port}: the host was reached, and nothing listens on that port, or a firewall "
            f"turns it away.{inside}",
            help="Check the port in the configured URL, that the server runs (at start-up: that it is ready) and listens on an address "
            "that others reach (not on 127.0.0.1 alone), and the firewall.",
            evidence=one.evidence("something that listens there"),
            certainty=one.certainty,
        )


@rule(Section("RFC 9110", "9.2.2"))
def connection_reset(scene: Scene) -> Iterator[Found]:
    """The connection was cut before an answer came."""
    for one in troubles(scene, Kind.RESET):
        yield Found(
            cause=f"The connection to {one.target} was closed or reset before the {one.asked} was answered: the server, a firewall, a "
            "load balancer or a proxy in between cut it.",
            help="Look at the log of the server and of what stands before it at that moment; if it happens after a pause, lower the "
            "client's keep-alive time below the server's; if always, look for a firewall or a proxy that does not let this host through.",
            evidence=one.evidence(),
            certainty=one.certainty,
        )


@rule(Section("RFC 9110", "15.6.5"))
def server_too_slow(scene: Scene) -> Iterator[Found]:
    """No answer came in time."""
    for one in troubles(scene, Kind.SLOW):
        if _is_name_of_inside(one):
            continue
        yield Found(
            cause=f"{one.target} gave no answer to the {one.asked} within the timeout: packets are dropped by a firewall, or the server "
            "is too slow.",
            help="From the machine that calls, try the URL with curl: if it hangs at connecting, open the firewall or set the proxy; if "
            "it answers late, raise the client's timeout and look at the server.",
            evidence=one.evidence("an answer in time"),
            certainty=one.certainty,
        )


@rule(Section("RFC 9110", "4.2"))
def network_unreachable(scene: Scene) -> Iterator[Found]:
    """The calling machine has no way to the server's network."""
    for one in troubles(scene, Kind.ROUTE):
        if _is_name_of_inside(one):
            continue
        yield Found(
            cause=f"The calling machine has no network route to {one.target}: it is offline, or has no route for that address (often "
            "IPv6).",
            help="Check the network connection, the VPN and the routes of the machine that calls; where only IPv6 fails, prefer IPv4.",
            evidence=one.evidence(),
            certainty=one.certainty,
        )


@rule(Section("RFC 9110", "11.7.1"))
def proxy_needs_credentials(scene: Scene) -> Iterator[Found]:
    """The forward proxy asks for credentials."""
    for seen in scene.each(Message):
        if seen.is_direct and seen.reply.status == 407 and not scene.is_made_good(seen):
            yield Found(
                cause=f"The forward proxy between client and `{host_of(seen.url)}` answered 407: it asks for proxy credentials. The "
                "server itself never saw the request.",
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


@rule(Section("RFC 9110", "15.6.1"))
def server_error(scene: Scene) -> Iterator[Found]:
    """The server itself failed."""
    for seen in scene.failures:
        if seen.reply.status not in (500, 501, 503, 505, 507, 508) or seen.purpose == purposes.CALLBACK:
            continue
        if seen.reply.error not in ("", "server_error", "temporarily_unavailable") or (seen.reply.status == 503 and not seen.reply.error):
            continue
        yield Found(
            cause=f"The {describe(seen.exchange)} made the server at `{host_of(seen.url)}` fail ({seen.reply.status}): what went wrong "
            "stands in the server's own log, not in its answer.",
            help="Look up this moment in the server's log; if it is somebody else's, report it with the time and the request id.",
            evidence=(seen.evidence("response.status", "an answer of the protocol", str(seen.reply.status)),),
            certainty=Certainty.POSSIBLE,
            candidates=(
                Candidate(
                    "An error inside of the server (its database, its configuration, a bug).", "Read the server's log of that moment."
                ),
                Candidate("A request that the server does not expect and fails on.", "Compare it with one that works."),
            ),
            probe="The server's log tells.",
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


@rule(Section("RFC 6585", "6"), explains=("metadata-is-html", "token-answer-is-html", "key-set-not-found"))
def captive_portal(scene: Scene) -> Iterator[Found]:
    """A network's own page came in place of the server's answer."""
    for seen in scene.failures:
        if seen.purpose in (purposes.AUTHORIZATION, purposes.CALLBACK, purposes.API):
            continue
        words = _PORTAL.search(f"{seen.reply.words[:8000]} {seen.reply.header('location')[:500]}")
        if seen.reply.status != 511 and (words is None or "json" in seen.reply.header("content-type")):
            continue
        yield Found(
            cause=f"What answered the {describe(seen.exchange)} is not `{host_of(seen.url)}` but the network in between: a captive portal "
            "or a filtering proxy put its own page there.",
            help="Sign in to the network (open any page in a browser), or have the host allowed in the filtering proxy; then try again.",
            evidence=(seen.evidence("response.body", "the server's answer", words[0] if words else "511"),),
            certainty=Certainty.CERTAIN if seen.reply.status == 511 else Certainty.LIKELY,
        )


@rule(Section("RFC 6749", "1.6"))
def plain_http_refused(scene: Scene) -> Iterator[Found]:
    """The server or the client's library refuses plain http."""
    cause = (
        "The URL{} is plain http, and OAuth asks for TLS (https): {} refuses it. Where a proxy ends TLS before the application, the "
        "application builds its URLs with http although the person's browser has https."
    )
    help_ = (
        "Use https URLs for the issuer and the endpoints; behind a proxy that ends TLS, pass on `X-Forwarded-Proto` and make the "
        "application trust it; only on a developer's loopback allow plain http by the library's own switch."
    )
    for seen in scene.failures:
        words = _NEEDS_TLS.search(seen.reply.words[:2000]) if seen.reply.status in (301, 302, 400, 403, 426) else None
        if words and seen.url.startswith("http://"):
            yield Found(
                cause=cause.format(f" of `{host_of(seen.url)}`", "the server"),
                help=help_,
                evidence=(seen.evidence("request.url", "https", "http"), seen.evidence("response.body", got=words[0])),
            )
    words = _NEEDS_TLS.search(scene.given.local_error[:4000])
    if words and not any(seen.reply.has_answer and seen.purpose == purposes.TOKEN and not seen.reply.failed for seen in scene.seen):
        from_inside = Candidate(
            "TLS ends at a proxy, and the application sees its own URL as http.", "Pass on and trust `X-Forwarded-Proto`."
        )
        typed = Candidate("The issuer or an endpoint is configured with http.", "Configure it with https.")
        yield Found(
            cause=cause.format("", "the client's library"),
            help=help_,
            evidence=Trouble(Kind.PLAIN_PORT, words[0], "").evidence("https"),
            certainty=Certainty.LIKELY,
            candidates=(from_inside, typed),
            probe="The URL that the library was given tells.",
        )
