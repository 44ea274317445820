"""One message of the report: findings, request, answer, tokens, derivations.

Here: the HTML of an exchange. Not here: the page around it (`page`), what is told (`tell`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from oauthctl.findings import Certainty, Evidence, Finding, Outcome
from oauthctl.specs import Section
from oauthctl.views.hints import duration
from oauthctl.views.report.markup import Element, Node, h, prose
from oauthctl.views.report.timeline_svg import timeline_svg
from oauthctl.views.report.told import Derivation, Report, Row, Side, Told, ToldToken

_FINGERPRINT = re.compile(r"redacted-([a-z_]+)-([0-9a-f]{7,8})")
_TOKEN = re.compile(r"ey[\w-]{20,}\.[\w-]{20,}\.[\w.-]+")
_OUTCOMES = {Outcome.PASS: "fits", Outcome.FAIL: "does not fit", Outcome.UNCLEAR: "can't be told", Outcome.SKIPPED: ""}
_SURE = {
    Certainty.CERTAIN: "",
    Certainty.LIKELY: "Likely: the evidence points there, and does not prove it.",
    Certainty.POSSIBLE: "Possible: the evidence does not decide between several causes.",
}
_ROLES = {"access_token": "Access token", "id_token": "ID token", "dpop_proof": "DPoP proof", "request": "Request object"}


def message_html(report: Report, told: Told) -> Element:
    """The whole of what is told of an exchange, as an article that can be linked to."""
    when = f"{told.started_at:%Y-%m-%d %H:%M:%S} UTC"
    took = duration(told.seconds) if told.seconds else ""
    return h(
        "article",
        h("h3", h("span", str(told.id), class_="number"), " ", told.label, " ", status_badge(told), tabindex="-1"),
        h("p", ", ".join(text for text in (when, took, told.seen) if text), class_="dim"),
        [finding_html(report.findings[at], here=told.id) for at in told.findings],
        [_related(report, at) for at in told.related],
        _side(told.request, "Request", is_answer=False),
        _side(told.answer, "Answer", is_answer=True) if told.answer is not None else None,
        [_derivation(one) for one in told.derivations],
        [_token(one, is_own_account=report.is_own_account) for one in told.tokens],
        h("p", h("a", "Back to the diagram", href="#diagrams"), class_="back"),
        class_="message",
        id=f"message-{told.id}",
        data_message=told.id,
        aria_label=f"Exchange {told.id}: {told.label}",
    )


def status_badge(told: Told) -> Element | None:
    """What became of it, in words and colour."""
    return h("span", told.status, class_=f"badge {told.tone or 'plain'}") if told.status else None


def finding_html(finding: Finding, *, here: int | None = None) -> Element:
    """One finding with cause, help, evidence and section; `here` is the exchange beside which it stands, under whose heading."""
    return h(
        "section",
        h(
            "h3" if here is None else "h4",
            h("span", finding.severity.value, class_=f"badge {finding.severity.value}"),
            " ",
            prose(finding.message),
        ),
        h("p", _SURE[finding.certainty], class_="dim") if _SURE[finding.certainty] else None,
        h("p", prose(finding.cause)) if finding.cause else None,
        h("ol", [h("li", prose(one.cause), " ", prose(one.help)) for one in finding.candidates]) if finding.candidates else None,
        h("p", h("b", "To tell: "), prose(finding.probe)) if finding.probe else None,
        h("p", h("b", "Help: "), prose(finding.help), class_="help") if finding.help else None,
        h("ul", [_evidence(one, here) for one in finding.evidence], class_="evidence") if finding.evidence else None,
        h("ul", [h("li", "Led to: ", prose(one)) for one in finding.consequences], class_="led") if finding.consequences else None,
        h("p", _joined([section_link(one) for one in finding.sections]), " ", h("code", finding.rule, class_="dim"), class_="spec"),
        class_=f"finding {finding.severity.value}",
    )


def _related(report: Report, at: int) -> Element:
    """A line on what shows in another message, and has evidence in this one."""
    there = next((told.id for told in report.messages if at in told.findings), None)
    link = (h("a", f"exchange {there}", href=f"#message-{there}", data_go=there), ": ") if there is not None else ()
    return h("p", "Concerned by a finding", " at " if link else ": ", link, prose(report.findings[at].message), class_="dim")


def section_link(section: Section) -> Element:
    """The clause, with its address."""
    return h("a", str(section), href=section.url, rel="noopener noreferrer", target="_blank", title=section.title)


def _evidence(one: Evidence, here: int | None) -> Element:
    return h(
        "li",
        _exchange(one.exchange, here),
        h("code", one.place),
        h("div", h("span", "got ", class_="dim"), _value(one.got or "(missing)")),
        h("div", h("span", "expected ", class_="dim"), _value(one.expected)) if one.expected else None,
    )


def _exchange(number: int | None, here: int | None) -> tuple[Node, ...]:
    if number is None:
        return ("what was given: ",)
    name = f"exchange {number}"
    return ("here: ",) if number == here else (h("a", name, href=f"#message-{number}", data_go=number), ": ")


def _side(side: Side, name: str, *, is_answer: bool) -> Element:
    headers = h(
        "details",
        h("summary", f"{len(side.headers)} headers" if len(side.headers) != 1 else "1 header"),
        h("dl", [(h("dt", row.name), h("dd", _shortened(row.value))) for row in side.headers], class_="headers"),
        h("p", f"and {side.other_headers} more that say nothing here", class_="dim") if side.other_headers else None,
        open=not side.fields,
    )
    return h(
        "section",
        h("h4", name),
        h("p", h("code", side.title), class_="first-line") if not is_answer else None,
        headers if side.headers else None,
        _rows(side.fields) if side.fields else None,
        h("pre", h("code", side.body), tabindex="0") if side.body else None,
        [h("p", h("b", "Note: "), prose(note), class_="odd") for note in side.notes],
        class_="side",
    )


def _rows(rows: tuple[Row, ...]) -> Element:
    return h("dl", [(h("dt", row.name), h("dd", _described(row))) for row in rows], class_="rows")


def _described(row: Row) -> Iterable[Node]:
    if row.table:
        yield _table(row)
    else:
        yield h("div", _shortened(row.value), class_="value")
    if row.remark:
        yield h("div", row.remark, class_="odd")
    if row.meaning:
        yield h("div", prose(row.meaning), *((" ", section_link(row.section)) if row.section else ()), class_="meaning")


def _table(row: Row) -> Element:
    head, *rows = row.table
    return h(
        "div",
        h(
            "div",
            h(
                "table",
                h("thead", h("tr", [h("th", cell, scope="col") for cell in head])),
                h("tbody", [h("tr", [h("td", h("code", cell)) for cell in cells]) for cells in rows]),
            ),
            class_="wide",
            tabindex="0",
            role="region",
            aria_label=row.name,
        ),
        h("details", h("summary", "as JSON"), _value(row.value)),
        class_="value",
    )


def _shortened(text: str) -> Element:
    """A value; a JWT in it opens on demand, since what is in it is told below."""
    token = _TOKEN.search(text)
    if token is None:
        return _value(text)
    said = f"{text[: token.start()]}{token[0][:12]}… ({len(token[0])} characters, decoded below)"
    return h("details", h("summary", h("code", said)), _value(text))


def _value(text: str) -> Element:
    """A value; fingerprints in it are marked, since equal ones stand for the same secret."""
    parts: list[Node] = []
    end = 0
    for match in _FINGERPRINT.finditer(text):
        parts += [
            text[end : match.start()],
            h("mark", match[0], data_secret=match[2], title="stands for a secret; the same secret has the same"),
        ]
        end = match.end()
    return h("code", [part for part in (*parts, text[end:]) if part])


def _derivation(one: Derivation) -> Element:
    said = _OUTCOMES[one.outcome]
    return h(
        "section",
        h("h4", one.name, " ", h("span", said, class_=f"badge {one.outcome.value}") if said else None),
        h("p", h("code", one.formula), class_="formula"),
        _rows(one.rows),
        h("p", prose(one.why), " ", section_link(one.section)),
        class_=f"derivation {one.outcome.value}",
    )


def _token(token: ToldToken, *, is_own_account: bool) -> Element:
    checked = token.signature
    signature = {
        Outcome.PASS: "the signature is right, by the keys that were recorded",
        Outcome.FAIL: f"the signature is wrong: {token.signature_why}",
    }.get(checked or Outcome.SKIPPED, "the signature was not checked")
    if checked in (Outcome.PASS, Outcome.FAIL) and is_own_account:
        signature = f"by the file's own account {signature}"
    return h(
        "section",
        h("h4", _ROLES.get(token.role, token.role.replace("_", " ").capitalize()), ", decoded"),
        h("p", prose(token.what), "; ", prose(signature), h("br"), h("code", token.place, class_="dim")),
        [h("p", prose(problem), class_="odd") for problem in token.problems],
        timeline_svg(token.marks),
        (h("h5", "Header"), _rows(token.header)) if token.header else None,
        (h("h5", "Claims"), _rows(token.claims)) if token.claims else None,
        class_=f"token {checked.value if checked else ''}".strip(),
    )


def _joined(links: list[Element]) -> Iterable[Node]:
    for at, link in enumerate(links):
        if at:
            yield ", "
        yield link
