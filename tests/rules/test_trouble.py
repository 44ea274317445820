"""What programs say when a connection fails, each in its own words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.record.pasted import read_pasted
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of
from oauthctl.rules.hosts import is_internal_host
from oauthctl.rules.trouble import Kind, Trouble, kind_of

AT = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
SAID = {
    Kind.AUTHORITY: (
        "net::ERR_CERT_AUTHORITY_INVALID",
        "SEC_ERROR_UNKNOWN_ISSUER",
        "tls: failed to verify certificate: x509: certificate signed by unknown authority",
        "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        "self-signed certificate in certificate chain",
        "SELF_SIGNED_CERT_IN_CHAIN: self signed certificate in certificate chain",
        "javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid certification path to requested target",
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1000)",
        "curl: (60) SSL certificate problem: unable to get local issuer certificate",
        "The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot",
        "invalid peer certificate: UnknownIssuer",
    ),
    Kind.SELF_SIGNED: (
        "DEPTH_ZERO_SELF_SIGNED_CERT",
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1000)",
        "curl: (60) SSL certificate problem: self-signed certificate",
        "MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT",
    ),
    Kind.CHAIN: ("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to verify the first certificate", "certificate chain: PartialChain"),
    Kind.EXPIRED: (
        "CERT_HAS_EXPIRED: certificate has expired",
        "net::ERR_CERT_DATE_INVALID",
        "x509: certificate has expired or is not yet valid: current time 2026-11-02T09:14:00Z is after 2026-10-01T00:00:00Z",
        "java.security.cert.CertificateExpiredException: NotAfter: Sun Nov 01",
        "SEC_ERROR_EXPIRED_CERTIFICATE",
        "The remote certificate is invalid because of errors in the certificate chain: NotTimeValid",
    ),
    Kind.NOT_YET_VALID: (
        "CERT_NOT_YET_VALID",
        "x509: certificate has expired or is not yet valid: current time 1970-01-01T00:00:09Z is before 2026-10-01T00:00:00Z",
        "certificate verify failed: certificate is not yet valid",
    ),
    Kind.NAME: (
        "ERR_TLS_CERT_ALTNAME_INVALID",
        "Hostname/IP does not match certificate's altnames: Host: a. is not in the cert's altnames: DNS:b",
        "net::ERR_CERT_COMMON_NAME_INVALID",
        "x509: certificate is valid for *.example.net, not idp.example.com",
        "x509: cannot validate certificate for 10.0.0.5 because it doesn't contain any IP SANs",
        "java.security.cert.CertificateException: No subject alternative DNS name matching idp.example.com found.",
        "Certificate for <idp.example.com> doesn't match any of the subject alternative names: [a]",
        "certificate verify failed: Hostname mismatch, certificate is not valid for 'idp.example.com'.",
        "curl: (60) SSL: no alternative certificate subject name matches target host name 'idp.example.com'",
        "The remote certificate is invalid according to the validation procedure: RemoteCertificateNameMismatch",
    ),
    Kind.PLAIN_PORT: (
        "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1000)",
        "net::ERR_SSL_PROTOCOL_ERROR",
        "tls: first record does not look like a TLS handshake",
        "http: server gave HTTP response to HTTPS client",
        "javax.net.ssl.SSLException: Unsupported or unrecognized SSL message",
        "SSL_ERROR_RX_RECORD_TOO_LONG",
    ),
    Kind.VERSION: (
        "net::ERR_SSL_VERSION_OR_CIPHER_MISMATCH",
        "remote error: tls: protocol version not supported",
        "[SSL: UNSUPPORTED_PROTOCOL] unsupported protocol",
        "Received fatal alert: handshake_failure",
        "SSL_ERROR_NO_CYPHER_OVERLAP",
    ),
    Kind.DNS: (
        "getaddrinfo ENOTFOUND idp.example.com",
        "getaddrinfo EAI_AGAIN keycloak",
        "dial tcp: lookup idp.example.com on 127.0.0.11:53: no such host",
        "[Errno -2] Name or service not known",
        "[Errno 8] nodename nor servname provided, or not known",
        "net::ERR_NAME_NOT_RESOLVED",
        "java.net.UnknownHostException: keycloak",
        "curl: (6) Could not resolve host: idp.example.com",
        "No such host is known. (idp.example.com:443)",
        "A server with the specified hostname could not be found.",
        "[Errno 11001] getaddrinfo failed",
    ),
    Kind.REFUSED: (
        "connect ECONNREFUSED 127.0.0.1:9000",
        "net::ERR_CONNECTION_REFUSED",
        "dial tcp 127.0.0.1:8080: connect: connection refused",
        "java.net.ConnectException: Connection refused",
        "curl: (7) Failed to connect to localhost port 8080 after 0 ms: Couldn't connect to server",
        "No connection could be made because the target machine actively refused it.",
    ),
    Kind.RESET: (
        "read ECONNRESET",
        "socket hang up",
        "net::ERR_EMPTY_RESPONSE",
        "RemoteDisconnected('Remote end closed connection without response')",
    ),
    Kind.SLOW: (
        "connect ETIMEDOUT 203.0.113.7:443",
        "net::ERR_CONNECTION_TIMED_OUT",
        "context deadline exceeded",
        "java.net.SocketTimeoutException: Read timed out",
    ),
    Kind.ROUTE: ("connect EHOSTUNREACH 10.0.0.1:443", "[Errno 101] Network is unreachable", "net::ERR_INTERNET_DISCONNECTED"),
    Kind.PROXY: (
        "net::ERR_TUNNEL_CONNECTION_FAILED",
        "proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused",
        "Tunnel connection failed: 403 Forbidden",
    ),
    Kind.PROXY_CREDENTIALS: (
        "Tunnel connection failed: 407 Proxy Authentication Required",
        "curl: (56) CONNECT tunnel failed, response 407",
    ),
    Kind.BLOCKED: ("net::ERR_BLOCKED_BY_CLIENT",),
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in SAID.items() for text in texts])
def test_each_program_s_words_are_understood(kind: Kind, text: str) -> None:
    assert kind_of(text) is kind
    assert kind_of(text, is_failure=True) is kind


@pytest.mark.parametrize(
    "text",
    ["jwt expired", "timed out waiting for the sign-in", "state does not match", "authentication session timeout", "invalid_grant", ""],
)
def test_other_words_are_no_trouble_of_the_connection(text: str) -> None:
    assert kind_of(text) is None


@pytest.mark.parametrize(
    ("words", "host"),
    [
        ("getaddrinfo ENOTFOUND idp.example.com", "idp.example.com"),
        ("connect ECONNREFUSED 127.0.0.1:9000", "127.0.0.1"),
        ("dial tcp: lookup keycloak on 127.0.0.11:53: no such host", "keycloak"),
        ("connect ECONNREFUSED ::1:9000", "::1"),
        ("connection refused", ""),
    ],
)
def test_the_host_is_taken_from_the_words(words: str, host: str) -> None:
    assert Trouble(Kind.REFUSED, words, "").host.removeprefix("tcp").removesuffix(":") == host


@pytest.mark.parametrize(
    "host", ["keycloak", "localhost", "10.0.0.5", "idp.default.svc.cluster.local", "host.docker.internal", "[fd00::1]", "192.168.1.2"]
)
def test_names_of_private_networks_are_internal(host: str) -> None:
    assert is_internal_host(host)


@pytest.mark.parametrize("host", ["idp.example.com", "8.8.8.8", "", "local.example.com", "2606:4700::1111"])
def test_public_names_are_not_internal(host: str) -> None:
    assert not is_internal_host(host)


@pytest.mark.parametrize(
    ("said", "rule", "words"),
    [
        ("error: connect ECONNREFUSED 10.2.3.4:8443", "connection-refused", "port 8443"),
        ('Get "https://idp:8443/x": dial tcp 10.0.0.7:8443: connect: connection refused', "connection-refused", "port 8443"),
        ("Error: connect ECONNREFUSED ::1:9000", "connection-refused", "loopback"),
        ("Error: getaddrinfo ENOTFOUND keycloak", "internal-host-unreachable", "internal host name"),
        ("connect EHOSTUNREACH 10.0.0.1:443", "internal-host-unreachable", "internal host name"),
        ("Error: getaddrinfo ENOTFOUND idp.example.com", "host-not-found", "DNS"),
    ],
)
def test_a_host_that_refuses_was_reached(said: str, rule: str, words: str) -> None:
    first = diagnose(scene_of(read_pasted(said, now=AT), now=AT, salt=b"s")).findings[0]
    assert first.rule == rule
    assert words in first.cause
