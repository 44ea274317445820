"""Reading the app's commands into plain values; what the command prints and refuses."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import pytest
import typer
from typer.main import get_command

from oauthctl.cli.completions import FILES, scripts, tree_of
from oauthctl.cli.options import ProfileName
from oauthctl.views.completion.tree import Argument, Kind, Option, Value
from tests.cli.running import oauthctl


class Shade(Enum):
    LIGHT = "light"
    DARK = "dark"


def run(*argv: str) -> tuple[int, str, str]:
    ran = oauthctl(*argv)
    return ran.code, ran.out, ran.err


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (Annotated[str, typer.Option("--x", metavar="SECONDS")], Value(Kind.TEXT, (), "SECONDS")),
        (Annotated[Literal["a", "b"], typer.Option("--x", metavar="WAY")], Value(Kind.CHOICES, ("a", "b"), "WAY")),
        (Annotated[Literal["a", "b"] | None, typer.Option("--x")], Value(Kind.CHOICES, ("a", "b"), "OPTION")),
        (Annotated[Shade | None, typer.Option("--x")], Value(Kind.CHOICES, ("light", "dark"), "OPTION")),
        (Annotated[str, typer.Option("--x", metavar="FILE|URL")], Value(Kind.FILE, (), "FILE|URL")),
        (Annotated[str, typer.Option("--x", metavar="DIR")], Value(Kind.DIRECTORY, (), "DIR")),
        (Annotated[str, typer.Option("--x", metavar="TEXT|@FILE")], Value(Kind.AT_FILE, (), "TEXT|@FILE")),
        (ProfileName, Value(Kind.PROFILE, (), "NAME")),
        (Annotated[bool, typer.Option("--x")], None),
    ],
)
def test_an_option_says_what_it_takes(annotation: object, expected: Value | None) -> None:
    app = typer.Typer(add_completion=False)

    def one(option) -> None: ...

    one.__annotations__["option"] = annotation
    one.__defaults__ = (None,)
    app.command("one")(one)
    assert tree_of(get_command(app)).options[0].value == expected


def test_repeatable_options_and_groups_are_seen() -> None:
    app = typer.Typer(add_completion=False)
    group = typer.Typer(help="Many.")

    def show(names: list[str], scope: Annotated[list[str] | None, typer.Option("--scope", "-s", help="Scopes")] = None) -> None:
        """Show.

        More.
        """

    group.command("show")(show)
    group.command("list")(lambda: None)
    app.add_typer(group, name="many")
    app.callback()(lambda: None)
    [many] = tree_of(get_command(app)).commands
    assert (many.name, many.help, [one.name for one in many.commands]) == ("many", "Many", ["show", "list"])
    assert many.commands[0].help == "Show"
    assert many.commands[0].options[0] == Option(("--scope", "-s"), "Scopes", Value(metavar="SCOPE"), repeatable=True)
    assert many.commands[0].arguments == (Argument(Value(metavar="NAMES"), repeatable=True),)


@pytest.mark.parametrize("shell", FILES)
def test_a_shells_script_is_printed(shell: str) -> None:
    code, out, err = run("completions", shell)
    assert (code, err) == (0, "")
    assert f"`oauthctl completions {shell}`" in out
    assert "Install:" in out


def test_all_scripts_are_written_into_a_folder(tmp_path: Path) -> None:
    code, out, err = run("completions", "--write", str(tmp_path / "made"))
    assert (code, out) == (0, "")
    assert {path.name for path in (tmp_path / "made").iterdir()} == set(FILES.values())
    assert str(tmp_path / "made" / "_oauthctl") in err


@pytest.mark.parametrize("argv", [("bash", "--write", "x"), ("--write", "")])
def test_a_shell_or_a_folder_is_wanted(argv: tuple[str, ...]) -> None:
    code, out, err = run("completions", *argv)
    assert (code, out) == (2, "")
    assert "help: try `oauthctl completions bash`" in err


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run("completions", "--write", str(tmp_path / "file"))
    assert code == 2
    assert "can't be written to" in err


def test_an_unknown_shell_is_a_usage_error() -> None:
    code, _, err = run("completions", "tcsh")
    assert code == 2
    assert "`tcsh`" in err


def test_the_flows_that_explain_draws_are_offered() -> None:
    for script in scripts().values():
        assert "code-flow" in script
        assert "logout-flow" in script
