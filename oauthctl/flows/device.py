"""The device authorization grant: the person signs in on another device, and this one asks until it is done.

Here: RFC 8628, from the codes to verified tokens. Not here: showing the code (the world does), the ID token (`authorization_code`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from oauthctl.errors import BadAnswer
from oauthctl.flows import pkce
from oauthctl.flows.authenticated import send_authenticated
from oauthctl.flows.authorization_code import SignedIn, SignIn, verified
from oauthctl.flows.endpoints import endpoint, key_set_uri
from oauthctl.flows.keys import Keys
from oauthctl.flows.polling import is_over_at_once, patience, poll
from oauthctl.flows.steps import Flow, Show, show
from oauthctl.flows.tls import require_tls
from oauthctl.flows.token_endpoint import bounded, refusal, unusable
from oauthctl.http import Params, is_http_url
from oauthctl.messages.answer import Answer, read_answer
from oauthctl.messages.device import DeviceAuthorizationResponse
from oauthctl.record.exchange import Exchange

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
_LONGEST = 1800.0
"""How long to ask a server that does not say how long its codes are good for, which it must (section 3.2)."""


def device_sign_in(plan: SignIn) -> Flow[SignedIn]:
    """Get the codes, show the person's, ask until the person has decided, verify the ID token.

    `plan` needs no redirect URI, state or nonce; its code_verifier is used where it is set: some servers want PKCE here, too.
    Raises `Refused` when the person says no or lets the time pass, otherwise as `token_endpoint.grant` does.
    """
    token_endpoint = endpoint(plan.metadata, "token_endpoint")
    jwks_uri = key_set_uri(plan.metadata) if plan.is_openid or is_http_url(plan.metadata.jwks_uri or "") else ""
    exchange, codes = yield from _codes(plan)
    seconds = float(codes.expires_in or _LONGEST)
    verification_uri = codes.verification_uri or ""
    complete = codes.verification_uri_complete or ""
    yield from show(Show(verification_uri, codes.user_code or "", complete if is_http_url(complete) else "", seconds))
    params = Params.of(
        (
            ("grant_type", GRANT_TYPE),
            ("device_code", codes.device_code or ""),
            ("code_verifier", plan.code_verifier or None),
            *(("resource", one) for one in plan.params.all("resource")),
        )
    )
    ends_at = exchange.started_at + timedelta(seconds=exchange.seconds + seconds)
    tokens = yield from poll(
        token_endpoint,
        params,
        plan.client,
        interval=codes.interval,
        ends_at=ends_at,
        expired="device-code-expired",
        until=patience(exchange, plan.patience_seconds),
    )
    return (yield from verified(replace(plan, nonce="", state=""), tokens, keys=Keys(), jwks_uri=jwks_uri))


def _codes(plan: SignIn) -> Flow[tuple[Exchange, DeviceAuthorizationResponse]]:
    """Source: RFC 8628 sections 3.1 and 3.2."""
    place = endpoint(plan.metadata, "device_authorization_endpoint")
    require_tls(place, "the device authorization request")
    own = Params.of(
        (
            ("scope", " ".join(dict.fromkeys(plan.scope)) or None),
            ("code_challenge", pkce.challenge(plan.code_verifier, "S256") if plan.code_verifier else None),
            ("code_challenge_method", "S256" if plan.code_verifier else None),
        )
    )
    exchange = yield from send_authenticated(place, Params((*own.pairs, *plan.params.pairs)), plan.client, purpose="device-authorization")
    answer = read_answer(exchange.response) if exchange.response is not None else Answer(problem=exchange.failure)
    # Google writes `verification_url`, as the drafts did.
    fields = tuple(("verification_uri" if name == "verification_url" else name, value) for name, value in answer.fields)
    codes = DeviceAuthorizationResponse(fields, exchange.id)
    name = "the device authorization endpoint"
    if exchange.response is None or exchange.response.status >= 300 or codes.raw("error"):
        raise refusal(name, exchange, answer)
    if answer.problem:
        raise unusable(name, exchange, answer.problem)
    found = {"device_code": codes.device_code, "user_code": codes.user_code, "verification_uri": codes.verification_uri}
    missing = [name for name, value in found.items() if not value]
    lacks = ""
    if missing:
        lacks = f"holds no {' and no '.join(f'`{one}`' for one in missing)} that is a string"
    elif is_over_at_once(codes.expires_in):
        lacks = "holds no `expires_in` that is a positive number of seconds"
    elif not is_http_url(codes.verification_uri or ""):
        lacks = "names a page that is no http URL"
    elif not (codes.user_code or "").isprintable():
        lacks = "holds a `user_code` with control characters, which nobody can type"
    if lacks:
        raise BadAnswer(
            f"{name}'s answer {lacks}",
            slug="device-answer-incomplete",
            where=f"exchange {exchange.id}, response",
            got=bounded(codes.verification_uri or ", ".join(one for one, _ in fields)),
            spec="RFC 8628 section 3.2",
            help="look at the answer with `oauthctl trace show`",
        )
    return exchange, codes
