"""Typer's complaints about a command line in our words: what the option takes, what was given, what was perhaps meant.

Here: one `ConfigError` from one exception of Typer. Not here: catching it (`main`). Imported only when a command line is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import typer

from oauthctl.errors import ConfigError

_EVERYWHERE = ("--color", "--quiet", "--verbose", "--no-input")
_MOST_GUESSES = 3


def usage_error(error: typer.TyperException, command: str) -> ConfigError:
    """The error that the person sees. `command` is the words after `oauthctl` whose help is to be named."""
    help_ = _other_command(error, command) or f"see `oauthctl {command + ' ' if command else ''}--help`"
    return ConfigError(complaint(error) or "the command line is incomplete", help=help_)


def _other_command(error: typer.TyperException, command: str) -> str:
    """The command for a grant that this one does not know; empty for any other mistake."""
    from oauthctl.cli.settings import UNATTENDED
    from oauthctl.flows.grant_choice import TYPES

    found = getattr(error.__cause__, "errors", None)
    given = str(found()[0].get("input")) if found and _named(error) == "--grant" else ""
    if command == "login" and given in UNATTENDED:
        return f"that grant needs no person, and no sign-in: `oauthctl token --grant {given}`"
    if command == "token" and given in TYPES and given not in UNATTENDED:
        return f"that grant needs a person: `oauthctl login ISSUER --grant {given}`, then `oauthctl token`"
    if command == "token" and given == "refresh_token":
        return "the profile's token is refreshed by itself where that is due: leave `--grant` out"
    return ""


def alike(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """At most three of the known options: those that begin with this one, then the closest first."""
    # Two dashes in common are no likeness.
    bare, names = word.lstrip("-"), {name.lstrip("-"): name for name in known}
    begun = [name for name in names if bare and name.startswith(bare)]
    found = dict.fromkeys([*begun, *get_close_matches(bare, names, n=_MOST_GUESSES)])
    return tuple(names[name] for name in found)[:_MOST_GUESSES]


def complaint(error: typer.TyperException) -> str:
    """What is wrong, in our words; empty where Typer says nothing."""
    option = getattr(error, "option_name", "")
    match type(error).__name__:
        case "NoSuchOption":
            return f"no such option: `{option}`{_guess(alike(option, _options(error)) if option.startswith('--') else ())}"
        case "BadOptionUsage":
            return f"`{option}` takes no value" if "does not take" in error.format_message() else f"`{option}` needs a value"
        case "MissingParameter":
            return f"`{_named(error)}` is missing"
        case "BadParameter":
            return _bad_value(error)
    return _lowered(error.format_message())


def _bad_value(error: typer.TyperException) -> str:
    """What the parameter takes, from the reason that Typer's validation leaves as the cause."""
    found = getattr(error.__cause__, "errors", None)
    reasons: list[Mapping[str, Any]] = found() if found else []
    name = _named(error)
    if not reasons:
        return _lowered(error.format_message())
    reason, bounds = reasons[0], reasons[0].get("ctx") or {}
    given = f"not `{reason.get('input')}`"
    match str(reason.get("type")):
        case "int_parsing" | "int_type" | "int_from_float" | "int_parsing_size":
            return f"`{name}` takes a whole number, {given}"
        case "float_parsing" | "float_type" | "finite_number":
            return f"`{name}` takes a number, {given}"
        case "greater_than_equal":
            return f"`{name}` takes {bounds.get('ge'):g} or more, {given}"
        case "less_than_equal":
            return f"`{name}` takes {bounds.get('le'):g} or less, {given}"
        case _:
            return _bad_choice(name, str(reason.get("input")), str(reason.get("msg")))


def _bad_choice(name: str, given: str, said: str) -> str:
    choices = [word.strip("'`") for word in said.rstrip(".").partition(" is not one of ")[2].split(", ") if word]
    if not choices:
        return f"`{name}` can't be `{given}`: {_lowered(said.removeprefix('Value error, '))}"
    listed = " or ".join(filter(None, (", ".join(f"`{choice}`" for choice in choices[:-1]), f"`{choices[-1]}`")))
    return f"`{name}` takes {listed}, not `{given}`"


def _named(error: typer.TyperException) -> str:
    """The parameter as a person types it: the long form of an option, the place holder of an argument."""
    param = getattr(error, "param", None)
    spelled = getattr(param, "opts", None) or []
    metavar = getattr(param, "metavar", None) or ""
    return next((one for one in spelled if one.startswith("--")), "") or metavar or (spelled[0] if spelled else "value")


def _options(error: typer.TyperException) -> tuple[str, ...]:
    """The long options of the command that was typed, and those of every command."""
    context = getattr(error, "ctx", None)
    found = [name for param in (context.command.get_params(context) if context else ()) for name in param.opts if name.startswith("--")]
    return (*found, *_EVERYWHERE)


def _guess(names: tuple[str, ...]) -> str:
    return f". Did you mean {', '.join(f'`{name}`' for name in names)}?" if names else ""


def _lowered(text: str) -> str:
    """Typer's own sentence, in the form of ours."""
    text = text.strip().rstrip(".").replace("'", "`")
    words = text.removeprefix("Got unexpected extra argument(s) (")
    if words != text:
        return f"more words than the command takes: `{words.rstrip(')')}`"
    return text[:1].lower() + text[1:]
