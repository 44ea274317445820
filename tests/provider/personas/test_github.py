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
    client = replace(client, grant_types=("authorization_code",))
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
        ({"grant_type": "refresh_token", "refresh_token": "nonsense"}, "bad_refresh_token"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
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


@pytest.mark.parametrize(("password", "takes"), [("", False), ("p" * 200, True), ("p" * 201, False)])
def test_a_password_has_an_end(password: str, takes: bool) -> None:
    there = world()
    there.submit(there.ask(**asked()), username="carol", password=password, decision="sign-up")
    assert ("carol" in there.state.users) is takes


def test_signing_up_takes_nobody_over() -> None:
    there = world()
    page = there.submit(there.ask(**asked()), username="alice", password="mine now", decision="sign-up")
    assert page.status == 403
    assert there.state.users["alice"].has_password("alice")


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks", "/token"])
def test_there_is_no_metadata_and_no_openid_connect(path: str) -> None:
    assert world().get(path).status == 404


def test_the_secret_may_come_by_basic() -> None:
    there = world()
    code = there.answer(**asked()).get("code") or ""
    response = there.token_request({"code": code}, client_id="Iv1.app", secret=SECRET)
    assert Params.parse(response.text).get("token_type") == "bearer"
    wrong = there.token_request({"code": code}, client_id="Iv1.app", secret="wrong")
    assert (wrong.status, Params.parse(wrong.text).get("error")) == (200, "incorrect_client_credentials")


def test_without_a_redirect_uri_the_registered_callback_is_meant() -> None:
    there = world()
    page = there.ask(**asked(redirect_uri=None))
    page = there.sign_in(page)
    back = there.allow(page)
    assert (back.headers.get("location") or "").startswith(f"{CALLBACK}?code=")
    assert "access_token" in Params.parse(trade(there, callback(back).get("code") or "").text)


def test_a_redirect_uri_that_is_not_registered_is_told_at_the_one_that_is() -> None:
    page = world().ask(**asked(redirect_uri="https://evil.example/callback"))
    assert (page.headers.get("location") or "").startswith(f"{CALLBACK}?")
    back = dict(callback(page))
    assert back.pop("error_uri").endswith("#redirect-uri-mismatch")
    assert back == {
        "error": "redirect_uri_mismatch",
        "error_description": "The redirect_uri MUST match the registered callback URL for this application.",
        "state": "state-1",
    }


@pytest.mark.parametrize(
    ("registered", "meant"),
    [
        (("http://127.0.0.1/callback", "http://localhost:3000/callback"), "http://localhost:3000/callback"),
        (("http://127.0.0.1/callback", "https://app.example/callback"), "https://app.example/callback"),
        (("http://127.0.0.1/callback",), "http://127.0.0.1/callback"),
    ],
)
def test_of_several_callbacks_one_is_meant_that_leads_somewhere(registered: tuple[str, ...], meant: str) -> None:
    there = world()
    (client,) = there.state.clients.values()
    there.state = replace(there.state, clients={client.id: replace(client, redirect_uris=registered)})
    assert (there.ask(**asked(redirect_uri="https://evil.example/")).headers.get("location") or "").startswith(f"{meant}?error=")


@pytest.mark.parametrize("changes", [{"client_id": "nobody"}, {"client_id": None}])
def test_nobody_is_sent_to_an_address_of_a_client_that_is_unknown(changes: dict[str, str | None]) -> None:
    assert world().ask(**asked(redirect_uri="https://evil.example/", **changes)).status == 400


class TestDevice:
    URN = "urn:ietf:params:oauth:grant-type:device_code"

    def _world(self) -> World:
        there = world()
        (client,) = there.state.clients.values()
        device = replace(client, grant_types=(*client.grant_types, self.URN))
        there.state = replace(there.state, clients={device.id: device}, device_interval=5)
        return there

    def _asked(self, there: World, **headers: str) -> Response:
        return there.post("/login/device/code", {"client_id": "Iv1.app", "scope": "read:user"}, **headers)

    def _polled(self, there: World, device_code: str, **changes: str) -> Params:
        form = {"client_id": "Iv1.app", "device_code": device_code, "grant_type": self.URN, **changes}
        response = there.post("/login/oauth/access_token", form)
        assert (response.status, response.content_type) == (200, "application/x-www-form-urlencoded")
        return Params.parse(response.text)

    def _decided(self, there: World, user_code: str, decision: str) -> None:
        page = there.sign_in(there.browse(f"/login/device?user_code={user_code}"))
        assert there.submit(page, decision=decision).status == 200

    def test_a_device_needs_no_secret_and_its_codes_come_form_encoded(self) -> None:
        there = self._world()
        response = self._asked(there)
        codes = Params.parse(response.text)
        assert response.content_type == "application/x-www-form-urlencoded"
        assert (codes.get("verification_uri"), "verification_uri_complete" in codes) == ("http://127.0.0.1:9000/login/device", False)
        device_code = codes.get("device_code") or ""
        assert self._polled(there, device_code).get("error") == "authorization_pending"
        slower = self._polled(there, device_code)
        assert (slower.get("error"), slower.get("interval")) == ("slow_down", "10")
        self._decided(there, codes.get("user_code") or "", "allow")
        there.wait(20)
        token = self._polled(there, device_code).get("access_token") or ""
        assert token.startswith("gho_")
        assert called(there, "/user", f"token {token}").status == 200
        assert set(document(self._asked(there, Accept="application/json"))) >= {"device_code", "user_code", "interval"}

    def test_errors_are_githubs(self) -> None:
        there = self._world()
        codes = Params.parse(self._asked(there).text)
        device_code = codes.get("device_code") or ""
        assert self._polled(there, "nonsense").get("error") == "incorrect_device_code"
        assert self._polled(there, device_code, client_id="nobody").get("error") == "incorrect_client_credentials"
        assert self._polled(there, device_code, grant_type="nonsense", client_secret=SECRET).get("error") == "unsupported_grant_type"
        self._decided(there, codes.get("user_code") or "", "deny")
        assert self._polled(there, device_code).get("error") == "access_denied"
        late = Params.parse(self._asked(there).text).get("device_code") or ""
        there.wait(there.state.device_seconds + 1)
        assert self._polled(there, late).get("error") == "expired_token"

    def test_a_client_that_is_not_known_is_not_found(self) -> None:
        there = self._world()
        said = there.post("/login/device/code", {"client_id": "nobody"}, Accept="application/json")
        assert (said.status, said.text) == (404, '{"error": "Not Found"}')
        assert said.headers.get("www-authenticate") is None

    def test_the_flow_may_be_off_for_an_app(self) -> None:
        said = Params.parse(world().post("/login/device/code", {"client_id": "Iv1.app"}).text)
        assert said.get("error") == "device_flow_disabled"

    def test_without_a_code_of_a_device_the_secret_is_needed(self) -> None:
        there = self._world()
        code = there.answer(**asked()).get("code") or ""
        assert Params.parse(trade(there, code, client_secret=None).text).get("error") == "incorrect_client_credentials"
