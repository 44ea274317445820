"""The token endpoint: what each grant gives, and every way in which it refuses."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from oauthctl.http import Params
from oauthctl.messages.client_auth import basic_credentials
from tests.provider.world import (
    CALLBACK,
    CHALLENGE,
    ISSUER,
    SECRET,
    START,
    VERIFIER,
    World,
    claims_of,
    document,
    practice_state,
    with_client,
)


def error_of(world: World, response: Any) -> str:
    """The error of a refused token request, which is in the log as well."""
    assert response.status in (400, 401)
    assert response.headers.get("cache-control") == "no-store"
    error = str(document(response)["error"])
    assert world.state.log[-1].error == error
    return error


def test_a_code_is_traded_for_tokens() -> None:
    world = World()
    response = world.redeem(world.code())
    tokens = document(response)
    assert response.headers.get("cache-control") == "no-store"
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 300, "openid profile items.read")
    assert "refresh_token" not in tokens
    claims = claims_of(tokens["id_token"])
    now = int(START.timestamp())
    assert {name: claims[name] for name in ("iss", "sub", "aud", "nonce", "iat", "exp", "auth_time")} == {
        "iss": ISSUER,
        "sub": "alice",
        "aud": "public",
        "nonce": "nonce-1",
        "iat": now,
        "exp": now + 600,
        "auth_time": now,
    }
    assert claims["given_name"] == "Alice"
    assert "email" not in claims


def test_the_access_token_is_a_jwt_of_rfc9068() -> None:
    claims = claims_of(World().tokens()["access_token"])
    assert set(claims) == {"iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "auth_time", "acr"}
    assert (claims["aud"], claims["client_id"], claims["exp"] - claims["iat"]) == (ISSUER + "/api", "public", 300)


def test_a_short_fraction_of_a_lifetime_is_kept() -> None:
    world = World(practice_state(token_seconds=0.5))
    tokens = world.tokens()
    assert tokens["expires_in"] == 1
    assert claims_of(tokens["access_token"])["exp"] == START.timestamp() + 0.5


def test_a_client_can_have_opaque_tokens_and_its_own_lifetimes() -> None:
    changes: dict[str, Any] = {"access_token_format": "opaque", "token_seconds": 7, "id_token_seconds": 900}
    tokens = World(with_client(practice_state(), "public", **changes)).tokens()
    assert "." not in tokens["access_token"]
    assert tokens["expires_in"] == 7
    claims = claims_of(tokens["id_token"])
    assert claims["exp"] - claims["iat"] == 900


@pytest.mark.parametrize(
    ("client_id", "changes", "gets"),
    [
        ("public", {"scope": "openid"}, False),
        ("public", {"scope": "openid offline_access"}, True),
        ("public", {"scope": "items.read offline_access"}, True),
        ("web", {"scope": "openid"}, True),
    ],
)
def test_a_refresh_token_needs_the_offline_scope_or_the_clients_privilege(client_id: str, changes: dict[str, str], gets: bool) -> None:
    world = World()
    secret = SECRET if client_id == "web" else ""
    response = world.redeem(world.code(client_id=client_id, **changes), client_id=client_id, secret=secret)
    assert ("refresh_token" in document(response)) is gets


def test_a_refreshed_id_token_has_no_nonce() -> None:
    """Source: OpenID Connect Core 1.0 section 12.2."""
    world = World()
    first = world.tokens()
    assert claims_of(first["id_token"])["nonce"] == "nonce-1"
    again = document(world.refresh(first["refresh_token"]))
    third = document(world.refresh(again["refresh_token"]))
    for refreshed in (again, third):
        claims = claims_of(refreshed["id_token"])
        assert "nonce" not in claims
        assert claims["auth_time"] == claims_of(first["id_token"])["auth_time"]


def test_without_openid_there_is_no_id_token() -> None:
    world = World()
    assert "id_token" not in document(world.redeem(world.code(scope="items.read")))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
        ({"code": None}, "invalid_request"),
        ({"code": "nonsense"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"redirect_uri": CALLBACK + "x"}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_grant"),
        ({"code_verifier": VERIFIER[:-1] + "x"}, "invalid_grant"),
        ({"code_verifier": CHALLENGE}, "invalid_grant"),
        ({"client_id": None}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": "web"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client"),
        ({"resource": ISSUER + "/photos"}, "invalid_target"),
    ],
)
def test_a_wrong_code_request_is_refused(changes: dict[str, str | None], error: str) -> None:
    world = World()
    code = world.code()
    response = world.redeem(code, **changes)
    assert error_of(world, response) == error
    assert ("www-authenticate" in response.headers) is (response.status == 401) is (error == "invalid_client")
    assert world.redeem(code).status == 200, "a refused request uses nothing up"


def test_a_code_expires_after_a_minute() -> None:
    world = World()
    code = world.code()
    world.wait(60)
    assert error_of(world, world.redeem(code)) == "invalid_grant"


def test_a_code_is_for_its_client_alone() -> None:
    world = World()
    assert error_of(world, world.redeem(world.code(), client_id="web", secret=SECRET)) == "invalid_grant"


def test_a_code_used_twice_takes_back_what_it_gave() -> None:
    world = World()
    code = world.code(scope="openid items.read offline_access")
    tokens = document(world.redeem(code))
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert world.get("/api/items", **header).status == 200
    assert error_of(world, world.redeem(code)) == "invalid_grant"
    assert world.get("/api/items", **header).status == 401
    assert error_of(world, world.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_pkce_plain_compares_as_it_is() -> None:
    world = World()
    plain = {"code_challenge": VERIFIER, "code_challenge_method": "plain"}
    assert world.redeem(world.code(**plain)).status == 200
    assert world.redeem(world.code(code_challenge=VERIFIER, code_challenge_method=None)).status == 200
    assert error_of(world, world.redeem(world.code(**plain), code_verifier="y" * 43)) == "invalid_grant"


def test_a_verifier_without_a_challenge_is_a_downgrade() -> None:
    world = World()
    code = world.code(client_id="web", code_challenge=None, code_challenge_method=None)
    assert error_of(world, world.redeem(code, client_id="web", secret=SECRET)) == "invalid_grant"
    assert world.redeem(code, client_id="web", secret=SECRET, code_verifier=None).status == 200


class TestRefresh:
    def test_a_refresh_token_is_rotated(self) -> None:
        world = World()
        first = world.tokens()
        second = document(world.refresh(first["refresh_token"]))
        assert second["refresh_token"] != first["refresh_token"]
        assert second["access_token"] != first["access_token"]
        assert claims_of(second["id_token"])["sub"] == "alice"
        assert world.refresh(second["refresh_token"]).status == 200

    def test_a_refresh_token_used_twice_kills_the_family(self) -> None:
        world = World()
        first = world.tokens()
        second = document(world.refresh(first["refresh_token"]))
        assert error_of(world, world.refresh(first["refresh_token"])) == "invalid_grant"
        assert error_of(world, world.refresh(second["refresh_token"])) == "invalid_grant"
        assert world.get("/api/items", Authorization=f"Bearer {second['access_token']}").status == 401

    def test_another_family_of_the_same_user_lives_on(self) -> None:
        world = World()
        first, other = world.tokens(), world.tokens()
        world.refresh(first["refresh_token"])
        world.refresh(first["refresh_token"])
        assert world.refresh(other["refresh_token"]).status == 200

    def test_the_scope_can_be_narrowed_for_one_access_token(self) -> None:
        world = World()
        narrow = document(world.refresh(world.tokens()["refresh_token"], scope="items.read"))
        assert narrow["scope"] == "items.read"
        assert "id_token" not in narrow
        assert "openid" in document(world.refresh(narrow["refresh_token"]))["scope"]

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"refresh_token": None}, "invalid_request"),
            ({"refresh_token": "nonsense"}, "invalid_grant"),
            ({"scope": "items.write"}, "invalid_scope"),
            ({"client_id": "web", "client_secret": SECRET}, "invalid_grant"),
            ({"resource": "https://elsewhere.example"}, "invalid_target"),
        ],
    )
    def test_a_wrong_refresh_request_is_refused_and_uses_nothing_up(self, changes: dict[str, str | None], error: str) -> None:
        world = World()
        token = world.tokens()["refresh_token"]
        assert error_of(world, world.refresh(token, **changes)) == error
        assert world.refresh(token).status == 200

    def test_a_refresh_token_expires(self) -> None:
        world = World(practice_state(refresh_seconds=100))
        token = world.tokens()["refresh_token"]
        world.wait(100)
        assert error_of(world, world.refresh(token)) == "invalid_grant"


class TestClientCredentials:
    def ask(self, world: World, **changes: str | None) -> Any:
        form: dict[str, str | None] = {"grant_type": "client_credentials", "scope": "items.read"}
        return world.token_request({**form, **changes}, client_id="service", secret=SECRET)

    def test_a_service_gets_a_token_for_itself(self) -> None:
        world = World()
        tokens = document(self.ask(world))
        assert set(tokens) == {"access_token", "token_type", "expires_in", "scope"}
        assert claims_of(tokens["access_token"])["sub"] == "service"
        assert world.get("/api/items", Authorization=f"Bearer {tokens['access_token']}").status == 200

    @pytest.mark.parametrize("scope", ["openid", "nonsense", "offline_access"])
    def test_scopes_that_need_a_user_are_refused(self, scope: str) -> None:
        world = World(with_client(practice_state(), "service", scopes=("openid", "offline_access", "items.read")))
        assert error_of(world, self.ask(world, scope=scope)) == "invalid_scope"

    def test_a_resource_becomes_the_audience(self) -> None:
        token = document(self.ask(World(), resource=ISSUER + "/api/items"))["access_token"]
        assert claims_of(token)["aud"] == ISSUER + "/api/items"

    def test_a_public_client_has_no_such_grant(self) -> None:
        world = World(with_client(practice_state(), "public", grant_types=("client_credentials",)))
        response = world.token_request({"grant_type": "client_credentials", "client_id": "public"})
        assert error_of(world, response) == "unauthorized_client"


class TestClientAuthentication:
    form = {"grant_type": "client_credentials"}  # noqa: RUF012 - read by the tests alone

    def send(self, world: World, form: dict[str, str] | None = None, **headers: str) -> Any:
        return world.post("/token", {**self.form, **(form or {})}, **headers)

    def test_basic_credentials_are_form_decoded(self) -> None:
        world = World(with_client(practice_state(), "ser:vice é", secret=SECRET, grant_types=("client_credentials",)))
        assert self.send(world, Authorization=basic_credentials("ser:vice é", SECRET)).status == 200

    def test_the_secret_may_come_in_the_form(self) -> None:
        assert self.send(World(), {"client_id": "service", "client_secret": SECRET}).status == 200

    @pytest.mark.parametrize(
        ("form", "header", "error"),
        [
            ({}, "", "invalid_client"),
            ({"client_id": "service"}, "", "invalid_client"),
            ({"client_id": "service", "client_secret": "wrong"}, "", "invalid_client"),
            ({"client_id": "service", "client_secret": SECRET}, basic_credentials("service", SECRET), "invalid_request"),
            ({"client_id": "web"}, basic_credentials("service", SECRET), "invalid_request"),
            ({}, basic_credentials("service", "wrong"), "invalid_client"),
            ({}, basic_credentials("nobody", SECRET), "invalid_client"),
            ({}, "Basic !!!", "invalid_client"),
            ({}, "Basic " + b64encode(b"\xff\xfe").decode(), "invalid_client"),
            ({}, "Basic " + b64encode(b"service").decode(), "invalid_client"),
            ({}, "Bearer xyz", "invalid_client"),
        ],
    )
    def test_wrong_credentials_are_refused(self, form: dict[str, str], header: str, error: str) -> None:
        world = World()
        response = self.send(world, form, **({"Authorization": header} if header else {}))
        assert error_of(world, response) == error
        if error == "invalid_client":
            assert response.status == 401
            assert (response.headers.get("www-authenticate") or "").startswith("Basic ")

    def test_only_the_registered_method_is_taken(self) -> None:
        world = World(with_client(practice_state(), "service", auth_methods=("client_secret_post",)))
        response = self.send(world, Authorization=basic_credentials("service", SECRET))
        assert error_of(world, response) == "invalid_client"
        assert "client_secret_post" in document(response)["error_description"]


def test_the_body_has_to_be_a_form() -> None:
    world = World()
    response = world.send("POST", "/token", headers={"Content-Type": "application/json"}, body=b"{}")
    assert error_of(world, response) == "invalid_request"


def test_a_parameter_given_twice_is_refused() -> None:
    world = World()
    params = Params((("grant_type", "authorization_code"), ("client_id", "public"), ("code", "a"), ("code", "b")))
    assert error_of(world, world.post("/token", params)) == "invalid_request"


def test_the_log_holds_no_secret_and_stays_short() -> None:
    world = World()
    tokens = world.tokens()
    for _ in range(1200):
        world.get("/nowhere")
    secrets = [tokens["access_token"], tokens["refresh_token"], VERIFIER, SECRET]
    assert len(world.state.log) == 1000
    assert world.state.log[-1].number > 1200
    assert not [secret for secret in secrets if secret in repr(world.state)]


def test_the_log_plays_no_tricks_on_a_terminal() -> None:
    world = World()
    world.token_request({"grant_type": "authorization_code", "client_id": "\x1b[31m\r\nforged"})
    assert world.state.log[-1].who == "\ufffd[31m\ufffd\ufffdforged"


def test_what_is_long_over_is_forgotten() -> None:
    world = World(practice_state(refresh_seconds=600))
    world.tokens()
    world.wait(3 * 3600)
    world.get("/")
    state = world.state
    assert [len(held) for held in (state.codes, state.access_tokens, state.refresh_tokens, state.grants)] == [0, 0, 0, 0]


@pytest.mark.parametrize("alg", ["RS256", "ES256", "HS256"])
def test_the_id_token_is_signed_as_the_client_wishes(alg: str) -> None:
    from oauthctl.jose.jwt import take_apart

    world = World(with_client(practice_state(), "web", id_token_signed_response_alg=alg))
    tokens = document(world.redeem(world.code(client_id="web"), client_id="web", secret=SECRET))
    assert take_apart(tokens["id_token"]).alg == alg
