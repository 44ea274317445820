"""Client assertions: a client proves who it is with a signed JWT instead of showing its secret.

Here: making one. Not here: where its key lies (`store`), putting it into a request (`client_auth`), judging somebody else's (`rules`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from oauthctl.errors import ConfigError
from oauthctl.jose.jwk import Jwk

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 60
"""How long it is good for: it is used at once, and a short life is the best defence against its being shown again."""


def client_assertion(client_id: str, key: Jwk, *, audience: str, now: datetime, jti: str, alg: str = "") -> str:
    """The compact JWT; `key` is the client's private key, or its secret as an `oct` key for client_secret_jwt.

    Raises `ConfigError` for a key that can't sign with `alg`. Source: RFC 7523 section 3; OpenID Connect Core 1.0 section 9.
    """
    from oauthctl.jose.key_file import assertion_header
    from oauthctl.jose.sign import sign

    issued_at = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": jti,
        "iat": issued_at,
        "exp": issued_at + ASSERTION_SECONDS,
    }
    return sign(claims, key, alg=alg, header=assertion_header(key))


def secret_key(secret: str) -> Jwk:
    """The client secret as the key of client_secret_jwt: its UTF-8 octets. Source: OpenID Connect Core 1.0 section 10.1.

    Raises `ConfigError` for one that is too short: whoever sees an assertion could guess it (RFC 7518 section 3.2).
    """
    from base64 import urlsafe_b64encode

    octets = secret.encode("utf-8")
    if len(octets) < 32:
        raise ConfigError(
            f"the client secret is too short for client_secret_jwt: {len(octets)} bytes, where HS256 needs 32",
            slug="secret-too-short",
            spec="RFC 7518 section 3.2",
            help="use `--client-auth client_secret_basic`, or register a longer secret",
        )
    return Jwk((("kty", "oct"), ("k", urlsafe_b64encode(octets).rstrip(b"=").decode())))
