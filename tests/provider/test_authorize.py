"""What a person meets on the way from the authorization request to the code."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from oauthctl.http import Params
from oauthctl.jose.jwk import generate
from oauthctl.provider.browser import cookie_name
from tests.provider.world import CALLBACK, ISSUER, World, callback, claims_of, document, last_form, practice_state, with_client


def id_claims(world: World, answer: Params) -> dict[str, object]:
    return claims_of(document(world.redeem(answer.get("code") or ""))["id_token"])


def test_a_person_signs_in_and_allows() -> None:
    world = World()
    page = world.ask()
    assert "Sign in" in page.text
    assert "Practice app" in page.text
    page = world.sign_in(page)
    assert "See your items" in page.text
    assert "items.read" in page.text
    answer = callback(world.allow(page))
    assert answer.get("code")
    assert (answer.get("state"), answer.get("iss")) == ("state-1", ISSUER)


def test_the_second_time_nothing_is_asked() -> None:
    world = World()
    world.answer()
    assert callback(world.ask(prompt="none")).get("code")


def test_a_scope_more_asks_for_consent_again() -> None:
    world = World()
    world.answer(scope="openid")
    assert "Allow access?" in world.ask(scope="openid email").text
    assert callback(world.ask(scope="openid email", prompt="none")).get("error") == "consent_required"


def test_a_trusted_client_needs_no_consent() -> None:
    world = World(with_client(practice_state(), "public", is_trusted=True))
    assert callback(world.sign_in(world.ask())).get("code")


@pytest.mark.parametrize("stage", ["sign-in", "consent"])
def test_a_person_may_say_no(stage: str) -> None:
    world = World()
    page = world.ask()
    if stage == "consent":
        page = world.sign_in(page)
    answer = callback(world.submit(page, decision="deny"))
    assert (answer.get("error"), answer.get("state"), answer.get("iss")) == ("access_denied", "state-1", ISSUER)
    assert world.state.log[-1].error == "access_denied"
    assert not world.state.codes


@pytest.mark.parametrize(("username", "password"), [("alice", "wrong"), ("nobody", "alice"), ("alice", ""), ("", ""), ("\ud800", "\ud800")])
def test_a_wrong_password_is_said_and_logged_without_the_password(username: str, password: str) -> None:
    world = World()
    page = world.sign_in(world.ask(), username.encode("utf-8", "replace").decode(), password.encode("utf-8", "replace").decode())
    assert page.status == 403
    assert 'role="alert"' in page.text
    event = world.state.log[-1]
    assert (event.endpoint, event.who, event.error) == ("sign-in", "alice" if username == "alice" else "", "access_denied")
    assert "wrong" not in event.reason.replace("wrong password", "")
    assert callback(world.allow(world.sign_in(page))).get("code")


def test_prompt_login_asks_again_once() -> None:
    world = World()
    world.answer()
    world.wait(100)
    page = world.ask(prompt="login")
    assert "Sign in" in page.text
    answer = callback(world.sign_in(page))
    assert id_claims(world, answer)["auth_time"] == int(world.now.timestamp())
    assert "Sign in" in world.ask(prompt="login").text


def test_prompt_login_is_not_got_round_by_the_form_of_the_consent_page() -> None:
    world = World()
    world.answer()
    page = world.ask(prompt="login")
    action, hidden = last_form(page)
    page = world.browse(action, Params((*hidden.with_("step", "consent"), ("decision", "allow"))))
    assert "Sign in" in page.text


def test_prompt_consent_asks_again() -> None:
    world = World()
    world.answer()
    page = world.ask(prompt="consent")
    assert "Allow access?" in page.text
    assert callback(world.allow(page)).get("code")


def test_select_account_offers_who_is_there() -> None:
    world = World()
    world.answer()
    page = world.ask(prompt="select_account")
    assert "Continue as alice" in page.text
    action, hidden = last_form(page)
    assert callback(world.browse(action, hidden.with_("step", "continue"))).get("code")
    page = world.sign_in(world.ask(prompt="select_account", state="2"), "bob", "bob")
    assert "bob" in page.text


@pytest.mark.parametrize(("max_age", "waited", "asks"), [("60", 30, False), ("60", 61, True), ("0", 0, True), ("0", 5, True)])
def test_max_age_asks_those_who_signed_in_too_long_ago(max_age: str, waited: float, asks: bool) -> None:
    world = World()
    world.answer()
    world.wait(waited)
    page = world.ask(max_age=max_age)
    assert (b'name="password"' in page.body) is asks
    if asks:
        assert callback(world.sign_in(page)).get("code")
        assert callback(world.ask(max_age=max_age, prompt="none", state="2")).get("error") == ("login_required" if max_age == "0" else None)


def test_the_login_hint_is_filled_in() -> None:
    assert 'value="bob@example.com"' in World().ask(login_hint="bob@example.com").text


@pytest.mark.parametrize(("mode", "place"), [("query", "query"), ("fragment", "fragment"), (None, "query")])
def test_the_answer_goes_where_the_response_mode_says(mode: str | None, place: str) -> None:
    world = World()
    response = world.allow(world.sign_in(world.ask(response_mode=mode)))
    parts = urlsplit(response.headers.get("location") or "")
    assert Params.parse(getattr(parts, place)).get("code")
    assert not parts.query or not parts.fragment


def test_form_post_posts_the_answer_from_a_page() -> None:
    world = World()
    page = world.allow(world.sign_in(world.ask(response_mode="form_post")))
    action, params = last_form(page)
    assert action == CALLBACK
    assert [name for name, _ in params] == ["code", "state", "iss"]
    assert "script-src 'self'" in (page.headers.get("content-security-policy") or "")
    script = world.get("/form-post.js")
    assert script.content_type == "text/javascript"
    assert b"submit()" in script.body


def test_the_redirect_uri_keeps_its_own_query() -> None:
    uri = "https://app.example/callback?tenant=1"
    world = World(with_client(practice_state(), "public", redirect_uris=(uri,)))
    response = world.allow(world.sign_in(world.ask(redirect_uri=uri)))
    assert (response.headers.get("location") or "").startswith(uri + "&code=")


def test_acr_is_what_was_asked_for_if_it_is_known() -> None:
    world = World(practice_state(acr_values=("password", "bronze")))
    assert id_claims(world, world.answer(acr_values="gold bronze"))["acr"] == "bronze"
    assert id_claims(world, world.answer(acr_values="gold"))["acr"] == "password"


class TestForms:
    def test_a_form_of_another_browser_is_refused(self) -> None:
        world, victim = World(), World()
        action, hidden = last_form(world.ask())
        victim.ask()
        victim.state = world.state
        page = victim.browse(action, Params((*hidden, ("username", "alice"), ("password", "alice"), ("decision", "allow"))))
        assert page.status == 403
        assert victim.state.log[-1].error == "csrf"
        assert "Cookies have to be allowed for this site. <code>" in page.text

    @pytest.mark.parametrize("token", ["", "x", "ä"])
    def test_a_form_without_the_right_token_is_refused(self, token: str) -> None:
        world = World()
        page = world.sign_in(world.ask())
        action, hidden = last_form(page)
        page = world.browse(action, Params((*hidden.with_("csrf", token), ("decision", "allow"))))
        assert page.status == 403
        assert not world.state.codes

    def test_a_form_is_for_one_request_only(self) -> None:
        world = World()
        _, hidden = last_form(world.sign_in(world.ask()))
        action, _ = last_form(world.ask(scope="openid items.write"))
        page = world.browse(action, Params((*hidden, ("decision", "allow"))))
        assert page.status == 403
        assert not world.state.codes

    def test_consent_without_a_sign_in_asks_to_sign_in(self) -> None:
        world = World()
        action, hidden = last_form(world.ask())
        page = world.browse(action, Params((*hidden.with_("step", "consent"), ("decision", "allow"))))
        assert b'name="password"' in page.body
        assert not world.state.codes

    def test_signing_in_gives_the_browser_a_new_session(self) -> None:
        world = World()
        page = world.ask()
        planted = world.cookies[cookie_name(world.state)]
        world.sign_in(page)
        assert world.cookies[cookie_name(world.state)] != planted
        assert len(world.state.sessions) == 1

    def test_the_cookie_is_for_the_server_alone(self) -> None:
        cookie = World().get("/authorize?client_id=public&redirect_uri=" + CALLBACK + "&response_type=code&code_challenge=" + "x" * 43)
        value = cookie.headers.get("set-cookie") or ""
        assert "HttpOnly; SameSite=Lax" in value
        assert "Secure" not in value

    def test_providers_on_two_ports_have_two_cookies(self) -> None:
        assert cookie_name(practice_state()) != cookie_name(practice_state("http://127.0.0.1:9001"))


def test_an_id_token_hint_about_someone_else_asks_to_sign_in() -> None:
    world = World()
    alice = document(world.redeem(world.code()))["id_token"]
    assert callback(world.ask(id_token_hint=alice, prompt="none")).get("code")
    other = World(world.state)
    page = other.allow(other.sign_in(other.ask(state="3"), "bob", "bob"))
    assert callback(page).get("code")
    assert callback(other.ask(id_token_hint=alice, prompt="none")).get("error") == "login_required"


@pytest.mark.parametrize("prompt", ["none", "login", None])
def test_a_hint_that_is_no_id_token_of_ours_is_refused_before_anybody_signs_in(prompt: str | None) -> None:
    old = World(practice_state(keys=(generate("RS256"),)))
    for hint in ("nonsense", document(old.redeem(old.code()))["id_token"]):
        answer = callback(World().ask(id_token_hint=hint, prompt=prompt))
        assert answer.get("error") == "invalid_request"
        assert "id_token_hint" in (answer.get("error_description") or "")


def test_an_expired_hint_is_good_enough() -> None:
    world = World()
    alice = document(world.redeem(world.code()))["id_token"]
    world.wait(7200)
    page = World(world.state).ask(id_token_hint=alice)
    assert 'name="username" value="alice"' in page.text


def _for_alice_alone(world: World, how: str) -> dict[str, str]:
    if how == "hint":
        return {"id_token_hint": document(world.redeem(world.code()))["id_token"]}
    return {"claims": json.dumps({"id_token": {"sub": {how: "alice" if how == "value" else ["alice", "carol"]}}})}


@pytest.mark.parametrize("how", ["hint", "value", "values"])
def test_another_person_who_signs_in_is_told_to_the_client_and_may_try_again(how: str) -> None:
    first = World()
    asked = _for_alice_alone(first, how)
    world = World(first.state)
    answer = callback(world.sign_in(world.ask(**asked), "bob", "bob"))
    assert answer.get("error") == "login_required"
    assert "another user" in (answer.get("error_description") or "")
    assert "bob" not in (answer.get("error_description") or "")
    assert "another user" in world.state.log[-1].reason
    page = world.ask(**asked)
    assert b'name="password"' in page.body
    page = world.sign_in(page)
    assert callback(world.allow(page) if page.status == 200 else page).get("code")
