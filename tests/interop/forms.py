"""Here: what a person does on a server's pages, as data that both browsers follow. Not here: the browsers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Button:
    """One of a form's buttons, told apart by its name and value as HTML submits them."""

    name: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What to do on a page: fill these fields, press this button (none: the form's first)."""

    fields: Mapping[str, str] = field(default_factory=dict)
    button: Button | None = None

    def as_json(self) -> dict[str, Any]:
        """The same for the Chromium driver."""
        return {"fields": dict(self.fields), "button": asdict(self.button) if self.button else None}


Recipe = Sequence[Form]
"""Forms in any order: on each page the first one that fits it is submitted, until none fits."""
