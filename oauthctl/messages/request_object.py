"""Request objects: an authorization request as the claims of a JWT.

Here: making one, and which parameter becomes what kind of claim. Not here: sending it (`flows.request_object`), judging one (`rules`).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from oauthctl.http import Params, decimal

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk

TYPE = "oauth-authz-req+jwt"
MEDIA_TYPES = (f"application/{TYPE}", "application/jwt")
"""What a request object is served as, by reference: by its own name, or as OpenID Connect had it before RFC 9101."""
SECONDS = 300
"""How long it is good for: a person has to sign in before it is used up."""
REFERENCE = "reference"
WAYS = ("signed", "secret", "none", "encrypted", REFERENCE)
"""Signed with the client's key or its secret, not at all (to provoke), signed and encrypted for the server, signed and fetched from us."""
_JSON = ("claims", "authorization_details", "registration")
_NUMBERS = ("max_age",)
_SEVERAL = ("resource",)


def request_claims(params: Params, *, client_id: str, audience: str, now: datetime, jti: str) -> dict[str, Any]:
    """The claims: all parameters, and what says from whom, for whom and how long. Source: RFC 9101 section 4.

    `request` and `request_uri` "MUST NOT be included in Request Objects".
    """
    issued_at = int(now.timestamp())
    about: dict[str, Any] = {"iss": client_id, "aud": audience, "iat": issued_at, "nbf": issued_at, "exp": issued_at + SECONDS, "jti": jti}
    names = dict.fromkeys(name for name, _ in params if name not in ("request", "request_uri"))
    asked = {name: _value(name, params.all(name)) for name in names}
    return {**about, **asked, "client_id": client_id}


def request_object(claims: dict[str, Any], key: Jwk | None, *, alg: str = "") -> str:
    """The compact JWT; without a key it is not signed. Raises `ConfigError` for a key that can't sign with `alg`."""
    from oauthctl.jose.key_file import assertion_header
    from oauthctl.jose.sign import sign, unsecured

    if key is None:
        return unsecured(claims, header={"typ": TYPE})
    return sign(claims, key, alg=alg, header={"typ": TYPE, **assertion_header(key)})


def _value(name: str, values: tuple[str, ...]) -> Any:
    if name in _SEVERAL and len(values) > 1:
        return list(values)
    value = values[0]
    number = decimal(value) if name in _NUMBERS else None
    if number is not None:
        return number
    if name in _JSON:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value
