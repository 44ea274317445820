"""`Sweep`: known secrets found again in any text, in whatever spelling, and replaced.

Here: how a secret may be spelled, and finding thousands of them in thousands of texts: an index tells which of them a text can hold, a
pattern is made for those alone. Not here: which secrets there are and what stands in their place (`redact`).
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from urllib.parse import quote, quote_plus

from oauthctl.record.secret_names import is_name_itself
from oauthctl.record.server_words import is_server_word

# A secret begins where a word does, or after a percent-encoded character.
BEGIN = "(?:(?<![A-Za-z0-9_-])|(?<=%[0-9A-Fa-f]{2}))"
# A value this long is found as a part of other texts; a shorter one where no letter or digit touches it; a yet shorter one, or a cookie
# such as `theme=default`, only where it is known to stand: else the words of the recording itself would vanish.
_LONG, SHORTEST_SWEPT, _COOKIE = 8, 4, 16
# Base64, its `+` and `/` possibly escaped once more for a URL or a JSON text.
_ENCODED = re.compile(r"(?:[A-Za-z0-9+/_-]|%(?:25)*2[BbFf]|\\/){8,}")
_ESCAPED = re.compile(r"%(?:25)*2([BbFf])|\\/")
# A secret that is a word of every server's sentences is hidden where nothing but a value stands; the sentences stay readable.
_SECRETS_PLACE = "|".join(
    f"(?<={before})"
    for before in (
        "=", "%3D", "%3d", "%3A", "%3a", "[A-Za-z0-9]:", "(?i:Bearer) ", "(?i:Basic) ",
        *(f"(?i:{name})[ :=]{quote_}" for name in ("secret", "password", "token", "code", "key") for quote_ in "'\"`"),
    )
)  # fmt: skip
# A number as short as a port, a year or a status is hidden after a secret's name alone.
_NUMBER = re.compile(r"\d{1,5}")
_NUMBERS_PLACE = "|".join(
    f"(?<=(?i:{name}){between})"
    for name in ("secret", "password", "token", "code", "key", "otp", "pin")
    for between in ("[ :=]", "[ :=]['\"`]")
)
# No spelling changes ASCII letters and digits: a text without these parts of a secret does not hold it.
_UNCHANGED = re.compile(r"[A-Za-z0-9]+")
_CHANGED = re.compile(r"[^A-Za-z0-9]")
# What an escaped character begins with: in a URL, in HTML, in JSON.
_ESCAPES = ("%", "&", "\\")
# A JWT's header and claims stand in many texts and in other JWTs; its signature, which is the secret, stands at the end.
_END = 40
_MARK = 6
# A pattern for every spelling costs a thousand times as much as the text: of a text with more characters that could be escaped than these,
# the usual spellings are looked for whole, and of the others the beginning.
_ESCAPABLE = 512
# Headers say the same in every exchange.
_REPEATED, _KEPT = 256, 10_000


@dataclass(frozen=True)
class _Sought:
    """One spelling of a secret, and what stands in its place."""

    text: str
    new: str
    is_word: bool
    is_long: bool

    @property
    def mark(self) -> str:
        """The end of a part that tells it from others, in small letters; empty when it has no such part."""
        parts = _UNCHANGED.findall(self.text[-_END:]) or _UNCHANGED.findall(self.text)
        longest: str = max(parts, key=len, default="")
        return longest[-_MARK:].lower()

    @cached_property
    def needs(self) -> tuple[tuple[str, ...], ...]:
        """What a text in small letters has that holds it: one of each. Between two parts stands a character, or an escape of it."""
        parts = ((match[0].lower(), self.text[match.end() : match.end() + 1]) for match in _UNCHANGED.finditer(self.head))
        return tuple(
            tuple(part + first for first in (after, *_ESCAPES, *("+" if after == " " else ""))) if after and after.isascii() else (part,)
            for part, after in parts
        )

    @cached_property
    def head(self) -> str:
        """Its beginning as far as every spelling of it is looked for: all of it, but of a huge one."""
        if len(self.text) <= _ESCAPABLE:
            return self.text
        last = next(islice(_CHANGED.finditer(self.text), _ESCAPABLE, None), None)
        return self.text if last is None else self.text[: last.start()]

    @cached_property
    def usual(self) -> tuple[str, ...]:
        """Of a huge one its usual spellings."""
        in_json = json.dumps(self.text)[1:-1]
        octets = self.text.encode("utf-8", "surrogatepass")
        spelled = (self.text, quote(octets, safe=""), quote(octets), quote_plus(octets), in_json, html.escape(self.text))
        return tuple(dict.fromkeys(spelled)) if self.is_huge else ()

    @property
    def is_huge(self) -> bool:
        """Whether it is too long for a pattern of the whole."""
        return len(self.head) < len(self.text)

    @property
    def pattern(self) -> str:
        """What matches it in a URL, a form, JSON, HTML or base64."""
        if self.is_word:
            if _NUMBER.fullmatch(self.text):
                return rf"(?:{_NUMBERS_PLACE}){self.text}(?![A-Za-z0-9_-])"
            return rf"(?:{_SECRETS_PLACE})(?i:{re.escape(self.text)})(?![A-Za-z0-9_-]|:/|%3A)"
        if self.is_huge:
            return rf"{_any_spelling(self.head)}[^\s\"'<>]*"
        return _any_spelling(self.text) if self.is_long else rf"{BEGIN}(?:{_any_spelling(self.text)})(?![A-Za-z0-9_-])"


class Sweep:
    """Replaces known secrets in any text: as they are, percent-encoded, escaped, in base64 and inside base64."""

    def __init__(self, known: tuple[tuple[str, str, str], ...]) -> None:
        """`known` are secrets with their kind and what stands in their place."""
        # The longest first, lest a part of a secret be taken for another one.
        ordered = sorted(known, key=lambda one: len(one[0]), reverse=True)
        self._sought = tuple(one for secret, kind, new in ordered if _is_sought(secret, kind) for one in _spellings(secret, new))
        self._by_mark: dict[str, list[int]] = {}
        for number, sought in enumerate(self._sought):
            self._by_mark.setdefault(sought.mark, []).append(number)
        self._anywhere = self._by_mark.pop("", [])
        self._lengths = tuple(sorted({len(mark) for mark in self._by_mark}))
        self._marks = re.compile(_any_of(sorted(self._by_mark))) if self._by_mark else None
        self._patterns: dict[tuple[int, ...], re.Pattern[str]] = {}
        self._swept: dict[str, str] = {}

    @property
    def size(self) -> int:
        """How many spellings it looks for."""
        return len(self._sought)

    def text(self, text: str) -> str:
        """The text without secrets."""
        if not self._sought:
            return text
        known = self._swept.get(text)
        if known is None:
            known = _ENCODED.sub(self._inside_base64, self._plain(text))
            if len(text) <= _REPEATED and len(self._swept) < _KEPT:
                self._swept[text] = known
        return known

    def _plain(self, text: str) -> str:
        held = self._possible(text)
        if not held:
            return text
        for number in held:
            for spelled in self._sought[number].usual:
                text = text.replace(spelled, self._sought[number].new)
        pattern = self._patterns.get(held)
        if pattern is None:
            pattern = self._patterns[held] = re.compile("|".join(f"({self._sought[number].pattern})" for number in held))
        return pattern.sub(lambda match: self._sought[held[(match.lastindex or 1) - 1]].new, text)

    def _possible(self, text: str) -> tuple[int, ...]:
        """The secrets that the text may hold, in order."""
        folded = text.lower() if text.isascii() else _folded(text)
        found = set(self._anywhere)
        match = self._marks.search(folded) if self._marks else None
        while match is not None and self._marks is not None:
            for length in self._lengths:
                found.update(self._by_mark.get(folded[match.start() : match.start() + length], ()))
            match = self._marks.search(folded, match.start() + 1)
        return tuple(
            number for number in sorted(found) if all(any(part in folded for part in parts) for parts in self._sought[number].needs)
        )

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


def _is_sought(secret: str, kind: str) -> bool:
    # A password such as `password` is hidden where it stands; looked for everywhere, it would take the parameters' names with it.
    return len(secret) >= (_COOKIE if kind == "cookie" else SHORTEST_SWEPT) and not is_name_itself(secret)


def _spellings(secret: str, new: str) -> tuple[_Sought, ...]:
    """The secret, and its octets in base64 and as hexadecimal digits where that is long enough to tell."""
    if is_server_word(secret) or _NUMBER.fullmatch(secret):
        return (_Sought(secret, new, is_word=True, is_long=False),)
    octets = secret.encode("utf-8", "surrogatepass")
    encoded = {encode(octets).decode("ascii").rstrip("=") for encode in (base64.b64encode, base64.urlsafe_b64encode)}
    # Logs and dumps write octets as digits.
    digits = (octets.hex(), octets.hex().upper()) if len(secret) >= _LONG else ()
    texts = (secret, *(text for text in sorted(encoded) if len(text) >= _LONG), *dict.fromkeys(digits))
    return tuple(_Sought(text, new, is_word=False, is_long=len(secret) >= _LONG) for text in texts)


def _any_of(marks: list[str]) -> str:
    """What finds any of these texts, with no more steps at each place than a text is long. `marks` are sorted."""
    by_first: dict[str, list[str]] = {}
    for mark in marks:
        by_first.setdefault(mark[0], []).append(mark[1:])
    branches = [first + ("" if "" in rest else rest[0] if len(rest) == 1 else _any_of(rest)) for first, rest in by_first.items()]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _folded(text: str) -> str:
    """In small letters, those among them that a pattern takes for ASCII letters when it ignores case."""
    return text.casefold().replace("\u0131", "i").replace("\u0307", "")


_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _any_spelling(text: str) -> str:
    """What matches a text whose special characters may be escaped as URLs, JSON or HTML do it, some or all of them, once or often."""
    return "".join(character if character.isascii() and character.isalnum() else _any_escape(character) for character in text)


@lru_cache(maxsize=1024)
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
