"""A dry run as a person reads it: the steps in order, each with what it would send.

Here: lines and a JSON document. Not here: making the steps (`flows.dry_run`).
"""

from __future__ import annotations

from typing import Any

from oauthctl.flows.dry_run import DryRun
from oauthctl.flows.steps import Ask, Listen, Send, Step, Visit, Wait
from oauthctl.http import split_url
from oauthctl.views.curl import curl_command
from oauthctl.views.lines import Line, Span, line


def dry_run_lines(planned: DryRun) -> tuple[Line, ...]:
    """Each step under its number; secrets are masked."""
    lines: list[Line] = []
    for number, step in enumerate(planned.steps, 1):
        lines += [line(Span(f"{number}. ", "dim"), Span(_title(step), "bold")), *_details(step), line("")]
    return tuple(lines)


def dry_run_document(planned: DryRun) -> dict[str, Any]:
    """`{"steps": [{"step", "purpose", "method", "url"}]}`, in order."""
    return {"steps": [{"step": type(step).__name__.lower()} | _members(step) for step in planned.steps]}


def _title(step: Step) -> str:
    match step:
        case Send(purpose=purpose):
            return f"send: {purpose}"
        case Visit():
            return "hand the browser this page"
        case Listen(redirect_uri=redirect_uri, response_mode=mode):
            return f"listen for the answer ({mode}) at {redirect_uri}"
        case Wait(seconds=seconds):
            return f"wait {seconds:g} s"
        case Ask(question=question):
            return f"ask: {question}"


def _details(step: Step) -> tuple[Line, ...]:
    match step:
        case Send(request=request):
            return tuple(line("   ", Span(text, "literal")) for text in curl_command(request).splitlines())
        case Visit(url=url):
            parts = split_url(url)
            head = line("   ", Span(f"{parts.scheme}://{parts.netloc}{parts.path}", "literal"))
            return (head, *(line("     ", Span(pair, "literal")) for pair in parts.query.split("&") if pair))
        case _:
            return ()


def _members(step: Step) -> dict[str, Any]:
    match step:
        case Send(request=request, purpose=purpose):
            return {"purpose": purpose, "method": request.method, "url": request.url}
        case Visit(url=url, purpose=purpose):
            return {"purpose": purpose, "method": "GET", "url": url}
        case Listen(redirect_uri=redirect_uri, response_mode=mode):
            return {"redirect_uri": redirect_uri, "response_mode": mode}
        case Wait(seconds=seconds):
            return {"seconds": seconds}
        case Ask(question=question):
            return {"question": question}
