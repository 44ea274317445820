"""A GUI calls a backend API, is sent to sign in by its 401, trades the code for a JWT, and carries on when that has ended.

The backend is a server of its own; it checks each token, once with the provider's keys, once by asking the provider.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from oauthctl.findings import Outcome
from oauthctl.http import JSON, Headers, Request, Response
from oauthctl.jose.jwk import parse_key_set
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.messages.challenge import bearer_challenge
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.serve import Server
from tests.cli.spoiled import SECRET, Provider, providing
from tests.provider.world import keys
from tests.stories.desk import Clock, Desk

CLIENT = '--client-id public --scope "openid items.read offline_access" --profile gui'
Validate = Callable[[str, datetime], str]


@dataclass
class Backend:
    """An API that belongs to somebody else than the provider. `validate` gives the reason why a token is no good."""

    validate: Validate
    metadata: str = ""
    judged: list[str] = field(default_factory=list)

    def answer(self, state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
        if request.path == "/.well-known/oauth-protected-resource":
            return state, _json(200, json.loads(self.metadata))
        scheme, _, token = (request.headers.get("authorization") or "").partition(" ")
        if scheme != "Bearer":
            where = request.url.partition("/orders")[0] + "/.well-known/oauth-protected-resource"
            return state, _json(401, {"message": "sign in"}, challenge=f'Bearer resource_metadata="{where}"')
        problem = self.validate(token, moment.now)
        self.judged.append(problem or "good")
        if problem:
            return state, _json(401, {}, challenge=f'Bearer error="invalid_token", error_description="{problem}"')
        return state, _json(200, {"orders": [{"id": 1, "what": "tea"}], "for": take_apart(token).claim_text("sub")})


def _json(status: int, document: object, *, challenge: str = "") -> Response:
    headers = {"Content-Type": JSON} | ({"WWW-Authenticate": challenge} if challenge else {})
    return Response(status, Headers.of(headers), json.dumps(document).encode())


def by_keys(provider: Provider) -> Validate:
    """As a resource server with a JWT library does it: signature, issuer, audience, expiry."""

    def validate(token: str, now: datetime) -> str:
        found = take_apart(token)
        trusted = parse_key_set(httpx.get(f"{provider.issuer}/jwks", trust_env=False).json())
        if check_signature(found, trusted, allowed_algs=("RS256", "ES256")).outcome is not Outcome.PASS:
            return "bad signature"
        claims = found.claims or {}
        if claims.get("iss") != provider.issuer:
            return "wrong issuer"
        if claims.get("aud") != f"{provider.issuer}/api":
            return "wrong audience"
        return "" if datetime.fromtimestamp(claims["exp"], UTC) > now else "expired"

    return validate


def by_introspection(provider: Provider) -> Validate:
    """As a resource server that asks: the provider knows."""

    def validate(token: str, _now: datetime) -> str:
        answer = httpx.post(
            f"{provider.issuer}/introspect", data={"token": token, "client_id": "api", "client_secret": SECRET}, trust_env=False
        )
        assert answer.status_code == 200, answer.text
        return "" if answer.json()["active"] else "not active"

    return validate


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(clock: Clock) -> Iterator[Provider]:
    with providing(clock=clock) as provider:
        yield provider


@pytest.mark.parametrize("way", [by_keys, by_introspection])
def test_a_gui_and_its_api(provider: Provider, clock: Clock, tmp_path: Path, way: Callable[[Provider], Validate]) -> None:
    backend, desk = Backend(way(provider)), Desk(tmp_path)
    with Server(lambda issuer: new_state(issuer, keys=keys()), handler=backend.answer, clock=clock) as server:
        orders = f"{server.issuer}/orders"
        backend.metadata = json.dumps({"resource": server.issuer, "authorization_servers": [provider.issuer]})

        # Nobody is signed in: the tool says so, and the API's 401 says where to go.
        ran = desk.types(f"oauthctl call {orders}")
        assert (ran.code, ran.out) == (2, "")
        assert "sign in with `oauthctl login ISSUER`" in ran.err
        refused = httpx.get(orders, trust_env=False)
        challenge = bearer_challenge(Response(401, Headers(tuple(refused.headers.multi_items()))))
        assert challenge is not None
        found = httpx.get(challenge.get("resource_metadata"), trust_env=False).json()

        ran = desk.types(f"oauthctl login {found['authorization_servers'][0]} {CLIENT}")
        assert (ran.code, ran.out) == (0, "")
        assert "signed in as" in ran.err.lower()
        assert desk.pages[0].text.startswith("You are signed in")

        # Call again and again.
        for _ in range(3):
            ran = desk.types(f"oauthctl call {orders}")
            assert (ran.code, json.loads(ran.out), ran.err) == (0, {"orders": [{"id": 1, "what": "tea"}], "for": "alice"}, "")
        token = desk.types("oauthctl token").out.strip()
        assert take_apart(token).claim_text("iss") == provider.issuer

        # The token ends; the 401 is met, the tokens are refreshed, the call is made again.
        clock.forward(minutes=6)
        ran = desk.types(f"oauthctl call {orders}")
        assert (ran.code, json.loads(ran.out)["for"]) == (0, "alice")
        assert ran.err == "the token was refused with 401; refreshed, and trying once more\n"
        assert desk.types("oauthctl token").out.strip() != token

        # And carries on with the new one.
        ran = desk.types(f"oauthctl call {orders}")
        assert (ran.code, ran.err) == (0, "")
    bad = {"expired", "not active"}
    assert [judged in bad for judged in backend.judged] == [False, False, False, True, False, False]
    assert [request.form.get("grant_type") for request in provider.asked("/token")] == ["authorization_code", "refresh_token"]


def test_the_whole_story_can_be_looked_at(provider: Provider, clock: Clock, tmp_path: Path) -> None:
    backend, desk = Backend(by_keys(provider)), Desk(tmp_path)
    with Server(lambda issuer: new_state(issuer, keys=keys()), handler=backend.answer, clock=clock) as server:
        desk.types(f"oauthctl login {provider.issuer} {CLIENT}")
        clock.forward(minutes=6)
        desk.types(f"oauthctl call {server.issuer}/orders")
    ran = desk.types("oauthctl trace show --json")
    entries = json.loads(ran.out)["log"]["entries"]
    told = [
        (entry["_oauthctl"]["purpose"], entry["response"]["status"])
        for entry in entries
        if "discovery" not in entry["_oauthctl"]["purpose"]
    ]
    assert told == [("api", 401), ("token", 200), ("api", 200)]
    assert [row.split("\t")[1] for row in desk.types("oauthctl trace list").out.splitlines()] == ["call", "login"]


def test_when_the_grant_is_over_it_says_to_sign_in_again(provider: Provider, clock: Clock, tmp_path: Path) -> None:
    backend, desk = Backend(by_introspection(provider)), Desk(tmp_path)
    with Server(lambda issuer: new_state(issuer, keys=keys()), handler=backend.answer, clock=clock) as server:
        desk.types(f"oauthctl login {provider.issuer} {CLIENT}")
        assert desk.types("oauthctl logout --no-browser").code == 0
        ran = desk.types(f"oauthctl call {server.issuer}/orders")
    assert (ran.code, ran.out) == (2, "")
    assert "sign in with `oauthctl login gui`" in ran.err
    assert backend.judged == []
