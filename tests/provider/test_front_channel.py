"""The implicit and the hybrid flow: tokens that come by the browser, from a provider that is told to speak what is legacy."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from oauthctl.findings import Outcome
from oauthctl.http import Params, Response
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.messages.id_token import half_hash
from oauthctl.messages.response_types import HYBRID, IMPLICIT
from oauthctl.provider.client import CIBA
from oauthctl.provider.state import with_legacy
from tests.provider.world import CALLBACK, ISSUER, World, claims_of, document, practice_state, with_client

EVERY = (*IMPLICIT, *HYBRID)


@pytest.fixture
def world() -> World:
    return World(with_legacy(practice_state()))


def fragment(response: Response) -> Params:
    """What the redirect carries behind its `#`; nothing stands in the query."""
    assert response.status == 303, response.text
    location = urlsplit(response.headers.get("location") or "")
    assert location.query == ""
    assert f"{location.scheme}://{location.netloc}{location.path}" == CALLBACK
    return Params.parse(location.fragment)


def came_back(world: World, response_type: str, **changes: str | None) -> Response:
    """The redirect to the client, after the pages."""
    page = world.ask(response_type=response_type, **changes)
    if page.status == 200 and b'name="password"' in page.body:
        page = world.sign_in(page)
    return world.allow(page) if page.status == 200 else page


class TestWhatComes:
    @pytest.mark.parametrize("response_type", EVERY)
    def test_the_fragment_has_what_the_response_type_names_and_no_more(self, world: World, response_type: str) -> None:
        given = dict(fragment(came_back(world, response_type)).pairs)
        members = {"code": {"code"}, "id_token": {"id_token"}, "token": {"access_token", "token_type", "expires_in", "scope"}}
        assert set(given) == {"state", "iss"}.union(*(members[word] for word in response_type.split()))
        assert (given["state"], given["iss"]) == ("state-1", ISSUER)

    @pytest.mark.parametrize("response_type", [one for one in EVERY if "id_token" in one.split()])
    def test_the_id_token_has_the_hashes_of_what_came_with_it(self, world: World, response_type: str) -> None:
        given = fragment(came_back(world, response_type))
        token = take_apart(given.get("id_token") or "")
        assert check_signature(token, world.state.keys).outcome is Outcome.PASS
        claims = token.claims or {}
        assert claims["nonce"] == "nonce-1"
        for claim, name in (("at_hash", "access_token"), ("c_hash", "code"), ("s_hash", "state")):
            value = given.get(name)
            assert claims.get(claim) == (half_hash(value, token.alg) if value else None)

    @pytest.mark.parametrize("response_type", HYBRID)
    def test_the_code_gives_tokens_of_the_same_person(self, world: World, response_type: str) -> None:
        given = fragment(came_back(world, response_type))
        answer = world.redeem(given.get("code") or "")
        assert answer.status == 200, answer.text
        back = document(answer)
        assert back["access_token"] != given.get("access_token")
        subjects = {claims_of(token)["sub"] for token in (back["id_token"], given.get("id_token")) if token}
        assert subjects == {"alice"}

    def test_the_access_token_opens_the_api(self, world: World) -> None:
        given = fragment(came_back(world, "token", scope="items.read", nonce=None))
        answer = world.get("/api/items", Authorization=f"Bearer {given.get('access_token')}")
        assert answer.status == 200

    def test_no_refresh_token_comes_by_the_browser(self, world: World) -> None:
        given = fragment(came_back(world, "id_token token", scope="openid offline_access"))
        assert "refresh_token" not in given
        assert given.get("scope") == "openid"

    def test_a_code_beside_the_tokens_keeps_the_offline_access(self, world: World) -> None:
        given = fragment(came_back(world, "code id_token token", scope="openid offline_access"))
        assert "offline_access" in (given.get("scope") or "")

    def test_the_order_of_the_words_does_not_matter(self, world: World) -> None:
        """Source: RFC 6749 section 3.1.1."""
        assert {"code", "id_token", "access_token"} <= {name for name, _ in fragment(came_back(world, "token id_token code"))}

    def test_a_client_without_a_verifier_needs_none_where_no_code_comes(self, world: World) -> None:
        given = fragment(came_back(world, "id_token", code_challenge=None, code_challenge_method=None))
        assert "id_token" in given

    def test_a_form_post_carries_tokens_too(self, world: World) -> None:
        page = came_back(world, "code id_token", response_mode="form_post")
        assert page.status == 200
        assert b'name="id_token"' in page.body
        assert b'name="code"' in page.body

    def test_an_answer_in_a_jwt_carries_them_inside(self, world: World) -> None:
        given = fragment(came_back(world, "id_token token", response_mode="jwt"))
        assert [name for name, _ in given] == ["response"]
        assert {"id_token", "access_token"} <= claims_of(given.get("response") or "").keys()

    def test_a_pushed_request_may_ask_for_them(self, world: World) -> None:
        pushed = world.post(
            "/par",
            {
                "response_type": "id_token",
                "client_id": "public",
                "redirect_uri": CALLBACK,
                "scope": "openid",
                "state": "state-1",
                "nonce": "nonce-1",
            },
        )
        page = world.browse(
            f"{ISSUER}/authorize?{Params.of({'client_id': 'public', 'request_uri': document(pushed)['request_uri']}).encode()}"
        )
        assert "id_token" in fragment(world.allow(world.sign_in(page)))


class TestWhatIsRefused:
    @pytest.mark.parametrize("response_type", EVERY)
    def test_a_provider_that_has_put_them_aside_says_so_in_the_fragment(self, response_type: str) -> None:
        """Source: OAuth 2.0 Multiple Response Type Encoding Practices section 2.1: errors travel like answers."""
        given = fragment(World().ask(response_type=response_type))
        assert given.get("error") == "unsupported_response_type"
        assert given.get("state") == "state-1"

    @pytest.mark.parametrize(
        ("response_type", "changes", "error"),
        [
            ("id_token coupon", {}, "unsupported_response_type"),
            ("id_token", {"nonce": None}, "invalid_request"),
            ("code id_token", {"nonce": None}, "invalid_request"),
            ("id_token", {"scope": "items.read"}, "invalid_request"),
            ("token", {"response_mode": "query"}, "invalid_request"),
            ("code token", {"response_mode": "query"}, "invalid_request"),
            ("code id_token", {"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
            ("id_token", {"prompt": "none"}, "login_required"),
        ],
    )
    def test_an_error_comes_in_the_fragment(self, world: World, response_type: str, changes: dict[str, Any], error: str) -> None:
        assert fragment(world.ask(response_type=response_type, **changes)).get("error") == error

    def test_the_query_is_refused_within_a_jwt_too(self, world: World) -> None:
        given = fragment(world.ask(response_type="token", response_mode="query.jwt"))
        assert claims_of(given.get("response") or "")["error"] == "invalid_request"

    def test_a_client_that_is_not_registered_for_it(self, world: World) -> None:
        world.state = with_client(world.state, "public", response_types=("code", "id_token"))
        assert fragment(world.ask(response_type="token")).get("error") == "unauthorized_client"
        assert "id_token" in fragment(came_back(world, "id_token"))

    @pytest.mark.parametrize("binding", ["requires_dpop", "binds_certificate"])
    def test_a_client_whose_tokens_are_bound_gets_none_that_is_not(self, world: World, binding: str) -> None:
        world.state = with_client(world.state, "public", **{binding: True})
        assert fragment(world.ask(response_type="id_token token")).get("error") == "unauthorized_client"

    def test_a_no_of_the_person_comes_in_the_fragment(self, world: World) -> None:
        page = world.sign_in(world.ask(response_type="id_token"))
        assert fragment(world.submit(page, decision="deny")).get("error") == "access_denied"


class TestWhatIsTold:
    def test_the_metadata_name_them_with_legacy_alone(self, world: World) -> None:
        told = document(world.get("/.well-known/openid-configuration"))
        assert told["response_types_supported"] == ["code", *EVERY]
        assert "implicit" in told["grant_types_supported"]
        plain = document(World().get("/.well-known/openid-configuration"))
        assert plain["response_types_supported"] == ["code"]
        assert "implicit" not in plain["grant_types_supported"]

    def test_a_client_registers_itself_for_them(self, world: World) -> None:
        answer = register(world, response_types=["token id_token"], grant_types=["implicit"])
        assert answer.status == 201, answer.text
        client = document(answer)
        assert client["response_types"] == ["id_token token"]
        given = fragment(came_back(world, "id_token token", client_id=client["client_id"], scope="openid"))
        assert "id_token" in given
        refused = fragment(world.ask(response_type="id_token", client_id=client["client_id"], scope="openid"))
        assert refused.get("error") == "unauthorized_client"

    @pytest.mark.parametrize(
        "metadata",
        [
            {"response_types": ["id_token"], "grant_types": ["authorization_code"]},
            {"response_types": ["code id_token"], "grant_types": ["authorization_code"]},
            {"response_types": ["code"], "grant_types": ["authorization_code", "implicit"]},
            {"response_types": ["id_token"], "grant_types": ["implicit"], "redirect_uris": []},
        ],
    )
    def test_response_types_and_grant_types_go_together(self, world: World, metadata: dict[str, Any]) -> None:
        assert register(world, **metadata).status == 400

    def test_without_legacy_nobody_registers_for_them(self) -> None:
        assert register(World(), response_types=["id_token"], grant_types=["implicit"]).status == 400

    def test_only_clients_for_people_may_use_them(self, world: World) -> None:
        assert world.state.clients["public"].response_types == ("code", *EVERY)
        assert world.state.clients["service"].response_types == ("code",)
        assert CIBA in world.state.clients["web"].grant_types


def register(world: World, **metadata: Any) -> Response:
    body = {"redirect_uris": ["http://127.0.0.1/callback"], "token_endpoint_auth_method": "none", "application_type": "native", **metadata}
    return world.send("POST", "/register", headers={"Content-Type": "application/json"}, body=json.dumps(body).encode())
