"""The sequence diagram: who asked whom for what, drawn for a terminal, exchange by exchange as they come.

Here: lifelines, arrows and notes at any width from 60 columns. Not here: whole messages (`annotated`), the same as Mermaid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from oauthctl.findings import Severity
from oauthctl.http import origin
from oauthctl.record import purposes
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.transaction import describe, known_purpose
from oauthctl.views.canvas import Row, cells, cut, cut_spans, one_line, wrap
from oauthctl.views.hints import duration, request_hints, response_hints, status_of, status_style
from oauthctl.views.lines import Line, Span, Style
from oauthctl.views.remarks import Remark

YOU = "you"
BROWSER = "browser"
OAUTHCTL = "oauthctl"
APPLICATION = "application"
SERVER = "authorization server"
API = "API"
PARTICIPANTS = (YOU, OAUTHCTL, SERVER, API)

NARROWEST = 60
WIDEST = 200
_LONGEST_HINT = 160
_API_PURPOSES = (purposes.API, purposes.RESOURCE_METADATA)
_SERVER_PURPOSES = (purposes.AUTHORIZATION, purposes.TOKEN, purposes.DISCOVERY, purposes.JWKS)


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters that a diagram is drawn with."""

    lifeline: str = "│"
    solid: str = "─"
    dashed: str = "╌"
    right: str = "▶"
    left: str = "◀"
    lost: str = "✗"
    dot: str = "·"
    ellipsis: str = "…"
    note: str = "●"
    warning: str = "!"


UNICODE = Glyphs()
ASCII = Glyphs("|", "-", ".", ">", "<", "x", "-", "...", "*", "!")


def glyphs_for(encoding: str | None) -> Glyphs:
    """Box characters where the stream's encoding has them, else ASCII."""
    try:
        "│▶✗…".encode(encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return ASCII
    return UNICODE


class SequenceDiagram:
    """A diagram that grows: print `head()`, then what `exchange()` and `note()` give, in the order of events.

    Requests go to the API's lifeline for the purposes `api` and `resource-metadata` and for origins that were asked so before, to the
    application's for callbacks that a browser sent there and for its origins, else to the authorization server's.
    """

    def __init__(
        self,
        width: int,
        participants: tuple[str, ...] = PARTICIPANTS,
        *,
        glyphs: Glyphs = UNICODE,
        applications: frozenset[str] = frozenset(),
    ) -> None:
        self._width = max(NARROWEST, min(width, WIDEST)) - 1
        self._participants = participants
        self._glyphs = glyphs
        self._columns = _columns(participants, self._width)
        self._apis: set[str] = set()
        self._servers: set[str] = set()
        self._applications = applications

    def head(self) -> tuple[Line, ...]:
        """The participants' names over their lifelines."""
        names = [wrap(name, max(self._gap() - 2, 8)) for name in self._participants]
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
        answered: tuple[Line, ...] = ()
        match exchange.channel:
            case Channel.BROWSER:
                source, target = self._browser(), self._target(exchange)
                asked = self._visit(exchange)
            case Channel.CALLBACK:
                source, target = self._browser(), self._lane(OAUTHCTL, self._lane(APPLICATION, 0))
                asked = self._arrow(source, target, self._request_label(exchange), hints=request_hints(exchange))
                answered = self._answer(exchange, target, source)
            case Channel.WIRE:
                source, target = self._tool(), self._target(exchange)
                asked = self._arrow(source, target, self._request_label(exchange), hints=request_hints(exchange))
                answered = self._answer(exchange, target, source)
        column = min(self._columns[source], self._columns[target]) + 1
        sent = self._remarks([one for one in remarks if not one.is_answer or not answered], column)
        back = self._remarks([one for one in remarks if one.is_answer and answered], column)
        return (*asked, *sent, *answered, *back, self._lifelines().line())

    def note(self, text: str, style: Style = "warning") -> tuple[Line, ...]:
        """A remark over all lifelines: `300 seconds later`."""
        mark = self._glyphs.note
        rows = []
        for index, words in enumerate(wrap(self._plain(text), self._width - 8)):
            row = self._lifelines()
            start = self._columns[0] + 2
            row.put(f" {mark if index == 0 else ' ' * cells(mark)} {words} ", start, style)
            rows.append(row.line())
        return (*rows, self._lifelines().line())

    def _visit(self, exchange: Exchange) -> tuple[Line, ...]:
        tool, browser, target = self._tool(), self._browser(), self._target(exchange)
        label = self._request_label(exchange)
        if tool == browser:
            return self._arrow(browser, target, label, hints=request_hints(exchange))
        handed = self._arrow(tool, browser, (Span(f"{exchange.id} ", "bold"), Span("hands over the address")), hints=())
        # The browser's own request is unseen: the arrow is dashed, and nothing is said of an answer.
        followed = self._arrow(browser, target, label[1:], hints=request_hints(exchange), dashed=True)
        return (*handed, *followed)

    def _answer(self, exchange: Exchange, source: int, target: int) -> tuple[Line, ...]:
        said = self._plain(status_of(exchange))
        if not said:
            return ()
        style = status_style(exchange)
        time = f" {self._glyphs.dot} {duration(exchange.seconds)}" if exchange.seconds else ""
        label = (Span(said, style), Span(time, "dim"))
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
        above = self._lifelines()
        if len(label) > 2 and sum(cells(span.text) for span in label) > room:
            # The place goes first: the label alone still says what it is about.
            label = label[:2]
        above.put_line((Span(" "), *cut_spans(label, room, ellipsis=glyphs.ellipsis), Span(" ")), left + 1)
        shaft = self._lifelines()
        start, stop = left + 1, right - 1
        shaft.put((glyphs.dashed if dashed else glyphs.solid) * (stop - start + 1), start, style)
        head = glyphs.lost if lost else glyphs.right if target > source else glyphs.left
        shaft.put(head, stop if target > source else start, style)
        rows = [above.line(), *self._hints(hints, left + 1, room), shaft.line()]
        return tuple(rows)

    def _hints(self, hints: tuple[str, ...], column: int, room: int) -> list[Line]:
        """The hints, as many on a row as fit."""
        separator = f" {self._glyphs.dot} "
        rows: list[str] = []
        for hint in hints:
            text = cut(self._plain(hint), _LONGEST_HINT, ellipsis=self._glyphs.ellipsis)
            if rows and cells(rows[-1]) + cells(separator) + cells(text) <= room - 3:
                rows[-1] += separator + text
            else:
                rows += wrap(text, room - 3)
        drawn = []
        for text in rows:
            row = self._lifelines()
            row.put(f"   {text} ", column, "dim")
            drawn.append(row.line())
        return drawn

    def _remarks(self, remarks: list[Remark], column: int) -> list[Line]:
        """What is wrong, marked by a character of its own: colour alone says nothing on paper."""
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
        named = self._plain(describe(exchange))
        place = self._plain(f"{request.method} {purposes.split_path(request.url)}")
        label = (Span(f"{exchange.id} ", "bold"), Span(named))
        return label if named == place else (*label, Span(f"  {place}", "literal"))

    def _lifelines(self) -> Row:
        row = Row(self._width)
        for column in self._columns:
            row.put(self._glyphs.lifeline, column, "dim")
        return row

    def _gap(self) -> int:
        pairs = zip(self._columns, self._columns[1:], strict=False)
        return min((after - before for before, after in pairs), default=self._width)

    def _tool(self) -> int:
        return self._lane(OAUTHCTL, 0)

    def _browser(self) -> int:
        return self._lane(YOU, self._lane(BROWSER, 0))

    def _target(self, exchange: Exchange) -> int:
        place = _origin(exchange.request.url)
        purpose = known_purpose(exchange)
        if purpose in _API_PURPOSES:
            self._apis.add(place)
        elif purpose in _SERVER_PURPOSES:
            # Where both are at one origin, what has no name is a page of the sign-in.
            self._servers.add(place)
        last = len(self._participants) - 1
        if purpose == purposes.CALLBACK or (purpose == "" and place in self._applications):
            return self._lane(APPLICATION, self._lane(SERVER, last))
        is_api = purpose in _API_PURPOSES or (purpose == "" and place in self._apis - self._servers)
        return self._lane(API, last) if is_api else self._lane(SERVER, last)

    def _lane(self, name: str, otherwise: int) -> int:
        return self._participants.index(name) if name in self._participants else otherwise

    def _plain(self, text: str) -> str:
        """The text as one line that the diagram's characters can be mixed with."""
        return _ascii(one_line(text)) if self._glyphs is ASCII else one_line(text)


def in_glyphs(lines: Iterable[Line], glyphs: Glyphs) -> Iterable[Line]:
    """Lines of any view for a stream that may know no more than ASCII."""
    for one in lines:
        yield tuple(Span(_ascii(span.text), span.style) for span in one) if glyphs is ASCII else one


def participants_of(recording: Recording) -> tuple[str, ...]:
    """The lifelines that a recording needs, from left to right."""
    exchanges = recording.exchanges
    is_capture = bool(exchanges) and not recording.tool_version
    if is_capture:
        # A browser's capture: what it sent itself was seen on the wire.
        left: tuple[str, ...] = (BROWSER,)
    else:
        has_person = any(exchange.channel is not Channel.WIRE for exchange in exchanges)
        left = (YOU, OAUTHCTL) if has_person else (OAUTHCTL,)
    asked = {known_purpose(exchange) for exchange in exchanges}
    if is_capture and purposes.CALLBACK in asked:
        left = (*left, APPLICATION)
    asked -= {purposes.CALLBACK}
    apis = asked & {*_API_PURPOSES}
    return (*left, *((SERVER,) if asked - apis or not exchanges else ()), *((API,) if apis else ()))


def applications_of(recording: Recording) -> frozenset[str]:
    """The origins at which a browser delivered answers, and that are no authorization server's."""
    places: dict[bool, set[str]] = {True: set(), False: set()}
    for exchange in recording.exchanges if not recording.tool_version else ():
        purpose = known_purpose(exchange)
        if purpose == purposes.CALLBACK or purpose in _SERVER_PURPOSES:
            places[purpose == purposes.CALLBACK].add(_origin(exchange.request.url))
    return frozenset(places[True] - places[False])


def sequence(
    recording: Recording, width: int, *, glyphs: Glyphs = UNICODE, remarks: Mapping[int, tuple[Remark, ...]] | None = None
) -> Iterable[Line]:
    """The whole diagram of a recording; `remarks` are those of each exchange, by its id."""
    diagram = SequenceDiagram(width, participants_of(recording), glyphs=glyphs, applications=applications_of(recording))
    yield from diagram.head()
    for exchange in recording.exchanges:
        yield from diagram.exchange(exchange, (remarks or {}).get(exchange.id, ()))


def _columns(participants: tuple[str, ...], width: int) -> tuple[int, ...]:
    """The lifelines' columns. The rightmost gap is as wide as the others; labels may run on to the edge."""
    if len(participants) == 1:
        return (2,)
    first = max(2, min(cells(participants[0]), 12) // 2)
    # Half of the last name must fit to the right of its lifeline.
    last_half = max(2, min(cells(participants[-1]), 22 if width > 80 else 14) // 2 + 1)
    step = min(48, (width - 1 - first - last_half) // (len(participants) - 1))
    return tuple(first + step * index for index in range(len(participants)))


def _origin(url: str) -> str:
    try:
        return origin(url)
    except ValueError:
        return ""


def _ascii(text: str) -> str:
    return text.replace("…", "...").replace("→", "->").encode("ascii", "backslashreplace").decode("ascii")
