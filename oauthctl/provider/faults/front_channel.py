"""Faults of tokens that the browser brings: those of the implicit and the hybrid flow.

Here: the ID token of the authorization response. Not here: answers in a JWT (`answer_jwt`), the token endpoint's ID token (`id_token`).
"""

from __future__ import annotations

import hashlib
from typing import Any

from oauthctl.http import Params
from oauthctl.jose.jwt import take_apart
from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import resigned, with_callback, with_claims
from oauthctl.provider.faults.registry import Call, fault
from oauthctl.provider.faults.way_back import way_back
from oauthctl.provider.moment import base64url

_PLACE, _HYBRID, _IMPLICIT = "authorize", "hybrid-flow", "implicit-flow"
_OTHER_HASH = base64url(hashlib.sha256(b"something else").digest()[:16])


@fault(_PLACE, rule="c-hash-differs", flow=_HYBRID, is_dangerous=True)
def front_c_hash_wrong(call: Call) -> Answer | None:
    """The `c_hash` of the ID token that the browser brings belongs to another code."""
    return _claims(call, c_hash=_OTHER_HASH)


@fault(_PLACE, rule="c-hash-missing", flow=_HYBRID, is_dangerous=True)
def front_c_hash_missing(call: Call) -> Answer | None:
    """The ID token that the browser brings beside a code has no `c_hash`."""
    return _claims(call, c_hash=None)


@fault(_PLACE, rule="s-hash-differs", flow=_HYBRID, is_dangerous=True)
def front_s_hash_wrong(call: Call) -> Answer | None:
    """The ID token that the browser brings has the `s_hash` of another `state`."""
    return _claims(call, s_hash=_OTHER_HASH)


@fault(_PLACE, rule="at-hash-missing", flow=_IMPLICIT, is_dangerous=True)
def front_at_hash_missing(call: Call) -> Answer | None:
    """The ID token that the browser brings beside an access token has no `at_hash`."""
    return _claims(call, at_hash=None)


@fault(_PLACE, rule="nonce-differs", flow=_IMPLICIT, is_dangerous=True)
def front_nonce_wrong(call: Call) -> Answer | None:
    """The ID token that the browser brings has another `nonce` than the one that was sent."""
    return _claims(call, nonce="a-nonce-of-somebody-else")


@fault("token", rule="id-tokens-differ", flow=_HYBRID, is_dangerous=True)
def front_other_person(call: Call) -> Answer | None:
    """The ID token of the token endpoint is about another person than the one that the browser brought."""
    return with_claims(call, lambda claims: {**claims, "sub": "somebody-else"})


@fault(_PLACE, rule="token-in-callback-query", flow=_IMPLICIT, is_dangerous=True)
def front_tokens_in_query(call: Call) -> Answer | None:
    """The tokens come in the callback's query, where servers and logs see them."""
    state, response = call.answered()
    found = way_back(state, response)
    if found is None or found.carrier == "query" or not {"code", "access_token", "id_token"} & dict(found.params).keys():
        return None
    return state, found.carrying(found.params, carrier="query")


def _claims(call: Call, **changes: Any) -> Answer | None:
    """The ID token that the browser brings, with these claims; None takes one away."""

    def edit(params: Params) -> Params:
        token = take_apart(params.get("id_token") or "")
        if token.claims is None or token.header is None:
            return params
        claims = {name: value for name, value in {**token.claims, **changes}.items() if value is not None}
        return params.with_("id_token", resigned(call.state, token.header, claims))

    return with_callback(call, edit)
