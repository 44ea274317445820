"""GitHub, as a persona: its own paths, form-encoded answers, errors with status 200."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from oauthctl.http import Params, Response
from oauthctl.provider.client import Client
from oauthctl.provider.personas.table import persona_named
from oauthctl.provider.personas.wearing import wear
from tests.provider.world import SECRET, World, callback, document, practice_state

CALLBACK = "https://app.example/callback"


def world() -> World:
    state = wear(practice_state("http://127.0.0.1:9000"), persona_named("github"))
    client = Client("Iv1.app", "Practice app", SECRET, redirect_uris=(CALLBACK,), scopes=tuple(state.scopes))
    return World(replace(state, clients={client.id: client}))


def asked(**changes: str | None) -> dict[str, Any]:
    gone = dict.fromkeys(("response_type", "nonce", "code_challenge", "code_challenge_method"))
    return {**gone, "client_id": "Iv1.app", "redirect_uri": CALLBACK, "scope": "read:user user:email", **changes}


def trade(there: World, code: str, *, accept: str = "", **changes: str | None) -> Response:
    form: dict[str, str | None] = {"client_id": "Iv1.app", "client_secret": SECRET, "code": code}
    return there.post("/login/oauth/access_token", Params.of({**form, **changes}), **({"Accept": accept} if accept else {}))


def called(there: World, path: str, authorization: str = "") -> Response:
    return there.get(path, **{"User-Agent": "test"} | ({"Authorization": authorization} if authorization else {}))


def test_the_answer_is_form_encoded_unless_json_is_asked_for() -> None:
    there = world()
    answer = there.answer(**asked())
    assert "iss" not in answer
    response = trade(there, answer.get("code") or "")
    assert response.content_type == "application/x-www-form-urlencoded"
    tokens = Params.parse(response.text)
    assert (tokens.get("scope"), tokens.get("token_type")) == ("read:user,user:email", "bearer")
    assert len(tokens.get("access_token") or "") == 40
    assert (tokens.get("access_token") or "").startswith("gho_")
    assert "expires_in" not in tokens
    again = trade(there, there.answer(**asked()).get("code") or "", accept="application/json")
    assert document(again)["scope"] == "read:user,user:email"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "nonsense"}, "bad_verification_code"),
        ({"code": None}, "bad_verification_code"),
        ({"client_secret": "wrong"}, "incorrect_client_credentials"),
        ({"client_id": "nobody"}, "incorrect_client_credentials"),
        ({"client_secret": None}, "incorrect_client_credentials"),
        ({"redirect_uri": "https://evil.example/"}, "redirect_uri_mismatch"),
    ],
)
def test_errors_have_status_200(changes: dict[str, Any], error: str) -> None:
    there = world()
    code = there.answer(**asked()).get("code") or ""
    response = trade(there, **{"code": code, **changes})
    assert response.status == 200
    assert Params.parse(response.text).get("error") == error
    assert there.state.log[-1].error


def test_a_code_works_once_and_then_revokes() -> None:
    there = world()
    code = there.answer(**asked()).get("code") or ""
    token = Params.parse(trade(there, code).text).get("access_token")
    assert called(there, "/user", f"Bearer {token}").status == 200
    assert Params.parse(trade(there, code).text).get("error") == "bad_verification_code"
    assert called(there, "/user", f"Bearer {token}").status == 401


def test_the_api_knows_both_schemes_and_names_the_scopes() -> None:
    there = world()
    token = Params.parse(trade(there, there.answer(**asked()).get("code") or "").text).get("access_token")
    for scheme in ("Bearer", "token"):
        response = called(there, "/user", f"{scheme} {token}")
        assert document(response)["login"] == "alice"
        assert response.headers.get("x-oauth-scopes") == "read:user, user:email"
    assert b"alice@example.com" in called(there, "/user/emails", f"token {token}").body
    assert document(called(there, "/user"))["message"] == "Requires authentication"
    assert document(called(there, "/user", "token x"))["message"] == "Bad credentials"


def test_the_api_forbids_whoever_does_not_name_himself() -> None:
    there = world()
    token = Params.parse(trade(there, there.answer(**asked()).get("code") or "").text).get("access_token")
    for path in ("/user", "/user/emails"):
        response = there.get(path, Authorization=f"token {token}")
        assert (response.status, "User-Agent" in document(response)["message"]) == (403, True)


def test_without_the_scope_email_addresses_do_not_exist() -> None:
    there = world()
    answer = there.answer(**asked(scope="read:user,nonsense"))
    token = Params.parse(trade(there, answer.get("code") or "").text).get("access_token")
    assert called(there, "/user/emails", f"token {token}").status == 404


def test_tokens_do_not_expire() -> None:
    there = world()
    token = Params.parse(trade(there, there.answer(**asked()).get("code") or "").text).get("access_token")
    there.wait(10 * 365 * 24 * 3600)
    assert called(there, "/user", f"token {token}").status == 200


@pytest.mark.parametrize(("allow_signup", "offered"), [(None, True), ("true", True), ("false", False)])
def test_allow_signup_is_honoured(allow_signup: str | None, offered: bool) -> None:
    there = world()
    page = there.ask(**asked(allow_signup=allow_signup))
    assert ("Create an account" in page.text) is offered
    page = there.submit(page, username="carol", password="opensesame", decision="sign-up")
    assert ("carol" in there.state.users) is offered
    if offered:
        assert callback(there.allow(page)).get("code")


def test_signing_up_takes_nobody_over() -> None:
    there = world()
    page = there.submit(there.ask(**asked()), username="alice", password="mine now", decision="sign-up")
    assert page.status == 403
    assert there.state.users["alice"].has_password("alice")


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks", "/token"])
def test_there_is_no_metadata_and_no_openid_connect(path: str) -> None:
    assert world().get(path).status == 404
