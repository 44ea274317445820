"""What a persona's tokens open and say: grants of its own, tokens for nobody, scopes, claims of userinfo."""

from __future__ import annotations

from typing import Any

import pytest

from oauthctl.http import Params
from oauthctl.provider.personas.table import persona_named
from oauthctl.provider.personas.wearing import wear
from tests.provider.world import CALLBACK, SECRET, VERIFIER, World, claims_of, document, practice_state

HOME = "http://127.0.0.1:9000"
WEB = {"client_id": "web", "client_secret": SECRET}


def world(name: str) -> World:
    return World(wear(practice_state(), persona_named(name)))


def tokens(there: World, scope: str) -> dict[str, Any]:
    code = there.answer(client_id="web", scope=scope).get("code")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    response = there.token_request({**form, **WEB})
    assert response.status == 200, response.text
    return document(response)


class TestEntraWithoutAPerson:
    def test_the_default_of_an_api_brings_a_token_with_roles(self) -> None:
        there = world("entra-v2")
        scope = "https://graph.microsoft.com/.default"
        answer = document(there.post("/common/oauth2/v2.0/token", {"grant_type": "client_credentials", "scope": scope, **WEB}))
        assert set(answer) == {"access_token", "token_type", "expires_in", "ext_expires_in"}
        claims = claims_of(answer["access_token"])
        assert (claims["roles"], "scp" in claims, "scope" in claims, claims["azp"]) == (["User.Read.All"], False, False, "web")
        # The claims of a person are in nobody's token.
        assert not claims.keys() & {"name", "preferred_username"}

    def test_without_a_scope_there_is_none(self) -> None:
        there = world("entra-v2")
        said = document(there.token_request({"grant_type": "client_credentials", **WEB}))
        assert "following parameter: 'scope'" in said["error_description"]

    @pytest.mark.parametrize("scope", [{}, {"scope": "https://graph.microsoft.com/.default"}, {"scope": "nonsense"}])
    def test_the_first_version_goes_by_the_resource_and_looks_at_no_scope(self, scope: dict[str, str]) -> None:
        there = world("entra-v1")
        form = {"grant_type": "client_credentials", "resource": "https://graph.microsoft.com", **scope, **WEB}
        answer = document(there.token_request(form))
        assert (answer["expires_in"], answer["resource"], "scope" in answer) == ("300", "https://graph.microsoft.com", False)
        claims = claims_of(answer["access_token"])
        assert (claims["roles"], "scp" in claims, claims["appid"]) == (["User.Read.All"], False, "web")


def test_an_app_gets_a_token_for_itself_at_facebook() -> None:
    answer = document(world("facebook").token_request({"grant_type": "client_credentials", **WEB}))
    assert (set(answer), answer["token_type"]) == ({"access_token", "token_type"}, "bearer")


URN = "urn:ietf:params:oauth:grant-type:device_code"
# The status and the code of each answer that a device may get before it has its token.
POLLS: dict[str, dict[str, tuple[int, str]]] = {
    "google": {"waits": (428, "authorization_pending"), "hastens": (403, "slow_down"), "is refused": (403, "access_denied")},
    "entra-v2": {
        "waits": (400, "authorization_pending"),
        "is refused": (400, "authorization_declined"),
        "errs": (400, "bad_verification_code"),
        "is late": (400, "expired_token"),
    },
}


@pytest.mark.parametrize("name", POLLS)
def test_a_device_hears_what_this_provider_says(name: str) -> None:
    there = world(name)
    path = there.state.endpoints.device_authorization

    def codes() -> dict[str, Any]:
        return document(there.post(path, {"client_id": "public", "scope": "openid"}))

    def polled(device_code: str) -> tuple[int, str]:
        response = there.token_request({"grant_type": URN, "client_id": "public", "device_code": device_code})
        return response.status, document(response)["error"]

    first = codes()
    heard = {"waits": polled(first["device_code"]), "hastens": polled(first["device_code"]), "errs": polled("nonsense")}
    page = there.sign_in(there.browse(f"{there.state.endpoints.device}?user_code={first['user_code']}"))
    there.submit(page, decision="deny")
    heard["is refused"] = polled(first["device_code"])
    late = codes()["device_code"]
    there.wait(there.state.device_seconds + 1)
    heard["is late"] = polled(late)
    assert {when: heard[when] for when in POLLS[name]} == POLLS[name]


def test_a_device_gets_a_message_for_the_person_at_entra() -> None:
    there = world("entra-v2")
    said = document(there.post("/common/oauth2/v2.0/devicecode", {"client_id": "public", "scope": "openid"}))
    assert said["user_code"] in said["message"]
    assert "verification_uri_complete" not in said


class TestFacebooksLongLivedTokens:
    def _exchanged(self, there: World, token: str, **changes: str) -> dict[str, Any]:
        params = Params.of({"grant_type": "fb_exchange_token", "fb_exchange_token": token, **WEB, **changes})
        return document(there.get(f"/v22.0/oauth/access_token?{params.encode()}"))

    def test_a_token_is_exchanged_for_one_of_sixty_days(self) -> None:
        there = world("facebook")
        short = tokens(there, "email,public_profile")
        long = self._exchanged(there, short["access_token"])
        assert (long["expires_in"], long["token_type"], set(long)) == (5183944, "bearer", {"access_token", "token_type", "expires_in"})
        assert tokens(there, "email")["expires_in"] == short["expires_in"]
        there.wait(short["expires_in"] + 1)
        assert document(there.get(f"/v22.0/me?access_token={short['access_token']}"))["error"]["error_subcode"] == 463
        assert document(there.get(f"/v22.0/me?access_token={long['access_token']}"))["name"] == "Alice Adams"
        assert self._exchanged(there, short["access_token"])["error"]["code"] == 190

    def test_only_the_client_itself_exchanges_its_tokens(self) -> None:
        there = world("facebook")
        token = tokens(there, "email")["access_token"]
        assert self._exchanged(there, token, client_secret="wrong")["error"]["message"] == "Error validating client secret."
        assert self._exchanged(there, "nonsense")["error"]["code"] == 190


@pytest.mark.parametrize("name", ["cognito", "keycloak", "auth0"])
def test_a_token_tells_no_scope_that_nobody_asked_for(name: str) -> None:
    there = world(name)
    assert claims_of(tokens(there, "openid email")["access_token"])["scope"] == "openid email"


USERINFO: list[tuple[str, dict[str, Any], set[str]]] = [
    ("google", {"name": "Alice Adams", "email": "alice@example.com"}, {"preferred_username", "locale"}),
    ("entra-v2", {"name": "Alice Adams", "given_name": "Alice", "email": "alice@example.com"}, {"preferred_username", "email_verified"}),
    ("cognito", {"username": "alice", "email_verified": "true"}, set()),
    ("gitlab", {"nickname": "alice", "groups": []}, set()),
]


@pytest.mark.parametrize(("name", "there_are", "missing"), USERINFO, ids=[name for name, *_ in USERINFO])
def test_userinfo_tells_what_this_provider_tells(name: str, there_are: dict[str, Any], missing: set[str]) -> None:
    there = world(name)
    token = tokens(there, "openid profile email")["access_token"]
    said = document(there.get(there.state.endpoints.userinfo, Authorization=f"Bearer {token}"))
    assert {key: said.get(key) for key in there_are} == there_are
    assert not missing & set(said)


def test_what_is_not_granted_is_not_told_as_text_either() -> None:
    there = world("cognito")
    token = tokens(there, "openid")["access_token"]
    assert set(document(there.get("/oauth2/userInfo", Authorization=f"Bearer {token}"))) == {"sub", "username"}


def test_cognito_tells_of_a_telephone_as_text_too() -> None:
    there = world("cognito")
    token = tokens(there, "openid phone")["access_token"]
    assert document(there.get("/oauth2/userInfo", Authorization=f"Bearer {token}"))["phone_number_verified"] == "false"


def test_who_signs_in_with_slack_is_the_same_in_the_id_token_and_in_userinfo() -> None:
    there = world("slack-openid")
    answer = tokens(there, "openid profile email")
    assert (answer["ok"], set(answer)) == (True, {"ok", "access_token", "token_type", "id_token"})
    claims = claims_of(answer["id_token"])
    said = document(there.get("/api/openid.connect.userInfo", Authorization=f"Bearer {answer['access_token']}"))
    assert said["ok"] is True
    assert (said["sub"], said["https://slack.com/team_id"]) == (claims["sub"], claims["https://slack.com/team_id"])
    assert said["sub"] == claims["https://slack.com/user_id"] == said["https://slack.com/user_id"]
    assert (said["email"], said["name"]) == ("alice@example.com", "Alice Adams")


class TestTokenInfoOfGitLab:
    @pytest.mark.parametrize("how", ["header", "query"])
    def test_it_tells_of_the_token_that_asks(self, how: str) -> None:
        there = world("gitlab")
        answer = tokens(there, "openid email")
        there.wait(60)
        token = answer["access_token"]
        headers = {"Authorization": f"Bearer {token}"} if how == "header" else {}
        said = document(there.get("/oauth/token/info" + (f"?access_token={token}" if how == "query" else ""), **headers))
        assert said.pop("resource_owner_id") > 0
        assert said == {
            "scope": ["openid", "email"],
            "scopes": ["openid", "email"],
            "expires_in": answer["expires_in"] - 60,
            "expires_in_seconds": answer["expires_in"] - 60,
            "created_at": answer["created_at"],
            "application": {"uid": "web"},
        }

    def test_it_knows_no_token_that_has_expired(self) -> None:
        there = world("gitlab")
        answer = tokens(there, "openid")
        there.wait(answer["expires_in"] + 1)
        said = there.get("/oauth/token/info", Authorization=f"Bearer {answer['access_token']}")
        assert (said.status, document(said)) == (401, {"error": "invalid_token", "error_description": "The access token is invalid"})


def test_salesforce_names_users_by_a_url_that_is_the_same_everywhere() -> None:
    there = world("salesforce")
    answer = tokens(there, "openid profile")
    said = document(there.get("/services/oauth2/userinfo", Authorization=f"Bearer {answer['access_token']}"))
    assert said["sub"] == claims_of(answer["id_token"])["sub"] == answer["id"] == f"{HOME}/id/00DPractice/{said['user_id']}"


def test_a_token_for_nobody_names_nobody_at_salesforce() -> None:
    there = world("salesforce")
    answer = document(there.token_request({"grant_type": "client_credentials", **WEB}))
    assert "None" not in str(answer)


BY_OTHER_NAMES = [
    ("google", "openid https://www.googleapis.com/auth/userinfo.email", "openid https://www.googleapis.com/auth/userinfo.email"),
    ("entra-v2", "openid https://graph.microsoft.com/User.Read", "openid User.Read"),
    ("entra-v2", "openid https://graph.microsoft.com/.default", "openid User.Read"),
]


@pytest.mark.parametrize(("name", "asked", "told"), BY_OTHER_NAMES)
def test_scopes_may_be_asked_for_by_other_names(name: str, asked: str, told: str) -> None:
    assert tokens(world(name), asked)["scope"] == told


def test_a_refresh_repeats_scopes_by_the_names_that_were_asked_for() -> None:
    there = world("entra-v2")
    scope = "openid offline_access https://graph.microsoft.com/User.Read"
    kept = tokens(there, scope)["refresh_token"]
    again = there.token_request({"grant_type": "refresh_token", "refresh_token": kept, "scope": scope, **WEB})
    assert (again.status, document(again)["scope"]) == (200, "openid offline_access User.Read")
