"""Verdicts for people, pipes and programs."""

from __future__ import annotations

import pytest

from oauthctl.findings import Outcome, Verdict
from oauthctl.specs import Section
from oauthctl.views.lines import plain
from oauthctl.views.verdicts import overall, verdict_document, verdict_lines, verdict_table

PASS = Verdict("expiry", Outcome.PASS, "valid for 14 minutes", "after now", "2026-01-01", Section("RFC 7519", "4.1.4"))
FAIL = Verdict("audience", Outcome.FAIL, "`aud` names somebody else", "app", "other", Section("RFC 7519", "4.1.3"))
UNCLEAR = Verdict("issuer", Outcome.UNCLEAR, "compared with nothing")
SKIPPED = Verdict("at-hash", Outcome.SKIPPED, "nothing at hand")


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ((PASS, SKIPPED), Outcome.PASS),
        ((PASS, UNCLEAR), Outcome.UNCLEAR),
        ((UNCLEAR, FAIL, PASS), Outcome.FAIL),
        ((), Outcome.PASS),
    ],
)
def test_one_failure_decides_then_one_doubt(verdicts: tuple[Verdict, ...], expected: Outcome) -> None:
    assert overall(verdicts) is expected


def test_the_result_is_said_in_words_and_a_failure_with_both_values() -> None:
    assert [plain(one) for one in verdict_lines((PASS, FAIL, UNCLEAR))] == [
        "✓ pass     expiry    valid for 14 minutes",
        "                     2026-01-01",
        "✗ fail     audience  `aud` names somebody else",
        "                     expected  app",
        "                     got       other",
        "                     RFC 7519 section 4.1.3",
        "? unclear  issuer    compared with nothing",
    ]


def test_a_pipe_gets_every_value_of_a_check_in_a_row() -> None:
    assert [plain(cell) for cell in verdict_table((FAIL,)).rows[0]] == [
        "audience",
        "fail",
        "`aud` names somebody else",
        "app",
        "other",
        "RFC 7519 section 4.1.3",
    ]


def test_json_leaves_out_what_is_empty() -> None:
    assert verdict_document(UNCLEAR) == {"check": "issuer", "outcome": "unclear", "why": "compared with nothing"}
    assert verdict_document(FAIL)["url"] == "https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3"
