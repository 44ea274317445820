"""A token taken apart: header, claims, signature, and what is odd about its form. Nothing is verified.

Here: reading, with base64 and json alone. Not here: finding tokens in what people paste (`jose.paste`), signatures (`jose.verify`).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from oauthctl.jose.json_object import Flaw, read_json
from oauthctl.jose.paste import Found, find_tokens

__all__ = ["MAX_CHARACTERS", "Flaw", "Found", "Kind", "Token", "find_tokens", "take_apart"]

MAX_CHARACTERS = 1024 * 1024
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class Kind(StrEnum):
    """What a token is by its form."""

    JWS = "JWS"
    JWE = "JWE"
    UNSECURED = "unsecured"
    OPAQUE = "opaque"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart. `header` and `claims` are None when they can't be read as JSON objects.

    `signing_input` is what the signature is over (RFC 7515 section 5.2). Of an encrypted token only the header can be read; `parts` has the
    rest as it came.
    """

    compact: str = field(repr=False)
    kind: Kind
    header: dict[str, Any] | None = None
    claims: dict[str, Any] | None = field(default=None, repr=False)
    payload: bytes = field(default=b"", repr=False)
    signature: bytes = field(default=b"", repr=False)
    signing_input: bytes = field(default=b"", repr=False)
    parts: tuple[str, ...] = field(default=(), repr=False)
    flaws: tuple[Flaw, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """The flaws of its form as sentences."""
        return tuple(flaw.sentence for flaw in self.flaws)

    @property
    def is_jwt(self) -> bool:
        """Whether header and claims could be read."""
        return self.header is not None and self.claims is not None

    def header_text(self, name: str) -> str:
        """A member of the header; empty when it is missing or no string."""
        value = (self.header or {}).get(name)
        return value if isinstance(value, str) else ""

    @property
    def alg(self) -> str:
        """The algorithm that the header names; empty when it names none."""
        return self.header_text("alg")

    @property
    def kid(self) -> str:
        """The key that the header names; empty when it names none."""
        return self.header_text("kid")

    @property
    def typ(self) -> str:
        """The type that the header names, in lower case and without `application/` (RFC 7515 section 4.1.9)."""
        return self.header_text("typ").lower().removeprefix("application/")

    def claim_text(self, name: str) -> str:
        """A claim; empty when it is missing or no string."""
        value = (self.claims or {}).get(name)
        return value if isinstance(value, str) else ""


def take_apart(text: str) -> Token:
    """The token that this text is; never raises. What is odd is told in `problems`, what can be read is read all the same."""
    if len(text) > MAX_CHARACTERS:
        return Token(text, Kind.UNREADABLE, flaws=(Flaw("too-large", f"{len(text)} characters are more than a token has (1 MiB is read)"),))
    flaws: list[Flaw] = []
    compact = _without_spaces(text, flaws)
    compact, tilde, disclosures = compact.partition("~")
    if tilde:
        count = len([part for part in disclosures.split("~") if "." not in part and part])
        flaws.append(Flaw("sd-jwt", f"an SD-JWT with {count} disclosures: the issuer's JWT is shown"))
    parts = tuple(compact.split("."))
    header_flaws: list[Flaw] = []
    header = _object(parts[0], "the header", header_flaws)
    if header is None and not parts[0].startswith("ey") and not _has_claims(parts, header_flaws):
        return Token(compact, Kind.OPAQUE, parts=parts, flaws=(*flaws, _opaque(compact)))
    flaws += header_flaws
    if len(parts) == 5:
        return _encrypted(Token(compact, Kind.JWE, header, parts=parts, flaws=tuple(flaws)))
    return _signed(Token(compact, Kind.JWS, header, parts=parts, flaws=tuple(flaws)))


def _has_claims(parts: tuple[str, ...], header_flaws: list[Flaw]) -> bool:
    """Whether claims stand behind a header that is JSON and no object, such as `null`."""
    is_json = any(flaw.slug == "not-an-object" for flaw in header_flaws)
    return is_json and len(parts) == 3 and bool(_object(parts[1], "the payload", []))


def decode_part(part: str, subject: str, flaws: list[Flaw]) -> bytes | None:
    """The octets of one base64url part, read leniently; None when there are none to be had."""
    if "=" in part:
        flaws.append(Flaw("padding", f"{subject} is padded with `=`, which a JWT must not be"))
        part = part.rstrip("=")
    if "+" in part or "/" in part:
        flaws.append(Flaw("base64-alphabet", f"{subject} has `+` or `/`: it is base64, not base64url"))
        part = part.translate({ord("+"): "-", ord("/"): "_"})
    if not _BASE64URL.fullmatch(part):
        odd = next(character for character in part if not _BASE64URL.fullmatch(character))
        flaws.append(Flaw("not-base64url", f"{subject} is not base64url: it has the character {odd!a}"))
        return None
    if len(part) % 4 == 1:
        flaws.append(Flaw("base64-length", f"{subject} can't be base64url of {len(part)} characters: one is missing or too many"))
        part = part[:-1]
    unused = {2: 0b1111, 3: 0b11}.get(len(part) % 4, 0)
    if unused and _ALPHABET.index(part[-1]) & unused:
        flaws.append(Flaw("loose-base64", f"{subject} ends in a character whose last bits mean nothing and are not zero"))
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        flaws.append(Flaw("not-base64url", f"{subject} is not base64url"))
        return None


def _without_spaces(text: str, flaws: list[Flaw]) -> str:
    inner = text.strip()
    if inner != text:
        flaws.append(Flaw("whitespace", "there is white space around the token"))
    compact = "".join(inner.split())
    if compact != inner:
        flaws.append(Flaw("whitespace-inside", "there is white space or a line break inside the token"))
    return compact


def _object(part: str, subject: str, flaws: list[Flaw]) -> dict[str, Any] | None:
    octets = decode_part(part, subject, flaws)
    return None if octets is None else _object_of(octets, subject, flaws)


def _object_of(octets: bytes, subject: str, flaws: list[Flaw]) -> dict[str, Any] | None:
    if not octets:
        flaws.append(Flaw("empty-part", f"{subject} is empty"))
        return None
    read = read_json(octets, subject)
    flaws += read.flaws
    if isinstance(read.value, dict):
        return read.value
    if read.value is not None or not read.flaws:
        flaws.append(Flaw("not-an-object", f"{subject} is JSON and not an object"))
    return None


def _opaque(compact: str) -> Flaw:
    if not compact:
        return Flaw("empty", "there is no token: the text is empty")
    return Flaw("opaque", "an opaque token, not a JWT: only the server that issued it can read it (introspection, RFC 7662)")


def _encrypted(token: Token) -> Token:
    if token.header is None:
        return _with(token, Kind.UNREADABLE, token.flaws)
    note = Flaw("encrypted", "five parts: an encrypted token (JWE); its claims can be read only with the recipient's key")
    return _with(token, Kind.JWE, (*token.flaws, note))


def _with(token: Token, kind: Kind, flaws: tuple[Flaw, ...]) -> Token:
    return Token(token.compact, kind, token.header, parts=token.parts, flaws=flaws)


def _signed(token: Token) -> Token:
    flaws = list(token.flaws)
    parts = token.parts
    if len(parts) != 3:
        flaws.append(_wrong_count(len(parts)))
    if len(parts) == 1:
        return _with(token, Kind.UNREADABLE, tuple(flaws))
    payload = _payload(token, flaws)
    claims = _object_of(payload, "the payload", flaws) if payload else None
    if not payload:
        flaws.append(Flaw("empty-payload", "the payload is empty or can't be read"))
    signature = decode_part(parts[2], "the signature", flaws) if len(parts) == 3 else b""
    is_none = token.alg.lower() == "none"
    if len(parts) == 3 and not parts[2] and not is_none:
        flaws.append(Flaw("no-signature", "the signature is empty, though the header names an algorithm"))
    if token.header is not None and not token.alg:
        flaws.append(Flaw("no-algorithm", "the header names no algorithm (`alg`)"))
    kind = Kind.UNREADABLE if token.header is None or len(parts) > 3 else Kind.UNSECURED if is_none else Kind.JWS
    signing_input = f"{parts[0]}.{parts[1]}".encode("utf-8", "surrogatepass")
    return Token(token.compact, kind, token.header, claims, payload, signature or b"", signing_input, parts=parts, flaws=tuple(flaws))


def _payload(token: Token, flaws: list[Flaw]) -> bytes:
    if (token.header or {}).get("b64") is False:
        # Source: RFC 7797 section 3.
        flaws.append(Flaw("unencoded-payload", "the payload is not encoded (`b64` is false), which a JWT must not do"))
        return token.parts[1].encode("utf-8", "surrogatepass")
    return decode_part(token.parts[1], "the payload", flaws) or b""


def _wrong_count(count: int) -> Flaw:
    if count == 1:
        return Flaw("parts", "only one part: the token was cut off after its header")
    if count == 2:
        return Flaw("parts", "two parts: the signature is missing, the token was cut off")
    return Flaw("parts", f"{count} parts: a signed token has three and an encrypted one five")
