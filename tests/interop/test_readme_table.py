"""What the README's table says was shown: by tests that are there, with programs that they run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
README = (HERE.parents[1] / "README.md").read_text("utf-8")
SECTION = README.partition("## Shown with servers and clients of others\n")[2].partition("\n## ")[0]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in SECTION.splitlines() if line.startswith("| ")][2:]
# As the tests call them.
NAMES = {"oidc-agent": "oidc_agent", "mod_auth_openidc": "mod_auth_openidc", "mcp": "mcp_"}


def in_tests(cell: str) -> str:
    """The text of the test modules that a cell names."""
    return "".join((HERE / f"test_{name}.py").read_text("utf-8").lower() for name in re.findall(r"`(\w+)`", cell))


def programs(cell: str) -> list[str]:
    """The names in a cell, without what stands behind them in brackets."""
    return [] if cell in ("", "all of them") else [name.strip() for name in re.sub(r"\([^)]*\)", "", cell).split(",")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_table_names_tests_that_run_what_it_names(row: list[str]) -> None:
    for said, tests in ((row[1], row[2]), (row[3], row[4])):
        assert bool(said) is bool(tests)
        text = in_tests(tests)
        for name in programs(said):
            assert NAMES.get(name, name.lower().replace("-", "_")) in text, (name, tests)
