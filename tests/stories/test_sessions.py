"""Every console session beside this file still reads as it is written."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oauthctl.store.locations import locations
from oauthctl.store.profiles import Profile, save
from oauthctl.store.tokens import TokenSet, write
from tests.stories.sessions import commands, play

HERE = Path(__file__).parent

# Source: RFC 7515 appendix A.1.
rfc7515_appendix_a_1_key = {
    "kty": "oct",
    "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
}
rfc7515_appendix_a_1 = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
# Source: RFC 7519 section 6.1.
rfc7519_section_6_1 = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token.txt").write_text(rfc7515_appendix_a_1 + "\n")
    (tmp_path / "key.json").write_text(json.dumps(rfc7515_appendix_a_1_key))
    (tmp_path / "unsigned.txt").write_text(rfc7519_section_6_1 + "\n")
    (tmp_path / "changed.txt").write_text(rfc7515_appendix_a_1.replace("Ijp0cnVlfQ", "IjpmYWxzZX0"))
    (tmp_path / "tokens.txt").write_text(f"{rfc7515_appendix_a_1}\ngarbage in the log\n{rfc7519_section_6_1}\n")
    _profiles(tmp_path)
    return tmp_path


def _profiles(folder: Path) -> None:
    where = locations(_environ(folder))
    work = Profile("work", issuer="https://op.example", client_id="my-app", scope=("openid", "email"))
    save(where, work)
    save(where, Profile("home", issuer="https://home.example", client_id="cli"))
    at = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
    tokens = TokenSet(
        "https://op.example", "my-app", "an-access-token", at, refresh_token="a-refresh-token", scope=work.scope, subject="alice"
    )
    write(where, "work", replace(tokens, expires_at=at + timedelta(hours=1)))


def _environ(folder: Path) -> dict[str, str]:
    return {"OAUTHCTL_CONFIG_DIR": str(folder / "config"), "OAUTHCTL_STATE_DIR": str(folder / "state")}


@pytest.mark.parametrize("session", sorted(path.name for path in HERE.glob("*.console")))
def test_the_session_reads_as_it_is_written(session: str, folder: Path) -> None:
    text = (HERE / session).read_text(encoding="utf-8")
    assert commands(text)
    for command in commands(text):
        assert play(command, folder, environ=_environ(folder)) == command.expected, command.line
