"""The HTML of the requests that came, as the start page and its live parts show them.

Here: which of them are shown, what each row says and opens to, every value escaped. Not here: the rest of the page (`home_page`), what is
wrong with a request (it comes with the `Arrival`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from oauthctl.http import Response
from oauthctl.provider.pages import heading, literals, page
from oauthctl.provider.records import Arrival, Part
from oauthctl.provider.state import ProviderState
from oauthctl.provider.switched import Switched

LIVE = "requests"
"""The query that asks for the requests alone, again and again; its value is the number after which they begin."""
OPENED = "open"
"""The query that asks for the start page with the request of this number opened."""
STILL = "still"
"""The query that asks for the start page without what changes by itself."""
_SHOWN = 12
"""Of those that came last, so many are on the start page; of those before, what is wrong."""
_ASKING = ("GET", "HEAD", "OPTIONS")


def requests_section(state: ProviderState, *, opened: int = 0, is_still: bool = False) -> str:
    """The requests until now, which open to what was sent, below a frame with those that arrive from now on, unless it `is_still`."""
    arrivals = state.arrivals
    rows = _folded(state, arrivals, apart=opened)
    shown = [*rows[:_SHOWN], *((one, count) for one, count in rows[_SHOWN:] if one.is_refused or one.wrong or one.number == opened)]
    left_out = sum(count for _, count in rows) - sum(count for _, count in shown)
    listed = "".join(_opening_row(one, count, is_open=one.number == opened) for one, count in shown)
    last = arrivals[-1].number if arrivals else 0
    base = escape(state.base_path)
    more = f" ({left_out} earlier ones with nothing wrong are there, too)" if left_out else ""
    return (
        f'<section aria-labelledby="requests"><h2 id="requests">Requests</h2>{_alert(state)}'
        + (f'<p><a href="{base}/">Show requests as they arrive</a></p>' if is_still else _arriving(base, last))
        + (f'<p class="fine">Until now, the latest first; each opens to what was sent:</p><ul class="log">{listed}</ul>' if listed else "")
        + ("" if listed else '<p class="fine">None came until now.</p>')
        + f'<p><a href="{base}/?{LIVE}">Watch them all arrive</a>{more}</p></section>'
    )


def _arriving(base: str, last: int) -> str:
    """Source: WCAG 2.2 section 2.2.2: what changes by itself can be stopped."""
    return (
        f'<p class="fine">As they arrive from now on (<a href="{base}/?{STILL}">hold still</a>):</p>'
        f'<iframe class="live" src="{base}/?{LIVE}={last}" title="Requests that arrive from now on"></iframe>'
    )


def requests_page(state: ProviderState) -> Response:
    """All that is known of, without what was sent, for a page that comes again by itself."""
    back = f'<p><a href="{escape(state.base_path)}/">Stop, and go back to the start page</a></p>'
    lead = "All that is known of, the latest first; the page comes again every few seconds. Open one to see what was sent."
    listed = _linked_rows(state, state.arrivals) or "<p>None came yet.</p>"
    section = f'<section aria-labelledby="requests"><h2 id="requests">The latest first</h2>{_alert(state)}{listed}{back}</section>'
    return page(f"Requests – {state.name}", heading(state.name, "Requests", lead) + section, is_wide=True)


def newcomers_page(state: ProviderState, since: int) -> Response:
    """Those that came after the request of this number, for a frame of the start page that comes again by itself."""
    last = state.arrivals[-1].number if state.arrivals else 0
    # A number that is still to come was given by an earlier run of the provider.
    newer = [one for one in state.arrivals if one.number > since or since > last]
    listed = _linked_rows(state, newer) or '<p class="fine">Waiting for requests: they show here as they arrive.</p>'
    return page(f"New requests – {state.name}", listed, is_framed=True)


def met(fault: Switched) -> str:
    """How often there was an occasion for the fault, and how often it struck."""
    occasions = f"{fault.occasions} occasion{'' if fault.occasions == 1 else 's'}"
    return f"struck {fault.strikes} time{'' if fault.strikes == 1 else 's'} on {occasions}" + (", is over" if fault.is_over else "")


def _alert(state: ProviderState) -> str:
    from oauthctl.provider.faults.spec import written

    if not state.faults:
        return ""
    on = ", ".join(f"<code>{escape(written(one))}</code> ({met(one)})" for one in state.faults)
    return f'<p class="alert">Wrong on purpose: {on}. <a href="{escape(state.base_path)}/#faults">Change that</a></p>'


def _folded(state: ProviderState, arrivals: Iterable[Arrival], *, apart: int = 0) -> list[tuple[Arrival, int]]:
    """The latest first; of those that only ask for the same thing, time and again in a row, the latest and how many there are.

    `apart` is the number of one that has a row of its own anyway.
    """
    rows: list[tuple[Arrival, int]] = []
    places: dict[tuple[str, ...], int] = {}
    for one in reversed(tuple(arrivals)):
        key = (one.method, one.path, one.who, str(one.status))
        if one.number == apart:
            pass
        elif not _is_harmless(state, one):
            places.clear()
        elif key in places:
            first, count = rows[places[key]]
            rows[places[key]] = (first, count + 1)
            continue
        else:
            places[key] = len(rows)
        rows.append((one, 1))
    return rows


def _is_harmless(state: ProviderState, one: Arrival) -> bool:
    """Whether it only asks, is no page for people, each of whom is about something else, and nothing is wrong with it."""
    paths = state.endpoints
    pages = [state.base_path + path for path in (paths.authorize, paths.device, paths.approvals, paths.end_session)]
    return one.is_judged and not (one.is_refused or one.wrong) and one.method in _ASKING and one.path not in pages


def _opening_row(one: Arrival, count: int, *, is_open: bool) -> str:
    """A row that opens to what was sent and answered."""
    parts = "".join(_part(part) for part in one.parts) or "<p>What was sent is being read: load this page again.</p>"
    return (
        f'<li id="request-{one.number}"{_kind(one)}><details{" open" if is_open else ""}><summary>{_words(one, count)}</summary>'
        f'<div class="parts">{parts}</div></details></li>'
    )


def _linked_rows(state: ProviderState, arrivals: Sequence[Arrival]) -> str:
    """Rows that lead to the start page, where they open: what comes again by itself would close them."""
    start = f"{escape(state.base_path)}/?{OPENED}="
    rows = "".join(
        f'<li{_kind(one)}><a target="_top" href="{start}{one.number}#request-{one.number}">{_words(one, count)}</a></li>'
        for one, count in _folded(state, arrivals)
    )
    return f'<ul class="log">{rows}</ul>' if rows else ""


def _kind(one: Arrival) -> str:
    return ' class="wrong"' if one.wrong else ""


def _words(one: Arrival, count: int) -> str:
    many = f' <span class="fine">the latest of {count} alike</span>' if count > 1 else ""
    who = f' <span class="fine">{escape(one.who)}</span>' if one.who else ""
    reason = f"<span>{escape(one.reason)}</span>" if one.reason else ""
    wrong = "".join(f"<span><strong>{literals(said)}</strong> <code>{escape(rule)}</code></span>" for rule, said in one.wrong)
    waits = "" if one.is_judged else '<span class="fine">being judged …</span>'
    return (
        f'<span class="row"><time>{one.at:%H:%M:%S}</time><span><code>{escape(one.method)} {escape(one.path)}</code>{who}{many}'
        f'</span><span class="status">{one.status}</span></span><span class="said">{reason}{wrong}{waits}</span>'
    )


def _part(part: Part) -> str:
    rows = "".join(
        (f"<dt>{escape(name)}</dt>" if name else "") + f"<dd><code>{escape(value) or '&nbsp;'}</code></dd>" for name, value in part.pairs
    )
    return f"<h3>{escape(part.title)}</h3><dl>{rows}</dl>"
