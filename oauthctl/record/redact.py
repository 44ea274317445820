"""Redaction: a recording without its secrets, in which the same secret is still the same.

Here: fingerprints in place of secrets, wherever they stand. Not here: where to look first (`secret_places`), facts that need the secrets
(`facts`). JWTs keep header and payload and lose their signature, so that they can still be decoded.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import quote

from oauthctl.http import Headers, Request
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.secret_places import Substitute, is_name_itself, rewrite_body, rewrite_header, rewrite_json, rewrite_url
from oauthctl.record.server_words import is_server_word

_FINGERPRINT = re.compile(r"redacted-[a-z_]+-[0-9a-f]{7,8}")
# A token begins where a word does, or after a percent-encoded character.
_BEGIN = "(?:(?<![A-Za-z0-9_-])|(?<=%[0-9A-Fa-f]{2}))"
_JWT = re.compile(_BEGIN + r"ey[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.(?:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+)?)?")
# Base64, its `+` and `/` possibly escaped once more for a URL or a JSON text.
_ENCODED = re.compile(r"(?:[A-Za-z0-9+/_-]|%(?:25)*2[BbFf]|\\/){8,}")
_ESCAPED = re.compile(r"%(?:25)*2([BbFf])|\\/")
# A value this long is found as a part of other texts; a shorter one where no letter or digit touches it; a yet shorter one, or a cookie
# such as `theme=default`, only where it is known to stand: else the words of the recording itself would vanish.
_LONG, SHORTEST_SWEPT, _COOKIE = 8, 4, 16
# A secret that is a word of every server's sentences is hidden where nothing but a value stands; the sentences stay readable.
_SECRETS_PLACE = "|".join(
    f"(?<={before})"
    for before in (
        "=", "%3D", "%3d", "%3A", "%3a", "[A-Za-z0-9]:", "(?i:Bearer) ", "(?i:Basic) ",
        *(f"(?i:{name})[ :=]{quote_}" for name in ("secret", "password", "token", "code", "key") for quote_ in "'\"`"),
    )
)  # fmt: skip


@dataclass(slots=True)
class Fingerprints:
    """What stands in the place of each secret of one recording. `salt` must be random and is to be thrown away."""

    salt: bytes = field(repr=False)
    _kinds: dict[str, str] = field(default_factory=dict, repr=False)

    def of(self, kind: str, secret: str) -> str:
        """The fingerprint of a secret; a JWT without its signature; what is redacted already stays."""
        if not secret or _FINGERPRINT.fullmatch(secret):
            return secret
        if _JWT.fullmatch(secret) and (unsigned := self._without_signature(secret)):
            if unsigned != secret:
                self._kinds.setdefault(secret, kind)
            return unsigned
        return self._opaque(self._kinds.setdefault(secret, kind), secret)

    def in_text(self, text: str) -> str:
        """The text with every JWT's signature gone."""
        return _JWT.sub(lambda match: self._without_signature(match[0]) or match[0], text)

    def sweep(self) -> Sweep:
        """What finds the secrets that were met so far at places where nobody expects them."""
        return Sweep(tuple((secret, kind, self.of(kind, secret)) for secret, kind in self._kinds.items()))

    def _opaque(self, kind: str, secret: str) -> str:
        slug = re.sub(r"[^a-z]+", "_", kind.lower()).strip("_") or "secret"
        return f"redacted-{slug}-{self._digest(secret)[:8]}"

    def _digest(self, secret: str) -> str:
        return hmac.digest(self.salt, secret.encode("utf-8", "surrogatepass"), "sha256").hex()

    def _without_signature(self, token: str) -> str:
        """The token without its signature, or without the encrypted parts of a JWE; empty when it is no JWT."""
        parts = token.split(".")
        if _json_of(parts[0]) is None:
            return ""
        if len(parts) == 3 and not parts[2]:
            # An unsecured JWT has no signature to lose; anybody can make it. Source: RFC 7519 section 6.
            return ".".join((parts[0], self._payload(parts[1]), ""))
        # Twenty characters: a length that base64url can have, so that decoding stays quiet.
        mark = f"redacted-sig-{self._digest(token)[:7]}"
        if _FINGERPRINT.fullmatch(parts[-1]):
            return token
        if len(parts) == 5:
            return ".".join((parts[0], "redacted", "redacted", "redacted", mark))
        return ".".join((parts[0], self._payload(parts[1]), mark)) if len(parts) == 3 else ""

    def _payload(self, part: str) -> str:
        """A payload can hold secrets itself: the code in a JARM answer."""
        content = _json_of(part)
        new = rewrite_json(content, self.of) if content else content
        if not new or new == content:
            return part
        return base64.urlsafe_b64encode(new.encode()).decode("ascii").rstrip("=")


class Sweep:
    """Replaces known secrets in any text: as they are, percent-encoded, escaped, in base64 and inside base64."""

    def __init__(self, known: tuple[tuple[str, str, str], ...]) -> None:
        # The longest first, lest a part of a secret be taken for another one.
        patterns = [(_pattern(secret, kind), new) for secret, kind, new in sorted(known, key=lambda one: len(one[0]), reverse=True)]
        found = [(pattern, new) for pattern, new in patterns if pattern]
        self._replacements = {f"s{index}": new for index, (_, new) in enumerate(found)}
        joined = "|".join(f"(?P<s{index}>{pattern})" for index, (pattern, _) in enumerate(found))
        self._pattern = re.compile(joined) if found else None

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._pattern is None:
            return text
        return _ENCODED.sub(self._inside_base64, self._plain(text))

    def _plain(self, text: str) -> str:
        return self._pattern.sub(lambda match: self._replacements[match.lastgroup or ""], text) if self._pattern else text

    def _inside_base64(self, match: re.Match[str]) -> str:
        """A base64 text that holds a secret, such as `user:secret`, written anew around the fingerprint."""
        escaped = match[0]
        written = _ESCAPED.sub(lambda found: "+" if found[1] in ("B", "b") else "/", escaped)
        is_url_safe = "-" in written or "_" in written
        try:
            standard = written.translate({ord("-"): "+", ord("_"): "/"})
            content = base64.b64decode(standard + "=" * (-len(written) % 4)).decode("utf-8")
        except (binascii.Error, ValueError):
            return escaped
        new = self._plain(content)
        if new == content:
            return escaped
        encode = base64.urlsafe_b64encode if is_url_safe else base64.b64encode
        again = encode(new.encode()).decode("ascii").rstrip("=")
        return quote(again, safe="") if "%" in escaped else again


def redact(recording: Recording, *, salt: bytes) -> Recording:
    """The recording with a fingerprint in the place of each secret; redacting it once more changes nothing.

    `salt` must be fresh randomness that is kept nowhere: without it short secrets can't be guessed from their fingerprints.
    """
    known, command, swept = _known_places(recording, Fingerprints(salt))
    return replace(
        recording,
        exchanges=tuple(_each_text(exchange, swept) for exchange in known),
        issuer=swept(recording.issuer),
        command=swept(command),
    )


def words_without_secrets(recording: Recording, *, salt: bytes) -> Callable[[str], str]:
    """What takes the recording's secrets out of any text about it, such as an error's; with the same fingerprints as `redact`."""
    fingerprints = Fingerprints(salt)
    swept = _known_places(recording, fingerprints)[2]
    return lambda text: swept(rewrite_url(text, fingerprints.of))


def _known_places(recording: Recording, fingerprints: Fingerprints) -> tuple[tuple[Exchange, ...], str, Callable[[str], str]]:
    """The exchanges and the command without the secrets that stand where one expects them, and what finds those secrets elsewhere."""
    exchanges = tuple(_exchange(exchange, fingerprints.of) for exchange in recording.exchanges)
    command = rewrite_url(recording.command, fingerprints.of)
    sweep = fingerprints.sweep()
    return exchanges, command, lambda text: fingerprints.in_text(sweep.text(text))


def _exchange(exchange: Exchange, substitute: Substitute) -> Exchange:
    request, response = exchange.request, exchange.response
    kind = request.headers.get("content-type") or ""
    asked = Request(
        request.method, rewrite_url(request.url, substitute), _headers(request.headers, substitute), _body(request.body, kind, substitute)
    )
    answered = None
    if response is not None:
        kind = response.headers.get("content-type") or ""
        answered = replace(response, headers=_headers(response.headers, substitute), body=_body(response.body, kind, substitute))
    return replace(exchange, request=asked, response=answered)


def _headers(headers: Headers, substitute: Substitute) -> Headers:
    return Headers(tuple((name, rewrite_header(name, value, substitute)) for name, value in headers))


def _body(body: bytes, content_type: str, substitute: Substitute) -> bytes:
    return _on_text(body, partial(rewrite_body, content_type=content_type, substitute=substitute))


def _each_text(exchange: Exchange, change: Callable[[str], str]) -> Exchange:
    request, response = exchange.request, exchange.response

    def headers(old: Headers) -> Headers:
        return Headers(tuple((name, change(value)) for name, value in old))

    asked = Request(request.method, change(request.url), headers(request.headers), _on_text(request.body, change))
    answered = response and replace(
        response, headers=headers(response.headers), body=_on_text(response.body, change), reason=change(response.reason)
    )
    return replace(exchange, request=asked, response=answered, failure=change(exchange.failure))


def _on_text(body: bytes, change: Callable[[str], str]) -> bytes:
    """The body changed as text; bytes that are no UTF-8 survive."""
    return change(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _pattern(secret: str, kind: str) -> str:
    """What matches a secret in a URL, a form, JSON, HTML or base64; empty when it is too short to be looked for."""
    # A password such as `password` is hidden where it stands; looked for everywhere, it would take the parameters' names with it.
    if len(secret) < (_COOKIE if kind == "cookie" else SHORTEST_SWEPT) or is_name_itself(secret):
        return ""
    if is_server_word(secret):
        return rf"(?:{_SECRETS_PLACE})(?i:{re.escape(secret)})(?![A-Za-z0-9_-]|:/|%3A)"
    octets = secret.encode("utf-8", "surrogatepass")
    encoded = {encode(octets).decode("ascii").rstrip("=") for encode in (base64.b64encode, base64.urlsafe_b64encode)}
    spelled = [_any_spelling(secret), *(_any_spelling(text) for text in sorted(encoded) if len(text) >= _LONG)]
    joined = "|".join(spelled)
    if len(secret) >= _LONG:
        return joined
    return rf"{_BEGIN}(?:{joined})(?![A-Za-z0-9_-])"


_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _any_spelling(text: str) -> str:
    """What matches a text whose special characters may be escaped as URLs, JSON or HTML do it, some or all of them, once or often."""
    return "".join(character if character.isascii() and character.isalnum() else _any_escape(character) for character in text)


def _any_escape(character: str) -> str:
    """One special character as JSON writes it or not, and that as HTML and URLs write it or not."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    escapes = {_SHORT_ESCAPES.get(character, ""), "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))}
    # JSON within JSON doubles the backslashes, once for each level.
    in_json = ("".join(_outside_json(one) + ("+" if one == "\\" else "") for one in escape) for escape in escapes if escape)
    return f"(?:{_outside_json(character)}|{'|'.join(in_json)})"


def _outside_json(character: str) -> str:
    """One character as it is, as HTML writes it, or percent-encoded, the latter two once or often."""
    if character.isascii() and character.isalnum():
        return f"(?i:{character})"
    percent = "".join(f"%(?:25)*{octet:02X}" for octet in character.encode("utf-8", "surrogatepass"))
    names = {html.escape(character)[1:], f"#{ord(character)};", f"#x{ord(character):x};"} - {""}
    entities = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    written = re.escape(character) + ("|\\+|(?i:%(?:25)*2B)" if character == " " else "")
    return f"(?:&(?:amp;)*(?i:{entities})|(?i:{percent})|{written})"


def _json_of(part: str) -> str | None:
    """The text of a JWT's part when it is a JSON object."""
    try:
        text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("utf-8")
        return text if isinstance(json.loads(text), dict) else None
    except (binascii.Error, ValueError, RecursionError):
        return None
