"""`main(argv) -> int`: from the command line to an exit code.

Here: which commands there are, the switches that all of them have, what becomes of an error. Not here: what a command does.
Only the module of the command that was named is imported, since `import typer` is to be nearly all that a start costs.
"""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer

from oauthctl.cli.ending import ended_by_signals
from oauthctl.cli.terminal import Terminal
from oauthctl.errors import ConfigError, ExitCode, OauthctlError

COMMANDS = (
    "demo",
    "login",
    "register",
    "token",
    "call",
    "decode",
    "verify",
    "discover",
    "userinfo",
    "introspect",
    "refresh",
    "revoke",
    "logout",
    "profile",
    "diagnose",
    "trace",
    "explain",
    "serve",
    "completions",
)
"""The commands in the order of the help; each is a module of this package."""

_HELP = """The debugger for OAuth 2.x and OpenID Connect.

\b
  oauthctl demo                            a whole sign-in, practised here
  oauthctl login https://op.example --client-id my-app --scope "openid email"
  oauthctl token --format header | curl -H @- https://api.example.com/items
  oauthctl token | oauthctl decode
  oauthctl trace show                      what went over the wire
"""

_EVERYWHERE = "Every command also takes --color WHEN, --quiet, --verbose and --no-input."


def script() -> None:
    """The console script."""
    import os

    for stream in (sys.stdout, sys.stderr):
        # A pipe of an old code page (Windows) can't hold every sign: it is written as an escape instead of ending the run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    with ended_by_signals() as ending:
        code = main(sys.argv[1:], Terminal(sys.stdin, sys.stdout, sys.stderr, os.environ))
    sys.exit(ending.exit_code(code))


def main(argv: list[str], terminal: Terminal) -> int:
    """Run one command line and give its exit code. Nothing escapes but what ends the interpreter."""
    from oauthctl.cli.output import Output

    terminal = replace(terminal, json_errors=_speaks_json(argv))
    output = Output(terminal)
    try:
        arguments, terminal = take_switches(argv, terminal)
        output = Output(terminal)
        return int(_run(arguments, output))
    except OauthctlError as error:
        output.error(error)
        return int(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        # The terminal that hung up takes no line any more.
        with suppress(OSError):
            terminal.stderr.write("\n")
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # The reader has what it wanted (`oauthctl … | head`); nothing may be written to that pipe at exit either.
        if terminal.stdout is sys.stdout:
            import os

            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.DONE)
    except Exception as bug:  # noqa: BLE001 - the last resort: whatever it is, it is ours to mend
        _report_bug(bug, terminal)
        return int(ExitCode.BUG)


def _run(arguments: list[str], output: Any) -> int:
    named = next((word for word in arguments if not word.startswith("-")), "")
    command = _command((named,) if named in COMMANDS else COMMANDS)
    try:
        with redirect_stdout(output.terminal.stdout):
            result = command(arguments, prog_name="oauthctl", obj=output, standalone_mode=False)
    except typer.TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            output.data(error.format_message())
            return int(ExitCode.DONE)
        from oauthctl.cli.usage import usage_error

        raise usage_error(error, next((word for word in arguments if word in COMMANDS), "")) from None
    except SystemExit as leaving:
        # Typer turns a broken pipe into its own exit with code 1, which says "the answer is no" in ours.
        if isinstance(leaving.__context__, BrokenPipeError):
            raise leaving.__context__ from None
        raise
    return int(result or 0)


@cache
def _command(names: tuple[str, ...]) -> Any:
    """What Typer makes of these commands. Reading their annotations takes longer than most runs, and once is enough for a process."""
    command = typer.main.get_command(build_app(names))
    _name_by_meaning(command)
    return command


def build_app(names: tuple[str, ...] = COMMANDS) -> typer.Typer:
    """The Typer app with these commands; all of them for help, for completion and for a mistyped one."""
    app = typer.Typer(
        name="oauthctl",
        help=_HELP,
        epilog=_EVERYWHERE,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_root)
    for name in names:
        module = import_module(f"oauthctl.cli.{name}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name, no_args_is_help=getattr(module, "NO_ARGS_IS_HELP", False))(module.command)
    return app


def _name_by_meaning(command: Any) -> None:
    """Let the help show an argument by its metavar alone, as it does an option: Typer adds Python's type, `<list[str]>`."""
    for param in command.params:
        if param.param_type_name == "argument" and param.metavar:
            param.display_type_rich = lambda ctx: ""
            if "[" in param.metavar:
                # Such a metavar says itself what may be left out.
                param.get_usage_pieces = lambda ctx, shown=param.metavar: [shown]
    for inner in getattr(command, "commands", {}).values():
        _name_by_meaning(inner)


def _root(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version")] = False,
) -> None:
    if version:
        from oauthctl import __version__

        ctx.obj.data(f"oauthctl {__version__}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        ctx.obj.data(ctx.get_help())
        raise typer.Exit


def take_switches(argv: list[str], terminal: Terminal) -> tuple[list[str], Terminal]:
    """The arguments without the switches that every command has, wherever they stood before `--`, and the terminal that obeys them."""
    end = argv.index("--") if "--" in argv else len(argv)
    rest: list[str] = []
    words = iter(argv[:end])
    for word in words:
        match word.partition("="):
            case ("--color", equals, value):
                terminal = replace(terminal, color=_when(value if equals else next(words, "")))
            case ("--quiet", "", _):
                terminal = replace(terminal, quiet=True)
            case ("--verbose", "", _):
                terminal = replace(terminal, verbose=True)
            case ("--no-input", "", _):
                terminal = replace(terminal, no_input=True)
            case _:
                rest.append(word)
    return rest + argv[end:], replace(terminal, json_errors=_speaks_json(rest))


def _speaks_json(arguments: list[str]) -> bool:
    """Whether errors are to be JSON too; for `call`, `--json` is the request's body."""
    return "--json" in arguments and "call" not in arguments[:1]


def _when(value: str) -> str:
    if value not in ("auto", "always", "never"):
        raise ConfigError(f"`--color` can't be `{value}`", help="use `--color auto`, `--color always` or `--color never`")
    return value


def _report_bug(bug: Exception, terminal: Terminal) -> None:
    import traceback

    from oauthctl import __version__

    # Frames only: local variables, and the message of a foreign exception, may hold secrets.
    frames = "".join(traceback.format_list(traceback.extract_tb(bug.__traceback__)))
    terminal.stderr.write(
        f"error: a bug in oauthctl {__version__}: {type(bug).__name__}\n{frames}"
        "help: report it with the lines above, which hold no values of yours\n"
    )
