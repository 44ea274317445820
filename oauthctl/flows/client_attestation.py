"""Client attestation around any flow: each request that proves the client carries the attestation and a fresh proof.

Here: which requests carry them, and the server's challenge: fetched before, learned from answers, and one more try where it was missing.
Not here: what the two say (`messages.client_attestation`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

from oauthctl.flows.steps import Draw, Drawn, Flow, Send, send
from oauthctl.flows.tls import require_tls
from oauthctl.http import JSON, Headers, Request, origin
from oauthctl.messages.answer import read_answer
from oauthctl.messages.client_attestation import (
    ATTESTATION_HEADER,
    CHALLENGE_HEADER,
    PROOF_HEADER,
    Attestation,
    attestation_proof,
    wants_challenge,
)
from oauthctl.record import purposes
from oauthctl.record.exchange import Exchange

T = TypeVar("T")
_PROVING = (
    purposes.TOKEN,
    purposes.PUSHED_AUTHORIZATION,
    purposes.DEVICE_AUTHORIZATION,
    purposes.BACKCHANNEL_AUTHENTICATION,
    purposes.INTROSPECTION,
    purposes.REVOCATION,
)


@dataclass(frozen=True, slots=True)
class Server:
    """Whom the proofs are for, and where it gives challenges; empty where it announces no such place."""

    issuer: str
    challenge_endpoint: str = ""


def attested(flow: Flow[T], attestation: Attestation, server: Server) -> Flow[T]:
    """The same flow, its requests attested. What the flow sees of a challenge that was asked for is the second answer.

    Source: draft-ietf-oauth-attestation-based-client-auth, "Client Attestation at the Token Endpoint", "Challenge Retrieval".
    """
    challenges: dict[str, str] = {}
    try:
        step = next(flow)
        while True:
            if isinstance(step, Send) and step.purpose in _PROVING:
                if server.challenge_endpoint and not challenges:
                    yield from _fetch_challenge(server.challenge_endpoint, challenges)
                answer: Any = yield from _attested(step, attestation, server.issuer, challenges)
            else:
                answer = yield step
            step = flow.send(answer)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        flow.close()


def _fetch_challenge(endpoint: str, challenges: dict[str, str]) -> Flow[None]:
    """A challenge before it is asked for; that none comes is no reason to end, since an answer may bring one."""
    require_tls(endpoint, "the client's proof")
    exchange = yield from send(Request("POST", endpoint, Headers((("Accept", JSON),))), purposes.CHALLENGE, may_fail=True)
    response = exchange.response
    value = dict(read_answer(response).fields).get("attestation_challenge") if response is not None and response.status == 200 else None
    challenges[origin(endpoint)] = value if isinstance(value, str) else ""


def _attested(step: Send, attestation: Attestation, issuer: str, challenges: dict[str, str]) -> Flow[Exchange]:
    server = origin(step.request.url)
    used = challenges.get(server, "")
    exchange = yield from _sent(step, attestation, issuer, used)
    _learn(exchange, server, challenges)
    # Once: a server that is never content would be asked for ever.
    if exchange.response is not None and wants_challenge(exchange.response) and challenges.get(server, "") != used:
        exchange = yield from _sent(step, attestation, issuer, challenges[server])
        _learn(exchange, server, challenges)
    return exchange


def _sent(step: Send, attestation: Attestation, issuer: str, challenge: str) -> Flow[Exchange]:
    drawn: Drawn = yield Draw()
    proof = attestation_proof(attestation.key, audience=issuer, now=drawn.now, jti=drawn.random, challenge=challenge)
    headers = step.request.headers.with_(ATTESTATION_HEADER, attestation.compact).with_(PROOF_HEADER, proof)
    exchange: Exchange = yield replace(step, request=replace(step.request, headers=headers))
    return exchange


def _learn(exchange: Exchange, server: str, challenges: dict[str, str]) -> None:
    """Any answer may carry the next challenge."""
    challenge = exchange.response.headers.get(CHALLENGE_HEADER) if exchange.response is not None else None
    if challenge:
        challenges[server] = challenge
