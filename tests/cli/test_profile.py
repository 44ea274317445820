from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oauthctl.cli.main import main
from oauthctl.cli.terminal import Terminal
from oauthctl.store import client_secrets, profiles, tokens
from oauthctl.store.locations import Locations
from oauthctl.store.profiles import Profile
from oauthctl.store.tokens import TokenSet
from tests.cli.running import Ran, Screen, oauthctl

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
AT = ("--at", "2026-01-31T12:00:00Z")
SECRETS = ("access-secret", "refresh-secret", "id-secret", "client-secret-value", "typed-by-mistake")

WORK = Profile(
    "work",
    issuer="https://op.example",
    client_id="my-app",
    scope=("openid", "email"),
    params=(("prompt", "login"), ("client_secret", "typed-by-mistake")),
)
HELD = TokenSet(
    issuer="https://op.example",
    client_id="my-app",
    access_token="access-secret",
    refresh_token="refresh-secret",
    id_token="id-secret",
    scope=("openid", "email"),
    subject="alice",
    obtained_at=NOW - timedelta(hours=1),
    expires_at=NOW + timedelta(minutes=12),
)


@pytest.fixture
def where(tmp_path: Path) -> Locations:
    found = Locations(tmp_path / "config", tmp_path / "state")
    profiles.save(found, WORK)
    profiles.save(found, Profile("home", issuer="https://home.example", client_id="cli"))
    return found


def run(where: Locations, *argv: str, stdin: str | None = "", columns: int = 0, **environ: str) -> Ran:
    folders = {"OAUTHCTL_CONFIG_DIR": str(where.config), "OAUTHCTL_STATE_DIR": str(where.state)}
    return oauthctl("profile", *argv, stdin=stdin, columns=columns, environ=folders | environ)


def rows(ran: Ran) -> list[list[str]]:
    return [row.split("\t") for row in ran.out.splitlines()]


def test_the_list_has_one_row_a_profile_and_marks_the_current_one(where: Locations) -> None:
    tokens.write(where, "work", HELD)
    profiles.use(where, "work")
    ran = run(where, "list", *AT)
    assert (ran.code, ran.err) == (0, "")
    assert rows(ran) == [
        ["", "home", "https://home.example", "none", "cli", ""],
        ["*", "work", "https://op.example", "good for 12 minutes", "my-app", "openid email"],
    ]


@pytest.mark.parametrize(
    ("held", "state"),
    [
        (HELD, "good for 12 minutes"),
        (replace(HELD, expires_at=None), "good, no expiry known"),
        (replace(HELD, expires_at=NOW), "expired, refreshable"),
        (replace(HELD, expires_at=NOW, refresh_token=""), "expired"),
        (replace(HELD, client_id="other"), "don't fit the profile any more"),
    ],
)
def test_the_tokens_stand_in_a_few_words(where: Locations, held: TokenSet, state: str) -> None:
    tokens.write(where, "work", held)
    assert rows(run(where, "list", *AT))[1][3] == state


@pytest.mark.parametrize(("columns", "shown"), [(120, True), (60, False)])
def test_a_narrow_terminal_gets_fewer_columns(where: Locations, columns: int, shown: bool) -> None:
    ran = run(where, "list", columns=columns)
    assert "https://op.example" in ran.out
    assert ("my-app" in ran.out) == shown
    assert max(map(len, ran.out.splitlines())) <= columns


def test_the_environment_names_the_current_profile(where: Locations) -> None:
    profiles.use(where, "work")
    assert [row[0] for row in rows(run(where, "list", OAUTHCTL_PROFILE="home"))] == ["*", ""]


def test_a_profile_that_cannot_be_read_does_not_hide_the_others(where: Locations) -> None:
    profiles.profile_path(where, "work").write_text("issuer = ")
    ran = run(where, "list")
    assert ran.code == 0
    assert [row[1:3] for row in rows(ran)] == [["home", "https://home.example"], ["work", "can't be read"]]
    assert ran.err.startswith("warning: `")
    assert "is not TOML" in ran.err


def test_without_profiles_the_list_says_how_to_make_one(tmp_path: Path) -> None:
    ran = run(Locations(tmp_path / "c", tmp_path / "s"), "list")
    assert (ran.code, ran.out) == (0, "")
    assert "oauthctl login ISSUER" in ran.err


def test_the_list_as_json(where: Locations) -> None:
    tokens.write(where, "work", HELD)
    ran = run(where, "list", "--json", *AT)
    home, work = json.loads(ran.out)["profiles"]
    assert (home["name"], home["tokens"], home["current"]) == ("home", None, False)
    assert work["tokens"] == {
        "status": "good",
        "expires_at": "2026-01-31T12:12:00Z",
        "expires_in_seconds": 720.0,
        "obtained_at": "2026-01-31T11:00:00Z",
        "refreshable": True,
        "subject": "alice",
        "scope": ["openid", "email"],
        "problem": None,
    }


@pytest.mark.parametrize("json_flag", [(), ("--json",)], ids=["lines", "json"])
@pytest.mark.parametrize("columns", [0, 80])
def test_show_prints_everything_but_secrets(where: Locations, json_flag: tuple[str, ...], columns: int) -> None:
    tokens.write(where, "work", HELD)
    client_secrets.write(where, profiles.load(where, "work"), "client-secret-value")
    ran = run(where, "show", "work", *AT, *json_flag, columns=columns)
    assert (ran.code, ran.err) == (0, "")
    for value in ("https://op.example", "my-app", "kept", "alice", "prompt"):
        assert value in ran.out
    assert [secret for secret in SECRETS if secret in ran.out] == []


def test_show_names_the_files(where: Locations) -> None:
    tokens.write(where, "work", HELD)
    ran = run(where, "show", "work", *AT)
    assert str(profiles.profile_path(where, "work")) in ran.out
    assert str(tokens.tokens_path(where, "work")) in ran.out


@pytest.mark.parametrize(
    ("secret", "place"),
    [
        ({"client_secret_env": "MY_SECRET"}, "in the environment: MY_SECRET"),
        ({"client_secret_file": "s.txt"}, "in the file s.txt"),
        ({}, None),
    ],
    ids=["environment", "file", "none"],
)
def test_show_says_where_the_client_secret_is(where: Locations, secret: dict[str, str], place: str | None) -> None:
    profiles.save(where, Profile("ci", issuer="https://op.example", **secret))
    assert json.loads(run(where, "show", "ci", "--json").out)["client_secret"] == place


def test_show_without_a_name_takes_the_current_one(where: Locations) -> None:
    profiles.use(where, "home")
    assert run(where, "show").out.startswith("home  (the current one)\n")


def test_show_without_a_name_wants_one_when_there_are_several(where: Locations) -> None:
    ran = run(where, "show")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error[no-profile]: no profile is chosen\nnote: profiles: home, work\n")


def test_use_makes_it_the_current_one(where: Locations) -> None:
    ran = run(where, "use", "home")
    assert (ran.code, ran.out, ran.err) == (0, "", "`home` is the current profile now\n")
    assert profiles.current(where) == "home"


def test_use_warns_when_the_environment_goes_before_it(where: Locations) -> None:
    assert "warning: `OAUTHCTL_PROFILE` is set and goes before it: `work`" in run(where, "use", "home", OAUTHCTL_PROFILE="work").err


@pytest.mark.parametrize("action", [("show",), ("use",), ("delete",), ("delete", "--yes")], ids=" ".join)
def test_an_unknown_name_gets_a_suggestion(where: Locations, action: tuple[str, ...]) -> None:
    ran = run(where, *action, "wrok")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: there is no profile `wrok`\nnote: profiles: home, work\nhelp: did you mean `work`?\n"


@pytest.mark.parametrize("action", ["show", "use", "delete"])
def test_a_name_never_becomes_a_path(where: Locations, action: str) -> None:
    assert run(where, action, "../work").code == 2


def test_delete_takes_the_profile_its_tokens_and_its_secret(where: Locations) -> None:
    tokens.write(where, "work", HELD)
    client_secrets.write(where, profiles.load(where, "work"), "client-secret-value")
    profiles.use(where, "work")
    ran = run(where, "delete", "work", "--yes")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith("deleted the profile `work`, its tokens and its client secret\n")
    assert (profiles.names(where), profiles.current(where)) == (("home",), "")
    assert tokens.read(where, "work", warn=pytest.fail) is None
    kept = [path for folder in (where.config, where.state) for path in folder.rglob("*") if path.is_file()]
    assert [secret for secret in SECRETS for path in kept if secret in path.read_text()] == []


def test_delete_says_only_what_was_there(where: Locations) -> None:
    assert run(where, "delete", "home", "-y").err == "deleted the profile `home`\n"


def test_delete_removes_a_profile_that_cannot_be_read(where: Locations) -> None:
    profiles.profile_path(where, "work").write_text("issuer = ")
    assert run(where, "delete", "work", "--yes").code == 0
    assert profiles.names(where) == ("home",)


@pytest.mark.parametrize("more", [{"stdin": ""}, {"stdin": None, "CI": "true"}], ids=["pipe", "ci"])
def test_delete_wants_yes_where_nobody_can_be_asked(where: Locations, more: dict[str, str | None]) -> None:
    ran = run(where, "delete", "work", **more)  # type: ignore[arg-type] - the two ways to be without a person
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error[no-input]: nobody can be asked here")
    assert "help: give `--yes`" in ran.err
    assert profiles.names(where) == ("home", "work")


@pytest.mark.parametrize(
    ("typed", "code", "left"),
    [("y\n", 0, ("home",)), ("Yes\n", 0, ("home",)), ("n\n", 1, ("home", "work")), ("\n", 1, ("home", "work")), ("", 2, ("home", "work"))],
)
def test_delete_asks_at_a_terminal(where: Locations, typed: str, code: int, left: tuple[str, ...]) -> None:
    environ = {"OAUTHCTL_CONFIG_DIR": str(where.config), "OAUTHCTL_STATE_DIR": str(where.state)}
    err = io.StringIO()
    assert main(["profile", "delete", "work"], Terminal(Screen(typed), io.StringIO(), err, environ)) == code
    assert err.getvalue().startswith("delete the profile `work`, its tokens and its client secret? [y/N]: ")
    assert profiles.names(where) == left
