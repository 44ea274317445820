"""What the provider remembers from one `serve` to the next: `--state FILE`, or nothing.

Here: what a run begins with, and keeps. Not here: the file (`store.provider_file`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from oauthctl.http import is_loopback, split_url

if TYPE_CHECKING:
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

    def begun(self, state: ProviderState) -> ProviderState:
        """The state with what is remembered, which from now on is kept."""
        if self._file is None:
            return state
        state = self._file.loaded(state)
        self._file.begin(state, secret=self.secret)
        return state

    def keep(self, before: ProviderState, after: ProviderState) -> None:
        """Remember a change."""
        if self._file is not None:
            self._file.keep(before, after)


@contextmanager
def remembering(path: str) -> Iterator[Memory]:
    """The memory in this file, which is held until the end; one of nothing where the path is empty.

    Raises: StoreError.
    """
    if not path:
        yield Memory()
        return
    from pathlib import Path

    from oauthctl.store.provider_file import ProviderFile

    with ProviderFile(Path(path)) as file:
        yield Memory(file)
