from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from oauthctl.http import Params, Response, with_query
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.messages.dpop import dpop_proof
from oauthctl.provider.pushed import LONGEST
from tests.provider.world import (
    CALLBACK,
    CHALLENGE,
    ISSUER,
    SECRET,
    START,
    VERIFIER,
    World,
    callback,
    document,
    practice_state,
    with_client,
)

ASKED = {
    "response_type": "code",
    "client_id": "public",
    "redirect_uri": CALLBACK,
    "scope": "openid items.read",
    "state": "s",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def push(there: World, **changes: str | None) -> Response:
    return there.post("/par", Params.of({**ASKED, **changes}))


def visit(there: World, request_uri: str, client_id: str = "public") -> Response:
    return there.browse(with_query(there.state.url("/authorize"), Params.of({"client_id": client_id, "request_uri": request_uri})))


def test_a_pushed_request_ends_with_tokens() -> None:
    there = World()
    pushed = push(there)
    assert pushed.status == 201
    assert document(pushed)["expires_in"] == 90
    page = there.sign_in(visit(there, document(pushed)["request_uri"]))
    answer = callback(there.allow(page))
    assert answer.get("state") == "s"
    assert there.redeem(answer.get("code") or "").status == 200


def test_the_browser_never_sees_what_was_pushed() -> None:
    there = World()
    page = visit(there, document(push(there))["request_uri"])
    assert CHALLENGE.encode() not in page.body


def test_a_reference_is_good_once() -> None:
    there = World()
    request_uri = document(push(there))["request_uri"]
    there.allow(there.sign_in(visit(there, request_uri)))
    again = visit(there, request_uri)
    assert again.status == 400
    assert b"used before" in again.body


def test_a_no_uses_a_reference_up_as_well() -> None:
    there = World()
    request_uri = document(push(there))["request_uri"]
    assert callback(there.submit(visit(there, request_uri), decision="deny")).get("error") == "access_denied"
    assert b"used before" in visit(there, request_uri).body


def test_a_reference_may_be_loaded_twice_before_it_is_used() -> None:
    there = World()
    request_uri = document(push(there))["request_uri"]
    visit(there, request_uri)
    assert callback(there.allow(there.sign_in(visit(there, request_uri)))).get("code")


def test_a_reference_is_good_for_a_while() -> None:
    there = World()
    request_uri = document(push(there))["request_uri"]
    there.wait(91)
    assert b"expired" in visit(there, request_uri).body


def test_a_reference_is_for_its_own_client() -> None:
    there = World()
    assert visit(there, document(push(there))["request_uri"], "web").status == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"scope": "nothing"}, "invalid_scope"),
        ({"client_id": "web"}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
    ],
)
def test_a_bad_request_is_refused_before_anybody_sees_a_page(changes: dict[str, str | None], error: str) -> None:
    response = push(World(), **changes)
    assert (response.status >= 400, document(response)["error"]) == (True, error)


def test_a_confidential_client_proves_itself() -> None:
    there = World()
    headers = {"Authorization": basic_credentials("web", SECRET)}
    assert there.post("/par", Params.of({**ASKED, "client_id": "web"}), **headers).status == 201


def test_a_client_that_has_to_push_is_told_so() -> None:
    there = World(with_client(practice_state(), "public", requires_pushed_requests=True))
    assert b"pushed first" in there.ask().body
    assert callback(there.allow(there.sign_in(visit(there, document(push(there))["request_uri"])))).get("code")


def test_a_provider_that_takes_nothing_else_says_so_in_its_metadata() -> None:
    there = World(replace(practice_state(), requires_pushed_requests=True))
    assert document(there.get("/.well-known/openid-configuration"))["require_pushed_authorization_requests"] is True
    assert there.ask().status == 400


def test_the_redirect_goes_back_to_the_reference() -> None:
    there = World()
    request_uri = document(push(there, prompt="login"))["request_uri"]
    page = visit(there, request_uri)
    answer = there.allow(there.sign_in(page))
    assert urlsplit(answer.headers.get("location") or "").netloc == urlsplit(CALLBACK).netloc


KEY, OTHER = generate("ES256"), generate("ES256")


def proof(key: Jwk = KEY, *, jti: str = "one", url: str = f"{ISSUER}/par", **more: str) -> str:
    return dpop_proof(key, "POST", url, now=START, jti=jti, **more)


def redeem_with(there: World, request_uri: str, key: Jwk) -> Response:
    answer = callback(there.allow(there.sign_in(visit(there, request_uri))))
    form = {"grant_type": "authorization_code", "code": answer.get("code") or "", "redirect_uri": CALLBACK, "client_id": "public"}
    return there.post("/token", {**form, "code_verifier": VERIFIER}, DPoP=proof(key, jti="two", url=f"{ISSUER}/token"))


@pytest.mark.parametrize(("key", "status"), [(KEY, 200), (OTHER, 400)])
def test_a_proof_beside_a_pushed_request_binds_the_code_to_its_key(key: Jwk, status: int) -> None:
    """RFC 9449 section 10.1."""
    there = World()
    pushed = there.post("/par", ASKED, DPoP=proof())
    assert pushed.status == 201, pushed.text
    assert redeem_with(there, document(pushed)["request_uri"], key).status == status


@pytest.mark.parametrize(
    ("jkt", "status"), [pytest.param(KEY.thumbprint(), 201, id="same"), pytest.param(OTHER.thumbprint(), 400, id="another")]
)
def test_a_proof_and_a_thumbprint_of_the_same_request_are_of_one_key(jkt: str, status: int) -> None:
    pushed = World().post("/par", {**ASKED, "dpop_jkt": jkt}, DPoP=proof())
    assert pushed.status == status
    if status == 400:
        refused = document(pushed)
        assert (refused["error"], "dpop_jkt" in refused["error_description"]) == ("invalid_dpop_proof", True)


@pytest.mark.parametrize("url", [f"{ISSUER}/token", "https://elsewhere.example/par"])
def test_a_proof_for_another_endpoint_pushes_nothing(url: str) -> None:
    pushed = World().post("/par", ASKED, DPoP=proof(url=url))
    assert (pushed.status, document(pushed)["error"]) == (400, "invalid_dpop_proof")


def test_a_proof_pushes_once_also_where_the_request_is_refused() -> None:
    there = World()
    assert there.post("/par", {**ASKED, "scope": "nothing.known"}, DPoP=proof()).status == 400
    again = there.post("/par", ASKED, DPoP=proof())
    assert (again.status, "used before" in document(again)["error_description"]) == (400, True)


def test_a_nonce_is_asked_for_where_requests_are_pushed() -> None:
    there = World(practice_state(requires_dpop_nonce=True))
    first = there.post("/par", ASKED, DPoP=proof())
    assert (first.status, document(first)["error"]) == (400, "use_dpop_nonce")
    assert there.post("/par", ASKED, DPoP=proof(jti="two", nonce=first.headers.get("dpop-nonce") or "")).status == 201


def test_what_is_too_long_is_not_kept() -> None:
    """Source: RFC 9126 section 2.3."""
    world = World()
    answer = world.post("/par", {"client_id": "public", "state": "s" * LONGEST})
    assert (answer.status, document(answer)["error"]) == (413, "invalid_request")
    assert not world.state.pushed
