"""The sequence diagram: who asked whom for what, drawn for a terminal, message by message as they come.

Here: lifelines, arrows and notes at any width from 60 columns, in the order of time. Not here: who takes part (`participants`), whole
messages (`annotated`), the same as Mermaid (`mermaid`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from oauthctl.findings import Severity
from oauthctl.record import purposes
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.views.canvas import Row, cells, cut, cut_spans, fold, one_line, wrap
from oauthctl.views.glyphs import ASCII, UNICODE, Glyphs, in_ascii
from oauthctl.views.hints import duration, request_hints, response_hints, status_of, status_style
from oauthctl.views.labels import Visits, host_of
from oauthctl.views.lines import Line, Span, Style
from oauthctl.views.order import Lasting, in_order
from oauthctl.views.participants import PARTICIPANTS, Lanes, applications_of, participants_of
from oauthctl.views.person_elsewhere import part_of
from oauthctl.views.remarks import Remark

NARROWEST = 60
WIDEST = 200
_LONGEST_HINT = 160


class SequenceDiagram:
    """A diagram that grows: print `head()`, then what the other methods give, in the order of events, and `close()` at the end."""

    def __init__(
        self,
        width: int,
        participants: tuple[str, ...] = PARTICIPANTS,
        *,
        glyphs: Glyphs = UNICODE,
        applications: frozenset[str] = frozenset(),
    ) -> None:
        self._width = max(NARROWEST, min(width, WIDEST)) - 1
        self._glyphs = glyphs
        self._lanes = Lanes(participants, applications)
        self._columns = _columns(participants, self._width)
        # The exchange whose request was drawn last, as long as no row of lifelines stands under it.
        self._open: int | None = None
        self._is_pinged = False
        self._visits = Visits()
        self._hosts: dict[int, set[str]] = {}

    def head(self) -> tuple[Line, ...]:
        """The participants' names over their lifelines."""
        names = [wrap(name, max(self._gap() - 2, 8)) for name in self._lanes.participants]
        height = max(len(words) for words in names)
        rows = []
        for at in range(height):
            row = Row(self._width)
            for words, column in zip(names, self._columns, strict=True):
                # Shorter names stand at the bottom, next to their lifeline.
                index = at - (height - len(words))
                if index >= 0:
                    start = min(max(0, column - cells(words[index]) // 2), self._width - cells(words[index]))
                    row.put(words[index], start, "bold")
            rows.append(row.line())
        return (*rows, self._lifelines().line())

    def exchange(self, exchange: Exchange, remarks: tuple[Remark, ...] = ()) -> tuple[Line, ...]:
        """The arrows of one exchange: what was asked, what came back, how long it took; what is wrong stands under the arrow."""
        return (*self.asked(exchange, remarks), *self.answered(exchange, remarks))

    def asked(self, exchange: Exchange, remarks: tuple[Remark, ...] = ()) -> tuple[Line, ...]:
        """The request alone, when its answer is still to come."""
        before = self.close()
        source, target = self._lanes.ends(exchange)
        if exchange.channel is Channel.BROWSER:
            arrows = self._visit(exchange, source, target)
        else:
            arrows = self._arrow(source, target, self._request_label(exchange), hints=request_hints(exchange))
        is_answered = bool(status_of(exchange))
        about = [one for one in remarks if not one.is_answer or not is_answered]
        self._open = exchange.id
        # A message that the person's decision sets off comes after it.
        decided = self._elsewhere(exchange, is_first=True) if exchange.channel is Channel.CALLBACK else ()
        return (*before, *decided, *arrows, *self._remarks(about, source, target))

    def answered(self, exchange: Exchange, remarks: tuple[Remark, ...] = ()) -> tuple[Line, ...]:
        """What came back. Where other messages were drawn since the request, the answer is numbered like it."""
        if not status_of(exchange):
            return self.close()
        is_late = self._open != exchange.id
        before = self.close() if is_late else ()
        source, target = self._lanes.ends(exchange)
        arrow = self._answer(exchange, target, source, is_late=is_late)
        decided = self._elsewhere(exchange, is_first=True) if exchange.channel is not Channel.CALLBACK else ()
        self._open = exchange.id
        answer = (*decided, *arrow, *self._remarks([one for one in remarks if one.is_answer], source, target))
        return (*before, *answer, *self._elsewhere(exchange, is_first=False), *self.close())

    def close(self) -> tuple[Line, ...]:
        """The row of lifelines that parts messages, where one is due."""
        if self._open is None:
            return ()
        self._open = None
        return (self._lifelines().line(),)

    def note(self, text: str, style: Style = "warning") -> tuple[Line, ...]:
        """A remark over all lifelines: `300 seconds later`."""
        mark, start = self._glyphs.note, self._columns[0] + 2
        rows = [*self.close()]
        # Before and behind mark and words stands a space, and what does not fit into the row would be lost.
        for index, words in enumerate(wrap(self._plain(text), self._width - start - cells(mark) - 3)):
            row = self._lifelines()
            row.put(f" {mark if index == 0 else ' ' * cells(mark)} {words} ", start, style)
            rows.append(row.line())
        return (*rows, self._lifelines().line())

    def _visit(self, exchange: Exchange, browser: int, target: int) -> tuple[Line, ...]:
        tool = self._lanes.tool
        label = self._request_label(exchange)
        if tool == browser:
            return self._arrow(browser, target, label, hints=request_hints(exchange))
        handed = self._arrow(tool, browser, (Span(f"{exchange.id} ", "bold"), Span("hands over the address")), hints=())
        # The browser's own request is unseen: the arrow is dashed, and nothing is said of an answer.
        followed = self._arrow(browser, target, label[1:], hints=request_hints(exchange), dashed=True)
        return (*handed, *followed)

    def _elsewhere(self, exchange: Exchange, *, is_first: bool) -> tuple[Line, ...]:
        """What passes between the person and another device; of that only what is shown here is seen, the rest is dashed."""
        part, person = part_of(exchange, is_pinged=self._is_pinged), self._lanes.person
        if part is None or person is None or part.is_first is not is_first:
            return ()
        self._is_pinged = self._is_pinged or exchange.channel is Channel.CALLBACK
        ends = {"shown": (self._lanes.tool, person), "asked": (self._lanes.server, person), "decided": (person, self._lanes.server)}
        return self._arrow(*ends[part.kind], (Span(part.text),), hints=(), dashed=part.kind != "shown")

    def _answer(self, exchange: Exchange, source: int, target: int, *, is_late: bool) -> tuple[Line, ...]:
        style = status_style(exchange)
        time = f" {self._glyphs.dot} {duration(exchange.seconds)}" if exchange.seconds else ""
        number = (Span(f"{exchange.id} reply  ", "bold"),) if is_late else ()
        label = (*number, Span(self._plain(status_of(exchange)), style), Span(time, "dim"))
        return self._arrow(source, target, label, hints=response_hints(exchange), dashed=True, style=style, lost=exchange.response is None)

    def _arrow(
        self,
        source: int,
        target: int,
        label: Line,
        *,
        hints: tuple[str, ...],
        dashed: bool = False,
        style: Style = "",
        lost: bool = False,
    ) -> tuple[Line, ...]:
        glyphs = self._glyphs
        left, right = sorted((self._columns[source], self._columns[target]))
        room = self._width - left - 2
        shaft = self._lifelines()
        start, stop = left + 1, right - 1
        shaft.put((glyphs.dashed if dashed else glyphs.solid) * (stop - start + 1), start, style)
        head = glyphs.lost if lost else glyphs.right if target > source else glyphs.left
        shaft.put(head, stop if target > source else start, style)
        return (*self._labels(label, left + 1, room), *self._hints(hints, left + 1, room), shaft.line())

    def _labels(self, label: Line, column: int, room: int) -> Iterable[Line]:
        """The label, on two rows where it must be; the place goes first, since the name alone still says what it is about."""
        if len(label) > 2 and sum(cells(span.text) for span in label) > room:
            left = room - sum(cells(span.text) for span in label[:2])
            host = label[2].text.strip().partition(" ")[2].partition("/")[0]
            # Without room for the path, the host where it is one of several.
            label = (*label[:2], Span(f"  {host}", "literal")) if host and cells(host) + 2 <= left else label[:2]
        shown: list[Line] = [label]
        if len(label) == 2 and label[0].style == "bold" and sum(cells(span.text) for span in label) > room:
            number, named = label
            indent = cells(number.text)
            first, *rest = fold(named.text, room - indent)
            shown = [(number, Span(first, named.style)), *((Span(" " * indent), Span(part, named.style)) for part in rest)]
        for one in shown:
            row = self._lifelines()
            row.put_line((Span(" "), *cut_spans(one, room, ellipsis=self._glyphs.ellipsis), Span(" ")), column)
            yield row.line()

    def _hints(self, hints: tuple[str, ...], column: int, room: int) -> list[Line]:
        """The hints, as many on a row as fit."""
        separator = f" {self._glyphs.dot} "
        rows: list[str] = []
        for hint in hints:
            text = cut(self._plain(hint), _LONGEST_HINT, ellipsis=self._glyphs.ellipsis)
            if rows and cells(rows[-1]) + cells(separator) + cells(text) <= room - 3:
                rows[-1] += separator + text
            else:
                rows += fold(text, room - 3)
        drawn = []
        for text in rows:
            row = self._lifelines()
            row.put(f"   {text} ", column, "dim")
            drawn.append(row.line())
        return drawn

    def _remarks(self, remarks: list[Remark], source: int, target: int) -> list[Line]:
        """What is wrong, marked by a character of its own: colour alone says nothing on paper."""
        column = min(self._columns[source], self._columns[target]) + 1
        marks = {Severity.ERROR: self._glyphs.lost, Severity.WARNING: self._glyphs.warning, Severity.NOTE: self._glyphs.note}
        drawn = []
        for remark in remarks:
            for index, words in enumerate(wrap(self._plain(remark.text), self._width - column - 5)):
                row = self._lifelines()
                row.put(f" {marks[remark.severity] if index == 0 else ' '} {words} ", column, remark.style)
                drawn.append(row.line())
        return drawn

    def _request_label(self, exchange: Exchange) -> Line:
        request = exchange.request
        named = self._plain(self._visits.label(exchange))
        place = self._plain(f"{request.method} {purposes.split_path(request.url)}")
        label = (Span(f"{exchange.id} ", "bold"), Span(named))
        if host := self._host(exchange):
            return (*label, Span(f"  {self._plain(f'{request.method} {host}{purposes.split_path(request.url)}')}", "literal"))
        return label if named == place else (*label, Span(f"  {place}", "literal"))

    def _host(self, exchange: Exchange) -> str:
        """Who is asked, where the lifeline stands for others, too."""
        if exchange.channel is not Channel.WIRE:
            return ""
        known = self._hosts.setdefault(self._lanes.ends(exchange)[1], set())
        known.add(host := host_of(exchange))
        return host if len(known) > 1 else ""

    def foresee(self, exchanges: Iterable[Exchange]) -> None:
        """Learn the hosts of exchanges that are still to be drawn, so that the first of them is named, too."""
        for exchange in exchanges:
            self._host(exchange)

    def _lifelines(self) -> Row:
        row = Row(self._width)
        for column in self._columns:
            row.put(self._glyphs.lifeline, column, "dim")
        return row

    def _gap(self) -> int:
        pairs = zip(self._columns, self._columns[1:], strict=False)
        return min((after - before for before, after in pairs), default=self._width)

    def _plain(self, text: str) -> str:
        """The text as one line that the diagram's characters can be mixed with."""
        return in_ascii(one_line(text)) if self._glyphs is ASCII else one_line(text)


def sequence(
    recording: Recording, width: int, *, glyphs: Glyphs = UNICODE, remarks: Mapping[int, tuple[Remark, ...]] | None = None
) -> Iterable[Line]:
    """The whole diagram of a recording; `remarks` are those of each exchange, by its id."""
    diagram = SequenceDiagram(width, participants_of(recording, is_over=True), glyphs=glyphs, applications=applications_of(recording))
    diagram.foresee(recording.exchanges)
    yield from diagram.head()
    known = {exchange.id: exchange for exchange in recording.exchanges}
    is_ours = bool(recording.tool_version)
    for number, is_answer in in_order(Lasting.of(exchange, is_ours=is_ours) for exchange in recording.exchanges):
        about = (remarks or {}).get(number, ())
        yield from diagram.answered(known[number], about) if is_answer else diagram.asked(known[number], about)


def _columns(participants: tuple[str, ...], width: int) -> tuple[int, ...]:
    """The lifelines' columns. The rightmost gap is as wide as the others; labels may run on to the edge."""
    if len(participants) == 1:
        return (2,)
    first = max(2, min(cells(participants[0]), 12) // 2)
    # Half of the last name must fit to the right of its lifeline.
    last_half = max(2, min(cells(participants[-1]), 22 if width > 80 else 14) // 2 + 1)
    step = min(48, (width - 1 - first - last_half) // (len(participants) - 1))
    return tuple(first + step * index for index in range(len(participants)))
