"""Whom a login (and a discovery) is for: TARGET, or what is there without one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from oauthctl.store import profiles
from oauthctl.store import tokens as token_store
from oauthctl.store.locations import locations
from oauthctl.store.profiles import Profile
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.scripted import Home, scripted
from tests.cli.spoiled import Provider
from tests.interop.forms import Button, Form

# Nothing listens at port 9 of a machine of ours.
NOBODY = "http://127.0.0.1:9"


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


class TestProfileInUse:
    def test_a_profile_that_the_host_brings_into_play_is_named(self, provider: Provider, tmp_path: Path) -> None:
        keep(tmp_path, provider.profile, issuer=provider.issuer)
        argv = ("login", provider.issuer, "--client-id", "public", "--dry-run")
        ran = run(tmp_path, *argv)
        assert (ran.code, f"using profile `{provider.profile}`" in ran.err) == (0, True)
        assert json.loads(run(tmp_path, *argv, "--json").out)["profile"] == provider.profile
        named = run(tmp_path, *argv, "--profile", provider.profile)
        assert f"using profile `{provider.profile}`" in named.err

    def test_a_new_one_and_one_that_is_the_target_need_no_word(self, provider: Provider, tmp_path: Path) -> None:
        argv = ("login", provider.issuer, "--client-id", "public", "--dry-run")
        assert "using profile" not in run(tmp_path, *argv).err
        assert json.loads(run(tmp_path, *argv, "--json").out)["profile"] is None
        keep(tmp_path, "work", issuer=provider.issuer)
        assert "using profile" not in run(tmp_path, "login", "work", "--dry-run").err

    def test_somebody_elses_tokens_are_not_replaced_without_a_word(self, provider: Provider, tmp_path: Path) -> None:
        bob = (Form({"username": "bob", "password": "bob"}), Form(button=Button("decision", "allow")))
        argv = ("login", provider.issuer, "--client-id", "public", "--scope", "openid")
        first, _ = oauthctl_with(ALICE, *argv, folder=tmp_path)
        again, _ = oauthctl_with(ALICE, *argv, folder=tmp_path)
        assert (first.code, again.code) == (0, 0)
        assert "replaces" not in first.err + again.err
        other, _ = oauthctl_with(bob, *argv, folder=tmp_path)
        assert other.code == 0, other.err
        said = f"warning: this replaces the tokens of `alice` in profile `{provider.profile}`, which are not revoked; use `--profile NAME`"
        assert said in other.err
        assert provider.asked("/revoke") == []

    @pytest.mark.parametrize("scope", ["openid", "items.read"])
    def test_tokens_of_nobody_knows_whom_are_not_replaced_without_a_word(self, provider: Provider, tmp_path: Path, scope: str) -> None:
        argv = ("login", provider.issuer, "--client-id", "public", "--scope")
        first, _ = oauthctl_with(ALICE, *argv, "openid", folder=tmp_path)
        assert "replaces" not in first.err
        where = locations(isolated(tmp_path))
        held = token_store.read(where, provider.profile, warn=lambda _message: None)
        assert held is not None
        if scope == "openid":
            token_store.write(where, provider.profile, replace(held, id_token="garbage", subject=""))
        again, _ = oauthctl_with(ALICE, *argv, scope, folder=tmp_path)
        assert again.code == 0, again.err
        assert f"warning: this replaces the tokens kept in profile `{provider.profile}`, perhaps another person's" in again.err
        third, _ = oauthctl_with(ALICE, *argv, scope, folder=tmp_path)
        assert "replaces" not in third.err


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("state", "it is made anew for each sign-in"),
        ("nonce", "it is made anew for each sign-in"),
        ("code_challenge", "`--pkce plain|none`"),
        ("code_challenge_method", "`--pkce METHOD`"),
        ("scope", "`--scope SCOPES`"),
        ("client_id", "`--client-id ID`"),
        ("redirect_uri", "`--redirect-uri URI`"),
        ("response_type", "`--response-type TYPE`"),
        ("response_mode", "`--response-mode MODE`"),
        ("max_age", "`--max-age SECONDS`"),
        ("acr_values", "`--acr VALUE`"),
        ("prompt", "`--prompt VALUES`"),
        ("login_hint", "`--login-hint USER`"),
        ("audience", "`--audience NAME`"),
        ("resource", "`--resource URI`"),
    ],
)
def test_a_parameter_that_the_sign_in_sets_itself_is_refused(tmp_path: Path, name: str, instead: str) -> None:
    ran = run(tmp_path, "login", NOBODY, "--client-id", "public", "--param", f"{name}=x", "--dry-run")
    assert (ran.code, ran.out) == (2, "")
    assert f"error[parameter-repeated]: `--param {name}` would be in the request a second time" in ran.err
    assert instead in ran.err
