"""The dry run: a flow's steps against imagined answers, nothing sent.

Here: carrying a flow through without a world. Not here: the real answers (`shell.driver`), printing (`views`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from oauthctl.errors import CheckFailed
from oauthctl.flows.steps import Ask, AwaitPing, Draw, Drawn, Flow, Listen, Send, Show, Step, Visit, Wait
from oauthctl.http import JSON, Headers, Params, Request, Response, origin, with_query
from oauthctl.messages.response_modes import carrier
from oauthctl.record.exchange import Channel, Exchange, Recording

T = TypeVar("T")

# The public key of RFC 7517 appendix A.1: somebody's real key has to stand here, since keys are read before the answer comes.
_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    "kid": "1",
}


@dataclass(frozen=True, slots=True)
class DryRun:
    """The steps in order, and the requests as a recording whose answers are imagined (they are left out of it)."""

    steps: tuple[Step, ...]
    recording: Recording


def dry_run(flow: Flow[T], *, issuer: str, started_at: datetime) -> DryRun:
    """Carry the flow through with the answers that a rule-abiding provider would give; values that it would choose read `<code>`."""
    steps: list[Step] = []
    recording = Recording(issuer=issuer)
    answer: Any = None
    try:
        while True:
            step = flow.send(answer)
            if isinstance(step, Draw):
                answer = Drawn(started_at, "<random>")
                continue
            steps.append(step)
            exchange = _exchange(step, recording, issuer, started_at)
            if exchange is not None:
                recording = recording.with_exchange(exchange)
                answer = _answered(exchange, step, issuer)
            else:
                answer = "" if isinstance(step, Ask) else None
    except (StopIteration, CheckFailed):
        # Imagined answers can't agree with what is really known, such as the `sub` of a stored ID token: that check is the last thing to be
        # shown, since nothing is sent after one that fails.
        return DryRun(tuple(steps), recording)
    finally:
        flow.close()


def _exchange(step: Step, recording: Recording, issuer: str, at: datetime) -> Exchange | None:
    number = recording.next_id
    match step:
        case Send(request=request, purpose=purpose):
            return Exchange(number, purpose, Channel.WIRE, request, at)
        case Visit(url=url, purpose=purpose):
            return Exchange(number, purpose, Channel.BROWSER, Request("GET", url), at)
        case Listen():
            brings = ((name, f"<{name}>") for name in step.brings)
            params = Params.of((*brings, ("state", step.state), ("iss", issuer or None)))
            if carrier(step.response_mode) == "query":
                return Exchange(number, "callback", Channel.CALLBACK, Request("GET", with_query(step.redirect_uri, params)), at)
            return Exchange(number, "callback", Channel.CALLBACK, Request("POST", step.redirect_uri, body=params.encode().encode()), at)
        case Wait() | Ask() | Show() | AwaitPing() | Draw():
            return None


def _answered(exchange: Exchange, step: Step, issuer: str) -> Exchange:
    if not isinstance(step, Send):
        return exchange
    documents: dict[str, dict[str, Any]] = {
        "discovery": {
            "issuer": issuer,
            **{
                f"{name}_endpoint": f"{issuer.rstrip('/')}/<{name}_endpoint>"
                for name in (
                    "authorization",
                    "token",
                    "userinfo",
                    "introspection",
                    "revocation",
                    "end_session",
                    "device_authorization",
                    "backchannel_authentication",
                    "pushed_authorization_request",
                    "registration",
                )
            },
            "jwks_uri": f"{issuer.rstrip('/')}/<jwks_uri>",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        },
        "jwks": {"keys": [_KEY]},
        "token": {"access_token": "<access_token>", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "<refresh_token>"},
        "device-authorization": {
            "device_code": "<device_code>",
            "user_code": "<user_code>",
            "verification_uri": f"{issuer.rstrip('/')}/<verification_uri>",
            "expires_in": 600,
            "interval": 5,
        },
        "backchannel-authentication": {"auth_req_id": "<auth_req_id>", "expires_in": 120, "interval": 5},
        "pushed-authorization": {"request_uri": "<request_uri>", "expires_in": 90},
        **{purpose: {"client_id": "<client_id>"} for purpose in ("registration", "client-configuration")},
        "introspection": {"active": True},
        "resource-metadata": {"resource": origin(exchange.request.url)},
    }
    body = json.dumps(documents.get(exchange.purpose, {})).encode()
    response = Response(200, Headers((("Content-Type", JSON),)), body)
    return Exchange(exchange.id, exchange.purpose, exchange.channel, exchange.request, exchange.started_at, 0.0, response)
