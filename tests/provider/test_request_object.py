"""Authorization requests inside of a JWT (RFC 9101), by value and pushed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from oauthctl.http import Params, Response
from oauthctl.jose.jwe import encrypt
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.sign import sign, unsecured
from oauthctl.messages.client_assertion import secret_key
from oauthctl.provider.client import Client
from tests.provider.world import CALLBACK, CHALLENGE, ISSUER, START, World, callback, document, practice_state, with_client

KEY = generate("ES256")
OTHER = generate("ES256")
NOW = int(START.timestamp())
SECRET = "a-secret-that-is-long-enough-for-hs256"


def world(**changes: Any) -> World:
    known = practice_state()
    return World(with_client(known, "public", **{"keys": (KEY.public(),), "auth_methods": ("none",), **changes}))


def inside(**changed: object) -> dict[str, object]:
    claims = {
        "iss": "public",
        "aud": ISSUER,
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + 300,
        "jti": "once",
        "client_id": "public",
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid profile items.read",
        "state": "state-1",
        "nonce": "nonce-1",
        "max_age": 600,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changed,
    }
    return {name: value for name, value in claims.items() if value is not None}


def packed(key: Jwk = KEY, **changed: object) -> str:
    return sign(inside(**changed), key, header={"typ": "oauth-authz-req+jwt"})


def ask(there: World, request: str, **beside: str) -> Response:
    return there.browse(f"{ISSUER}/authorize?" + Params.of({"client_id": "public", "request": request, **beside}).encode())


def code(there: World, request: str, **beside: str) -> str:
    page = ask(there, request, **beside)
    if b'name="password"' in page.body:
        page = there.sign_in(page)
    return callback(there.allow(page) if page.status == 200 else page).get("code") or ""


def test_what_is_asked_for_inside_is_granted() -> None:
    there = world()
    granted = document(there.redeem(code(there, packed())))
    assert granted["scope"] == "openid profile items.read"


@pytest.mark.parametrize(
    ("request_object", "said"),
    [
        (packed(OTHER.with_(kid=KEY.kid)), "signature"),
        (unsecured(inside()), "not signed"),
        (packed(aud="https://other.example"), "aud"),
        (packed(iss="another"), "iss"),
        (packed(sub="public"), "sub"),
        (packed(exp=NOW - 300), "expired"),
        (packed(exp="tomorrow"), "exp that counts seconds"),
        (packed(nbf=NOW + 300), "future"),
        (packed(request_uri="urn:x"), "another"),
        (sign(inside(), KEY, header={"typ": "dpop+jwt"}), "typ"),
        ("ey.J.x", "no JWT"),
    ],
)
def test_one_that_is_not_good_is_refused_where_the_client_can_see_it(request_object: str, said: str) -> None:
    response = ask(world(), request_object, redirect_uri=CALLBACK)
    answer = callback(response)
    assert answer.get("error") == "invalid_request_object"
    assert said in (answer.get("error_description") or "")


@pytest.mark.parametrize("inner", ["web", "nobody", ["public"], 5, ""])
def test_the_object_of_another_client_leads_nowhere(inner: object) -> None:
    """Not to the redirect URI of that client either: who put its name there is unproven."""
    theirs = "https://theirs.example/callback"
    there = World(with_client(world().state, "web", redirect_uris=(theirs,)))
    page = ask(there, packed(client_id=inner, redirect_uri=theirs))
    assert (page.status, page.headers.get("location")) == (400, None)
    assert "is not the one beside it" in page.text


def test_an_unproven_redirect_uri_is_followed_only_where_it_is_registered() -> None:
    page = ask(world(), packed(OTHER, redirect_uri="https://evil.example/"))
    assert page.status == 400
    assert "location" not in page.headers


def test_it_leads_to_one_code_alone() -> None:
    there = world()
    assert code(there, packed())
    assert callback(ask(there, packed())).get("error") == "invalid_request_object"
    assert code(there, packed(jti="another"))


def test_one_without_audience_and_end_is_taken_and_leads_to_one_code_for_a_day() -> None:
    """RFC 9101 section 4: `iss` and `aud` should be in it."""
    there = world()
    bare = packed(aud=None, iss=None, exp=None, nbf=None, iat=None)
    assert code(there, bare)
    there.wait(23 * 3600)
    assert "used before" in (callback(ask(there, bare)).get("error_description") or "")


def test_what_stands_outside_as_well_must_say_the_same() -> None:
    there = world()
    answer = callback(ask(there, packed(), scope="openid email"))
    assert (answer.get("error"), "scope" in (answer.get("error_description") or "")) == ("invalid_request", True)
    assert code(there, packed(), scope="openid profile items.read", ui_locales="de")


def test_what_stands_outside_alone_does_not_count() -> None:
    """RFC 9101 section 6.3: only the parameters in the request object are used."""
    there = world()
    page = there.sign_in(ask(there, packed(prompt=None), prompt="dance"))
    assert page.status == 200


def test_two_request_objects_are_none() -> None:
    query = Params((("client_id", "public"), ("request", packed()), ("request", packed()), ("redirect_uri", CALLBACK)))
    assert callback(world().browse(f"{ISSUER}/authorize?{query.encode()}")).get("error") == "invalid_request"


def test_a_secret_signs_where_the_client_has_one() -> None:
    there = world(secret=SECRET, keys=())
    assert ask(there, packed(secret_key(SECRET), typ=None)).status == 200
    assert callback(ask(there, packed(secret_key(SECRET * 2)))).get("error") == "invalid_request_object"


def test_one_without_a_signature_is_taken_from_a_client_that_is_registered_so() -> None:
    assert ask(world(request_object_signing_alg="none"), unsecured(inside())).status == 200
    there = world(request_object_signing_alg="none", requires_signed_request=True)
    assert callback(ask(there, unsecured(inside()))).get("error") == "invalid_request_object"


def test_another_algorithm_than_the_registered_one_is_refused() -> None:
    there = world(request_object_signing_alg="ES384")
    assert callback(ask(there, packed())).get("error") == "invalid_request_object"


@pytest.mark.parametrize("where", ["provider", "client"])
def test_a_plain_request_is_refused_where_a_signed_one_is_a_must(where: str) -> None:
    there = world(requires_signed_request=where == "client")
    there.state = replace(there.state, requires_signed_request=where == "provider")
    assert "JAR" in (callback(there.ask()).get("error_description") or "")
    assert code(there, packed())
    assert document(there.get("/.well-known/openid-configuration"))["require_signed_request_object"] is (where == "provider")


def test_one_that_is_encrypted_for_the_provider_is_opened() -> None:
    there = world()
    key = Jwk.from_dict(document(there.get("/jwks"))["keys"][-1])
    there.state = replace(there.state, encryption_keys=(generate("ES256").with_(use="enc", alg="ECDH-ES", kid="enc"),))
    key = there.state.encryption_keys[0].public()
    assert code(there, encrypt(packed(), key, alg="ECDH-ES", header={"cty": "JWT"}))
    other = generate("ES256").with_(use="enc", alg="ECDH-ES", kid="enc").public()
    assert callback(ask(there, encrypt(packed(), other, alg="ECDH-ES"), redirect_uri=CALLBACK)).get("error") == "invalid_request_object"


class TestPushed:
    def push(self, there: World, **form: str) -> Response:
        return there.post("/par", {"client_id": "public", **form})

    def test_the_browser_takes_a_reference_to_what_was_inside(self) -> None:
        there = world(requires_signed_request=True)
        reference = document(self.push(there, request=packed()))["request_uri"]
        query = Params.of({"client_id": "public", "request_uri": reference})
        page = there.sign_in(there.browse(f"{ISSUER}/authorize?{query.encode()}"))
        assert callback(there.allow(page)).get("code")

    def test_it_can_be_pushed_once(self) -> None:
        there = world()
        assert self.push(there, request=packed()).status == 201
        again = self.push(there, request=packed())
        assert (again.status, document(again)["error"]) == (400, "invalid_request_object")

    def test_nothing_may_stand_beside_it(self) -> None:
        """RFC 9126 section 3."""
        assert document(self.push(world(), request=packed(), scope="openid profile items.read"))["error"] == "invalid_request"

    def test_a_plain_one_is_refused_where_a_signed_one_is_a_must(self) -> None:
        refused = self.push(world(requires_signed_request=True), response_type="code", redirect_uri=CALLBACK)
        assert "JAR" in document(refused)["error_description"]


def test_the_resources_of_an_array_are_several() -> None:
    """RFC 8707 section 2."""
    there = World(with_client(practice_state(), "public", keys=(KEY.public(),), auth_methods=("none",)))
    resources = [f"{ISSUER}/api", f"{ISSUER}/photos"]
    assert code(there, packed(resource=resources))
    assert next(iter(there.state.grants.values())).audience == tuple(resources)


def test_nothing_of_this_is_asked_of_a_client_that_says_nothing() -> None:
    assert Client("x").requires_signed_request is False


def test_a_request_object_that_is_posted_is_good_once_too() -> None:
    there = world()

    def answered() -> Response:
        address = there.post("/authorize", {"client_id": "public", "request": packed()}).headers.get("location") or ""
        return there.browse(address)

    assert callback(there.allow(there.sign_in(answered()))).get("code")
    assert callback(answered()).get("error") == "invalid_request_object"
