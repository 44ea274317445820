"""Client assertions: judging the JWT with which a client proves who it is.

Here: client_secret_jwt and private_key_jwt. Not here: the methods that show a secret (`client_auth`).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from oauthctl.findings import Outcome
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import Token, take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.provider.answers import Denied
from oauthctl.provider.changing import changed
from oauthctl.provider.client import Client
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.shown_jwt import CLOCKS_DIFFER, LONGEST_LIFE, audiences, check_kind, check_times, is_remembered, remembering
from oauthctl.provider.state import ProviderState

SECRET_ALGS = ("HS256", "HS384", "HS512")
_TYPES = ("client-authentication+jwt",)
"""Source: draft-ietf-oauth-rfc7523bis."""
KEY_ALGS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")


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
    check_kind(token, _TYPES, what="client assertion", refuse=_bad)
    method = "client_secret_jwt" if token.alg in SECRET_ALGS else "private_key_jwt"
    _check_signature(client, token, method)
    if claims.get("iss") != client.id or claims.get("sub") != client.id:
        raise _bad("iss and sub of the client assertion have to be the client_id")
    if not audiences(claims) & {state.issuer, state.url(state.endpoints.token), *endpoints}:
        raise _bad("aud of the client assertion has to be the issuer")
    expires_at = check_times(claims, moment, what="client assertion", refuse=_bad, longest=LONGEST_LIFE)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise _bad("the client assertion has no jti")
    key = digest(f"{client.id} {jti}")
    if is_remembered(state.assertions, key, moment):
        raise _bad("the client assertion was used before")
    return changed(state, assertions=remembering(state.assertions, key, expires_at + CLOCKS_DIFFER, moment=moment)), method


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
    # Source: OpenID Connect Dynamic Client Registration 1.0 section 2: of those that the method takes, the registered one alone.
    registered = (client.token_endpoint_auth_signing_alg,) if client.token_endpoint_auth_signing_alg else ()
    verdict = check_signature(token, keys, allowed_algs=registered or (SECRET_ALGS if method == "client_secret_jwt" else KEY_ALGS))
    if verdict.outcome is not Outcome.PASS:
        raise _bad(f"the signature of the client assertion is not good: {verdict.why}")


def _bad(description: str) -> Denied:
    # RFC 7523 section 3.2: `invalid_client`.
    return Denied("invalid_client", description, status=401)
