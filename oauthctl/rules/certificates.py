"""TLS: certificates that a client does not accept, and handshakes that fail.

Here: what was said about the server's certificate and the protocol. Not here: client certificates (`client_auth`, `mtls`), connections that
fail before TLS (`transport`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.rules.hosts import is_internal_host
from oauthctl.rules.registry import Candidate, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.trouble import Kind, troubles
from oauthctl.specs import Section

# An alert comes from the other side, about what this one presented.
_ALERT = re.compile(
    r"alert certificate.expired|SSL alert number 45|tls: expired certificate|fatal alert: certificate_expired|alert expired certificate",
    re.IGNORECASE,
)
_TRUST = (
    "Add the CA's root certificate to the trust store of the program that calls (`SSL_CERT_FILE` or `REQUESTS_CA_BUNDLE`, "
    "`NODE_EXTRA_CA_CERTS`, Java's truststore, the system's store); do not turn verification off."
)


@rule(Section("RFC 5280", "6"))
def certificate_authority_unknown(scene: Scene) -> Iterator[Found]:
    """The client does not know the certificate authority that signed the server's certificate."""
    for one in troubles(scene, Kind.AUTHORITY):
        if is_internal_host(one.host):
            yield Found(
                cause=f"The certificate of {one.target} is signed by a private certificate authority (CA) whose root the calling program "
                "does not trust, so the TLS connection was given up before any HTTP.",
                help=_TRUST,
                evidence=one.evidence("a chain that ends at a trusted root"),
                certainty=Certainty.LIKELY,
            )
            continue
        yield Found(
            cause=f"The certificate chain shown for {one.target} ends at a certificate authority (CA) that the calling program does not "
            "trust: most likely a corporate proxy that inspects TLS puts its own company root in between, which browsers on the machine "
            "know and this runtime does not.",
            help=_TRUST,
            evidence=one.evidence("a chain that ends at a trusted root"),
            certainty=Certainty.LIKELY,
            candidates=(
                Candidate("A proxy that intercepts TLS shows a certificate of the company's own CA.", _TRUST),
                Candidate("The server's certificate is signed by a private CA.", _TRUST),
                Candidate(
                    "The server leaves out an intermediate certificate.",
                    "On the server, configure the full chain (`fullchain.pem`, not `cert.pem`).",
                ),
                Candidate(
                    "The runtime's own list of roots is missing or old.", "Install or update the CA bundle (`ca-certificates`, `certifi`)."
                ),
            ),
            probe=f"`openssl s_client -connect {one.host or 'HOST'}:443 -showcerts` shows who signed the certificate.",
        )


@rule(Section("RFC 5280", "6"))
def certificate_self_signed(scene: Scene) -> Iterator[Found]:
    """The server's certificate is self-signed, and the client does not trust it."""
    for one in troubles(scene, Kind.SELF_SIGNED):
        yield Found(
            cause=f"The certificate of {one.target} is self-signed: nobody vouches for it, and the calling program was not told to trust "
            "it.",
            help="For development, trust this certificate by name in the client (a CA file option, or one made with mkcert), or use "
            "plain http on loopback; elsewhere, install one that a public CA signed. Do not turn verification off.",
            evidence=one.evidence("a certificate that a trusted CA signed"),
            certainty=one.certainty,
        )


@rule(Section("RFC 8446", "4.4.2"))
def certificate_chain_incomplete(scene: Scene) -> Iterator[Found]:
    """The server sends its certificate without the intermediate ones."""
    for one in troubles(scene, Kind.CHAIN):
        yield Found(
            cause=f"The TLS server at {one.target} sends its own certificate without the intermediate certificate that leads to the root: "
            "browsers fetch the missing intermediate by themselves, other clients can't verify the chain.",
            help="On the server or the proxy that ends TLS, configure the full chain (leaf and intermediates, `fullchain.pem`).",
            evidence=one.evidence("leaf and intermediate certificates"),
            certainty=Certainty.LIKELY,
            candidates=(
                Candidate("The server leaves out an intermediate certificate.", "Configure the full chain on the server."),
                Candidate("The certificate is signed by a private CA that the client does not know.", _TRUST),
            ),
            probe=f"`openssl s_client -connect {one.host or 'HOST'}:443 -showcerts` shows which certificates are sent.",
        )


@rule(Section("RFC 5280", "4.1.2.5"))
def certificate_expired(scene: Scene) -> Iterator[Found]:
    """The server's certificate has expired."""
    for one in troubles(scene, Kind.EXPIRED):
        yield Found(
            cause=f"The TLS certificate of {one.target} has expired (or the clock of the calling machine runs far ahead), so no "
            "connection was made.",
            help="Renew the certificate on the server or the proxy that ends TLS, and restart what has it loaded; if it is valid still, "
            "set the calling machine's clock.",
            evidence=one.evidence("a certificate that is valid now"),
            certainty=one.certainty,
        )


@rule(Section("RFC 8446", "6.2"), explains=("certificate-expired",))
def client_certificate_expired(scene: Scene) -> Iterator[Found]:
    """The server refuses the client's own certificate as expired."""
    for one in troubles(scene, Kind.EXPIRED):
        if _ALERT.search(one.words):
            yield Found(
                cause=f"The client's own certificate has expired: {one.target} sent the TLS alert `certificate expired` about the "
                "certificate that the client presented (mTLS), so it is not the server's that is at fault.",
                help="Renew the client certificate, give it to the program that calls (with its key), and register the new one at the "
                "provider; look at its `notAfter` with `openssl x509 -noout -enddate`.",
                evidence=one.evidence("a client certificate that is valid now"),
                certainty=one.certainty,
            )


@rule(Section("RFC 5280", "4.1.2.5"))
def certificate_not_yet_valid(scene: Scene) -> Iterator[Found]:
    """The server's certificate is not valid yet by the client's clock."""
    for one in troubles(scene, Kind.NOT_YET_VALID):
        yield Found(
            cause=f"The TLS certificate of {one.target} is not yet valid by the clock of the calling machine: that clock is most likely "
            "slow.",
            help="Set the calling machine's clock (NTP; after a suspended virtual machine or on a board without a battery); if it is "
            "right, look at the certificate's `notBefore`.",
            evidence=one.evidence("a certificate that is valid now"),
            certainty=Certainty.LIKELY,
        )


@rule(Section("RFC 9110", "4.3.4"))
def certificate_name_differs(scene: Scene) -> Iterator[Found]:
    """The server's certificate is for another host name."""
    for one in troubles(scene, Kind.NAME):
        yield Found(
            cause=f"The certificate that was shown does not cover the host name {one.target}: it is issued for other names "
            "(subject alternative names).",
            help="Use the host name that the certificate covers in the configured URL, or have a certificate issued whose subject "
            "alternative names include this host (an address needs an IP entry).",
            evidence=one.evidence(f"a certificate for {one.host or 'the host that was asked'}"),
            certainty=one.certainty,
        )


@rule(Section("RFC 5280", "5"))
def certificate_revoked(scene: Scene) -> Iterator[Found]:
    """The server's certificate was revoked."""
    for one in troubles(scene, Kind.REVOKED):
        yield Found(
            cause=f"The certificate authority has revoked the TLS certificate of {one.target}.",
            help="Install a newly issued certificate on the server or the proxy that ends TLS.",
            evidence=one.evidence("a certificate that was not revoked"),
            certainty=one.certainty,
        )


@rule(Section("RFC 8446", "4.1"))
def tls_version_refused(scene: Scene) -> Iterator[Found]:
    """Client and server have no TLS version or cipher in common."""
    for one in troubles(scene, Kind.VERSION):
        yield Found(
            cause=f"The TLS handshake with {one.target} failed: client and server have no protocol version or cipher suite in common, as "
            "with a runtime that knows TLS 1.0 only and a server that asks for TLS 1.2.",
            help="Update the side that is behind: the client's runtime or its TLS settings, or the server's; at least TLS 1.2 must be on.",
            evidence=one.evidence("a handshake with TLS 1.2 or 1.3"),
            certainty=Certainty.LIKELY,
        )


@rule(Section("RFC 9110", "4.2.2"))
def tls_to_plain_port(scene: Scene) -> Iterator[Found]:
    """The client speaks TLS to a port that answers without it."""
    for one in troubles(scene, Kind.PLAIN_PORT):
        yield Found(
            cause=f"The URL of {one.target} says https, but what listens on that port speaks plain http: what came back was no TLS "
            "handshake.",
            help="Correct the scheme or the port in the configured URL, or turn TLS on for that port; a proxy setting such as "
            "`HTTPS_PROXY=https://…` for a plain proxy does the same.",
            evidence=one.evidence("a TLS handshake"),
            certainty=Certainty.LIKELY,
        )
