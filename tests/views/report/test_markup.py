from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.views.lines import printable
from oauthctl.views.report.markup import document, fragment, h, prose
from tests.views.report.parsed import Parsed
from tests.views.report.told import PAYLOADS


def test_text_and_attributes_are_escaped() -> None:
    written = fragment(h("p", "<b>&\"'", title="\"><i>'&"))
    assert written == '<p title="&quot;&gt;&lt;i&gt;&#x27;&amp;">&lt;b&gt;&amp;&quot;&#x27;</p>'


def test_names_are_spelled_as_html_spells_them() -> None:
    assert fragment(h("a", class_="step", aria_label="x", data_go=3, hidden=None, open=True)) == (
        '<a class="step" aria-label="x" data-go="3" open=""></a>'
    )


def test_control_characters_are_shown_and_not_written() -> None:
    assert fragment(h("p", "a\x00\x1b\u202eb")) == r"<p>a\x00\x1b\u202eb</p>"


def test_elements_without_an_end_have_none() -> None:
    assert document(h("html", h("br"), "x")) == "<!doctype html>\n<html><br>x</html>\n"


@pytest.mark.parametrize(
    "attributes",
    [{"onclick": "x"}, {"style": "x"}, {"src": "x"}, {"href": "javascript:x"}, {"href": "http://a"}, {"href": "data:x"}, {"action": "#"}],
    ids=str,
)
def test_what_could_run_or_load_something_is_refused(attributes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"place in a report|a link leads"):
        h("a", **attributes)


@pytest.mark.parametrize("text", ["x</script>", "<!--", "</STYLE"])
def test_a_script_that_would_end_early_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="would end"):
        h("script", text)


def test_words_in_backticks_are_code() -> None:
    assert fragment(h("p", prose("the `alg` is `<none>`"))) == "<p>the <code>alg</code> is <code>&lt;none&gt;</code></p>"
    assert fragment(h("p", prose("a ` b"))) == "<p>a ` b</p>"


@pytest.mark.parametrize("payload", PAYLOADS)
@given(more=st.text(max_size=20))
def test_any_text_reads_back_as_that_text(payload: str, more: str) -> None:
    text = printable(payload + more).replace("\r", "")
    parsed = Parsed(fragment(h("p", text, title=text)))
    assert parsed.elements == [("p", {"title": text})]
    assert parsed.text == text
