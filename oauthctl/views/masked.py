"""How a secret is shown: its ends, so that a person can tell two of them apart.

Here: masking a value, and the secrets of a URL, a header, a body or a server's words. Not here: redaction, which takes
secrets out of a file (`record.redact`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable

from oauthctl.record.exchange import Exchange
from oauthctl.record.secret_places import rewrite_body, rewrite_header, rewrite_url

_FINGERPRINT = re.compile(r"redacted-[a-z_]+-[0-9a-f]+")
_REDACTED_JWT = re.compile(r".*\.redacted-sig-[0-9a-f]+", re.DOTALL)
_MASKED = re.compile(r"(?:.{3})?…(?:.{2})?", re.DOTALL)
_SHORTEST = 8


def masked(value: str) -> str:
    """`Zk3…9Q`; nothing of a value that is too short to spare five characters.

    A fingerprint is no secret and stays, and so does what is masked already.
    """
    if _FINGERPRINT.fullmatch(value) or _MASKED.fullmatch(value):
        return value
    if _REDACTED_JWT.fullmatch(value):
        return f"{value[:3]}….{value.rpartition('.')[2]}"
    return f"{value[:3]}…{value[-2:]}" if len(value) >= 16 else "…"


def masked_url(url: str) -> str:
    """The URL with its secrets masked."""
    return rewrite_url(url, _mask).replace("%E2%80%A6", "…")


def masked_header(name: str, value: str) -> str:
    """A header's value with its secrets masked; Basic credentials are shown decoded, as `Basic base64(app:7Fj…Xk)`."""
    scheme, space, rest = value.partition(" ")
    if name.lower() in ("authorization", "proxy-authorization") and scheme.lower() == "basic" and space:
        try:
            user, colon, password = base64.b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")
        except (binascii.Error, ValueError):
            return f"{scheme} {masked(rest)}"
        return f"{scheme} base64({user}:{masked(password)})" if colon else f"{scheme} {masked(rest)}"
    return rewrite_header(name, value, _mask).replace("%E2%80%A6", "…")


def masked_body(text: str, content_type: str) -> str:
    """A body with the secrets of its parameters masked."""
    return rewrite_body(text, content_type, _mask).replace("%E2%80%A6", "…").replace("\\u2026", "…")


def without_echoes(text: str, exchange: Exchange) -> str:
    """A server's words, in which the secrets that the request brought are masked: some servers repeat what they refuse."""
    return without_these(text, sent_secrets((exchange,)))


def sent_secrets(exchanges: Iterable[Exchange]) -> tuple[str, ...]:
    """The secrets that these requests brought, the longest first."""
    found: dict[str, None] = {}

    def noted(_kind: str, secret: str) -> str:
        found[secret] = None
        return secret

    for exchange in exchanges:
        request = exchange.request
        rewrite_url(request.url, noted)
        for name, value in request.headers:
            rewrite_header(name, value, noted)
        rewrite_body(request.body.decode("utf-8", "replace"), request.headers.get("content-type") or "", noted)
    return tuple(sorted((secret for secret in found if len(secret) >= _SHORTEST), key=len, reverse=True))


def without_these(text: str, secrets: Iterable[str]) -> str:
    """The text with these secrets masked."""
    for secret in secrets:
        text = text.replace(secret, masked(secret))
    return text


def _mask(_kind: str, secret: str) -> str:
    return masked(secret)
