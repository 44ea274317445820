from __future__ import annotations

import json

import pytest

from oauthctl.errors import BadAnswer
from oauthctl.flows.keys import Keys, fetch_keys, keys_for, reach_keys
from oauthctl.http import Response
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import unsecured
from tests.played import play, response

JWKS_URI = "https://op.example/jwks"
RFC7517_APPENDIX_A_1 = {
    "keys": [
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
            "use": "enc",
            "kid": "1",
        },
        {"kty": "RSA", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7a", "e": "AQAB", "kid": "2011-04-29"},
    ]
}
KNOWN = (Jwk.from_dict({"kty": "EC", "kid": "1"}),)


def test_the_example_key_set_is_read() -> None:
    played = play(fetch_keys(JWKS_URI), [response(200, RFC7517_APPENDIX_A_1)])
    assert [key.kid for key in played.result] == ["1", "2011-04-29"]
    assert played.requests[0].url == JWKS_URI
    assert played.requests[0].headers.get("Accept") == "application/json, application/jwk-set+json"


def test_a_byte_order_mark_does_no_harm() -> None:
    assert len(play(fetch_keys(JWKS_URI), [response(200, b"\xef\xbb\xbf" + json.dumps(RFC7517_APPENDIX_A_1).encode())]).result) == 2


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (response(404), "status 404"),
        (response(302, headers={"Location": "https://evil.example/jwks"}), "status 302"),
        (response(200), "no JSON"),
        (response(200, "<html>"), "no JSON"),
        (response(200, b"\xff\xfe\x00"), "no JSON"),
        (response(200, "[" * 100_000), "no JSON"),
        (response(200, '{"keys":' + "9" * 5000 + "}"), "no key"),
        (response(200, {"keys": []}), "no key"),
        (response(200, {"keys": "x"}), "no key"),
        (response(200, {"keys": [1, None, {"use": "sig"}]}), "no key"),
        (response(200, "null"), "no key"),
        (response(200, b" " * 3_000_000), "a document of 3000000 bytes"),
    ],
)
def test_what_is_no_key_set_is_named(answer: Response, problem: str) -> None:
    played = play(fetch_keys(JWKS_URI), [answer])
    assert isinstance(played.error, BadAnswer)
    assert played.error.message == f"`{JWKS_URI}` gave {problem} where a JWK set is due"
    assert (played.error.slug, played.error.where) == ("jwks-unusable", f"exchange 1, GET {JWKS_URI}")


@pytest.mark.parametrize("header", [{"kid": "1"}, {}])
def test_a_key_at_hand_is_not_fetched_again(header: dict[str, str]) -> None:
    played = play(keys_for(take_apart(unsecured({}, header=header)), Keys(KNOWN), JWKS_URI), [])
    assert played.result == Keys(KNOWN)
    assert played.steps == []


def test_an_unknown_kid_fetches_the_keys_once() -> None:
    token = take_apart(unsecured({}, header={"kid": "forged"}))
    played = play(keys_for(token, Keys(KNOWN), JWKS_URI), [response(200, RFC7517_APPENDIX_A_1)])
    assert [key.kid for key in played.result.known] == ["1", "2011-04-29"]
    assert len(played.requests) == 1


def test_without_keys_at_hand_they_are_fetched() -> None:
    assert len(play(keys_for(take_apart(unsecured({})), Keys(), JWKS_URI), [response(200, RFC7517_APPENDIX_A_1)]).result.known) == 2


def test_without_an_address_nothing_is_fetched() -> None:
    token = take_apart(unsecured({}, header={"kid": "forged"}))
    assert play(keys_for(token, Keys(KNOWN), ""), []).result == Keys(KNOWN)
    played = play(keys_for(token, Keys(), ""), [])
    assert (played.value, played.steps) == (Keys(), [])


def test_a_server_that_cannot_be_reached_gives_no_keys_and_says_why() -> None:
    assert play(reach_keys(JWKS_URI), ["`https://op.example` refuses the connection"]).result == Keys(
        unreached="`https://op.example` refuses the connection"
    )


def test_keys_that_may_be_old_are_not_used_for_a_new_kid_where_no_new_ones_can_be_had() -> None:
    token = take_apart(unsecured({}, header={"kid": "new"}))
    assert play(keys_for(token, Keys(KNOWN), JWKS_URI), ["it is down"]).result == Keys(unreached="it is down")


def test_a_published_symmetric_key_is_no_key() -> None:
    keys = {"keys": [*RFC7517_APPENDIX_A_1["keys"], {"kty": "oct", "kid": "shared", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMko"}]}
    assert [key.kid for key in play(fetch_keys(JWKS_URI), [response(200, keys)]).result] == ["1", "2011-04-29"]
