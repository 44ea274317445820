"""Each persona's quirks on the wire: what comes back is what the real provider's documentation says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from oauthctl.http import Params, Response
from oauthctl.jose.jwk import generate
from oauthctl.jose.sign import sign
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.provider.client import Client
from oauthctl.provider.personas.table import persona_named
from oauthctl.provider.personas.wearing import wear
from oauthctl.provider.switched import Switched
from tests.provider.world import CALLBACK, SECRET, START, VERIFIER, World, callback, claims_of, document, last_form, practice_state

TENANT = "6babcaad-604b-40ac-a9d7-9fd97c0b779f"
WEB = {"client_id": "web", "client_secret": SECRET}
HOME = "http://127.0.0.1:9000"


def world(name: str) -> World:
    return World(wear(practice_state(), persona_named(name)))


def code(there: World, client_id: str = "web", /, **asked: str | None) -> str:
    return there.answer(**{"client_id": client_id, "scope": None, **asked}).get("code") or ""


def redeemed(there: World, value: str, /, *, basic: bool = False, **changes: str | None) -> Response:
    form = {"grant_type": "authorization_code", "code": value, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    if basic:
        return there.token_request({**form, **changes}, client_id="web", secret=SECRET)
    return there.token_request({**form, **WEB, **changes})


def tokens(there: World, /, *, basic: bool = False, form: Mapping[str, str | None] | None = None, **asked: str | None) -> dict[str, Any]:
    response = redeemed(there, code(there, **asked), basic=basic, **(form or {}))
    assert response.status == 200, response.text
    return document(response)


def refreshed(there: World, refresh_token: str) -> Response:
    return there.token_request({"grant_type": "refresh_token", "refresh_token": refresh_token, **WEB})


def metadata(there: World) -> dict[str, Any]:
    return document(there.get(there.state.metadata_paths[0]))


class TestGoogle:
    def test_a_refresh_token_comes_with_the_first_consent_and_with_one_that_is_asked_for_anew(self) -> None:
        there = world("google")
        asked = {"scope": "openid email", "access_type": "offline"}
        assert "refresh_token" not in tokens(there, scope="openid email")
        assert "refresh_token" in tokens(there, **asked)
        assert "refresh_token" not in tokens(there, **asked)
        assert "refresh_token" in tokens(there, **asked, prompt="consent")

    def test_offline_access_is_no_scope(self) -> None:
        assert callback(world("google").ask(client_id="web", scope="openid offline_access")).get("error") == "invalid_scope"

    def test_a_refresh_brings_no_other_refresh_token_and_the_old_one_stays(self) -> None:
        there = world("google")
        kept = tokens(there, scope="openid", access_type="offline")["refresh_token"]
        for _ in range(2):
            again = refreshed(there, kept)
            assert (again.status, "refresh_token" in document(again)) == (200, False)

    def test_the_way_back_has_the_scope_and_the_answer_hides_what_nobody_asked_for(self) -> None:
        there = world("google")
        back = there.answer(client_id="web", scope="openid email", access_type="offline")
        told = "openid https://www.googleapis.com/auth/userinfo.email"
        assert (back.get("scope"), back.get("authuser"), back.get("iss")) == (told, "0", None)
        answer = document(redeemed(there, back.get("code") or ""))
        assert (answer["scope"], answer["access_token"][:5]) == (told, "ya29.")

    def test_a_device_is_sent_to_a_verification_url(self) -> None:
        there = world("google")
        answer = document(there.post("/device/code", {"client_id": "public", "scope": "openid"}))
        assert answer["verification_url"] == f"{HOME}/device"
        assert "verification_uri" not in answer


class TestEntra:
    def test_metadata_for_all_tenants_names_the_issuer_by_a_placeholder(self) -> None:
        there = world("entra-v2")
        for entrance in ("common", "organizations", "consumers"):
            said = document(there.get(f"/{entrance}/v2.0/.well-known/openid-configuration"))
            assert said["issuer"] == f"{HOME}/{{tenantid}}/v2.0"
            assert said["token_endpoint"] == f"{HOME}/{entrance}/oauth2/v2.0/token"
        own = metadata(there)
        assert own["issuer"] == f"{HOME}/{TENANT}/v2.0"
        assert "code_challenge_methods_supported" not in own

    def test_tokens_name_the_tenant_even_where_all_were_asked(self) -> None:
        there = world("entra-v2")
        page = there.browse(f"/common/oauth2/v2.0/authorize?response_type=code&client_id=web&redirect_uri={CALLBACK}&scope=openid&nonce=n")
        value = callback(there.allow(there.sign_in(page))).get("code")
        answer = document(
            there.post(
                "/common/oauth2/v2.0/token", {**WEB, "grant_type": "authorization_code", "code": value or "", "redirect_uri": CALLBACK}
            )
        )
        claims = claims_of(answer["id_token"])
        assert (claims["iss"], claims["tid"], claims["ver"]) == (f"{HOME}/{TENANT}/v2.0", TENANT, "2.0")
        assert "at_hash" not in claims
        access = claims_of(answer["access_token"])
        assert (access["scp"], access["azp"], "client_id" in access) == ("openid", "web", False)
        assert answer["ext_expires_in"] == answer["expires_in"]

    def test_errors_are_numbers_with_traces(self) -> None:
        there = world("entra-v2")
        value = code(there, scope="openid")
        redeemed(there, value)
        response = redeemed(there, value)
        said = document(response)
        assert (response.status, said["error_codes"]) == (400, [54005])
        assert said["error_description"].startswith("AADSTS54005: ")
        assert said["trace_id"] in said["error_description"]
        wrong = document(redeemed(there, "x", client_secret="wrong"))
        assert wrong["error_codes"] == [7000215]

    def test_a_used_refresh_token_stays_good_beside_the_new_one(self) -> None:
        there = world("entra-v2")
        first = tokens(there, scope="openid offline_access")["refresh_token"]
        second = document(refreshed(there, first))["refresh_token"]
        assert second != first
        assert refreshed(there, first).status == refreshed(there, second).status == 200

    def test_v1_has_another_host_for_issuer_and_numbers_as_text(self) -> None:
        there = world("entra-v1")
        answer = tokens(there, scope="openid", resource="https://graph.microsoft.com", form={"resource": "https://graph.microsoft.com"})
        assert answer["expires_in"] == "300"
        assert answer["expires_on"] == str(int(START.timestamp()) + 300)
        assert claims_of(answer["id_token"])["iss"] == f"https://sts.windows.net/{TENANT}/" == metadata(there)["issuer"]
        assert claims_of(answer["access_token"])["appid"] == "web"
        assert there.get("/common/discovery/keys").status == 200


class TestSlack:
    def test_a_success_is_ok_and_scopes_have_commas(self) -> None:
        there = world("slack")
        answer = tokens(there, scope="channels:read,chat:write", form={"grant_type": None})
        assert (answer["ok"], answer["token_type"], answer["scope"]) == (True, "bot", "channels:read,chat:write")
        assert (answer["access_token"][:5], "expires_in" in answer) == ("xoxb-", False)
        assert document(there.get("/api/auth.test", Authorization=f"Bearer {answer['access_token']}"))["user"] == "alice"

    def test_the_users_token_comes_inside_and_alone_where_no_bot_was_asked_for(self) -> None:
        there = world("slack")
        both = tokens(there, scope="chat:write", user_scope="identity.basic")
        assert (both["scope"], both["authed_user"]["scope"]) == ("chat:write", "identity.basic")
        alone = tokens(there, user_scope="identity.basic,chat:write")
        assert "access_token" not in alone
        assert alone["authed_user"]["scope"] == "identity.basic,chat:write"
        token = alone["authed_user"]["access_token"]
        assert document(there.get("/api/auth.test", Authorization=f"Bearer {token}"))["ok"] is True

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"code": "wrong"}, "invalid_code"),
            ({"client_secret": "wrong"}, "bad_client_secret"),
            ({"client_id": "nobody"}, "invalid_client_id"),
            ({"redirect_uri": "https://other.example/"}, "bad_redirect_uri"),
            ({"redirect_uri": None}, "bad_redirect_uri"),
        ],
    )
    def test_errors_have_status_200(self, changes: dict[str, Any], error: str) -> None:
        there = world("slack")
        response = redeemed(there, code(there, scope="chat:write"), **changes)
        assert (response.status, document(response)) == (200, {"ok": False, "error": error})


CLAIMS = [
    (
        "okta",
        {"aud": "api://default", "cid": "web", "scp": ["openid", "email"], "ver": 1, "sub": "alice@example.com"},
        {"client_id", "scope"},
    ),
    ("auth0", {"iss": f"{HOME}/", "aud": [f"{HOME}/api", f"{HOME}/userinfo"], "azp": "web", "scope": "openid email"}, {"client_id", "jti"}),
    ("keycloak", {"aud": "account", "azp": "web", "typ": "Bearer", "preferred_username": "alice"}, {"client_id"}),
    ("cognito", {"token_use": "access", "client_id": "web", "username": "alice", "version": 2}, {"aud"}),
]


@pytest.mark.parametrize(("name", "there_are", "missing"), CLAIMS, ids=[name for name, *_ in CLAIMS])
def test_the_access_token_has_the_claims_of_this_provider(name: str, there_are: dict[str, Any], missing: set[str]) -> None:
    there = world(name)
    answer = tokens(there, scope="openid email")
    claims = claims_of(answer["access_token"])
    assert {key: claims.get(key) for key in there_are} == there_are
    assert not missing & set(claims)
    assert json.loads(_header(answer["access_token"]))["typ"] == "JWT"
    assert there.get(there.state.endpoints.userinfo, Authorization=f"Bearer {answer['access_token']}").status == 200


def _header(token: str) -> bytes:
    from base64 import urlsafe_b64decode

    part = token.split(".", maxsplit=1)[0]
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


ISSUERS = {
    "okta": f"{HOME}/oauth2/default",
    "auth0": f"{HOME}/",
    "discord": HOME,
    "keycloak": f"{HOME}/realms/main",
    "cognito": f"{HOME}/us-east-1_Practice",
    "linkedin": f"{HOME}/oauth",
    "atlassian": f"{HOME}/",
    "apple": HOME,
    "slack-openid": HOME,
}


@pytest.mark.parametrize("name", ISSUERS)
def test_metadata_names_the_issuer_as_this_provider_does(name: str) -> None:
    there = world(name)
    said = metadata(there)
    assert said["issuer"] == ISSUERS[name]
    assert document(there.get(urlsplit(said["jwks_uri"]).path))["keys"]
    assert all(url.startswith(HOME) for member, url in said.items() if member.endswith("_endpoint"))


@pytest.mark.parametrize("name", ["github", "slack", "facebook", "x", "notion", "tiktok", "ilert"])
def test_there_is_no_metadata(name: str) -> None:
    there = world(name)
    for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        assert there.get(path).status == 404


REFRESH = {"keycloak": "renewed", "cognito": "alone", "gitlab": "rotated", "discord": "rotated", "apple": "alone"}


@pytest.mark.parametrize("name", REFRESH)
def test_a_refresh_token_comes_unasked_and_fares_as_this_provider_has_it(name: str) -> None:
    there = world(name)
    asked = {"scope": "identify"} if name == "discord" else {"scope": "openid"}
    first = tokens(there, **asked)["refresh_token"]
    again = document(refreshed(there, first))
    assert ("refresh_token" in again) is (REFRESH[name] != "alone")
    assert (refreshed(there, first).status == 200) is (REFRESH[name] != "rotated")


@pytest.mark.parametrize(("name", "said"), [("auth0", True), ("okta", True), ("discord", False)])
def test_metadata_name_where_to_sign_out_as_this_provider_does(name: str, said: bool) -> None:
    assert ("end_session_endpoint" in metadata(world(name))) is said


def test_discord_gives_an_id_token_and_leaves_userinfo_and_methods_out_of_its_metadata() -> None:
    there = world("discord")
    assert not metadata(there).keys() & {"userinfo_endpoint", "token_endpoint_auth_methods_supported"}
    assert claims_of(tokens(there, scope="openid identify")["id_token"])["iss"] == HOME
    assert "id_token" not in tokens(there, scope="identify")


def test_okta_gives_the_same_refresh_token_again() -> None:
    there = world("okta")
    kept = tokens(there, scope="openid offline_access")["refresh_token"]
    assert [document(refreshed(there, kept))["refresh_token"] for _ in range(2)] == [kept, kept]


MEMBERS: list[tuple[str, dict[str, Any], dict[str, Any], set[str]]] = [
    ("keycloak", {"scope": "openid"}, {"refresh_expires_in": 1800, "not-before-policy": 0}, set()),
    ("cognito", {"scope": "openid"}, {"token_type": "Bearer"}, {"scope"}),
    ("gitlab", {"scope": "openid"}, {"token_type": "bearer", "created_at": int(START.timestamp())}, {"scope"}),
    ("linkedin", {"scope": "openid email"}, {"scope": "openid,email"}, {"refresh_token"}),
    (
        "salesforce",
        {"scope": "openid"},
        {"instance_url": HOME, "issued_at": str(int(START.timestamp()) * 1000)},
        {"expires_in", "refresh_token"},
    ),
    ("facebook", {"scope": "email"}, {"token_type": "bearer", "expires_in": 300}, {"scope", "refresh_token"}),
]


@pytest.mark.parametrize(("name", "asked", "there_are", "missing"), MEMBERS, ids=[name for name, *_ in MEMBERS])
def test_the_token_answer_has_the_members_of_this_provider(
    name: str, asked: dict[str, Any], there_are: dict[str, Any], missing: set[str]
) -> None:
    answer = tokens(world(name), **asked)
    assert {key: answer.get(key) for key in there_are} == there_are
    assert not missing & set(answer)


def test_a_refresh_at_gitlab_ends_the_access_token_before_it() -> None:
    there = world("gitlab")
    first = tokens(there, scope="openid")
    second = document(refreshed(there, first["refresh_token"]))
    opened = [there.get("/oauth/userinfo", Authorization=f"Bearer {one['access_token']}").status for one in (first, second)]
    assert opened == [401, 200]


class TestApple:
    def test_name_and_email_need_form_post(self) -> None:
        there = world("apple")
        page = there.ask(client_id="web", scope="name")
        assert (page.status, "must be form_post when name or email scope is requested" in page.text) == (400, True)

    def _posted(self, there: World) -> Params:
        page = there.ask(client_id="web", scope="name email", response_mode="form_post")
        page = there.sign_in(page) if b'name="password"' in page.body else page
        page = there.allow(page) if b"decision" in page.body else page
        return last_form(page)[1]

    def test_the_name_comes_at_the_first_consent_alone(self) -> None:
        there = world("apple")
        first = self._posted(there)
        assert json.loads(first.get("user") or "")["name"] == {"firstName": "Alice", "lastName": "Adams"}
        assert "user" not in self._posted(there)

    def test_the_secret_of_a_client_with_keys_is_a_jwt_that_it_signed(self) -> None:
        there = world("apple")
        key = generate("ES256")
        app = replace(there.state.clients["web"], id="com.example.web", secret="", keys=(key.public(),))
        there.state = replace(there.state, clients={**there.state.clients, app.id: app})
        now = int(START.timestamp())
        claims = {"iss": "TEAMID1234", "sub": app.id, "aud": "https://appleid.apple.com", "iat": now, "exp": now + 3600}
        good = sign(claims, key, header={"kid": "KEY1"})
        wrong = {
            "expired": sign({**claims, "exp": now - 1}, key),
            "too long": sign({**claims, "exp": now + 16_000_000}, key),
            "another audience": sign({**claims, "aud": "https://else.example"}, key),
            "another key": sign(claims, generate("ES256")),
            "no jwt": "secret",
        }
        value = code(there, app.id, scope="openid")
        for why, secret in wrong.items():
            said = redeemed(there, value, client_id=app.id, client_secret=secret)
            assert (said.status, document(said)) == (400, {"error": "invalid_client"}), why
        assert redeemed(there, value, client_id=app.id, client_secret=good).status == 200
        assert there.state.clients[app.id] == app


def test_linkedin_forgets_the_nonce_takes_no_basic_and_has_a_word_for_no() -> None:
    there = world("linkedin")
    assert "nonce" not in claims_of(tokens(there, scope="openid")["id_token"])
    said = redeemed(there, code(there, scope="openid"), basic=True, client_id=None, client_secret=None)
    assert (said.status, document(said)["error"]) == (401, "invalid_client")
    page = there.ask(client_id="web", scope="w_member_social")
    assert callback(there.submit(page, decision="deny")).get("error") == "user_cancelled_authorize"


class TestFacebook:
    def test_errors_are_objects(self) -> None:
        there = world("facebook")
        wrong = redeemed(there, "x", client_secret="wrong")
        error = document(wrong)["error"]
        assert (wrong.status, error["type"], error["code"], error["message"]) == (
            400,
            "OAuthException",
            1,
            "Error validating client secret.",
        )
        assert document(there.get("/v22.0/me?access_token=x"))["error"]["code"] == 190

    def test_the_token_request_may_be_a_get_and_the_api_gives_few_members_unasked(self) -> None:
        there = world("facebook")
        params = Params.of({**WEB, "code": code(there, scope="email,public_profile"), "redirect_uri": CALLBACK, "code_verifier": VERIFIER})
        token = document(there.get(f"/v22.0/oauth/access_token?{params.encode()}"))["access_token"]
        assert set(document(there.get(f"/v22.0/me?access_token={token}"))) == {"id", "name"}
        assert document(there.get(f"/v22.0/me?fields=email&access_token={token}")) == {"email": "alice@example.com"}


class TestX:
    def test_pkce_is_demanded_of_everybody(self) -> None:
        back = callback(world("x").ask(client_id="web", scope="users.read", code_challenge=None, code_challenge_method=None))
        assert (back.get("error"), back.get("state")) == ("invalid_request", "state-1")

    def test_a_client_with_a_secret_has_to_use_basic(self) -> None:
        there = world("x")
        said = redeemed(there, code(there, scope="users.read"))
        assert document(said) == {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}

    def test_a_refresh_token_comes_for_a_scope_with_a_dot_and_works_once(self) -> None:
        there = world("x")
        basic: dict[str, Any] = {"client_id": None, "client_secret": None}
        assert "refresh_token" not in tokens(there, basic=True, scope="users.read", form=basic)
        answer = tokens(there, basic=True, scope="tweet.read users.read offline.access", form=basic)
        token = answer["access_token"]
        assert document(there.get("/2/users/me", Authorization=f"Bearer {token}"))["data"]["username"] == "alice"
        form: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
        assert there.token_request(form, client_id="web", secret=SECRET).status == 200
        again = there.token_request(form, client_id="web", secret=SECRET)
        assert document(again)["error_description"] == "Value passed for the token was invalid."

    def test_a_code_is_good_for_half_a_minute_and_users_need_both_scopes(self) -> None:
        there = world("x")
        value = code(there, scope="users.read")
        there.wait(31)
        assert redeemed(there, value, basic=True, client_id=None, client_secret=None).status == 400
        token = tokens(there, basic=True, scope="users.read", form={"client_id": None, "client_secret": None})["access_token"]
        assert there.get("/2/users/me", Authorization=f"Bearer {token}").status == 403


def test_atlassian_demands_its_audience_and_tells_the_sites_apart() -> None:
    there = world("atlassian")
    assert callback(there.ask(client_id="web", scope="read:me")).get("error") == "invalid_request"
    assert callback(there.ask(client_id="web", scope="openid", audience="api.atlassian.com")).get("error") == "invalid_scope"
    value = code(there, scope="read:me", audience="api.atlassian.com")
    body = {"grant_type": "authorization_code", "code": value, "redirect_uri": CALLBACK, "code_verifier": VERIFIER, **WEB}
    answer = there.send("POST", "/oauth/token", headers={"Content-Type": "application/json"}, body=json.dumps(body).encode())
    token = document(answer)["access_token"]
    assert document(there.get("/me", Authorization=f"Bearer {token}"))["email"] == "alice@example.com"
    assert json.loads(there.get("/oauth/token/accessible-resources", Authorization=f"Bearer {token}").body)[0]["scopes"] == ["read:me"]


def test_notion_takes_json_with_basic_alone_and_its_api_wants_a_version() -> None:
    there = world("notion")
    assert callback(there.ask(client_id="web", scope=None)).get("error") == "invalid_request"
    value = code(there, owner="user")
    assert document(redeemed(there, value, basic=True, client_id=None, client_secret=None))["error"] == "invalid_request"
    body = json.dumps({"grant_type": "authorization_code", "code": value, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}).encode()
    headers = {"Content-Type": "application/json", "Authorization": basic_credentials("web", SECRET)}
    answer = document(there.send("POST", "/v1/oauth/token", headers=headers, body=body))
    assert answer["owner"]["user"]["person"] == {"email": "alice@example.com"}
    assert (answer["workspace_icon"], "expires_in" in answer, "scope" in answer) == (None, False, False)
    bearer = f"Bearer {answer['access_token']}"
    assert document(there.get("/v1/users/me", Authorization=bearer))["code"] == "missing_version"
    assert document(there.get("/v1/users/me", **{"Authorization": bearer, "Notion-Version": "2022-06-28"}))["type"] == "bot"


HEX = hashlib.sha256(VERIFIER.encode()).hexdigest()
KEY: dict[str, Any] = {"client_id": None, "client_key": "web"}


class TestTikTok:
    def _code(self, there: World, challenge: str) -> str:
        return code(there, scope="user.info.basic,video.list", client_key="web", code_challenge=challenge)

    def test_the_client_is_a_client_key_and_the_challenge_is_in_hexadecimal_digits(self) -> None:
        there = world("tiktok")
        answer = document(redeemed(there, self._code(there, HEX), **KEY))
        assert (answer["scope"], "refresh_token" in answer) == ("user.info.basic,video.list", True)
        said = document(redeemed(there, self._code(there, HEX)))
        assert said["error_description"].endswith("try again: client_key")
        assert there.ask(client_id="web", scope="user.info.basic").status == 400

    def test_a_challenge_of_the_standard_fits_no_verifier(self) -> None:
        there = world("tiktok")
        standard = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        response = redeemed(there, self._code(there, standard), **KEY)
        assert (response.status, document(response)["error"]) == (400, "invalid_grant")
        assert document(response)["log_id"]

    def test_the_user_is_wrapped_and_has_the_members_that_are_named(self) -> None:
        there = world("tiktok")
        token = document(redeemed(there, self._code(there, HEX), **KEY))["access_token"]
        said = document(there.get("/v2/user/info/?fields=display_name", Authorization=f"Bearer {token}"))
        assert (said["data"]["user"], said["error"]["code"]) == ({"display_name": "Alice Adams"}, "ok")


def test_ilert_says_401_and_gives_confidential_clients_a_refresh_token_unasked() -> None:
    there = world("ilert")
    value = code(there, scope="profile")
    there.wait(121)
    assert redeemed(there, value).status == 401
    assert "refresh_token" in tokens(there, scope="profile source:w")
    public = there.redeem(there.answer(client_id="public", scope="profile").get("code") or "")
    assert "refresh_token" not in document(public)


def test_discord_takes_no_json_and_tells_the_email_address_for_its_scope_alone() -> None:
    there = world("discord")
    refused = there.send("POST", "/api/oauth2/token", headers={"Content-Type": "application/json"}, body=b"{}")
    assert refused.status == 400
    for scope, email in (("identify", None), ("identify email", "alice@example.com")):
        token = tokens(there, scope=scope)["access_token"]
        assert document(there.get("/api/users/@me", Authorization=f"Bearer {token}")).get("email") == email
    said = redeemed(there, "wrong")
    assert document(said) == {"error": "invalid_grant", "error_description": 'Invalid "code" in request.'}


def test_faults_strike_at_a_persona_too() -> None:
    there = world("keycloak")
    there.state = replace(there.state, faults=(Switched("id-token-expired"),))
    claims = claims_of(tokens(there, scope="openid")["id_token"])
    assert claims["exp"] < START.timestamp()
    assert claims["typ"] == "ID"


def test_behind_a_proxy_all_is_below_the_path_that_the_proxy_passes_on() -> None:
    there = World(wear(practice_state("https://idp.example/base"), persona_named("okta")))
    said = document(there.get("/base/oauth2/default/.well-known/openid-configuration"))
    assert said["issuer"] == "https://idp.example/base/oauth2/default"
    assert said["token_endpoint"] == "https://idp.example/base/oauth2/default/v1/token"
    assert claims_of(tokens(there, scope="openid")["access_token"])["iss"] == said["issuer"]


def test_a_client_that_is_registered_for_known_scopes_keeps_to_them() -> None:
    state = practice_state()
    narrow = Client("narrow", "Narrow", SECRET, redirect_uris=(CALLBACK,), scopes=("openid",))
    dressed = wear(replace(state, clients={**state.clients, "narrow": narrow}), persona_named("okta")).clients
    assert dressed["narrow"].scopes == ("openid",)
    assert "items.read" not in dressed["web"].scopes
