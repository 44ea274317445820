"""Stored tokens: kept whole, never used where they do not fit."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import oauthctl
from oauthctl.errors import ConfigError, StoreError
from oauthctl.store import tokens as store
from oauthctl.store.locations import Locations
from oauthctl.store.tokens import TokenSet, mismatch, seconds_left

NOW = datetime(2026, 11, 21, 8, 45, 12, 345678, tzinfo=UTC)
TOKENS = TokenSet(
    issuer="https://op.example",
    client_id="app",
    access_token="access-s3cret",
    obtained_at=NOW,
    refresh_token="refresh-s3cret",
    id_token="id-s3cret",
    scope=("openid", "https://op.example/email"),
    requested_scope=("openid", "email", "offline_access"),
    resource=("https://api.example",),
    audience="api",
    expires_at=NOW + timedelta(seconds=300),
    subject="alice",
    token_endpoint="https://op.example/token",
    extra={"ext_expires_in": 3599, "nested": {"a": [1, None]}, "hidden": "extra-s3cret"},
)
BARE = TokenSet(issuer="", client_id="app", access_token="a", obtained_at=NOW)


@pytest.fixture
def where(tmp_path):
    return Locations(tmp_path / "config", tmp_path / "state")


def silent(text):
    raise AssertionError(f"unexpected warning: {text}")


@pytest.mark.parametrize("tokens", [TOKENS, BARE])
def test_tokens_are_read_as_they_were_written(where, tokens):
    store.write(where, "work", tokens)
    assert store.read(where, "work", warn=silent) == tokens


def test_a_profile_without_tokens_reads_as_none(where):
    assert store.read(where, "work", warn=silent) is None


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_tokens_are_private(where):
    store.write(where, "work", TOKENS)
    path = store.tokens_path(where, "work")
    assert [stat.S_IMODE(place.stat().st_mode) for place in (path, path.parent, where.state)] == [0o600, 0o700, 0o700]
    path.chmod(0o644)
    warnings = []
    assert store.read(where, "work", warn=warnings.append) == TOKENS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(warnings) == 1


def test_the_file_has_a_format_and_utc_times(where):
    east = timezone(timedelta(hours=2))
    store.write(where, "work", dataclasses.replace(BARE, obtained_at=datetime(2026, 11, 21, 10, tzinfo=east)))
    document = json.loads(store.tokens_path(where, "work").read_bytes())
    assert document["format"] == 1
    assert document["obtained_at"] == "2026-11-21T08:00:00+00:00"
    assert document["expires_at"] is None


def test_each_profile_has_tokens_of_its_own(where):
    store.write(where, "one", TOKENS)
    store.write(where, "two", BARE)
    assert [store.delete(where, "one"), store.delete(where, "one")] == [True, False]
    assert store.read(where, "one", warn=silent) is None
    assert store.read(where, "two", warn=silent) == BARE


def without(name):
    store_like = {"issuer": "i", "client_id": "c", "access_token": "s3cret", "obtained_at": NOW.isoformat()}
    return json.dumps({key: value for key, value in store_like.items() if key != name})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not JSON"),
        ('{"access_token": "s3cret', "not JSON"),
        ("\0" * 40, "not JSON"),
        ("[" * 100000, "recursion"),
        ("[]", "no JSON object"),
        (b"\xff\xfe{", ""),
        (without("issuer"), "no `issuer`"),
        (without("client_id"), "no `client_id`"),
        (without("access_token"), "no `access_token`"),
        (without("obtained_at"), "no `obtained_at`"),
        (without("").replace('"s3cret"', "17"), "`access_token` is of the wrong type"),
        (without("").replace('"s3cret"', "null"), "`access_token` is of the wrong type"),
        (without("").replace("2026", "s3cret"), "`obtained_at` is no time"),
        (without("").replace("+00:00", ""), "`obtained_at` has no offset"),
        (without("")[:-1] + ', "scope": "a b"}', "`scope` is of the wrong type"),
        (without("")[:-1] + ', "scope": [1]}', "`scope` is of the wrong type"),
        (without("")[:-1] + ', "expires_at": 5}', "`expires_at` is of the wrong type"),
        (without("")[:-1] + ', "extra": []}', "`extra` is of the wrong type"),
    ],
)
def test_a_damaged_file_is_set_aside_with_its_content_kept(where, content, reason):
    path = store.tokens_path(where, "work")
    store.write(where, "work", TOKENS)
    data = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(data)
    warnings = []
    assert store.read(where, "work", warn=warnings.append) is None
    (aside,) = path.parent.glob("work.json.damaged-*")
    assert aside.read_bytes() == data
    assert not path.exists()
    assert len(warnings) == 1
    assert reason in warnings[0]
    assert str(aside) in warnings[0]
    assert "s3cret" not in warnings[0]


def test_an_undamaged_file_of_the_same_shape_is_read(where):
    store.write(where, "work", TOKENS)
    store.tokens_path(where, "work").write_text(without(""))
    assert store.read(where, "work", warn=silent).access_token == "s3cret"


def test_a_file_of_a_newer_oauthctl_is_left_alone(where):
    store.write(where, "work", TOKENS)
    store.tokens_path(where, "work").write_text('{"format": 2}')
    with pytest.raises(StoreError, match="newer oauthctl"):
        store.read(where, "work", warn=silent)
    assert store.tokens_path(where, "work").read_text() == '{"format": 2}'


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(), st.text(), st.lists(st.text()).map(tuple), st.dictionaries(st.text(), json_values, max_size=3))
def test_whatever_a_server_sends_is_kept(where, access_token, subject, scope, extra):
    tokens = dataclasses.replace(BARE, access_token=access_token, subject=subject, scope=scope, extra=extra)
    store.write(where, "any", tokens)
    assert store.read(where, "any", warn=silent) == tokens


def test_no_secret_shows_in_the_repr():
    assert "s3cret" not in repr(TOKENS)
    assert "alice" in repr(TOKENS)


@pytest.mark.parametrize(("after", "left"), [(0, 300), (299.5, 0.5), (400, -100)])
def test_seconds_left(after, left):
    assert seconds_left(TOKENS, NOW + timedelta(seconds=after)) == left


def test_a_token_without_expiry_has_no_seconds_left():
    assert seconds_left(BARE, NOW) is None


WISHES = {
    "issuer": "https://op.example",
    "client_id": "app",
    "scope": ("email", "openid", "offline_access"),
    "resource": ("https://api.example",),
    "audience": "api",
    "token_endpoint": "https://op.example/token",
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, ""),
        ({"issuer": "", "client_id": "", "token_endpoint": ""}, ""),
        ({"issuer": "https://op.example/"}, "they are of issuer `https://op.example`, not `https://op.example/`"),
        ({"client_id": "other"}, "they are of client `app`, not `other`"),
        ({"token_endpoint": "https://evil.example/t"}, "they came from `https://op.example/token`, not `https://evil.example/t`"),
        ({"scope": ("openid",)}, "they were asked for with scope `openid email offline_access`, not `openid`"),
        ({"scope": ()}, "they were asked for with scope `openid email offline_access`, not none"),
        ({"resource": ()}, "they were asked for with resource `https://api.example`, not none"),
        ({"audience": ""}, "they were asked for with audience `api`, not none"),
    ],
)
def test_tokens_that_no_longer_fit_the_profile_say_why(change, reason):
    assert mismatch(TOKENS, **(WISHES | change)) == reason


def test_without_a_requested_scope_the_granted_one_counts():
    tokens = dataclasses.replace(BARE, scope=("a", "b"))
    assert mismatch(tokens, scope=("b", "a")) == ""
    assert mismatch(tokens, scope=("a",)) != ""


def test_no_name_leads_out_of_the_directory(where):
    with pytest.raises(ConfigError):
        store.read(where, "../config/x", warn=silent)


def test_the_lock_is_scoped_to_the_profile(where):
    with store.lock(where, "one", timeout_seconds=0), store.lock(where, "two", timeout_seconds=0):
        second = store.lock(where, "one", timeout_seconds=0.01)
        with pytest.raises(StoreError, match="locked by another process"), second:
            raise AssertionError("two hold the lock")


REFRESH = """
import sys
from dataclasses import replace
from pathlib import Path
from oauthctl.store import tokens
from oauthctl.store.locations import Locations
where = Locations(Path(sys.argv[1]), Path(sys.argv[1]))
for _ in range(10):
    with tokens.lock(where, "work", timeout_seconds=30):
        held = tokens.read(where, "work", warn=print)
        tokens.write(where, "work", replace(held, refresh_token=str(int(held.refresh_token) + 1)))
"""
ENVIRON = os.environ | {"PYTHONPATH": str(Path(oauthctl.__file__).parents[1])}


def test_parallel_refreshes_under_the_lock_lose_no_rotation(where):
    store.write(where, "work", dataclasses.replace(BARE, refresh_token="0"))
    workers = [subprocess.Popen([sys.executable, "-c", REFRESH, str(where.state)], env=ENVIRON) for _ in range(4)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0, 0]
    assert store.read(where, "work", warn=silent).refresh_token == "40"


HEAVY = {"httpx", "cryptography", "jwt", "rich", "filelock", "platformdirs", "tomllib", "typer", "asyncio", "ssl", "socket", "subprocess"}


def test_reading_tokens_imports_nothing_heavy(where):
    store.write(where, "work", TOKENS)
    script = (
        "import sys; from pathlib import Path; from oauthctl.store import tokens; from oauthctl.store.locations import locations;"
        "import os; assert tokens.read(locations(os.environ), 'work', warn=print); print(*sys.modules)"
    )
    environ = ENVIRON | {"OAUTHCTL_CONFIG_DIR": str(where.config), "OAUTHCTL_STATE_DIR": str(where.state)}
    # Without `site`, for the .pth files of an environment import what they like.
    done = subprocess.run([sys.executable, "-S", "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())
