"""Profiles and their files."""

from __future__ import annotations

import dataclasses
import os
import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oauthctl.errors import ConfigError, StoreError
from oauthctl.store import profiles
from oauthctl.store.locations import Locations
from oauthctl.store.profiles import Profile

WORK = Profile(
    name="work",
    issuer="https://op.example",
    client_id="app",
    client_secret_env="WORK_SECRET",
    client_auth="client_secret_basic",
    grant="authorization_code",
    scope=("openid", "email"),
    resource=("https://api.example", "https://other.example"),
    audience="api",
    redirect_uri="http://localhost:8080/callback",
    response_mode="form_post",
    pkce="S256",
    endpoints=(("token_endpoint", "https://op.example/token"), ("jwks_uri", "https://op.example/keys")),
    params=(("allow_signup", "false"), ("x y", "1"), ("x y", "2")),
)


@pytest.fixture
def where(tmp_path):
    return Locations(tmp_path / "config", tmp_path / "state")


def write(where, name, text):
    path = where.config / "profiles" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_profile_is_loaded_as_it_was_saved(where):
    profiles.save(where, WORK)
    assert profiles.load(where, "work") == WORK


def test_the_file_is_one_that_a_person_would_write(where):
    profiles.save(where, dataclasses.replace(WORK, resource=(), params=()))
    assert (where.config / "profiles" / "work.toml").read_text().splitlines() == [
        'issuer = "https://op.example"',
        'client_id = "app"',
        'client_secret_env = "WORK_SECRET"',
        'client_auth = "client_secret_basic"',
        'grant = "authorization_code"',
        'scope = ["openid", "email"]',
        'audience = "api"',
        'redirect_uri = "http://localhost:8080/callback"',
        'response_mode = "form_post"',
        'pkce = "S256"',
        "",
        "[endpoints]",
        'token_endpoint = "https://op.example/token"',
        'jwks_uri = "https://op.example/keys"',
    ]


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
groups = st.lists(st.tuples(texts, texts), unique_by=lambda pair: pair[0], max_size=4).map(tuple)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.builds(
        Profile, name=st.just("any"), issuer=texts, client_id=texts, scope=st.lists(texts).map(tuple), endpoints=groups, params=groups
    )
)
def test_any_text_in_a_profile_survives(where, profile):
    profiles.save(where, profile)
    assert profiles.load(where, "any") == profile


def test_unknown_keys_are_kept_when_a_profile_is_rewritten(where):
    path = write(where, "work", 'client_id = "old"\ncolour = "red"\nseen = 2026-11-21T00:00:00Z\n[later]\ndeep = { a = [1, 2.5] }\n')
    profiles.save(where, Profile(name="work", client_id="new"))
    text = path.read_text()
    assert profiles.load(where, "work").client_id == "new"
    assert 'colour = "red"' in text
    assert "seen = 2026-11-21T00:00:00+00:00" in text
    assert "[later]\ndeep = { a = [1, 2.5] }" in text


def test_a_member_that_became_empty_leaves_the_file(where):
    profiles.save(where, WORK)
    profiles.save(where, dataclasses.replace(WORK, audience="", endpoints=()))
    assert profiles.load(where, "work").audience == ""
    assert "endpoints" not in (where.config / "profiles" / "work.toml").read_text()


def test_saving_the_same_again_keeps_comments(where):
    path = write(where, "work", '# mine\nclient_id = "app" # the one for tests\n')
    profiles.save(where, profiles.load(where, "work"))
    assert path.read_text() == '# mine\nclient_id = "app" # the one for tests\n'


def test_a_scope_may_be_written_as_oauth_writes_it(where):
    write(where, "work", 'scope = "openid  email"\nresource = "https://api.example"\n')
    assert profiles.load(where, "work").scope == ("openid", "email")
    assert profiles.load(where, "work").resource == ("https://api.example",)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("issuer = 'a'\nclient_id = \n", "line 2"),
        ("\n\n[endpoints\n", "line 3"),
        ("a = 1\na = 2\n", "line 2"),
        (b"issuer = 'a'\n\nclient_id = '\xff'\n", "line 3"),
        ("a = '", "line 1"),
        ("a = " + "[" * 20000, "line 1"),
        ("client_id = 7", "`client_id`"),
        ("scope = [1]", "`scope`"),
        ("endpoints = 'x'", "`endpoints`"),
        ("[params]\na = 1", "`params.a`"),
    ],
)
def test_a_damaged_profile_names_its_file_and_the_place(where, text, place):
    path = write(where, "work", text)
    with pytest.raises(ConfigError) as caught:
        profiles.load(where, "work")
    assert caught.value.where == f"{path}, {place}"
    assert str(path) in caught.value.message


def test_a_damaged_profile_is_not_overwritten(where):
    path = write(where, "work", "client_id = ")
    with pytest.raises(ConfigError):
        profiles.save(where, WORK)
    assert path.read_text() == "client_id = "


def test_a_secret_in_a_profile_is_refused_and_not_repeated(where):
    write(where, "work", 'client_secret = "hunter2"')
    with pytest.raises(ConfigError) as caught:
        profiles.load(where, "work")
    assert "client_secret_file" in caught.value.help
    assert "hunter2" not in repr(vars(caught.value))


def test_a_byte_order_mark_is_no_damage(where):
    write(where, "work", b"\xef\xbb\xbfclient_id = 'app'\r\n")
    assert profiles.load(where, "work").client_id == "app"


def test_a_huge_profile_is_not_read(where):
    write(where, "work", "#" * (1024 * 1024 + 1))
    with pytest.raises(ConfigError, match="larger than"):
        profiles.load(where, "work")


def test_names_lists_profiles_alone(where):
    assert profiles.names(where) == ()
    for name in ("work", "accounts.example.com"):
        profiles.save(where, Profile(name=name))
    write(where, ".hidden", "")
    (where.config / "profiles" / "notes.txt").write_text("")
    assert profiles.names(where) == ("accounts.example.com", "work")


def test_an_empty_profile_is_a_profile(where):
    profiles.save(where, Profile(name="bare"))
    assert profiles.load(where, "bare") == Profile(name="bare")


@pytest.mark.parametrize("act", [profiles.load, profiles.delete, profiles.use])
def test_a_missing_profile_is_told_with_the_nearest_name(where, act):
    profiles.save(where, WORK)
    with pytest.raises(ConfigError, match="there is no profile `wrok`") as caught:
        act(where, "wrok")
    assert caught.value.help == "did you mean `work`?"
    assert caught.value.notes == ("profiles: work",)


@pytest.mark.parametrize("name", ["../x", "", "a/b", ".ssh"])
def test_no_name_leads_out_of_the_directory(where, name):
    with pytest.raises(ConfigError, match="is no profile name"):
        profiles.load(where, name)
    with pytest.raises(ConfigError, match="is no profile name"):
        profiles.save(where, Profile(name=name))


def test_the_default_is_chosen_and_goes_with_its_profile(where):
    profiles.save(where, WORK)
    profiles.save(where, Profile(name="other"))
    assert profiles.current(where) == ""
    profiles.use(where, "work")
    assert profiles.current(where) == "work"
    profiles.delete(where, "other")
    assert profiles.current(where) == "work"
    profiles.delete(where, "work")
    assert profiles.current(where) == ""
    assert profiles.names(where) == ()


def test_choosing_the_default_keeps_other_settings(where):
    profiles.save(where, WORK)
    (where.config / "config.toml").write_text('colour = "never"\nprofile = "gone"\n')
    profiles.use(where, "work")
    assert (where.config / "config.toml").read_text() == 'colour = "never"\nprofile = "work"\n'


@pytest.mark.parametrize("text", ["profile = 1", 'profile = "../x"', "profile"])
def test_a_damaged_default_is_an_error(where, text):
    where.config.mkdir()
    (where.config / "config.toml").write_text(text)
    with pytest.raises(ConfigError):
        profiles.current(where)


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions and links")
def test_a_linked_profile_stays_a_link(where, tmp_path):
    profiles.save(where, WORK)
    path = where.config / "profiles" / "work.toml"
    kept = tmp_path / "dotfiles.toml"
    path.rename(kept)
    path.symlink_to(kept)
    profiles.save(where, dataclasses.replace(WORK, audience="changed"))
    assert path.is_symlink()
    assert 'audience = "changed"' in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_directory_in_a_profiles_place_is_an_error(where):
    (where.config / "profiles" / "work.toml").mkdir(parents=True)
    with pytest.raises(StoreError):
        profiles.load(where, "work")


def test_a_second_issuer_on_one_host_gets_a_name_of_its_own(where):
    first, second = "https://kc.example/realms/a", "https://kc.example/realms/b"
    assert profiles.name_for_issuer(where, first) == "kc.example"
    profiles.save(where, Profile(name="kc.example", issuer=first))
    assert profiles.name_for_issuer(where, f"{first}/") == "kc.example"
    assert profiles.name_for_issuer(where, second) == "kc.example-realms-b"


def test_endpoints_are_found_by_name():
    assert WORK.endpoint("jwks_uri") == "https://op.example/keys"
    assert WORK.endpoint("userinfo_endpoint") == ""
