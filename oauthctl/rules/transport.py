"""Connections that fail, and what stands between client and server: names, ports, timeouts.

Here: failures before OAuth. Not here: certificates (`certificates`), what answers in the server's place (`intermediaries`), a browser's own
refusals (`cors`), keys that can't be fetched (`key_set`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty, Severity
from oauthctl.http import is_loopback_host
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest
from oauthctl.record import purposes
from oauthctl.record.transaction import describe
from oauthctl.rules.hosts import host_of, is_internal_host
from oauthctl.rules.registry import Candidate, Evidence, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import grant_of
from oauthctl.rules.trouble import Kind, Trouble, troubles
from oauthctl.specs import Section

_NO_RESOLVER = re.compile(
    r"EAI_AGAIN|temporary failure in name resolution|\bSERVFAIL\b|server misbehaving|DNS_PROBE_FINISHED_(?:BAD_CONFIG|NO_INTERNET)"
    r"|TRY_AGAIN",
    re.IGNORECASE,
)
_IPV6 = re.compile(r"\[?\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){3,7}\]?", re.IGNORECASE)
_PLATFORM = re.compile(
    r"App Transport Security|NSAppTransportSecurity|\(-1022\)|Code=-1022|cleartext (?:http )?(?:traffic|communication)"
    r"|network security (?:policy|config)|usesCleartextTraffic|ERR_CLEARTEXT_NOT_PERMITTED",
    re.IGNORECASE,
)
_NEEDS_TLS = re.compile(
    r"plain HTTP request was sent to HTTPS port|client sent an HTTP request to an HTTPS server|https (?:is )?required|requires? https"
    r"|must (?:be|use) https"
    r"|must utilize https|only requests to HTTPS are allowed|insecure_transport|IDX20108|must use a secure|ssl (?:is )?required|use https",
    re.IGNORECASE,
)

_PATIENCE_SECONDS = 3.5
"""How long clients wait that were told nothing: openid-client (Node.js) does so long, others less or for ever."""
_SOON_ANSWERED = frozenset(
    (
        *(purposes.DISCOVERY, purposes.RESOURCE_METADATA, purposes.JWKS, purposes.TOKEN, purposes.USERINFO, purposes.INTROSPECTION),
        *(purposes.PUSHED_AUTHORIZATION, purposes.DEVICE_AUTHORIZATION, purposes.REGISTRATION, purposes.REVOCATION, purposes.API),
    )
)
"""What a program asks for, and no person is in between."""


def _is_name_of_inside(one: Trouble) -> bool:
    return is_internal_host(one.host) and not is_loopback_host(one.host)


@rule(Section("RFC 3986", "3.2.2"))
def host_not_found(scene: Scene) -> Iterator[Found]:
    """The host name is not known to DNS."""
    for one in troubles(scene, Kind.DNS):
        if _is_name_of_inside(one):
            continue
        if _NO_RESOLVER.search(one.words):
            yield Found(
                cause=f"The DNS resolver of the calling machine gave no answer for {one.target} (a temporary failure, not an unknown "
                "name), so "
                f"the {one.asked} was never sent.",
                help="Look at the resolver of the machine, container or pod that calls (`/etc/resolv.conf`, the cluster's DNS, the network "
                "policy that must let UDP and TCP port 53 pass, the VPN); let the client try again after a moment, and cache metadata and "
                "keys.",
                evidence=one.evidence("a resolver that answers"),
                certainty=one.certainty,
            )
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
    for seen in scene.seen:
        if seen.purpose in _SOON_ANSWERED and seen.reply.has_answer and seen.exchange.seconds >= _PATIENCE_SECONDS and not _is_poll(seen):
            yield Found(
                title="An answer came late",
                severity=Severity.NOTE,
                cause=f"The answer to the {describe(seen.exchange)} took {seen.exchange.seconds:.1f} seconds: a client that waits for "
                "less, as many do by default, gives up, and says that no answer came.",
                help="At the server, see what takes the time; in the client, raise the timeout for it, and fetch metadata and keys ahead.",
                evidence=(seen.evidence("response", f"an answer within {_PATIENCE_SECONDS:g} s", f"{seen.exchange.seconds:.1f} s"),),
            )


def _is_poll(seen: Seen[Message]) -> bool:
    """Whether the server may keep the client waiting: CIBA Core section 7.1.1, long polling; a device does it likewise."""
    return isinstance(seen.sent, TokenRequest) and grant_of(seen.sent) in ("ciba", "device_code")


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


@rule(Section("RFC 9110", "15.6.1"))
def server_error(scene: Scene) -> Iterator[Found]:
    """The server itself failed."""
    for seen in scene.failures:
        if seen.reply.status not in (500, 501, 503, 505, 507, 508) or seen.purpose == purposes.CALLBACK:
            continue
        # An API has words of its own for what went wrong inside of it.
        is_of_api = seen.purpose in (purposes.API, purposes.USERINFO)
        error = seen.reply.error
        if error not in ("", "server_error", "temporarily_unavailable") and not is_of_api:
            continue
        if seen.reply.status == 503 and not error:
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


@rule(Section("RFC 8200"), explains=("server-too-slow", "network-unreachable", "connection-refused", "connection-reset"))
def ipv6_unreachable(scene: Scene) -> Iterator[Found]:
    """The client calls the server's IPv6 address, and IPv6 leads nowhere."""
    for one in troubles(scene, Kind.SLOW, Kind.ROUTE):
        match = _IPV6.search(one.words)
        if match is None or is_internal_host(match[0].strip("[]")) or _is_name_of_inside(one):
            continue
        yield Found(
            cause=f"The client tried the server's IPv6 address `{match[0].strip('[]')}` for the {one.asked}, and nothing came back: the "
            "machine, container or network has an IPv6 address, or gets one from DNS (AAAA), but no working IPv6 route to the "
            "outside; by IPv4 "
            "the server is most likely reached.",
            help="Give the network a working IPv6 route (firewall, router, the container network), or let the client prefer IPv4 "
            "(`/etc/gai.conf`; Java: `-Djava.net.preferIPv4Stack=true`; Node: `--dns-result-order=ipv4first`; `curl -4` shows the "
            "difference).",
            evidence=one.evidence("an answer"),
            certainty=Certainty.LIKELY,
        )


@rule(Section("RFC 6749", "1.6"), explains=("plain-http-refused", "internal-host-unreachable", "connection-refused"))
def platform_forbids_http(scene: Scene) -> Iterator[Found]:
    """The phone's operating system lets the app make no request by http."""
    failed = next((one for one in scene.failures if _PLATFORM.search(one.reply.failure)), None)
    said = failed.reply.failure if failed is not None else scene.given.local_error
    match = _PLATFORM.search(said)
    if match is None:
        return
    url = f" `{failed.url.partition('?')[0][:160]}`" if failed is not None else " the server"
    if re.search(r"transport ?security|1022", said, re.IGNORECASE):
        who, how = "iOS (App Transport Security, ATS)", "an exception for the one development host (`NSExceptionDomains` in Info.plist)"
    else:
        who = "Android (its network security policy forbids cleartext traffic)"
        how = "a network security config for the one development host, named in the manifest (`android:networkSecurityConfig`)"
    place = (
        failed.evidence("request.url", "https", "http") if failed is not None else Evidence(None, "given.local_error", "https", match[0])
    )
    yield Found(
        cause=f"The app calls{url} by plain http, and {who} lets it make no request without TLS: nothing was sent.",
        help=f"Use https for the issuer and its endpoints; only for development, add {how}.",
        evidence=(place,),
        certainty=Certainty.LIKELY,
    )
