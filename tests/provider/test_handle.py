from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.http import Headers, Request
from oauthctl.provider.client import Client
from oauthctl.provider.handle import handle, routes
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.records import Endpoints
from tests.provider.world import CALLBACK, ISSUER, SECRET, START, World, document, practice_state, with_client


@pytest.mark.parametrize("path", sorted(routes(practice_state())))
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "BREW", "get"])
def test_other_methods_are_told_which_ones_are_allowed(path: str, method: str) -> None:
    world = World()
    known = routes(world.state)[path].methods
    if method in known or (method == "HEAD" and "GET" in known):
        return
    response = world.send(method, path)
    assert response.status == 405
    assert response.headers.get("allow") == ", ".join((*known, "HEAD") if "GET" in known else known)
    assert world.state.log[-1].reason == f"{method} is not allowed at {path}"


@pytest.mark.parametrize("path", ["/", "/jwks", "/.well-known/openid-configuration", "/authorize", "/userinfo", "/nowhere"])
def test_head_is_answered_as_get_is(path: str) -> None:
    """Source: RFC 9110 section 9.1: general-purpose servers must support both."""
    told, got = World(), World()
    told.number = got.number
    assert told.send("HEAD", path).status == got.get(path).status
    assert [name for name, _ in told.send("HEAD", path).headers] == [name for name, _ in got.get(path).headers]


@pytest.mark.parametrize(("method", "path", "is_open"), [("GET", "/token", True), ("GET", "/jwks/", True), ("PUT", "/authorize", False)])
def test_programs_are_told_in_json_what_they_got_wrong_and_people_on_a_page(method: str, path: str, is_open: bool) -> None:
    world = World()
    program = world.send(method, path, headers={"Accept": "*/*", "Origin": "https://spa.example"})
    assert document(program)["error"] == world.state.log[-1].error
    assert (program.headers.get("access-control-allow-origin") == "*") is is_open
    page = world.send(method, path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status, page.content_type) == (program.status, "text/html")


def test_a_script_may_ask_whether_it_may_ask_where_nothing_is() -> None:
    world = World()
    headers = {"Origin": "https://spa.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    assert world.send("OPTIONS", "/tokn", headers=headers).headers.get("access-control-allow-methods") == "GET, POST, PUT, DELETE, HEAD"
    assert not world.state.log


def test_an_unknown_path_is_not_found_and_logged() -> None:
    world = World()
    assert world.get("/nowhere").status == 404
    assert (world.state.log[-1].error, world.state.log[-1].reason.partition(";")[0]) == ("not_found", "nothing is at /nowhere")


@pytest.mark.parametrize(
    ("path", "is_open"), [("/token", True), ("/jwks", True), ("/userinfo", True), ("/api/items", True), ("/authorize", False)]
)
def test_scripts_of_other_origins_are_let_in_where_they_belong(path: str, is_open: bool) -> None:
    world = World()
    preflight = world.send("OPTIONS", path, headers={"Origin": "https://spa.example"})
    assert (preflight.status == 204) is is_open
    answer = world.send("POST" if path == "/token" else "GET", path)
    assert ("access-control-allow-origin" in answer.headers) is is_open
    assert "access-control-allow-credentials" not in answer.headers


@given(
    method=st.sampled_from(["GET", "POST"]),
    path=st.sampled_from(sorted(routes(practice_state()))),
    query=st.text(max_size=80),
    headers=st.lists(st.tuples(st.sampled_from(["Authorization", "Cookie", "Content-Type", "Accept"]), st.text(max_size=60)), max_size=4),
    body=st.binary(max_size=200),
)
def test_no_request_breaks_the_provider(method: str, path: str, query: str, headers: list[tuple[str, str]], body: bytes) -> None:
    state = practice_state()
    request = Request(method, f"{ISSUER}{path}?{query}", Headers(tuple(headers)), body)
    after, response = handle(state, request, Moment(START, b"x" * 32))
    assert 200 <= response.status < 500
    assert not [value for _, value in response.headers if "\r" in value or "\n" in value]
    assert not after.codes
    assert not after.access_tokens


def test_the_same_moment_gives_the_same_answer() -> None:
    state = practice_state()
    request = Request("GET", f"{ISSUER}/authorize?client_id=public&response_type=code&redirect_uri={CALLBACK}&code_challenge={'x' * 43}")
    moment = Moment(datetime(2026, 1, 1, tzinfo=UTC), b"y" * 32)
    assert handle(state, request, moment) == handle(state, request, moment)


def test_a_moment_gives_another_token_for_each_purpose() -> None:
    moment = Moment(START, b"x" * 32)
    other = Moment(START, b"y" * 32)
    assert len({moment.token("a"), moment.token("b"), other.token("a")}) == 3
    assert moment.token("a") == moment.token("a")
    assert len(moment.token("a")) == 43
    assert "x" * 8 not in repr(moment)
    assert len(digest("\ud800")) == 64


def test_paths_and_scopes_can_be_those_of_another_provider() -> None:
    paths = Endpoints(authorize="/api/v2/oauth2/authorize", token="/api/v2/oauth2/token", userinfo="/api/v2/oauth2/userinfo")
    scopes = {"source:w": "Write sources", "offline_access": "Stay signed in"}
    state = practice_state(endpoints=paths, scopes=scopes, scope_aliases={"source:w": ("items.read", "items.write")})
    for client_id in ("public", "web"):
        state = with_client(state, client_id, scopes=tuple(scopes), always_gets_refresh_token=False)
    world = World(state)
    assert document(world.get("/.well-known/openid-configuration"))["token_endpoint"] == ISSUER + "/api/v2/oauth2/token"
    assert world.get("/token").status == 404
    for client_id, secret in (("public", ""), ("web", SECRET)):
        without = document(world.redeem(world.code(client_id=client_id, scope="source:w"), client_id=client_id, secret=secret))
        assert "refresh_token" not in without
        code = world.code(client_id=client_id, scope="source:w offline_access")
        tokens = document(world.redeem(code, client_id=client_id, secret=secret))
        assert "refresh_token" in tokens
        assert world.get("/api/items", Authorization=f"Bearer {tokens['access_token']}").status == 200


def test_secrets_do_not_show_in_a_printed_state() -> None:
    state = practice_state()
    state = replace(state, clients={**state.clients, "x": Client("x", secret="hush-hush")})
    assert "hush-hush" not in repr(state)
    assert SECRET not in repr(state)
