"""Options and arguments that several commands share, each declared once.

Here: `Annotated` types for command functions, and the `Output` of a run. Not here: options of one command alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.output import Output

LONGEST_WAIT = 1_000_000.0
"""Eleven days: operating systems count a wait in milliseconds, and end at twice as much."""


def complete_profiles(incomplete: str) -> list[str]:
    """The names of profiles that begin so."""
    import os

    from oauthctl.store.locations import locations
    from oauthctl.store.profiles import names

    return [name for name in names(locations(os.environ)) if name.startswith(incomplete)]


def in_seconds(least: float, most: float = LONGEST_WAIT) -> Callable[[typer.CallbackParam, float | None], float | None]:
    """Refuses what is no span of time between these: `nan` and `inf` are numbers to Python, too."""

    def checked(param: typer.CallbackParam, value: float | None) -> float | None:
        if value is None or least <= value <= most:
            return value
        raise ConfigError(f"`{param.opts[0]}` takes from {least:.12g} to {most:.12g} seconds, not `{value:g}`")

    return checked


def filled(ctx: typer.Context, param: typer.CallbackParam, value: str | list[str]) -> str | list[str]:
    """Refuses an empty text, as a script gives it whose variable is not set: it would mean the default, or nothing at all."""
    if is_given(ctx, param.name or "") and (not value or "" in value if isinstance(value, list) else not value):
        raise ConfigError(f"`{param.opts[0]}` is empty", help="leave it out, or give it a value")
    return value


def is_given(ctx: typer.Context, name: str) -> bool:
    """Whether the option of this parameter stands in the command line, and its value is not the default alone."""
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document")]
ProfileName = Annotated[
    str,
    typer.Option("--profile", "-p", metavar="NAME", help="Profile to use (default: the current one)", autocompletion=complete_profiles),
]
Timeout = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", help="How long a server may take to answer", callback=in_seconds(0.001))
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what would be sent, and send nothing")]
Trace = Annotated[bool, typer.Option("--trace", help="Draw each message on stderr as it happens, secrets masked")]
At = Annotated[
    str, typer.Option("--at", metavar="TIME", help="Look at it as of then: 2026-01-31T12:00:00Z, 2026-01-31 or 1767225600 (default: now)")
]
Leeway = Annotated[float, typer.Option("--leeway", metavar="SECONDS", help="How far clocks may differ", callback=in_seconds(0))]
TokenText = Annotated[
    str,
    typer.Argument(metavar="TOKEN|@FILE|-", help="Token, or text with tokens in it; `-` is stdin. Other users can see arguments (`ps`)"),
]
TokenHint = Annotated[
    Literal["access_token", "refresh_token"] | None,
    typer.Option("--hint", metavar="KIND", help="What the server should look for first: access_token or refresh_token"),
]
ShowSecrets = Annotated[bool, typer.Option("--show-secrets", help="Print secrets unmasked")]


def output_of(ctx: typer.Context) -> Output:
    """The `Output` of this run."""
    found: Output = ctx.obj
    return found
