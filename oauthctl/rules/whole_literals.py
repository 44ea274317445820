"""Values that hold backticks, in sentences that put values into backticks.

Here: keeping such a value one literal in every sentence of a diagnosis, so that no view takes its rest for words of ours. Not here:
drawing literals (`views`), evidence, which shows values as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from oauthctl.findings import Candidate, Finding
from oauthctl.messages.param import Message
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen

# As it is, percent-encoded, and in JSON.
_WRITTEN = ("`", "%60", "u0060")
# A shorter value that stands in a sentence without backticks around it may be words of ours.
_TELLING = 8
_OUTSIDE = -1
# What a value ends at in a sentence or a log that a rule takes it from.
_BETWEEN = re.compile(r"[\s\"'<>()\[\],;=&]+")


def with_whole_literals(findings: tuple[Finding, ...], scene: Scene) -> tuple[Finding, ...]:
    """The findings with each value of the scene as one literal in their sentences, evidence apart."""
    shown = (value for one in findings for part in one.evidence for value in (part.expected, part.got))
    values = _said([text for one in findings for text in _sentences(one)], (*shown, *_values(scene)))
    return tuple(_with_values(one, values) for one in findings) if values else findings


def whole_sentences(sentences: tuple[str, ...], scene: Scene) -> tuple[str, ...]:
    """The sentences with each value of the scene as one literal."""
    values = _said(sentences, _values(scene)) if sentences else []
    return tuple(whole(text, values) for text in sentences)


def whole(text: str, values: Iterable[str]) -> str:
    """The sentence with an apostrophe for each backtick inside these values, which may stand there cut off.

    One that stands there without backticks around it, or with words of ours before it, is known when it is whole and not short.
    """
    held = [value for value in values if "`" in value]
    begin, at = _OUTSIDE, text.find("`")
    while held and at >= 0:
        inner = _end_of_inner(text, at, begin, held)
        if inner:
            text, at = _without_backticks(text, at, inner), inner
        elif begin != _OUTSIDE:
            begin, at = _OUTSIDE, at + 1
        else:
            begin = at + 1
            at = max(_end_of_literal(text, begin, value) for value in held)
            text = _without_backticks(text, begin, at)
        at = text.find("`", at)
    return text


def _end_of_literal(text: str, begin: int, value: str) -> int:
    """Where a literal ends that begins like this value: behind a whole one, else at the last backtick up to which it has what it has."""
    common = _common(value, text[begin : begin + len(value)])
    if common == len(value) and not value.endswith("`"):
        return max(text.find("`", begin + common), begin)
    return max(text.rfind("`", begin, begin + common + 1), begin)


def _end_of_inner(text: str, at: int, begin: int, held: list[str]) -> int:
    """The end of the value that this backtick stands in, which begins after the literal around it; 0 when there is none."""
    found = 0
    for value in held:
        start = at - value.index("`")
        if len(value) >= _TELLING and not value.endswith("`") and start > begin and text.startswith(value, start):
            found = max(found, start + len(value))
    return found


def _common(value: str, text: str) -> int:
    """How many characters both begin with."""
    return next((at for at, (one, other) in enumerate(zip(value, text, strict=False)) if one != other), min(len(value), len(text)))


def _without_backticks(text: str, begin: int, end: int) -> str:
    return text[:begin] + text[begin:end].replace("`", "'") + text[end:]


def _said(sentences: Iterable[str], values: Iterable[str]) -> list[str]:
    """Those of the values with a backtick that the sentences may have."""
    text = "\n".join(sentences)
    held = sorted({value for value in values if "`" in value})
    return [value for value in held if f"`{value[: value.index('`')]}" in text or value in text]


def _sentences(finding: Finding) -> Iterator[str]:
    yield from (finding.message, finding.cause, finding.help, finding.probe, *finding.consequences)
    yield from (text for one in finding.candidates for text in (one.cause, one.help))


def _with_values(finding: Finding, values: list[str]) -> Finding:
    return replace(
        finding,
        message=whole(finding.message, values),
        cause=whole(finding.cause, values),
        help=whole(finding.help, values),
        probe=whole(finding.probe, values),
        candidates=tuple(Candidate(whole(one.cause, values), whole(one.help, values)) for one in finding.candidates),
        consequences=tuple(whole(one, values) for one in finding.consequences),
    )


def _values(scene: Scene) -> Iterator[str]:
    """What a rule may quote: texts of messages, tokens and given facts, and the words in them."""
    texts = [text for seen in scene.seen if _may_hold(seen) for text in _texts_of(seen)]
    texts += [text for held, _ in scene.tokens for part in (held.token.claims, held.token.header) for text in _texts(part)]
    texts += _texts(dict(scene.given.members))
    for text in texts:
        if "`" in text:
            yield from (text, *(word for word in _BETWEEN.split(text) if "`" in word))


def _may_hold(seen: Seen[Message]) -> bool:
    """Whether there is a backtick in the exchange at all: most have none, and need not be taken apart."""
    request, response = seen.exchange.request, seen.exchange.response
    parts = (request, response) if response is not None else (request,)
    told = (request.url, *(value for one in parts for _, value in one.headers))
    return any(mark in text for mark in _WRITTEN for text in told) or any(mark.encode() in one.body for mark in _WRITTEN for one in parts)


def _texts_of(seen: Seen[Message]) -> Iterator[str]:
    reply, back = seen.reply, seen.back
    yield from (seen.url, reply.error, reply.description, *reply.location.values())
    for part in (seen.sent.fields, back.fields if back is not None else (), reply.members):
        yield from _texts(part)
    for headers in (seen.exchange.request.headers, seen.exchange.response.headers if seen.exchange.response is not None else ()):
        yield from (value for _, value in headers)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value; the names of members, too."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case dict() as members:
                waiting += [*members, *members.values()]
            case list() | tuple() as items:
                waiting += items
            case _:
                pass


def _beginning(value: str) -> str:
    """How a literal of this value begins, up to the value's own first backtick."""
    return "`" + value[: value.index("`")]
