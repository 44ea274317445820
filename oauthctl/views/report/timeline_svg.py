"""The time line of a token: issued, valid from, recorded, expires.

Here: the drawing, to scale. Words of marks that lie close to each other stand side by side, a line leads from each to its moment, and the
lengths between them are written out. Not here: which moments there are (`told_tokens`).
"""

from __future__ import annotations

from oauthctl.messages.claim_values import utc_text
from oauthctl.views.moments import duration
from oauthctl.views.report.markup import Element, h
from oauthctl.views.report.told import RECORDED, Mark

_WIDTH = 400
_MARGIN = 34
_AXIS = 58
_HEIGHT = 86
# From the middle of one mark's words to the next one's.
_APART = 70


def timeline_svg(marks: tuple[Mark, ...]) -> Element | None:
    """The drawing; None where there is nothing to place the moment of the recording against."""
    if len(marks) < 2:
        return None
    places = _places(marks)
    words = _words(places)
    at = {mark.name: place for mark, place in zip(marks, places, strict=True)}
    drawn = [h("line", class_="axis", x1=14, x2=_WIDTH - 14, y1=_AXIS, y2=_AXIS)]
    begin = at.get("nbf", at.get("iat"))
    if "exp" in at and begin is not None and at["exp"] > begin:
        drawn.append(h("rect", class_="valid", x=begin, y=_AXIS - 4, width=at["exp"] - begin, height=8))
    for index, (mark, place, word) in enumerate(zip(marks, places, words, strict=True)):
        drawn += _mark(mark, place, word)
        if index:
            drawn += _between(marks[index - 1], mark, (words[index - 1] + word) / 2)
    return h(
        "svg",
        drawn,
        class_="timeline",
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label="Time line, to scale: " + ", ".join(f"{mark.name} {utc_text(mark.at)}" for mark in marks),
        focusable="false",
    )


def _places(marks: tuple[Mark, ...]) -> tuple[float, ...]:
    first, last = marks[0].at, marks[-1].at
    whole = (last - first).total_seconds()
    room = _WIDTH - 2 * _MARGIN
    return tuple(_MARGIN + room * ((mark.at - first).total_seconds() / whole if whole else 0.5) for mark in marks)


def _words(places: tuple[float, ...]) -> tuple[float, ...]:
    """Where the words of the marks stand: at their moments, or as near as the words beside them let them."""
    found = list(places)
    for at in range(1, len(found)):
        found[at] = max(found[at], found[at - 1] + _APART)
    end: float = _WIDTH - _MARGIN
    for at in reversed(range(len(found))):
        found[at] = min(found[at], end)
        end = found[at] - _APART
    return tuple(found)


def _mark(mark: Mark, place: float, word: float) -> list[Element]:
    name = "mark now" if mark.name == RECORDED else "mark"
    return [
        h("path", class_=name, d=f"M{word:.1f} 31 L{place:.1f} {_AXIS - 9} V{_AXIS + 8}", fill="none"),
        h("text", mark.name, class_=f"{name} name", x=word, y=12, text_anchor="middle"),
        h("text", f"{mark.at:%H:%M:%S}", class_="time", x=word, y=26, text_anchor="middle"),
    ]


def _between(before: Mark, after: Mark, middle: float) -> list[Element]:
    seconds = (after.at - before.at).total_seconds()
    text = duration(round(seconds)) if seconds >= 1 else "at once"
    return [h("text", text, class_="gap", x=middle, y=_AXIS + 22, text_anchor="middle")]
