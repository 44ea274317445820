from __future__ import annotations

import pytest

from oauthctl.messages.word import Group, Word
from oauthctl.specs import Section
from oauthctl.views.explained_flow import FlowShown, flow_document, flow_lines, flow_list
from oauthctl.views.glyphs import ASCII
from oauthctl.views.lines import plain
from tests.record.played import CODE, SECRETS, played

WORD = Word("odd-flow", Group.FLOW, "flow, drawn", "all that can happen, in one run", Section("RFC 6749", "4.1"))
SHOWN = FlowShown(WORD, "an odd flow", played())


def lines(width: int = 100, **more: object) -> list[str]:
    return [plain(line) for line in flow_lines(SHOWN, width=width, **more)]  # type: ignore[arg-type]  # one option, passed on


def test_the_flow_is_named_then_drawn_then_each_message_is_explained() -> None:
    text = lines()
    assert text[:4] == [
        "odd-flow  an odd flow",
        "  All that can happen, in one run",
        "  RFC 6749 section 4.1  https://www.rfc-editor.org/rfc/rfc6749#section-4.1",
        "",
    ]
    assert "│" in text[5]
    assert [row for row in text if row.startswith("exchange 7")] == ["exchange 7: token request (authorization_code)"]


def test_neither_secrets_nor_the_time_of_the_rehearsal_are_shown() -> None:
    text = "\n".join(lines())
    assert CODE in str(played())
    assert [secret for secret in SECRETS if secret in text] == []
    assert "2026-03-01" not in text.partition("exchange 1: ")[2].partition("\n\n")[0]


def test_ascii_is_used_where_nothing_else_can_be_shown() -> None:
    assert "\n".join(lines(80, glyphs=ASCII)).isascii()


def test_the_document_holds_names_meanings_and_clauses_and_no_secrets() -> None:
    document = flow_document(SHOWN)
    token = document["messages"][6]
    assert (token["number"], token["method"], token["answer"]["status"]) == (7, "POST", 200)
    (code,) = [one for one in token["parameters"] if one["name"] == "code"]
    assert code["section"] == "RFC 6749 section 4.1.3"
    assert [secret for secret in SECRETS if secret in str(document)] == []


@pytest.mark.parametrize(("width", "between"), [(0, "\t"), (80, "  ")], ids=["pipe", "terminal"])
def test_flows_are_listed_one_on_a_line(width: int, between: str) -> None:
    assert [plain(line) for line in flow_list((WORD,), width=width)] == [f"odd-flow{between}all that can happen, in one run"]
