"""Metadata, keys, UserInfo, introspection, revocation: the small endpoints of one provider."""

from __future__ import annotations

import pytest

from tests.provider.world import ISSUER, SECRET, World, document, practice_state, with_client


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"])
def test_metadata_names_endpoints_that_are_there(path: str) -> None:
    world = World()
    described = document(world.get(path))
    assert described["issuer"] == ISSUER
    assert described["authorization_response_iss_parameter_supported"] is True
    for name, value in described.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert value.startswith(ISSUER + "/")
            assert world.get(value).status != 404


def test_metadata_of_an_issuer_with_a_path_is_found_in_both_forms() -> None:
    world = World(practice_state("http://127.0.0.1:9000/a/b"))
    oauth = document(world.get("/.well-known/oauth-authorization-server/a/b"))
    openid = document(world.get("/a/b/.well-known/openid-configuration"))
    assert oauth == openid
    assert openid["token_endpoint"] == "http://127.0.0.1:9000/a/b/token"
    assert world.get("/.well-known/openid-configuration").status == 404
    assert document(world.get("/.well-known/oauth-protected-resource/a/b/api"))["resource"] == "http://127.0.0.1:9000/a/b/api"


def test_the_key_set_has_public_keys_alone() -> None:
    keys = document(World().get("/jwks"))["keys"]
    assert [(key["kty"], key["alg"]) for key in keys] == [("RSA", "RS256"), ("EC", "ES256"), ("EC", "ECDH-ES")]
    assert not [key for key in keys if {"d", "p", "q"} & set(key)]
    assert len({key["kid"] for key in keys}) == 3


class TestUserInfo:
    def test_the_scopes_open_the_claims(self) -> None:
        world = World()
        token = world.tokens(scope="openid email offline_access")["access_token"]
        expected = {"sub": "alice", "email": "alice@example.com", "email_verified": True}
        assert document(world.get("/userinfo", Authorization=f"Bearer {token}")) == expected
        assert document(world.send("POST", "/userinfo", headers={"Authorization": f"bearer {token}"})) == expected
        assert document(world.post("/userinfo", {"access_token": token})) == expected

    def test_two_tokens_at_once_are_refused(self) -> None:
        world = World()
        token = world.tokens()["access_token"]
        assert world.post("/userinfo", {"access_token": token}, Authorization=f"Bearer {token}").status == 400

    @pytest.mark.parametrize(("scope", "status", "error"), [("items.read offline_access", 403, "insufficient_scope")])
    def test_openid_is_needed(self, scope: str, status: int, error: str) -> None:
        world = World()
        response = world.get("/userinfo", Authorization=f"Bearer {world.tokens(scope=scope)['access_token']}")
        assert (response.status, document(response)["error"]) == (status, error)

    def test_without_a_token_there_is_a_bare_challenge(self) -> None:
        assert World().get("/userinfo").headers.get("www-authenticate") == "Bearer"


class TestIntrospection:
    def ask(self, world: World, token: str | None, *, client_id: str = "api") -> dict[str, object]:
        path = "/introspect"
        form = {"token": token, "client_id": client_id, "client_secret": SECRET}
        return document(world.post(path, {name: value for name, value in form.items() if value is not None}))

    def test_a_resource_server_learns_all(self) -> None:
        world = World()
        tokens = world.tokens()
        answer = self.ask(world, tokens["access_token"])
        expected = {"active": True, "sub": "alice", "username": "alice", "client_id": "public", "token_type": "Bearer", "iss": ISSUER}
        assert expected.items() <= answer.items()
        assert set(answer) == {*expected, "scope", "exp", "iat", "aud", "jti", "acr", "auth_time"}

    def test_of_a_refresh_token_its_own_client_learns_alone(self) -> None:
        """RFC 7662 section 4: a resource server is never shown one, and could try out what it found."""
        world = World()
        tokens = document(world.redeem(world.code(client_id="web"), client_id="web", secret=SECRET))
        assert self.ask(world, tokens["refresh_token"], client_id="web")["active"] is True
        assert self.ask(world, tokens["refresh_token"]) == {"active": False}
        assert self.ask(world, tokens["access_token"])["active"] is True

    def test_a_client_learns_about_its_own_tokens_alone(self) -> None:
        world = World()
        own = document(world.redeem(world.code(client_id="web"), client_id="web", secret=SECRET))["access_token"]
        assert self.ask(world, own, client_id="web")["active"] is True
        assert self.ask(world, world.tokens()["access_token"], client_id="web") == {"active": False}

    def test_what_does_not_count_is_not_active(self) -> None:
        world = World()
        tokens = document(world.redeem(world.code(client_id="web"), client_id="web", secret=SECRET))
        form: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        assert world.token_request(form, client_id="web", secret=SECRET).status == 200
        assert self.ask(world, tokens["refresh_token"], client_id="web") == {"active": False}
        assert self.ask(world, "nonsense") == {"active": False}
        world.wait(301)
        assert self.ask(world, tokens["access_token"]) == {"active": False}

    @pytest.mark.parametrize(("client_id", "error"), [("public", "invalid_client"), ("nobody", "invalid_client")])
    def test_nobody_else_learns_anything(self, client_id: str, error: str) -> None:
        world = World()
        response = world.post("/introspect", {"token": "x", "client_id": client_id})
        assert (response.status, document(response)["error"]) == (401, error)

    def test_the_token_is_needed(self) -> None:
        assert self.ask(World(), None)["error"] == "invalid_request"


class TestRevocation:
    def test_an_access_token_is_revoked_alone(self) -> None:
        world = World()
        tokens = world.tokens()
        assert world.post("/revoke", {"client_id": "public", "token": tokens["access_token"]}).status == 200
        assert world.get("/api/items", Authorization=f"Bearer {tokens['access_token']}").status == 401
        assert world.refresh(tokens["refresh_token"]).status == 200

    def test_a_refresh_token_is_revoked_with_its_family(self) -> None:
        world = World()
        tokens = world.tokens()
        form = {"client_id": "public", "token": tokens["refresh_token"], "token_type_hint": "access_token"}
        assert world.post("/revoke", form).status == 200
        assert world.get("/api/items", Authorization=f"Bearer {tokens['access_token']}").status == 401
        assert document(world.refresh(tokens["refresh_token"]))["error"] == "invalid_grant"

    def test_an_unknown_token_is_fine(self) -> None:
        assert World().post("/revoke", {"client_id": "public", "token": "nonsense"}).status == 200

    @pytest.mark.parametrize(
        ("form", "status", "error"),
        [({"client_id": "public"}, 400, "invalid_request"), ({"client_id": "nobody", "token": "x"}, 401, "invalid_client")],
    )
    def test_a_wrong_request_is_refused(self, form: dict[str, str], status: int, error: str) -> None:
        response = World().post("/revoke", form)
        assert (response.status, document(response)["error"]) == (status, error)

    def test_another_clients_token_is_left_alone(self) -> None:
        world = World()
        token = world.tokens()["access_token"]
        assert world.post("/revoke", {"client_id": "web", "client_secret": SECRET, "token": token}).status == 400
        assert world.get("/api/items", Authorization=f"Bearer {token}").status == 200

    def test_a_revoked_opaque_token_is_refused(self) -> None:
        world = World(with_client(practice_state(), "public", access_token_format="opaque"))
        token = world.tokens()["access_token"]
        assert world.get("/api/items", Authorization=f"Bearer {token}").status == 200
        world.post("/revoke", {"client_id": "public", "token": token})
        assert world.get("/api/items", Authorization=f"Bearer {token}").status == 401
