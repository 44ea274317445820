"""Answers inside of a JWT at the callback (JARM), as a played sign-in sees them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oauthctl.errors import BadAnswer, CheckFailed, Refused
from oauthctl.flows.authorization_code import SignedIn, sign_in
from oauthctl.http import Params, Request, split_url
from oauthctl.jose.jwe import encrypt
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign, unsecured
from oauthctl.messages.client_auth import Client
from tests.flows.test_authorization_code import CODE, ISSUER, KEY, NOW, OTHER_KEY, PLAN, REDIRECT_URI, keys, metadata, tokens
from tests.played import Played, callback, play

JARM = replace(PLAN, metadata=metadata(authorization_signing_alg_values_supported=["ES256"]), scope=("read",), response_mode="query.jwt")
ENCRYPTION_KEY = generate("ES256").with_(use="enc", alg="ECDH-ES")

JARM_SECTION_2_1_EXAMPLE = {
    "iss": "https://accounts.example.com",
    "aud": "s6BhdRkqt3",
    "exp": 1311281970,
    "code": "PyyFaux2o7Q0YfXBU32jhw.5FXSQpvr8akv9CeRDSd0QA",
    "state": "S8NJ7uqk5fY4EjNvP_G_FtyJu6pUsvH9jsYni9dMAJw",
}
JARM_SECTION_2_1_ERROR = {
    "error": "access_denied",
    "state": "S8NJ7uqk5fY4EjNvP_G_FtyJu6pUsvH9jsYni9dMAJw",
    "iss": "https://accounts.example.com",
    "aud": "s6BhdRkqt3",
    "exp": 1311281970,
}


def answer(key: Jwk = KEY, **changed: object) -> str:
    claims = {"iss": ISSUER, "aud": "s6BhdRkqt3", "exp": NOW + 600, "code": CODE, "state": PLAN.state, **changed}
    return sign({name: value for name, value in claims.items() if value is not None}, key)


def played(response: str, *more: object, plan: object = JARM, way: str = "query") -> Played[SignedIn]:
    back = callback(REDIRECT_URI, response=response)
    if way == "form":
        back = Request("POST", REDIRECT_URI, body=Params.of({"response": response}).encode().encode())
    return play(sign_in(plan), [keys(KEY), back, *more])  # type: ignore[arg-type]  # the table gives answers and plans


@pytest.mark.parametrize(("mode", "way"), [("query.jwt", "query"), ("jwt", "query"), ("fragment.jwt", "form"), ("form_post.jwt", "form")])
def test_the_code_is_taken_out_of_the_jwt_in_each_mode(mode: str, way: str) -> None:
    found = played(answer(), tokens(), plan=replace(JARM, response_mode=mode), way=way)
    assert found.result.granted.response.access_token
    assert Params.parse(split_url(found.visited[0]).query).all("response_mode") == (mode,)
    assert found.requests[-1].form.get("code") == CODE


def test_the_example_of_jarm_is_taken_while_it_is_good() -> None:
    plan = replace(
        JARM,
        metadata=metadata(issuer="https://accounts.example.com"),
        state=JARM_SECTION_2_1_EXAMPLE["state"],
        leeway_seconds=1e9,
    )
    found = played(sign(JARM_SECTION_2_1_EXAMPLE, KEY), tokens(), plan=plan)
    assert found.requests[-1].form.get("code") == JARM_SECTION_2_1_EXAMPLE["code"]


def test_the_error_of_jarms_example_is_the_servers_word() -> None:
    plan = replace(
        JARM, metadata=metadata(issuer="https://accounts.example.com"), state=JARM_SECTION_2_1_ERROR["state"], leeway_seconds=1e9
    )
    found = played(sign(JARM_SECTION_2_1_ERROR, KEY), plan=plan)
    assert isinstance(found.error, Refused)
    assert found.error.data["oauth_error"] == "access_denied"


@pytest.mark.parametrize(
    ("response", "slug"),
    [
        (answer(iss="https://evil.example"), "answer-jwt-issuer-differs"),
        (answer(iss=None), "answer-jwt-issuer-differs"),
        (answer(aud="another-client"), "answer-jwt-audience-differs"),
        (answer(aud=None), "answer-jwt-audience-differs"),
        (answer(exp=NOW - 600), "answer-jwt-expired"),
        (answer(exp=None), "answer-jwt-expired"),
        (answer(exp="soon"), "answer-jwt-expired"),
        (answer(nbf=NOW + 600), "answer-jwt-expired"),
        (answer(OTHER_KEY.with_(kid="now")), "answer-jwt-signature-wrong"),
        (answer()[:-4] + "AAAA", "answer-jwt-signature-wrong"),
        (unsecured(take_apart(answer()).claims or {}), "answer-jwt-unsigned"),
        (answer().rpartition(".")[0] + ".", "answer-jwt-unsigned"),
        ("not-a-jwt", "answer-jwt-unreadable"),
        (answer(state="of-another-request"), "state-mismatch"),
        (answer(state=None), "state-missing"),
        (encrypt(answer(), ENCRYPTION_KEY.public(), alg="ECDH-ES"), "token-encrypted"),
    ],
)
def test_what_must_not_be_believed_is_refused_and_no_code_redeemed(response: str, slug: str) -> None:
    found = played(response)
    assert isinstance(found.error, BadAnswer if slug == "answer-jwt-unreadable" else CheckFailed)
    assert found.error.slug == slug
    assert [request for request in found.requests if request.method == "POST"] == []
    assert CODE not in str(vars(found.error))


def test_a_signature_by_the_next_key_is_taken_after_a_second_look_at_the_key_set() -> None:
    plan = replace(JARM, metadata=metadata())
    assert played(answer(OTHER_KEY), keys(KEY, OTHER_KEY), tokens(), plan=plan).result


def test_an_encrypted_answer_is_opened_with_the_clients_key() -> None:
    compact = encrypt(answer(), ENCRYPTION_KEY.public(), alg="ECDH-ES", header={"cty": "JWT"})
    assert played(compact, tokens(), plan=replace(JARM, keys=(ENCRYPTION_KEY,))).requests[-1].form.get("code") == CODE


def test_an_error_that_is_not_signed_is_not_the_servers_word() -> None:
    found = play(sign_in(JARM), [keys(KEY), callback(REDIRECT_URI, error="access_denied", state=PLAN.state)])
    assert isinstance(found.error, CheckFailed)
    assert found.error.slug == "answer-jwt-missing"


def test_two_answers_in_one_callback_are_none() -> None:
    back = Request("GET", f"{REDIRECT_URI}?response={answer()}&response={answer()}")
    found = play(sign_in(JARM), [keys(KEY), back])
    assert isinstance(found.error, BadAnswer)
    assert found.error.slug == "callback-parameter-repeated"


def test_an_algorithm_that_was_not_announced_is_refused() -> None:
    secret = "a-secret-that-is-long-enough-for-hs256"
    plan = replace(JARM, client=Client("s6BhdRkqt3", secret, "client_secret_basic"))
    from oauthctl.messages.client_assertion import secret_key

    found = played(answer(secret_key(secret)), plan=plan)
    assert isinstance(found.error, CheckFailed)
    assert found.error.slug == "answer-jwt-signature-wrong"


def test_a_client_secret_can_sign_where_the_server_says_so() -> None:
    secret = "a-secret-that-is-long-enough-for-hs256"
    known = metadata(authorization_signing_alg_values_supported=["HS256"])
    plan = replace(JARM, metadata=known, client=Client("s6BhdRkqt3", secret, "client_secret_basic"))
    from oauthctl.messages.client_assertion import secret_key

    assert played(answer(secret_key(secret)), tokens(), plan=plan).result
