"""`--trace`: the diagram of a run, drawn on stderr while it runs.

Here: what is drawn when. Not here: the drawing (`views.sequence`), which `oauthctl trace show` does with the same recording.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.findings import Finding
    from oauthctl.record.exchange import Exchange, Recording
    from oauthctl.shell.world import World
    from oauthctl.views.sequence import SequenceDiagram

WIDTH_OF_A_PIPE = 100


class LiveDiagram:
    """Draws each message as it happens, and at the end the arrows at which something is wrong once more, with what it is.

    `redacted` takes the secrets out of a recording as they will be taken out of the one that is kept.
    """

    def __init__(self, out: Output, world: World, command: str, *, redacted: Callable[[Recording], Recording]) -> None:
        self._out = out
        self._world = world
        self._command = command
        self._redacted = redacted
        self._asked: set[int] = set()
        self._diagram = self._new()
        world.on_begun = self.begun
        world.on_exchange = self.recorded

    def begun(self, exchange: Exchange) -> None:
        """A request is about to be sent."""
        if not self._asked:
            self._out.trace(self._diagram.head())
        self._asked.add(exchange.id)
        self._out.trace(self._diagram.asked(self._shown(exchange)))

    def recorded(self, exchange: Exchange) -> None:
        """A request was answered, or came to us; of a callback the reply may follow."""
        from oauthctl.record.exchange import Channel

        is_new = exchange.id not in self._asked
        if is_new:
            self.begun(exchange)
        is_held = exchange.channel is Channel.CALLBACK and exchange.response is None
        if not (is_new and is_held):
            self._out.trace(self._diagram.answered(self._shown(exchange)))

    def end(self, findings: tuple[Finding, ...]) -> None:
        """The run is over. A diagram that was printed can't be written into: what is wrong gets a part of it again."""
        from oauthctl.views.lines import Span, line
        from oauthctl.views.remarks import remarks_of

        self._out.trace(self._diagram.close())
        remarks = remarks_of(findings)
        if not self._asked or not remarks:
            return
        again = self._new()
        self._out.trace(
            ((), line(Span("where it went wrong" if len(remarks) == 1 else "where things are wrong", "bold")), (), *again.head())
        )
        for exchange in self._redacted(self._world.recording).exchanges:
            drawn = again.exchange(exchange, remarks.get(exchange.id, ()))
            if exchange.id in remarks:
                self._out.trace(drawn)

    def _new(self) -> SequenceDiagram:
        from oauthctl.record.exchange import Recording
        from oauthctl.views.glyphs import glyphs_of
        from oauthctl.views.participants import participants_of
        from oauthctl.views.sequence import SequenceDiagram

        stream = self._out.terminal.stderr
        participants = participants_of(Recording(tool_version=self._world.recording.tool_version, command=self._command))
        return SequenceDiagram(self._out.width_of(stream) or WIDTH_OF_A_PIPE, participants, glyphs=glyphs_of(stream))

    def _shown(self, exchange: Exchange) -> Exchange:
        """The exchange as it will stand in the recording."""
        redacted = self._redacted(self._world.recording.with_exchange(exchange))
        return next(one for one in redacted.exchanges if one.id == exchange.id)
