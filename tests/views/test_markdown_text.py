"""Recorded text becomes neither markup nor a link on a code host."""

from __future__ import annotations

import pytest

from oauthctl.views.markdown_text import code_span, escaped, plain_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words, and more", "plain words, and more"),
        ("ask @octocat today", "ask `@octocat` today"),
        ("a@b.example wrote", "`a@b.example` wrote"),
        ("see https://evil.example/x?y=1 now", "see `https://evil.example/x?y=1` now"),
        ("at www.evil.example", "at `www.evil.example`"),
        ("at https://evil.example/x, and (mailto:a@b.example).", "at `https://evil.example/x`, and (`mailto:a@b.example`)."),
        ("so says @octocat: no; @o, @p!", "so says `@octocat`: no; `@o`, `@p`\\!"),
        ("fixes #12, GH-7", "fixes `#12`, `GH-7`"),
        ("PKCS#12 and C#", "PKCS\\#12 and C\\#"),
        ("![p](x) <b> _i_", "\\!\\[p\\](x) \\<b\\> \\_i\\_"),
    ],
)
def test_what_a_code_host_would_link_is_code(text: str, expected: str) -> None:
    assert plain_text(text) == expected
    assert escaped(text) == expected


def test_literals_of_a_sentence_stay_code() -> None:
    assert escaped("`state` came back as `x|y`") == "`state` came back as <code>x&#124;y</code>"


def test_an_odd_backtick_makes_no_code() -> None:
    assert escaped("a ` b @c") == "a  b `@c`"


def test_a_long_text_without_signs_is_done_at_once() -> None:
    assert plain_text("a" * 200_000) == "a" * 200_000
    assert code_span("") == ""
