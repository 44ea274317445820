"""`Output`: the one place that prints. stdout is data, stderr is talk.

Here: lines, tables, JSON and errors onto streams, with or without colour. Not here: what they say (`views`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TextIO

from oauthctl.cli.terminal import Terminal
from oauthctl.errors import OauthctlError
from oauthctl.views.lines import Line, Span, Style, Table, line, one_line, plain, printable

if TYPE_CHECKING:
    from rich.console import Console

    from oauthctl.cli.conclusion import Conclusion

_RICH_STYLES: dict[Style, str] = {
    "": "",
    "error": "bold red",
    "warning": "yellow",
    "success": "green",
    "literal": "cyan",
    "dim": "dim",
    # Black on white whatever the terminal's colours are: for what a camera reads.
    "ink": "black on bright_white",
    "bold": "bold",
}


class Output:
    """Prints for one run."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.conclusion: Conclusion | None = None
        self._consoles: dict[bool, Console] = {}
        self._warned: set[str] = set()

    @property
    def width(self) -> int:
        """The columns of the terminal on stdout; 0 on a pipe, where nothing is wrapped."""
        return self.width_of(self.terminal.stdout)

    def width_of(self, stream: TextIO) -> int:
        """The columns of the terminal that the stream is; 0 on a pipe."""
        if not stream.isatty():
            return 0
        columns = self.terminal.environ.get("COLUMNS", "")
        if columns.isascii() and columns.isdigit() and int(columns):
            return int(columns)
        import os

        try:
            return os.get_terminal_size(stream.fileno()).columns or 80
        except (OSError, ValueError):
            return 80

    def data(self, text: str) -> None:
        """One line of data on stdout, as it is: what scripts read. A terminal gets control characters escaped."""
        stream = self.terminal.stdout
        stream.write((printable(text) if stream.isatty() else text) + "\n")
        stream.flush()

    def raw(self, chunk: bytes) -> None:
        """Bytes of an answer's body on stdout, unchanged on a pipe; a terminal gets control characters escaped."""
        stream = self.terminal.stdout
        buffer = getattr(stream, "buffer", None)
        if buffer is None or stream.isatty():
            stream.write(printable(chunk.decode("utf-8", "replace")) if stream.isatty() else chunk.decode("utf-8", "replace"))
        else:
            stream.flush()
            buffer.write(chunk)
        stream.flush()

    def json(self, document: Mapping[str, Any] | list[Any]) -> None:
        """One JSON document on stdout; indented for a person, one line on a pipe."""
        if self.terminal.stdout.isatty():
            self.data(printable_json(document, indent=2))
        else:
            self.data(printable_json(document))

    def lines(self, lines: Iterable[Line]) -> None:
        """Styled lines on stdout."""
        self._print(self.terminal.stdout, lines)

    def table(self, table: Table) -> None:
        """A table on stdout."""
        stream = self.terminal.stdout
        if not stream.isatty():
            for row in table.rows:
                stream.write("\t".join(_cell(cell) for cell in row) + "\n")
            stream.flush()
            return
        from rich import box
        from rich.table import Table as RichTable

        shown = RichTable(title=table.title or None, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
        for column in table.columns:
            shown.add_column(printable(column), overflow="fold")
        for row in table.rows:
            shown.add_row(*(self._text(cell) for cell in row))
        self._console(stream).print(shown)

    def say(self, *parts: str | Span) -> None:
        """A line of talk on stderr; `--quiet` and `--json` keep it back."""
        self.say_lines((line(*parts),))

    def say_lines(self, lines: Iterable[Line]) -> None:
        """Lines of talk on stderr; `--quiet` and `--json` keep them back."""
        if not self.terminal.json_errors:
            self.trace(lines)

    def say_prose(self, lines: Iterable[Line], *, indent: int = 0) -> None:
        """As `say_lines`, on a terminal broken at spaces; not for commands, which are copied."""
        from oauthctl.views.wrapped import wrapped

        width = self.width_of(self.terminal.stderr)
        self.say_lines(part for one in lines for part in wrapped(one, width, indent=indent))

    def trace(self, lines: Iterable[Line]) -> None:
        """Lines on stderr that were asked for by an option of their own; only `--quiet` keeps them back."""
        if not self.terminal.quiet:
            self._print(self.terminal.stderr, lines)

    def detail(self, *parts: str | Span) -> None:
        """A line of talk that only `--verbose` shows."""
        if self.terminal.verbose:
            self.say(*parts)

    def tell(self, document: Mapping[str, Any], *parts: str | Span) -> None:
        """A line of talk on stderr that programs read, too: a line of JSON when the command speaks JSON. `--quiet` keeps it back."""
        if not self.terminal.json_errors:
            self.say(*parts)
        elif not self.terminal.quiet:
            self.terminal.stderr.write(printable_json(document) + "\n")
            self.terminal.stderr.flush()

    def warn(self, message: str) -> None:
        """A warning on stderr; a line of JSON when the command speaks JSON."""
        if self.terminal.json_errors:
            self.terminal.stderr.write(printable_json({"warning": message}) + "\n")
            self.terminal.stderr.flush()
            return
        self._print(self.terminal.stderr, (line(Span("warning", "warning"), ": ", message),))

    def warn_once(self, message: str) -> None:
        """A warning that whoever looks a second time does not repeat."""
        if message not in self._warned:
            self._warned.add(message)
            self.warn(message)

    def error(self, error: OauthctlError) -> None:
        """An error on stderr, in the one form that all errors have, then its root cause; JSON when the command speaks JSON."""
        ending = self.conclusion
        if self.terminal.json_errors:
            document = error_document(error) | ({"finding": ending.document()} if ending else {})
            self.terminal.stderr.write(printable_json(document) + "\n")
            self.terminal.stderr.flush()
            return
        self._print(self.terminal.stderr, error_lines(error))
        self.conclude()

    def conclude(self) -> None:
        """What a failing command ends with: the top finding about what it recorded, if there is one."""
        if self.conclusion is None:
            return
        count = len(self.conclusion.rules)
        more = f", {count - 1} more" if count > 1 else ""
        self._print(self.terminal.stderr, ((), *self.conclusion.lines(0)))
        self._print(self.terminal.stderr, (line(Span("more", "bold"), f": `oauthctl diagnose`{more}"),))

    def _print(self, stream: TextIO, lines: Iterable[Line]) -> None:
        if self.terminal.colors(stream):
            console = self._console(stream)
            for one in lines:
                console.print(self._text(one), soft_wrap=True)
            return
        for one in lines:
            stream.write(plain(one) + "\n")
        stream.flush()

    def _console(self, stream: TextIO) -> Console:
        from rich.console import Console

        colors = self.terminal.colors(stream)
        key = stream is self.terminal.stdout
        if key not in self._consoles:
            self._consoles[key] = Console(
                file=stream,
                # Rich would ask the process's own environment, which need not be this run's.
                width=self.width or None,
                force_terminal=colors,
                no_color=not colors,
                color_system="standard" if colors else None,
                highlight=False,
                markup=False,
                emoji=False,
            )
        return self._consoles[key]

    @staticmethod
    def _text(spans: Line) -> Any:
        from rich.text import Text

        return Text.assemble(*((one_line(span.text), _RICH_STYLES[span.style]) for span in spans))


def _cell(spans: Line) -> str:
    """A cell of a table on a pipe, where tabs part cells and a line break ends a row."""
    return printable("".join(span.text for span in spans)).replace("\n", " ").replace("\t", " ")


def printable_json(document: Mapping[str, Any] | list[Any], *, indent: int | None = None) -> str:
    """The document with JSON's own escapes for what could steer a terminal; JSON itself leaves DEL, C1 and the turners of direction."""
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    return "".join(one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in text)


def error_document(error: OauthctlError) -> dict[str, object]:
    """The error as JSON members: `{"error": {"message", "slug", …}, "exit_code"}`."""
    shown = {
        "message": error.message,
        "slug": error.slug,
        "where": error.where,
        "sent": error.sent,
        "got": error.got,
        "spec": error.spec,
        "notes": list(error.notes),
        "help": error.help,
    }
    return {"error": {name: value for name, value in shown.items() if value} | error.data, "exit_code": int(error.exit_code)}


def error_lines(error: OauthctlError) -> tuple[Line, ...]:
    """The error as lines: what is wrong, where, the context, what to do next."""
    head = f"error[{error.slug}]" if error.slug else "error"
    lines = [line(Span(head, "error"), ": ", *_literals(error.message))]
    if error.where:
        lines.append(line(Span("  --> ", "dim"), error.where))
    lines += [
        line(f"      {label}".ljust(12), Span(value, "literal")) for label, value in (("sent", error.sent), ("got", error.got)) if value
    ]
    lines += [line(Span("note", "bold"), ": ", *_literals(note)) for note in error.notes]
    if error.spec:
        lines.append(line(Span("spec", "bold"), ": ", error.spec))
    if error.help:
        lines.append(line(Span("help", "bold"), ": ", *_literals(error.help)))
    return tuple(lines)


def _literals(text: str) -> tuple[Span, ...]:
    """The text with its `literals` in their style; the backticks stay, since colour never carries the meaning alone."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return (Span(text),)
    return tuple(Span(f"`{part}`", "literal") if index % 2 else Span(part) for index, part in enumerate(parts) if part or index % 2)
