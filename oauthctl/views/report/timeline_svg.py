"""The time line of a token: issued, valid from, now, expires.

Here: the drawing. Distances are half to scale and half even, so that marks a second apart can be told apart beside a year; the lengths
between them are written out. Not here: which moments there are (`told_tokens`).
"""

from __future__ import annotations

from oauthctl.messages.claim_values import utc_text
from oauthctl.views.moments import duration
from oauthctl.views.report.markup import Element, h
from oauthctl.views.report.told import Mark

_WIDTH = 400
_MARGIN = 44
_AXIS = 46


def timeline_svg(marks: tuple[Mark, ...]) -> Element | None:
    """The drawing; None where there is nothing to place now against."""
    if len(marks) < 2:
        return None
    places = _places(marks)
    at = {mark.name: place for mark, place in zip(marks, places, strict=True)}
    drawn = [h("line", class_="axis", x1=14, x2=_WIDTH - 14, y1=_AXIS, y2=_AXIS)]
    begin = at.get("nbf", at.get("iat"))
    if "exp" in at and begin is not None and at["exp"] > begin:
        drawn.append(h("rect", class_="valid", x=begin, y=_AXIS - 4, width=at["exp"] - begin, height=8))
    for index, (mark, place) in enumerate(zip(marks, places, strict=True)):
        drawn += _mark(mark, place)
        if index:
            drawn += _between(marks[index - 1], mark, (places[index - 1] + place) / 2)
    return h(
        "svg",
        drawn,
        class_="timeline",
        viewBox=f"0 0 {_WIDTH} 80",
        role="img",
        aria_label="Time line: " + ", ".join(f"{mark.name} {utc_text(mark.at)}" for mark in marks),
        focusable="false",
    )


def _places(marks: tuple[Mark, ...]) -> tuple[float, ...]:
    first, last = marks[0].at, marks[-1].at
    whole = (last - first).total_seconds()
    room = _WIDTH - 2 * _MARGIN
    found = []
    for rank, mark in enumerate(marks):
        even = rank / (len(marks) - 1)
        scaled = (mark.at - first).total_seconds() / whole if whole else even
        found.append(_MARGIN + room * (0.4 * scaled + 0.6 * even))
    return tuple(found)


def _mark(mark: Mark, place: float) -> list[Element]:
    is_now = mark.name == "now"
    name = "mark now" if is_now else "mark"
    return [
        h("line", class_=name, x1=place, x2=place, y1=_AXIS - 10, y2=_AXIS + 10),
        h("text", mark.name, class_=f"{name} name", x=place, y=_AXIS - 30, text_anchor="middle"),
        h("text", f"{mark.at:%H:%M:%S}", class_="time", x=place, y=_AXIS - 16, text_anchor="middle"),
    ]


def _between(before: Mark, after: Mark, middle: float) -> list[Element]:
    seconds = (after.at - before.at).total_seconds()
    text = duration(round(seconds)) if seconds >= 1 else "at once"
    return [h("text", text, class_="gap", x=middle, y=_AXIS + 24, text_anchor="middle")]
