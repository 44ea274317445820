"""What the provider remembers from one `serve` to the next: `--state FILE`, or nothing.

Here: what a run begins with, and keeps. Not here: the file (`store.provider_file`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from oauthctl.http import is_loopback, split_url

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk
    from oauthctl.provider.state import ProviderState
    from oauthctl.store.provider_file import ProviderFile


class Memory:
    """A provider's memory. `secret` is that of the practice clients: made now, or the one of last time."""

    def __init__(self, file: ProviderFile | None = None) -> None:
        self._file = file
        self.secret = (file.secret if file is not None else "") or token_urlsafe(24)

    @property
    def issuer(self) -> str:
        """Whose tokens are remembered; empty when none are."""
        return self._file.issuer if self._file is not None else ""

    def port(self, scheme: str) -> int:
        """The port of last time where that says who the provider is: tokens name their issuer; 0 where any will do."""
        return (split_url(self.issuer).port or 0) if is_loopback(self.issuer) and self.issuer.startswith(f"{scheme}://") else 0

    def begun(self, state: ProviderState, *, fixed: frozenset[str] = frozenset()) -> ProviderState:
        """The state with what is remembered, which from now on is kept. `fixed` are the thumbprints of keys that were given expressly."""
        if self._file is None:
            return state
        from oauthctl.provider.changing import changed

        remembered = self._file.loaded(state)
        state = changed(remembered, keys=_keys_of_both(state.keys, remembered.keys, fixed)) if fixed else remembered
        self._file.begin(state, secret=self.secret)
        return state

    def keep(self, before: ProviderState, after: ProviderState) -> None:
        """Remember a change."""
        if self._file is not None:
            self._file.keep(before, after)


def _keys_of_both(given: tuple[Jwk, ...], remembered: tuple[Jwk, ...], fixed: frozenset[str]) -> tuple[Jwk, ...]:
    """The keys in the order in which they are given, those made up being those of last time; behind them what else is remembered.

    A remembered key whose name was given to another one is let go: clients could not tell them apart.
    """
    named = [key.kid for key in given if key.thumbprint() in fixed]
    left = [key for key in remembered if key.thumbprint() not in fixed and key.kid not in named]
    signing = []
    for key in given:
        known = None if key.thumbprint() in fixed else next((one for one in left if one.alg == key.alg), None)
        signing.append(known or key)
        left = [one for one in left if one is not known]
    return (*signing, *left)


@contextmanager
def remembering(path: str, names: Iterable[str] = ("",)) -> Iterator[tuple[Memory, ...]]:
    """The memories in this file, by the names of its parts; it is held until the end. Memories of nothing where the path is empty.

    Raises: StoreError.
    """
    if not path:
        yield tuple(Memory() for _ in names)
        return
    from pathlib import Path

    from oauthctl.store.provider_file import ProviderFile

    with ProviderFile(Path(path)) as file:
        yield tuple(Memory(file.part(name)) for name in names)
