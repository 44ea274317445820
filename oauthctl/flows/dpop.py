"""DPoP around any flow: each request that needs a proof gets a fresh one, and a server's nonce is learned.

Here: which requests are proved, and the one more try when a server wants its nonce. Not here: the proof itself (`messages.dpop`), where the
key is kept (`store`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from oauthctl.flows.steps import Draw, Drawn, Flow, Send, Step
from oauthctl.http import origin
from oauthctl.jose.jwk import Jwk
from oauthctl.messages.dpop import NONCE_HEADER, dpop_proof, wants_nonce
from oauthctl.record.exchange import Exchange

T = TypeVar("T")
_PROVED = ("token", "proof-of-revocation")
"""What is proved whatever it carries; other requests when their token is bound to a key: `Authorization: DPoP …`."""


def dpop(flow: Flow[T], key: Jwk) -> Flow[T]:
    """The same flow with its requests proved by this private key. What the flow sees of a nonce that was asked for is the second answer.

    Source: RFC 9449 section 5 (token requests of every grant), section 7.1 (protected resources), sections 8 and 9 (nonces). A server's
    nonce is used for that server alone, until it gives another.
    """
    nonces: dict[str, str] = {}
    try:
        step = next(flow)
        while True:
            answer: Any = (yield from _proved(step, key, nonces)) if isinstance(step, Send) and is_proved(step) else (yield step)
            step = flow.send(answer)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        flow.close()


def is_proved(step: Step) -> bool:
    """Whether this step's request needs a proof."""
    return isinstance(step, Send) and (step.purpose in _PROVED or bool(_bound_token(step)))


def _proved(step: Send, key: Jwk, nonces: dict[str, str]) -> Flow[Exchange]:
    server = origin(step.request.url)
    exchange = yield from _sent(step, key, nonces.get(server, ""))
    used = nonces.get(server, "")
    _learn(exchange, server, nonces)
    # Once: a server that is never content would be asked for ever.
    if exchange.response is not None and wants_nonce(exchange.response) and nonces.get(server, "") != used:
        exchange = yield from _sent(step, key, nonces[server])
        _learn(exchange, server, nonces)
    return exchange


def _sent(step: Send, key: Jwk, nonce: str) -> Flow[Exchange]:
    drawn: Drawn = yield Draw()
    request = step.request
    proof = dpop_proof(key, request.method, request.url, now=drawn.now, jti=drawn.random, access_token=_bound_token(step), nonce=nonce)
    exchange: Exchange = yield replace(step, request=replace(request, headers=request.headers.with_("DPoP", proof)))
    return exchange


def _learn(exchange: Exchange, server: str, nonces: dict[str, str]) -> None:
    """Source: RFC 9449 section 8.2: any answer may carry the next nonce."""
    nonce = exchange.response.headers.get(NONCE_HEADER) if exchange.response is not None else None
    if nonce:
        nonces[server] = nonce


def _bound_token(step: Send) -> str:
    scheme, _, token = (step.request.headers.get("authorization") or "").partition(" ")
    return token.strip() if scheme.lower() == "dpop" else ""
