"""Recordings: the last hundred HAR documents, each with a small summary beside it.

Here: their ids, their files, which ones are kept. Not here: the HAR format and the hiding of secrets (`record`); what is saved here was
redacted before. Writers need no lock: an id is taken by creating its summary, and a recording is there once its HAR is.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from oauthctl.errors import StoreError
from oauthctl.store import files
from oauthctl.store.files import Warn
from oauthctl.store.locations import Locations

KEPT = 100
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
_TICKS = 0x10000


@dataclass(frozen=True, slots=True)
class Summary:
    """One line about a recording. `outcome` is a word or short sentence of whoever saved it; `name` is what a person calls it."""

    id: str
    command: str
    started_at: datetime
    issuer: str = ""
    exchange_count: int = 0
    outcome: str = ""
    name: str = ""


def save(
    locations: Locations, document: Mapping[str, Any], *, command: str, started_at: datetime, outcome: str = "", name: str = ""
) -> str:
    """Keeps this HAR document, drops the oldest beyond the last hundred, and returns the new id.

    An id is the start in UTC, `20261121-084512-3f2a`; the last four digits are the fraction of the second, so that ids sort by time.
    """
    directory = _directory(locations)
    id_ = _take_id(directory, started_at.astimezone(UTC))
    try:
        files.write_private(_har(directory, id_), json.dumps(document).encode())
        summary = _summarize(id_, document, command=command, started_at=started_at, outcome=outcome)
        _write_summary(directory, replace(summary, name=name))
    except BaseException:  # whatever it is goes on; the id that was taken is given back
        _drop(directory, id_)
        raise
    _prune(directory, keep=id_)
    return id_


def load(locations: Locations, wanted: str, *, warn: Warn) -> dict[str, Any]:
    """The HAR document of this recording: an id, a name, a part of an id that fits no other (its beginning or end), or `last`.

    Raises `StoreError` when none fits, several do, or the file is damaged; a damaged one is set aside.
    """
    id_ = find(locations, wanted)
    path = _har(_directory(locations), id_)
    data = files.read_private(path, warn=warn)
    if data is None:
        raise StoreError(f"recording `{id_}` was deleted meanwhile")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict):
        return document
    raise StoreError(f"recording `{id_}` is damaged", notes=(f"kept as `{files.set_aside(path)}`",))


def find(locations: Locations, wanted: str) -> str:
    """The id that is meant; raises `StoreError` when none is, or several are."""
    ids = _ids(_directory(locations))
    if not ids:
        raise StoreError("there are no recordings yet", help="every command that talks to a server leaves one")
    if wanted == "last" or wanted in ids:
        return wanted if wanted in ids else ids[-1]
    if named := _named(_directory(locations), wanted):
        return named
    found = [id_ for id_ in ids if wanted and (id_.startswith(wanted) or id_.endswith(wanted))]
    if len(found) == 1:
        return found[0]
    if not found:
        raise StoreError(f"there is no recording `{wanted}`", help="list them with `oauthctl trace list`")
    shown = ", ".join(found[:5]) + (" …" if len(found) > 5 else "")
    raise StoreError(f"`{wanted}` fits {len(found)} recordings", notes=(shown,), help="give more of the id")


def is_name(text: str) -> bool:
    """Whether a recording may be called this; a name with a dot would look like a file's."""
    return bool(_NAME.fullmatch(text)) and text != "last" and not _ID.fullmatch(text)


def summaries(locations: Locations, *, warn: Warn) -> tuple[Summary, ...]:
    """All recordings, the newest first, without reading the recordings themselves; a summary that is missing is made again."""
    directory = _directory(locations)
    found = (_summary(directory, id_, warn) for id_ in reversed(_ids(directory)))
    return tuple(summary for summary in found if summary)


def delete(locations: Locations, wanted: str) -> str:
    """Deletes the recording that `find` finds, and returns its id."""
    id_ = find(locations, wanted)
    _drop(_directory(locations), id_)
    return id_


def prunable(locations: Locations, *, keep: int | None = None, before: datetime | None = None) -> tuple[str, ...]:
    """The ids, the oldest first, that are neither among the newest `keep` nor from `before` on; what isn't given spares none."""
    ids = _ids(_directory(locations))
    older = ids if keep is None else ids[: max(0, len(ids) - keep)]
    return tuple(id_ for id_ in older if before is None or _started_at(id_) < before)


def _directory(locations: Locations) -> Path:
    return locations.state / "recordings"


def _har(directory: Path, id_: str) -> Path:
    return directory / f"{id_}.har"


def _summary_path(directory: Path, id_: str) -> Path:
    return directory / f"{id_}.json"


def _named(directory: Path, name: str) -> str:
    """The newest recording of this name; a summary that can't be read has none."""
    if not is_name(name):
        return ""
    for id_ in reversed(_ids(directory)):
        try:
            document = json.loads(files.read_private(_summary_path(directory, id_), warn=_say_nothing, limit=1024 * 1024) or b"")
        except (StoreError, ValueError, RecursionError):
            continue
        if isinstance(document, dict) and document.get("name") == name:
            return id_
    return ""


def _say_nothing(_text: str) -> None:
    """Whoever lists the recordings is told what is odd about their files."""


def _ids(directory: Path) -> list[str]:
    return sorted(name.removesuffix(".har") for name in _listing(directory) if name.endswith(".har") and _ID.fullmatch(name[:-4]))


def _listing(directory: Path) -> list[str]:
    files.refuse_link(directory)
    try:
        return os.listdir(directory)  # noqa: PTH208 - names are wanted, not a hundred paths
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"`{directory}` can't be read: {(error.strerror or '').lower()}") from error


def _take_id(directory: Path, started_at: datetime) -> str:
    """An id that nobody else has; when two begin at the same moment, one is taken to begin a tick later."""
    ticks = started_at.microsecond * _TICKS // 1_000_000
    while True:
        second = started_at.replace(microsecond=0) + timedelta(seconds=ticks // _TICKS)
        id_ = f"{second:%Y%m%d-%H%M%S}-{ticks % _TICKS:04x}"
        if files.create_private(_summary_path(directory, id_)):
            return id_
        ticks += 1


def _write_summary(directory: Path, summary: Summary) -> None:
    document = asdict(summary) | {"started_at": summary.started_at.isoformat()}
    files.write_private(_summary_path(directory, summary.id), json.dumps(document).encode())


def _summary(directory: Path, id_: str, warn: Warn) -> Summary | None:
    try:
        document = json.loads(files.read_private(_summary_path(directory, id_), warn=warn, limit=1024 * 1024) or b"")
        return Summary(**(document | {"id": id_, "started_at": datetime.fromisoformat(document["started_at"])}))
    except (StoreError, ValueError, TypeError, KeyError, RecursionError):
        return _summary_again(directory, id_, warn)


def _summary_again(directory: Path, id_: str, warn: Warn) -> Summary | None:
    """From the recording itself, for the writer was killed before it wrote the summary. None when the recording is gone or damaged."""
    try:
        data = files.read_private(_har(directory, id_), warn=warn)
        document = json.loads(data) if data is not None else None
        summary = _summarize(id_, document, command="", started_at=_started_at(id_), outcome="") if isinstance(document, dict) else None
    except (StoreError, ValueError, RecursionError) as error:
        warn(f"recording `{id_}` can't be read: {error.message if isinstance(error, StoreError) else 'it is damaged'}")
        return None
    if summary:
        _write_summary(directory, summary)
    return summary


def _summarize(id_: str, document: Mapping[str, Any], *, command: str, started_at: datetime, outcome: str) -> Summary:
    log = _members(document.get("log"))
    ours, entries = _members(log.get("_oauthctl")), log.get("entries")
    return Summary(
        id=id_,
        command=command or str(ours.get("command", "")),
        started_at=started_at.astimezone(UTC),
        issuer=str(ours.get("issuer", "")),
        exchange_count=len(entries) if isinstance(entries, list) else 0,
        outcome=outcome,
    )


def _members(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _started_at(id_: str) -> datetime:
    second = datetime.strptime(id_[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    return second + timedelta(microseconds=int(id_[-4:], 16) * 1_000_000 // _TICKS)


def _drop(directory: Path, id_: str) -> None:
    files.delete(_har(directory, id_))
    files.delete(_summary_path(directory, id_))


def _prune(directory: Path, *, keep: str) -> None:
    """Drops the oldest beyond the last hundred, never the one just saved, which sorts first when the clock was set back."""
    ids = [id_ for id_ in _ids(directory) if id_ != keep]
    for id_ in ids[: max(0, len(ids) + 1 - KEPT)]:
        _drop(directory, id_)
    _drop_orphans(directory)


def _drop_orphans(directory: Path) -> None:
    """Deletes old summaries that have no recording, left by killed writers; a young one may be an id just taken."""
    listing = set(_listing(directory))
    oldest = time.time() - files.STALE_SECONDS
    for name in listing:
        if name.endswith(".json") and _ID.fullmatch(name[:-5]) and f"{name[:-5]}.har" not in listing:
            # Another process may drop it at the same time.
            with suppress(OSError):
                if (directory / name).stat().st_mtime < oldest:
                    (directory / name).unlink()
