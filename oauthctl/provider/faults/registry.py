"""What a fault is, and the list of all.

Here: the decorator, and the request that a fault gets. Not here: any fault; when one strikes (`striking`).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeAlias

from oauthctl.http import Request
from oauthctl.provider.answers import Answer, Endpoint
from oauthctl.provider.faults.places import place_of
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState

Misbehaviour: TypeAlias = Callable[["Call"], "Answer | None"]
FLOW = "code-flow"
_AROUND = ("edits", "occasions", "places", "registry", "spec", "striking", "way_back")
"""The modules beside the faults."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way to the provider. `then` is the provider, or the next fault."""

    state: ProviderState
    request: Request
    moment: Moment
    then: Endpoint = field(repr=False)

    @property
    def place(self) -> str:
        """The endpoint that the request is for, by the names of `place_of`."""
        return place_of(self.state, self.request)

    def answered(self, *, request: Request | None = None) -> Answer:
        """What the provider answers to this request, or to another in its place."""
        return self.then(self.state, request or self.request, self.moment)

    def under(self, **changes: Any) -> Answer:
        """What the provider would answer if its state had these values; afterwards it has its own again."""
        state, response = self.then(replace(self.state, **changes), self.request, self.moment)
        return replace(state, **{name: getattr(self.state, name) for name in changes}), response


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `rule` is the slug of the rule that must notice it, `flow` the name of the flow in which it shows.

    `places` are the endpoints at which it has its occasions, by the names of `places.place_of`. `misbehave` gives the answer, or None where
    the request is no occasion for it.
    """

    slug: str
    title: str
    rule: str
    flow: str
    places: tuple[str, ...]
    misbehave: Misbehaviour = field(repr=False)
    is_last: bool = False
    """Whether it spoils what no other fault can spoil any more afterwards: a signature, the way over the wire."""
    is_dangerous: bool = False
    """Whether a client that takes what comes takes it for somebody else's or shows a secret: it MUST or SHOULD refuse, says a standard.

    Every other fault is a nuisance: a client bears it, tries again, or ends and says why.
    """

    @property
    def subject(self) -> str:
        """The module that it stands in: `metadata`, `id_token` …"""
        return _module_of(self.misbehave)


_LAST = ("signature", "wire")
_FAULTS: dict[str, Fault] = {}


def fault(
    *places: str, rule: str, flow: str = FLOW, is_last: bool = False, is_dangerous: bool = False
) -> Callable[[Misbehaviour], Misbehaviour]:
    """Makes a function a fault: its name is the slug, its docstring's first line the title."""

    def declare(misbehave: Misbehaviour) -> Misbehaviour:
        slug = misbehave.__name__.strip("_").replace("_", "-")
        if slug in _FAULTS:
            raise ValueError(f"two faults are called {slug}")
        title = (misbehave.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        if not title or not places:
            raise ValueError(f"the fault {slug} needs a title and a place")
        _FAULTS[slug] = Fault(slug, title, rule, flow, places, misbehave, is_last or _module_of(misbehave) in _LAST, is_dangerous)
        return misbehave

    return declare


def _module_of(misbehave: Misbehaviour) -> str:
    return misbehave.__module__.rpartition(".")[2]


@cache
def all_faults() -> dict[str, Fault]:
    """Every fault by its slug, in alphabetical order."""
    package = importlib.import_module("oauthctl.provider.faults")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name not in _AROUND:
            importlib.import_module(f"{package.__name__}.{module.name}")
    return dict(sorted(_FAULTS.items()))
