"""`oauthctl token`: one line on stdout or none, and when it asks whom."""

from __future__ import annotations

import io
import json
import os
import shlex
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest

from oauthctl.cli.main import main
from oauthctl.cli.terminal import Terminal
from oauthctl.http import Request, Response
from oauthctl.store import tokens as token_store
from tests.cli.person import isolated
from tests.cli.running import Screen
from tests.cli.scripted import SECRET, Answer, Home, Scripted, granting, reply, scripted


class Closed(io.StringIO):
    """A pipe whose reader is gone."""

    def write(self, _text: str) -> int:
        raise BrokenPipeError


def test_a_fresh_token_is_printed_alone_and_nobody_is_asked(home: Home) -> None:
    home.hold()
    ran = home.run("token")
    assert (ran.code, ran.out, ran.err) == (0, "at-held-0\n", "")
    assert home.server.requests == []
    assert not (home.folder / "state" / "recordings").exists()


def test_a_token_without_an_expiry_is_taken_to_be_good(home: Home) -> None:
    home.hold(seconds=None)
    assert home.run("token", "--min-ttl", "99999").out == "at-held-0\n"


@pytest.mark.parametrize(
    ("form", "expected"),
    [("bare", "a.b-c"), ("header", "Authorization: Bearer a.b-c"), ("env", "ACCESS_TOKEN=a.b-c")],
)
def test_formats(home: Home, form: str, expected: str) -> None:
    home.hold(access_token="a.b-c", token_type="bearer")
    assert home.run("token", "--format", form).out == expected + "\n"


def test_the_env_format_survives_a_shell(home: Home) -> None:
    home.hold(access_token="a$(b)'c;d")
    (word,) = shlex.split(home.run("token", "--format", "env").out)
    assert word == "ACCESS_TOKEN=a$(b)'c;d"


def test_the_header_keeps_a_scheme_that_is_not_bearer(home: Home) -> None:
    home.hold(token_type="DPoP")
    assert home.run("token", "--format", "header").out == "Authorization: DPoP at-held-0\n"


def test_the_json_format_is_one_line(home: Home) -> None:
    held = home.hold()
    ran = home.run("token", "--format", "json")
    assert ran.out.count("\n") == 1
    document = json.loads(ran.out)
    assert held.expires_at is not None
    assert document == {
        "access_token": "at-held-0",
        "token_type": "Bearer",
        "expires_at": f"{held.expires_at:%Y-%m-%dT%H:%M:%SZ}",
        "scope": ["openid", "items.read"],
    }
    assert datetime.fromisoformat(document["expires_at"]).tzinfo == UTC


def test_an_unknown_format_is_a_usage_error(home: Home) -> None:
    home.hold()
    ran = home.run("token", "--format", "yaml")
    assert (ran.code, ran.out) == (2, "")


@pytest.mark.parametrize(("seconds", "min_ttl", "asks"), [(300, "", 0), (30, "", 1), (30, "10", 0), (300, "600", 1), (-5, "0", 1)])
def test_it_refreshes_when_less_than_min_ttl_is_left(home: Home, seconds: float, min_ttl: str, asks: int) -> None:
    home.hold(seconds=seconds)
    ran = home.run("token", *(("--min-ttl", min_ttl) if min_ttl else ()))
    assert (ran.code, ran.out) == (0, "at-fresh-1\n" if asks else "at-held-0\n")
    assert len(home.server.asked("/token")) == asks


def test_a_refresh_sends_the_refresh_token_and_keeps_the_new_ones(home: Home) -> None:
    home.hold(seconds=-1)
    assert home.run("token").out == "at-fresh-1\n"
    (request,) = home.server.asked("/token")
    assert request.form.pairs == (("grant_type", "refresh_token"), ("refresh_token", "rt-held-0"), ("client_id", "app"))
    kept = home.tokens
    assert kept is not None
    assert (kept.access_token, kept.refresh_token, kept.scope) == ("at-fresh-1", "rt-fresh-1", ("openid", "items.read"))
    assert home.run("token").out == "at-fresh-1\n"
    assert len(home.server.asked("/token")) == 1


def test_a_refresh_that_gives_no_refresh_token_keeps_the_old_one(home: Home) -> None:
    home.server.answers["/token"] = granting()
    home.hold(seconds=-1, id_token="e30.e30.x", subject="alice")
    assert home.run("token").code == 0
    assert home.tokens is not None
    assert (home.tokens.refresh_token, home.tokens.id_token) == ("rt-held-0", "e30.e30.x")


def test_a_rotated_refresh_token_is_on_the_disk_even_when_stdout_is_gone(home: Home) -> None:
    """Whoever reads the pipe may be dead; the refresh token that came may be the only one that is good."""
    home.hold(seconds=-1)

    main(["token"], Terminal(io.StringIO(), Closed(), io.StringIO(), isolated(home.folder)))
    assert home.tokens is not None
    assert home.tokens.refresh_token == "rt-fresh-1"


def test_what_another_process_fetched_meanwhile_is_used_without_asking(home: Home) -> None:
    """The other process writes while ours is between its first look and the lock: here, while ours asks for the lock."""
    stale = home.hold(seconds=-1)
    fresh = replace(stale, access_token="at-of-another", refresh_token="rt-of-another", expires_at=datetime(2999, 1, 1, tzinfo=UTC))
    holds, done = Event(), Event()

    def other() -> None:
        with token_store.lock(home.locations, "work", timeout_seconds=5):
            holds.set()
            done.wait(0.2)
            token_store.write(home.locations, "work", fresh)

    thread = Thread(target=other)
    thread.start()
    holds.wait(5)
    ran = home.run("token")
    done.set()
    thread.join()
    assert (ran.code, ran.out) == (0, "at-of-another\n")
    assert home.server.requests == []


def test_a_refused_refresh_names_the_login_command(home: Home) -> None:
    home.server.answers["/token"] = reply(400, {"error": "invalid_grant", "error_description": "it was used before"})
    home.hold(seconds=-1)
    ran = home.run("token")
    assert (ran.code, ran.out) == (4, "")
    assert "`oauthctl login work`" in ran.err
    assert "it was used before" in ran.err
    assert home.tokens is not None
    assert home.tokens.refresh_token == "rt-held-0"


def test_without_a_refresh_token_an_ended_token_is_a_usage_error(home: Home) -> None:
    home.hold(seconds=-1, refresh_token="")
    ran = home.run("token")
    assert (ran.code, ran.out) == (2, "")
    assert "error[no-refresh-token]" in ran.err
    assert "has ended" in ran.err
    assert "oauthctl login work" in ran.err
    assert home.server.requests == []


def test_without_a_refresh_token_the_time_that_is_left_is_told(home: Home) -> None:
    """A token that has not ended is not said to have."""
    home.hold(seconds=30, refresh_token="")
    ran = home.run("token")
    assert (ran.code, ran.out) == (2, "")
    assert "lasts 30 s more" in ran.err or "lasts 29 s more" in ran.err
    assert "--min-ttl" in ran.err
    assert home.run("token", "--min-ttl", "5").out == "at-held-0\n"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"scope": ("openid", "items.write")}, "scope"),
        ({"scope": ()}, "scope"),
        ({"resource": ("https://api.example.com/",)}, "resource"),
        ({"audience": "billing"}, "audience"),
        ({"issuer": "http://127.0.0.1:9/"}, "issuer"),
        ({"client_id": "another"}, "client"),
        ({"endpoints": (("token_endpoint", "http://127.0.0.1:9/token"),)}, "they came from"),
    ],
)
@pytest.mark.parametrize("seconds", [3600, -1])
def test_tokens_that_do_not_fit_the_profile_are_never_used(home: Home, changes: dict[str, object], word: str, seconds: float) -> None:
    home.hold(seconds=seconds)
    home.profile(**changes)
    ran = home.run("token")
    assert (ran.code, ran.out) == (2, "")
    assert "error[tokens-mismatch]" in ran.err
    assert word in ran.err
    assert "oauthctl login work" in ran.err
    assert home.server.requests == []


def test_the_order_of_scopes_is_no_difference(home: Home) -> None:
    home.hold()
    home.profile(scope=("items.read", "openid"))
    assert home.run("token").out == "at-held-0\n"


def test_a_refresh_token_goes_to_no_other_token_endpoint(home: Home) -> None:
    """The issuer's metadata was changed: the refresh token stays here."""
    home.hold(seconds=-1, token_endpoint="https://as.example/old/token")
    ran = home.run("token")
    assert (ran.code, ran.out) == (2, "")
    assert "error[tokens-mismatch]" in ran.err
    assert home.server.asked("/token") == []


def test_a_damaged_file_is_set_aside(home: Home) -> None:
    home.hold()
    home.tokens_path.write_text("{not json")
    ran = home.run("token")
    assert (ran.code, ran.out) == (2, "")
    assert "is damaged" in ran.err
    assert "error[no-tokens]" in ran.err
    (aside,) = home.tokens_path.parent.glob("*.damaged-*")
    assert aside.read_text() == "{not json"
    assert not home.tokens_path.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_loose_permissions_are_said_and_mended(home: Home) -> None:
    home.hold()
    home.tokens_path.chmod(0o644)
    ran = home.run("token")
    assert (ran.code, ran.out) == (0, "at-held-0\n")
    assert ran.err.startswith("warning: ")
    assert stat.S_IMODE(home.tokens_path.stat().st_mode) == 0o600
    assert home.run("token").err == ""


@pytest.mark.parametrize(
    "argv", [("token",), ("token", "--profile", "nobody"), ("token", "--profile", "../x"), ("token", "--min-ttl", "x")]
)
def test_stdout_is_empty_when_there_is_nothing_to_print(home: Home, argv: tuple[str, ...]) -> None:
    ran = home.run(*argv)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err


BAD_ANSWERS = [
    (reply(200, "<html>sign in</html>", kind="text/html"), 3),
    (reply(200, b"\xff\xfe\x00\x01" * 100, kind="application/json"), 3),
    (reply(200, {"token_type": "Bearer"}), 3),
    (reply(200, {"access_token": ["a"]}), 3),
    (reply(200, "[" * 100_000), 3),
    (reply(200, b"x" * (2 * 1024 * 1024)), 3),
    (reply(503, "later", kind="text/plain"), 3),
    (reply(302, Location="https://evil.example/"), 3),
    (reply(401, {"error": "invalid_client"}), 4),
]


@pytest.mark.parametrize(("answer", "code"), BAD_ANSWERS)
def test_an_answer_that_cannot_be_used_leaves_stdout_empty_and_the_tokens_as_they_were(home: Home, answer: Answer, code: int) -> None:
    home.server.answers["/token"] = answer
    before = home.hold(seconds=-1)
    ran = home.run("token")
    assert (ran.code, ran.out) == (code, ""), ran.err
    assert home.tokens is not None
    # That it was asked for is remembered: an answer of no use may have used up the refresh token.
    assert replace(home.tokens, refresh_began_at=None) == before
    assert "rt-held-0" not in ran.err


@pytest.mark.parametrize("token", ["two\nlines", "steer\x1b[2J", "ünusual"])
@pytest.mark.parametrize("form", ["bare", "header", "env", "json"])
def test_a_token_that_no_header_can_carry_is_not_printed(home: Home, token: str, form: str) -> None:
    """The refresh token that came with it is kept: the one before may be used up."""
    home.server.answers["/token"] = granting(token, refresh_token="rt-fresh-1")
    home.hold(seconds=-1)
    for _ in range(2):
        ran = home.run("token", "--format", form)
        assert (ran.code, ran.out) == (3, "")
        assert "error[access-token-unusable]" in ran.err
        assert token not in ran.err
    assert home.tokens is not None
    assert home.tokens.refresh_token == "rt-fresh-1"


def test_an_unreachable_provider_is_told_apart(home: Home) -> None:
    home.profile(issuer="http://127.0.0.1:9", scope=())
    home.hold(seconds=-1, issuer="http://127.0.0.1:9", token_endpoint="", scope=())
    ran = home.run("token")
    assert (ran.code, ran.out) == (3, "")


def environment(server: Scripted, **more: str) -> dict[str, str]:
    return {"OAUTHCTL_ISSUER": server.issuer, "OAUTHCTL_CLIENT_ID": "service", "OAUTHCTL_CLIENT_SECRET": SECRET} | more


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).parts[1] for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("environ", [{}, {"OAUTHCTL_GRANT": "client_credentials"}])
def test_a_ci_script_needs_variables_alone_and_leaves_recordings_alone(home: Home, environ: dict[str, str]) -> None:
    argv = () if environ else ("--grant", "client_credentials")
    ran = home.run("token", *argv, environ=environment(home.server, CI="true") | environ)
    assert (ran.code, ran.out) == (0, "at-fresh-1\n"), ran.err
    assert files(home.folder) == {"recordings"}
    assert SECRET not in home.recordings
    assert "at-fresh-1" not in home.recordings


def test_the_clients_own_token_with_scope_audience_and_resource(home: Home) -> None:
    argv = (
        "--grant",
        "client_credentials",
        "-s",
        "items.read items.write",
        "--audience",
        "billing",
        "--resource",
        "https://api.example.com/",
    )
    assert home.run("token", *argv, environ=environment(home.server)).code == 0
    (request,) = home.server.asked("/token")
    sent = dict(request.form.pairs)
    assert sent == {
        "grant_type": "client_credentials",
        "scope": "items.read items.write",
        "audience": "billing",
        "resource": "https://api.example.com/",
    }
    assert (request.headers.get("authorization") or "").startswith("Basic ")


def test_scope_audience_and_resource_come_from_the_environment_too(home: Home) -> None:
    more = {"OAUTHCTL_SCOPE": "a b", "OAUTHCTL_AUDIENCE": "x", "OAUTHCTL_RESOURCE": "https://r.example/"}
    assert home.run("token", "--grant", "client_credentials", environ=environment(home.server, **more)).code == 0
    sent = home.server.asked("/token")[0].form
    assert (sent.get("scope"), sent.get("audience"), sent.get("resource")) == ("a b", "x", "https://r.example/")


def test_a_client_that_is_not_named_is_told_before_anything_is_sent(home: Home) -> None:
    environ = {"OAUTHCTL_ISSUER": home.server.issuer, "OAUTHCTL_CLIENT_SECRET": SECRET}
    ran = home.run("token", "--grant", "client_credentials", environ=environ)
    assert (ran.code, "error[no-client]" in ran.err) == (2, True)
    assert home.server.requests == []


def test_scopes_are_asked_for_once_and_those_that_nobody_asked_for_are_told(home: Home) -> None:
    home.server.answers["/token"] = granting(scope="openid email admin")
    argv = ("token", "--grant", "client_credentials", "--scope", "openid openid email")
    ran = home.run(*argv, environ=environment(home.server))
    assert (ran.code, ran.out) == (0, "at-fresh-1\n")
    assert ran.err == "warning: granted and not asked for: `admin`\n"
    assert home.server.asked("/token")[0].form.get("scope") == "openid email"


@pytest.mark.parametrize("refresh_token", [None, "rt-that-is-against-the-rules"])
def test_a_profiles_own_token_is_asked_for_once(home: Home, refresh_token: str | None) -> None:
    """RFC 6749 section 4.4.3: "A refresh token SHOULD NOT be included"; where it is, the token is the client's all the same."""
    home.server.answers["/token"] = granting(refresh_token=refresh_token)
    home.profile(grant="client_credentials", client_id="service", scope=("items.read",))
    for _ in range(2):
        assert home.run("token", environ={"OAUTHCTL_CLIENT_SECRET": SECRET}).out == "at-fresh-1\n"
    assert len(home.server.asked("/token")) == 1
    assert home.run("token", "--min-ttl", "7200", environ={"OAUTHCTL_CLIENT_SECRET": SECRET}).out == "at-fresh-1\n"
    assert len(home.server.asked("/token")) == 2


def test_another_issuer_in_the_environment_puts_the_profile_aside(home: Home) -> None:
    """The profile's secret and tokens belong to the server of the profile."""
    kept = home.folder / "kept-secret"
    kept.write_text("the-profiles-own-secret")
    with scripted(token=granting("at-elsewhere")) as other:
        home.profile(client_secret_file=str(kept), client_id="work-client")
        home.hold(client_id="work-client")
        environ = {"OAUTHCTL_ISSUER": other.issuer, "OAUTHCTL_CLIENT_ID": "service", "OAUTHCTL_GRANT": "client_credentials"}
        ran = home.run("token", environ=environ | {"OAUTHCTL_CLIENT_SECRET": SECRET})
        assert (ran.code, ran.out) == (0, "at-elsewhere\n"), ran.err
        home.run("token", environ=environ)
        home.run("token", environ={"OAUTHCTL_ISSUER": other.issuer})
        sent = "\n".join(f"{one.url} {one.headers} {one.body!r}" for one in other.requests)
    assert "work-client" not in sent
    assert "the-profiles-own-secret" not in sent
    assert "at-held-0" not in sent
    assert home.server.requests == []
    assert home.tokens is not None
    assert home.tokens.access_token == "at-held-0"


def test_a_profile_that_is_named_beside_another_issuer_is_refused(home: Home) -> None:
    home.hold()
    ran = home.run("token", "--profile", "work", environ={"OAUTHCTL_ISSUER": "https://other.example"})
    assert (ran.code, ran.out) == (2, "")
    assert "error[profile-mismatch]" in ran.err


def test_what_a_person_signed_in_for_is_not_replaced_by_a_token_of_the_client(home: Home) -> None:
    home.hold()
    ran = home.run("token", "--grant", "client_credentials", environ={"OAUTHCTL_CLIENT_SECRET": SECRET})
    assert ran.out == "at-fresh-1\n"
    assert home.tokens is not None
    assert home.tokens.access_token == "at-held-0"


@pytest.mark.parametrize("argv", [(), ("--grant", "client_credentials")])
def test_nobody_is_asked_even_at_a_terminal(home: Home, argv: tuple[str, ...]) -> None:
    """A secret that is missing is an error and no prompt: a stdin that is read would end the run with exit code 130."""
    home.profile(client_auth="client_secret_basic")
    home.hold(seconds=-1)
    ran = home.run("token", *argv, stdin=None)
    assert (ran.code, ran.out) == (2, "")
    assert "needs a client secret" in ran.err


def test_echoed_secrets_of_a_refusal_are_masked(home: Home) -> None:
    def echo(request: Request) -> Response:
        return reply(400, {"error": "invalid_grant", "error_description": f"bad {request.form.get('refresh_token')}"})(request)

    home.server.answers["/token"] = echo
    home.hold(seconds=-1)
    ran = home.run("token")
    assert ran.code == 4
    assert "rt-held-0" not in ran.err + home.recordings


def test_a_clients_own_token_is_not_taken_for_a_persons(home: Home) -> None:
    """`--grant` asks for another kind of token than the profile holds: it is printed, and not kept in the place of those."""
    home.profile()
    assert home.run("token", "--grant", "client_credentials", environ={"OAUTHCTL_CLIENT_SECRET": SECRET}).code == 0
    assert home.tokens is None
    ran = home.run("token")
    assert (ran.code, ran.out) == (2, "")
    assert "error[no-tokens]" in ran.err


@pytest.mark.parametrize("grant", ["authorization_code", "client_credentials"])
def test_tokens_that_live_shorter_than_min_ttl_are_told_of_once(home: Home, grant: str) -> None:
    home.server.answers["/token"] = granting(expires_in=20)
    if grant == "client_credentials":
        home.profile(grant=grant, client_auth="none")
    else:
        home.hold(seconds=-1)
    ran = home.run("token")
    assert (ran.code, ran.out) == (0, "at-fresh-1\n")
    assert ran.err.count("this server's tokens last 20 s, less than `--min-ttl 60`") == 1
    assert home.run("token", "--min-ttl", "5").err == ""


OWN = {"OAUTHCTL_CLIENT_ID": "ci", "OAUTHCTL_GRANT": "client_credentials"}


@pytest.mark.parametrize("method", ["", "client_secret_basic", "client_secret_post"])
def test_an_empty_secret_in_the_environment_is_named(home: Home, method: str) -> None:
    given = OWN | {"OAUTHCTL_ISSUER": home.server.issuer, "OAUTHCTL_CLIENT_SECRET": "", "OAUTHCTL_CLIENT_AUTH": method}
    ran = home.run("token", environ=given)
    assert (ran.code, ran.out) == (2, "")
    assert "error[no-secret]: `OAUTHCTL_CLIENT_SECRET` is set, and empty" in ran.err
    assert home.server.asked("/token") == []


def test_an_empty_secret_is_no_matter_to_a_client_that_has_none(home: Home) -> None:
    given = OWN | {"OAUTHCTL_ISSUER": home.server.issuer, "OAUTHCTL_CLIENT_SECRET": "", "OAUTHCTL_CLIENT_AUTH": "none"}
    assert home.run("token", environ=given).out == "at-fresh-1\n"


@pytest.mark.parametrize("variable", ["OAUTHCTL_CLIENT_SECRET", "OAUTHCTL_CLIENT_ID", "OAUTHCTL_SCOPE", "OAUTHCTL_TOKEN_ENDPOINT"])
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_bytes_in_the_environment_that_are_no_text_are_a_usage_error(home: Home, variable: str, method: str) -> None:
    given = OWN | {"OAUTHCTL_ISSUER": home.server.issuer, "OAUTHCTL_CLIENT_SECRET": SECRET, "OAUTHCTL_CLIENT_AUTH": method}
    ran = home.run("token", environ=given | {variable: b"hush-\xff".decode("utf-8", "surrogateescape")})
    assert (ran.code, ran.out) == (2, "")
    assert f"error[not-utf-8]: `{variable}` holds bytes that are no UTF-8 text" in ran.err
    assert "hush" not in ran.err


def test_bytes_in_a_variable_that_the_profile_names_are_a_usage_error(home: Home) -> None:
    home.profile(grant="client_credentials", client_secret_env="MY_SECRET")
    ran = home.run("token", environ={"MY_SECRET": b"hush-\xff".decode("utf-8", "surrogateescape")})
    assert (ran.code, ran.out) == (2, "")
    assert "`MY_SECRET` holds bytes" in ran.err


def test_bytes_in_a_secrets_file_are_a_usage_error(home: Home, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"hush-\xff")
    home.profile(grant="client_credentials", client_secret_file=str(tmp_path / "secret"))
    ran = home.run("token")
    assert (ran.code, ran.out) == (2, "")
    assert "has bytes that are no UTF-8 text" in ran.err
    assert "hush" not in ran.err


@pytest.mark.parametrize("argv", [("token", "--grant", "client_credentials")])
def test_a_grant_of_confidential_clients_without_a_secret_sends_nothing(home: Home, argv: tuple[str, ...]) -> None:
    environ = {"OAUTHCTL_ISSUER": home.server.issuer, "OAUTHCTL_CLIENT_ID": "app"}
    ran = home.run(*argv, environ=environ)
    assert (ran.code, ran.out) == (2, "")
    assert "`OAUTHCTL_CLIENT_SECRET` is not set" in ran.err
    assert "RFC 6749 section 4.4" in ran.err
    assert home.server.requests == []
    assert home.run(*argv, environ=environ | {"OAUTHCTL_CLIENT_AUTH": "none"}).code == 0


@pytest.mark.parametrize(
    ("method", "other"), [("client_secret_basic", "client_secret_post"), ("client_secret_post", "client_secret_basic")]
)
def test_a_refused_client_is_told_of_what_token_has(home: Home, method: str, other: str) -> None:
    home.server.answers["/token"] = reply(401, {"error": "invalid_client"})
    environ = {"OAUTHCTL_ISSUER": home.server.issuer, "OAUTHCTL_CLIENT_ID": "app", "OAUTHCTL_CLIENT_SECRET": SECRET}
    ran = home.run("token", "--grant", "client_credentials", environ=environ | {"OAUTHCTL_CLIENT_AUTH": method})
    assert ran.code == 4
    assert f"`OAUTHCTL_CLIENT_AUTH={other}`" in ran.err
    assert f"sent as `{method}`" in ran.err
    assert "--client-auth" not in ran.err.partition("\n\n")[0]


def test_a_refresh_that_gives_another_type_prints_no_bare_token(home: Home) -> None:
    home.server.answers["/token"] = granting(token_type="mac")
    home.hold(seconds=-1)
    ran = home.run("token")
    assert (ran.code, ran.out) == (3, "")
    assert "warning: the access token can't be used by oauthctl: `mac`" in ran.err
    assert "error[token-type-unknown]" in ran.err
    # A program that knows the type gets it with the token, and what a refresh brought is kept: the old refresh token may be good no more.
    asked = home.run("token", "--format", "json")
    assert (asked.code, json.loads(asked.out)["token_type"]) == (0, "mac")


@pytest.mark.parametrize("is_watched", [True, False])
def test_a_person_who_watches_is_told_what_protects_the_token(home: Home, is_watched: bool) -> None:
    home.server.answers["/token"] = granting()
    environ = {"OAUTHCTL_ISSUER": home.server.issuer, "OAUTHCTL_CLIENT_ID": "app", "OAUTHCTL_CLIENT_SECRET": SECRET, "NO_COLOR": "1"}
    stdout, stderr = io.StringIO(), Screen() if is_watched else io.StringIO()
    argv = ["token", "--grant", "client_credentials"]
    assert main(argv, Terminal(io.StringIO(), stdout, stderr, isolated(home.folder) | environ)) == 0
    assert stdout.getvalue() == "at-fresh-1\n"
    assert ("note: protected by  client by client_secret_basic" in stderr.getvalue()) is is_watched
