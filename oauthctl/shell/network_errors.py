"""Network trouble in full sentences: which of our errors an exception of the network is.

Here: telling the causes apart. Not here: sending. Messages name the origin alone: a URL's path and query may hold secrets.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Literal, TypeAlias

from oauthctl.errors import BadAnswer, ConfigError, NoAnswer, OauthctlError, Unreachable
from oauthctl.http import is_loopback, origin

Kind: TypeAlias = Literal["timeout", "proxy", "request", "answer", "connection"]

_NOT_YET, _SELF_SIGNED = 9, 18
_UNTRUSTED = frozenset({18, 19, 20, 21, 24, 26, 27})
_UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})


def network_error(cause: Exception, url: str, *, kind: Kind, timeout_seconds: float, proxy: str = "") -> OauthctlError:
    """The error that tells the person what an exception of the network means. `kind` is where it was met."""
    whom = f"`{origin(url)}`"
    notes = (f"through the proxy `{origin(proxy)}`",) if proxy else ()
    chain = tuple(_causes(cause))
    if kind == "timeout":
        return NoAnswer(
            f"{whom} gave no complete answer within {timeout_seconds:g} s",
            slug="server-too-slow",
            notes=notes,
            help="raise it with `--timeout SECONDS`, or see whether the server is well",
        )
    if kind == "proxy":
        return Unreachable(
            f"the proxy `{origin(proxy)}` does not connect us to {whom}: {_printable(cause)}",
            slug="proxy-refused",
            help="set `NO_PROXY` for hosts that need no proxy",
        )
    tls = next((link for link in chain if isinstance(link, ssl.SSLError)), None)
    if tls is not None:
        return _tls_error(tls, whom, notes)
    if kind == "request":
        # h11's own text quotes the header, which may hold a secret.
        return ConfigError(f"the request to {whom} has a method, path or header that HTTP can't carry", slug="not-sendable", notes=notes)
    if kind == "answer":
        return _answer_error(cause, whom, notes)
    return _socket_error(chain, url, notes)


def _tls_error(cause: ssl.SSLError, whom: str, notes: tuple[str, ...]) -> OauthctlError:
    """Source: the verify codes are OpenSSL's, x509_vfy.h."""
    if not isinstance(cause, ssl.SSLCertVerificationError):
        plain = getattr(cause, "reason", "") in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
        return Unreachable(
            f"no TLS connection to {whom} comes about: {getattr(cause, 'reason', '') or 'the connection ended'}",
            slug="tls-failed",
            notes=notes,
            help="the port seems to speak plain HTTP: is it `http://`?" if plain else "",
        )
    why = cause.verify_message
    if cause.verify_code in _UNTRUSTED:
        return Unreachable(
            f"the certificate of {whom} is signed by nobody we trust: {why}",
            slug="certificate-self-signed" if cause.verify_code == _SELF_SIGNED else "certificate-authority-unknown",
            notes=notes,
            help="give the signing CA's certificate: `SSL_CERT_FILE=ca.pem oauthctl …`",
        )
    if cause.verify_code in (_NOT_YET, 10):
        return Unreachable(
            f"the certificate of {whom} is out of date: {why}",
            slug="certificate-not-yet-valid" if cause.verify_code == _NOT_YET else "certificate-expired",
            notes=notes,
            help="compare this machine's clock; if it is right, the server needs a new certificate",
        )
    if cause.verify_code in (62, 63, 64):
        return Unreachable(f"the certificate of {whom} is for another host: {why}", slug="certificate-name-differs", notes=notes)
    return Unreachable(f"the certificate of {whom} is not good: {why}", slug="tls-failed", notes=notes)


def _answer_error(cause: Exception, whom: str, notes: tuple[str, ...]) -> OauthctlError:
    said = _printable(cause)
    if "without sending a response" in said:
        return Unreachable(f"{whom} closed the connection without an answer", slug="connection-reset", notes=notes)
    if "without sending complete message body" in said:
        return BadAnswer(f"the answer of {whom} ends before its end: {said}", slug="answer-cut-off", notes=notes)
    if "too long" in said or "max_incomplete_event_size" in said:
        return BadAnswer(f"the answer of {whom} has more headers than we read (100 KiB)", slug="answer-too-large", notes=notes)
    return BadAnswer(f"the answer of {whom} is no HTTP: {said}", slug="answer-malformed", notes=notes)


def _socket_error(chain: tuple[BaseException, ...], url: str, notes: tuple[str, ...]) -> OauthctlError:
    whom = f"`{origin(url)}`"
    for link in chain:
        match link:
            case socket.gaierror() | UnicodeError():
                return Unreachable(
                    f"the host name of {whom} is unknown", slug="host-not-found", notes=notes, help="see whether it is spelled right"
                )
            case ConnectionRefusedError():
                help_ = "is the server running, and on this port?" if is_loopback(url) else ""
                return Unreachable(f"{whom} refuses the connection", slug="connection-refused", notes=notes, help=help_)
            case ConnectionResetError() | ConnectionAbortedError() | BrokenPipeError():
                return Unreachable(f"{whom} broke the connection off", slug="connection-reset", notes=notes)
            case OSError() if link.errno in _UNREACHABLE:
                return Unreachable(f"there is no route to {whom}", slug="network-unreachable", notes=notes)
            case _:
                continue
    why = next((link.strerror for link in chain if isinstance(link, OSError) and link.strerror), "no reason given")
    return Unreachable(f"no connection to {whom} comes about: {why}", slug="connection-failed", notes=notes)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and what led to it. httpcore drops `__cause__` on the way, yet keeps the context and the first argument."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        inner = link.args[0] if link.args and isinstance(link.args[0], BaseException) else None
        link = inner or link.__cause__ or link.__context__


def _printable(cause: Exception) -> str:
    """The cause without control characters, and without the bytes that it quotes: they may hold a secret."""
    said = str(cause).partition(" bytearray(")[0].partition(" b'")[0].rstrip(" :")
    return "".join(character if character.isprintable() else "�" for character in said)[:200]
