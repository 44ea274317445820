"""What happens at a provider that runs, a line each as it happens: for a person, and for a program.

Here: the lines. Not here: what is said when the provider starts (`serve_introduction`). All of it is called from the server's thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from oauthctl.cli.output import Output
    from oauthctl.http import Request, Response
    from oauthctl.provider.records import Event


def tell_event(out: Output, event: Event, issuer: str) -> None:
    """A line for each failure; the rest with `--verbose`. `issuer` is named where there are several."""
    from oauthctl.views.lines import Span

    if not event.error and not out.terminal.verbose:
        # A busy provider has thousands of these a second, and most people want to see none.
        return
    who = f" {event.who}" if event.who else ""
    said = (f"{event.endpoint}{who}: ", *((Span(event.error, "error"), ", ") if event.error else ()), event.reason)
    members = {"issuer": issuer, "endpoint": event.endpoint, "who": event.who, "error": event.error, "reason": event.reason}
    out.tell({"event": _timed(event.at, members)}, Span(_at(event.at, issuer), "dim"), *said)


def tell_answer(out: Output, issuer: str, request: Request, response: Response, at: datetime) -> None:
    """A line for a request that was answered, whatever became of it; without its query, which may hold secrets."""
    from oauthctl.provider.missing import shown_path

    path = shown_path(request.path)
    members = {"issuer": issuer, "method": request.method, "path": path, "status": response.status}
    out.tell({"answer": _timed(at, members)}, f"{_at(at, issuer)}{request.method} {path} {response.status}")


def _at(moment: datetime, issuer: str) -> str:
    return f"{moment:%H:%M:%S} {f'{issuer} ' if issuer else ''}"


def _timed(moment: datetime, members: Mapping[str, object]) -> dict[str, object]:
    """The members that say something, and when it was."""
    return {"at": moment.isoformat().replace("+00:00", "Z"), **{name: value for name, value in members.items() if value}}
