"""Assertions for tokens, on a real server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oauthctl.jose.jwk import generate
from tests.cli.person import isolated
from tests.cli.running import Ran, oauthctl
from tests.interop.targets import Server

CANAILLE = pytest.mark.xdist_group("canaille")


def trade(server: Server, folder: Path, key: object, *argv: str) -> Ran:
    path = folder / "key.jwk"
    path.write_text(json.dumps(key), "utf-8")
    words = ("--client-key", str(path), "--assertion-issuer", "trusted", "--assertion-subject", server.user, "--assertion-audience")
    environ = isolated(folder) | {"OAUTHCTL_ISSUER": server.issuer}
    return oauthctl("token", "--grant", "jwt_bearer", *words, "token-endpoint", "--scope", "openid profile", *argv, environ=environ)


@CANAILLE
def test_a_jwt_is_traded_for_a_token(canaille: Server, tmp_path: Path) -> None:
    """Canaille takes the token endpoint alone as audience, and verifies with a key of its own (see its script)."""
    key = json.loads((canaille.folder / "server-key.json").read_text("utf-8"))
    ran = trade(canaille, tmp_path, key)
    assert ran.code == 0, ran.err
    assert ran.out.strip()
    document = json.loads(trade(canaille, tmp_path, key, "--format", "json").out)
    assert document["token_type"] == "Bearer"
    assert set(document["scope"]) <= {"openid", "profile"}


@CANAILLE
@pytest.mark.parametrize(
    ("changes", "own_key", "words"),
    [
        ((), True, "invalid_grant"),
        (("--assertion-subject", "nobody"), False, "invalid_grant"),
        (("--assertion-claim", "exp:=1"), False, "invalid_grant"),
    ],
    ids=["another key", "nobody", "expired"],
)
def test_a_bad_assertion_is_refused(canaille: Server, tmp_path: Path, changes: tuple[str, ...], own_key: bool, words: str) -> None:
    key = generate("RS256").as_dict() if own_key else json.loads((canaille.folder / "server-key.json").read_text("utf-8"))
    ran = trade(canaille, tmp_path, key, *changes)
    assert (ran.code, ran.out) == (4, "")
    assert words in ran.err
