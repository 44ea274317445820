"""JWTs of the provider's: signed, and encrypted for a client that wants that.

Here: with which key. Not here: what such a JWT says (`id_token`, `back`, `userinfo`, `introspect`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oauthctl.errors import ConfigError
from oauthctl.provider.answers import Denied
from oauthctl.provider.client import Client
from oauthctl.provider.moment import base64url
from oauthctl.provider.state import ProviderState

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk


def signing_key(state: ProviderState, alg: str) -> Jwk:
    """The provider's newest key for this algorithm; its newest of all where it has none."""
    return next((key for key in state.keys if key.alg == alg), state.keys[0])


def key_for(state: ProviderState, client: Client, alg: str) -> Jwk:
    """What signs for this client with this algorithm: the provider's key, or the client's secret."""
    from oauthctl.jose.jwk import Jwk

    if alg == "HS256":
        # OIDC Core section 10.1: the key is the client secret's octets.
        return Jwk.from_dict({"kty": "oct", "k": base64url(client.secret.encode())})
    return signing_key(state, alg)


def sealed(
    state: ProviderState, client: Client, claims: Mapping[str, Any], *, alg: str, encrypted: tuple[str, str] = ("", ""), typ: str = "JWT"
) -> str:
    """The JWT for this client; `encrypted` with an `alg` and an `enc` it is nested in a JWE for the client's key.

    `Denied` for a client that has no such key, or none that is any good.
    Source: OpenID Connect Core 1.0 section 10.2: signed first, then encrypted.
    """
    from oauthctl.jose.sign import sign

    compact = sign(claims, key_for(state, client, alg), alg=alg, header={"typ": typ})
    encrypted_alg, enc = encrypted
    if not encrypted_alg:
        return compact
    from oauthctl.jose.jwe import encrypt, encryption_key

    key = encryption_key(client.keys, encrypted_alg)
    try:
        if key is not None:
            return encrypt(compact, key.public(), alg=encrypted_alg, enc=enc, header={"cty": "JWT"})
    except ConfigError:
        # Keys are tried when a client gives them; these are older than that, or were set up otherwise. The error's text is for a terminal.
        pass
    raise Denied("invalid_request", f"the client has no key that can be encrypted for with {encrypted_alg}")
