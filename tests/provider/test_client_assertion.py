from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oauthctl.http import Response
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.sign import sign
from oauthctl.messages.client_assertion import ASSERTION_TYPE, client_assertion, secret_key
from tests.provider.world import ISSUER, START, World, document, keys, practice_state, with_client

SECRET = "a secret of thirty-two bytes, or more"


def world() -> World:
    state = with_client(practice_state(), "signer", keys=(keys()[1].public(),), grant_types=("client_credentials",), scopes=("items.read",))
    state = with_client(
        state,
        "sharer",
        secret=SECRET,
        auth_methods=("client_secret_jwt",),
        grant_types=("client_credentials",),
        scopes=("items.read",),
    )
    return World(state)


def ask(there: World, assertion: str, **changes: str | None) -> Response:
    form: dict[str, str | None] = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }
    return there.token_request({**form, **changes})


def made(client_id: str = "signer", key: Jwk | None = None, **changes: Any) -> str:
    values: dict[str, Any] = {"audience": ISSUER, "now": START, "jti": "one", **changes}
    return client_assertion(client_id, key or keys()[1], **values)


def test_a_signed_assertion_proves_the_client() -> None:
    response = ask(world(), made())
    assert response.status == 200, response.text
    assert document(response)["scope"] == "items.read"


def test_a_shared_secret_proves_the_client_without_being_shown() -> None:
    assert ask(world(), made("sharer", secret_key(SECRET))).status == 200


@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/token"])
def test_issuer_and_token_endpoint_are_both_audiences(audience: str) -> None:
    assert ask(world(), made(audience=audience)).status == 200


def test_an_assertion_is_good_once() -> None:
    there = world()
    assert ask(there, made()).status == 200
    again = ask(there, made())
    assert (again.status, document(again)["error"]) == (401, "invalid_client")
    assert "used before" in document(again)["error_description"]


def test_an_assertion_is_used_up_by_a_request_that_is_refused() -> None:
    there = world()
    assert document(ask(there, made(), scope="photos.read"))["error"] == "invalid_scope"
    assert "used before" in document(ask(there, made()))["error_description"]


@pytest.mark.parametrize(
    ("assertion", "why"),
    [
        (made(key=keys()[0]), "signature"),
        (made("sharer", keys()[1]), "no key is registered"),
        (made(audience="https://other.example"), "aud"),
        (made(now=START - timedelta(minutes=10)), "expired"),
        (made(now=START + timedelta(minutes=10)), "future"),
        (made(jti=""), "jti"),
        (sign({"iss": "public", "sub": "signer", "aud": ISSUER, "jti": "1", "exp": START.timestamp() + 60}, keys()[1]), "iss and sub"),
        (sign({"iss": "signer", "sub": "signer", "aud": ISSUER, "jti": "1"}, keys()[1]), "no exp"),
        (sign({"iss": "signer", "sub": "signer", "aud": ISSUER, "jti": "1", "exp": START.timestamp() + 99999}, keys()[1]), "good for more"),
        (sign({"iss": "signer", "sub": "signer", "aud": 5, "jti": "1", "exp": START.timestamp() + 60}, keys()[1]), "aud"),
        (sign({"iss": "signer", "sub": "signer"}, keys()[1], header={"typ": "dpop+jwt"}), "another kind"),
        ("not.a.jwt", "registered here"),
    ],
)
def test_what_is_wrong_with_an_assertion_is_said(assertion: str, why: str) -> None:
    response = ask(world(), assertion)
    assert (response.status, document(response)["error"]) == (401, "invalid_client")
    assert why in document(response)["error_description"]


def test_the_public_key_as_a_shared_secret_signs_nothing() -> None:
    pem = next(iter(keys()[1].public_encodings()))
    forged = made(key=secret_key(pem.decode()), alg="HS256")
    assert ask(world(), forged).status == 401


def test_an_assertion_and_a_secret_together_are_two_ways() -> None:
    response = ask(world(), made(), client_id="signer", client_secret="x")
    assert document(response)["error"] == "invalid_request"


def test_another_type_of_assertion_is_refused() -> None:
    response = ask(world(), made(), client_assertion_type="urn:ietf:params:oauth:client-assertion-type:saml2-bearer")
    assert document(response)["error"] == "invalid_request"
