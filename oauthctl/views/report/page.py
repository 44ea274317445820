"""The report as one HTML file.

Here: the page and the policy that keeps it in its place. Not here: one message (`message_html`), the drawing (`sequence_svg`).
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from importlib.resources import files

from oauthctl.views.report.markup import Element, document, h, prose
from oauthctl.views.report.message_html import finding_html, message_html, status_badge
from oauthctl.views.report.sequence_svg import NARROW, WIDE, diagram_svg
from oauthctl.views.report.told import OWN_ACCOUNT, Diagram, Report, Told


def report_html(report: Report) -> str:
    """The whole file: no request leaves it, and nothing in it runs but its own script."""
    style, script = _own("report.css"), _own("report.js")
    return document(
        h(
            "html",
            h(
                "head",
                h("meta", charset="utf-8"),
                # The policy comes first: it holds for what follows it.
                h("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
                h("meta", name="viewport", content="width=device-width, initial-scale=1"),
                h("meta", name="color-scheme", content="light dark"),
                h("meta", name="referrer", content="no-referrer"),
                h("title", f"{_title(report)} · oauthctl"),
                h("style", style),
            ),
            h("body", _header(report), _main(report), _footer(report), h("script", script)),
            lang="en",
        )
    )


def _own(name: str) -> str:
    return files("oauthctl.views.report").joinpath(name).read_text("utf-8").replace("\r\n", "\n")


def _policy(style: str, script: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{_hash(style)}'",
            f"script-src 'sha256-{_hash(script)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    return b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _title(report: Report) -> str:
    return f"oauthctl {report.command}" if report.command else "Recording"


def _header(report: Report) -> Element:
    began = f"{report.began_at:%Y-%m-%d %H:%M:%S} UTC" if report.began_at and report.began_at.year > 1970 else ""
    said = [one for one in (began, report.issuer and f"issuer {report.issuer}") if one]
    return h(
        "header",
        h("div", h("h1", _title(report)), h("p", prose(report.source), [f" · {one}" for one in said], class_="dim")),
        h(
            "div",
            h("button", "All messages", type="button", id="all", aria_pressed="false"),
            h("button", "Theme: as the system", type="button", id="theme"),
            class_="tools script-only",
        ),
        class_="top",
    )


def _main(report: Report) -> Element:
    return h(
        "main",
        h(
            "div",
            h("h2", "Messages", class_="quiet"),
            h(
                "p",
                "Choose a message with ",
                h("kbd", "↑"),
                " ",
                h("kbd", "↓"),
                " or a click, read it with ",
                h("kbd", "Enter"),
                ", leave with ",
                h("kbd", "Esc"),
                ".",
                class_="dim script-only keys",
            ),
            [_diagram(report, one, number) for number, one in enumerate(report.diagrams, 1)],
            id="diagrams",
            class_="diagrams",
        ),
        h(
            "div",
            _overview(report),
            [message_html(report, told) for told in report.messages],
            id="panel",
            class_="panel",
            role="region",
            aria_label="The chosen message",
            tabindex="0",
        ),
    )


def _diagram(report: Report, diagram: Diagram, number: int) -> Element:
    told = {one.id: one for one in report.messages}
    return h(
        "figure",
        h("figcaption", h("h3", diagram.title)) if diagram.title else None,
        diagram_svg(report, diagram, WIDE),
        diagram_svg(report, diagram, NARROW),
        h(
            "details",
            h("summary", "The same as a list"),
            h("ol", [_listed(report, told[exchange]) for exchange, _ in diagram.steps], class_="list"),
        ),
        class_="diagram",
        id=f"diagram-{number}",
    )


def _listed(report: Report, told: Told) -> Element:
    return h(
        "li",
        h("a", f"{told.id} {told.label}", href=f"#message-{told.id}", data_go=told.id),
        " ",
        status_badge(told),
        [
            h(
                "span",
                " ",
                report.findings[at].severity.value,
                ": ",
                report.findings[at].message,
                class_=f"flagged {report.findings[at].severity.value}",
            )
            for at in told.findings
        ],
    )


def _overview(report: Report) -> Element:
    count = len(report.findings)
    if count:
        said = f"{count} finding{'s' if count > 1 else ''}, the root cause first"
    else:
        said = "Nothing wrong was found" if report.checked else "Nothing could be checked"
    return h(
        "section",
        h("h2", said, tabindex="-1"),
        [finding_html(finding) for finding in report.findings],
        h("p", f"{report.checked} of {report.rules} rules could be applied to {len(report.messages)} exchanges.", class_="dim"),
        [h("p", f"Not seen: {one}.", class_="dim") for one in report.unseen],
        h("p", OWN_ACCOUNT, class_="dim") if report.is_own_account else None,
        h(
            "p",
            "Secrets are replaced by fingerprints: where two are equal, so were the secrets. What claims tell of a person is still there.",
            class_="dim",
        ),
        id="overview",
        class_="overview",
    )


def _footer(report: Report) -> Element:
    version = f" {report.tool_version}" if report.tool_version else ""
    return h("footer", h("p", f"Recorded by oauthctl{version}" if version else "Read by oauthctl from a capture", class_="dim"))
