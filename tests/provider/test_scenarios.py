"""Providers of the kinds that people meet, each made by configuration alone, and judged by the client's own checks."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from oauthctl.findings import Outcome
from oauthctl.http import Params
from oauthctl.jose.jwk import parse_key_set
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.messages.id_token import IdTokenExpectations, check_id_token
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.metadata_gaps import metadata_gaps
from oauthctl.messages.param import fields_of
from oauthctl.provider.client import Client
from tests.provider.world import ISSUER, SECRET, World, claims_of, document, practice_state

CALLBACK = "http://localhost:8080/callback"


def with_clients(*clients: Client) -> World:
    return World(replace(practice_state(), clients={client.id: client for client in clients}))


def test_the_metadata_has_no_gaps() -> None:
    described = ProviderMetadata(fields_of(document(World().get("/.well-known/openid-configuration"))))
    assert metadata_gaps(described) == ()


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_an_id_token_passes_every_check_of_a_client(alg: str) -> None:
    client = Client("app", redirect_uris=(CALLBACK,), scopes=("openid", "email"), id_token_signed_response_alg=alg)
    world = with_clients(client)
    answer = world.answer(client_id="app", redirect_uri=CALLBACK, scope="openid email", max_age="60", acr_values="password")
    tokens = document(world.redeem(answer.get("code") or "", client_id="app", redirect_uri=CALLBACK))
    token = take_apart(tokens["id_token"])
    keys = parse_key_set(document(world.get("/jwks")))
    assert check_signature(token, keys, allowed_algs=(alg,)).outcome is Outcome.PASS
    expected = IdTokenExpectations(
        issuer=ISSUER,
        client_id="app",
        nonce="nonce-1",
        now=world.now,
        max_age=60,
        acr_values=("password",),
        access_token=tokens["access_token"],
    )
    assert [verdict for verdict in check_id_token(token, expected) if verdict.outcome is Outcome.FAIL] == []


class TestBrowserUi:
    """A confidential web client at an identity provider with a form."""

    def world(self) -> World:
        return with_clients(
            Client("browser-ui", "Browser UI", SECRET, redirect_uris=(CALLBACK,), scopes=("openid", "profile"), id_token_seconds=15 * 60)
        )

    def ask(self, world: World, **changes: str | None) -> Params:
        return world.answer(client_id="browser-ui", redirect_uri=CALLBACK, scope="openid profile", **changes)

    def test_its_id_token_lives_for_15_minutes(self) -> None:
        world = self.world()
        code = self.ask(world).get("code") or ""
        claims = claims_of(document(world.redeem(code, client_id="browser-ui", secret=SECRET, redirect_uri=CALLBACK))["id_token"])
        assert claims["exp"] - claims["iat"] == 900

    def test_every_failure_on_the_way_is_in_the_log(self) -> None:
        world = self.world()
        world.ask(client_id="browser-ui", redirect_uri="http://localhost:8081/callback")
        page = world.ask(client_id="browser-ui", redirect_uri=CALLBACK, scope="openid profile")
        page = world.sign_in(page, "alice", "wrong")
        page = world.allow(world.sign_in(page))
        code = Params.parse((page.headers.get("location") or "").partition("?")[2]).get("code") or ""
        world.redeem(code, client_id="browser-ui", secret="wrong", redirect_uri=CALLBACK)
        world.redeem(code, client_id="browser-ui", secret=SECRET, redirect_uri=CALLBACK)
        world.redeem(code, client_id="browser-ui", secret=SECRET, redirect_uri=CALLBACK)
        failures = [(event.endpoint, event.who, event.error) for event in world.state.log if event.error]
        assert failures == [
            ("authorize", "browser-ui", "invalid_request"),
            ("sign-in", "alice", "access_denied"),
            ("token", "browser-ui", "invalid_client"),
            ("token", "browser-ui", "invalid_grant"),
        ]


class TestPhotoEditor:
    """PhotoEditorApp at ImageHost: an exact redirect, two scopes, a consent page."""

    def world(self) -> World:
        scopes = ("photos.read", "photos.write")
        grants = ("authorization_code", "client_credentials")
        return with_clients(Client("photo-editor", "PhotoEditorApp", SECRET, redirect_uris=(CALLBACK,), scopes=scopes, grant_types=grants))

    def token(self, world: World, scope: str) -> str:
        code = world.code(client_id="photo-editor", redirect_uri=CALLBACK, scope=scope)
        return str(document(world.redeem(code, client_id="photo-editor", secret=SECRET, redirect_uri=CALLBACK))["access_token"])

    def test_the_consent_page_says_what_it_asks_for(self) -> None:
        world = self.world()
        page = world.sign_in(world.ask(client_id="photo-editor", redirect_uri=CALLBACK, scope="photos.read photos.write"))
        for text in ("PhotoEditorApp", "See your photos", "Add to your photos", CALLBACK):
            assert text in page.text

    @pytest.mark.parametrize(("scope", "reads", "writes"), [("photos.read", 200, 403), ("photos.write", 403, 201)])
    def test_photos_open_with_their_scope_alone(self, scope: str, reads: int, writes: int) -> None:
        world = self.world()
        header = {"Authorization": f"Bearer {self.token(world, scope)}"}
        assert world.get("/photos", **header).status == reads
        assert world.send("POST", "/photos", headers=header, body=json.dumps({"name": "x.jpg"}).encode()).status == writes

    def test_it_may_come_for_itself(self) -> None:
        world = self.world()
        form: dict[str, str | None] = {"grant_type": "client_credentials", "scope": "photos.read"}
        token = document(world.token_request(form, client_id="photo-editor", secret=SECRET))["access_token"]
        assert world.get("/photos", Authorization=f"Bearer {token}").status == 200
