"""Whom a login (and a discovery) is for: TARGET, or what is there without one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from oauthctl.store import profiles
from oauthctl.store.locations import locations
from oauthctl.store.profiles import Profile
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.scripted import Home, scripted
from tests.cli.spoiled import Provider, providing

# Nothing listens at port 9 of a machine of ours.
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with providing() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.reset()
    return running


def keep(folder: Path, *names: str, issuer: str = NOBODY, current: str = "", client_id: str = "public") -> None:
    where = locations(isolated(folder))
    for name in names:
        profiles.save(where, Profile(name, issuer=issuer, client_id=client_id))
    if current:
        profiles.use(where, current)


def run(folder: Path, *argv: str, stdin: str = "") -> Ran:
    return oauthctl(*argv, stdin=stdin, environ=isolated(folder))


@pytest.mark.parametrize("command", ["login", "discover"])
class TestWords:
    def test_a_mistyped_profile_is_no_new_issuer(self, tmp_path: Path, command: str) -> None:
        keep(tmp_path, "myprofile", "other")
        ran = run(tmp_path, command, "myprofil")
        assert (ran.code, ran.out) == (2, "")
        assert "there is no profile `myprofil`" in ran.err
        assert "help: did you mean `myprofile`?" in ran.err

    @pytest.mark.parametrize("word", ["garbage", "garbage/path", "garbage:8080"])
    def test_a_plain_word_is_an_unknown_profile_and_the_known_ones_are_named(self, tmp_path: Path, command: str, word: str) -> None:
        keep(tmp_path, "zulu", "yankee")
        ran = run(tmp_path, command, word)
        assert (ran.code, ran.out) == (2, "")
        assert f"`{word}`" in ran.err
        if word == "garbage":
            assert "there is no profile" in ran.err
            assert "yankee" in ran.err
        assert "help: " in ran.err
        assert not (tmp_path / "state" / "recordings").exists()

    def test_a_host_close_to_a_profile_is_tried_and_then_the_profile_is_named(self, tmp_path: Path, command: str) -> None:
        keep(tmp_path, "127.0.0.1-90")
        argv = (command, "127.0.0.1:9", *(("--client-id", "x", "--no-browser") if command == "login" else ()))
        ran = run(tmp_path, *argv)
        assert (ran.code, ran.out) == (3, "")
        assert "error[connection-refused]" in ran.err
        assert f"did you mean the profile `127.0.0.1-90`: `oauthctl {command} 127.0.0.1-90`" in ran.err

    @pytest.mark.parametrize("target", ["http://127.0.0.1:9", "127.0.0.1:9"])
    def test_no_profile_is_named_for_a_whole_url_or_where_none_is_close(self, tmp_path: Path, command: str, target: str) -> None:
        keep(tmp_path, "127.0.0.1-90" if "://" in target else "zulu")
        ran = run(tmp_path, command, target, *(("--client-id", "x", "--no-browser") if command == "login" else ()))
        assert ran.code == 3
        assert "did you mean" not in ran.err


class TestWithoutTarget:
    @pytest.mark.parametrize("command", ["login", "discover"])
    def test_where_nothing_is_known_it_is_a_usage_error_that_says_what_to_type(self, tmp_path: Path, command: str) -> None:
        ran = run(tmp_path, command)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("error[no-target]: ")
        assert f"`oauthctl {command} https://issuer.example" in ran.err

    @pytest.mark.parametrize("command", ["login", "discover"])
    def test_of_several_profiles_none_is_guessed(self, tmp_path: Path, command: str) -> None:
        keep(tmp_path, "one", "two")
        ran = run(tmp_path, command)
        assert (ran.code, ran.out) == (2, "")
        assert "`one`, `two`" in ran.err
        assert f"`oauthctl {command} NAME`" in ran.err

    def test_a_login_is_for_the_current_profile(self, provider: Provider, tmp_path: Path) -> None:
        keep(tmp_path, "one")
        keep(tmp_path, "two", issuer=provider.issuer, current="two")
        ran, _ = oauthctl_with(ALICE, "login", folder=tmp_path)
        assert ran.code == 0, ran.err
        assert "signing in with the profile `two`" in ran.err
        assert list((tmp_path / "state" / "tokens").glob("two.json"))

    def test_a_login_is_for_the_only_profile(self, provider: Provider, tmp_path: Path) -> None:
        keep(tmp_path, "only", issuer=provider.issuer)
        ran, _ = oauthctl_with(ALICE, "login", folder=tmp_path)
        assert ran.code == 0, ran.err

    def test_another_servers_endpoint_is_not_laid_over_a_profile_that_nobody_named(self, tmp_path: Path) -> None:
        keep(tmp_path, "one", current="one")
        ran = run(tmp_path, "login", "--token-endpoint", "https://elsewhere.example/token", "--dry-run")
        assert (ran.code, ran.out) == (2, "")
        assert "error[profile-mismatch]" in ran.err
        assert "`--token-endpoint`" in ran.err
        assert "--profile" in ran.err

    def test_a_discovery_is_for_the_current_profile(self, tmp_path: Path) -> None:
        with scripted() as server:
            Home(tmp_path, server).profile()
            ran = run(tmp_path, "discover", "--json")
            assert ran.code == 0, ran.err
            assert json.loads(ran.out)["issuer"] == server.issuer

    def test_a_discovery_takes_the_issuer_of_the_environment(self, tmp_path: Path) -> None:
        with scripted() as server:
            ran = oauthctl("discover", "--json", environ=isolated(tmp_path) | {"OAUTHCTL_ISSUER": server.issuer})
            assert ran.code == 0, ran.err
            assert json.loads(ran.out)["issuer"] == server.issuer
