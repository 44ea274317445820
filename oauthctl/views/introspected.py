"""What a server knows of a token, as a table of members with their meaning.

Here: the answer of the introspection endpoint. Not here: what a token says of itself (`decoded`).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from oauthctl.messages.claims import Claims
from oauthctl.messages.param import Param
from oauthctl.messages.token import IntrospectionResponse
from oauthctl.views.lines import Line, Span, Table, line
from oauthctl.views.moments import dated


def introspected_lines(answer: IntrospectionResponse) -> tuple[Line, ...]:
    """The verdict: active or not."""
    if answer.active:
        return (line(Span("✓ ", "success"), "active: the server takes the token"),)
    return (line(Span("✗ ", "error"), "not active: expired, revoked, unknown, or not for this client to ask about"),)


def introspected_table(answer: IntrospectionResponse, *, now: datetime) -> Table:
    """Each member with its value and, where the standards know it, its meaning."""
    known: dict[str, Param[Any]] = Claims.params() | IntrospectionResponse.params()
    return Table(
        ("MEMBER", "VALUE", "MEANING"),
        tuple(
            (
                line(Span(name, "bold")),
                line(Span(_shown(value, known.get(name), now), "literal")),
                line(Span(known[name].meaning if name in known else "", "dim")),
            )
            for name, value in answer.fields
        ),
    )


def _shown(value: object, param: Param[Any] | None, now: datetime) -> str:
    moment = param.reader(value) if param is not None else None
    if isinstance(moment, datetime):
        return f"{value}  {dated(moment, now)}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
