"""A pytest plugin: the fixture `oauth_provider`, a provider for the tests of a client.

Here: the fixture. Not here: what it can do (`practice_server`). pytest loads this by itself where the package is installed, so it imports
nothing that a test without the fixture would have to wait for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from oauthctl.shell.practice_server import PracticeServer


@pytest.fixture
def oauth_provider() -> Iterator[PracticeServer]:
    """An OpenID provider of this test alone, on a free port of this machine, with clients `public` and `web` and the user alice."""
    from oauthctl.shell.practice_server import PracticeServer

    with PracticeServer() as server:
        yield server
