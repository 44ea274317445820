"""Client assertions: judging the JWT with which a client proves who it is.

Here: client_secret_jwt and private_key_jwt. Not here: the methods that show a secret (`client_auth`).
"""

from __future__ import annotations

import math
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from oauthctl.findings import Outcome
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import Token, take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.provider.answers import Denied
from oauthctl.provider.client import Client
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.state import ProviderState, with_item

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SECRET_ALGS = ("HS256", "HS384", "HS512")
KEY_ALGS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
_LONGEST_LIFE = 3600.0
_CLOCKS_DIFFER = 60.0


def claimed_client(assertion: str) -> str:
    """The client that an assertion claims to be from, unproven; empty when it can't be read."""
    return take_apart(assertion).claim_text("sub")


def accept_assertion(
    state: ProviderState, client: Client, assertion: str, *, endpoints: tuple[str, ...], moment: Moment
) -> tuple[ProviderState, str]:
    """The state that knows this assertion as used, and the method: client_secret_jwt or private_key_jwt. `Denied` for one that is not good.

    `endpoints` are the URLs that may have been asked; they count as audience beside the issuer and the token endpoint.
    Source: RFC 7523 section 3; OpenID Connect Core 1.0 section 9 (`jti` against replay).
    """
    token = take_apart(assertion)
    claims = token.claims
    if claims is None:
        raise _bad("the client assertion is no JWT")
    method = "client_secret_jwt" if token.alg in SECRET_ALGS else "private_key_jwt"
    _check_signature(client, token, method)
    if claims.get("iss") != client.id or claims.get("sub") != client.id:
        raise _bad("iss and sub of the client assertion have to be the client_id")
    _check_audience(state, claims, endpoints)
    expires_at = _check_times(claims, moment)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise _bad("the client assertion has no jti")
    key = digest(f"{client.id} {jti}")
    if state.assertions.get(key, 0.0) > moment.seconds:
        raise _bad("the client assertion was used before")
    known = {one: end for one, end in state.assertions.items() if end > moment.seconds}
    return replace(state, assertions=with_item(known, key, expires_at + _CLOCKS_DIFFER)), method


def _check_signature(client: Client, token: Token, method: str) -> None:
    if method == "client_secret_jwt":
        if not client.secret:
            raise _bad("the client has no secret with which an assertion could be signed")
        octets = urlsafe_b64encode(client.secret.encode()).rstrip(b"=").decode()
        keys: tuple[Jwk, ...] = (Jwk((("kty", "oct"), ("k", octets))),)
    else:
        keys = tuple(key.public() for key in client.keys)
        if not keys:
            raise _bad("no key is registered for the client")
    verdict = check_signature(token, keys, allowed_algs=SECRET_ALGS if method == "client_secret_jwt" else KEY_ALGS)
    if verdict.outcome is not Outcome.PASS:
        raise _bad(f"the signature of the client assertion is not good: {verdict.why}")


def _check_audience(state: ProviderState, claims: Mapping[str, Any], endpoints: tuple[str, ...]) -> None:
    audience = claims.get("aud")
    named = (
        {audience}
        if isinstance(audience, str)
        else {one for one in audience if isinstance(one, str)}
        if isinstance(audience, list)
        else set()
    )
    if not named & {state.issuer, state.url(state.endpoints.token), *endpoints}:
        raise _bad("aud of the client assertion has to be the issuer")


def _check_times(claims: Mapping[str, Any], moment: Moment) -> float:
    expires_at = _time(claims.get("exp"))
    if expires_at is None:
        raise _bad("the client assertion has no exp")
    if moment.seconds > expires_at + _CLOCKS_DIFFER:
        raise _bad("the client assertion has expired")
    if expires_at > moment.seconds + _LONGEST_LIFE + _CLOCKS_DIFFER:
        raise _bad(f"the client assertion is good for more than {_LONGEST_LIFE:g} seconds")
    begins = (_time(claims.get("nbf")), _time(claims.get("iat")))
    if any(at is not None and at > moment.seconds + _CLOCKS_DIFFER for at in begins):
        raise _bad("the client assertion is from the future: the clocks differ")
    return expires_at


def _time(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 and math.isfinite(value)
    return float(value) if is_number else None  # type: ignore[arg-type]  # mypy does not carry `isinstance` through the name


def _bad(description: str) -> Denied:
    # RFC 7523 section 3.2: `invalid_client`.
    return Denied("invalid_client", description, status=401)
