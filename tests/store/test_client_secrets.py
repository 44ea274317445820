"""Client secrets that were kept."""

from __future__ import annotations

import os
import stat
from dataclasses import replace

import pytest

from oauthctl.errors import ConfigError
from oauthctl.store import client_secrets
from oauthctl.store.locations import Locations
from oauthctl.store.profiles import Profile

ISSUER = "https://op.example"
APP = Profile("work", issuer=ISSUER, client_id="app")


@pytest.fixture
def where(tmp_path):
    return Locations(tmp_path / "config", tmp_path / "state")


def silent(text):
    raise AssertionError(f"unexpected warning: {text}")


def test_a_secret_is_read_as_it_was_kept(where):
    assert client_secrets.read(where, APP, warn=silent) == ""
    client_secrets.write(where, APP, "hünter 2\n")
    assert client_secrets.read(where, APP, warn=silent) == "hünter 2\n"


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_a_secret_is_private(where):
    client_secrets.write(where, APP, "s")
    path = client_secrets.client_secret_path(where, "work")
    assert [stat.S_IMODE(place.stat().st_mode) for place in (path, path.parent)] == [0o600, 0o700]


def test_a_secret_never_goes_to_another_client(where):
    client_secrets.write(where, APP, "s")
    assert client_secrets.read(where, replace(APP, client_id="other"), warn=silent) == ""


@pytest.mark.parametrize("content", ["", "{", "[]", '{"client_secret": "hunter2"}', '{"client_id": "app", "client_secret": 7}'])
def test_a_damaged_file_is_set_aside_and_its_secret_not_repeated(where, content):
    client_secrets.write(where, APP, "s")
    path = client_secrets.client_secret_path(where, "work")
    path.write_text(content)
    warnings = []
    assert client_secrets.read(where, APP, warn=warnings.append) == ""
    (aside,) = path.parent.glob("work.json.damaged-*")
    assert aside.read_text() == content
    assert len(warnings) == 1
    assert "hunter2" not in warnings[0]


def test_a_deleted_secret_is_gone(where):
    client_secrets.write(where, APP, "s")
    assert [client_secrets.delete(where, "work"), client_secrets.delete(where, "work")] == [True, False]
    assert client_secrets.read(where, APP, warn=silent) == ""


def test_no_name_leads_out_of_the_directory(where):
    with pytest.raises(ConfigError):
        client_secrets.write(where, replace(APP, name="../x"), "s")


def by_hand(name, url):
    return replace(APP, endpoints=((name, url),))


@pytest.mark.parametrize(
    "now",
    [
        replace(APP, issuer="https://evil.example"),
        replace(APP, issuer="http://op.example"),
        replace(APP, issuer="https://op.example/other-tenant"),
        replace(APP, issuer=""),
        *(by_hand(f"{name}_endpoint", "https://evil.example/x") for name in ("token", "revocation", "introspection")),
        by_hand("token_endpoint", "https://op.example:8443/token"),
        by_hand("token_endpoint", "http://op.example/token"),
    ],
)
def test_a_secret_never_goes_to_another_server(where, now):
    client_secrets.write(where, APP, "hunter2", token_endpoint="https://login.op.example/token")
    with pytest.raises(ConfigError) as caught:
        client_secrets.read(where, now, warn=silent)
    assert caught.value.slug == "secret-mismatch"
    assert "oauthctl login work --client-secret-file FILE" in caught.value.help
    assert "hunter2" not in repr((caught.value.message, caught.value.notes))
    assert client_secrets.read(where, APP, warn=silent) == "hunter2"


@pytest.mark.parametrize(
    "now",
    [
        replace(APP, issuer=ISSUER + "/"),
        replace(APP, scope=("more",), redirect_uri="http://127.0.0.1/"),
        by_hand("token_endpoint", "https://login.op.example/v2/token"),
        by_hand("revocation_endpoint", "https://op.example/revoke"),
        by_hand("jwks_uri", "https://keys.example/"),
    ],
)
def test_a_secret_stays_with_its_server(where, now):
    client_secrets.write(where, APP, "hunter2", token_endpoint="https://login.op.example/token")
    assert client_secrets.read(where, now, warn=silent) == "hunter2"


def test_a_secret_for_endpoints_alone(where):
    alone = replace(APP, issuer="", endpoints=(("token_endpoint", "https://op.example/token"),))
    client_secrets.write(where, alone, "hunter2")
    assert client_secrets.read(where, alone, warn=silent) == "hunter2"
    with pytest.raises(ConfigError):
        client_secrets.read(where, replace(alone, endpoints=(("token_endpoint", "https://evil.example/token"),)), warn=silent)


def test_a_file_of_before_servers_were_noted_is_asked_for_again(where):
    client_secrets.write(where, APP, "hunter2")
    path = client_secrets.client_secret_path(where, "work")
    path.write_text('{"format": 1, "client_id": "app", "client_secret": "hunter2"}')
    with pytest.raises(ConfigError) as caught:
        client_secrets.read(where, APP, warn=silent)
    assert caught.value.notes == ("an older oauthctl kept it, and did not note for which server",)
    client_secrets.write(where, APP, "hunter3")
    assert client_secrets.read(where, APP, warn=silent) == "hunter3"
