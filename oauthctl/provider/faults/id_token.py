"""Faults of the ID token: claims that a client must not accept.

Here: claims. Not here: how it is signed (`signature`), its keys (`keys`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import document_of, with_claims, with_members, with_other_end, with_other_scheme
from oauthctl.provider.faults.registry import Call, fault
from oauthctl.provider.moment import base64url

_HOUR = 3600


@fault("token", rule="id-token-issuer-differs", is_dangerous=True)
def id_token_issuer_elsewhere(call: Call) -> Answer | None:
    """The ID token's `iss` is another server."""
    return _claims(call, iss="https://id.elsewhere.example")


@fault("token", rule="token-issuer-trailing-slash", is_dangerous=True)
def id_token_issuer_slash(call: Call) -> Answer | None:
    """The ID token's `iss` ends with a slash that the issuer does not have, or lacks the one that it has."""
    return with_claims(call, lambda claims: {**claims, "iss": with_other_end(claims["iss"])})


@fault("token", rule="token-issuer-scheme-differs", is_dangerous=True)
def id_token_issuer_http(call: Call) -> Answer | None:
    """The ID token's `iss` says http though the issuer is reached over https, or the other way round."""
    return with_claims(call, lambda claims: {**claims, "iss": with_other_scheme(claims["iss"])})


@fault("token", rule="token-issuer-internal-name", is_dangerous=True)
def id_token_issuer_internal(call: Call) -> Answer | None:
    """The ID token's `iss` is the name that the server has inside its cluster."""
    return _claims(call, iss="http://provider:8080")


@fault("token", rule="id-token-audience-differs", is_dangerous=True)
def id_token_audience_elsewhere(call: Call) -> Answer | None:
    """The ID token's `aud` is another client."""
    return _claims(call, aud="another-client", azp=None)


@fault("token", rule="id-token-audience-differs", is_dangerous=True)
def id_token_audience_is_api(call: Call) -> Answer | None:
    """The ID token's `aud` is the API that the access token is for."""
    return _claims(call, aud="https://api.example/items", azp=None)


@fault("token", rule="authorized-party-differs")
def id_token_azp_wrong(call: Call) -> Answer | None:
    """The ID token's `azp` is another client than the one that asked."""
    return _claims(call, azp="another-client")


@fault("token", rule="authorized-party-missing", is_dangerous=True)
def id_token_azp_missing(call: Call) -> Answer | None:
    """The ID token is for two clients and does not say by `azp` who asked for it."""
    return with_claims(call, lambda claims: _without({**claims, "aud": [claims["aud"], "another-client"]}, "azp"))


@fault("token", rule="nonce-differs", is_dangerous=True)
def id_token_nonce_wrong(call: Call) -> Answer | None:
    """The ID token's `nonce` is not the one that was sent."""
    return _claims(call, nonce="a-nonce-of-somebody-else")


@fault("token", rule="nonce-not-returned", is_dangerous=True)
def id_token_nonce_missing(call: Call) -> Answer | None:
    """The ID token has no `nonce` though one was sent."""
    return _claims(call, nonce=None)


@fault("token", rule="at-hash-differs")
def id_token_at_hash_wrong(call: Call) -> Answer | None:
    """The ID token's `at_hash` belongs to another access token."""
    return _claims(call, at_hash=base64url(hashlib.sha256(b"another access token").digest()[:16]))


@fault("token", rule="at-hash-not-halved")
def id_token_at_hash_whole(call: Call) -> Answer | None:
    """The ID token's `at_hash` is the whole hash, not its left half."""
    _, response = call.answered()
    token = str((document_of(response) or {}).get("access_token") or "")
    return _claims(call, at_hash=base64url(hashlib.sha256(token.encode()).digest()))


@fault("token", rule="token-expired-on-arrival", is_dangerous=True)
def id_token_expired(call: Call) -> Answer | None:
    """The ID token has expired when it comes."""
    return _moved(call, -2 * _HOUR, "exp", "iat")


@fault("token", rule="expiry-missing", is_dangerous=True)
def id_token_exp_missing(call: Call) -> Answer | None:
    """The ID token has no `exp`."""
    return _claims(call, exp=None)


@fault("token", rule="token-issued-in-future")
def id_token_issued_in_future(call: Call) -> Answer | None:
    """The ID token's `iat` lies an hour ahead."""
    return _moved(call, _HOUR, "exp", "iat")


@fault("token", rule="token-not-yet-valid", is_dangerous=True)
def id_token_not_yet_valid(call: Call) -> Answer | None:
    """The ID token's `nbf` lies in the future."""
    return _claims(call, nbf=int(call.moment.seconds) + _HOUR)


@fault("token", rule="time-in-milliseconds")
def id_token_time_in_milliseconds(call: Call) -> Answer | None:
    """The ID token's times are milliseconds, not seconds."""
    return _timed(call, lambda seconds: seconds * 1000)


@fault("token", rule="expiry-missing", is_dangerous=True)
def id_token_exp_as_text(call: Call) -> Answer | None:
    """The ID token's `exp` is a text, not a number."""
    return with_claims(call, lambda claims: {**claims, "exp": str(claims["exp"])})


@fault("token", rule="time-not-a-number")
def id_token_iat_as_text(call: Call) -> Answer | None:
    """The ID token's `iat` is a text, not a number."""
    return with_claims(call, lambda claims: {**claims, "iat": str(claims["iat"])})


@fault("token", rule="required-claim-missing", is_dangerous=True)
def id_token_sub_missing(call: Call) -> Answer | None:
    """The ID token has no `sub`."""
    return _claims(call, sub=None)


@fault("token", rule="claim-of-wrong-type")
def id_token_sub_is_number(call: Call) -> Answer | None:
    """The ID token's `sub` is a number."""
    return _claims(call, sub=1042)


@fault("token", rule="id-token-missing")
def id_token_left_out(call: Call) -> Answer | None:
    """The token answer has no ID token though `openid` was granted."""
    return with_members(call, id_token=None)


@fault("token", rule="authentication-context-differs", flow="step-up-flow", is_dangerous=True)
def id_token_acr_lower(call: Call) -> Answer | None:
    """The ID token's `acr` is lower than the one that was asked for."""
    return _claims(call, acr="password")


@fault("token", rule="sign-in-too-old", flow="recent-sign-in-flow", is_dangerous=True)
def id_token_auth_time_old(call: Call) -> Answer | None:
    """The ID token's `auth_time` is older than `max_age` allows."""
    return _moved(call, -24 * _HOUR, "auth_time")


def _claims(call: Call, **changes: Any) -> Answer | None:
    """The ID token with these claims; None takes one away."""
    return with_claims(call, lambda claims: {name: value for name, value in {**claims, **changes}.items() if value is not None})


def _moved(call: Call, seconds: int, *names: str) -> Answer | None:
    return with_claims(call, lambda claims: {**claims, **{name: claims[name] + seconds for name in names if name in claims}})


def _timed(call: Call, edit: Callable[[int], object]) -> Answer | None:
    return with_claims(
        call, lambda claims: {**claims, **{name: edit(claims[name]) for name in ("exp", "iat", "auth_time") if name in claims}}
    )


def _without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if key != name}
