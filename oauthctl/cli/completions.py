"""`oauthctl completions`: the shells' completion scripts, made from the app itself.

Here: reading the app's commands into plain values, printing and writing the scripts. Not here: the shells' languages (`views.completion`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from oauthctl.cli.options import complete_profiles, output_of

if TYPE_CHECKING:
    from oauthctl.views.completion.tree import Argument, Command, Option, Value

NO_ARGS_IS_HELP = True

FILES = {"bash": "oauthctl.bash", "zsh": "_oauthctl", "fish": "oauthctl.fish", "powershell": "oauthctl.ps1"}
"""What each shell's script is called in a folder."""


def command(
    ctx: typer.Context,
    shell: Annotated[
        Literal["bash", "zsh", "fish", "powershell"] | None, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell")
    ] = None,
    write: Annotated[str, typer.Option("--write", metavar="DIR", help="Write the scripts of all shells into this folder")] = "",
) -> int:
    """Print a shell's completion script.

    \b
      oauthctl completions bash > ~/.local/share/bash-completion/completions/oauthctl
      oauthctl completions zsh > ~/.zfunc/_oauthctl
      oauthctl completions fish > ~/.config/fish/completions/oauthctl.fish
      oauthctl completions powershell >> $PROFILE

    The scripts are static: they offer commands, options, choices, files and profile names without starting oauthctl.
    How to install one stands in its first lines.
    """
    from oauthctl.errors import ConfigError

    out = output_of(ctx)
    if bool(shell) == bool(write):
        raise ConfigError("give a shell or `--write DIR`, one of them", help="try `oauthctl completions bash`")
    made = scripts()
    if shell:
        out.data(made[shell].rstrip("\n"))
        return 0
    for name, path in _written(write, made).items():
        out.say(f"{name}: {path}")
    return 0


def _written(folder: str, made: dict[str, str]) -> dict[str, str]:
    from pathlib import Path

    from oauthctl.errors import ConfigError

    paths: dict[str, str] = {}
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for shell, script in made.items():
            path = Path(folder) / FILES[shell]
            path.write_text(script, encoding="utf-8", newline="\n")
            paths[shell] = str(path)
    except OSError as error:
        raise ConfigError(f"the scripts can't be written to `{folder}`: {error.strerror}") from None
    return paths


def scripts() -> dict[str, str]:
    """The script of each shell, for all commands."""
    from oauthctl.cli.main import build_app

    return scripts_of(build_app())


def scripts_of(app: typer.Typer) -> dict[str, str]:
    """The script of each shell for this app."""
    from typer.main import get_command

    from oauthctl.views.completion.bash import bash
    from oauthctl.views.completion.fish import fish
    from oauthctl.views.completion.powershell import powershell
    from oauthctl.views.completion.zsh import zsh

    root = tree_of(get_command(app))
    return {"bash": bash(root), "zsh": zsh(root), "fish": fish(root), "powershell": powershell(root)}


def tree_of(found: Any, path: tuple[str, ...] = ()) -> Command:
    """The tree below a command as Typer built it; only what all of Typer's versions have is asked of it, hence `Any`."""
    from oauthctl.views.completion.tree import Command

    shown = [one for one in found.params if not getattr(one, "hidden", False)]
    below = [(name, one) for name, one in getattr(found, "commands", {}).items() if not one.hidden]
    return Command(
        path,
        help=(found.help or "").strip().partition("\n")[0].rstrip("."),
        options=(*(_option(one) for one in shown if one.param_type_name == "option"), *_switches()),
        arguments=tuple(_argument(one) for one in shown if one.param_type_name == "argument"),
        commands=tuple(tree_of(one, (*path, name)) for name, one in below),
    )


def _switches() -> tuple[Option, ...]:
    """What `main` takes away before a command sees its arguments, and the help."""
    from oauthctl.views.completion.tree import Kind, Option, Value

    return (
        Option(("--color",), "When to use colour", Value(Kind.CHOICES, ("auto", "always", "never"), "WHEN")),
        Option(("--quiet",), "Print no talk, only data, warnings and errors"),
        Option(("--verbose",), "Print more talk"),
        Option(("--no-input",), "Never ask"),
        Option(("--help", "-h"), "Show the help"),
    )


def _option(found: Any) -> Option:
    from oauthctl.views.completion.tree import Option

    # Help is one line everywhere; a `--no-x` twin stands beside its `--x`.
    text = " ".join((found.help or "").split())
    value = None if found.is_flag or found.count else _value(found)
    return Option((*found.opts, *found.secondary_opts), text, value, repeatable=bool(found.multiple))


def _argument(found: Any) -> Argument:
    from oauthctl.views.completion.tree import Argument

    return Argument(_value(found), repeatable=found.nargs == -1)


def _value(found: Any) -> Value:
    from oauthctl.views.completion.tree import Kind, Value

    metavar = (found.metavar or found.name).strip("[]").upper()
    choices = _choices(found.type_descriptor.annotation)
    if choices:
        return Value(Kind.CHOICES, choices, metavar)
    complete = getattr(found.type_descriptor.parameter_info, "autocompletion", None)
    if complete is not None:
        # Profiles come and go; the words of any other completion are the same until the tool changes.
        return Value(Kind.PROFILE, (), metavar) if complete is complete_profiles else Value(Kind.CHOICES, tuple(complete("")), metavar)
    alternatives = metavar.split("|")
    for word, kind in (("FILE", Kind.FILE), ("HAR", Kind.FILE), ("DIR", Kind.DIRECTORY), ("@FILE", Kind.AT_FILE), ("TARGET", Kind.PROFILE)):
        if word in alternatives:
            return Value(kind, (), metavar)
    return Value(Kind.TEXT, (), metavar)


def _choices(annotation: Any) -> tuple[str, ...]:
    """The values of a `Literal` or an enum, also within `… | None` or `list[…]`."""
    from enum import Enum
    from typing import get_args, get_origin

    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(str(one.value) for one in annotation)
    if get_origin(annotation) is Literal:
        return tuple(str(value) for value in get_args(annotation))
    return next((found for found in map(_choices, get_args(annotation)) if found), ())
