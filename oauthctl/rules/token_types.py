"""Members of a token that are of a type which no recipient can read: `alg` an object, `kid` a list, `iss` a number.

Here: the header's members and the claims with a type that an RFC sets. Not here: times (`token_time`), the token's form (`token_form`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oauthctl.jose.jwt import Kind
from oauthctl.rules.presented import is_to_be_verified, refusing
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section


@dataclass(frozen=True, slots=True)
class _Type:
    """What a member must be: for a sentence, and as a test of a value."""

    name: str
    fits: Callable[[Any], bool]


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


_TEXT = _Type("a string", lambda value: isinstance(value, str))
_TEXTS = _Type("a list of strings that is not empty", lambda value: _are_texts(value) and bool(value))
_TEXT_OR_TEXTS = _Type("a string or a list of strings", lambda value: isinstance(value, str) or _are_texts(value))
_OBJECT = _Type("an object", lambda value: isinstance(value, dict))
# Source: RFC 7515 section 4.1; RFC 7797 has `b64`, which nobody needs here.
_HEADER = {
    **dict.fromkeys(("alg", "kid", "typ", "cty", "jku", "x5u", "x5t", "x5t#S256", "enc"), _TEXT),
    **{"crit": _TEXTS, "x5c": _TEXTS, "jwk": _OBJECT},
}
# Source: RFC 7519 section 4.1, OpenID Connect Core 1.0 section 2, RFC 7800 section 3.1, RFC 8693 section 4.
_CLAIMS = {
    **dict.fromkeys(("iss", "sub", "jti", "azp", "nonce", "acr", "at_hash", "c_hash", "client_id", "sid"), _TEXT),
    **{"aud": _TEXT_OR_TEXTS, "scope": _TEXT_OR_TEXTS, "cnf": _OBJECT, "act": _OBJECT},
}


@rule(
    Section("RFC 7515", "4.1"),
    explains=(
        "critical-header-unknown",
        "signature-invalid",
        "key-unknown",
        "key-id-missing",
        "algorithm-not-accepted",
        "token-of-another-kind",
    ),
)
def header_member_mistyped(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A member of the token's header has a type that nobody can read."""
    if jwt.held.token.kind not in (Kind.JWS, Kind.JWE) or not jwt.header or not _matters(jwt, scene):
        return
    # That `alg` is missing is `token_header_unusable`.
    wrong = _mistyped(jwt.header, _HEADER)
    if not wrong:
        return
    said = [_told(name, jwt.header[name], _HEADER) for name in wrong]
    yield Found(
        cause=f"In the token's header {_joined(said)}: a recipient can't choose the key and the algorithm by it, and refuses the token.",
        help="In the code that makes the token, write the header's members as RFC 7515 has them, or let a JWT library make the token.",
        evidence=tuple(jwt.evidence(f".header.{name}", _HEADER[name].name, _shown(jwt.header.get(name))) for name in wrong),
    )


@rule(
    Section("RFC 7519", "4.1"),
    explains=("issuer-differs", "audience-differs", "id-token-audience-differs", "id-token-issuer-differs", "token-issuer-differs"),
)
def claim_mistyped(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A claim of the token has a type that nobody can read."""
    wrong = _mistyped(jwt.claims, _CLAIMS)
    if not wrong or not _matters(jwt, scene):
        return
    said = [_told(name, jwt.claims[name], _CLAIMS) for name in wrong]
    yield Found(
        cause=f"In the token's claims {_joined(said)}: what verifies it compares such a claim with text, and refuses the token.",
        help="In the code that makes the token (a claim mapping, a custom token builder), write the claim in the type that its RFC sets.",
        evidence=tuple(jwt.evidence(f".claims.{name}", _CLAIMS[name].name, _shown(jwt.claims[name])) for name in wrong),
    )


def _matters(jwt: Jwt, scene: Scene) -> bool:
    return is_to_be_verified(jwt, scene) or refusing(jwt, scene) is not None


def _mistyped(members: Mapping[str, Any], types: Mapping[str, _Type]) -> list[str]:
    """The names with a value of another type. A claim that is null says as much as none."""
    return [name for name, type_ in types.items() if members.get(name) is not None and not type_.fits(members[name])]


def _told(name: str, value: object, types: Mapping[str, _Type]) -> str:
    return f"`{name}` is `{_shown(value)}` where it must be {types[name].name}"


def _shown(value: object) -> str:
    return "missing" if value is None else json.dumps(value, ensure_ascii=False)[:60]


def _joined(sentences: list[str]) -> str:
    return sentences[0] if len(sentences) == 1 else ", ".join(sentences[:-1]) + f" and {sentences[-1]}"
