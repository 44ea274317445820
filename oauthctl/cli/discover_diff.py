"""`oauthctl discover --diff`: in what the metadata of two servers differ, or that of one now and before.

Here: getting both documents. Not here: what differs (`record.difference_metadata`), its form (`views.differences`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.output import Output

Fetch = Callable[[str], tuple[str, dict[str, Any]]]
"""From a TARGET to the URL of its metadata and the members."""


@dataclass(frozen=True, slots=True)
class Document:
    """Metadata, and where it is from, in words."""

    words: str
    members: dict[str, Any]


def discover_diff(out: Output, targets: tuple[str, str], fetch: Fetch, *, as_json: bool) -> int:
    """Compare two documents; 0 when they differ in nothing. With one that was saved and no other, the server is asked as of now."""
    from oauthctl.record.difference import ranked
    from oauthctl.record.difference_metadata import differences_of_metadata
    from oauthctl.views.differences import Sides, difference_lines, differences_document

    a, b = _both(out, targets, fetch)
    found = ranked(differences_of_metadata(a.members, b.members, place="metadata"))
    if as_json:
        out.json(differences_document(found))
        return 1 if found else 0
    out.lines(difference_lines(found, Sides(a.words, b.words), out.width))
    if found:
        out.say(f"{len(found)} difference{'' if len(found) == 1 else 's'}; each URL was compared as its own issuer's")
    else:
        out.say("nothing differs")
    return 1 if found else 0


def _both(out: Output, targets: tuple[str, str], fetch: Fetch) -> tuple[Document, Document]:
    first = _saved(out, targets[0])
    if targets[1]:
        return first or _fetched(targets[0], fetch), _saved(out, targets[1]) or _fetched(targets[1], fetch)
    issuer = first.members.get("issuer") if first else None
    if first is None or not isinstance(issuer, str) or not issuer:
        raise ConfigError(
            "`--diff` takes two of them",
            notes=("one alone is enough when it is a saved document, which names the issuer that is asked",),
            help="such as `oauthctl discover --diff https://one.example https://two.example`",
        )
    return first, _fetched(issuer, fetch)


def _fetched(target: str, fetch: Fetch) -> Document:
    url, members = fetch(target)
    return Document(f"{url}, now", members)


def _saved(out: Output, target: str) -> Document | None:
    """A file (`@FILE`, or its path), or a recording by its id; None for what is to be asked over the network."""
    from pathlib import Path

    name = target.removeprefix("@")
    if not name or "://" in target:
        return None
    if target.startswith("@") or Path(name).is_file():
        from oauthctl.cli.token_input import read_text

        return Document(name, _members(_parsed(read_text(name), name), name))
    return _recorded(out, target)


def _recorded(out: Output, target: str) -> Document | None:
    """The recording that is meant; None for a profile, a host, and whatever else is none."""
    from oauthctl.errors import StoreError
    from oauthctl.store import profiles
    from oauthctl.store.locations import locations
    from oauthctl.store.recordings import find, load

    where = locations(out.terminal.environ)
    if target in profiles.names(where) or "." in target or "/" in target or ":" in target:
        return None
    try:
        id_ = find(where, target)
    except StoreError:
        return None
    return Document(f"the recording {id_}", _members(load(where, id_, warn=out.warn), id_))


def _parsed(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigError(f"`{name}` holds no JSON", help="save it with `oauthctl discover TARGET --json > FILE`") from None


def _members(document: Any, name: str) -> dict[str, Any]:
    """The metadata itself, what `discover --json` prints, or the first metadata of a recording."""
    from oauthctl.record.capture import holds_entries

    if isinstance(document, dict) and isinstance(document.get("metadata"), dict):
        return dict(document["metadata"])
    if holds_entries(document):
        from oauthctl.messages.metadata import ProviderMetadata
        from oauthctl.record.capture import capture_of
        from oauthctl.record.transaction import response_message

        answers = (response_message(exchange) for exchange in capture_of(document)[0].exchanges)
        found = next((answer for answer in answers if isinstance(answer, ProviderMetadata) and answer.issuer), None)
        if found is None:
            raise ConfigError(f"`{name}` holds no provider's metadata", help="record it with `oauthctl discover TARGET`")
        return dict(found.fields)
    if isinstance(document, dict) and document:
        return document
    raise ConfigError(f"`{name}` holds no provider's metadata", help="save it with `oauthctl discover TARGET --json > FILE`")
