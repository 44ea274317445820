"""`oauthctl userinfo`: the claims, and whose they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from oauthctl.jose.jwk import generate
from oauthctl.jose.sign import sign
from tests.cli.scripted import Answer, Home, Scripted, granting, reply, scripted

KEY = generate("ES256")
CLAIMS: dict[str, object] = {"sub": "alice", "name": "Alice", "email_verified": True, "address": {"locality": "Springfield"}, "odd": None}


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(token=granting(refresh_token="rt-fresh-1"), userinfo=reply(200, CLAIMS)) as running:
        yield running


@pytest.fixture
def home(server: Scripted, tmp_path: Path) -> Home:
    return Home(tmp_path, server)


def jwt(claims: dict[str, object]) -> str:
    return sign(claims, KEY)


def test_each_claim_is_a_line(home: Home) -> None:
    home.hold(subject="alice")
    ran = home.run("userinfo")
    assert (ran.code, ran.err) == (0, "")
    cells = [row.split("\t") for row in ran.out.splitlines()]
    assert [(name, value) for name, value, _ in cells] == [
        ("sub", "alice"),
        ("name", "Alice"),
        ("email_verified", "true"),
        ("address", '{"locality": "Springfield"}'),
        ("odd", "null"),
    ]
    assert all(meaning for name, _, meaning in cells if name != "odd")
    (request,) = home.server.asked("/userinfo")
    assert (request.method, request.headers.get("authorization")) == ("GET", "Bearer at-held-0")


def test_json_is_what_the_provider_said(home: Home) -> None:
    home.hold(subject="alice")
    assert json.loads(home.run("userinfo", "--json").out) == CLAIMS


def test_claims_of_a_jwt(home: Home) -> None:
    home.server.answers["/userinfo"] = reply(200, jwt(CLAIMS), kind="application/jwt")
    home.server.answers["/jwks"] = reply(200, {"keys": [KEY.public().as_dict()]})
    home.hold(subject="alice")
    assert json.loads(home.run("userinfo", "--json").out) == CLAIMS


@pytest.mark.parametrize("claims", [{"sub": "bob"}, {"name": "nobody"}, {"sub": ["alice"]}])
@pytest.mark.parametrize("as_jwt", [False, True])
def test_claims_of_somebody_else_are_refused(home: Home, claims: dict[str, object], as_jwt: bool) -> None:
    home.server.answers["/userinfo"] = reply(200, jwt(claims), kind="application/jwt") if as_jwt else reply(200, claims)
    home.server.answers["/jwks"] = reply(200, {"keys": [KEY.public().as_dict()]})
    home.hold(subject="alice")
    ran = home.run("userinfo")
    assert (ran.code, ran.out) == (1, "")
    assert "error[userinfo-subject-differs]" in ran.err


def test_an_ended_token_is_refreshed_before(home: Home) -> None:
    home.hold(seconds=-1, subject="alice")
    assert home.run("userinfo").code == 0
    assert home.server.paths == ["/token", "/userinfo"]
    assert home.server.asked("/userinfo")[0].headers.get("authorization") == "Bearer at-fresh-1"


def test_without_a_refresh_token_the_provider_has_the_word(home: Home) -> None:
    home.server.answers["/userinfo"] = reply(401, WWW_Authenticate='Bearer error="invalid_token", error_description="at-held-0 ended"')
    home.hold(seconds=-1, refresh_token="")
    ran = home.run("userinfo")
    assert (ran.code, ran.out) == (4, "")
    assert "`invalid_token`" in ran.err
    assert "at-held-0" not in ran.err


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (reply(200, "<html>sign in</html>", kind="text/html"), 3),
        (reply(200, "[1, 2]"), 3),
        (reply(200, "not.a.jwt", kind="application/jwt"), 3),
        (reply(200, b"\xff" * 1000), 3),
        (reply(200, b" " * (2 * 1024 * 1024)), 3),
        (reply(302, Location="https://evil.example/"), 3),
        (reply(500, "down"), 3),
        (reply(403, "no"), 4),
    ],
)
def test_an_answer_that_holds_no_claims(home: Home, answer: Answer, code: int) -> None:
    home.server.answers["/userinfo"] = answer
    home.hold(subject="alice")
    ran = home.run("userinfo")
    assert (ran.code, ran.out) == (code, "")
    assert "at-held-0" not in ran.err


def test_a_provider_without_userinfo_is_told(home: Home) -> None:
    home.server.leaves_out.add("userinfo_endpoint")
    home.hold()
    ran = home.run("userinfo")
    assert (ran.code, ran.out) == (3, "")
    assert "no `userinfo_endpoint` is known" in ran.err


@pytest.mark.parametrize("url", ["file:///etc/passwd", "javascript:alert(1)", "//host/path", "http://[broken/"])
def test_an_endpoint_that_is_no_url_is_not_asked(home: Home, url: str) -> None:
    home.server.metadata["userinfo_endpoint"] = url
    home.hold()
    ran = home.run("userinfo")
    assert (ran.code, ran.out) == (3, "")
    assert "error[endpoint-unusable]" in ran.err


def test_control_characters_of_a_claim_do_not_reach_a_terminal(home: Home) -> None:
    home.server.answers["/userinfo"] = reply(200, {"sub": "alice", "name": "A\x1b[2J\nB"})
    home.hold(subject="alice")
    assert "\x1b[2J" not in home.run("userinfo", columns=60).out
    assert len(home.run("userinfo").out.splitlines()) == 2


def test_tokens_that_do_not_fit_the_profile_are_not_sent(home: Home) -> None:
    home.hold()
    home.profile(client_id="another")
    ran = home.run("userinfo", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert json.loads(ran.err)["error"]["slug"] == "tokens-mismatch"
    assert home.server.requests == []


def test_the_recording_holds_no_token(home: Home) -> None:
    home.hold(seconds=-1, subject="alice")
    assert home.run("userinfo").code == 0
    for secret in ("at-held-0", "at-fresh-1", "rt-held-0", "rt-fresh-1"):
        assert secret not in home.recordings
