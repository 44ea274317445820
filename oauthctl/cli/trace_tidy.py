"""`oauthctl trace delete` and `oauthctl trace prune`: recordings that nobody needs any more.

Here: which ones are meant, and saying so. Not here: their files (`store.recordings`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oauthctl.cli.options import output_of
from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.output import Output


def delete(
    ctx: typer.Context,
    references: Annotated[
        list[str], typer.Argument(metavar="ID", help="Recordings: ids, parts of ids, names, or `last`", show_default=False)
    ],
) -> int:
    """Delete recordings.

    \b
      oauthctl trace delete 8f3a
      oauthctl trace delete works fails last

    When one of them is not there, none is deleted. The ids of those that were go to stdout.
    """
    from oauthctl.store.locations import locations
    from oauthctl.store.recordings import find

    out = output_of(ctx)
    where = locations(out.terminal.environ)
    _delete(out, tuple(dict.fromkeys(find(where, reference) for reference in references)))
    return 0


def prune(
    ctx: typer.Context,
    keep: Annotated[int | None, typer.Option("--keep", metavar="N", min=0, help="Spare the newest N", show_default=False)] = None,
    older_than: Annotated[
        float | None, typer.Option("--older-than", metavar="DAYS", min=0, max=36500, help="Spare what is younger", show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be deleted, and delete nothing")] = False,
) -> int:
    """Delete old recordings.

    \b
      oauthctl trace prune --older-than 30 --dry-run
      oauthctl trace prune --keep 10
      oauthctl trace prune --keep 10 --older-than 7    of those beyond the newest ten what is older than a week

    The ids go to stdout. Without `prune`, the last hundred are kept.
    """
    from datetime import timedelta

    from oauthctl.cli.clock import clock
    from oauthctl.store.locations import locations
    from oauthctl.store.recordings import prunable

    out = output_of(ctx)
    if keep is None and older_than is None:
        raise ConfigError("which recordings may go was not said", help="give `--keep N`, `--older-than DAYS`, or both")
    before = None if older_than is None else clock("") - timedelta(days=older_than)
    ids = prunable(locations(out.terminal.environ), keep=keep, before=before)
    if not dry_run:
        _delete(out, ids)
        return 0
    for id_ in ids:
        out.data(id_)
    out.say(f"{_count(ids)} would be deleted")
    return 0


def _delete(out: Output, ids: tuple[str, ...]) -> None:
    from oauthctl.store.locations import locations
    from oauthctl.store.recordings import delete as drop

    for id_ in ids:
        drop(locations(out.terminal.environ), id_)
        out.data(id_)
    out.say(f"{_count(ids)} deleted")


def _count(ids: tuple[str, ...]) -> str:
    return f"{len(ids) or 'no'} recording{'' if len(ids) == 1 else 's'}"
