"""Every console session beside this file still reads as it is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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
    return tmp_path


@pytest.mark.parametrize("session", sorted(path.name for path in HERE.glob("*.console")))
def test_the_session_reads_as_it_is_written(session: str, folder: Path) -> None:
    text = (HERE / session).read_text(encoding="utf-8")
    assert commands(text)
    for command in commands(text):
        assert play(command, folder) == command.expected, command.line
