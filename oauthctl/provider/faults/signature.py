"""Faults of the ID token's signature and header.

Here: how it is signed, and how it arrives. Not here: its claims (`id_token`), the published keys (`keys`).
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.sign import sign, unsecured
from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import document_of, with_claims, with_document, with_members
from oauthctl.provider.faults.keys import another, rsa_of
from oauthctl.provider.faults.registry import Call, fault
from oauthctl.provider.id_token import signing_key
from oauthctl.provider.moment import base64url


@fault("token", rule="algorithm-none", is_dangerous=True)
def signature_none(call: Call) -> Answer | None:
    """The ID token is unsigned: its `alg` is `none`."""
    return with_claims(call, lambda claims: claims, resign=unsecured)


@fault("token", rule="algorithm-confusion", is_dangerous=True)
def signature_by_public_key(call: Call) -> Answer | None:
    """The ID token is signed with HS256, and its secret is the text of the published public key."""
    key = signing_key(call.state, "RS256")
    secret = json.dumps(key.public().as_dict(), separators=(",", ":")).encode()
    symmetric = Jwk.from_dict({"kty": "oct", "k": base64url(secret), "kid": key.kid})
    return with_claims(call, lambda claims: claims, resign=lambda claims: sign(claims, symmetric, alg="HS256"))


@fault("token", rule="token-altered", is_dangerous=True)
def signature_wrong(call: Call) -> Answer | None:
    """The ID token's signature belongs to other claims."""

    def resign(claims: dict[str, Any]) -> str:
        key = signing_key(call.state, "RS256")
        right, other = sign(claims, key), sign({**claims, "sub": "somebody-else"}, key)
        return f"{right.rpartition('.')[0]}.{other.rpartition('.')[2]}"

    return with_claims(call, lambda claims: claims, resign=resign)


@fault("token", rule="signature-invalid")
def signature_kid_unknown(call: Call) -> Answer | None:
    """The ID token names a `kid` that the key set does not have."""
    return _header(call, kid="a-key-of-yesterday")


@fault("token", "jwks", rule="key-id-missing")
def signature_without_kid(call: Call) -> Answer | None:
    """The ID token names no key in its header, and the key set has two that fit."""
    if call.place == "token":
        return _header(call, kid=None)
    return with_document(
        call, lambda document: {"keys": [*document["keys"], *({**another(key), "kid": "beside"} for key in rsa_of(document))]}
    )


@fault("token", rule="critical-header-unknown", is_dangerous=True)
def signature_crit(call: Call) -> Answer | None:
    """The ID token has a `crit` header parameter that nobody understands."""
    return _header(call, crit=["https://elsewhere.example/must"], **{"https://elsewhere.example/must": True})


@fault("token", rule="key-in-token", is_dangerous=True)
def signature_by_key_in_header(call: Call) -> Answer | None:
    """The ID token brings the key that it is signed with in its own header."""
    stranger = generate("ES256")
    header = {"jwk": stranger.public().as_dict()}
    return with_claims(call, lambda claims: claims, resign=lambda claims: sign(claims, stranger, alg="ES256", header=header))


@fault("token", rule="token-truncated", is_dangerous=True)
def signature_cut_off(call: Call) -> Answer | None:
    """The ID token ends before its signature does."""
    return _text(call, lambda token: token[:-40])


@fault("token", rule="token-with-blanks")
def signature_with_blanks(call: Call) -> Answer | None:
    """The ID token has a line break in its middle."""
    return _text(call, lambda token: f"{token[:200]}\n{token[200:]}")


@fault("token", rule="token-not-base64url")
def signature_in_plain_base64(call: Call) -> Answer | None:
    """The ID token's parts are base64 with padding, not base64url."""
    return _text(call, lambda token: ".".join(_plain(part) for part in token.split(".")))


def _header(call: Call, **members: Any) -> Answer | None:
    key = signing_key(call.state, "RS256")
    return with_claims(call, lambda claims: claims, resign=lambda claims: sign(claims, key, header=members))


def _text(call: Call, edit: Callable[[str], str]) -> Answer | None:
    _, response = call.answered()
    token = str((document_of(response) or {}).get("id_token") or "")
    return with_members(call, id_token=edit(token)) if token else None


def _plain(part: str) -> str:
    from base64 import b64encode

    return b64encode(urlsafe_b64decode(part + "=" * (-len(part) % 4))).decode()
