"""Why no answer came, in the words of the programs that say so: browsers, OpenSSL, Go, Java, Node, Python, .NET, curl.

Here: the words, where they stand in the evidence. Not here: what follows from them (`certificates`, `transport`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from oauthctl.findings import Certainty, Evidence
from oauthctl.http import port_of
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.transaction import describe
from oauthctl.rules.hosts import host_of
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen

_TEXT_LIMIT = 4000


class Kind(StrEnum):
    """What went wrong below HTTP."""

    PROXY_CREDENTIALS = "proxy-credentials"
    PROXY = "proxy"
    NAME = "name"
    REVOKED = "revoked"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    CHAIN = "chain"
    SELF_SIGNED = "self-signed"
    AUTHORITY = "authority"
    CLIENT_CERTIFICATE = "client-certificate"
    SERVER_NAME = "server-name"
    PLAIN_PORT = "plain-port"
    VERSION = "version"
    DNS = "dns"
    REFUSED = "refused"
    ROUTE = "route"
    BLOCKED = "blocked"
    RESET = "reset"
    SLOW = "slow"


# In the order of asking: what is more telling goes first, since the words of one often stand inside of another's.
_WORDS: tuple[tuple[Kind, str], ...] = (
    (
        Kind.PROXY_CREDENTIALS,
        r"proxy authentication required|ERR_PROXY_AUTH|ERR_UNEXPECTED_PROXY_AUTH|tunnel connection failed: 407"
        r"|connect tunnel failed, response 407"
        r"|407 from proxy|NS_ERROR_PROXY_AUTHENTICATION_FAILED|proxy returned .?HTTP/1\.[01] 407",
    ),
    (
        Kind.PROXY,
        r"ERR_PROXY_CONNECTION_FAILED|ERR_TUNNEL_CONNECTION_FAILED|ERR_PROXY_CERTIFICATE_INVALID|NS_ERROR_PROXY_"
        r"|NS_ERROR_UNKNOWN_PROXY_HOST"
        r"|could not resolve proxy|cannot connect to proxy|unable to connect to proxy|tunnel connection failed|connect tunnel failed"
        r"|proxyconnect tcp"
        r"|proxyerror|the proxy .{1,200} does not connect us",
    ),
    (
        Kind.CLIENT_CERTIFICATE,
        r"alert certificate.required|certificate_required|SSL alert number (?:116|42)\b|alert bad.certificate|tls: (?:certificate required"
        r"|bad certificate)|ERR_BAD_SSL_CLIENT_AUTH_CERT|ERR_SSL_CLIENT_AUTH|SSL_ERROR_RX_CERTIFICATE_REQUIRED_ALERT"
        r"|SSL_ERROR_BAD_CERT_ALERT"
        r"|peer did not return a certificate|client (?:sent|provided) no certificate|client did(?: not|n't) (?:provide|send) a certificate"
        r"|no required SSL certificate was sent|400 The SSL certificate error|fatal alert: (?:bad_certificate|certificate_required)",
    ),
    (
        Kind.SERVER_NAME,
        r"unrecognized[ _]name|SSL alert number 112|\bSNI\b[^.]{0,40}(?:missing|required|not|mismatch|unknown)|no SNI\b|misdirected request"
        r"|requires? SNI",
    ),
    (
        Kind.NAME,
        r"ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate's altnames|ERR_CERT_COMMON_NAME_INVALID|SSL_ERROR_BAD_CERT_DOMAIN"
        r"|x509: certificate is valid for|x509: certificate is not valid for any names|doesn't contain any IP SANs"
        r"|relies on legacy Common Name"
        r"|no subject alternative (?:DNS )?names? |no name matching .{1,200} found|doesn't match any of the subject alternative names"
        r"|hostname .{1,200} doesn't match|hostname mismatch|IP address mismatch|no alternative certificate subject name matches"
        r"|certificate subject name .{0,200} does not match|RemoteCertificateNameMismatch|SEC_E_WRONG_PRINCIPAL"
        r"|target principal name is incorrect",
    ),
    (
        Kind.REVOKED,
        r"ERR_CERT_REVOKED|SEC_ERROR_REVOKED_CERTIFICATE|CERT_REVOKED|certificate (?:was |has been |is )?revoked|CRYPT_E_REVOKED",
    ),
    (
        Kind.NOT_YET_VALID,
        r"CERT_NOT_YET_VALID|certificate is not yet valid|CertificateNotYetValid|NOT_YET_VALID_(?:ISSUER_)?CERTIFICATE"
        r"|current time .{1,60} is before",
    ),
    (
        Kind.EXPIRED,
        r"CERT_HAS_EXPIRED|certificate has expired|certificate expired|ERR_CERT_DATE_INVALID|SEC_ERROR_EXPIRED_|CertificateExpired"
        r"|NotTimeValid"
        r"|SEC_E_CERT_EXPIRED|certificate was valid until|certificate is expired"
        r"|alert certificate.expired|tls: expired certificate|fatal alert: certificate_expired",
    ),
    (Kind.CHAIN, r"UNABLE_TO_VERIFY_LEAF_SIGNATURE|unable to verify the first certificate|PartialChain"),
    (
        Kind.SELF_SIGNED,
        r"DEPTH_ZERO_SELF_SIGNED_CERT|self[- ]signed certificate(?! in (?:the )?(?:certificate )?chain)|ERROR_SELF_SIGNED_CERT",
    ),
    (
        Kind.AUTHORITY,
        r"UNABLE_TO_GET_ISSUER_CERT|unable to get (?:local )?issuer certificate|SELF_SIGNED_CERT_IN_CHAIN|self[- ]signed certificate in"
        r"|ERR_CERT_AUTHORITY_INVALID|SEC_ERROR_UNKNOWN_ISSUER|SEC_ERROR_UNTRUSTED_ISSUER|x509: certificate signed by unknown authority"
        r"|certificate is not trusted|PKIX path (?:building|validation) failed|unable to find valid certification path|UntrustedRoot"
        r"|SEC_E_UNTRUSTED_ROOT"
        r"|MITM_DETECTED|signed by an unknown|trust anchor|UnknownIssuer|tlsv1 alert unknown ca|unknown certificate authority"
        r"|remote certificate is invalid|certificate verify failed|CERTIFICATE_VERIFY_FAILED",
    ),
    (
        Kind.PLAIN_PORT,
        r"wrong[ _]version[ _]number|ERR_SSL_PROTOCOL_ERROR|SSL_ERROR_RX_RECORD_TOO_LONG|first record does not look like a TLS handshake"
        r"|server gave HTTP response to HTTPS client|unrecognized SSL message|packet length too long|record layer failure|HTTP_REQUEST\b"
        r"|ERR_SSL_PACKET_LENGTH_TOO_LONG",
    ),
    (
        Kind.VERSION,
        r"ERR_SSL_VERSION_OR_CIPHER_MISMATCH|unsupported[ _]protocol|alert protocol version|tls: protocol version not supported"
        r"|SSL_ERROR_UNSUPPORTED_VERSION"
        r"|ERR_SSL_OBSOLETE_VERSION|no protocols available|handshake[ _]failure|NO_CYPHER_OVERLAP|UNSAFE_LEGACY_RENEGOTIATION"
        r"|no appropriate protocol"
        r"|do not possess a common algorithm|TLSV1_ALERT_PROTOCOL_VERSION|SSLV3_ALERT_HANDSHAKE_FAILURE|no shared cipher|dh key too small",
    ),
    (
        Kind.DNS,
        r"ENOTFOUND|EAI_AGAIN|EAI_NONAME|name or service not known|nodename nor servname|temporary failure in name resolution|no such host"
        r"|ERR_NAME_NOT_RESOLVED|ERR_NAME_RESOLUTION_FAILED|UnknownHostException|could not resolve host|NS_ERROR_UNKNOWN_HOST"
        r"|failed to resolve"
        r"|NameResolutionError|name does not resolve|DNS_PROBE|NXDOMAIN|hostname could not be found|getaddrinfo failed|ERR_DNS_"
        r"|could not be resolved|no address associated with hostname|dns error|the host name of .{1,200} is unknown",
    ),
    (
        Kind.REFUSED,
        r"ECONNREFUSED|ERR_CONNECTION_REFUSED|connection refused|NS_ERROR_CONNECTION_REFUSED|actively refused|WinError 10061"
        r"|could not connect to the server|failed to connect to .{1,200} port|refuses the connection",
    ),
    (
        Kind.ROUTE,
        r"EHOSTUNREACH|ENETUNREACH|no route to host|network is unreachable|ERR_ADDRESS_UNREACHABLE|ERR_INTERNET_DISCONNECTED"
        r"|NS_ERROR_OFFLINE"
        r"|ERR_NETWORK_CHANGED|connection appears to be offline|unreachable network|there is no route to|WinError 10065|WinError 10051",
    ),
    (
        Kind.BLOCKED,
        r"ERR_BLOCKED_BY_CLIENT|ERR_BLOCKED_BY_ADMINISTRATOR|blocked by (?:an? )?(?:ad ?blocker|extension|client)|blocked:other",
    ),
)
# These words are used for much else, too: they count where nothing but a connection can be meant.
_SLOW_WORDS = (
    r"ETIMEDOUT|ESOCKETTIMEDOUT|ERR_(?:CONNECTION_)?TIMED_OUT|NS_ERROR_NET_TIMEOUT|connect(?:ion)? timed? ?out|read timed out|i/o timeout"
    r"|context deadline exceeded|UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT|SocketTimeoutException|Client\.Timeout"
    r"|awaiting (?:response )?headers|WinError 10060"
    r"|(?:outgoing|http|network) request timed out|request timed out after \d|timeout of \d{1,9} ?ms exceeded"
    r"|operation timed out|ConnectTimeout|ReadTimeout|TLS handshake timeout|ERR_SSL_HANDSHAKE_NOT_COMPLETED|gave no complete answer within"
)
_RESET_WORDS = (
    r"ECONNRESET|socket hang up|connection reset|ERR_CONNECTION_(?:RESET|CLOSED|ABORTED)|ERR_EMPTY_RESPONSE|NS_ERROR_NET_(?:RESET"
    r"|INTERRUPT)"
    r"|RemoteDisconnected|remote end closed|EOF occurred|unexpected eof|\": EOF\b|SSLEOFError|SSL_ERROR_SYSCALL|empty reply from server"
    r"|other side closed"
    r"|UND_ERR_SOCKET|forcibly closed|WinError 10054|EPIPE|broken pipe|ERR_HTTP2_PROTOCOL_ERROR|connection was lost|prematurely closed"
    r"|server disconnected without sending a response|INTERNET_CONNECTION_RESET"
    r"|broke the connection off|closed the connection without an answer|ends before its end"
)
_ALWAYS = (*_WORDS, (Kind.SLOW, _SLOW_WORDS), (Kind.RESET, _RESET_WORDS))
_ONLY_WITHOUT_ANSWER = (
    *_ALWAYS,
    (Kind.SLOW, r"time(?:d )?-?out"),
    (Kind.RESET, r"connection (?:was )?closed|closed (?:the )?connection|hang ?up"),
)
# Not a page of documentation, whose place an error names after `#`.
_URL = re.compile(r"https?://[^\s\"'<>`#]{1,500}(?![^\s\"'<>`#]|#\w)")
# Node writes an IPv6 address without brackets before its port.
_LOOPBACK = re.compile(r"(?:ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ECONNRESET|connect to) (::1)(?::(\d{1,5}))?\b")
_PORT = re.compile(r"(?:ECONNREFUSED|dial tcp|connect to|connection to)\s[^\s:,]{1,200}(?::|, port |\s+port\s+)(\d{1,5})\b")
_HOST = re.compile(
    r"(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|lookup|resolve host:?|UnknownHostException:?|dial tcp|host='|connect to)"
    r"\s*\[?([A-Za-z0-9._-]{1,200}|[0-9a-fA-F:]{2,45}(?=\]))"
)


@dataclass(frozen=True)
class Trouble:
    """One sign of it: `words` are those that matched, `seen` is the exchange that had no answer; None when a log alone says so."""

    kind: Kind
    words: str
    url: str
    seen: Seen[Message] | None = None

    @property
    def host(self) -> str:
        """The host that was asked; empty when nobody says."""
        if host_of(self.url):
            return host_of(self.url)
        found = _LOOPBACK.search(self.words) or _HOST.search(self.words)
        return found[1].lower() if found else ""

    @property
    def port(self) -> str:
        """The port for a sentence: ` on port 8443`; empty when nobody says."""
        found = _PORT.search(self.words)
        number = str(port_of(self.url) or "") or (found[1] if found else "")
        return f" on port {number}" if number else ""

    @property
    def target(self) -> str:
        """The host for a sentence."""
        return f"`{self.host}`" if self.host else "the server"

    @property
    def asked(self) -> str:
        """What was asked for, for a sentence: `token request`."""
        return describe(self.seen.exchange) if self.seen is not None and self.seen.purpose else "request"

    @property
    def certainty(self) -> Certainty:
        """A recorded failure is seen, a line of a log is somebody's word."""
        return Certainty.CERTAIN if self.seen is not None and not self.seen.reply.has_answer else Certainty.LIKELY

    def evidence(self, expected: str = "an answer") -> tuple[Evidence, ...]:
        """Where it stands."""
        if self.seen is None:
            return (Evidence(None, "given.local_error", expected, self.words[:200]),)
        return (self.seen.evidence("response", expected, self.words[:200]),)


def troubles(scene: Scene, *kinds: Kind) -> Iterator[Trouble]:
    """The signs of these kinds, in the order of the recording; what the client printed goes last."""
    for seen in scene.failures:
        # A connection that fails on the way back to the application is a matter of its listener.
        if seen.purpose == purposes.CALLBACK:
            continue
        text = seen.reply.failure or (seen.reply.words if seen.reply.status >= 400 else "")
        found = kind_of(text[:_TEXT_LIMIT], is_failure=bool(seen.reply.failure))
        if found is not None and found in kinds:
            # An answer's words are about a connection of the server's own, to wherever they say.
            named = _URL.search(text) if seen.reply.has_answer else None
            yield Trouble(found, _around(text), (named[0] if named else "") if seen.reply.has_answer else seen.url, seen)
    said = scene.given.local_error[:_TEXT_LIMIT]
    # A proxy's own way to what stands behind it: `gateway_error` and the proxy's dialect tell of that.
    found = kind_of(said) if said and "connecting to upstream" not in said else None
    if found is not None and found in kinds:
        url = _URL.search(said)
        trouble = Trouble(found, said, url[0] if url else "")
        if not _was_answered(scene, trouble):
            yield trouble


@lru_cache(maxsize=512)
def kind_of(text: str, *, is_failure: bool = False) -> Kind | None:
    """What kind of trouble the words tell; None when they tell none. `is_failure`: they can only be about a connection."""
    return next((kind for kind, pattern in _compiled(is_failure) if pattern.search(text)), None)


@lru_cache(maxsize=2)
def _compiled(is_failure: bool) -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in (_ONLY_WITHOUT_ANSWER if is_failure else _ALWAYS))


def _around(text: str) -> str:
    return text[:_TEXT_LIMIT]


def _was_answered(scene: Scene, trouble: Trouble) -> bool:
    """Whether the recording shows that the host that a log complains of answers; of no host, that the tokens came."""
    good = [seen for seen in scene.seen if seen.is_direct and seen.reply.has_answer and not seen.reply.failed]
    if trouble.host:
        return any(host_of(seen.url) == trouble.host and seen.purpose for seen in good)
    return any(seen.purpose == purposes.TOKEN for seen in good)
