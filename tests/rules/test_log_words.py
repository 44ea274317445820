"""What programs print is heard, whichever of them prints it: `log_lines.jsonl` has the lines, the rule, and words of its cause or help."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oauthctl.record.pasted import read_pasted
from oauthctl.rules.diagnosis import Diagnosis, diagnose
from oauthctl.rules.evidence import scene_of

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
LINES = [json.loads(line) for line in (Path(__file__).parent / "log_lines.jsonl").read_text("utf-8").splitlines()]


def _diagnosis(text: str) -> Diagnosis:
    return diagnose(scene_of(read_pasted(text, now=NOW), now=NOW, salt=b"s"))


@pytest.mark.parametrize("line", LINES, ids=[line["text"][:50] for line in LINES])
def test_a_line_of_a_log_is_named(line: dict[str, Any]) -> None:
    first = _diagnosis(line["text"]).findings[0]
    said = f"{first.cause} {first.help}".lower()
    assert first.rule == line["rule"]
    assert [word for word in line["says"] if word.lower() not in said] == []


def test_the_words_count_for_nothing_where_the_token_itself_was_seen() -> None:
    token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1LTEifQ."
    alone, beside = "JsonWebTokenError: invalid issuer", f"JsonWebTokenError: invalid issuer\n{token}"
    assert [one.rule for one in _diagnosis(alone).findings] == ["token-issuer-differs"]
    assert "token-issuer-differs" not in [one.rule for one in _diagnosis(beside).findings]


def test_a_line_is_explained_once() -> None:
    text = "Token verification failed: state mismatch, invalid signature"
    assert len(_diagnosis(text).findings) == 1
    assert len(_diagnosis(text.replace(", ", "\n")).findings) == 2
