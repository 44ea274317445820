"""Patterns of scenarios: regular expressions that any text is compared with in bounded time.

Here: a pattern, compared by the `regex` package, which gives up after a while: clients write the text, and while it is compared nothing
else is answered. Not here: what is compared (`scenario`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_LONGEST_TEXT = 8192
_MOST_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a whole text must match. Raises `ValueError`, which says what is wrong with it, for an expression that is none."""

    text: str
    _compiled: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        import regex

        try:
            object.__setattr__(self, "_compiled", regex.compile(self.text))
        except (regex.error, OverflowError, RecursionError) as error:
            raise ValueError(f"is no regular expression: {error}") from error

    def matches(self, value: str) -> bool:
        """Whether all of the text is as the pattern says; a text that is longer, or takes longer, than what is compared is not."""
        if len(value) > _LONGEST_TEXT:
            return False
        try:
            return self._compiled.fullmatch(value, timeout=_MOST_SECONDS) is not None
        except TimeoutError:
            # Only a text that is made for it takes so long.
            return False
