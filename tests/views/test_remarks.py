from __future__ import annotations

import pytest

from oauthctl.findings import Certainty, Evidence, Finding, Severity
from oauthctl.views.canvas import cells
from oauthctl.views.glyphs import ASCII, UNICODE, Glyphs
from oauthctl.views.lines import plain
from oauthctl.views.remarks import main_evidence, remarks_of
from oauthctl.views.sequence import sequence
from tests.record.played import played

ERROR = Finding("state-mismatch", Severity.ERROR, "The `state` is another one", (Evidence(3, "request.query.state", got="a"),))
WARNING = Finding("slow", Severity.WARNING, "It is slow", (Evidence(7, "response.body.expires_in"),), certainty=Certainty.LIKELY)
NOTE = Finding("far", Severity.NOTE, "It is far", (Evidence(6, "request.query"),))


def test_a_remark_stands_where_something_else_was_expected() -> None:
    compared = Evidence(3, "request.query.state", got="a")
    wrong = Evidence(6, "response.query.state", "a", "b")
    finding = Finding("state-mismatch", Severity.ERROR, "It differs", (compared, wrong))
    assert main_evidence(finding) is wrong
    (remark,) = remarks_of((finding,))[6]
    assert (remark.text, remark.is_answer) == ("error[state-mismatch]: It differs", True)


def test_a_finding_without_an_exchange_has_no_remark() -> None:
    assert remarks_of((Finding("x", Severity.ERROR, "Y", (Evidence(None, "given.client_id"),)),)) == {}


def test_what_is_not_certain_says_so() -> None:
    assert remarks_of((WARNING,))[7][0].text == "warning[slow]: It is slow (likely)"


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_remarks_stand_under_the_arrow_that_they_concern_marked_without_colour(glyphs: Glyphs) -> None:
    drawn = [plain(line) for line in sequence(played(), 100, glyphs=glyphs, remarks=remarks_of((ERROR, WARNING, NOTE)))]
    marks = ("✗", "!", "●") if glyphs is UNICODE else ("x", "!", "*")
    at = [next(at for at, line in enumerate(drawn) if f"{finding.severity}[{finding.rule}]" in line) for finding in (ERROR, WARNING, NOTE)]
    assert [f" {mark} " in drawn[place] for mark, place in zip(marks, at, strict=True)] == [True, True, True]
    # The answer's remark under its arrow, the request's between its arrow and the answer.
    right, left = (glyphs.right, glyphs.left)
    assert left in drawn[at[1] - 1]
    assert right in drawn[at[2] - 1]
    assert "200 OK" in drawn[at[2] + 1]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_long_remark_is_wrapped(width: int) -> None:
    finding = Finding("long", Severity.ERROR, "word " * 60, (Evidence(7, "request.form.code"),))
    drawn = [plain(line) for line in sequence(played(), width, remarks=remarks_of((finding,)))]
    assert max(cells(line) for line in drawn) < width
    assert sum(line.count("word") for line in drawn) == 60
