"""An encrypted ID token, opened: from there on it is the signed one that was inside.

Here: opening it, and what is told of that. Not here: judging it (`authorization_code`, `refreshed_id_token`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from oauthctl.errors import CheckFailed
from oauthctl.flows.token_endpoint import Granted, with_warnings
from oauthctl.jose.jwt import Kind, take_apart
from oauthctl.messages.token import TokenResponse

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk


def with_opened_id_token(granted: Granted, keys: tuple[Jwk, ...], *, secret: str = "") -> Granted:
    """The same with the inner ID token in the place of the encrypted one, which is also what a hint must be (OIDC Core section 3.1.2.1).

    Without any key it stays as it came. Raises `CheckFailed` where the keys at hand do not open it.
    Source: OpenID Connect Core 1.0 section 3.1.3.7, first step.
    """
    token = take_apart(granted.response.id_token or "")
    if token.kind is not Kind.JWE:
        return granted
    if not keys and not secret:
        return with_warnings(granted, "the ID token is encrypted and was not opened: give the private key with `--client-key FILE`")
    from oauthctl.jose.jwe import Undecryptable, decrypt

    try:
        inner = decrypt(token.compact, keys, secret=secret)
    except Undecryptable as error:
        raise CheckFailed(
            f"the ID token is encrypted and can't be opened: {error}",
            slug="token-encrypted",
            where=f"exchange {granted.exchange}, response.id_token",
            spec="OIDC Core section 3.1.3.7",
            help="give the private key to whose public half it was encrypted, with `--client-key FILE`",
        ) from None
    fields = tuple((name, inner if name == "id_token" else value) for name, value in granted.response.fields)
    return replace(granted, response=TokenResponse(fields, granted.response.exchange))
