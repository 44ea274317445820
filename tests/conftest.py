"""How all tests are run. Here: hypothesis's settings, which process runs what. Not here: anything that a test is given."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadGroupScheduling

# The same cases on every machine, and no deadline that a busy one would miss.
settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.load_profile("steady")


HERE = Path(__file__).parent
RUNNING = frozenset(HERE / name for name in ("cli", "completions", "interop", "shell", "stories", "test_readme.py"))
"""Where commands, servers, shells and browsers run. All else is a unit of its own, tested with values in memory and files."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--unit", action="store_true", help="only the tests that run no command, server, shell or browser")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if config.getoption("unit") and collection_path in RUNNING else None


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell's job in the background ignores Ctrl-C, and so would each process that a test interrupts.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.dont_write_bytecode and config.cache is not None:
        # Whoever wants no `__pycache__` folders gets none; but what hundreds of processes import is compiled once, not by each of them.
        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(config.cache.mkdir("bytecode"))
        sys.dont_write_bytecode = False
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


TOGETHER = "tests/interop/"
"""These start real servers, each once in a process that needs it."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadGroupScheduling | None:
    """Groups as `--dist loadgroup` has them, and one process for all tests with real servers.

    With pytest 9.2, xdist 3.8 finds no `xdist_group` any more: it writes the group where pytest does not look for the test's name.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadGroupScheduling

    class Scheduling(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return TOGETHER if nodeid.startswith(TOGETHER) else super()._split_scope(nodeid)

    return Scheduling(config, log)
