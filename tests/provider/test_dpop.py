from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from oauthctl.http import FORM, Params, Response
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.sign import sign
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.messages.dpop import dpop_proof
from tests.provider.world import CALLBACK, ISSUER, SECRET, START, VERIFIER, World, claims_of, document, practice_state, with_client

KEY, OTHER = generate("ES256"), generate("ES256")
TOKEN = f"{ISSUER}/token"
ITEMS = f"{ISSUER}/api/items"


def proof(method: str = "POST", url: str = TOKEN, **changes: Any) -> str:
    values: dict[str, Any] = {"now": START, "jti": "one", **changes}
    return dpop_proof(values.pop("key", KEY), method, url, **values)


def redeem(there: World, proved: str, code: str = "") -> Response:
    form = Params.of(
        {
            "grant_type": "authorization_code",
            "code": code or there.code(),
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            "client_id": "public",
        }
    )
    return there.send("POST", "/token", headers={"Content-Type": FORM, "DPoP": proved}, body=form.encode().encode())


def call(there: World, token: str, proved: str, scheme: str = "DPoP") -> Response:
    return there.get("/api/items", Authorization=f"{scheme} {token}", DPoP=proved)


def bound(there: World) -> str:
    response = redeem(there, proof())
    assert response.status == 200, response.text
    return str(document(response)["access_token"])


def test_tokens_are_bound_to_the_key_of_the_proof() -> None:
    there = World()
    tokens = document(redeem(there, proof()))
    assert tokens["token_type"] == "DPoP"
    assert claims_of(tokens["access_token"])["cnf"] == {"jkt": KEY.thumbprint()}


def test_a_bound_token_opens_the_api_with_a_proof() -> None:
    there = World()
    token = bound(there)
    assert call(there, token, proof("GET", ITEMS, jti="two", access_token=token)).status == 200


@pytest.mark.parametrize("path", ["/api/photos", "/userinfo"])
def test_a_proof_is_used_up_by_a_request_that_is_refused_for_its_scopes(path: str) -> None:
    """RFC 9449 section 11.1: a proof is taken once, whatever came of the request."""
    there = World()
    token = str(document(redeem(there, proof(), there.code(scope="items.read")))["access_token"])
    shown = proof("GET", f"{ISSUER}{path}", jti="two", access_token=token)
    first, again = (there.get(path, Authorization=f"DPoP {token}", DPoP=shown) for _ in range(2))
    assert (first.status, again.status) == (403, 401)
    assert "invalid_dpop_proof" in (again.headers.get("www-authenticate") or "")


def test_a_proof_is_used_up_beside_a_token_that_is_bound_to_another_key() -> None:
    there = World()
    token = bound(there)
    shown = proof("GET", ITEMS, key=OTHER, jti="two", access_token=token)
    reasons = [call(there, token, shown).headers.get("www-authenticate") or "" for _ in range(2)]
    assert ["invalid_token" in reasons[0], "invalid_dpop_proof" in reasons[1]] == [True, True]


@pytest.mark.parametrize(
    ("changes", "scheme", "error"),
    [
        ({"jti": "one"}, "DPoP", "invalid_dpop_proof"),
        ({"key": OTHER}, "DPoP", "invalid_token"),
        ({"access_token": "another"}, "DPoP", "invalid_dpop_proof"),
        ({}, "Bearer", "invalid_token"),
    ],
)
def test_a_wrong_proof_opens_nothing(changes: dict[str, Any], scheme: str, error: str) -> None:
    there = World()
    token = bound(there)
    response = call(there, token, proof("GET", ITEMS, **{"jti": "two", "access_token": token, **changes}), scheme)
    assert response.status == 401
    challenge = response.headers.get("www-authenticate") or ""
    assert challenge.startswith("DPoP ")
    assert f'error="{error}"' in challenge
    assert "ES256" in challenge


def test_a_bearer_token_is_no_bound_one() -> None:
    there = World()
    token = there.tokens()["access_token"]
    assert call(there, token, proof("GET", ITEMS, access_token=token)).status == 401


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (proof("GET"), "htm"),
        (proof(url=f"{ISSUER}/other"), "htu"),
        (proof(now=START.replace(year=2025)), "iat"),
        (proof(jti=""), "jti"),
        (sign({"htm": "POST", "htu": TOKEN, "jti": "1", "iat": 1}, KEY, header={"typ": "JWT"}), "typ"),
        (sign({"htm": "POST", "htu": TOKEN, "jti": "1"}, KEY, header={"typ": "dpop+jwt", "jwk": KEY.as_dict()}), "private"),
        (sign({"htm": "POST", "htu": TOKEN, "jti": "1"}, KEY, header={"typ": "dpop+jwt", "jwk": OTHER.public().as_dict()}), "signature"),
        (sign({"htm": "POST", "htu": TOKEN, "jti": "1"}, KEY, header={"typ": "dpop+jwt", "jwk": None}), "public key"),
        ("no.jwt.here", "no JWT"),
    ],
)
def test_what_is_wrong_with_a_proof_is_said(made: str, words: str) -> None:
    response = redeem(World(), made)
    assert (response.status, document(response)["error"]) == (400, "invalid_dpop_proof")
    assert words in document(response)["error_description"]


def test_the_query_is_no_part_of_the_target() -> None:
    assert redeem(World(), proof(url=f"{TOKEN}?x=1")).status == 200


def test_a_nonce_is_asked_for_and_taken() -> None:
    there = World(replace(practice_state(), requires_dpop_nonce=True))
    code = there.code()
    refused = redeem(there, proof(), code)
    assert document(refused)["error"] == "use_dpop_nonce"
    nonce = refused.headers.get("dpop-nonce") or ""
    assert redeem(there, proof(jti="two", nonce=nonce), code).status == 200


def test_a_nonce_of_somebody_else_is_not_taken() -> None:
    assert document(redeem(World(), proof(nonce="guess")))["error"] == "use_dpop_nonce"


def test_a_code_that_is_bound_to_a_key_is_good_for_that_key_alone() -> None:
    there = World()
    code = there.code(dpop_jkt=OTHER.thumbprint())
    assert document(redeem(there, proof(), code))["error"] == "invalid_grant"
    assert redeem(there, proof(jti="two", key=OTHER), code).status == 200


@pytest.mark.parametrize(
    ("requires_dpop", "key", "kind"), [(False, None, "Bearer"), (False, OTHER, "DPoP"), (True, None, None), (True, OTHER, "DPoP")]
)
def test_a_confidential_clients_refresh_token_is_bound_by_the_client_alone(requires_dpop: bool, key: Jwk | None, kind: str | None) -> None:
    """RFC 9449 section 5; section 5.2 for clients that say they want bound tokens always."""
    there = World(with_client(practice_state(), "web", requires_dpop=requires_dpop))
    credentials = {"Authorization": basic_credentials("web", SECRET)}
    form = {"grant_type": "authorization_code", "code": there.code(client_id="web"), "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    tokens = document(there.post("/token", form, **credentials, DPoP=proof()))
    shown = {"DPoP": proof(jti="two", key=key)} if key is not None else {}
    again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    answer = document(there.post("/token", again, **credentials, **shown))
    assert (tokens["token_type"], answer.get("token_type")) == ("DPoP", kind)
    assert kind or answer["error"] == "invalid_dpop_proof"


def test_a_public_clients_refresh_token_is_bound_too() -> None:
    there = World()
    tokens = document(redeem(there, proof(), there.code(scope="openid items.read offline_access")))
    form = Params.of({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": "public"})

    def refresh(**headers: str) -> Response:
        return there.send("POST", "/token", headers={"Content-Type": FORM, **headers}, body=form.encode().encode())

    assert document(refresh())["error"] == "invalid_grant"
    assert document(refresh(DPoP=proof(jti="two", key=OTHER)))["error"] == "invalid_grant"
    assert document(refresh(DPoP=proof(jti="three")))["token_type"] == "DPoP"


def test_a_client_may_be_held_to_it() -> None:
    there = World(with_client(practice_state(), "public", requires_dpop=True))
    assert document(there.redeem(there.code()))["error"] == "invalid_dpop_proof"


def test_introspection_tells_of_the_binding() -> None:
    there = World(with_client(practice_state(), "public", access_token_format="opaque"))
    form = {"token": bound(there)}
    told = document(there.post("/introspect", form, Authorization=basic_credentials("api", SECRET)))
    assert told["token_type"] == "DPoP"
    assert told["cnf"] == {"jkt": KEY.thumbprint()}
