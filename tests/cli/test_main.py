from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest

from oauthctl import __version__
from oauthctl.cli.main import COMMANDS, main, take_switches
from oauthctl.cli.terminal import Terminal
from oauthctl.errors import ConfigError
from tests.cli.running import oauthctl
from tests.cli.test_terminal import Stream


class Failing(Stream):
    """A stream that can't be written to, for this reason."""

    def __init__(self, reason: BaseException) -> None:
        super().__init__()
        self._reason = reason

    def write(self, _: str) -> int:
        raise self._reason


def terminal(stdout: io.StringIO | None = None) -> Terminal:
    return Terminal(Stream(), stdout or Stream(), Stream(), {})


def run(*argv: str, stdout: io.StringIO | None = None) -> tuple[int, str, str]:
    """The exit code, stdout and stderr of one command line."""
    given = terminal(stdout)
    code = main(list(argv), given)
    assert isinstance(given.stdout, io.StringIO)
    assert isinstance(given.stderr, io.StringIO)
    return code, given.stdout.getvalue(), given.stderr.getvalue()


@pytest.mark.parametrize(
    ("argv", "rest", "switches"),
    [
        ([], [], {}),
        (["token"], ["token"], {}),
        (["--quiet", "token"], ["token"], {"quiet": True}),
        (["token", "--quiet", "work"], ["token", "work"], {"quiet": True}),
        (["token", "--verbose", "--no-input"], ["token"], {"verbose": True, "no_input": True}),
        (["--color", "always", "token"], ["token"], {"color": "always"}),
        (["token", "--color=never"], ["token"], {"color": "never"}),
        (["--color=always", "--color=auto"], [], {"color": "auto"}),
        (["token", "--json"], ["token", "--json"], {"json_errors": True}),
        (["call", "--", "--quiet", "--json", "--color"], ["call", "--", "--quiet", "--json", "--color"], {}),
        (["--quiet", "--", "--quiet"], ["--", "--quiet"], {"quiet": True}),
        (["--quiet=yes", "--colors", "-q"], ["--quiet=yes", "--colors", "-q"], {}),
        (["decode", "-"], ["decode", "-"], {}),
    ],
)
def test_switches_are_taken_wherever_they_stand(argv: list[str], rest: list[str], switches: dict[str, object]) -> None:
    before = list(argv)
    arguments, given = take_switches(argv, terminal())
    assert arguments == rest
    names = ("color", "quiet", "verbose", "no_input", "json_errors")
    defaults = {"color": "auto", "quiet": False, "verbose": False, "no_input": False, "json_errors": False}
    assert {name: getattr(given, name) for name in names} == defaults | switches
    assert argv == before


@pytest.mark.parametrize("argv", [["--color"], ["--color="], ["--color", "sometimes"], ["--color", "--quiet"], ["--color=Always"]])
def test_a_colour_that_is_none_is_a_usage_error(argv: list[str]) -> None:
    with pytest.raises(ConfigError, match="`--color` can't be"):
        take_switches(argv, terminal())
    code, out, err = run(*argv)
    assert (code, out) == (2, "")
    assert err.startswith("error: `--color` can't be")
    assert err.endswith("help: use `--color auto`, `--color always` or `--color never`\n")


def test_a_command_prints_on_the_stdout_that_it_is_given() -> None:
    code, out, err = run("explain", "code_verifier")
    assert code == 0
    assert "code_verifier" in out
    assert err == ""


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_is_data(flag: str) -> None:
    code, out, err = run("explain", flag)
    assert (code, err) == (0, "")
    assert out.startswith("Usage: oauthctl explain")


def test_an_unknown_option_is_a_usage_error_that_leads_to_the_help() -> None:
    code, out, err = run("explain", "--bogus")
    assert (code, out) == (2, "")
    assert err == "error: no such option: `--bogus`\nhelp: see `oauthctl explain --help`\n"


def test_an_error_is_json_where_the_command_speaks_json() -> None:
    code, out, err = run("explain", "--json", "--bogus")
    assert (code, out) == (2, "")
    assert json.loads(err)["exit_code"] == 2
    assert json.loads(err)["error"]["message"] == "no such option: `--bogus`"


def test_an_interruption_is_130_and_no_traceback() -> None:
    code, _, err = run("explain", "state", stdout=Failing(KeyboardInterrupt()))
    assert code == 130
    assert "Traceback" not in err
    assert err.strip() == ""


def test_a_bug_is_reported_with_its_place_and_no_values() -> None:
    code, _, err = run("explain", "state", stdout=Failing(RuntimeError("hunter2")))
    lines = err.splitlines()
    assert code == 70
    assert lines[0] == f"error: a bug in oauthctl {__version__}: RuntimeError"
    assert lines[-1] == "help: report it with the lines above, which hold no values of yours"
    assert any('oauthctl/cli/main.py", line' in one.replace("\\", "/") for one in lines)
    assert "hunter2" not in err


def test_the_cause_of_a_bug_is_not_shown_either() -> None:
    reason = RuntimeError("outer")
    reason.__cause__ = ValueError("hunter2")
    reason.add_note("hunter2 too")
    _, _, err = run("explain", "state", stdout=Failing(reason))
    assert "hunter2" not in err


@pytest.mark.parametrize("argv", [["explain", "--jsn", "state"], ["explain", "--jso"]])
def test_a_mistyped_option_gets_a_suggestion(argv: list[str]) -> None:
    code, _, err = run(*argv)
    assert code == 2
    assert err == f"error: no such option: `{argv[1]}`. Did you mean `--json`?\nhelp: see `oauthctl explain --help`\n"


def test_a_mistyped_command_gets_a_suggestion() -> None:
    code, out, err = run("explian", "state")
    assert (code, out) == (2, "")
    assert err == "error: no such command `explian`. Did you mean `explain`?\nhelp: see `oauthctl --help`\n"


@pytest.mark.parametrize("argv", [[], ["--help"], ["-h"]])
def test_without_a_command_the_help_names_all_of_them(argv: list[str]) -> None:
    code, out, err = run(*argv)
    assert (code, err) == (0, "")
    assert all(f"\n  {name} " in out for name in COMMANDS)


def test_a_command_that_needs_arguments_shows_its_help_without_them() -> None:
    assert run("call") == run("call", "--help")


def test_the_version_is_data() -> None:
    assert run("--version") == (0, f"oauthctl {__version__}\n", "")


def test_a_bad_switch_is_told_in_json_too() -> None:
    _, _, err = run("explain", "--json", "--color", "sometimes")
    assert json.loads(err)["exit_code"] == 2


def test_a_reader_that_has_enough_is_no_failure() -> None:
    code, _, err = run("explain", "state", stdout=Failing(BrokenPipeError(32, "Broken pipe")))
    assert (code, err) == (0, "")


def test_a_pipe_that_closes_early_ends_the_program_in_peace() -> None:
    program = subprocess.Popen([sys.executable, "-m", "oauthctl", "explain", "state"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    with program.stderr:
        assert (program.wait(), program.stderr.read()) == (0, b"")


def test_a_pipe_of_an_old_code_page_does_not_end_the_run() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "oauthctl", "explain", "--b\u00f6gus"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert done.returncode == 2
    assert b"--b\\xf6gus" in done.stderr


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run([sys.executable, "-m", "oauthctl", "explain", "--bogus"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: no such option")


@pytest.mark.parametrize("argv", [(), *((name,) for name in COMMANDS)], ids=lambda argv: " ".join(argv) or "oauthctl")
def test_every_help_has_examples_before_its_options(argv: tuple[str, ...]) -> None:
    _, out, _ = run(*argv, "--help")
    first = out.index(f"\n    oauthctl {' '.join(argv)}".rstrip())
    assert first < out.index("\nOptions:")


@pytest.mark.parametrize("words", [(name,) for name in COMMANDS] + [("profile", "use"), ("trace", "show")])
def test_the_help_names_arguments_by_their_meaning(words: tuple[str, ...]) -> None:
    """Typer adds Python's type to an argument's metavar."""
    shown = oauthctl(*words, "--help").out
    assert "<str>" not in shown
    assert "<list[" not in shown


def test_the_usage_of_call_reads_as_it_is_typed() -> None:
    assert oauthctl("call", "--help").out.startswith("Usage: oauthctl call [OPTIONS] [METHOD] URL\n")


def test_a_span_without_an_end_is_no_leeway() -> None:
    ran = oauthctl("verify", "--leeway", "inf", "x")
    assert (ran.code, ran.out) == (2, "")
    assert "`--leeway` takes from 0 to 1000000 seconds, not `inf`" in ran.err
