"""How a client proved who it is, seen before its secret is hidden.

Here: the form of `Authorization: Basic` and of a secret in the body. Not here: assertions, which are tokens (`facts.token`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from urllib.parse import quote_plus, unquote_plus

from oauthctl.http import Request
from oauthctl.record.exchange import Recording
from oauthctl.record.facts.challenge import ESCAPE, is_placeholder, same
from oauthctl.record.facts.masked import is_masked
from oauthctl.record.purposes import posted_fields

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

# How stored passwords begin: Django and Werkzeug, modular crypt format, LDAP and Spring.
_HASHED = (
    re.compile(r"(pbkdf2_sha\d+|pbkdf2:sha\d+|bcrypt(?:_sha256)?|argon2|scrypt|sha\d+|md5)(?::\d+)*\$\S{20,}"),
    re.compile(r"\$(2[abxy]?|argon2(?:id|i|d)|pbkdf2(?:-sha\d+)?|scrypt|[156y]|sha1|bcrypt-sha256)\$\S{20,}"),
    re.compile(
        r"\{(bcrypt|pbkdf2|scrypt|argon2|s?sha(?:-?\d+)?|s?md5|crypt|pbkdf2@[A-Za-z0-9_.]+|argon2@[A-Za-z0-9_.]+)\}\S{16,}", re.IGNORECASE
    ),
)
_CRYPT = {"1": "md5-crypt", "5": "sha256-crypt", "6": "sha512-crypt", "y": "yescrypt"}


def client_facts(recording: Recording, given: Mapping[str, object]) -> dict[int, dict[str, object]]:
    """By the exchange's id: `basic` (`client_id`, `has_secret`, `needs_encoding`, `is_encoded`, `is_changed_by_decoding`, `is_readable`),
    `secret_matches` and `secret_matches_decoded` with the secret that is given, `secret_characters`, `secret_is_uuid`,
    `secret_is_placeholder`, `secret_has_blanks` (around it, or quotes), `secret_hash` (by which scheme it is hashed, if it is a hash).
    """
    found: dict[int, dict[str, object]] = {}
    for exchange in recording.exchanges:
        told: dict[str, object] = {}
        scheme, _, credentials = (exchange.request.headers.get("authorization") or "").strip().partition(" ")
        is_basic = scheme.lower() == "basic" and not is_masked(credentials)
        basic = _basic(credentials.strip()) if is_basic else None
        if is_basic:
            told["basic"] = _basic_facts(basic)
        secret = basic[1] if basic else _posted_secret(exchange.request)
        if secret and not is_masked(secret):
            told["secret_characters"] = len(secret)
            told["secret_is_uuid"] = _UUID.fullmatch(secret.strip()) is not None
            told["secret_is_placeholder"] = is_placeholder(secret)
            if scheme := _hash_scheme(secret):
                told["secret_hash"] = scheme
            told["secret_has_blanks"] = secret != secret.strip() or secret[:1] + secret[-1:] in ('""', "''")
            known = given.get("client_secret")
            if isinstance(known, str) and known:
                told["secret_matches"] = same(secret, known)
                told["secret_matches_decoded"] = same(unquote_plus(secret), known)
        if told:
            found[exchange.id] = told
    return found


def _basic(written: str) -> tuple[str, str] | None:
    try:
        user, colon, password = base64.b64decode(written, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return None
    return (user, password) if colon else None


def _basic_facts(basic: tuple[str, str] | None) -> dict[str, object]:
    if basic is None:
        return {"is_readable": False}
    user, password = basic
    return {
        "is_readable": True,
        "client_id": unquote_plus(user),
        "has_secret": bool(password),
        # Source: RFC 6749 section 2.3.1: both are form-encoded before they are put together.
        "needs_encoding": any(quote_plus(unquote_plus(part), safe="-._~") != unquote_plus(part) for part in basic),
        "is_changed_by_decoding": any(unquote_plus(part) != part for part in basic),
        "is_encoded": any(ESCAPE.search(part) is not None for part in basic),
    }


def _hash_scheme(secret: str) -> str:
    """Which scheme made the hash that stands in a secret's place: `pbkdf2_sha256`, `bcrypt`; empty when it is none."""
    plain = unquote_plus(secret).strip()
    found = next((match for match in (pattern.match(plain) for pattern in _HASHED) if match), None)
    if found is None:
        return ""
    name = found[1].lower()
    return "bcrypt" if name.startswith("2") else _CRYPT.get(name, name)


def _posted_secret(request: Request) -> str:
    value = next((value for name, value in posted_fields(request) if name == "client_secret"), "")
    return value if isinstance(value, str) else ""
