"""The device authorization grant: the person signs in on another device, and this one asks until it is done.

Here: RFC 8628, from the codes to verified tokens. Not here: showing the code (the world does), the ID token (`authorization_code`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from oauthctl.errors import BadAnswer, Refused
from oauthctl.flows import pkce
from oauthctl.flows.authenticated import send_authenticated
from oauthctl.flows.authorization_code import SignedIn, SignIn, verified
from oauthctl.flows.endpoints import endpoint, key_set_uri
from oauthctl.flows.keys import Keys
from oauthctl.flows.steps import Flow, Show, show, wait
from oauthctl.flows.tls import require_tls
from oauthctl.flows.token_endpoint import Granted, bounded, granted, refusal, unusable
from oauthctl.http import Params, is_http_url
from oauthctl.messages.answer import Answer, read_answer
from oauthctl.messages.device import DeviceAuthorizationResponse
from oauthctl.record.exchange import Exchange

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
_INTERVAL = 5.0
"""Source: RFC 8628 section 3.2: where the server names none. Section 3.5: what `slow_down` adds."""
_LONGEST = 1800.0
"""How long to ask a server that does not say how long its codes are good for, which it must (section 3.2)."""
_SILENT_POLLS = 5


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
    tokens = yield from _poll(plan, token_endpoint, params, interval=codes.interval, ends_at=ends_at)
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
    missing = [one for one in ("device_code", "user_code", "verification_uri") if not codes.raw(one)]
    if missing or not is_http_url(codes.verification_uri or ""):
        lacks = f"holds no {' and no '.join(f'`{one}`' for one in missing)}" if missing else "names a page that is no http URL"
        raise BadAnswer(
            f"{name}'s answer {lacks}",
            slug="device-answer-incomplete",
            where=f"exchange {exchange.id}, response",
            got=bounded(codes.verification_uri or ", ".join(one for one, _ in fields)),
            spec="RFC 8628 section 3.2",
            help="look at the answer with `oauthctl trace show`",
        )
    return exchange, codes


def _poll(plan: SignIn, token_endpoint: str, params: Params, *, interval: float | None, ends_at: datetime) -> Flow[Granted]:
    """Source: RFC 8628 section 3.5: never faster than the server says, slower for good after `slow_down` and after silence."""
    pause = interval if interval is not None and interval > 0 else _INTERVAL
    silent = 0
    while True:
        yield from wait(pause)
        exchange = yield from send_authenticated(token_endpoint, params, plan.client, purpose="token", may_fail=True)
        if exchange.response is None or exchange.response.status >= 500:
            silent += 1
            pause *= 2
            if silent >= _SILENT_POLLS:
                return granted(exchange)
        else:
            silent = 0
            answer = dict(read_answer(exchange.response).fields)
            error = answer.get("error")
            if error not in ("authorization_pending", "slow_down"):
                return granted(exchange)
            if error == "slow_down":
                # GitHub says the new interval beside the error.
                said = answer.get("interval")
                pause = max(pause + _INTERVAL, float(said) if isinstance(said, int | float) and said < _LONGEST else 0.0)
        if exchange.started_at + timedelta(seconds=exchange.seconds + pause) >= ends_at:
            raise _expired(exchange)


def _expired(exchange: Exchange) -> Refused:
    return Refused(
        "nobody signed in while the code was good",
        slug="device-code-expired",
        where=f"exchange {exchange.id}, POST {exchange.request.path}",
        spec="RFC 8628 section 3.5",
        help="start again, and type the new code within its time",
    )
