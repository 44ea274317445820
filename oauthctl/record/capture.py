"""Captures of browsers and proxies: the few entries that OAuth is about, out of a hundred thousand others.

Here: where a document keeps its entries, their order, what can't be seen in them. Not here: which entries matter (`picking`), how each
tool writes them (`har_quirks`), the codec (`har`). Cost grows with the document's length alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from oauthctl.errors import ConfigError
from oauthctl.record.capture_failures import belonging
from oauthctl.record.exchange import Recording
from oauthctl.record.har import from_har
from oauthctl.record.har_quirks import lacks_body, moment_of_entry, packed_with, status_of, tidied, url_of, was_aborted, weight_of
from oauthctl.record.picking import Picked, pick

LEFT_OUT = "more calls of APIs that were answered well were left out"
"""What a note says with their number."""

EXCHANGES_LIMIT = 3000
"""Exchanges that are kept at most: a capture with more of them is a loop, whose beginning and end tell it all."""

# Of requests to one place that ended alike, so many from each end are kept: no fewer than need be.
_ALIKE = (EXCHANGES_LIMIT // 2, 500, 100, 50, 20, 10)
# Of the protocol by themselves; the others matter because of where they went.
_OF_THE_PROTOCOL = frozenset(("asks", "returns", "leads", "endpoint", "document", "target"))

WEIGHT_LIMIT = 24 * 1024 * 1024
"""Characters of bodies that are read at most, all exchanges together; those of forms count more."""

# What belongs to the failures that are shown: their sign-ins, whatever else repeats them.
_OF_FAILURES = 600

_Entry: TypeAlias = tuple[int, dict[str, Any]]
"""A raw entry and its place in the document."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TWIN_TIME = timedelta(seconds=10)


def capture_of(document: object) -> tuple[Recording, tuple[str, ...]]:
    """The exchanges of a capture that matter, in the order in which they began, and sentences on what can't be seen in it.

    A recording of our own is taken whole. Raises `ConfigError` when the document holds no list of entries.
    """
    entries = entries_of(document)
    log = document.get("log") if isinstance(document, dict) else None
    creator = log.get("creator") if isinstance(log, dict) else None
    if isinstance(creator, dict) and creator.get("name") == "oauthctl":
        return from_har(document), ()
    picked = pick(entries)
    kept = _without_twins([(place, entries[place]) for place in sorted(picked.places)])
    kept, left_out = _bounded(kept, picked)
    moments = _moments(kept)
    in_order = sorted(range(len(kept)), key=lambda at: moments[at])
    recording = from_har({"log": {"entries": [tidied(kept[at][1], with_body=picked.places[kept[at][0]] != "page") for at in in_order]}})
    # An entry without a time has that of its neighbour.
    timed = tuple(replace(one, started_at=moments[at]) for one, at in zip(recording.exchanges, in_order, strict=True))
    numbered = tuple((number, kept[at][1]) for number, at in enumerate(in_order, 1))
    others = len(entries) - len(picked.places) - picked.calls_left_out
    notes = (*_notes(numbered, read=recording, picked=picked, left_out=left_out), *_of_others(others, len(entries)))
    return replace(recording, exchanges=timed), notes


def _bounded(kept: list[_Entry], picked: Picked) -> tuple[list[_Entry], int]:
    """What can be judged in a bounded time, and how many entries that leaves out: repetition first, then what is not of the protocol."""
    chosen = kept if len(kept) <= EXCHANGES_LIMIT else _best(*_without_repetition(kept, picked), picked)
    weight = 0
    found = []
    for place, entry in chosen:
        own = 0 if picked.places[place] == "page" else weight_of(entry)
        if weight + own <= WEIGHT_LIMIT:
            weight += own
            found.append((place, entry))
    return found, len(kept) - len(found)


def _without_repetition(kept: list[_Entry], picked: Picked) -> tuple[list[_Entry], set[int]]:
    """Of what went to the same place with the same end, the first few and the last few; and what belongs to failures, by its place."""
    alike: dict[tuple[object, ...], list[int]] = {}
    for number, (place, entry) in enumerate(kept):
        method, url = _key(entry)
        alike.setdefault((picked.places[place], method, url.partition("#")[0].partition("?")[0], status_of(entry)), []).append(number)
    of_failures = belonging(kept, _OF_FAILURES)
    chosen: list[int] = []
    for few in _ALIKE:
        chosen = sorted({number for numbers in alike.values() for number in (*numbers[:few], *numbers[-few:])} | of_failures)
        if len(chosen) <= EXCHANGES_LIMIT:
            break
    return [kept[number] for number in chosen], {kept[number][0] for number in of_failures}


def _best(kept: list[_Entry], of_failures: set[int], picked: Picked) -> list[_Entry]:
    """What belongs to failures, then the protocol's own messages, from both ends; where there is room, the others."""
    if len(kept) <= EXCHANGES_LIMIT:
        return kept
    first = [one for one in kept if one[0] in of_failures]
    rest = [one for one in kept if one[0] not in of_failures]
    own = [one for one in rest if picked.places[one[0]] in _OF_THE_PROTOCOL]
    others = [one for one in rest if picked.places[one[0]] not in _OF_THE_PROTOCOL]
    chosen = first + _ends(own, EXCHANGES_LIMIT - len(first))
    return sorted(chosen + _ends(others, EXCHANGES_LIMIT - len(chosen)), key=lambda one: one[0])


def _ends(kept: list[_Entry], limit: int) -> list[_Entry]:
    return kept if len(kept) <= limit else kept[: limit // 2] + kept[len(kept) - (limit - limit // 2) :]


def entries_of(document: object) -> list[dict[str, Any]]:
    """The raw entries, wherever a tool puts them: `log.entries`, `entries`, a list of either, one level of wrapping around it.

    Raises `ConfigError` when there are none to be found.
    """
    found = _entries(document, 0)
    if found is None:
        raise ConfigError(
            "this is no HAR document: it has no list `log.entries`",
            slug="not-a-har",
            help="save it in the browser's network panel with `Save all as HAR`, or name a recording of `oauthctl trace list`",
        )
    return found


def holds_entries(document: object) -> bool:
    """Whether a document is a capture, if an empty one."""
    return _entries(document, 0) is not None


def _entries(document: object, depth: int) -> list[dict[str, Any]] | None:
    if isinstance(document, list):
        if depth and any(isinstance(one, dict) and "request" in one for one in document):
            return [one for one in document if isinstance(one, dict)]
        if depth < 2:
            parts = [found for one in document if isinstance(one, dict) and (found := _entries(one, depth + 1)) is not None]
            whole = [one for one in document if isinstance(one, dict) and isinstance(one.get("request"), dict)]
            return [entry for part in parts for entry in part] if parts else whole or None
        return None
    if not isinstance(document, dict):
        return None
    entries = document.get("entries")
    if isinstance(entries, list):
        return [one for one in entries if isinstance(one, dict)]
    if depth < 3:
        for name in ("log", "har", "HAR", "data"):
            if isinstance(document.get(name), dict | list) and (found := _entries(document[name], depth + 1)) is not None:
                return found
    return None


def _without_twins(kept: list[_Entry]) -> list[_Entry]:
    """Without the page's view of what its service worker then fetched, which Chrome writes as a second entry."""
    if not any(entry.get("_fetchedViaServiceWorker") for _, entry in kept):
        return kept
    own: dict[tuple[str, str], list[datetime]] = {}
    for _, entry in kept:
        if not entry.get("_fetchedViaServiceWorker"):
            own.setdefault(_key(entry), []).append(moment_of_entry(entry) or _EPOCH)
    return [
        (place, entry)
        for place, entry in kept
        if not entry.get("_fetchedViaServiceWorker")
        or not any(abs((moment_of_entry(entry) or _EPOCH) - other) <= _TWIN_TIME for other in own.get(_key(entry), ())[:50])
    ]


def _key(entry: dict[str, Any]) -> tuple[str, str]:
    request = entry.get("request")
    return str(request.get("method") if isinstance(request, dict) else ""), url_of(entry)


def _moments(kept: list[_Entry]) -> list[datetime]:
    known = [moment_of_entry(entry) for _, entry in kept]
    last = next((one for one in known if one is not None), _EPOCH)
    found: list[datetime] = []
    for moment in known:
        last = moment or last
        found.append(last)
    return found


def _notes(kept: tuple[tuple[int, dict[str, Any]], ...], *, read: Recording, picked: Picked, left_out: int) -> Iterator[str]:
    """Sentences on what this capture can't show."""
    purposeful = {exchange.id for exchange in read.exchanges if exchange.purpose}
    missing = [number for number, entry in kept if number in purposeful and lacks_body(entry) and status_of(entry) // 100 != 3]
    if missing:
        yield f"the capture does not hold the answer's body of {_listed(missing)}: save it with content"
    for coding in sorted({packed_with(entry) for _, entry in kept} - {""}):
        packed = [number for number, entry in kept if packed_with(entry) == coding]
        yield (
            f"the answer's body of {_listed(packed)} is packed (`Content-Encoding: {coding}`), which is not unpacked here: nothing in it "
            "was read; save the capture with the browser, or ask the server for `Accept-Encoding: gzip`"
        )
    aborted = [number for number, entry in kept if status_of(entry) == 0 and was_aborted(entry)]
    if aborted:
        yield f"{_listed(aborted)} was given up by the browser, as when a page is left, and has no answer"
    silent = [
        number for number, entry in kept if status_of(entry) == 0 and not was_aborted(entry) and not read.exchanges[number - 1].failure
    ]
    if silent:
        yield f"{_listed(silent)} has no answer, and the capture does not say why"
    # What leaves out cookies leaves out those that are set, too: where they are seen, a missing `Cookie` is the browser's doing.
    sets_cookies = any(one.response is not None and one.response.headers.get("set-cookie") for one in read.exchanges)
    if kept and not picked.has_secrets_in_headers and purposeful and not sets_cookies:
        yield (
            "no request has a `Cookie` or `Authorization` header: the capture seems to be exported without sensitive data, "
            "so neither can be judged"
        )
    if picked.calls_left_out:
        yield f"{picked.calls_left_out} {LEFT_OUT}"
    if left_out:
        yield (
            f"{left_out} exchanges were left out: the capture holds more than the {EXCHANGES_LIMIT} that are read; of those that repeat "
            "each other, the first and the last were kept"
        )


def _of_others(count: int, every: int) -> Iterator[str]:
    if count:
        have = "1 has" if count == 1 else f"{count} have"
        yield f"of {every} exchanges of the capture {have} nothing to do with OAuth and {'is' if count == 1 else 'are'} left out"


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:10])
    return f"exchange{'s' if len(numbers) > 1 else ''} {shown}" + (" and more" if len(numbers) > 10 else "")
