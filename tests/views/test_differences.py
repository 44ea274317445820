"""Differences as lines: everything fits, nothing steers the terminal."""

from __future__ import annotations

import pytest

from oauthctl.record.difference import Comparison, Difference, Kind, Lone, MessagePair, Weight
from oauthctl.specs import Section
from oauthctl.views.differences import Sides, comparison_document, comparison_lines, difference_lines, summary
from oauthctl.views.lines import plain

SIDES = Sides("works.har", "fails.har")
LONG = "https://app.example/" + "a" * 200
FOUND = Difference(
    "request.query.redirect_uri",
    Kind.SLASH,
    "`redirect_uri`: a `/`",
    "https://a.example",
    "https://a.example/",
    Section("RFC 6749", "3.1.2"),
)


def texts(found: Difference, width: int) -> list[str]:
    return [plain(one) for one in difference_lines((found,), SIDES, width)]


def compared(*found: Difference, only_b: tuple[Lone, ...] = ()) -> Comparison:
    pair = MessagePair("authorization request", 1, 2, found)
    return Comparison((pair,), (), only_b, (pair, found[0]) if found else None)


def test_a_narrow_terminal_has_both_values_below_each_other() -> None:
    assert texts(FOUND, 60) == [
        "A  works.har",
        "B  fails.har",
        "",
        "request.query.redirect_uri  trailing-slash",
        "  A https://a.example",
        "  B https://a.example/",
        "  `redirect_uri`: a `/` (RFC 6749 section 3.1.2)",
    ]


def test_a_wide_terminal_has_them_side_by_side() -> None:
    row = texts(FOUND, 140)[4]
    assert row.startswith("  A https://a.example  ")
    assert row.index("B https://a.example/") == 71


@pytest.mark.parametrize("width", [40, 60, 100, 140, 200])
def test_of_long_values_the_place_where_they_part_is_shown(width: int) -> None:
    found = Difference("request.url", Kind.PATH, "the URL", LONG + "/one", LONG + "/two", None)
    shown = texts(found, width)
    assert max(map(len, shown)) <= width
    assert any("/one" in text for text in shown)
    assert any("/two" in text for text in shown)


def test_a_pipe_gets_whole_values() -> None:
    found = Difference("request.url", Kind.PATH, "the URL", LONG + "/one", None)
    assert texts(found, 0)[4:6] == [f"  A {LONG}/one", "  B (none)"]


def test_nothing_steers_the_terminal() -> None:
    hostile = "\x1b[2J\nfake line\u202e"
    found = Difference(f"response.body.{hostile}", Kind.VALUE, hostile, hostile, [hostile], None)
    lone = Lone(hostile, 3, hostile)
    lines = comparison_lines(compared(found, only_b=(lone,)), Sides(hostile, hostile), 80)
    assert all(text.isprintable() for text in map(plain, lines))


def test_what_was_told_before_is_counted_and_not_repeated() -> None:
    again = Difference("response.body.issuer", Kind.HOST, "the issuer", "a", "b", None, Weight.METADATA, is_again=True)
    shown = [plain(one) for one in comparison_lines(compared(FOUND, again), SIDES)]
    assert "authorization request  exchange 1 in A, 2 in B; 1 more as above" in shown
    assert not any("response.body.issuer" in text for text in shown)
    assert comparison_document(compared(FOUND, again), SIDES)["messages"][0]["differences"][1]["again"] is True


@pytest.mark.parametrize(
    ("comparison", "said"),
    [
        (compared(), "nothing differs in 1 message but what is new in each run"),
        (compared(FOUND), "1 difference; 0 of 1 common message alike"),
        (compared(only_b=(Lone("keys", 2),)), "1 message that one side lacks; 1 of 1 common message alike"),
    ],
)
def test_the_summary_counts(comparison: Comparison, said: str) -> None:
    assert summary(comparison) == said
