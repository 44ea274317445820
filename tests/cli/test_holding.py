"""The tokens of a profile: found, checked, shown."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oauthctl.cli.holding import held, is_fresh, mismatch, stored, tokens_document
from oauthctl.cli.output import Output
from oauthctl.cli.settings import Settings
from oauthctl.cli.terminal import Terminal
from oauthctl.errors import ConfigError
from oauthctl.store import tokens as store
from oauthctl.store.locations import Locations
from oauthctl.store.profiles import Profile
from oauthctl.store.tokens import TokenSet

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ISSUER = "https://op.example"
PROFILE = Profile("work", issuer=ISSUER, client_id="app", scope=("openid", "email"))
TOKENS = TokenSet(
    ISSUER,
    "app",
    "at-secret",
    NOW,
    refresh_token="rt-secret",
    id_token="it-secret",
    scope=("openid",),
    requested_scope=("openid", "email"),
    expires_at=NOW + timedelta(hours=1),
    subject="alice",
)


@pytest.fixture
def out() -> Output:
    return Output(Terminal(io.StringIO(), io.StringIO(), io.StringIO(), {}))


def chosen(folder: Path, **changes: Any) -> Settings:
    return Settings(Locations(folder / "config", folder / "state"), replace(PROFILE, **changes), True)


def test_tokens_that_fit_are_given(out: Output, tmp_path: Path) -> None:
    settings = chosen(tmp_path)
    store.write(settings.locations, "work", TOKENS)
    assert held(out, settings) == stored(out, settings) == TOKENS


@pytest.mark.parametrize("read", [held, stored])
def test_no_tokens_name_the_way_to_some(out: Output, tmp_path: Path, read: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        read(out, chosen(tmp_path))
    assert (caught.value.slug, caught.value.help) == ("no-tokens", "sign in with `oauthctl login work`")


@pytest.mark.parametrize("read", [held, stored])
def test_a_server_without_a_profile_names_the_grant_that_needs_none(out: Output, tmp_path: Path, read: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        read(out, chosen(tmp_path, name=""))
    assert caught.value.slug == "no-profile"
    assert "`--grant client_credentials`" in caught.value.help


def test_tokens_that_do_not_fit_are_stored_and_not_held(out: Output, tmp_path: Path) -> None:
    settings = chosen(tmp_path, client_id="another")
    store.write(settings.locations, "work", TOKENS)
    assert stored(out, settings) == TOKENS
    with pytest.raises(ConfigError) as caught:
        held(out, settings)
    assert (caught.value.slug, caught.value.notes) == ("tokens-mismatch", ("they are of client `app`, not `another`",))


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"scope": ("email", "openid")}, True),
        ({"scope": ("openid",)}, False),
        ({"client_id": ""}, True),
        ({"issuer": ""}, True),
        ({"issuer": f"{ISSUER}/tenant"}, False),
        ({"resource": ("https://api.example/",)}, False),
        ({"audience": "api"}, False),
        ({"endpoints": (("token_endpoint", "https://op.example/token"),)}, True),
        ({"redirect_uri": "http://127.0.0.1/", "params": (("prompt", "login"),)}, True),
    ],
)
def test_what_was_asked_for_counts_and_not_what_was_granted(changes: dict[str, Any], fits: bool) -> None:
    assert (mismatch(TOKENS, replace(PROFILE, **changes)) == "") == fits


@pytest.mark.parametrize(
    ("seconds", "min_ttl", "fresh"),
    [(61, 60, True), (60, 60, True), (59.9, 60, False), (0, 0, True), (-0.1, 0, False), (None, 10**9, True)],
)
def test_fresh_means_that_enough_time_is_left(seconds: float | None, min_ttl: float, fresh: bool) -> None:
    expires_at = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert is_fresh(replace(TOKENS, expires_at=expires_at), NOW, min_ttl) == fresh


def test_the_document_masks_what_is_secret() -> None:
    document = tokens_document(TOKENS, profile="work", show_secrets=False)
    assert "secret" not in json.dumps(document)
    assert document == {
        "profile": "work",
        "issuer": ISSUER,
        "client_id": "app",
        "subject": "alice",
        "access_token": "***",
        "token_type": "Bearer",
        "refresh_token": "***",
        "id_token": "***",
        "scope": ["openid"],
        "resource": [],
        "audience": None,
        "obtained_at": "2026-03-01T12:00:00Z",
        "expires_at": "2026-03-01T13:00:00Z",
    }


def test_secrets_that_are_not_there_are_null_and_no_stars() -> None:
    bare = replace(TOKENS, refresh_token="", id_token="", expires_at=None, subject="")
    for show in (False, True):
        document = tokens_document(bare, profile="work", show_secrets=show)
        assert [document[name] for name in ("refresh_token", "id_token", "expires_at", "subject")] == [None] * 4
    assert tokens_document(TOKENS, profile="work", show_secrets=True)["access_token"] == "at-secret"
