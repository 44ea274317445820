from __future__ import annotations

import io
import json
import re

import pytest

from oauthctl.cli.output import Output, error_document, error_lines
from oauthctl.cli.terminal import Terminal
from oauthctl.errors import BadAnswer, CheckFailed, ConfigError, OauthctlError, Refused
from oauthctl.views.lines import Span, Table, line, plain
from tests.cli.test_terminal import Stream

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
HOSTILE = "\x1b[2J\x07\x9b31m\u202egpj.exe\x7f"
"""What would clear a screen, ring, colour and turn around a line if it reached a terminal as it is."""


def output(*, tty: bool = False, **switches: object) -> Output:
    return Output(Terminal(Stream(tty=tty), Stream(tty=tty), Stream(tty=tty), {}, **switches))  # type: ignore[arg-type]  # a test's switches


def printed(out: Output) -> str:
    assert isinstance(out.terminal.stdout, io.StringIO)
    return out.terminal.stdout.getvalue()


def said(out: Output) -> str:
    assert isinstance(out.terminal.stderr, io.StringIO)
    return out.terminal.stderr.getvalue()


STATE_MISMATCH = CheckFailed(
    "the callback's `state` is not the one that was sent",
    slug="state-mismatch",
    where="exchange 3, callback GET /callback",
    sent="`Zk3…9Q`  (exchange 2)",
    got="`1a2…ff`",
    spec="RFC 6749 section 10.12",
    help="this answer belongs to another request; do not redeem its code",
)
NO_ENDPOINT = BadAnswer(
    "`https://op.example` publishes no `token_endpoint`",
    notes=("read from https://op.example/.well-known/openid-configuration (exchange 1)",),
    help="give it with `--token-endpoint URL`",
)


def test_an_error_with_evidence_reads_to_the_letter() -> None:
    out = output()
    out.error(STATE_MISMATCH)
    assert said(out) == (
        "error[state-mismatch]: the callback's `state` is not the one that was sent\n"
        "  --> exchange 3, callback GET /callback\n"
        "      sent  `Zk3…9Q`  (exchange 2)\n"
        "      got   `1a2…ff`\n"
        "spec: RFC 6749 section 10.12\n"
        "help: this answer belongs to another request; do not redeem its code\n"
    )
    assert printed(out) == ""


def test_an_error_with_a_note_reads_to_the_letter() -> None:
    out = output()
    out.error(NO_ENDPOINT)
    assert said(out) == (
        "error: `https://op.example` publishes no `token_endpoint`\n"
        "note: read from https://op.example/.well-known/openid-configuration (exchange 1)\n"
        "help: give it with `--token-endpoint URL`\n"
    )


@pytest.mark.parametrize("error", [STATE_MISMATCH, NO_ENDPOINT, ConfigError("odd ` backtick")])
def test_colours_add_nothing_but_colour(error: OauthctlError) -> None:
    colored, bare = output(tty=True), output()
    colored.error(error)
    bare.error(error)
    assert "\x1b[" in said(colored)
    assert ESCAPE.sub("", said(colored)) == said(bare)


def test_a_long_error_is_not_wrapped_so_that_it_can_be_copied() -> None:
    out = output(tty=True)
    out.error(ConfigError("x" * 500))
    assert ESCAPE.sub("", said(out)) == f"error: {'x' * 500}\n"


def test_several_notes_are_a_line_each() -> None:
    assert [plain(one) for one in error_lines(ConfigError("no", notes=("a", "b")))] == ["error: no", "note: a", "note: b"]


def test_with_json_an_error_is_one_document_on_stderr() -> None:
    out = output(json_errors=True)
    out.error(Refused("no", slug="s", notes=("n",), help="h", data={"oauth_error": "invalid_grant", "status": 400}))
    assert said(out).count("\n") == 1
    assert json.loads(said(out)) == {
        "error": {"message": "no", "slug": "s", "notes": ["n"], "help": "h", "oauth_error": "invalid_grant", "status": 400},
        "exit_code": 4,
    }
    assert printed(out) == ""


def test_a_servers_control_characters_are_escaped_in_json_as_json_does_it() -> None:
    error, document = output(tty=True, json_errors=True), output(tty=True)
    error.error(Refused(HOSTILE))
    document.json({"a": HOSTILE})
    assert json.loads(said(error))["error"]["message"] == HOSTILE
    assert json.loads(printed(document)) == {"a": HOSTILE}
    assert (said(error) + printed(document)).replace("\n", "").isprintable()


def test_a_document_leaves_out_what_is_not_known() -> None:
    assert error_document(ConfigError("no")) == {"error": {"message": "no"}, "exit_code": 2}


@pytest.mark.parametrize("tty", [False, True])
def test_a_servers_control_characters_reach_no_terminal_in_an_error(tty: bool) -> None:
    out = output(tty=tty)
    out.error(Refused(f"a{HOSTILE}", where=HOSTILE, sent=HOSTILE, got=HOSTILE, notes=(HOSTILE,), spec=HOSTILE, help=HOSTILE))
    shown = ESCAPE.sub("", said(out))
    assert not set(HOSTILE) & set(shown) - set("[2J31mgpj.exe")
    assert r"\x1b[2J\x07\x9b31m\u202egpj.exe\x7f" in shown


def test_data_is_bare_on_a_pipe_and_escaped_on_a_terminal() -> None:
    pipe, tty = output(), output(tty=True)
    pipe.data(f"a{HOSTILE}")
    tty.data(f"a{HOSTILE}")
    assert printed(pipe) == f"a{HOSTILE}\n"
    assert printed(tty) == "a\\x1b[2J\\x07\\x9b31m\\u202egpj.exe\\x7f\n"


def test_json_is_one_line_on_a_pipe_and_indented_for_a_person() -> None:
    pipe, tty = output(), output(tty=True)
    for out in (pipe, tty):
        out.json({"a": [1], "name": "é"})
        assert json.loads(printed(out)) == {"a": [1], "name": "é"}
    assert printed(pipe) == '{"a": [1], "name": "é"}\n'
    assert printed(tty).startswith('{\n  "a"')


def test_a_table_is_one_record_a_line_on_a_pipe() -> None:
    out = output()
    out.table(Table(("name", "value"), ((line("a"), line(Span("b", "error"), "c")), (line("d\te\nf"), line(""))), title="no title"))
    assert printed(out) == "a\tbc\nd e f\t\n"


def test_a_table_has_titles_on_a_terminal_and_shows_no_control_characters() -> None:
    out = output(tty=True)
    out.table(Table(("name", "value"), ((line("a"), line(HOSTILE)),), title="things"))
    shown = ESCAPE.sub("", printed(out))
    assert "things" in shown
    assert "name" in shown
    assert r"\x1b[2J" in shown
    assert "\x07" not in shown


def test_talk_goes_to_stderr_and_quiet_keeps_it_back_but_not_warnings_and_errors() -> None:
    loud, quiet = output(), output(quiet=True)
    for out in (loud, quiet):
        out.say("saying")
        out.say_lines((line("line"),))
        out.warn("care")
        out.error(ConfigError("no"))
    assert said(loud) == "saying\nline\nwarning: care\nerror: no\n"
    assert said(quiet) == "warning: care\nerror: no\n"
    assert printed(loud) == printed(quiet) == ""


@pytest.mark.parametrize(("switches", "shown"), [({}, ""), ({"verbose": True}, "more\n"), ({"verbose": True, "quiet": True}, "")])
def test_details_are_for_the_verbose(switches: dict[str, bool], shown: str) -> None:
    out = output(**switches)
    out.detail("more")
    assert said(out) == shown


def test_markup_of_a_server_is_text() -> None:
    out = output(tty=True)
    out.lines((line("[bold]not bold[/bold] :smile: https://x.example/1"),))
    assert ESCAPE.sub("", printed(out)) == "[bold]not bold[/bold] :smile: https://x.example/1\n"


def test_a_body_is_unchanged_on_a_pipe() -> None:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding="utf-8")
    out = Output(Terminal(Stream(), stream, Stream(), {}))
    out.data("before")
    out.raw(b"\xff\x00\x1b\r\n")
    assert buffer.getvalue() == b"before\n\xff\x00\x1b\r\n"


def test_a_body_is_escaped_on_a_terminal() -> None:
    out = output(tty=True)
    out.raw(HOSTILE.encode())
    assert printed(out) == "\\x1b[2J\\x07\\x9b31m\\u202egpj.exe\\x7f"


@pytest.mark.parametrize(("tty", "rows"), [(True, ["careful: the page", "  must be here"]), (False, ["careful: the page must be here"])])
def test_prose_is_broken_at_spaces_on_a_terminal_alone(tty: bool, rows: list[str]) -> None:
    terminal = Terminal(Stream(tty=tty), Stream(tty=tty), Stream(tty=tty), {"COLUMNS": "18", "NO_COLOR": "1"})
    out = Output(terminal)
    out.say_prose((line("careful: the page must be here"),), indent=2)
    assert said(out).splitlines() == rows
