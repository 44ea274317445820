"""Making a compact JWS.

Here: one signature over one set of claims. Not here: which claims a message needs (`messages`), keys (`jose.jwk`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from oauthctl.errors import ConfigError
from oauthctl.jose.algorithms import SIGNATURE_ALGORITHMS, UnusableKey, algorithm_for, sign_bytes
from oauthctl.jose.jwk import Jwk


def sign(claims: Mapping[str, Any], key: Jwk, *, alg: str = "", header: Mapping[str, Any] | None = None) -> str:
    """A JWT in compact form, signed with this private or symmetric key.

    The algorithm is `alg`, else the key's own, else the usual one for its type. The header says `alg`, `typ` and the key's `kid`; `header`
    adds to it and replaces, and a value of None takes a member away.
    Raises: ConfigError when the key can't sign so.
    """
    chosen = alg or key.alg or algorithm_for(key.kty, key.crv)
    algorithm = SIGNATURE_ALGORITHMS.get(chosen)
    if algorithm is None:
        raise ConfigError(f"nothing can be signed with the algorithm `{chosen or 'unknown'}`")
    if key.kty != algorithm.kty or (algorithm.curves and key.crv not in algorithm.curves):
        wanted = f"`{algorithm.kty}`" + (f" on {' or '.join(algorithm.curves)}" if algorithm.curves else "")
        raise ConfigError(f"a key of type `{key.kty}`{f' on {key.crv}' if key.crv else ''} can't sign `{chosen}`, which needs {wanted}")
    if not key.is_private:
        raise ConfigError("a public key can't sign", help="give the private key")
    members: dict[str, Any] = {"alg": chosen, "typ": "JWT", "kid": key.kid or None, **(header or {})}
    head = {name: value for name, value in members.items() if value is not None}
    signing_input = f"{encode_part(head)}.{encode_part(claims)}"
    try:
        signature = sign_bytes(chosen, key.as_dict(), signing_input.encode())
    except UnusableKey:
        raise ConfigError("the key's members don't make a usable private key") from None
    return f"{signing_input}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def unsecured(claims: Mapping[str, Any], *, header: Mapping[str, Any] | None = None) -> str:
    """A JWT without a signature: `alg` is `none`. For tests of those who must refuse it.

    Source: RFC 7519 section 6.
    """
    return f"{encode_part({'alg': 'none', **(header or {})})}.{encode_part(claims)}."


def encode_part(members: Mapping[str, Any]) -> str:
    """A JSON object as one part of a compact token: UTF-8, no spaces, base64url without padding.

    Raises: ConfigError for a value that no JSON can hold: NaN, half a surrogate pair.
    """
    try:
        octets = json.dumps(dict(members), separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        # What it stumbles over may be a secret.
        kind = "half a surrogate pair" if isinstance(error, UnicodeEncodeError) else "a number that JSON does not know"
        raise ConfigError(f"{kind} can't be signed") from None
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
