"""Fixtures that several commands' tests share; a module that needs others defines its own under these names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.scripted import Home, Scripted, granting, scripted
from tests.cli.spoiled import Provider, providing


@pytest.fixture
def server() -> Iterator[Scripted]:
    """A server that grants new tokens, and whose other answers a test writes."""
    with scripted(token=granting(refresh_token="rt-fresh-1")) as running:
        yield running


@pytest.fixture
def home(server: Scripted, tmp_path: Path) -> Home:
    """A folder with a profile for that server."""
    return Home(tmp_path, server)


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """The practice provider, started once for a module."""
    with providing() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    """The practice provider as it was at first."""
    running.reset()
    return running
