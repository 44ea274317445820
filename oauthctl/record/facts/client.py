"""How a client proved who it is, seen before its secret is hidden.

Here: the form of `Authorization: Basic` and of a secret in the body. Not here: assertions, which are tokens (`facts.token`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from urllib.parse import quote, quote_plus, unquote_plus

from oauthctl.http import Request
from oauthctl.messages.auth_scheme import UNKNOWN, known_scheme
from oauthctl.record.exchange import Recording
from oauthctl.record.facts.challenge import ESCAPE, is_placeholder, same
from oauthctl.record.facts.masked import is_masked
from oauthctl.record.purposes import posted_fields

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_TELLING = 8
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
    """By the exchange's id: `basic` (`client_id`, `has_secret`, `goes_on`, `needs_encoding`, `is_encoded`, `is_changed_by_decoding`,
    `is_readable`, `problem`), `auth_scheme` (of another `Authorization`; `unknown` where its first word may be a secret); of a secret
    `secret_characters`, `secret_is_uuid`, `secret_is_placeholder`,
    `secret_has_blanks` (around it, or quotes), `secret_around` (`line-break`, `blank`, `quotes`), `secret_is` (`identifier`, `pair`),
    `secret_hash` (by which scheme it is hashed, if it is a hash), and against the one that is given `secret_matches`,
    `secret_matches_decoded`, `secret_form` (its other form).
    """
    found: dict[int, dict[str, object]] = {}
    for exchange in recording.exchanges:
        told: dict[str, object] = {}
        scheme, _, credentials = (exchange.request.headers.get("authorization") or "").strip().partition(" ")
        is_basic = scheme.lower() == "basic" and not is_masked(credentials)
        basic = _basic(credentials.strip()) if is_basic else None
        if is_basic:
            told["basic"] = _basic_facts(basic, credentials.strip())
        elif scheme and credentials:
            told["auth_scheme"] = known_scheme(scheme).lower() or UNKNOWN
        secret = basic[1] if basic else _posted_secret(exchange.request)
        if secret and not is_masked(secret):
            told["secret_characters"] = len(secret)
            told["secret_is_uuid"] = _UUID.fullmatch(secret.strip()) is not None
            told["secret_is_placeholder"] = is_placeholder(secret)
            if taken := _taken(secret, (basic[0] if basic else _posted(exchange.request, "client_id"))):
                told["secret_is"] = taken
            if scheme := _hash_scheme(secret):
                told["secret_hash"] = scheme
            around = _around(secret)
            told["secret_has_blanks"] = bool(around)
            if around:
                told["secret_around"] = around
            known = given.get("client_secret")
            if isinstance(known, str) and known:
                told["secret_matches"] = same(secret, known)
                told["secret_matches_decoded"] = same(unquote_plus(secret), known)
                if not told["secret_matches"] and (form := _form(secret, known)):
                    told["secret_form"] = form
        if told:
            found[exchange.id] = told
    return found


def _basic(written: str) -> tuple[str, str] | None:
    try:
        user, colon, password = base64.b64decode(written, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return None
    return (user, password) if colon else None


def _basic_facts(basic: tuple[str, str] | None, written: str) -> dict[str, object]:
    if basic is None:
        return {"is_readable": False, "problem": _problem(written)}
    user, password = basic
    return {
        "is_readable": True,
        "client_id": unquote_plus(user),
        "has_secret": bool(password),
        # What stands behind the colon goes on like the URL or URN whose scheme stands before it.
        "goes_on": unquote_plus(password).startswith("//") or ":" in unquote_plus(password),
        # Source: RFC 6749 section 2.3.1: both are form-encoded before they are put together.
        "needs_encoding": any(quote_plus(unquote_plus(part), safe="-._~") != unquote_plus(part) for part in basic),
        "is_changed_by_decoding": any(unquote_plus(part) != part for part in basic),
        "is_encoded": any(ESCAPE.search(part) is not None for part in basic),
    }


def _problem(written: str) -> str:
    """Why credentials can't be read: `not-encoded` (as they are), `encoded-twice`, `no-colon`, `base64url`, or `unreadable`."""
    if written.lower().startswith("basic"):
        return "scheme-twice"
    if ":" in written:
        return "not-encoded"
    try:
        inner = base64.b64decode(written, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        try:
            inner = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)).decode("utf-8")
        except (binascii.Error, ValueError):
            return "unreadable"
        return "base64url" if ":" in inner else "unreadable"
    return "encoded-twice" if _basic(inner.strip()) is not None else "no-colon"


def _around(secret: str) -> str:
    """What stands around a secret and is no part of it: `line-break`, `blank`, `quotes`; empty when nothing does."""
    outside = secret[: len(secret) - len(secret.lstrip())] + secret[len(secret.rstrip()) :]
    if outside:
        return "line-break" if "\n" in outside or "\r" in outside else "blank"
    return "quotes" if len(secret) > 1 and secret[:1] + secret[-1:] in ('""', "''", "``") else ""


def _taken(secret: str, client_id: str) -> str:
    """What was taken for the secret: `identifier` (the client's), `pair` (identifier and secret in one); empty for anything else."""
    if not client_id:
        return ""
    return "identifier" if same(secret, client_id) else "pair" if secret.startswith(f"{client_id}:") else ""


def _form(sent: str, known: str) -> str:
    """In which other form a known secret was sent: `base64`, `decoded`, `encoded`, `plus`, `cut`, `case`; empty when it is another one."""
    octets = known.encode("utf-8", "surrogatepass")
    try:
        decoded = base64.b64decode(known + "=" * (-len(known) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        decoded = ""
    forms = {
        "base64": (base64.b64encode(octets).decode(), base64.b64encode(octets + b"\n").decode(), base64.urlsafe_b64encode(octets).decode()),
        "decoded": (decoded, decoded.strip()),
        "encoded": (quote_plus(known), quote(known, safe="")),
        "plus": (known.replace("+", " "),),
        "hex": (octets.hex(),),
    }
    found = next((form for form, texts in forms.items() if any(text and text != known and same(sent.strip(), text) for text in texts)), "")
    if found or len(sent) < _TELLING:
        return found
    return "case" if same(sent.lower(), known.lower()) else "cut" if known.startswith(sent) or known.endswith(sent) else ""


def _hash_scheme(secret: str) -> str:
    """Which scheme made the hash that stands in a secret's place: `pbkdf2_sha256`, `bcrypt`; empty when it is none."""
    plain = unquote_plus(secret).strip()
    found = next((match for match in (pattern.match(plain) for pattern in _HASHED) if match), None)
    if found is None:
        return ""
    name = found[1].lower()
    return "bcrypt" if name.startswith("2") else _CRYPT.get(name, name)


def _posted_secret(request: Request) -> str:
    return _posted(request, "client_secret")


def _posted(request: Request, parameter: str) -> str:
    value = next((value for name, value in posted_fields(request) if name == parameter), "")
    return value if isinstance(value, str) else ""
