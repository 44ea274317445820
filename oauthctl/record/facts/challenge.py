"""How a verifier fits a challenge, and how a value that came one way was changed before it was sent the other.

Here: the mistakes that clients make on the way from one to the other, by name. Not here: which messages belong together (`facts.flow`).
"""

from __future__ import annotations

import re
from base64 import standard_b64encode, urlsafe_b64encode
from collections.abc import Iterable
from hashlib import sha256
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
_SHORTEST_PART = 8


def challenge_fit(verifier: str, challenge: str) -> str:
    """By what the challenge was made from this verifier: `S256`, `plain`, or a mistake's name; empty when it was made from another.

    `padded`, `base64` and `base64-padded` are spellings of the right hash, `hex` its digits, `base64-of-hex` those in base64url,
    `hashed-twice` the hash of the spelled hash. Source: RFC 7636 section 4.2.
    """
    digest = sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    digits = digest.hex()
    right = urlsafe_b64encode(digest).decode("ascii")
    standard = standard_b64encode(digest).decode("ascii")
    again = sha256(right.rstrip("=").encode("ascii")).digest()
    spellings = {
        "S256": right.rstrip("="),
        "plain": verifier,
        "padded": right,
        "base64": standard.rstrip("="),
        "base64-padded": standard,
        "hex": digits,
        "base64-of-hex": urlsafe_b64encode(digits.encode("ascii")).decode("ascii").rstrip("="),
        "hashed-twice": urlsafe_b64encode(again).decode("ascii").rstrip("="),
    }
    # A `+` that was sent unescaped arrives as a space.
    written = challenge.replace(" ", "+")
    return next((name for name, spelled in spellings.items() if same(spelled, written)), "")


def change(sent: str, received: Iterable[str]) -> str:
    """What became of a value between its arrival and its use: empty when it is one of those that came, or none of their kin.

    `encoded`, `decoded`, `cut`, `blanks` (around it or in it), `more` (text after it).
    """
    came = tuple(dict.fromkeys(received))
    if any(same(sent, one) for one in came):
        return ""
    for one in came:
        if sent in (quote(one, safe=""), quote_plus(one), quote(one)):
            return "encoded"
        if sent in (unquote(one), unquote_plus(one)):
            return "decoded"
        if "".join(sent.split()) == "".join(one.split()):
            return "blanks"
        if len(sent) >= _SHORTEST_PART and one.startswith(sent):
            return "cut"
        if len(one) >= _SHORTEST_PART and sent.startswith(one):
            return "more"
    return ""


def is_placeholder(value: str) -> bool:
    """Whether it is what a program sends in place of a value that it doesn't have: `undefined`, `${CLIENT_SECRET}`, `<secret>`."""
    return _PLACEHOLDER.fullmatch(value) is not None


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that tells nothing."""
    return compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
