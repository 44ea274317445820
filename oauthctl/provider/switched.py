"""`Switched`: a fault that is switched on, and when it strikes.

Here: the value, as the state holds it. Not here: what a fault does (`faults`), reading `--fault` (`faults.spec`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Switched:
    """A fault by its slug. It lets `after` occasions pass, then strikes `times` times (None: for ever), each with the chance `rate`.

    With a `client` only that client's requests are occasions. `occasions` and `strikes` are how many there were so far.
    """

    slug: str
    after: int = 0
    times: int | None = None
    rate: float = 1.0
    client: str = ""
    occasions: int = 0
    strikes: int = 0

    @property
    def is_over(self) -> bool:
        """Whether it has struck as often as it was to."""
        return self.times is not None and self.strikes >= self.times
