"""`oauthctl logout`: each step is told, and the tokens are gone however it went."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest

from oauthctl.http import Params, Request, Response
from oauthctl.store import tokens as token_store
from tests.cli.scripted import SECRET, Answer, Home, Scripted, reply, scripted


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(revocation=reply(200)) as running:
        yield running


@pytest.fixture
def home(server: Scripted, tmp_path: Path) -> Home:
    return Home(tmp_path, server)


def url_of(err: str) -> str:
    """The URL that stands alone on a line."""
    (found,) = [line for line in err.splitlines() if line.startswith("http")]
    return found


def test_each_step_is_told(home: Home) -> None:
    home.hold(id_token="e30.e30.c2ln")
    ran = home.run("logout")
    assert (ran.code, ran.out) == (0, "")
    said = [line.partition(":")[0] for line in ran.err.splitlines() if ":" in line and not line.startswith("http")]
    assert said == [
        "revoke refresh token",
        "revoke access token",
        "open this page to end the session at the provider",
        "end session",
        "forget",
    ]
    assert home.tokens is None
    assert not home.tokens_path.exists()


def test_the_refresh_token_is_revoked_first(home: Home) -> None:
    home.hold()
    home.run("logout")
    sent = [request.form.pairs for request in home.server.asked("/revocation")]
    assert sent == [
        (("token", "rt-held-0"), ("token_type_hint", "refresh_token"), ("client_id", "app")),
        (("token", "at-held-0"), ("token_type_hint", "access_token"), ("client_id", "app")),
    ]


def test_a_confidential_client_authenticates(home: Home) -> None:
    home.hold()
    home.run("logout", environ={"OAUTHCTL_CLIENT_SECRET": SECRET})
    assert all((request.headers.get("authorization") or "").startswith("Basic ") for request in home.server.asked("/revocation"))


@pytest.mark.parametrize(
    ("announced", "in_profile", "in_environment", "header"),
    [
        (None, "", "", True),
        (None, "client_secret_post", "", False),
        (["client_secret_basic"], "client_secret_post", "", True),
        (["client_secret_post"], "client_secret_basic", "", False),
        (["client_secret_post"], "", "", False),
        (["private_key_jwt"], "client_secret_post", "", False),
        ("client_secret_post", "", "", True),
        (["client_secret_basic"], "", "client_secret_post", False),
    ],
)
def test_the_revocation_endpoint_says_how_it_wants_the_secret(
    home: Home, announced: object, in_profile: str, in_environment: str, header: bool
) -> None:
    home.server.metadata |= {"revocation_endpoint_auth_methods_supported": announced} if announced else {}
    home.profile(client_auth=in_profile)
    home.hold()
    environ = {"OAUTHCTL_CLIENT_SECRET": SECRET} | ({"OAUTHCTL_CLIENT_AUTH": in_environment} if in_environment else {})
    assert home.run("logout", environ=environ).code == 0
    for request in home.server.asked("/revocation"):
        assert ("authorization" in request.headers) == header
        assert request.form.get("client_secret") == (None if header else SECRET)


def test_the_end_session_url_names_the_client_and_holds_no_token(home: Home) -> None:
    home.hold(id_token="e30.e30.c2ln")
    ran = home.run("logout")
    found = url_of(ran.err)
    assert found.startswith(f"{home.server.issuer}/end_session?")
    assert Params.parse(found.partition("?")[2]).pairs == (("client_id", "app"),)
    assert "so the provider may ask" in ran.err
    assert "c2ln" not in ran.err


def browsing(folder: Path) -> dict[str, str]:
    """An environment whose browser writes down its command line, and goes where it is told to."""
    program = folder / "browser.py"
    program.write_text(
        "import pathlib, sys, urllib.request\n"
        f"pathlib.Path({str(folder / 'argv')!r}).write_text(repr(sys.argv))\n"
        "urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1]).read()\n"
    )
    return {"BROWSER": f"{sys.executable} {program} %s", "SSH_CONNECTION": ""}


@pytest.mark.skipif(os.name != "posix", reason="Windows knows no BROWSER")
def test_the_id_token_is_in_the_printed_url_where_that_is_asked_for(home: Home) -> None:
    home.hold(id_token="e30.e30.c2ln")
    told = home.run("logout", "--no-browser", "--show-secrets").err
    assert url_of(told) == f"{home.server.issuer}/end_session?id_token_hint=e30.e30.c2ln&client_id=app"
    home.hold(id_token="e30.e30.c2ln")
    told = home.run("logout", "--no-browser").err
    assert "id_token_hint=" not in told
    assert "`--show-secrets` puts the ID token in (`id_token_hint`)" in told


def test_the_browser_brings_the_id_token_and_no_command_line_holds_it(home: Home) -> None:
    came, still_held = Event(), []

    def end(request: Request) -> Response:
        still_held.append(home.tokens)
        came.set()
        return reply(200, "bye", kind="text/html")(request)

    home.server.answers["/end_session"] = end
    home.hold(id_token="e30.e30.c2lnbmF0dXJl")
    ran = home.run("logout", stdin=None, environ=browsing(home.folder))
    assert ran.code == 0, ran.err
    assert "end session: opened in the browser" in ran.err
    assert came.wait(10)
    assert still_held == [None], "a Ctrl-C at this moment leaves no dead tokens behind"
    (request,) = home.server.asked("/end_session")
    assert request.query.pairs == (("id_token_hint", "e30.e30.c2lnbmF0dXJl"), ("client_id", "app"))
    argv = (home.folder / "argv").read_text()
    assert "http://127.0.0.1:" in argv
    assert "c2ln" not in argv + ran.err + ran.out + home.recordings


@pytest.mark.skipif(os.name != "posix", reason="Windows knows no BROWSER")
def test_a_browser_that_does_not_come_leaves_the_page_to_the_person(home: Home) -> None:
    home.hold(id_token="e30.e30.c2ln")
    ran = home.run("logout", "--timeout", "0.5", stdin=None, environ={"BROWSER": "/bin/true %s", "SSH_CONNECTION": ""})
    assert ran.code == 0, ran.err
    assert url_of(ran.err) == f"{home.server.issuer}/end_session?client_id=app"


def test_the_id_token_of_the_url_is_not_in_the_recording(home: Home) -> None:
    home.hold(id_token="e30.e30.c2lnbmF0dXJl")
    home.run("logout")
    assert home.recordings
    for secret in ("c2lnbmF0dXJl", "at-held-0", "rt-held-0"):
        assert secret not in home.recordings


def test_the_url_is_printed_even_when_it_is_quiet(home: Home) -> None:
    home.hold()
    assert url_of(home.run("logout", "--quiet").err)


def test_json_reports_the_steps(home: Home) -> None:
    home.hold()
    ran = home.run("logout", "--json")
    document = json.loads(ran.out)
    assert document["profile"] == "work"
    assert [(step["step"], step["done"]) for step in document["steps"]] == [
        ("revoke refresh token", True),
        ("revoke access token", True),
        ("end session", None),
        ("forget", True),
    ]


def test_a_second_logout_has_no_tokens(home: Home) -> None:
    home.hold()
    assert home.run("logout").code == 0
    ran = home.run("logout")
    assert (ran.code, ran.out) == (2, "")
    assert "error[no-tokens]" in ran.err
    assert "work" in home.run("profile", "list").out


def test_what_the_provider_does_not_have_is_told_and_no_failure(home: Home) -> None:
    home.server.leaves_out |= {"revocation_endpoint", "end_session_endpoint"}
    home.hold(refresh_token="")
    ran = home.run("logout")
    assert ran.code == 0
    assert "revoke refresh token: there is none" in ran.err
    assert "names no `revocation_endpoint`" in ran.err
    assert "names no `end_session_endpoint`" in ran.err
    assert home.tokens is None
    assert home.server.paths == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (reply(400, {"error": "unsupported_token_type"}), 4),
        (reply(401, {"error": "invalid_client"}), 4),
        (reply(503, "down"), 3),
        (reply(404, "<html>", kind="text/html"), 3),
        (reply(302, Location="https://evil.example/"), 3),
        (reply(200, "<html>", kind="text/html"), 0),
    ],
)
def test_a_revocation_that_is_not_done_is_told_and_the_tokens_are_forgotten(home: Home, answer: Answer, code: int) -> None:
    home.server.answers["/revocation"] = answer
    home.hold()
    ran = home.run("logout")
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.count("not done: ") == (2 if code else 0)
    assert "forget: the tokens are deleted here" in ran.err
    assert home.tokens is None


def test_one_refusal_of_two_counts(home: Home) -> None:
    home.server.answers["/revocation"] = [reply(200), reply(400, {"error": "unsupported_token_type"})]
    home.hold()
    ran = home.run("logout", "--json")
    assert ran.code == 4
    assert [step["done"] for step in json.loads(ran.out)["steps"]] == [True, False, None, True]


def test_secrets_that_a_refusal_echoes_are_masked(home: Home) -> None:
    def echo(request: Request) -> Response:
        return reply(400, {"error": f"bad_{request.form.get('token')}"})(request)

    home.server.answers["/revocation"] = echo
    home.hold()
    ran = home.run("logout")
    assert "rt-held-0" not in ran.err
    assert "at-held-0" not in ran.err


def test_an_unreachable_provider_keeps_nobody_signed_in(home: Home) -> None:
    home.profile(issuer="http://127.0.0.1:9")
    home.hold(issuer="http://127.0.0.1:9")
    ran = home.run("logout")
    assert (ran.code, ran.out) == (3, "")
    assert "revoke: not done: " in ran.err
    assert home.tokens is None


def test_a_secret_that_is_missing_keeps_nobody_signed_in(home: Home) -> None:
    home.profile(client_secret_env="NOT_SET_AT_ALL")
    home.hold()
    ran = home.run("logout")
    assert ran.code == 2
    assert "NOT_SET_AT_ALL" in ran.err
    assert home.tokens is None


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "not a url", 7, ["https://op.example/"]])
@pytest.mark.parametrize("name", ["end_session_endpoint", "revocation_endpoint"])
def test_an_endpoint_that_is_no_url_keeps_nobody_signed_in(home: Home, name: str, url: object) -> None:
    home.server.metadata[name] = url
    home.hold()
    ran = home.run("logout")
    assert ran.code in (0, 2, 3)
    assert "javascript" not in ran.out
    assert "forget: " in ran.err
    assert home.tokens is None


def test_tokens_that_do_not_fit_the_profile_any_more_can_be_given_up(home: Home) -> None:
    """The scopes of the profile were changed after the login: the tokens are this client's at this provider all the same."""
    home.hold()
    home.profile(scope=("something.else",))
    ran = home.run("logout")
    assert ran.code == 0, ran.err
    assert len(home.server.asked("/revocation")) == 2
    assert home.tokens is None


@pytest.mark.parametrize("changes", [{"client_id": "another"}, {"issuer": "http://127.0.0.1:9"}])
def test_tokens_of_another_server_or_client_are_forgotten_and_sent_to_nobody(home: Home, changes: dict[str, str]) -> None:
    home.hold()
    home.profile(**changes)
    ran = home.run("logout")
    assert ran.code == 2
    assert "revoke: not done: " in ran.err
    assert home.server.requests == []
    assert home.tokens is None


def test_tokens_are_not_sent_to_another_providers_revocation(home: Home) -> None:
    """The issuer's metadata names another token endpoint than the tokens came from."""
    home.hold(token_endpoint="https://as.example/token")
    ran = home.run("logout")
    assert ran.code == 2
    assert home.server.asked("/revocation") == []
    assert home.tokens is None


def test_tokens_of_a_refresh_that_is_under_way_are_given_up_too(home: Home) -> None:
    """Another process holds the lock, and writes what it got while we wait."""
    stale = home.hold()
    holds = Event()

    def other() -> None:
        with token_store.lock(home.locations, "work", timeout_seconds=5):
            holds.set()
            Event().wait(0.2)
            token_store.write(home.locations, "work", replace(stale, access_token="at-new", refresh_token="rt-new"))

    thread = Thread(target=other)
    thread.start()
    holds.wait(5)
    assert home.run("logout").code == 0
    thread.join()
    assert home.tokens is None
    assert [request.form.get("token") for request in home.server.asked("/revocation")] == ["rt-new", "at-new"]


def test_each_revocation_is_proven_or_said_not_to_be(home: Home) -> None:
    home.server.answers["/userinfo"] = reply(401, {}, WWW_Authenticate='Bearer error="invalid_token"')
    home.server.answers["/token"] = reply(400, {"error": "invalid_grant"})
    home.hold()
    ran = home.run("logout", "--json")
    assert ran.code == 0
    steps = {step["step"]: step for step in json.loads(ran.out)["steps"]}
    assert {name: step.get("proven") for name, step in steps.items()} == {
        "revoke refresh token": True,
        "revoke access token": True,
        "end session": None,
        "forget": True,
    }
    assert steps["revoke refresh token"]["evidence"] == "a refresh is refused with `invalid_grant`"
    assert steps["revoke access token"]["evidence"] == "the userinfo endpoint refuses it with 401 `invalid_token`"


def test_introspection_proves_it_where_there_is_one(home: Home) -> None:
    home.server.metadata["introspection_endpoint"] = f"{home.server.issuer}/introspection"
    home.server.answers["/introspection"] = reply(200, {"active": False})
    home.hold()
    ran = home.run("logout", environ={"OAUTHCTL_CLIENT_SECRET": SECRET})
    assert ran.code == 0
    assert ran.err.count("done; proven: introspection says that it is not active") == 2
    assert home.server.asked("/userinfo") == []


def test_a_token_that_survives_its_revocation_is_told(home: Home) -> None:
    home.server.answers["/userinfo"] = reply(200, {"sub": "alice"})
    home.hold(refresh_token="")
    ran = home.run("logout")
    assert ran.code == 1
    assert "revoke access token: done; still good: the userinfo endpoint still takes it" in ran.err
    assert home.tokens is None
