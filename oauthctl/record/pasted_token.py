"""Tokens that were pasted: bare, wrapped over lines, or behind `Authorization: Bearer`.

Here: which text is the token, its faults of form left in it. Not here: tokens within documents and logs (`record.tokens`, `log_text`).
"""

from __future__ import annotations

import re

from oauthctl.jose.jwt import MAX_CHARACTERS, take_apart
from oauthctl.record.piece import Piece
from oauthctl.record.plain_text import line_at
from oauthctl.record.tokens import HeldToken, Role

_AUTHORIZATION = re.compile(
    r"\s*[\"']?(?:(?:proxy-)?authorization|x-forwarded-access-token|x-auth-request-access-token|x-ms-token-aad-id-token|x-amzn-oidc-data)[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:(?:bearer|dpop|token)(?:\s{1,8}|(?=:)))?(?P<value>\S[^\n]*)",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\s*[\"']?(?:bearer|dpop)\s{1,8}(?P<value>[\"'“]?\S[^\n]*)", re.IGNORECASE)
_NAMED = re.compile(
    r"\s*[\"']?(?P<name>access_?token|id_?token|refresh_?token|client_assertion|logout_token|dpop|assertion|token|jwt)[\"']?\s{0,4}[:=]\s{0,4}(?P<value>\S[^\n]*)",
    re.IGNORECASE,
)
_JWT = re.compile(r"e[wy][\w+/=-]{4,}\.[\w+/=-]*(?:\.[\w+/=-]*){0,3}(?:~[\w.~-]*)?")
_SECOND_SCHEME = re.compile(r"(?:(?:bearer|dpop)[\s:]+)+", re.IGNORECASE)
_SHORTEST = 6
_CONTINUED = re.compile(r"[ \t]*[\w+/=.~-]+[ \t]*(?=\n|\Z)", re.ASCII)
_OPAQUE = re.compile(r"[\w!*+./=~:|%-]{20,4096}", re.ASCII)
_BLANK = re.compile(r"\s*")
_WRAPPED_AT = 40
_QUOTED = re.compile(r"([\"'`])(.*)\1[,;]?")
_ROLES = {
    "accesstoken": Role.ACCESS_TOKEN,
    "idtoken": Role.ID_TOKEN,
    "refreshtoken": Role.REFRESH_TOKEN,
    "clientassertion": Role.CLIENT_ASSERTION,
    "assertion": Role.ASSERTION,
    "logouttoken": Role.LOGOUT_TOKEN,
    "dpop": Role.DPOP_PROOF,
}
# Source: RFC 9068 section 2.1, RFC 9449 section 4.2, OpenID Connect Back-Channel Logout 1.0 section 2.4, RFC 9101 section 10.8.
_TYPES = {
    "at+jwt": Role.ACCESS_TOKEN,
    "dpop+jwt": Role.DPOP_PROOF,
    "logout+jwt": Role.LOGOUT_TOKEN,
    "oauth-authz-req+jwt": Role.REQUEST_OBJECT,
}


def read_token(text: str, at: int) -> tuple[tuple[Piece, ...], int] | None:
    """The token that this line is, with what it was wrapped over, and where the text goes on; None when it is none."""
    line, after = line_at(text, at)
    if len(line) > MAX_CHARACTERS:
        return None
    if match := _AUTHORIZATION.fullmatch(line):
        return (
            (_credentials(match["value"]), after)
            if not match["value"].lower().startswith(("basic ", "digest ", "negotiate "))
            else ((), after)
        )
    if (match := _SCHEME.fullmatch(line)) and _is_credentials(match["value"]):
        return _credentials(match["value"]), after
    named = _NAMED.fullmatch(line)
    content = (named["value"] if named else line).strip()
    role = _ROLES.get(named["name"].lower().replace("_", ""), Role.UNKNOWN) if named else Role.UNKNOWN
    if quoted := _QUOTED.fullmatch(content):
        content = quoted[2].strip()
    content = content.rstrip(",;")
    if _JWT.fullmatch(content):
        raw, end = _wrapped(content, text, after)
        return (_piece(raw, role),), end
    if named and role is not Role.UNKNOWN and len(content) >= 8 and (" " not in content or _has_scheme(content)):
        return (_piece(content, role),), after
    if _looks_opaque(content) and _end_of_blanks(text, 0) >= at and _end_of_blanks(text, after) >= len(text):
        return (_piece(content, role),), after
    return None


def _credentials(value: str) -> tuple[Piece, ...]:
    """What stood behind the scheme, as it stood: a second scheme or quotes are what is wrong with it."""
    written = value.rstrip()
    if written[-1:] in ("'", '"') and written.count(written[-1]) % 2:
        # The quote of a header in a command or in JSON.
        written = written[:-1]
    return (_piece(written, Role.ACCESS_TOKEN),)


def _piece(raw: str, role: Role) -> Piece:
    token = take_apart(raw)
    role = _TYPES.get(token.typ, role) if role is Role.UNKNOWN else role
    return Piece("token", tokens=(HeldToken(role, role.value, token),))


def _is_credentials(value: str) -> bool:
    inner = _SECOND_SCHEME.sub("", value.strip()).strip("\"'“”")
    # Behind a second scheme nothing stands but a token, be it shortened.
    is_second = _SECOND_SCHEME.match(value.strip()) is not None and len(inner) >= _SHORTEST
    return bool(_JWT.fullmatch(inner) or _OPAQUE.fullmatch(inner)) or (is_second and " " not in inner)


def _has_scheme(content: str) -> bool:
    """Whether the scheme was kept as a part of what is called a token."""
    return _SECOND_SCHEME.match(content) is not None and _is_credentials(content)


def _looks_opaque(content: str) -> bool:
    return (
        bool(_OPAQUE.fullmatch(content))
        and any(character.isdigit() for character in content)
        and "://" not in content
        and content.count("/") < 4
    )


def _end_of_blanks(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _wrapped(token: str, text: str, at: int) -> tuple[str, int]:
    """The token with the rest of it on the following lines, where a terminal or a mail broke it: at the width of the first line."""
    parts = [token]
    is_whole = token.count(".") > 1
    while at < len(text) and len(parts[-1]) >= _WRAPPED_AT:
        line, after = line_at(text, at)
        stripped = line.strip()
        # What is longer than the line before it was broken on purpose: it belongs to a token that lacks parts.
        if (
            not stripped
            or (len(stripped) > len(token) and is_whole)
            or stripped.startswith(("eyJ", "ewo"))
            or not _CONTINUED.match(text, at)
        ):
            break
        parts.append(stripped)
        is_whole = is_whole or "." in stripped
        at = after
    return "\n".join(parts), min(at, len(text))
