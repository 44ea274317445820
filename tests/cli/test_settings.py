"""Which profile and which values a command uses: flag > environment > profile > default; no server gets what is another's."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oauthctl.cli.login_target import settle
from oauthctl.cli.output import Output
from oauthctl.cli.settings import Settings, client_secret, key_values, metadata_of_profile, overlaid, settings
from oauthctl.cli.terminal import Terminal
from oauthctl.errors import ConfigError
from oauthctl.store import client_secrets, profiles
from oauthctl.store.locations import Locations, locations
from oauthctl.store.profiles import Profile
from tests.cli.person import isolated, oauthctl_with
from tests.cli.running import Ran, Screen, oauthctl
from tests.interop.pages import Page

ONE, OTHER = "https://one.example", "https://other.example"


@pytest.fixture
def where(tmp_path: Path) -> Locations:
    return locations(isolated(tmp_path))


def output(folder: Path, environ: dict[str, str] | None = None, *, stdin: io.StringIO | None = None) -> Output:
    return Output(Terminal(stdin or io.StringIO(), io.StringIO(), io.StringIO(), isolated(folder) | (environ or {})))


@pytest.mark.parametrize(
    ("key", "variable", "in_profile", "in_environment", "in_flag"),
    [
        ("client_id", "OAUTHCTL_CLIENT_ID", "p", "e", "f"),
        ("client_auth", "OAUTHCTL_CLIENT_AUTH", "none", "client_secret_post", "client_secret_basic"),
        ("audience", "OAUTHCTL_AUDIENCE", "p", "e", "f"),
        ("redirect_uri", "OAUTHCTL_REDIRECT_URI", "http://p", "http://e", "http://f"),
        ("grant", "OAUTHCTL_GRANT", "p", "e", "f"),
        ("expect_issuer", "OAUTHCTL_EXPECT_ISSUER", "https://p", "https://e", "https://f"),
        ("scope", "OAUTHCTL_SCOPE", ("p", "q"), ("e",), ("f",)),
        ("resource", "OAUTHCTL_RESOURCE", ("https://p",), ("https://e",), ("https://f",)),
    ],
)
def test_flag_beats_environment_beats_profile_beats_default(
    tmp_path: Path, where: Locations, key: str, variable: str, in_profile: Any, in_environment: Any, in_flag: Any
) -> None:
    environ = {variable: in_environment if isinstance(in_environment, str) else " ".join(in_environment)}
    profiles.save(where, Profile("empty", issuer=ONE))
    profiles.save(where, Profile("full", issuer=ONE, **{key: in_profile}))
    default = getattr(Profile(""), key)
    assert getattr(settings(output(tmp_path), profile="empty").profile, key) == default
    assert getattr(settings(output(tmp_path), profile="full").profile, key) == in_profile
    assert getattr(settings(output(tmp_path, environ), profile="full").profile, key) == in_environment
    assert getattr(settings(output(tmp_path, environ), profile="full", flags={key: in_flag}).profile, key) == in_flag


CREDENTIALS = {"client_key_file": "key.pem", "client_key_id": "k1", "client_auth": "private_key_jwt", "client_secret_env": "THE_SECRET"}


@pytest.mark.parametrize("command", ["settings", "login"])
def test_what_proves_one_client_does_not_go_along_with_another(tmp_path: Path, where: Locations, command: str) -> None:
    credentials: dict[str, Any] = dict(CREDENTIALS)
    profiles.save(where, replace(Profile("work", issuer=ONE, client_id="app", scope=("a",)), **credentials))

    def chosen(flags: dict[str, Any]) -> tuple[Profile, str]:
        told = io.StringIO()
        out = Output(Terminal(io.StringIO(), io.StringIO(), told, isolated(tmp_path)))
        found = settings(out, profile="work", flags=flags) if command == "settings" else settle(out, "", flags=flags, named="work")
        return found.profile, told.getvalue()

    other, told = chosen({"client_id": "public"})
    assert (other.client_id, other.scope) == ("public", ("a",))
    assert [getattr(other, name) for name in CREDENTIALS] == [""] * len(CREDENTIALS)
    assert "the secret and key of `app`, which the profile `work` names, is not used for `public`" in told
    own, told = chosen({"client_id": "public", "client_key_file": "own.pem"})
    assert (own.client_key_file, own.client_key_id) == ("own.pem", "")
    for same in ({}, {"client_id": "app"}):
        found, told = chosen(same)
        assert {name: getattr(found, name) for name in CREDENTIALS} == CREDENTIALS
        assert "not used" not in told


def test_an_empty_variable_says_nothing(tmp_path: Path, where: Locations) -> None:
    profiles.save(where, Profile("work", issuer=ONE, client_id="app", scope=("a",)))
    chosen = settings(output(tmp_path, {"OAUTHCTL_CLIENT_ID": "", "OAUTHCTL_SCOPE": "", "OAUTHCTL_PROFILE": ""}))
    assert (chosen.name, chosen.profile.client_id, chosen.profile.scope) == ("work", "app", ("a",))


def test_single_endpoints_are_replaced_by_their_name(tmp_path: Path, where: Locations) -> None:
    profiles.save(where, Profile("work", endpoints=(("token_endpoint", f"{ONE}/t"), ("jwks_uri", f"{ONE}/k"))))
    chosen = settings(output(tmp_path, {"OAUTHCTL_JWKS_URI": f"{ONE}/e"}), flags={"endpoints": {"userinfo_endpoint": f"{ONE}/u"}})
    assert dict(chosen.profile.endpoints) == {
        "token_endpoint": f"{ONE}/t",
        "jwks_uri": f"{ONE}/e",
        "userinfo_endpoint": f"{ONE}/u",
    }
    flags = {"endpoints": {"jwks_uri": f"{ONE}/f"}}
    assert settings(output(tmp_path, {"OAUTHCTL_JWKS_URI": f"{ONE}/e"}), flags=flags).profile.endpoint("jwks_uri") == f"{ONE}/f"


def test_further_parameters_are_replaced_by_their_name() -> None:
    stored = Profile("work", params=(("a", "1"), ("b", "2"), ("a", "3")))
    assert overlaid(stored, {"params": (("a", "4"), ("c", "5"))}).params == (("b", "2"), ("a", "4"), ("c", "5"))


@pytest.mark.parametrize(
    ("flag", "environ", "current", "expected"),
    [
        ("b", {"OAUTHCTL_PROFILE": "a"}, "a", "b"),
        ("", {"OAUTHCTL_PROFILE": "b"}, "a", "b"),
        ("", {}, "a", "a"),
    ],
)
def test_the_profile_is_named_by_flag_environment_or_choice(
    tmp_path: Path, where: Locations, flag: str, environ: dict[str, str], current: str, expected: str
) -> None:
    for name in ("a", "b"):
        profiles.save(where, Profile(name, issuer=f"https://{name}.example"))
    profiles.use(where, current)
    assert settings(output(tmp_path, environ), profile=flag).name == expected


def test_the_only_profile_is_meant(tmp_path: Path, where: Locations) -> None:
    profiles.save(where, Profile("work", issuer=ONE))
    assert settings(output(tmp_path)).name == "work"


def test_of_several_profiles_none_is_guessed(tmp_path: Path, where: Locations) -> None:
    for name in ("a", "b"):
        profiles.save(where, Profile(name, issuer=ONE))
    with pytest.raises(ConfigError, match="no profile is chosen") as caught:
        settings(output(tmp_path))
    assert caught.value.notes == ("there are: `a`, `b`",)


def test_without_any_profile_the_first_step_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no profile yet") as caught:
        settings(output(tmp_path))
    assert "oauthctl login ISSUER" in caught.value.help


def test_variables_alone_will_do(tmp_path: Path) -> None:
    chosen = settings(output(tmp_path, {"OAUTHCTL_ISSUER": ONE, "OAUTHCTL_CLIENT_ID": "ci"}))
    assert (chosen.name, chosen.exists, chosen.profile.issuer, chosen.profile.client_id) == ("", False, ONE, "ci")


def test_another_issuer_puts_the_current_profile_aside(tmp_path: Path, where: Locations) -> None:
    profiles.save(where, Profile("work", issuer=ONE, client_id="app", client_secret_file="/secret"))
    client_secrets.write(where, Profile("work", issuer=ONE, client_id="app"), "of-one")
    out = output(tmp_path, {"OAUTHCTL_ISSUER": OTHER, "OAUTHCTL_CLIENT_ID": "app"})
    chosen = settings(out)
    assert (chosen.name, chosen.profile.client_secret_file) == ("", "")
    assert client_secret(out, chosen) == ""


def test_another_client_of_the_same_issuer_puts_the_current_profile_aside(tmp_path: Path, where: Locations) -> None:
    profiles.save(where, Profile("work", issuer=ONE, client_id="app", scope=("openid",), resource=(f"{ONE}/api",), params=(("a", "b"),)))
    server = {"OAUTHCTL_ISSUER": ONE}
    chosen = settings(output(tmp_path, server | {"OAUTHCTL_CLIENT_ID": "machine"}))
    assert chosen.name == ""
    assert chosen.profile == Profile("", issuer=ONE, client_id="machine")
    same = settings(output(tmp_path, server | {"OAUTHCTL_CLIENT_ID": "app"}))
    assert (same.name, same.profile.scope) == ("work", ("openid",))
    named = settings(output(tmp_path, server | {"OAUTHCTL_CLIENT_ID": "machine"}), profile="work")
    assert (named.name, named.profile.client_id, named.profile.scope) == ("work", "machine", ("openid",))


@pytest.mark.parametrize("environ", [{}, {"OAUTHCTL_PROFILE": "work"}])
def test_a_named_profile_of_another_issuer_is_a_mismatch(tmp_path: Path, where: Locations, environ: dict[str, str]) -> None:
    profiles.save(where, Profile("work", issuer=ONE))
    with pytest.raises(ConfigError) as caught:
        settings(output(tmp_path, environ | {"OAUTHCTL_ISSUER": OTHER}), profile="" if environ else "work")
    assert caught.value.slug == "profile-mismatch"


def test_a_slash_at_the_end_makes_no_other_issuer(tmp_path: Path, where: Locations) -> None:
    profiles.save(where, Profile("work", issuer=ONE + "/"))
    assert settings(output(tmp_path, {"OAUTHCTL_ISSUER": ONE}), profile="work").name == "work"


def test_pairs_are_read_from_words() -> None:
    assert key_values(["a=b", "c=", "d=e=f"], "--param") == (("a", "b"), ("c", ""), ("d", "e=f"))
    with pytest.raises(ConfigError, match="`--param a` has no `=`"):
        key_values(["a"], "--param")
    for word in ("=x", " =x", "="):
        with pytest.raises(ConfigError, match="has no name before its `=`"):
            key_values([word], "--param")


def test_metadata_by_hand_needs_a_token_endpoint() -> None:
    assert metadata_of_profile(Profile("p", issuer=ONE, endpoints=(("jwks_uri", f"{ONE}/k"),))) is None
    made = metadata_of_profile(Profile("p", issuer=ONE, expect_issuer=OTHER, endpoints=(("token_endpoint", f"{ONE}/t"),)))
    assert made is not None
    assert (made.issuer, made.token_endpoint) == (OTHER, f"{ONE}/t")


class TestClientSecret:
    def chosen(self, where: Locations, **changes: Any) -> Settings:
        return Settings(where, Profile("work", issuer=ONE, client_id="app", **changes), True)

    def test_flag_environment_profile_and_store_in_this_order(self, tmp_path: Path, where: Locations) -> None:
        (tmp_path / "flag").write_text("of the flag\n")
        (tmp_path / "profile").write_text("of the profile")
        client_secrets.write(where, Profile("work", issuer=ONE, client_id="app"), "of the store")
        environ = {"OAUTHCTL_CLIENT_SECRET": "of the environment"}
        named = self.chosen(where, client_secret_file=str(tmp_path / "profile"))
        assert client_secret(output(tmp_path, environ), named, flag_file=str(tmp_path / "flag")) == "of the flag"
        assert client_secret(output(tmp_path, environ), named) == "of the environment"
        assert client_secret(output(tmp_path), named) == "of the profile"
        assert client_secret(output(tmp_path), self.chosen(where)) == "of the store"

    def test_a_profile_may_name_a_variable(self, tmp_path: Path, where: Locations) -> None:
        chosen = self.chosen(where, client_secret_env="MY_SECRET")
        assert client_secret(output(tmp_path, {"MY_SECRET": "s"}), chosen) == "s"
        with pytest.raises(ConfigError, match="`MY_SECRET`, which is empty or not set"):
            client_secret(output(tmp_path), chosen)

    def test_a_public_client_has_none(self, tmp_path: Path, where: Locations) -> None:
        assert client_secret(output(tmp_path), self.chosen(where)) == ""

    def test_what_was_kept_for_another_client_is_not_given(self, tmp_path: Path, where: Locations) -> None:
        client_secrets.write(where, Profile("work", issuer=ONE, client_id="another"), "s")
        assert client_secret(output(tmp_path), self.chosen(where)) == ""

    @pytest.mark.parametrize("changes", [{"issuer": OTHER}, {"endpoints": (("token_endpoint", f"{OTHER}/token"),)}])
    def test_what_was_kept_for_another_server_is_not_given(self, tmp_path: Path, where: Locations, changes: dict[str, Any]) -> None:
        client_secrets.write(where, Profile("work", issuer=ONE, client_id="app"), "of-the-first-server")
        edited = Settings(where, replace(self.chosen(where).profile, **changes), True)
        for ask, stdin in ((True, io.StringIO()), (False, Screen())):
            with pytest.raises(ConfigError) as caught:
                client_secret(output(tmp_path, stdin=stdin), edited, ask=ask)
            assert caught.value.slug == "secret-mismatch"
            assert "of-the-first-server" not in repr((caught.value.message, caught.value.notes))

    def test_what_a_deleted_profile_left_is_not_given(self, tmp_path: Path, where: Locations) -> None:
        client_secrets.write(where, Profile("work", issuer=OTHER, client_id="app"), "s")
        assert client_secret(output(tmp_path), Settings(where, Profile("work", issuer=OTHER, client_id="app"), False)) == ""

    def test_the_variable_of_another_issuer_is_left_alone_and_said_so(self, tmp_path: Path, where: Locations) -> None:
        out = output(tmp_path, {"OAUTHCTL_CLIENT_SECRET": "of-the-other", "OAUTHCTL_ISSUER": OTHER})
        assert client_secret(out, self.chosen(where)) == ""
        assert isinstance(out.terminal.stderr, io.StringIO)
        said = out.terminal.stderr.getvalue()
        assert OTHER in said
        assert "of-the-other" not in said

    @pytest.mark.parametrize("text", ["", "\n", "\r\n"])
    def test_an_empty_file_is_no_secret(self, tmp_path: Path, where: Locations, text: str) -> None:
        (tmp_path / "secret").write_text(text)
        with pytest.raises(ConfigError, match="it is empty"):
            client_secret(output(tmp_path), self.chosen(where), flag_file=str(tmp_path / "secret"))

    @pytest.mark.parametrize("place", ["file", "environment", "the profile's variable"])
    def test_nothing_but_blanks_is_no_secret(self, tmp_path: Path, where: Locations, place: str) -> None:
        (tmp_path / "secret").write_text(" \t \n")
        environ = {"environment": {"OAUTHCTL_CLIENT_SECRET": "  "}, "file": {}}.get(place, {"MY_SECRET": "  "})
        chosen = self.chosen(where, client_secret_env="" if place in ("file", "environment") else "MY_SECRET")
        with pytest.raises(ConfigError, match="is nothing but blanks"):
            client_secret(output(tmp_path, environ), chosen, flag_file=str(tmp_path / "secret") if place == "file" else "")

    def test_blanks_at_its_ends_belong_to_the_secret(self, tmp_path: Path, where: Locations) -> None:
        (tmp_path / "secret").write_bytes(b" s \r\n")
        assert client_secret(output(tmp_path), self.chosen(where), flag_file=str(tmp_path / "secret")) == " s "

    def test_where_one_is_needed_and_nobody_can_be_asked_it_says_so(self, tmp_path: Path, where: Locations) -> None:
        chosen = self.chosen(where, client_auth="client_secret_basic")
        for ask, stdin in ((True, io.StringIO()), (False, Screen())):
            # A command that asks nobody has no such option either.
            way = "--client-secret-file FILE" if ask else "in `OAUTHCTL_CLIENT_SECRET`"
            with pytest.raises(ConfigError) as caught:
                client_secret(output(tmp_path, stdin=stdin), chosen, ask=ask)
            assert caught.value.slug == "no-secret"
            assert way in caught.value.help
            assert ask == ("--client-secret-file" in caught.value.help)


class TestTargetOfLogin:
    """`login` in its dry run tells which server it would go to; the profiles are for two servers and have secrets."""

    @pytest.fixture(autouse=True)
    def two_profiles(self, where: Locations) -> None:
        endpoints = ("authorization_endpoint", "token_endpoint")
        for name, issuer in (("one", ONE), ("other", OTHER)):
            made = Profile(name, issuer=issuer, client_id="app", endpoints=tuple((one, f"{issuer}/{one}") for one in endpoints))
            profiles.save(where, made)
            client_secrets.write(where, made, f"secret-of-{name}")

    def login(self, folder: Path, *argv: str, **environ: str) -> Ran:
        nobody = lambda url: Page(url, 200, "", "")  # noqa: E731 - a person who does nothing
        return oauthctl_with(nobody, "login", *argv, "--dry-run", folder=folder, environ=environ)[0]

    def test_the_name_of_a_profile(self, tmp_path: Path) -> None:
        ran = self.login(tmp_path, "other")
        assert ran.code == 0
        assert f"{OTHER}/token_endpoint" in ran.out
        assert ONE not in ran.out

    def test_a_typo_is_answered_with_the_name(self, tmp_path: Path) -> None:
        ran = self.login(tmp_path, "othr")
        assert (ran.code, ran.out) == (2, "")
        assert "did you mean `other`?" in ran.err

    def test_the_environment_names_the_profile(self, tmp_path: Path) -> None:
        assert f"{OTHER}/token_endpoint" in self.login(tmp_path, OAUTHCTL_PROFILE="other").out

    @pytest.mark.parametrize(
        ("argv", "environ"),
        [
            (("--profile", "one"), {"OAUTHCTL_ISSUER": OTHER}),
            ((OTHER, "--profile", "one"), {}),
            ((OTHER,), {"OAUTHCTL_PROFILE": "one"}),
            (("other", "--profile", "one"), {}),
        ],
        ids=["issuer of the environment", "issuer as target", "profile of the environment", "profile as target"],
    )
    def test_a_profile_is_never_led_to_another_server(
        self, tmp_path: Path, where: Locations, argv: tuple[str, ...], environ: dict[str, str]
    ) -> None:
        before = profiles.load(where, "one")
        ran = self.login(tmp_path, *argv, **environ)
        assert (ran.code, ran.out) == (2, "")
        assert f"error[profile-mismatch]: the profile `one` is for `{ONE}`" in ran.err
        assert profiles.load(where, "one") == before

    def test_a_target_beats_the_issuer_of_the_environment(self, tmp_path: Path) -> None:
        ran = self.login(tmp_path, "other", OAUTHCTL_ISSUER=ONE)
        assert ran.code == 0
        assert f"{OTHER}/token_endpoint" in ran.out

    def test_no_target_at_all(self, tmp_path: Path) -> None:
        ran = self.login(tmp_path)
        assert (ran.code, ran.out) == (2, "")
        assert "or an issuer with `oauthctl login https://issuer.example --client-id ID`" in ran.err


def test_an_endpoint_in_the_environment_takes_no_secret_of_a_profile_elsewhere(tmp_path: Path) -> None:
    store = Locations(tmp_path / "config", tmp_path / "state")
    profiles.save(store, Profile(name="work", issuer="https://op.example", client_id="app", grant="client_credentials"))
    client_secrets.write(store, profiles.load(store, "work"), "kept-client-secret")
    environ = isolated(tmp_path) | {"OAUTHCTL_TOKEN_ENDPOINT": "http://127.0.0.1:9/token"}
    ran = oauthctl("token", environ=environ)
    assert (ran.code, ran.out) == (2, "")
    assert "error[profile-mismatch]: `OAUTHCTL_TOKEN_ENDPOINT` names a server that the profile `work` does not know" in ran.err
