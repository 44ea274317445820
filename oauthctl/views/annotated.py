"""One exchange, annotated: each parameter with its value, its meaning and the clause that defines it.

Here: requests and answers as people read them, secrets masked. Not here: the overview (`sequence`), judging (`rules`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from oauthctl.http import Headers, Response
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.answer import read_answer
from oauthctl.messages.param import Message, Param, moment
from oauthctl.record.exchange import Channel, Exchange
from oauthctl.record.secret_names import is_secret_name
from oauthctl.record.transaction import describe, request_message, response_message
from oauthctl.views.canvas import cells, cut, fold, one_line, wrap
from oauthctl.views.hints import duration, status_of, status_style
from oauthctl.views.html_excerpt import html_excerpt, is_html
from oauthctl.views.key_table import key_table
from oauthctl.views.lines import Line, Span, Style, line, literals
from oauthctl.views.masked import masked, masked_body, masked_header, masked_url, sent_secrets, without_these
from oauthctl.views.remarks import Remark
from oauthctl.views.wrapped import wrapped

_HEADERS = frozenset(("accept", "cache-control", "content-type", "host", "location", "origin", "pragma", "referer", "retry-after"))
_AUTHENTICATION = frozenset(("authorization", "cookie", "dpop", "dpop-nonce", "proxy-authorization", "set-cookie", "www-authenticate"))
_DATES = frozenset(("exp", "iat", "nbf", "auth_time", "updated_at"))
_GLUE = "\ue000"
_LONGEST_VALUE = 400
_MOST_LINES = 60
_LONGEST_ON_A_PIPE, _MOST_ON_A_PIPE = 20_000, 1000
_DEEPEST = 80
_UNLIMITED = 10_000_000
_WIDTH_OF_A_PAGE = 100
SEEN = {
    Channel.WIRE: "",
    Channel.BROWSER: "handed to the browser; its answer is unseen",
    Channel.CALLBACK: "came to the listener",
}
"""What is said of a message by where it was seen."""


def annotated(
    exchange: Exchange,
    *,
    width: int = 100,
    show_secrets: bool = False,
    among: tuple[str, ...] | None = None,
    remarks: tuple[Remark, ...] = (),
) -> tuple[Line, ...]:
    """The exchange as lines: request, its parameters, answer, its members. With the width 0 nothing is wrapped.

    `among` says that it is one of several, and which secrets those sent: of a web page the title and the first words are shown, and on a
    terminal the beginning of what is very long. `remarks` stand right under its title.
    """
    room = max(width, 40) if width else _UNLIMITED
    first, *rest = _Annotation(exchange, room, show_secrets=show_secrets, among=among).lines()
    return (first, *(part for remark in remarks for part in _remark(remark, width)), *rest)


def _remark(remark: Remark, width: int) -> tuple[Line, ...]:
    head, colon, words = remark.text.partition(": ")
    return wrapped(line("  ", Span(head, remark.style), colon, *literals(one_line(words))), width, indent=4)


class _Annotation:
    def __init__(self, exchange: Exchange, width: int, *, show_secrets: bool, among: tuple[str, ...] | None) -> None:
        self._exchange = exchange
        self._width = width
        self._show_secrets = show_secrets
        self._among = among
        # A server may repeat them.
        self._sent = () if show_secrets else sent_secrets((exchange,))
        # One message alone is shown whole, and so is what goes to a pipe, unless it is out of all proportion.
        is_piped = width == _UNLIMITED
        self._longest = _UNLIMITED if among is None else _LONGEST_ON_A_PIPE if is_piped else _LONGEST_VALUE
        self._most = _UNLIMITED if among is None else _MOST_ON_A_PIPE if is_piped else _MOST_LINES

    def lines(self) -> Iterable[Line]:
        exchange, request = self._exchange, self._exchange.request
        sent = request_message(exchange)
        title = f"exchange {exchange.id}: {one_line(describe(exchange))}"
        yield from self._folded((), title, 0, style="bold")
        # A capture without times has the beginning of all of them.
        when = f"{exchange.started_at:%Y-%m-%d %H:%M:%S} UTC" if exchange.started_at.year > 1970 else ""
        took = duration(exchange.seconds) if exchange.seconds else ""
        known = ", ".join(text for text in (when, took, SEEN[exchange.channel]) if text)
        if known:
            yield from self._folded((), known, 2, style="dim")
        # What is listed parameter by parameter below need not stand in the URL too.
        url = request.url.partition("?")[0] if sent is not None and not request.body else request.url
        yield from self._folded((), one_line(f"{request.method} {self._url(url)}"), 2, style="literal")
        yield from self._headers(request.headers)
        if sent is not None:
            yield from self._message(sent)
        elif request.body:
            yield from self._body(request.body, request.headers.get("content-type") or "")
        yield from self._answer()

    def _answer(self) -> Iterable[Line]:
        said = one_line(status_of(self._exchange))
        if not said:
            return
        yield ()
        yield from self._folded((), said, 2, style=status_style(self._exchange))
        response = self._exchange.response
        if response is None:
            return
        yield from self._headers(response.headers)
        back = response_message(self._exchange)
        if back is not None:
            yield from self._message(back)
            for departure in read_answer(response).departures if response.body else ():
                yield from self._folded((Span("note: ", "warning"),), one_line(departure), 4)
        elif response.body:
            yield from self._body(response.body, _content_type(response))

    def _headers(self, headers: Headers) -> Iterable[Line]:
        others = 0
        for name, value in headers:
            if name.lower() not in _HEADERS | _AUTHENTICATION:
                others += 1
                continue
            shown = value if self._show_secrets else masked_header(name, value)
            yield from self._folded((Span(f"{one_line(name)}: ", "dim"),), self._shortened(shown), 4)
        if others:
            yield line("    ", Span(f"and {others} other header{'s' if others > 1 else ''}", "dim"))

    def _message(self, message: Message) -> Iterable[Line]:
        yield ()
        if not message.fields:
            yield line("    ", Span(f"no parameter: an empty {message.title}", "warning"))
        declared = message.params()
        twice = message.duplicated()
        column = min(max((cells(one_line(name)) for name, _ in message.fields), default=0), 24, self._width // 3) + 6
        for name, value in message.fields:
            yield from self._value(name, value, column, is_secret=is_secret_name(name) or (name in declared and declared[name].secret))
            yield from self._meaning(declared.get(name), column, repeated=name in twice)
            yield from self._token(value, column)

    def _value(self, name: str, value: Any, column: int, *, is_secret: bool) -> Iterable[Line]:
        if (table := key_table(name, value)) and not self._show_secrets:
            yield from self._table(name, table, column)
            return
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if not self._show_secrets:
            shown = self._masked(shown) if is_secret and isinstance(value, str | int) else without_these(shown, self._sent)
            if not isinstance(value, str):
                shown = masked_body(shown, "application/json")
        parts = fold(self._shortened(shown), self._width - column)
        label = one_line(name)
        first = line("    ", Span(label.ljust(column - 4), "literal"), parts[0])
        if cells(label) > column - 6:
            yield line("    ", Span(label, "literal"))
            first = line(" " * column, parts[0])
        yield first
        for part in parts[1:]:
            yield line(" " * column, part)

    def _table(self, name: str, table: tuple[tuple[str, ...], ...], column: int) -> Iterable[Line]:
        """A head and rows, side by side where they fit, else one under the other."""
        rows = [[one_line(cell) for cell in row] for row in table]
        widths = [max(cells(row[at]) for row in rows) for at in range(len(rows[0]))]
        label = Span(one_line(name).ljust(column - 4), "literal")
        if column + sum(widths) + 2 * len(widths) <= self._width:
            for index, row in enumerate(rows):
                text = "  ".join(cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
                yield line("    ", label if index == 0 else " " * (column - 4), Span(text, "dim" if index == 0 else ""))
            return
        yield line("    ", label)
        for row in rows[1:]:
            told = ", ".join(f"{head} {cell}" for head, cell in zip(rows[0], row, strict=True) if cell)
            yield from self._folded((), told, column)

    def _meaning(self, param: Param[Any] | None, column: int, *, repeated: bool) -> Iterable[Line]:
        if repeated:
            yield line(" " * column, Span("occurs more than once", "warning"))
        if param is None:
            for part in wrap("unknown: no standard that oauthctl knows defines it here", self._width - column):
                yield line(" " * column, Span(part, "warning"))
            return
        # A section's name is not broken: `(RFC 6749 section` says nothing.
        text = f"{param.meaning} {f'({param.section})'.replace(' ', _GLUE)}"
        for part in wrap(text, self._width - column):
            yield line(" " * column, Span(part.replace(_GLUE, " "), "dim"))

    def _token(self, value: Any, column: int) -> Iterable[Line]:
        """The header and the claims of a JWT, one level deep."""
        token = take_apart(value) if isinstance(value, str) and value.startswith("ey") else None
        if token is None or token.header is None:
            return
        for title, members in (("header", token.header), ("claims", token.claims)):
            for name, member in (members or {}).items():
                written = member if isinstance(member, str) else json.dumps(member, ensure_ascii=False)
                if not self._show_secrets:
                    written = self._masked(written) if is_secret_name(name) else masked_body(written, "application/json")
                shown = self._shortened(written) + _date(name, member)
                yield from self._folded((Span(f"{title}.{one_line(name)} ", "dim"),), shown, column)

    def _body(self, body: bytes, kind: str) -> Iterable[Line]:
        yield ()
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            yield line("    ", Span(f"{len(body)} bytes of {one_line(kind) or 'no known type'}", "dim"))
            return
        shown = text if self._show_secrets else without_these(masked_body(text, kind), self._sent)
        if self._among is not None and is_html(shown, kind):
            yield from self._page(shown, len(body), () if self._show_secrets else self._among)
            return
        rows = pretty(shown).splitlines()
        for row in rows[: self._most]:
            bare = row.lstrip(" ")
            # Deep in a document there would be no room left.
            yield from self._folded((), self._shortened(bare), 4 + min(len(row) - len(bare), self._width // 3, _DEEPEST))
        if len(rows) > self._most:
            yield line("    ", Span(f"and {len(rows) - self._most} more lines, with `--exchange {self._exchange.id}`", "dim"))

    def _page(self, text: str, size: int, secrets: tuple[str, ...]) -> Iterable[Line]:
        found = html_excerpt(text)
        # What the markup wrote with `&amp;` can be told only now.
        title, words = without_these(found.title, secrets), without_these(found.text, secrets)
        yield line("    ", Span(f"a web page of {size} bytes", "dim"), f": {one_line(title)}" if title else "")
        for part in wrap(one_line(words), min(self._width, _WIDTH_OF_A_PAGE) - 6) if words else ():
            yield line("      ", part)
        yield line("    ", Span(f"more of it is shown with `--exchange {self._exchange.id}`", "dim"))

    def _folded(self, label: Line, text: str, column: int, *, style: Style = "") -> Iterable[Line]:
        """A label and what it says, on as many lines as it takes; those after the first are indented."""
        room, used = self._width - column, sum(cells(span.text) for span in label)
        if used > room // 2 and used + cells(text) > room:
            yield line(" " * column, *label)
            label, used = (Span("  "),), 2
        first, *rest = fold(text, room - 2, first=room - used)
        yield line(" " * column, *label, Span(first, style))
        for part in rest:
            yield line(" " * (column + 2), Span(part, style))

    def _shortened(self, text: str) -> str:
        """The text on one line; of one that is very long the beginning, with how much there is, and where."""
        if len(text) <= self._longest:
            return one_line(text)
        return one_line(f"{cut(text, self._longest)} ({len(text)} characters, whole with `--exchange {self._exchange.id}`)")

    def _url(self, url: str) -> str:
        return url if self._show_secrets else masked_url(url)

    def _masked(self, value: str) -> str:
        shown = masked(value)
        return shown if "redacted-" in shown else f"{shown} ({len(value)} characters)"


def pretty(text: str) -> str:
    """JSON on lines of its own, indented; any other text as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False) if text.lstrip()[:1] in ("{", "[") else text
    except (ValueError, RecursionError):
        return text


def _date(name: str, value: Any) -> str:
    at = moment(value) if name in _DATES else None
    return f" ({at:%Y-%m-%d %H:%M:%S} UTC)" if at else ""


def _content_type(response: Response) -> str:
    return response.headers.get("content-type") or ""
