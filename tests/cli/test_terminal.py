from __future__ import annotations

import io

import pytest

from oauthctl.cli.terminal import Terminal


class Stream(io.StringIO):
    def __init__(self, *, tty: bool = False) -> None:
        super().__init__()
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


def terminal(environ: dict[str, str], *, tty: bool = True, color: str = "auto", no_input: bool = False) -> Terminal:
    return Terminal(Stream(tty=tty), Stream(tty=tty), Stream(tty=tty), environ, color=color, no_input=no_input)


@pytest.mark.parametrize(
    ("color", "environ", "tty", "colored"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"TERM": "xterm"}, True, True),
        ("auto", {"TERM": "xterm"}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": ""}, False, False),
        ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colours_are_decided_in_this_order(color: str, environ: dict[str, str], tty: bool, colored: bool) -> None:
    one = terminal(environ, tty=tty, color=color)
    assert one.colors(one.stdout) is colored


def test_each_stream_decides_for_itself() -> None:
    one = Terminal(Stream(), Stream(tty=False), Stream(tty=True), {})
    assert not one.colors(one.stdout)
    assert one.colors(one.stderr)


@pytest.mark.parametrize(
    ("environ", "tty", "no_input", "can_ask"),
    [
        ({}, True, False, True),
        ({}, False, False, False),
        ({}, True, True, False),
        ({"CI": "true"}, True, False, False),
        ({"CI": "1"}, True, False, False),
        ({"CI": "false"}, True, False, True),
        ({"CI": "False"}, True, False, True),
        ({"CI": "0"}, True, False, True),
        ({"CI": ""}, True, False, True),
    ],
)
def test_a_person_is_asked_only_where_there_is_one(environ: dict[str, str], tty: bool, no_input: bool, can_ask: bool) -> None:
    assert terminal(environ, tty=tty, no_input=no_input).can_ask is can_ask


def test_a_person_may_answer_while_stdout_is_a_pipe() -> None:
    assert Terminal(Stream(tty=True), Stream(), Stream(), {}).can_ask
