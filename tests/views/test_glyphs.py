from __future__ import annotations

import io

import pytest

from oauthctl.views.glyphs import ASCII, UNICODE, glyphs_for, glyphs_of, in_ascii, in_glyphs
from oauthctl.views.lines import Span, line


@pytest.mark.parametrize(
    ("encoding", "glyphs"), [("ascii", ASCII), ("latin-1", ASCII), (None, ASCII), ("no such encoding", ASCII), ("utf-8", UNICODE)]
)
def test_ascii_is_used_where_the_encoding_has_no_boxes(encoding: str | None, glyphs: object) -> None:
    assert glyphs_for(encoding) is glyphs


def test_a_stream_says_by_its_encoding_what_it_can_show() -> None:
    assert glyphs_of(io.TextIOWrapper(io.BytesIO(), encoding="cp437")) is ASCII
    assert glyphs_of(io.StringIO()) is UNICODE


def test_lines_for_ascii_keep_their_style() -> None:
    assert list(in_glyphs((line(Span("ä → b…", "dim")),), ASCII)) == [(Span("\\xe4 -> b...", "dim"),)]
    assert list(in_glyphs((line("ä"),), UNICODE)) == [line("ä")]
    assert in_ascii("plain") == "plain"
