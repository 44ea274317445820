"""From a scene and its diagnosis to a `Report`.

Here: messages with their parameters, the diagrams. Not here: tokens (`told_tokens`), derivations (`proofs`). Everything shown comes from
the redacted recording: there is no secret to leak.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from oauthctl.findings import Finding
from oauthctl.http import Headers, Request, Response
from oauthctl.messages.answer import read_answer
from oauthctl.messages.param import Message
from oauthctl.record.exchange import Exchange
from oauthctl.record.transaction import request_message, response_message
from oauthctl.rules.diagnosis import Diagnosis
from oauthctl.rules.scene import Scene
from oauthctl.views.annotated import SEEN, pretty
from oauthctl.views.chapters import chapters
from oauthctl.views.hints import status_of
from oauthctl.views.key_table import key_table
from oauthctl.views.labels import labels_of
from oauthctl.views.masked import masked_header
from oauthctl.views.report.lanes import cast_of, label_of, tone_of
from oauthctl.views.report.proofs import derivations_of
from oauthctl.views.report.told import Diagram, Report, Row, Side, Told, ToldToken
from oauthctl.views.report.told_tokens import told_tokens, written

_HEADERS = frozenset(
    (
        "accept",
        "access-control-allow-origin",
        "authorization",
        "cache-control",
        "content-type",
        "cookie",
        "dpop",
        "dpop-nonce",
        "host",
        "location",
        "origin",
        "pragma",
        "proxy-authorization",
        "referer",
        "retry-after",
        "set-cookie",
        "www-authenticate",
    )
)
_LONGEST_VALUE = 4000
_LONGEST_BODY = 20_000


def tell(scene: Scene, diagnosis: Diagnosis, *, source: str, is_own_account: bool = False) -> Report:
    """The report; `source` says in words where the recording came from, `is_own_account` that its facts are a file's own claims."""
    exchanges = tuple(seen.exchange for seen in scene.seen if seen.is_direct)
    beside, tokens = _beside(diagnosis.findings), told_tokens(scene)
    labels = labels_of(one for one in exchanges if one.purpose)
    return Report(
        source=source,
        command=scene.recording.command,
        issuer=scene.recording.issuer,
        tool_version=scene.recording.tool_version,
        began_at=min((exchange.started_at for exchange in exchanges), default=None),
        messages=tuple(
            replace(
                _told(scene, one, tokens.get(one.id, ()), findings=diagnosis.findings, beside=beside.get(one.id, ())),
                label=labels.get(one.id) or label_of(one),
            )
            for one in exchanges
        ),
        diagrams=tuple(_diagram(scene, title, part, beside) for title, part in _parts(scene, exchanges)),
        findings=diagnosis.findings,
        checked=len(diagnosis.checked),
        rules=len(diagnosis.checked) + len(diagnosis.not_checked),
        unseen=diagnosis.unseen,
        is_own_account=is_own_account,
    )


def _beside(findings: tuple[Finding, ...]) -> dict[int, tuple[int, ...]]:
    """By exchange the findings that are shown beside its arrow: where something else was expected, or else at the first evidence."""
    found: dict[int, tuple[int, ...]] = {}
    for at, finding in enumerate(findings):
        placed = [one for one in finding.evidence if one.exchange is not None]
        wrong = [one for one in placed if one.expected] or placed[:1]
        for exchange in dict.fromkeys(one.exchange for one in wrong):
            if exchange is not None:
                found[exchange] = (*found.get(exchange, ()), at)
    return found


def _parts(scene: Scene, exchanges: tuple[Exchange, ...]) -> Iterable[tuple[str, tuple[Exchange, ...]]]:
    """The exchanges of each chapter, the same as in the terminal."""
    for chapter in chapters(scene):
        part = tuple(one for one in exchanges if one.id in chapter.exchanges)
        if part or not exchanges:
            yield chapter.title[:1].upper() + chapter.title[1:], part


def _diagram(scene: Scene, title: str, exchanges: tuple[Exchange, ...], beside: dict[int, tuple[int, ...]]) -> Diagram:
    cast = cast_of(scene, exchanges)
    return Diagram(
        title,
        cast,
        tuple(arrow for exchange in exchanges for arrow in cast.arrows(exchange)),
        tuple((exchange.id, finding) for exchange in exchanges for finding in beside.get(exchange.id, ())),
    )


def _told(
    scene: Scene, exchange: Exchange, tokens: tuple[ToldToken, ...], *, findings: tuple[Finding, ...], beside: tuple[int, ...]
) -> Told:
    concerned = (at for at, one in enumerate(findings) if any(evidence.exchange == exchange.id for evidence in one.evidence))
    return Told(
        id=exchange.id,
        label=label_of(exchange),
        purpose=exchange.purpose,
        channel=exchange.channel.value,
        seen=SEEN[exchange.channel],
        started_at=exchange.started_at,
        seconds=exchange.seconds,
        status=status_of(exchange),
        tone=tone_of(exchange),
        request=_request(exchange),
        answer=_answer(exchange, exchange.response) if exchange.response is not None else None,
        tokens=tokens,
        derivations=derivations_of(scene, exchange),
        findings=beside,
        related=tuple(at for at in concerned if at not in beside),
    )


def _request(exchange: Exchange) -> Side:
    request = exchange.request
    sent = request_message(exchange) if exchange.purpose else None
    # What is listed parameter by parameter need not stand in the URL too.
    url = request.url.partition("?")[0] if sent is not None and not request.body else request.url
    title = f"{request.method} {url}" if url else "only the answer was seen"
    headers, others = _headers(request.headers)
    body = "" if sent is not None else _body(request.body, request)
    return Side(title, headers, others, _fields(sent) if sent is not None else (), body)


def _answer(exchange: Exchange, response: Response) -> Side:
    back = response_message(exchange) if exchange.purpose else None
    headers, others = _headers(response.headers)
    notes = read_answer(response).departures if back is not None and response.body else ()
    return Side(
        status_of(exchange),
        headers,
        others,
        _fields(back) if back is not None else (),
        "" if back is not None else _body(response.body, response),
        tuple(notes),
    )


def _headers(headers: Headers) -> tuple[tuple[Row, ...], int]:
    shown = tuple(Row(name, _cut(_readable(name, value), _LONGEST_VALUE)) for name, value in headers if name.lower() in _HEADERS)
    return shown, len(headers) - len(shown)


def _readable(name: str, value: str) -> str:
    """A header's value; Basic credentials are shown decoded, so that the client's name and its secret's fingerprint can be seen."""
    return masked_header(name, value) if value[:6].lower() == "basic " else value


def _fields(message: Message) -> tuple[Row, ...]:
    declared, twice = message.params(), message.duplicated()
    rows = []
    for name, value in message.fields:
        param = declared.get(name)
        remarks = ("occurs more than once" if name in twice else "", "" if param else "no standard that oauthctl knows defines it here")
        rows.append(
            Row(
                name,
                _cut(written(value), _LONGEST_VALUE),
                param.meaning if param else "",
                param.section if param else None,
                "; ".join(remark for remark in remarks if remark),
                key_table(name, value),
            )
        )
    return tuple(rows)


def _body(body: bytes, of: Request | Response) -> str:
    if not body:
        return ""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return f"{len(body)} bytes of {of.headers.get('content-type') or 'no known type'}"
    return _cut(pretty(text), _LONGEST_BODY)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} characters more)"
