"""A diagnosis in a narrow terminal: everything is broken at spaces, and only what can't be broken is wider."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from oauthctl.cli.main import main
from oauthctl.cli.terminal import Terminal
from tests.cli.running import Screen

WIDTH = 40
ANSWERS = {
    "an answer alone": '{"error": "invalid_grant", "error_description": "the authorization code has expired by now, nobody takes it"}',
    "a callback": "https://app.example/cb?error=invalid_scope&error_description=no+such+scope&state=s1Z8qL0abcd",
    "a request": "https://idp.example/authorize?response_type=code&client_id=undefined&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&state=s1",
    "a log": 'JwtVerificationException: expected audience "https://api.example" got "account"',
}


@pytest.mark.parametrize("name", ANSWERS)
def test_no_line_is_wider_than_the_terminal_unless_a_word_is(name: str, tmp_path: Path) -> None:
    path = tmp_path / "pasted.txt"
    path.write_text(ANSWERS[name], "utf-8")
    out, talk = Screen(), Screen()
    main(["diagnose", str(path)], Terminal(io.StringIO(), out, talk, {"COLUMNS": str(WIDTH), "NO_COLOR": "1", "HOME": str(tmp_path)}))
    lines = [*out.getvalue().splitlines(), *talk.getvalue().splitlines()]
    assert len(lines) > 10
    wide = [line for line in lines if len(line) > WIDTH and len(line.lstrip(" |").split()) > 1]
    assert wide == []
