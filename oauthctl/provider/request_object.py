"""Authorization requests inside of a JWT: opened, judged, and used once.

Here: RFC 9101, the server's side. Not here: what is asked for inside (`request`), references (`pushed`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from oauthctl.findings import Outcome
from oauthctl.http import Params
from oauthctl.jose.jwt import Kind, Token, take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.messages.claim_values import seconds_of
from oauthctl.provider.answers import Denied
from oauthctl.provider.changing import changed
from oauthctl.provider.client import Client
from oauthctl.provider.client_assertion import KEY_ALGS, SECRET_ALGS
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.shown_jwt import CLOCKS_DIFFER, audiences, check_begin, check_end, check_kind, is_remembered, remembering
from oauthctl.provider.state import ProviderState

SIGNING_ALGS = (*KEY_ALGS, *SECRET_ALGS, "none")
_OF_THE_JWT = ("iss", "aud", "exp", "iat", "nbf", "jti")
_REMEMBERED_SECONDS = 24 * 3600.0
"""How long one is known as used that has no end of its own."""
_TYPES = ("oauth-authz-req+jwt",)


def claimed(state: ProviderState, params: Params) -> Params:
    """The request as it claims to be, nothing of it proven: good for nothing but to find where an error may be sent.

    Whose request it is stands outside; `Denied` where the object is another's: its redirect URI is nowhere to send anything.
    Source: RFC 9101 section 5: `client_id` is needed outside too, and the two must be the same.
    """
    try:
        token = take_apart(_decrypted(state, params.get("request") or ""))
    except Denied:
        return params
    inside = _params_of(token.claims or {})
    if inside.get("client_id", params.get("client_id")) != params.get("client_id"):
        raise Denied("invalid_request", "client_id in the request object is not the one beside it")
    # A set, since whoever asks may name thousands inside and outside.
    decided = {"request", *(name for name, _ in inside)}
    return Params((*inside, *(pair for pair in params if pair[0] not in decided))) if inside else params


def opened(state: ProviderState, params: Params, moment: Moment) -> Params:
    """The parameters that count: those inside of the request object where there is one, else all that came.

    `Denied` where it is not good, and where one is a must and is missing. Source: RFC 9101 sections 5 and 6.
    """
    client = state.clients.get(params.get("client_id") or "")
    if "request" not in params:
        if state.requires_signed_request or (client is not None and client.requires_signed_request):
            raise Denied("invalid_request", "the authorization request has to be in a signed request object (JAR)")
        return params
    if client is None or len(params.all("request")) > 1 or len(params.all("client_id")) > 1:
        raise Denied("invalid_request", "a request object needs one client_id beside it, and be one itself")
    token = take_apart(_decrypted(state, params.get("request") or ""))
    claims = token.claims
    if claims is None:
        raise _bad("the request object is no JWT")
    _check_signature(state, client, token)
    _check_claims(state, client, claims, moment=moment)
    inside = _params_of(claims)
    _check_outside(params, inside)
    return Params((("client_id", client.id), *(pair for pair in inside if pair[0] != "client_id")))


def used(state: ProviderState, params: Params, moment: Moment) -> ProviderState:
    """The state in which the request object of these parameters, if there is one, is good no more. Source: RFC 9101 section 10.3."""
    if "request" not in params:
        return state
    claims = take_apart(_decrypted(state, params.get("request") or "")).claims or {}
    key, expires_at = _key(params.get("client_id") or "", claims), seconds_of(claims, "exp")
    if not key:
        return state
    until = expires_at + CLOCKS_DIFFER if expires_at is not None else moment.seconds + _REMEMBERED_SECONDS
    return changed(state, request_objects=remembering(state.request_objects, key, until, moment=moment))


def _decrypted(state: ProviderState, compact: str) -> str:
    if take_apart(compact).kind is not Kind.JWE:
        return compact
    from oauthctl.jose.jwe import Undecryptable, decrypt

    try:
        return decrypt(compact, state.encryption_keys)
    except Undecryptable as error:
        raise _bad(f"the request object can't be decrypted: {error}") from error


def _check_signature(state: ProviderState, client: Client, token: Token) -> None:
    check_kind(token, _TYPES, what="request object", refuse=_bad)
    if token.kind is Kind.UNSECURED:
        if client.request_object_signing_alg != "none" or state.requires_signed_request or client.requires_signed_request:
            raise _bad("the request object is not signed")
        return
    algs: tuple[str, ...] = (client.request_object_signing_alg,) if client.request_object_signing_alg else (*KEY_ALGS, *SECRET_ALGS)
    verdict = check_signature(token, tuple(key.public() for key in client.keys), allowed_algs=algs, secret=client.secret)
    if verdict.outcome is not Outcome.PASS:
        raise _bad(f"the signature of the request object is not good: {verdict.why}")


def _check_claims(state: ProviderState, client: Client, claims: Mapping[str, Any], *, moment: Moment) -> None:
    if claims.get("client_id", client.id) != client.id:
        raise _bad("client_id in the request object is not the one beside it")
    if claims.get("iss", client.id) != client.id:
        raise _bad("iss of the request object has to be the client_id")
    if claims.get("sub") == client.id:
        # RFC 9101 section 10.8: it could be shown as a client assertion.
        raise _bad("the request object must not have the client_id as its sub")
    if "request" in claims or "request_uri" in claims:
        raise _bad("a request object can't hold another")
    # Source: RFC 9101 section 4 and OpenID Connect Core 1.0 section 6.1: `iss` and `aud` should be there, `exp` may; nothing must, and what
    # is there has to be right.
    if "aud" in claims and state.issuer not in audiences(claims):
        raise _bad("aud of the request object has to be the issuer")
    if "exp" in claims:
        check_end(claims, moment, what="request object", refuse=_bad)
    check_begin(claims, moment, what="request object", refuse=_bad)
    if is_remembered(state.request_objects, _key(client.id, claims), moment):
        raise _bad("the request object was used before")


def _check_outside(params: Params, inside: Params) -> None:
    """What stands outside too must say the same; what stands there alone does not count. Source: RFC 9101 section 6.3."""
    for name, value in params:
        if name not in ("request", "client_id") and name in inside and value not in inside.all(name):
            raise Denied("invalid_request", f"the parameter {name} says another thing outside of the request object than inside")


def _params_of(claims: Mapping[str, Any]) -> Params:
    pairs: list[tuple[str, str]] = []
    for name, value in claims.items():
        if name in _OF_THE_JWT:
            continue
        # RFC 8707 section 2 lets `resource` occur more than once; all other arrays are JSON themselves.
        several = value if name == "resource" and isinstance(value, list) else [value]
        pairs += [(name, one if isinstance(one, str) else json.dumps(one)) for one in several]
    return Params(tuple(pairs))


def _key(client_id: str, claims: Mapping[str, Any]) -> str:
    jti = claims.get("jti")
    return digest(f"{client_id} {jti}") if isinstance(jti, str) and jti else ""


def _bad(description: str) -> Denied:
    return Denied("invalid_request_object", description)
