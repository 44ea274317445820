"""How a verifier fits a challenge, and how a value that came one way was changed before it was sent the other.

Here: the mistakes that clients make on the way from one to the other, by name. Not here: which messages belong together (`facts.flow`).
"""

from __future__ import annotations

import re
from base64 import standard_b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha1, sha256, sha384, sha512
from hmac import compare_digest
from urllib.parse import quote, quote_plus, unquote, unquote_plus

ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
UNRESERVED = re.compile(r"[A-Za-z0-9._~-]*")
# What programs send for a value that they don't have, or whose place in a template was never filled.
_PLACEHOLDER = re.compile(
    r"\s*(?:undefined|null|none|nil|false|\[object object\]|changeme|change_me|todo|<[^<>]+>|\$\{[^}]*\}|\{\{.*\}\}|%[A-Z_]+%|"
    r"your[_ -].*|(?:client|app|my)[_ -]?secret(?:[_ -]here)?|\$[A-Z][A-Z0-9_]+)\s*",
    re.IGNORECASE,
)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_SHORTEST_PART = 8
_SHORTEST_CUT = 16
_TELLING = 4
_QUOTED = ('""', "''", "``", "<>")
# White space that was written down instead of being taken away: `%0A`, `%20`, a backslash and an n.
_ESCAPED_BLANKS = re.compile(r"^(?:%(?:25)?(?:0[AaDd9]|20)|\\[nrt]|\s)+|(?:%(?:25)?(?:0[AaDd9]|20)|\\[nrt]|\s)+$")


def challenge_fit(verifier: str, challenge: str) -> str:
    """By what the challenge was made from this verifier: `S256`, `plain`, or a mistake's name; empty when it was made from another.

    `padded`, `base64` and `base64-padded` are spellings of the right hash, `hex` its digits, `base64-of-hex` those in base64url,
    `hashed-twice` the hash of the spelled hash, `cut` the beginning of the right one. `of-octets` is the hash of the octets behind the
    verifier, `of-utf-16` that of the verifier in UTF-16, `of-line-break`, `of-padded`, `of-quoted`, `of-encoded`, `of-hex` and `of-case`
    that of the verifier with such a thing at or around it, `other-hash` another hash than SHA-256. Source: RFC 7636 section 4.2.
    """
    digest = sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    digits = digest.hex()
    right = urlsafe_b64encode(digest).decode("ascii")
    standard = standard_b64encode(digest).decode("ascii")
    again = (sha256(text).digest() for text in (right.rstrip("=").encode("ascii"), digest, digits.encode("ascii")))
    spellings = {
        "S256": right.rstrip("="),
        "plain": verifier,
        "padded": right,
        "base64": standard.rstrip("="),
        "base64-padded": standard,
        "hex": digits,
        "base64-of-hex": urlsafe_b64encode(digits.encode("ascii")).decode("ascii").rstrip("="),
    }
    # A `+` that was sent unescaped arrives as a space.
    written = challenge.replace(" ", "+")
    fit = next((name for name, spelled in spellings.items() if same(spelled, written)), "")
    fit = fit or ("hex" if same(digits.upper(), written) else "")
    fit = fit or ("hashed-twice" if any(same(one, written.rstrip("=")) for octets in again for one in _texts(octets)) else "")
    if not fit and _SHORTEST_CUT <= len(written) < len(spellings["S256"]) and spellings["S256"].startswith(written):
        return "cut"
    return fit or next(
        (name for name, octets in _other_hashes(verifier) if any(same(one, written.rstrip("=")) for one in _texts(octets))), ""
    )


def hashed(text: str) -> str:
    """The text's SHA-256 in base64url: the right challenge for a verifier, and a proof's `ath` for its access token.

    Source: RFC 7636 section 4.2; RFC 9449 section 4.2.
    """
    digest = sha256(text.encode("utf-8", "surrogatepass")).digest()
    return urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def _other_hashes(verifier: str) -> Iterable[tuple[str, bytes]]:
    """Hashes that programs make in place of SHA-256 over the verifier's characters."""
    octets = verifier.encode("utf-8", "surrogatepass")
    with suppress(ValueError):
        yield "of-octets", sha256(urlsafe_b64decode(verifier + "=" * (-len(verifier) % 4))).digest()
    yield "of-utf-16", sha256(verifier.encode("utf-16-le", "surrogatepass")).digest()
    for name, text in _other_texts(verifier):
        yield name, sha256(text.encode("utf-8", "surrogatepass")).digest()
    for made in (sha1, sha384, sha512):
        yield "other-hash", made(octets).digest()


def _other_texts(verifier: str) -> Iterable[tuple[str, str]]:
    """What programs hash in place of the verifier that they send: `echo` adds a line break, an encoder its padding."""
    yield from (("of-line-break", text) for text in (f"{verifier}\n", f"{verifier}\r\n", f"{verifier} "))
    yield from (("of-padded", verifier + "=" * count) for count in (1, 2))
    yield from (("of-quoted", f"{quote}{verifier}{quote}") for quote in "\"'")
    yield "of-hex", verifier.encode("utf-8", "surrogatepass").hex()
    others = (("of-encoded", quote(verifier, safe="")), ("of-case", verifier.lower()), ("of-case", verifier.upper()))
    yield from ((name, text) for name, text in others if text != verifier)


def _texts(octets: bytes) -> tuple[str, str, str]:
    return (urlsafe_b64encode(octets).decode().rstrip("="), standard_b64encode(octets).decode().rstrip("="), octets.hex())


def verifier_change(verifier: str, challenge: str) -> str:
    """What became of a verifier that does not fit its challenge: empty when it is another one, or nobody can tell.

    `blanks` or `quotes` around it, `encoded` (percent-encoded once too often), `plus` (a `+` that became a space), `challenge` (the
    challenge itself is sent), `standard` (base64 at first, base64url afterwards), `cut` (its last or first character is missing), `more`
    (a character too many).
    """
    if same(verifier, challenge):
        return "challenge"
    standard = verifier.translate({ord("-"): "+", ord("_"): "/"})
    ways = (
        ("blanks", verifier.strip()),
        ("quotes", verifier.strip().strip("\"'")),
        ("encoded", unquote(verifier)),
        ("plus", verifier.replace(" ", "+")),
        ("standard", standard),
        ("standard", standard + "=" * (-len(standard) % 4)),
    )
    changed = next((way for way, text in ways if text and text != verifier and challenge_fit(text, challenge) in ("S256", "plain")), "")
    if changed:
        return changed
    # Each of the characters that a verifier may have is tried at either end: what lacks two of them is another one, as far as can be told.
    if any(same(hashed(text), challenge) for one in _ALPHABET for text in (verifier + one, one + verifier)):
        return "cut"
    return "more" if any(text and same(hashed(text), challenge) for text in (verifier[:-1], verifier[1:])) else ""


def change(sent: str, received: Iterable[str]) -> str:
    """What became of a value between its arrival and its use: empty when it is one of those that came, or none of their kin.

    `encoded`, `plus` (its `+` became a space), `decoded`, `cut`, `front` (cut off at its beginning), `blanks` (around it or in it),
    `escaped-blanks` (around it, percent-encoded or as `\\n`), `quotes` (around it), `fragment` (with the address's fragment behind it),
    `more` (other text after it), `before` (other text before it), `json` (a JSON text that it stands in), `case`.
    """
    came = dict.fromkeys(received)
    if sent in came:
        return ""
    for one in came:
        if sent in (quote(one, safe=""), quote_plus(one), quote(one)):
            return "encoded"
        if "+" in one and sent == one.replace("+", " "):
            return "plus"
        if sent in (unquote(one), unquote_plus(one)):
            return "decoded"
        if sent[:1] + sent[-1:] in _QUOTED and sent[1:-1].strip() == one:
            return "quotes"
        if len(one) >= _TELLING and one in sent and sent[:1] + sent[-1:] in ("{}", "[]"):
            return "json"
        if "".join(sent.split()) == "".join(one.split()):
            return "blanks"
        if len(one) >= _TELLING and _ESCAPED_BLANKS.sub("", sent) == one:
            return "escaped-blanks"
        if len(sent) >= _SHORTEST_PART and one.startswith(sent):
            return "cut"
        if len(one) >= _SHORTEST_PART and sent.startswith(one):
            return "fragment" if sent[len(one)] == "#" else "more"
        if len(sent) >= _SHORTEST_CUT and one.endswith(sent):
            return "front"
        if len(one) >= _SHORTEST_PART and sent.endswith(one):
            return "before"
        if len(one) >= _SHORTEST_PART and sent.lower() == one.lower():
            return "case"
    return ""


def is_placeholder(value: str) -> bool:
    """Whether it is what a program sends in place of a value that it doesn't have: `undefined`, `${CLIENT_SECRET}`, `<secret>`."""
    return _PLACEHOLDER.fullmatch(value) is not None


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that tells nothing."""
    return compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
