"""What a quirk is, and the list of all.

Here: the decorator, and how a quirk says no. Not here: any quirk (`requests`, `demands`, `answers`, `refreshing`), nor who has which
(`table.toml`).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

from oauthctl.provider.answers import Answer, claimed_client, json_answer
from oauthctl.provider.faults.registry import Call

Behaviour: TypeAlias = Callable[[Call, Any], Answer]
PAGES = "pages"
"""The place of the pages of the API that tell of the user, but the one that stands for userinfo."""
_MODULES = ("answers", "requests", "demands", "refreshing", "granting")
"""Where quirks stand; those of an earlier module are around those of a later one."""


@dataclass(frozen=True, slots=True)
class Quirk:
    """One behaviour by its name: `places` are the endpoints at which it shows, `behave` the answer to a call there, with its value.

    Without places it sees every request, before it is known which endpoint that is for.
    """

    name: str
    title: str
    places: tuple[str, ...]
    behave: Behaviour = field(repr=False)

    @property
    def is_outer(self) -> bool:
        """Whether it sees answers in the persona's shape, and not in the standard's."""
        return self.behave.__module__.endswith(".answers")


_QUIRKS: dict[str, Quirk] = {}


def quirk(*places: str) -> Callable[[Behaviour], Behaviour]:
    """Makes a function a quirk: its name is the quirk's, its docstring's first line the title."""

    def declare(behave: Behaviour) -> Behaviour:
        name = behave.__name__.replace("_", "-")
        title = (behave.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        _QUIRKS[name] = Quirk(name, title, places, behave)
        return behave

    return declare


def refused(call: Call, error: str, description: str, *, status: int = 400) -> Answer:
    """The error of the standard in place of an answer; the persona has its own way to say it."""
    place, who = call.place or PAGES, claimed_client(call.request)
    state = call.state.logged(call.moment, place, who, error=error, reason=description)
    return state, json_answer({"error": error, "error_description": description}, status)


@cache
def all_quirks() -> dict[str, Quirk]:
    """Every quirk by its name, the outermost first."""
    for module in _MODULES:
        importlib.import_module(f"{__package__}.{module}")
    return dict(_QUIRKS)
