"""A token that was taken apart, for a person or a program. Nothing in it was verified, and both are told so.

Here: header, claims with their meaning, times, remarks. Not here: reading the token (`jose.jwt`), judging it (`messages.remarks`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from oauthctl.findings import Finding, Severity
from oauthctl.jose.jwt import Kind, Token
from oauthctl.messages.claim_values import in_seconds, utc_text
from oauthctl.messages.claims import Claims
from oauthctl.messages.jose_header import ALGORITHMS, JoseHeader
from oauthctl.messages.param import Message, Param, moment, number
from oauthctl.views.lines import Line, Span, Style, line, literals, printable
from oauthctl.views.moments import dated
from oauthctl.views.wrapped import wrapped

_STYLES: dict[Severity, Style] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "dim"}
_NAME_COLUMN = 20
_VALUE_COLUMN = 32
_SHOWN_PAYLOAD = 400


def decoded_lines(token: Token, where: str, *, now: datetime, remarks: tuple[Finding, ...], width: int = 0) -> tuple[Line, ...]:
    """The token from its first line, which says what it is and where it was found, to the remarks."""
    lines: list[Line] = list(wrapped(line(Span(printable(where), "bold"), ": ", *literals(what_it_is(token))), width, indent=2))
    for title, members, message in (("Header", token.header, JoseHeader), ("Claims", token.claims, Claims)):
        if members is not None:
            lines += ((), line(Span(title, "bold")))
            lines += _members(members, message, now=now, width=width)
    if token.claims is None and token.payload:
        lines += ((), line(Span("Payload", "bold"), Span("  no JSON object", "dim")))
        text = token.payload.decode("utf-8", "replace")
        shown = text[:_SHOWN_PAYLOAD] + ("…" if len(text) > _SHOWN_PAYLOAD else "")
        lines += wrapped(line("  ", Span(shown.replace("\n", " "), "literal")), width, indent=2)
    if remarks:
        lines += ((), line(Span("Remarks", "bold")))
        lines += [one for remark in remarks for one in _remark(remark, width)]
    return tuple(lines)


def what_it_is(token: Token) -> str:
    """In a few words what the token is by its form."""
    match token.kind:
        case Kind.JWS:
            return f"{_jwt_or_jws(token)} {_signed(token)}; nothing was verified"
        case Kind.UNSECURED:
            return f"{_jwt_or_jws(token)} that is not signed; nothing was verified"
        case Kind.JWE:
            enc = printable(token.header_text("enc"))
            return "an encrypted token (JWE)" + (f", content under `{enc}`" if enc else "") + "; only its header can be read"
        case Kind.OPAQUE:
            return "an opaque token, no JWT"
        case Kind.UNREADABLE:
            return "a token that can't be read"


def _signed(token: Token) -> str:
    """What the header says of the signature; an `alg` that is no string names no algorithm."""
    if token.alg:
        return f"that says it is signed with `{printable(token.alg)}`"
    is_there = token.header is not None and "alg" in token.header
    return "whose `alg` is no text" if is_there else "whose header names no algorithm"


def _jwt_or_jws(token: Token) -> str:
    """A JWT is a JWS whose payload is a JSON object (RFC 7519 section 3); one that is cut off or broken inside it still counts."""
    is_jwt = token.claims is not None or not token.payload or token.payload.lstrip()[:1] == b"{"
    return "a JWT" if is_jwt else "a JWS"


def decoded_document(token: Token, where: str, *, now: datetime, remarks: tuple[Finding, ...]) -> dict[str, object]:
    """The token as one JSON object: `header`, `claims`, `times`, `remarks`, `problems`; `verified` is always false."""
    document: dict[str, object] = {
        "where": where,
        "kind": token.kind.value,
        "verified": False,
        "header": token.header,
        "claims": token.claims,
    }
    if token.claims is None and token.payload:
        document["payload"] = token.payload.decode("utf-8", "replace")
    times = dict(_times(token.claims or {}, now))
    if times:
        document["times"] = times
    if token.signature:
        document["signature"] = base64.urlsafe_b64encode(token.signature).rstrip(b"=").decode()
    document["remarks"] = [_remark_document(remark) for remark in remarks]
    document["problems"] = list(token.problems)
    return document


def _times(claims: dict[str, Any], now: datetime) -> Iterable[tuple[str, dict[str, object]]]:
    for name, param in Claims.params().items():
        at = moment_of(param, claims.get(name))
        if at is not None:
            yield name, {"at": utc_text(at), "in_seconds": round((at - now).total_seconds(), 3)}


def _members(members: dict[str, Any], message: type[Message], *, now: datetime, width: int) -> list[Line]:
    params = message.params()
    rows = [
        (name, _value(value, params.get(name), now), _meaning(name, value, params.get(name), message)) for name, value in members.items()
    ]
    # A long name or value does not push everybody's to the right: it has a line of its own.
    names = max((len(name) for name in members if len(name) <= _NAME_COLUMN), default=4)
    values = max((len(value) for _, value, _ in rows if len(value) <= _VALUE_COLUMN), default=0)
    room = width - names - values - 6
    in_columns = not width or all(len(meaning) <= room for name, value, meaning in rows if len(value) <= values and len(name) <= names)
    return [one for row in rows for one in _row(row, names=names, values=values if in_columns else 0, width=width)]


def _row(row: tuple[str, str, str], *, names: int, values: int, width: int) -> list[Line]:
    """One member; its meaning in a third column where `values` leaves room for one, else on the next line."""
    name, value, meaning = row
    margin = names + 4
    if len(name) > names:
        below = _row(("", value, meaning), names=names, values=values, width=width)
        return [*wrapped(line("  ", Span(printable(name), "bold")), width, indent=2), *below]
    head = line("  ", Span(printable(name).ljust(names), "bold"), "  ")
    if len(value) <= values:
        return [(*head, Span(value.ljust(values), "literal"), Span("  "), *literals(meaning, "dim"))]
    return [
        *wrapped((*head, Span(value, "literal")), width, indent=margin),
        *wrapped((Span(" " * margin), *literals(meaning, "dim")), width, indent=margin),
    ]


def _value(value: object, param: Param[Any] | None, now: datetime) -> str:
    """The value in one line; of a time its date as well."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    shown = printable(text).replace("\n", "\\n").replace("\t", "\\t")
    at = moment_of(param, value)
    return f"{shown}  {dated(at, now)}" if at is not None else shown or "(empty)"


def moment_of(param: Param[Any] | None, value: object) -> datetime | None:
    """The moment that a time claim means, also when it counts something smaller than seconds."""
    if param is None or param.reader is not moment:
        return None
    seconds = number(value)
    return None if seconds is None else moment(in_seconds(seconds))


def _meaning(name: str, value: object, param: Param[Any] | None, message: type[Message]) -> str:
    if message is JoseHeader and name in ("alg", "enc") and isinstance(value, str):
        known = ALGORITHMS.get(value)
        return known[0] if known else "an algorithm that is not known here"
    return param.meaning if param else "not a registered name"


def _remark(remark: Finding, width: int) -> tuple[Line, ...]:
    source = f"  ({', '.join(map(str, remark.sections))})" if remark.sections else ""
    head = Span(remark.severity.value, _STYLES[remark.severity])
    return wrapped(line("  ", head, ": ", *literals(printable(remark.message)), Span(source, "dim")), width, indent=4)


def _remark_document(remark: Finding) -> dict[str, object]:
    document: dict[str, object] = {"rule": remark.rule, "severity": remark.severity.value, "message": remark.message}
    if remark.sections:
        document["section"] = str(remark.sections[0])
    for evidence in remark.evidence:
        document |= {name: getattr(evidence, name) for name in ("place", "expected", "got") if getattr(evidence, name)}
    return document
