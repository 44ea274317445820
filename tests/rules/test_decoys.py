"""Legal oddities: what looks like a flaw and is none must give no warning and no error, be it raw or redacted.

Each heading in `decoys/*.md` is one, in the form of the rules' pages (`tests.rules.pages`); `<public NAME>` stands for a public test key.
`decoys/logs.txt` has lines of logs in which nothing of the protocol went wrong, whatever they are called, and `decoys/urls.txt` URLs that
are as they should be, or none of the protocol's; a blank line parts them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oauthctl.findings import Severity
from oauthctl.record.pasted import read_pasted
from oauthctl.rules.diagnosis import Diagnosis, diagnose
from oauthctl.rules.evidence import scene_of
from tests.rules.keys import TEST_KEYS
from tests.rules.pages import play

FOLDER = Path(__file__).parent / "decoys"
_PUBLIC = re.compile(r"<public ([a-z0-9-]+)>")
FEWEST = 60
NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
LOGS = (FOLDER / "logs.txt").read_text("utf-8").split("\n\n")
URLS = (FOLDER / "urls.txt").read_text("utf-8").split("\n\n")


def _decoys() -> Iterator[tuple[str, str]]:
    for path in sorted(FOLDER.glob("*.md")):
        for part in path.read_text("utf-8").split("\n## ")[1:]:
            name, _, text = part.partition("\n")
            yield f"{path.stem}: {name}", _PUBLIC.sub(_key, text)


def _key(match: re.Match[str]) -> str:
    return json.dumps(dict(TEST_KEYS[match[1]].public().as_dict()))


DECOYS = dict(_decoys())


def _alarms(diagnosis: Diagnosis) -> list[str]:
    """What was found beyond notes, with its cause, so that a failing test tells why."""
    return [f"{one.rule} ({one.certainty}): {one.cause}" for one in diagnosis.findings if one.severity is not Severity.NOTE]


def test_there_are_many_decoys() -> None:
    assert len(DECOYS) >= FEWEST
    assert len(DECOYS) == sum(path.read_text("utf-8").count("\n## ") for path in FOLDER.glob("*.md")), "two have the same name"


@pytest.mark.parametrize("name", DECOYS)
def test_a_legal_oddity_is_no_finding(name: str) -> None:
    played = play(DECOYS[name])
    assert played.recording.exchanges or played.pasted
    diagnosis = played.diagnosis()
    assert _alarms(diagnosis) == []
    assert diagnosis.checked or not any(exchange.purpose for exchange in played.recording.exchanges)
    assert not diagnosis.unexplained or "local_error" in played.given
    assert _alarms(played.diagnosis_of_redacted()) == []


@pytest.mark.parametrize("text", LOGS + URLS, ids=[text[:50] for text in LOGS + URLS])
def test_what_somebody_pastes_without_a_failure_is_no_finding(text: str) -> None:
    assert _alarms(diagnose(scene_of(read_pasted(text, now=NOW), now=NOW, salt=b"s"))) == []


def test_there_are_many_logs() -> None:
    assert len(LOGS) >= 30
