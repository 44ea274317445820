"""The live trace: one exchange in a few lines, as it happens.

Here: method, URL, status, time and what matters, secrets masked. Not here: the diagram (`sequence`), every parameter (`annotated`).
"""

from __future__ import annotations

from oauthctl.record.exchange import Channel, Exchange
from oauthctl.record.transaction import describe
from oauthctl.views.canvas import one_line, wrap
from oauthctl.views.hints import duration, request_hints, response_hints, status_of, status_style
from oauthctl.views.lines import Line, Span, line
from oauthctl.views.masked import masked_url

_SEEN = {Channel.WIRE: "", Channel.BROWSER: "browser ", Channel.CALLBACK: "callback "}


def exchange_lines(exchange: Exchange, width: int) -> tuple[Line, ...]:
    """What was asked, what came back; the lines under the first two are hints, wrapped to the width."""
    request = exchange.request
    url = request.url.partition("?")[0].partition("#")[0]
    where = Span(one_line(f"{request.method} {masked_url(url)}"), "literal")
    asked = line(
        Span(f"[{exchange.id}] ", "bold"), Span(_SEEN[exchange.channel], "dim"), where, Span(f"  {one_line(describe(exchange))}", "dim")
    )
    indent = " " * (len(str(exchange.id)) + 3)
    lines = [asked, *_hints(request_hints(exchange), indent, width)]
    said = one_line(status_of(exchange))
    if said:
        time = Span(f" in {duration(exchange.seconds)}", "dim") if exchange.seconds else Span("")
        lines.append(line(indent, Span(said, status_style(exchange)), time))
        lines += _hints(response_hints(exchange), indent, width)
    return tuple(lines)


def reply_lines(exchange: Exchange, width: int) -> tuple[Line, ...]:
    """Our reply to a callback whose request was told when it came."""
    said = one_line(status_of(exchange))
    waited = f" after {duration(exchange.seconds)}" if exchange.seconds else ""
    head = line(Span(f"[{exchange.id}] ", "bold"), Span("reply to the callback  ", "dim"), Span(said, status_style(exchange)), Span(waited))
    return (head, *_hints(response_hints(exchange), " " * (len(str(exchange.id)) + 3), width))


def _hints(hints: tuple[str, ...], indent: str, width: int) -> list[Line]:
    text = ", ".join(one_line(hint) for hint in hints)
    if not text:
        return []
    return [line(indent, Span("  " + part, "dim")) for part in wrap(text, max(width - len(indent) - 3, 20))]
