"""Requests that carry a client attestation and a fresh proof, as a played flow sends them."""

from __future__ import annotations

from oauthctl.flows.client_attestation import Server, attested
from oauthctl.flows.client_credentials import client_credentials
from oauthctl.http import Headers, Params, Response
from oauthctl.jose.jwk import generate
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.client_attestation import ATTESTATION_HEADER, CHALLENGE_HEADER, PROOF_HEADER, PROOF_TYPE, Attestation
from oauthctl.messages.client_auth import ATTESTING, Client
from tests.played import Played, play, response

ISSUER = "https://op.example"
KEY = generate("ES256")
GRANTED = response(200, {"access_token": "a", "token_type": "Bearer"})


def played(*answers: Response, challenge_endpoint: str = "") -> Played[object]:
    flow = client_credentials(f"{ISSUER}/token", Client("wallet", method=ATTESTING), scope=(), resource=(), params=Params())
    return play(attested(flow, Attestation("a.b.c", KEY), Server(ISSUER, challenge_endpoint)), answers)


def wanting(challenge: str) -> Response:
    answer = response(400, {"error": "use_attestation_challenge"})
    return Response(400, Headers((*answer.headers.pairs, (CHALLENGE_HEADER, challenge))), answer.body)


def claims(run: Played[object], number: int) -> dict[str, object]:
    token = take_apart(run.requests[number].headers.get(PROOF_HEADER) or "")
    assert token.typ == PROOF_TYPE
    return dict(token.claims or {})


def test_each_request_has_the_attestation_and_a_proof_for_the_issuer() -> None:
    run = played(GRANTED)
    assert run.requests[0].headers.get(ATTESTATION_HEADER) == "a.b.c"
    assert claims(run, 0)["aud"] == ISSUER
    assert "challenge" not in claims(run, 0)
    assert run.requests[0].form.get("client_id") == "wallet"


def test_a_challenge_is_answered_once_with_another_proof() -> None:
    run = played(wanting("c-1"), GRANTED)
    assert claims(run, 1)["challenge"] == "c-1"
    assert claims(run, 0)["jti"] != claims(run, 1)["jti"]
    assert played(wanting("c-1"), wanting("c-2")).error is not None


def test_a_challenge_is_fetched_first_where_there_is_a_place_for_it() -> None:
    run = played(response(200, {"attestation_challenge": "c-0"}), GRANTED, challenge_endpoint=f"{ISSUER}/challenge")
    assert (run.requests[0].method, run.requests[0].url, ATTESTATION_HEADER in run.requests[0].headers) == (
        "POST",
        f"{ISSUER}/challenge",
        False,
    )
    assert claims(run, 1)["challenge"] == "c-0"


def test_where_none_comes_the_request_goes_all_the_same() -> None:
    assert played(response(404, {}), GRANTED, challenge_endpoint=f"{ISSUER}/challenge").error is None
