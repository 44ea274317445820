"""`oauthctl trace`: what the commands recorded, and captures of browsers.

Here: finding a recording and printing it. Not here: the file format (`record.har`), its form (`views.sequence`, `views.annotated`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from oauthctl.cli.options import AsJson, ShowSecrets, output_of
from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.record.exchange import Recording

_HELP = """Look at the exchanges that were recorded.

\b
  oauthctl trace list
  oauthctl trace show                      the latest recording
  oauthctl trace show login.har            what a browser's network panel saved

Every command that talks to a server records what it sent and got; secrets are replaced before anything is written.
"""

app = typer.Typer(help=_HELP, no_args_is_help=True)

_LARGEST_FILE = 256 * 1024 * 1024
_WIDTH_OF_A_PIPE = 100


@app.command("list")
def list_recordings(ctx: typer.Context, json: AsJson = False) -> int:
    """List the recordings, the latest first.

    \b
      oauthctl trace list
      oauthctl trace list --json | jq -r '.recordings[].id'
    """
    from oauthctl.store.locations import locations
    from oauthctl.store.recordings import summaries
    from oauthctl.views.recordings import Recorded, recordings_document, recordings_table

    out = output_of(ctx)
    found = tuple(
        Recorded(one.id, one.started_at, one.command, one.issuer, exchanges=one.exchange_count, outcome=one.outcome)
        for one in summaries(locations(out.terminal.environ), warn=out.warn)
    )
    if json:
        out.json(recordings_document(found))
    elif found:
        out.table(recordings_table(found, out.width))
        out.say("look at one with `oauthctl trace show ID`")
    else:
        out.say("nothing is recorded yet: every command that talks to a server records its exchanges; try `oauthctl demo`")
    return 0


@app.command("show")
def show(
    ctx: typer.Context,
    reference: Annotated[
        str, typer.Argument(metavar="[ID|HAR|-]", help="Recording (its id or a part of it), a HAR file, or `-` for stdin")
    ] = "last",
    exchange: Annotated[
        int, typer.Option("--exchange", "-x", metavar="N", min=0, show_default=False, help="Show this exchange alone (default: all)")
    ] = 0,
    json: AsJson = False,
    show_secrets: ShowSecrets = False,
) -> int:
    """Show a recording as a diagram and message by message.

    \b
      oauthctl trace show                        the latest recording
      oauthctl trace show 8f3a --exchange 5      one exchange, every parameter explained
      oauthctl trace show login.har              what a browser's network panel saved
      oauthctl trace show login.har --json       the same as a HAR without secrets, safe to share

    Of a web page among several exchanges the title and the first words are shown, with `--exchange` the page.
    """
    from oauthctl.record.har import from_har

    out = output_of(ctx)
    document = _document(out, reference)
    recording = from_har(document)
    if json:
        out.json(_redacted_har(document, recording, exchange, show_secrets=show_secrets))
        return 0
    if not recording.exchanges:
        out.say("the recording is empty: the command stopped before it sent anything")
        return 0
    _show(out, recording, exchange, show_secrets=show_secrets)
    return 0


def _show(out: Output, recording: Recording, number: int, *, show_secrets: bool) -> None:
    from oauthctl.views.annotated import annotated
    from oauthctl.views.masked import sent_secrets
    from oauthctl.views.sequence import glyphs_for, in_glyphs, sequence

    glyphs = glyphs_for(getattr(out.terminal.stdout, "encoding", None) or "utf-8")
    if number:
        out.lines(in_glyphs(annotated(_exchange(recording, number), width=out.width, show_secrets=show_secrets), glyphs))
        return
    out.lines(sequence(recording, out.width or _WIDTH_OF_A_PIPE, glyphs=glyphs))
    secrets = sent_secrets(recording.exchanges)
    for exchange in recording.exchanges:
        shown = annotated(exchange, width=out.width, show_secrets=show_secrets, among=secrets)
        out.lines(((), *in_glyphs(shown, glyphs)))


def _redacted_har(document: object, recording: Recording, number: int, *, show_secrets: bool) -> dict[str, Any]:
    """The recording as HAR; a capture from elsewhere loses its secrets here, one of ours has lost them before."""
    from dataclasses import replace
    from secrets import token_bytes

    from oauthctl.record.facts import facts
    from oauthctl.record.har import facts_of, to_har
    from oauthctl.record.redact import redact

    # Facts that were worked out while the secrets were there are better than those of their fingerprints.
    known = (facts(recording) if not recording.tool_version else {}) | facts_of(document)
    shared = recording if show_secrets else redact(recording, salt=token_bytes(32))
    if number:
        shared = replace(shared, exchanges=(_exchange(shared, number),))
    return to_har(shared, facts=known)


def _exchange(recording: Recording, number: int) -> Any:
    found = next((one for one in recording.exchanges if one.id == number), None)
    if found is None:
        ids = ", ".join(str(one.id) for one in recording.exchanges[:20])
        raise ConfigError(
            f"the recording has no exchange `{number}`", slug="unknown-exchange", help=f"it has {ids}" if ids else "the recording is empty"
        )
    return found


def _document(out: Output, reference: str) -> object:
    if reference == "-":
        return _parsed(out.terminal.stdin.read(_LARGEST_FILE + 1), "stdin")
    if reference.lower().endswith(".har") or "/" in reference or "\\" in reference:
        return _parsed(_read(reference), reference)
    from oauthctl.store.locations import locations
    from oauthctl.store.recordings import load

    return load(locations(out.terminal.environ), reference, warn=out.warn)


def _read(path: str) -> str:
    from pathlib import Path

    try:
        with Path(path).open(encoding="utf-8-sig", errors="replace") as file:
            return file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigError(f"`{path}` can't be read: {(error.strerror or 'unknown').lower()}", help="give a HAR file or an id") from None


def _parsed(text: str, name: str) -> object:
    import json

    if len(text) > _LARGEST_FILE:
        raise ConfigError(f"`{name}` is larger than {_LARGEST_FILE // 1024 // 1024} MiB", slug="too-large")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigError(
            f"`{name}` is no HAR: it is not JSON", slug="not-a-har", help="save it in the browser's network panel with `Save all as HAR`"
        ) from None
