"""Scenarios: what a client is answered, request by request, and what it must send: a test of somebody's client.

Here: the script, and the verdict on a client, as values. Not here: reading the file (`scenario_file`), how far a client has come in it
(`scenario_progress`), sockets and the end of the run (`shell.scenario_run`).

A scenario has cases, one sign-in (or whatever its steps say) after another. A case begins with a request to its first step's endpoint.
Requests to endpoints that no step of the case names are answered as ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from oauthctl.provider.scenario_pattern import Pattern
from oauthctl.provider.switched import Switched


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is written in the file, in place of the provider's."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One request that has to come: to which endpoint, with which parameters, and how it is answered.

    `needs` has by the parameter's name its value, True where any value will do, or a pattern that the whole value must match. Of
    `needs_any` one has to be there, whichever; `lacks` must not be there. `header_needs` is as `needs`, for header fields. It comes no
    sooner than `wait_seconds` after the step before. Without `reply` the provider answers, with these faults.
    """

    endpoint: str
    title: str = ""
    needs: Mapping[str, str | bool | Pattern] = field(default_factory=dict)
    needs_any: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    header_needs: Mapping[str, str | bool | Pattern] = field(default_factory=dict)
    faults: tuple[Switched, ...] = ()
    reply: Reply | None = None
    wait_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Case:
    """A sequence of steps; after the last of them the client must not go to the endpoints in `refuses`.

    A client whose first request lacks one of the parameters in `only_with`, which no standard demands, can't notice the fault: it gets
    right answers, and isn't judged.
    """

    title: str
    steps: tuple[Step, ...]
    refuses: tuple[str, ...] = ()
    only_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """The whole script; a case is over when nothing has come for `seconds` after its last step.

    `about` tells whoever starts it what the client is to do in each case.
    """

    title: str
    cases: tuple[Case, ...]
    seconds: float = 2.0
    about: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a case went; `why` is empty for one that went well, or says in what it failed; `left_out` says why it was not judged.

    `no_occasion` says which fault the client has not met, so that the case says nothing of it, and has not gone well either. `seconds` lie
    between its first request and its last.
    """

    title: str
    why: str = ""
    left_out: str = ""
    no_occasion: str = ""
    seconds: float = field(default=0, compare=False)

    @property
    def is_good(self) -> bool:
        """Whether nothing speaks against the client."""
        return not self.why and not self.no_occasion
