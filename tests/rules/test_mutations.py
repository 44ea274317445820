"""Mutation controls: a failure whose single defect is repaired is not blamed on that defect any more.

Each repair makes up to two cases: the success that would follow (nothing may be found), and the old
refusal left as it was (whose words alone must not carry the diagnosis).
"""

from __future__ import annotations

from functools import cache

import pytest

from oauthctl.findings import Certainty, Severity
from tests.rules.corpus.back_repairs import BACK
from tests.rules.corpus.failures import diagnosis_of, load, score
from tests.rules.corpus.front_repairs import FRONT
from tests.rules.corpus.repairs import Entry, Repair, repaired

REPAIRS = (*FRONT, *BACK)
KEPT = tuple(repair for repair in REPAIRS if repair.keeps_text)


@cache
def failures() -> dict[str, Entry]:
    return {entry["id"]: entry for entry in load()}


@pytest.mark.parametrize("repair", REPAIRS, ids=lambda repair: repair.entry)
def test_success_after_a_repair_is_met_with_silence(repair: Repair) -> None:
    then = (repair.then,) if repair.then else ()
    found = diagnosis_of(repaired(failures()[repair.entry], *repair.edits, *then)).findings
    assert [(one.rule, one.cause) for one in found if one.severity is not Severity.NOTE] == []


@pytest.mark.parametrize("repair", KEPT, ids=lambda repair: repair.entry)
def test_words_of_a_server_do_not_carry_a_repaired_cause(repair: Repair) -> None:
    entry = failures()[repair.entry]
    cause = diagnosis_of(entry).findings[0].rule
    found = diagnosis_of(repaired(entry, *repair.edits)).findings
    if not found:
        return
    first = found[0]
    assert first.rule != cause, first.cause
    is_named = not score(entry, found).missed
    assert not is_named or first.certainty is Certainty.POSSIBLE, f"{first.rule}: {first.cause} {first.help}"


def test_there_are_controls_for_nearly_all_failures() -> None:
    assert len(REPAIRS) + len(KEPT) >= 150
    assert len({repair.entry for repair in REPAIRS}) == len(REPAIRS) == len(failures())
