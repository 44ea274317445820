"""OpenID Connect Core 1.0 section 12.2: what a refresh may bring in the place of the first ID token."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import pytest

from oauthctl.errors import CheckFailed
from oauthctl.flows.refresh import refresh
from oauthctl.flows.refreshed_id_token import Original
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.sign import sign, unsecured
from oauthctl.messages.client_auth import Client
from tests.played import Played, play, response

ISSUER, SECRET = "https://op.example", "a-client-secret-of-32-characters"
CLIENT = Client("app", SECRET, "client_secret_basic")
FIRST: dict[str, Any] = {"iss": ISSUER, "sub": "ann", "aud": "app", "iat": 100, "auth_time": 90, "azp": "app", "nonce": "n"}
JWE = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkExMjhHQ00ifQ.a2V5.aXY.Y2lwaGVy.dGFn"


def refreshed(new: object, *, original: Original | None = None, client: Client = CLIENT) -> Played[Any]:
    answer = response(200, {"access_token": "new", "token_type": "Bearer", "id_token": new})
    return play(refresh("https://op.example/token", "r", client, original=original or Original(unsecured(FIRST))), [answer])


def symmetric(secret: str) -> Jwk:
    return Jwk.from_dict({"kty": "oct", "k": urlsafe_b64encode(secret.encode()).rstrip(b"=").decode()})


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"iat": None}, "has no `iat` that is a number"),
        ({"iat": "200"}, "has no `iat` that is a number"),
        ({"iat": 99}, "is older than the first one (`iat`)"),
        ({"auth_time": 200}, "has another `auth_time` than the first one"),
        ({"nonce": "m"}, "has another `nonce` than the first one"),
        ({"azp": "another"}, "has another `azp` than the first one"),
        ({"azp": None}, "has another `azp` than the first one"),
    ],
)
def test_one_that_departs_is_left_out_with_a_warning(claims: dict[str, Any], said: str) -> None:
    new = {name: value for name, value in (FIRST | {"iat": 200} | claims).items() if value is not None}
    granted = refreshed(unsecured(new)).result
    assert granted.response.id_token is None
    assert granted.grave == (f"the new ID token {said} (OIDC Core section 12.2): the old one stays",)
    assert granted.grave[0] in granted.remarks
    assert granted.response.access_token == "new"


def test_a_clock_that_is_wrong_is_mentioned_and_no_more() -> None:
    granted = refreshed(unsecured(FIRST | {"iat": 99999999999})).result
    assert (granted.response.id_token is None, granted.grave) == (False, ())
    assert "the new ID token was issued in the future: the clocks differ" in granted.remarks


@pytest.mark.parametrize("left_out", ["auth_time", "nonce"])
def test_what_a_refresh_may_leave_out_is_not_missed(left_out: str) -> None:
    new = {name: value for name, value in FIRST.items() if name != left_out} | {"iat": 200}
    granted = refreshed(unsecured(new)).result
    assert (granted.response.id_token, granted.grave) == (unsecured(new), ())


@pytest.mark.parametrize("garbage", ["garbage", "a.b.c", 5, True, {"a": 1}, ["x"]])
def test_an_unreadable_one_is_left_out_with_a_warning(garbage: object) -> None:
    granted = refreshed(garbage).result
    assert granted.response.raw("id_token") is None
    assert granted.grave == ("the new ID token can't be read (OIDC Core section 12.2): the old one stays",)


@pytest.mark.parametrize("nothing", ["", None])
def test_none_at_all_is_nothing_to_warn_of(nothing: object) -> None:
    assert refreshed(nothing).result.grave == ()


def test_an_encrypted_one_replaces_none_that_can_be_read() -> None:
    assert "is encrypted and can't be compared" in refreshed(JWE).result.grave[0]
    granted = refreshed(JWE, original=Original(JWE)).result
    assert (granted.response.id_token, granted.grave) == (JWE, ())
    assert "the new ID token is encrypted: it was not compared with the first one" in granted.remarks


def test_an_unsigned_one_replaces_none_that_was_signed() -> None:
    first = Original(sign(FIRST, symmetric(SECRET), alg="HS256"))
    assert "is not signed, and the first one was" in refreshed(unsecured(FIRST), original=first).result.grave[0]


def test_a_signature_by_the_clients_secret_is_verified() -> None:
    granted = refreshed(sign(FIRST, symmetric(SECRET), alg="HS256")).result
    assert (granted.response.id_token is None, granted.remarks) == (False, ())
    error = refreshed(sign(FIRST, symmetric("another-secret-of-32-characters!"), alg="HS256")).error
    assert isinstance(error, CheckFailed)
    assert error.slug == "signature-invalid"


def test_a_signature_that_needs_keys_is_said_not_to_be_verified() -> None:
    granted = refreshed(sign(FIRST, symmetric(SECRET), alg="HS256"), client=Client("app")).result
    assert granted.response.id_token
    assert granted.grave == ()
    assert granted.remarks == (
        "the signature of the new ID token is not verified: no keys are fetched for a refresh; the token came straight from the "
        "token endpoint",
    )


@pytest.mark.parametrize(
    ("claims", "said"),
    [({"iss": "https://evil.example"}, "is of another issuer"), ({"aud": "another"}, "is for another client"), ({}, "")],
)
@pytest.mark.parametrize("old", ["", "garbage"])
def test_without_a_first_one_issuer_and_client_are_compared(claims: dict[str, Any], said: str, old: str) -> None:
    granted = refreshed(unsecured(FIRST | claims), original=Original(old, ISSUER)).result
    assert (granted.response.id_token is None) == bool(said)
    assert [said in one for one in granted.grave] == ([True] if said else [])


def test_a_person_who_is_known_without_an_id_token_is_compared() -> None:
    error = refreshed(unsecured(FIRST), original=Original("garbage", ISSUER, "bob")).error
    assert isinstance(error, CheckFailed)
    assert (error.slug, error.sent, error.got) == ("refreshed-subject-differs", "bob", "ann")
