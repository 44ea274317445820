"""Faults of the endpoints that take a request before the browser does, and of the key that a client proves.

Here: PAR, DPoP. Not here: the authorization response (`callback`).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from oauthctl.provider.answers import Answer, json_answer
from oauthctl.provider.faults.edits import error_answer, with_claims, with_known_code, with_members
from oauthctl.provider.faults.registry import Call, fault
from oauthctl.provider.moment import base64url

_PUSHED, _DPOP = "pushed-flow", "dpop-flow"


@fault("pushed", rule="pushed-request-unauthenticated", flow=_PUSHED)
def pushed_unauthorized(call: Call) -> Answer | None:
    """A client without credentials is refused at the pushed authorization request endpoint."""
    form = call.request.form
    is_proved = "authorization" in call.request.headers or "client_secret" in form or "client_assertion" in form
    return None if is_proved else error_answer(call, "invalid_client", "client authentication failed", status=401)


@fault("token", rule="dpop-nonce-required", flow=_DPOP)
def dpop_nonce_changing(call: Call) -> Answer | None:
    """Every proof is refused for its nonce, and each answer has another one."""
    nonce = base64url(call.moment.token("nonce of a fault").encode()[:18])
    said = {"error": "use_dpop_nonce", "error_description": "the nonce is not the current one"}
    return call.state, json_answer(said, 400, headers=(("DPoP-Nonce", nonce),))


@fault("token", rule="dpop-proof-refused", flow=_DPOP)
def dpop_clock_off(call: Call) -> Answer | None:
    """Every proof is refused as too old."""
    return error_answer(call, "invalid_dpop_proof", "the proof's iat is too far in the past")


@fault("api", rule="dpop-uri-differs", flow=_DPOP)
def dpop_uri_of_proxy(call: Call) -> Answer | None:
    """The API compares the proof's `htu` with the address that it has behind a proxy."""
    challenge = (("WWW-Authenticate", 'DPoP error="invalid_dpop_proof", error_description="htu does not match http://api:8080/api/items"'),)
    return call.state, json_answer({"error": "invalid_dpop_proof"}, 401, headers=challenge)


@fault("token", rule="dpop-proof-ignored", flow=_DPOP, is_dangerous=True)
def dpop_ignored(call: Call) -> Answer | None:
    """The proof is passed over, and the token is an ordinary bearer token."""
    if "dpop" not in call.request.headers:
        return None
    bare = replace(call, request=replace(call.request, headers=call.request.headers.without("dpop")))
    # A code may be bound to the key, too, by `dpop_jkt` of the authorization request.
    return with_known_code(bare, dpop_jkt="") or bare.answered()


@fault("token", rule="dpop-token-bound-elsewhere", flow=_DPOP)
def dpop_other_key(call: Call) -> Answer | None:
    """The access token is bound to another key than the one that was proved."""
    bound = {"jkt": base64url(hashlib.sha256(b"another key").digest())}
    return with_claims(call, lambda claims: {**claims, "cnf": bound}, member="access_token")


@fault("pushed", rule="pushed-answer-incomplete", flow=_PUSHED)
def pushed_without_uri(call: Call) -> Answer | None:
    """The pushed request is taken, and no `request_uri` comes back."""
    return with_members(call, request_uri=None)
