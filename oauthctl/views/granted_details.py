"""What was granted in detail against what was asked for, line by line.

Here: the lines. Not here: the comparison (`messages.authorization_details`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from oauthctl.messages.authorization_details import Granted
from oauthctl.views.lines import Line, Span, line, one_line, printable

_LONGEST = 200


def granted_lines(compared: Sequence[Granted]) -> Iterator[Line]:
    """One line for each object, and below it one for each member that differs: `-` as asked for, `+` as granted."""
    for one in compared:
        kind = Span(_shown(one.type), "literal")
        if one.granted is None:
            yield line(Span("  ✗ ", "error"), kind, "  not granted")
        elif one.asked is None:
            yield line(Span("  + ", "warning"), kind, f"  granted without being asked for: {_json(dict(one.granted))}")
        elif not one.changed:
            yield line(Span("  ✓ ", "success"), kind, "  granted as it was asked for")
        else:
            yield line(Span("  ~ ", "warning"), kind, "  granted otherwise than it was asked for")
            for name in one.changed:
                if name in one.asked:
                    yield line(Span(f"      - {_shown(name)}: {_json(one.asked[name])}", "error"))
                if name in one.granted:
                    yield line(Span(f"      + {_shown(name)}: {_json(one.granted[name])}", "success"))


def _json(value: object) -> str:
    return _shown(json.dumps(value, ensure_ascii=False))


def _shown(text: str) -> str:
    text = printable(one_line(text))
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
