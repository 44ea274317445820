"""TLS alerts of the server about what the client presented or asked for: its certificate, the name of the server.

Here: handshakes that the server breaks off. Not here: certificates that the client does not accept (`certificates`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.http import origin
from oauthctl.record import purposes
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.trouble import Kind, troubles
from oauthctl.specs import Section


@rule(Section("RFC 8705", "2"))
def client_certificate_demanded(scene: Scene) -> Iterator[Found]:
    """The server wants a client certificate in the TLS handshake."""
    for one in troubles(scene, Kind.CLIENT_CERTIFICATE):
        # What a token endpoint says of it in an answer is told by the rules of client authentication.
        if one.seen is not None and one.seen.reply.has_answer and one.seen.purpose == purposes.TOKEN:
            continue
        target = one.target if one.target.startswith("`") else "The server"
        asked = one.asked if one.seen is not None and one.seen.url else "request"
        if one.seen is not None and one.seen.reply.has_answer:
            # The connection was made: who answers saw the handshake end without a certificate.
            cause = (
                f"{target} demands a client certificate (mTLS, mutual TLS): the TLS connection was made without one, or with one that it "
                f"does not accept, so it answers {one.seen.reply.status} and does not let the {asked} through."
            )
        else:
            cause = (
                f"{target} demands a client certificate (mTLS, mutual TLS) and broke the TLS handshake off, since the client presented "
                f"none that it takes; the {one.asked} was never read."
            )
        yield Found(
            cause=cause,
            help="In the client, configure certificate and key for this host and present them in the handshake (curl `--cert` and "
            "`--key`; in "
            "code, the HTTP client's TLS settings), and have its issuer known to the server; if no mTLS is meant, call the server's other "
            "host or port.",
            evidence=one.evidence("a client certificate"),
            certainty=Certainty.LIKELY,
        )


_ALERT = re.compile(
    r"alert[ _](?:unknown[ _]ca|unsupported[ _]certificate|certificate[ _](?:unknown|expired|revoked|required)|bad[ _]certificate"
    r"|access[ _]denied|decrypt[ _]error)\b|remote error: tls: (?:unknown certificate authority|certificate expired|expired certificate)"
    r"|SSL alert number (?:48|116|42|43|44|45|46)\b|fatal alert: (?:unknown_ca|certificate_unknown)",
    re.IGNORECASE,
)
_OF_ISSUER = re.compile(r"unknown[ _]ca|unknown certificate authority|SSL alert number 48\b", re.IGNORECASE)


@rule(
    Section("RFC 8705", "2"),
    Section("RFC 8446", "6.2"),
    explains=("client-certificate-demanded", "connection-reset", "certificate-authority-unknown", "tls-version-refused", "tls-failed"),
)
def client_certificate_refused(scene: Scene) -> Iterator[Found]:
    """The server does not accept the client's certificate in the TLS handshake."""
    cut = {one.seen.id for one in troubles(scene, Kind.RESET) if one.seen is not None}
    for seen in scene.failures:
        failure, shown = seen.reply.failure or "", seen.exchange.certificate
        # In TLS 1.3 the client has sent its certificate, and its request, when the server says no: many just hang up then.
        is_cut = bool(shown) and seen.id in cut
        if not _OF_ISSUER.search(failure) and not (shown and _ALERT.search(failure)) and not is_cut:
            continue
        target = f"`{origin(seen.url)}`"
        why = (
            "the certificate authority that issued it is none that the server trusts (alert `unknown_ca`)"
            if _OF_ISSUER.search(failure)
            else "right after the client had presented it the connection was broken off"
            if is_cut
            else "it broke the TLS handshake off with an alert about it"
        )
        which = f" (thumbprint `{shown[:60]}`)" if shown else ""
        yield Found(
            cause=f"The server {target} does not accept the client certificate{which} for mutual TLS (mTLS): {why}.",
            help="Present the client certificate that is meant for this server, with its chain (oauthctl: `--client-certificate FILE`); or "
            "have the certificate authority that issued it added to those that the server trusts for clients.",
            evidence=(seen.evidence("response", expected="an answer", got=failure[:200]),),
            certainty=Certainty.LIKELY,
        )


@rule(Section("RFC 6066", "3"))
def server_name_unrecognized(scene: Scene) -> Iterator[Found]:
    """The server does not know the name that the client asks for in TLS."""
    for one in troubles(scene, Kind.SERVER_NAME):
        yield Found(
            cause=f"The server that answers for {one.target} does not recognize that host name in the TLS handshake (SNI, server name "
            "indication): the client sends another name or none, or DNS leads to a server or proxy that has no site of this name.",
            help="Call the server by the name that it is configured for (not by its address, and not through a proxy that connects by "
            "another "
            "name: nginx `proxy_ssl_server_name on` and `proxy_ssl_name`), and check where DNS leads; on the server, add the name to the "
            "site.",
            evidence=one.evidence("a handshake for this name"),
            certainty=one.certainty,
        )
