"""Clients for whom an attester vouches (draft-ietf-oauth-attestation-based-client-auth)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from oauthctl.http import Response
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.sign import sign
from oauthctl.messages.client_attestation import (
    ATTESTATION_HEADER,
    ATTESTATION_TYPE,
    CHALLENGE_HEADER,
    PROOF_HEADER,
    PROOF_TYPE,
    wants_challenge,
)
from oauthctl.messages.token_exchange import JWT_BEARER
from oauthctl.provider.client import Client
from tests.provider.world import ISSUER, SECRET, START, World, document, practice_state, with_client

ATTESTER = "https://attester.example"
ATTESTERS_KEY = generate("ES256").with_(kid="attester")
KEY, OTHER = generate("ES256"), generate("ES256")
NOW = int(START.timestamp())
GRANTS = ("client_credentials",)


def there(**changes: Any) -> World:
    state = practice_state(**{"is_experimental": True, "trusted_attesters": {ATTESTER: (ATTESTERS_KEY.public(),)}, **changes})
    return World(with_client(state, "wallet", auth_methods=("attest_jwt_client_auth",), scopes=("items.read",), grant_types=GRANTS))


def attestation(key: Jwk = ATTESTERS_KEY, *, typ: str = ATTESTATION_TYPE, about: Jwk = KEY, **changed: object) -> str:
    claims = {"iss": ATTESTER, "sub": "wallet", "iat": NOW, "exp": NOW + 600, "cnf": {"jwk": about.public().as_dict()}, **changed}
    return sign({name: value for name, value in claims.items() if value is not None}, key, header={"typ": typ})


def proof(key: Jwk = KEY, *, typ: str = PROOF_TYPE, **changed: object) -> str:
    claims = {"aud": ISSUER, "jti": "once", "iat": NOW, **changed}
    return sign({name: value for name, value in claims.items() if value is not None}, key, header={"typ": typ})


def challenge(at: World) -> str:
    return str(document(at.send("POST", "/challenge"))["attestation_challenge"])


def ask(at: World, *, vouched: str | None = None, shown: str | None = None, **form: str) -> Response:
    headers = {ATTESTATION_HEADER: attestation() if vouched is None else vouched, PROOF_HEADER: proof() if shown is None else shown}
    return at.post("/token", {"grant_type": "client_credentials", **form}, **{name: one for name, one in headers.items() if one})


def test_an_attested_client_gets_its_token_with_the_challenge() -> None:
    at = there()
    answer = ask(at, shown=proof(challenge=challenge(at)), client_id="wallet")
    assert answer.status == 200, answer.text


def test_a_challenge_comes_with_the_refusal_of_a_proof_without_one() -> None:
    at = there()
    refused = ask(at)
    assert (refused.status, document(refused)["error"], wants_challenge(refused)) == (400, "use_attestation_challenge", True)
    given = refused.headers.get(CHALLENGE_HEADER)
    assert ask(at, shown=proof(challenge=given)).status == 200


def test_an_attester_need_not_name_itself() -> None:
    at = there()
    assert ask(at, vouched=attestation(iss=None), shown=proof(challenge=challenge(at))).status == 200


@pytest.mark.parametrize(
    ("vouched", "said"),
    [
        (attestation(OTHER), "signature of the attestation"),
        (attestation(iss="https://stranger.example"), "not trusted"),
        (attestation(exp=NOW - 600), "has expired"),
        (attestation(exp=None), "has no exp"),
        (attestation(iat=NOW + 600), "from the future"),
        (attestation(sub="nobody"), "sub of the attestation"),
        (attestation(sub="web"), "not with attest_jwt_client_auth"),
        (attestation(cnf=None), "names no public key"),
        (attestation(cnf={"jwk": KEY.as_dict()}), "names no public key"),
        (attestation(typ="jwt"), "no JWT of the type"),
        ("nonsense", "no JWT of the type"),
        ("", "once each"),
    ],
)
def test_an_attestation_that_is_not_good_is_refused(vouched: str, said: str) -> None:
    at = there()
    answer = ask(at, vouched=vouched, shown=proof(challenge=challenge(at)))
    assert (answer.status, document(answer)["error"]) == (401, "invalid_client")
    assert said in document(answer)["error_description"]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (partial(proof, OTHER), "not made with the key"),
        (partial(proof, aud="https://other.example"), "aud of the proof"),
        (partial(proof, aud=[ISSUER]), "aud of the proof"),
        (partial(proof, iat=NOW - 600), "iat of the proof"),
        (partial(proof, jti=""), "no jti"),
        (partial(proof, typ="dpop+jwt"), "no JWT of the type"),
    ],
)
def test_a_proof_that_is_not_good_is_refused(made: Any, said: str) -> None:
    at = there()
    answer = ask(at, shown=made(challenge=challenge(at)))
    assert (answer.status, document(answer)["error"]) == (401, "invalid_client")
    assert said in document(answer)["error_description"]


def test_a_proof_works_once_and_a_challenge_for_its_time() -> None:
    at = there()
    given = challenge(at)
    assert ask(at, shown=proof(challenge=given)).status == 200
    assert "used before" in ask(at, shown=proof(challenge=given)).text
    assert ask(at, shown=proof(challenge=given, jti="twice")).status == 200
    at.wait(301)
    late = ask(at, shown=proof(challenge=given, jti="thrice", iat=NOW + 301))
    assert document(late)["error"] == "use_attestation_challenge"


def test_it_is_one_way_among_others_and_not_two_at_once() -> None:
    at = there()
    answer = ask(at, shown=proof(challenge=challenge(at)), client_id="wallet", client_secret="x")
    assert "more than one way" in document(answer)["error_description"]


def test_without_being_asked_for_it_is_not_spoken() -> None:
    at = there(is_experimental=False)
    assert "the client does not say who it is" in ask(at).text
    assert at.send("POST", "/challenge").status == 404
    told = document(at.get("/.well-known/openid-configuration"))
    assert "attest_jwt_client_auth" not in told["token_endpoint_auth_methods_supported"]
    assert "challenge_endpoint" not in told
    told = document(there().get("/.well-known/openid-configuration"))
    assert "attest_jwt_client_auth" in told["token_endpoint_auth_methods_supported"]
    assert told["challenge_endpoint"] == f"{ISSUER}/challenge"
    assert isinstance(at.state.clients["wallet"], Client)


def test_who_may_assert_people_may_not_vouch_for_clients() -> None:
    idp = generate("ES256").with_(kid="idp")
    at = there(trusted_issuers={"https://idp.example": (idp.public(),)})
    for issuer in ("https://idp.example", None):
        answer = ask(at, vouched=attestation(idp, iss=issuer), shown=proof(challenge=challenge(at)), client_id="wallet")
        assert (answer.status, document(answer)["error"]) == (401, "invalid_client")


def test_who_vouches_for_clients_may_not_assert_people() -> None:
    at = there()
    claims = {"iss": ATTESTER, "sub": "alice", "aud": ISSUER, "exp": NOW + 60, "iat": NOW, "jti": "j"}
    form = {"grant_type": JWT_BEARER, "assertion": sign(claims, ATTESTERS_KEY, header={"typ": "JWT"})}
    answer = at.token_request(dict(form), client_id="web", secret=SECRET)
    assert document(answer)["error_description"] == "the issuer of the token is not trusted here"
