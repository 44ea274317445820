"""Client secrets that were kept."""

from __future__ import annotations

import os
import stat

import pytest

from oauthctl.errors import ConfigError
from oauthctl.store import client_secrets
from oauthctl.store.locations import Locations


@pytest.fixture
def where(tmp_path):
    return Locations(tmp_path / "config", tmp_path / "state")


def silent(text):
    raise AssertionError(f"unexpected warning: {text}")


def test_a_secret_is_read_as_it_was_kept(where):
    assert client_secrets.read(where, "work", client_id="app", warn=silent) == ""
    client_secrets.write(where, "work", "hünter 2\n", client_id="app")
    assert client_secrets.read(where, "work", client_id="app", warn=silent) == "hünter 2\n"


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_a_secret_is_private(where):
    client_secrets.write(where, "work", "s", client_id="app")
    path = client_secrets.client_secret_path(where, "work")
    assert [stat.S_IMODE(place.stat().st_mode) for place in (path, path.parent)] == [0o600, 0o700]


def test_a_secret_never_goes_to_another_client(where):
    client_secrets.write(where, "work", "s", client_id="app")
    assert client_secrets.read(where, "work", client_id="other", warn=silent) == ""


@pytest.mark.parametrize("content", ["", "{", "[]", '{"client_secret": "hunter2"}', '{"client_id": "app", "client_secret": 7}'])
def test_a_damaged_file_is_set_aside_and_its_secret_not_repeated(where, content):
    client_secrets.write(where, "work", "s", client_id="app")
    path = client_secrets.client_secret_path(where, "work")
    path.write_text(content)
    warnings = []
    assert client_secrets.read(where, "work", client_id="app", warn=warnings.append) == ""
    (aside,) = path.parent.glob("work.json.damaged-*")
    assert aside.read_text() == content
    assert len(warnings) == 1
    assert "hunter2" not in warnings[0]


def test_a_deleted_secret_is_gone(where):
    client_secrets.write(where, "work", "s", client_id="app")
    assert [client_secrets.delete(where, "work"), client_secrets.delete(where, "work")] == [True, False]
    assert client_secrets.read(where, "work", client_id="app", warn=silent) == ""


def test_no_name_leads_out_of_the_directory(where):
    with pytest.raises(ConfigError):
        client_secrets.write(where, "../x", "s", client_id="app")
