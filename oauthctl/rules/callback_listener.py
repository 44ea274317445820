"""Whether the callback reached somebody: a listener on this machine, a server behind a proxy.

Here: connections and sizes. Not here: what the callback says (`callback`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.http import decimal, is_loopback, split_url
from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.rules.front_channel import base_of, host_of
from oauthctl.rules.given import Given
from oauthctl.rules.hosts import port_reached
from oauthctl.rules.registry import Candidate, Certainty, Found, rule
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Returned = Seen[AuthorizationResponse]

_REFUSED = re.compile(
    r"refused|ECONNREFUSED|ERR_CONNECTION|unreachable|actively refused|timed? ?out|reset|no route|failed to connect", re.I
)
_IPV6 = re.compile(r"::1\b|\[::1\]|0:0:0:0:0:0:0:1")
_TOO_BIG = re.compile(
    r"too big header|header[^.]{0,60}too (large|big|long)|(cookie|field)s? too large|too many headers|exceed\w*[^.]{0,60}header"
    r"|header buffer|header overflow|HPE_HEADER_OVERFLOW|max http header",
    re.IGNORECASE,
)
_GENERAL = ("connection-refused", "connection-reset", "server-too-slow", "host-not-found", "request-refused")


@rule(Section("RFC 8252", "8.3"), explains=("callback-listener-absent", *_GENERAL), decisive=True)
def callback_listener_wrong_family(returned: Returned, given: Given) -> Iterator[Found]:
    """The browser takes localhost for ::1, and the client listens on 127.0.0.1 alone."""
    host, failure = host_of(returned.url), returned.reply.failure
    listener = given.text("listener")
    if not failure or not is_loopback(returned.url):
        return
    listens_on_4 = listener.startswith("127.")
    listens_on_6 = listener.startswith(("[::1]", "::1"))
    tried_6 = bool(_IPV6.search(failure)) and "127.0.0.1" not in failure
    if (
        host == "localhost"
        and (listens_on_4 or not listener)
        and (tried_6 or (listens_on_4 and not listener_port_differs(returned, listener)))
    ):
        yield Found(
            cause="The redirect_uri uses the name `localhost`, which the browser resolved to the IPv6 address `::1`, while the client "
            "listens on "
            "`127.0.0.1` (IPv4) alone: its answer never arrives.",
            help="In the client, listen on both `127.0.0.1` and `[::1]`, or use the literal `127.0.0.1` in the redirect_uri if the "
            "provider allows "
            "that.",
            evidence=(
                returned.evidence("request.url", expected=f"somebody at {split_url(returned.url).netloc}", got=failure[:200]),
                *((returned.evidence("request.url", expected="both families", got=f"listener {listener}"),) if listener else ()),
            ),
            certainty=Certainty.CERTAIN if listens_on_4 else Certainty.LIKELY,
            candidates=()
            if listens_on_4
            else (
                Candidate("The client listens on `127.0.0.1` alone.", "Listen on both, or name the address in the redirect_uri."),
                Candidate("Nobody listens at that port at all: the client has ended.", "Keep it running until the browser comes back."),
            ),
            probe=""
            if listens_on_4
            else "While the client waits, ask both addresses: `curl http://127.0.0.1:PORT/` and `curl http://[::1]:PORT/`.",
        )
    elif listens_on_6 and host in ("127.0.0.1", "localhost") and not tried_6:
        yield Found(
            cause=f"The redirect_uri leads to `{host}`, tried over IPv4 (`127.0.0.1`), while the client listens on the IPv6 address "
            f"`{listener}` "
            "alone: its answer never arrives.",
            help="In the client, listen on both `127.0.0.1` and `[::1]`, or on the literal address that the redirect_uri has.",
            evidence=(returned.evidence("request.url", expected=f"listener {listener}", got=failure[:200]),),
        )


@rule(Section("RFC 8252", "7.3"), explains=_GENERAL, decisive=True)
def callback_listener_absent(returned: Returned, given: Given) -> Iterator[Found]:
    """Nobody listens where the callback goes."""
    failure, listener = returned.reply.failure, given.text("listener")
    if not failure or not is_loopback(returned.url) or not _REFUSED.search(failure):
        return
    place = split_url(returned.url).netloc
    if listener and not listener_port_differs(returned, listener):
        return
    if listener:
        yield Found(
            cause=f"The callback goes to `{place}`, but the client listens on `{listener}`: the ports differ, so nobody is there.",
            help="In the client, build the redirect_uri from the port that its listener got, or bind the port that is registered.",
            evidence=(returned.evidence("request.url", expected=listener, got=place),),
        )
        return
    yield Found(
        cause=f"The callback went to `{place}` on the machine of the browser, and nobody listens there: the connection was refused.",
        help="Keep the client running until the browser comes back, on the machine where the browser runs. In a container or over ssh, "
        "forward "
        "the port, or use the device grant.",
        evidence=(returned.evidence("request.url", expected="a listener", got=failure[:200]),),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("The client gave up waiting, or was ended, before the person was done.", "Start again, and wait longer."),
            Candidate("The client runs on another machine or in a container.", "Forward the port, or use the device grant."),
            Candidate("It listens on another port, or on the other of `127.0.0.1` and `::1`.", "Make both sides equal."),
        ),
        probe=f"While the client waits, run `curl -v {base_of(returned.url)}` on the machine of the browser.",
    )


@rule(
    Section("RFC 9110", "15.5"),
    explains=("gateway-error", "cookie-not-returned", "request-refused", "error-without-request"),
    decisive=True,
)
def callback_headers_too_big(seen: Seen[Message], given: Given) -> Iterator[Found]:
    """The session cookie has grown too big for the headers."""
    reply = seen.reply
    if reply.status < 400 or seen.purpose not in (purposes.CALLBACK, "", purposes.API):
        return
    said = _TOO_BIG.search(reply.words)
    logged = _TOO_BIG.search(given.local_error) if seen.purpose == purposes.CALLBACK and reply.status >= 500 else None
    has_cookie = "cookie" in seen.exchange.request.headers or seen.purpose == purposes.CALLBACK or not seen.url
    if not (said or logged or reply.status == 431) or not has_cookie:
        return
    side = "request" if reply.status in (400, 413, 431) else "response"
    yield Found(
        cause=f"The headers of the {side} are too large for the proxy or server: the session cookie, which mostly carries the tokens "
        f"themselves, "
        "has grown beyond its header buffer.",
        help="In the application, keep the session on the server and only its id in the cookie, or put fewer groups into the tokens; or "
        "raise "
        "the limit (nginx: `proxy_buffer_size`, `large_client_header_buffers`).",
        evidence=(seen.evidence("response", expected="headers within the limit", got=(said or logged or [str(reply.status)])[0]),),
        certainty=Certainty.CERTAIN if said or logged or reply.status == 431 else Certainty.LIKELY,
    )


def listener_port_differs(returned: Returned, listener: str) -> bool:
    """Whether a listener, written `127.0.0.1:3000`, has another port than the callback's URL."""
    port = decimal(listener.rpartition(":")[2])
    return port is not None and port != port_reached(returned.url)
