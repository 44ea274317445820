"""A flow, explained: its diagram, then each of its messages parameter by parameter.

Here: lines and a JSON document of a rehearsed flow. Not here: rehearsing it (`flows.rehearsal`), single words (`explained`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from oauthctl.messages.param import Message
from oauthctl.messages.word import Word
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.flow_changes import FlowChanges
from oauthctl.record.transaction import describe, request_message, response_message
from oauthctl.views.annotated import annotated
from oauthctl.views.flow_changes import flow_changes_document, flow_changes_lines
from oauthctl.views.glyphs import UNICODE, Glyphs, in_glyphs
from oauthctl.views.lines import Line, Span, line
from oauthctl.views.masked import masked_url
from oauthctl.views.sequence import sequence
from oauthctl.views.wrapped import wrapped

PLAIN = "code-flow"
_NO_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FlowShown:
    """A flow as a word, its title, what it exchanges, and what it does otherwise than the plain code flow (None: it is no kind of that)."""

    word: Word
    title: str
    recording: Recording
    changes: FlowChanges | None = None


def flow_lines(flow: FlowShown, *, width: int, glyphs: Glyphs = UNICODE) -> Iterable[Line]:
    """What it is, what it does otherwise than the plain code flow, the diagram, the messages."""
    word = flow.word
    lines = [line(Span(word.word, "bold"), f"  {flow.title}")]
    lines += wrapped(line("  ", f"{word.meaning[:1].upper()}{word.meaning[1:]}"), width, indent=2)
    if word.section is not None:
        lines += wrapped(line("  ", str(word.section), "  ", Span(word.section.url, "dim")), width, indent=2)
    if flow.changes is not None:
        lines += ((), *flow_changes_lines(flow.changes, flow=word.word, of=PLAIN, width=width))
    yield from in_glyphs((*lines, ()), glyphs)
    yield from sequence(flow.recording, width, glyphs=glyphs)
    for exchange in flow.recording.exchanges:
        # When it was rehearsed matters to nobody.
        yield from in_glyphs(((), *annotated(replace(exchange, started_at=_NO_MOMENT), width=width)), glyphs)


def flow_document(flow: FlowShown) -> dict[str, Any]:
    """`{"flow", "title", "meaning", "section", "url", "changes", "messages": [{"number", "message", …, "parameters", "answer"}]}`.

    `changes` are those of the plain code flow, None where there is nothing to compare.
    """
    word = flow.word
    section = {"section": str(word.section), "url": word.section.url} if word.section is not None else {}
    messages = [_message_document(exchange) for exchange in flow.recording.exchanges]
    changes = flow_changes_document(flow.changes, of=PLAIN) if flow.changes is not None else None
    return {"flow": word.word, "title": flow.title, "meaning": word.meaning, **section, "changes": changes, "messages": messages}


def flow_list(words: Iterable[Word], *, width: int = 0) -> tuple[Line, ...]:
    """Each flow's name and what it is, one on a line; parted by a tab on a pipe."""
    shown = tuple(words)
    if not width:
        return tuple(line(f"{word.word}\t{word.meaning}") for word in shown)
    column = max(len(word.word) for word in shown) + 2
    return tuple(
        part
        for word in shown
        for part in wrapped(line(Span(word.word.ljust(column), "literal"), word.meaning), width, indent=column if width > column * 2 else 2)
    )


def _message_document(exchange: Exchange) -> dict[str, Any]:
    request, sent = exchange.request, request_message(exchange)
    document: dict[str, Any] = {"number": exchange.id, "message": describe(exchange), "channel": exchange.channel.value}
    document |= {"method": request.method, "url": masked_url(request.url.partition("?")[0]), "parameters": _parameters(sent)}
    if exchange.response is not None:
        document["answer"] = {"status": exchange.response.status, "members": _parameters(response_message(exchange))}
    return document


def _parameters(message: Message | None) -> list[dict[str, Any]]:
    """Names, meanings and clauses; the values are only the practice provider's."""
    if message is None:
        return []
    declared = message.params()
    found = []
    for name, _ in message.fields:
        known = declared.get(name)
        found.append({"name": name} | ({"meaning": known.meaning, "section": str(known.section)} if known else {}))
    return found
