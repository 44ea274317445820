"""The exchanges of a scene by number, URL and redirect: each is found at once among thousands.

Here: indexes, each made when it is first asked for. Not here: what the exchanges mean (`scene`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from urllib.parse import urljoin

from oauthctl.messages.param import Message
from oauthctl.rules.seen import Seen

T = TypeVar("T", bound=Message)
_REDIRECTS = (301, 302, 303, 307, 308)


def _id(seen: Seen[Message]) -> int:
    return seen.id


@dataclass(frozen=True)
class Order:
    """All exchanges, in the order in which they were recorded."""

    seen: tuple[Seen[Message], ...]

    @cached_property
    def _is_ascending(self) -> bool:
        """Whether their numbers ascend, as those of all recordings do that nobody wrote by hand."""
        return all(one.id <= other.id for one, other in zip(self.seen, self.seen[1:], strict=False))

    def before(self, exchanges: Sequence[Seen[T]], number: int) -> Sequence[Seen[T]]:
        """Those of the exchanges that have a lower number."""
        return exchanges[: bisect_left(exchanges, number, key=_id)] if self._is_ascending else [one for one in exchanges if one.id < number]

    def after(self, exchanges: Sequence[Seen[T]], number: int) -> Sequence[Seen[T]]:
        """Those of the exchanges that have a higher number."""
        return (
            exchanges[bisect_right(exchanges, number, key=_id) :] if self._is_ascending else [one for one in exchanges if one.id > number]
        )

    @cached_property
    def by_number(self) -> dict[int | None, Seen[Message]]:
        """The first exchange of each number, as it was recorded or as a redirect leads to it."""
        return {one.id: one for one in reversed(self.seen)}

    @cached_property
    def recorded(self) -> dict[int | None, Seen[Message]]:
        """The recorded exchange of each number."""
        return {one.id: one for one in reversed(self.seen) if one.is_direct}

    @cached_property
    def by_url(self) -> dict[str, tuple[Seen[Message], ...]]:
        """The recorded exchanges by the whole URL."""
        return _grouped((one.url, one) for one in self.seen if one.is_direct)

    @cached_property
    def by_location(self) -> dict[str, tuple[Seen[Message], ...]]:
        """The recorded exchanges by the `Location` of their answers, as it is written."""
        return _grouped((location, one) for one in self.seen if one.is_direct and (location := one.reply.header("location")))

    @cached_property
    def by_target(self) -> dict[str, tuple[Seen[Message], ...]]:
        """The exchanges that are answered with a redirect, by the URL that it leads to, without its fragment."""
        return _grouped((target, one) for one in self.seen if (target := _target(one)))


def _target(seen: Seen[Message]) -> str:
    location = seen.reply.header("location")
    if seen.reply.status not in _REDIRECTS or not location:
        return ""
    try:
        return urljoin(seen.url, location).partition("#")[0]
    except ValueError:
        return location.partition("#")[0]


def _grouped(pairs: Iterable[tuple[str, Seen[Message]]]) -> dict[str, tuple[Seen[Message], ...]]:
    found: dict[str, list[Seen[Message]]] = {}
    for name, one in pairs:
        found.setdefault(name, []).append(one)
    return {name: tuple(ones) for name, ones in found.items()}
