"""A report as JSON; members are added, never renamed.

Here: the document. Not here: the same as HAR (`record.har`), findings alone (`diagnosis_document`).
"""

from __future__ import annotations

from typing import Any

from oauthctl.messages.claim_values import utc_text
from oauthctl.views.diagnosis_document import finding_document
from oauthctl.views.report.told import RECORDED, Derivation, Diagram, Report, Row, Side, Told, ToldToken


def report_document(report: Report) -> dict[str, Any]:
    """`{"source", "command", "issuer", "tool_version", "began_at", "diagrams", "messages", "findings", "checked", "rules", "unseen",
    "is_own_account"}`."""
    return {
        "source": report.source,
        "command": report.command,
        "issuer": report.issuer,
        "tool_version": report.tool_version,
        "began_at": utc_text(report.began_at) if report.began_at else None,
        "diagrams": [_diagram(one) for one in report.diagrams],
        "messages": [_message(report, one) for one in report.messages],
        "findings": [finding_document(one) for one in report.findings],
        "checked": report.checked,
        "rules": report.rules,
        "unseen": list(report.unseen),
        "is_own_account": report.is_own_account,
    }


def _diagram(diagram: Diagram) -> dict[str, Any]:
    lanes = diagram.cast.lanes
    return {
        "title": diagram.title,
        "participants": [{"key": lane.key, "name": lane.name, "place": lane.place, "hosts": list(lane.hosts)} for lane in lanes],
        "arrows": [
            {
                "exchange": arrow.exchange,
                "from": lanes[arrow.source].key,
                "to": lanes[arrow.target].key,
                "label": arrow.label,
                "detail": arrow.detail,
                "is_answer": arrow.is_answer,
                "is_unseen": arrow.is_unseen,
                "is_lost": arrow.is_lost,
            }
            for arrow in diagram.arrows
        ],
    }


def _message(report: Report, told: Told) -> dict[str, Any]:
    return {
        "exchange": told.id,
        "label": told.label,
        "purpose": told.purpose,
        "channel": told.channel,
        "started_at": utc_text(told.started_at),
        "seconds": told.seconds,
        "status": told.status,
        "request": _side(told.request),
        "answer": _side(told.answer) if told.answer is not None else None,
        "tokens": [_token(one) for one in told.tokens],
        "derivations": [_derivation(one) for one in told.derivations],
        "findings": [report.findings[at].rule for at in sorted((*told.findings, *told.related))],
        "related": [report.findings[at].rule for at in told.related],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "first_line": side.title,
        "headers": [{"name": row.name, "value": row.value} for row in side.headers],
        "other_headers": side.other_headers,
        "parameters": [_row(row) for row in side.fields],
        "body": side.body,
        "notes": list(side.notes),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "value": row.value,
        "meaning": row.meaning,
        "section": str(row.section) if row.section else "",
        "section_url": row.section.url if row.section else "",
        "remark": row.remark,
    }


def _token(token: ToldToken) -> dict[str, Any]:
    return {
        "role": token.role,
        "place": token.place,
        "what": token.what,
        "header": [_row(row) for row in token.header],
        "claims": [_row(row) for row in token.claims],
        "times": {mark.name: utc_text(mark.at) for mark in token.marks if mark.name != RECORDED},
        "seen_at": next((utc_text(mark.at) for mark in token.marks if mark.name == RECORDED), None),
        "problems": list(token.problems),
        "signature": token.signature.value if token.signature else "unclear",
        "signature_why": token.signature_why,
    }


def _derivation(one: Derivation) -> dict[str, Any]:
    return {
        "name": one.name,
        "formula": one.formula,
        "values": [{"name": row.name, "value": row.value} for row in one.rows],
        "outcome": one.outcome.value,
        "why": one.why,
        "section": str(one.section),
    }
