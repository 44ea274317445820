"""`oauthctl trace show`: a recording as a diagram and message by message, with what is wrong where it is wrong.

Here: what is printed, and in which order. Not here: reading it (`diagnosing`), its forms (`views.sequence`, `views.annotated`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oauthctl.cli.options import AsJson, ShowSecrets, output_of
from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.diagnosing import Source
    from oauthctl.cli.output import Output
    from oauthctl.record.exchange import Exchange, Recording
    from oauthctl.rules.diagnosis import Diagnosis
    from oauthctl.rules.scene import Scene

_WIDTH_OF_A_PIPE = 100


def command(
    ctx: typer.Context,
    reference: Annotated[
        str, typer.Argument(metavar="[ID|FILE|-]", help="Recording (its id or a part of it), a HAR file, or `-` for stdin")
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

    What is wrong stands under the arrow that it concerns. Of a capture with several sign-ins, each has its own diagram. Of a web page among
    several exchanges the title and the first words are shown, with `--exchange` the page.
    """
    from oauthctl.cli.diagnosing import Asked, examine
    from oauthctl.views.lines import line

    out = output_of(ctx)
    read, scene = examine(out, Asked(source=reference))
    # A secret that is masked where it is known to stand shows whole at a place that nobody knows: the scene's recording has none.
    recording = _with_purposes(read.material.recording if show_secrets else scene.recording, scene)
    if exchange:
        _exchange(recording, exchange)
    if json:
        out.json(_document(read, exchange, show_secrets=show_secrets))
        return 0
    for note in read.material.notes:
        out.say_prose((line(f"note: {note}"),), indent=2)
    if read.is_own_account:
        out.say_prose((line("note: what signatures and hidden values told is by the file's own account"),), indent=2)
    if not recording.exchanges:
        out.say(_nothing(read, reference))
        return 0
    from oauthctl.rules.diagnosis import diagnose

    shown = _Shown(out, recording, scene, diagnosis=diagnose(scene), show_secrets=show_secrets)
    if exchange:
        shown.one(_exchange(recording, exchange))
    else:
        shown.all(reference)
    return 0


class _Shown:
    """Prints one recording."""

    def __init__(self, out: Output, recording: Recording, scene: Scene, *, diagnosis: Diagnosis, show_secrets: bool) -> None:
        from oauthctl.views.glyphs import glyphs_of
        from oauthctl.views.remarks import remarks_of

        self._out = out
        self._recording = recording
        self._scene = scene
        self._diagnosis = diagnosis
        self._show_secrets = show_secrets
        self._glyphs = glyphs_of(out.terminal.stdout)
        self._remarks = remarks_of(diagnosis.findings)

    def one(self, exchange: Exchange) -> None:
        """One exchange in full, and the findings that have evidence in it."""
        from oauthctl.views.annotated import annotated
        from oauthctl.views.found import found_lines
        from oauthctl.views.glyphs import in_glyphs

        width = self._out.width
        self._out.lines(in_glyphs(annotated(exchange, width=width, show_secrets=self._show_secrets), self._glyphs))
        for finding in self._diagnosis.findings:
            if any(evidence.exchange == exchange.id for evidence in finding.evidence):
                self._out.lines(in_glyphs(((), *found_lines(finding, self._scene.recording, width=width)), self._glyphs))

    def all(self, reference: str) -> None:
        """The diagrams, then each message."""
        self._diagrams()
        self._messages()
        from oauthctl.views.diagnosed import summary

        if self._diagnosis.findings:
            wanted = "" if reference == "last" else f" {reference}"
            self._out.say(f"{summary(self._diagnosis)}: the cause and what helps is told by `oauthctl diagnose{wanted}`")

    def _diagrams(self) -> None:
        from oauthctl.views.chapters import chapters
        from oauthctl.views.glyphs import in_glyphs
        from oauthctl.views.lines import Span, line
        from oauthctl.views.sequence import sequence

        known = {exchange.id: exchange for exchange in self._recording.exchanges}
        for number, chapter in enumerate(chapters(self._scene)):
            if chapter.title:
                self._out.lines(in_glyphs((*([()] if number else []), line(Span(chapter.title, "bold")), ()), self._glyphs))
            part = replace(self._recording, exchanges=tuple(known[one] for one in chapter.exchanges))
            width = self._out.width or _WIDTH_OF_A_PIPE
            self._out.lines(sequence(part, width, glyphs=self._glyphs, remarks=self._remarks))

    def _messages(self) -> None:
        from oauthctl.views.annotated import annotated
        from oauthctl.views.glyphs import in_glyphs
        from oauthctl.views.masked import sent_secrets

        secrets = sent_secrets(self._recording.exchanges)
        for exchange in self._recording.exchanges:
            remarks = self._remarks.get(exchange.id, ())
            shown = annotated(exchange, width=self._out.width, show_secrets=self._show_secrets, among=secrets, remarks=remarks)
            self._out.lines(in_glyphs(((), *shown), self._glyphs))


def _with_purposes(recording: Recording, scene: Scene) -> Recording:
    """The recording with the purposes that only the whole of it tells, such as a callback that brings nothing."""
    from oauthctl.record.purposes import PROOF

    # To the rules a request that was to be refused is nobody's message; to a person it is what it is.
    said = {one.id for one in recording.exchanges if one.purpose == PROOF}
    known = {seen.id: seen.purpose for seen in scene.seen if seen.is_direct and seen.id not in said}
    return replace(recording, exchanges=tuple(replace(one, purpose=known.get(one.id, one.purpose)) for one in recording.exchanges))


def _exchange(recording: Recording, number: int) -> Exchange:
    found = next((one for one in recording.exchanges if one.id == number), None)
    if found is None:
        ids = ", ".join(str(one.id) for one in recording.exchanges[:20])
        raise ConfigError(
            f"the recording has no exchange `{number}`", slug="unknown-exchange", help=f"it has {ids}" if ids else "the recording is empty"
        )
    return found


def _document(read: Source, number: int, *, show_secrets: bool) -> dict[str, Any]:
    from oauthctl.cli.sharing import shared_har

    return shared_har(read.material, show_secrets=show_secrets, only=number)


def _nothing(read: Source, reference: str) -> str:
    if read.material.kind == "recording":
        return "the recording is empty: the command stopped before it sent anything"
    if read.material.kind == "har":
        return "the capture is empty: no exchange in it has to do with OAuth"
    raise ConfigError(
        f"`{'stdin' if reference == '-' else reference}` is no HAR, and no exchange can be read from it",
        slug="not-a-har",
        help="save it in the browser's network panel with `Save all as HAR`; a token is shown by `oauthctl decode`",
    )
