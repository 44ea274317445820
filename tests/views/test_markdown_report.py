from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from oauthctl.views.lines import one_line
from oauthctl.views.markdown_report import markdown_report
from oauthctl.views.markdown_text import code_span, escaped, plain_text
from tests.record.played import SECRETS, SIGNATURES
from tests.views.report.told import PAYLOADS, hostile_report, played_report

HOSTS = ("https://www.rfc-editor.org/", "https://openid.net/", "https://datatracker.ietf.org/", "https://fetch.spec.whatwg.org/")


def read(text: str) -> list[Token]:
    """The document as a code host reads it, flat."""
    blocks = MarkdownIt("commonmark").enable("table").parse(text)
    return [token for block in blocks for token in (block, *(block.children or ()))]


def written() -> str:
    return markdown_report(*played_report())


def test_findings_come_first_then_the_diagram_then_each_message() -> None:
    text = written()
    order = [
        "# Diagnosis",
        "(`code-reused`)",
        "# Sequence",
        "```mermaid\nsequenceDiagram\n",
        "# Messages",
        "## 1. API call",
        "## 12. revocation",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_parameters_stand_in_a_table_with_meaning_and_section() -> None:
    assert "| `state` | `af0ifjsldkj` | " in written()
    assert "([RFC 6749 section 4.1.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1)) |" in written()
    assert "**PKCE verifier** (pass): `code_challenge = BASE64URL(SHA-256(ASCII(code_verifier)))`" in written()


def test_no_secret_is_in_it() -> None:
    assert [one for one in (*SECRETS, *SIGNATURES) if one in written()] == []


@pytest.mark.parametrize("rotation", range(len(PAYLOADS)))
def test_no_recorded_text_becomes_markup(rotation: int) -> None:
    report, diagnosis = hostile_report(rotation)
    tokens = read(markdown_report(report, diagnosis))
    assert {token.content for token in tokens if token.type in ("html_block", "html_inline")} <= {"<code>", "</code>"}
    assert [token for token in tokens if token.type == "image"] == []
    links = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    assert links
    assert [link for link in links if not link.startswith(HOSTS)] == []
    assert len([token for token in tokens if token.type == "fence"]) == len(report.diagrams)
    headings = 3 + len(report.findings) + len(report.messages) + len([one for one in report.diagrams if one.title])
    assert len([token for token in tokens if token.type == "heading_open"]) == headings


@given(st.text(alphabet="`|\\<>&*_ab \n", max_size=12))
def test_any_text_is_one_cell_of_a_table(text: str) -> None:
    for written in (code_span(text), plain_text(text), escaped(text)):
        tokens = read(f"| a | b |\n|---|---|\n| {written} | end |")
        inline = [token for token in tokens if token.type == "inline"]
        assert len(inline) == 4
        assert inline[3].content == "end"


@given(st.text(alphabet="`|\\<>&*_ab;#", min_size=1, max_size=12))
def test_code_reads_back_as_it_was(text: str) -> None:
    inline = next(token for token in read(f"x {code_span(text)} x") if token.type == "inline")
    shown = "".join(child.content for child in inline.children or () if child.type in ("text", "text_special", "code_inline"))
    assert shown == f"x {one_line(text)} x"
