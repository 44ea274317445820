"""Failures that people met: the first finding names the cause, and nothing that it is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oauthctl.findings import Certainty
from tests.cli.running import oauthctl
from tests.rules.corpus.failures import NOW, compact_of, diagnosis_of, har_of, load, score

ENTRIES = load()
IDS = [entry["id"] for entry in ENTRIES]


@pytest.mark.parametrize("entry", ENTRIES, ids=IDS)
def test_the_cause_is_named_first(entry: dict[str, Any]) -> None:
    findings = diagnosis_of(entry).findings
    result = score(entry, findings)
    assert not result.wrong
    assert not result.missed


@pytest.mark.parametrize("entry", ENTRIES, ids=IDS)
def test_a_finding_says_where_it_shows_and_where_it_is_written(entry: dict[str, Any]) -> None:
    first = diagnosis_of(entry).findings[0]
    assert first.evidence
    assert first.sections or first.certainty is Certainty.LIKELY


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if "http" in entry], ids=[one["id"] for one in ENTRIES if "http" in one])
def test_the_command_says_the_same(entry: dict[str, Any], tmp_path: Any) -> None:
    """As a person would ask: a file, what is given, the clock, the keys."""
    (tmp_path / "capture.har").write_text(json.dumps(har_of(entry)), "utf-8")
    known = dict(entry.get("config") or {}) | ({"local_error": entry["local_error"]} if "local_error" in entry else {})
    (tmp_path / "given.json").write_text(json.dumps(known), "utf-8")
    argv = ["diagnose", str(tmp_path / "capture.har"), "--json", "--given", str(tmp_path / "given.json"), "--at", entry.get("now", NOW)]
    if (entry.get("token") or {}).get("jwks"):
        (tmp_path / "keys.json").write_text(json.dumps(entry["token"]["jwks"]), "utf-8")
        argv += ["--jwks", str(tmp_path / "keys.json")]
    ran = oauthctl(*argv)
    findings = json.loads(ran.out)["findings"]
    # A note tells what is odd, and is no failure.
    assert ran.code == int(any(one["severity"] != "note" for one in findings))
    first = findings[0]
    assert (first["rule"], first["cause"]) == _first(entry)


@pytest.mark.parametrize(
    "entry", [entry for entry in ENTRIES if "http" not in entry and "prior" not in entry], ids=lambda entry: entry["id"]
)
def test_a_pasted_token_is_told_the_same(entry: dict[str, Any], tmp_path: Any) -> None:
    (tmp_path / "given.json").write_text(json.dumps(entry.get("config") or {}), "utf-8")
    argv = ["diagnose", "-", "--json", "--given", str(tmp_path / "given.json"), "--at", entry.get("now", NOW)]
    if entry["token"].get("jwks"):
        (tmp_path / "keys.json").write_text(json.dumps(entry["token"]["jwks"]), "utf-8")
        argv += ["--jwks", str(tmp_path / "keys.json")]
    ran = oauthctl(*argv, stdin=compact_of(entry["token"]))
    assert ran.code == 1
    assert json.loads(ran.out)["findings"][0]["rule"] == _first(entry)[0]


def _first(entry: dict[str, Any]) -> tuple[str, str]:
    finding = diagnosis_of(entry).findings[0]
    return finding.rule, finding.cause
