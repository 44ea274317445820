"""Finding tokens where people copy them from: headers, answers, URLs, cookies, log lines.

Here: which part of a text is a token, and what it was in. Not here: what is in the token (`jose.jwt`).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

_MAX_CHARACTERS = 4 * 1024 * 1024
_MAX_FOUND = 1000
_MAX_JSON_DEPTH = 3

_NAMES = (
    "access_token",
    "id_token",
    "refresh_token",
    "logout_token",
    "id_token_hint",
    "subject_token",
    "actor_token",
    "assertion",
    "client_assertion",
    "software_statement",
    "registration_access_token",
    "token_introspection",
    "token",
)
# Their values are tokens only when they look like one: `request` is also a word of its own, `code` is nobody's token.
_JWT_ONLY_NAMES = frozenset({"token", "assertion"})

_PART = r"[A-Za-z0-9_\-+/=]"
# `{"` is `eyJ` or, with a space or line break behind the brace, `ew`/`ey`; the header of a JWT can begin no other way.
# No part may hold what can stand in front of a token, else a long text of `ey/ey/ey/` is searched again from each of them.
_JWT = re.compile(r"(?<![\w\-.])e[wy][\w\-]{4,}\.[\w\-]*\.(?:[\w\-]*\.[\w\-]*\.)?[\w\-]*(?:~[\w\-~.]*)?", re.ASCII)
_WHOLE_JWT = re.compile(rf"e[wy]{_PART}{{4,}}\.{_PART}*\.(?:{_PART}*\.{_PART}*\.)?{_PART}*(?:~[A-Za-z0-9_\-~.]*)?")
_SCHEME = re.compile(r"(?<![\w-])(authorization\s*:\s*)?(bearer|dpop)\s+([A-Za-z0-9\-._~+/]+=*)", re.IGNORECASE)
_HEADER = re.compile(r"^[ \t]*(dpop|proxy-authorization|x-[\w-]+)[ \t]*:[ \t]*(.+)$", re.IGNORECASE | re.MULTILINE)
_COOKIE = re.compile(r"^[ \t]*(set-cookie|cookie)[ \t]*:[ \t]*(.+)$", re.IGNORECASE | re.MULTILINE)
_PAIR = re.compile(r"(?:^|[?#&\s'\"])([A-Za-z0-9_.\-]+)=([^&#;\s'\"]*)")
_OBJECT_START = re.compile(rb'\s*\{\s*["}]')
_QUOTES = "\"'`“”‘’<>,;"


@dataclass(frozen=True, slots=True)
class Found:
    """A token and what it was found in: `id_token of a token response`."""

    token_text: str = field(repr=False)
    where: str


def find_tokens(text: str) -> tuple[Found, ...]:
    """The tokens in what somebody pasted, in order and each once; never raises.

    One word that is nothing else is taken as a token too, opaque or broken as it may be. Empty when there is nothing like a token.
    """
    content = text.strip().strip("\ufeff").strip(_QUOTES).strip()
    if not content:
        return ()
    if len(content) > _MAX_CHARACTERS:
        return (Found(content, "text"),)
    for search in (_bare, _in_json, _in_lines, _in_words):
        found: dict[str, Found] = {}
        for one in islice(search(content), _MAX_FOUND):
            found.setdefault(one.token_text, one)
        if found:
            return tuple(found.values())
    return ()


def _bare(content: str) -> Iterator[Found]:
    """Tokens and nothing else: one, one on each line, or one that was wrapped."""
    lines = [line.strip().strip(_QUOTES) for line in content.splitlines() if line.strip()]
    if all(_WHOLE_JWT.fullmatch(line) for line in lines):
        for number, line in enumerate(lines, 1):
            yield Found(line, f"line {number}" if len(lines) > 1 else "bare token")
        return
    joined = "".join(content.split())
    if len(joined) < len(content) and _WHOLE_JWT.fullmatch(joined):
        yield Found(joined, "token with white space inside")


def _in_json(content: str) -> Iterator[Found]:
    if not content.startswith(("{", "[")):
        # Quotes around a pasted string are gone by now; those around a member are not.
        return
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return
    yield from _in_value(document, "JSON", _MAX_JSON_DEPTH)


def _in_value(value: Any, place: str, depth: int) -> Iterator[Found]:
    if isinstance(value, dict):
        serialized = _from_json_serialization(value)
        if serialized:
            yield serialized
            return
        answer = "a token response" if "access_token" in value or "id_token" in value else place
        for name, item in value.items():
            if isinstance(item, str) and _is_token_value(name, item):
                yield Found(item.strip(), f"{name} of {answer}")
            elif depth and isinstance(item, dict | list):
                yield from _in_value(item, f"`{name}`", depth - 1)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, str) and _WHOLE_JWT.fullmatch(item.strip()):
                yield Found(item.strip(), place)
            elif depth and isinstance(item, dict | list):
                yield from _in_value(item, place, depth - 1)


def _is_token_value(name: str, value: str) -> bool:
    stripped = value.strip()
    if _WHOLE_JWT.fullmatch(stripped):
        return True
    return name in _NAMES and name not in _JWT_ONLY_NAMES and bool(stripped) and not any(character.isspace() for character in stripped)


def _from_json_serialization(value: dict[str, Any]) -> Found | None:
    """A token in JSON serialization as a compact one (RFC 7515 section 7.2, RFC 7516 section 7.2)."""
    protected, payload = value.get("protected"), value.get("payload")
    signatures = value.get("signatures")
    if isinstance(signatures, list) and signatures and isinstance(signatures[0], dict):
        first = signatures[0]
        if isinstance(payload, str) and isinstance(first.get("protected"), str) and isinstance(first.get("signature"), str):
            return Found(
                f"{first['protected']}.{payload}.{first['signature']}", f"JWS in JSON form (the first of {len(signatures)} signatures)"
            )
    if isinstance(protected, str) and isinstance(payload, str) and isinstance(value.get("signature"), str):
        return Found(f"{protected}.{payload}.{value['signature']}", "JWS in JSON form")
    if isinstance(protected, str) and isinstance(value.get("ciphertext"), str):
        rest = (value.get(name, "") for name in ("encrypted_key", "iv", "ciphertext", "tag"))
        return Found(".".join((protected, *(part if isinstance(part, str) else "" for part in rest))), "JWE in JSON form")
    return None


def _in_lines(content: str) -> Iterator[Found]:
    """Tokens in headers, cookies, URLs, forms, and anywhere else in a text."""
    for match in _SCHEME.finditer(content):
        if len(match[3]) > 8 or match[1]:
            yield Found(match[3], "Authorization header" if match[1] else f"{match[2]} token")
    for match in _HEADER.finditer(content):
        for inner in _JWT.finditer(match[2]):
            yield Found(inner[0], f"{match[1]} header")
    for match in _COOKIE.finditer(content):
        yield from _in_cookies(match[2], match[1])
    yield from _in_pairs(content)
    for match in _JWT.finditer(content):
        if _has_json_header(match[0]):
            yield Found(match[0], "text")


def _in_cookies(line: str, header: str) -> Iterator[Found]:
    from urllib.parse import unquote

    for cookie in line.split(";"):
        name, _, raw = cookie.strip().partition("=")
        value = unquote(raw.strip('"'))
        if _is_token_value(name, value):
            yield Found(value, f"cookie {name}")
        else:
            for match in _JWT.finditer(value):
                yield Found(match[0], f"cookie {name} ({header})")


def _in_pairs(content: str) -> Iterator[Found]:
    from urllib.parse import unquote_plus

    for match in _PAIR.finditer(content):
        raw = match[2]
        value = unquote_plus(raw) if "%" in raw else raw
        if _is_token_value(match[1], value):
            start = match.start(1)
            line = content.rfind("\n", 0, start) + 1
            carrier = "fragment" if content.rfind("#", line, start) >= 0 else "query" if content.rfind("?", line, start) >= 0 else "form"
            carrier = "a form" if carrier == "form" else f"a URL's {carrier}"
            yield Found(value, f"{match[1]} of {carrier}")


def _has_json_header(token: str) -> bool:
    """Whether a text that only looks like a JWT begins with a JSON object: `eyewitness.report.txt` does not."""
    first = token.partition(".")[0].rstrip("=").translate({ord("+"): "-", ord("/"): "_"})
    try:
        return _OBJECT_START.match(base64.urlsafe_b64decode(first[: len(first) // 4 * 4])) is not None
    except (binascii.Error, ValueError):
        return False


def _in_words(content: str) -> Iterator[Found]:
    """One word: an opaque token, or what is left of a broken one."""
    if not any(character.isspace() for character in content) and not content.startswith(("{", "[", "http://", "https://")):
        yield Found(content, "bare token" if content.startswith("ey") else "opaque token")
    elif content.startswith("ey"):
        yield Found("".join(content.split()), "broken token")
