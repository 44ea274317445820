"""The sequence diagram as SVG: crisp at any size, each message a link to what is told of it.

Here: one diagram in two layouts, a wide one and one for phones. Not here: who takes part (`lanes`), colours (`report.css`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from oauthctl.findings import Finding
from oauthctl.views.order import Lasting, in_order
from oauthctl.views.report.lanes import Arrow, Lane
from oauthctl.views.report.lettering import fitted, fitted_host, folded, width_of
from oauthctl.views.report.markup import Element, h
from oauthctl.views.report.told import Diagram, Report, Told

_ICONS = {"error": "✕", "warning": "!", "note": "i"}


@dataclass(frozen=True, slots=True)
class Layout:
    """The sizes of a diagram, in units of the drawing; `size` is that of its letters, as `report.css` has it."""

    name: str
    width: int
    margin: int
    size: float
    row: int
    has_detail: bool

    @property
    def lane(self) -> float:
        """The size of a participant's name."""
        return self.size if self.has_detail else self.size - 1

    @property
    def small(self) -> float:
        """The size of the text beside a label."""
        return 0.88 * self.size


WIDE = Layout("wide", 780, 76, 13, 19, has_detail=True)
NARROW = Layout("narrow", 344, 34, 11.5, 17, has_detail=False)


def diagram_svg(report: Report, diagram: Diagram, layout: Layout) -> Element:
    """The whole drawing of a diagram."""
    drawing = _Drawing(report, diagram, layout)
    return drawing.drawn()


@dataclass
class _Drawing:
    report: Report
    diagram: Diagram
    layout: Layout
    y: float = 0
    rows: list[Element] = field(default_factory=list)

    def drawn(self) -> Element:
        head = self._head()
        steps = dict(self.diagram.steps)
        self._messages(steps)
        height = self.y + 14
        lines = [
            h("line", class_="lifeline", x1=self._x(at), x2=self._x(at), y1=self._head_height() - 4, y2=height - 4)
            for at in range(len(self.diagram.cast.lanes))
        ]
        return h(
            "svg",
            h("g", lines, aria_hidden="true"),
            h("g", head, aria_hidden="true"),
            self.rows,
            class_=f"sequence {self.layout.name}",
            viewBox=f"0 0 {self.layout.width} {height:.0f}",
            width=self.layout.width,
            height=round(height),
            role="group",
            aria_label=f"Sequence diagram of {len(steps)} exchanges; the same as a list follows",
            focusable="false",
        )

    def _x(self, lane: int) -> float:
        count = len(self.diagram.cast.lanes)
        span = self.layout.width - 2 * self.layout.margin
        return self.layout.margin + (span * lane / (count - 1) if count > 1 else 0)

    def _head_height(self) -> float:
        return 46

    def _head(self) -> list[Element]:
        found = []
        lanes = self.diagram.cast.lanes
        gap = (self.layout.width - 2 * self.layout.margin) / max(len(lanes) - 1, 1)
        for at, lane in enumerate(lanes):
            room = min(gap - 6, self.layout.margin + gap / 2 - 6)
            is_detailed, size = self.layout.has_detail, self.layout.lane
            words = (fitted(lane.name, room, size, is_bold=True),) if is_detailed else folded(lane.name, room, size, is_bold=True)
            under = self._under(lane, room) if is_detailed else ""
            texts = [
                h("text", word, class_="lane", **self._centred(at, word, size * 1.15), y=16 + 13 * line) for line, word in enumerate(words)
            ]
            if under:
                texts.append(h("text", under, class_="place", **self._centred(at, under, self.layout.small), y=32))
            found.append(h("g", h("title", f"{lane.name} {', '.join(lane.hosts)}".strip()), texts))
        self.y = self._head_height()
        return found

    def _under(self, lane: Lane, room: float) -> str:
        """Where the participant was found; several hosts that don't fit are counted, and named at their arrows."""
        if len(lane.hosts) > 1 and width_of(lane.place, self.layout.small) > room:
            return f"{len(lane.hosts)} hosts"
        return fitted_host(lane.place, room, self.layout.small)

    def _centred(self, lane: int, text: str, size: float) -> dict[str, float | str]:
        """Over its lifeline, or at the edge where it would go beyond."""
        half, x = width_of(text, size) / 2, self._x(lane)
        if x - half < 2:
            return {"x": 2, "text_anchor": "start"}
        if x + half > self.layout.width - 2:
            return {"x": self.layout.width - 2, "text_anchor": "end"}
        return {"x": x, "text_anchor": "middle"}

    def _messages(self, steps: dict[int, tuple[Arrow, ...]]) -> None:
        """One row for each exchange, or two where other messages lie between the request and its answer."""
        told = {one.id: one for one in self.report.messages}
        lasting = (Lasting.of(told[number], is_ours=bool(self.report.tool_version)) for number in steps)
        order = tuple(in_order(lasting))
        for at, (exchange, is_answer) in enumerate(order):
            arrows = steps[exchange]
            if is_answer:
                if at and order[at - 1] != (exchange, False):
                    self._row(told[exchange], tuple(arrow for arrow in arrows if arrow.is_answer), is_reply=True)
            elif order[at + 1 : at + 2] == ((exchange, True),):
                self._row(told[exchange], arrows)
            else:
                self._row(told[exchange], tuple(arrow for arrow in arrows if not arrow.is_answer), is_held=True)

    def _row(self, told: Told, arrows: tuple[Arrow, ...], *, is_reply: bool = False, is_held: bool = False) -> None:
        if not arrows:
            return
        top = self.y
        parts: list[Element] = []
        for at, arrow in enumerate(arrows):
            parts += self._arrow(arrow, f"{told.id} reply" if is_reply else f"{told.id}" if at == 0 else "")
        for finding in () if is_held and told.status else self.diagram.findings_at(told.id):
            parts += self._finding(self.report.findings[finding])
        self.y += 9
        hit = h("rect", class_="hit", x=1, y=top - 3, width=self.layout.width - 2, height=self.y - top, rx=7)
        said = f"{told.id}: the reply to the {told.label}, {told.status}" if is_reply else spoken(self.report, told)
        self.rows.append(
            h(
                "a",
                hit,
                parts,
                href=f"#message-{told.id}",
                class_="step reply" if is_reply else "step",
                data_message=told.id,
                aria_label=said,
            )
        )

    def _arrow(self, arrow: Arrow, number: str) -> list[Element]:
        start, end = self._x(arrow.source), self._x(arrow.target)
        x = min(start, end) + 9
        detail = f"  {arrow.detail}" if arrow.detail and (self.layout.has_detail or arrow.is_answer) else ""
        if arrow.host and not self.layout.has_detail:
            detail = f"  {fitted_host(arrow.host, 0.55 * self.layout.width, self.layout.small)}"
        edge, size, small = self.layout.width - 6, self.layout.size, self.layout.small
        begun = width_of(f"{number}  ", size, is_bold=True) if number else 0
        whole = begun + width_of(arrow.label, size, is_bold=True) + width_of(detail, small)
        # Words may begin further left than their arrow: they belong to the row.
        x = max(6, min(x, edge - whole))
        label = fitted(arrow.label, edge - x - begun, size, is_bold=True)
        room = edge - x - begun - width_of(label, size, is_bold=True)
        rest = fitted(detail, room, small) if room > 6 * small else ""
        base = self.y + self.layout.row - 4
        text = h(
            "text",
            h("tspan", f"{number}  ", class_="number") if number else None,
            h("tspan", label, class_=f"said {arrow.tone}" if arrow.is_reply else "label"),
            h("tspan", rest, class_="detail") if rest else None,
            x=x,
            y=base,
            class_="words",
        )
        shaft = base + 9
        direction = 1 if end > start else -1
        tip = end - direction * 2
        classes = " ".join(
            word for word in ("shaft", "answer" if arrow.is_reply else "", "unseen" if arrow.is_unseen else "", arrow.tone) if word
        )
        drawn = [text, h("line", class_=classes, x1=start + direction * 2, y1=shaft, x2=tip - direction * 5, y2=shaft)]
        drawn.append(
            _cross(tip - direction * 8, shaft) if arrow.is_lost else _head_of(tip, shaft, direction, arrow.tone if arrow.is_reply else "")
        )
        self.y = shaft + 7
        return drawn

    def _finding(self, finding: Finding) -> list[Element]:
        x = self.layout.margin / 2
        lines = folded(finding.message.replace("`", ""), self.layout.width - 2 * x - 34, self.layout.size)[:3]
        height = 15 * len(lines) + 9
        top = self.y + 4
        drawn = [
            h("rect", class_=f"flag {finding.severity.value}", x=x, y=top, width=self.layout.width - 2 * x, height=height, rx=6),
            h("text", _ICONS[finding.severity.value], class_=f"icon {finding.severity.value}", x=x + 13, y=top + 17, text_anchor="middle"),
        ]
        drawn += [h("text", line, class_="flagged", x=x + 26, y=top + 17 + 15 * at) for at, line in enumerate(lines)]
        self.y = top + height
        said = " ".join(part for part in (finding.cause, finding.help) if part)
        return [h("g", h("title", said) if said else None, drawn)]


def spoken(report: Report, told: Told) -> str:
    """A message in one sentence, for who hears the page."""
    parts = [f"{told.id}: {told.label}", told.request.title.partition("?")[0]]
    if told.status:
        parts.append(f"answered {told.status}" if told.answer is not None else f"failed: {told.status}")
    parts += [f"{report.findings[at].severity.value}: {report.findings[at].message}" for at in told.findings]
    parts += [f"concerned by: {report.findings[at].message}" for at in told.related]
    return ", ".join(parts)


def _head_of(x: float, y: float, direction: int, tone: str) -> Element:
    return h("path", d=f"M{x:.1f} {y:.1f} l{-8 * direction} -4.5 v9 z", class_=f"head {tone}".strip())


def _cross(x: float, y: float) -> Element:
    return h("path", d=f"M{x - 4:.1f} {y - 4:.1f} l8 8 m0 -8 l-8 8", class_="lost")
