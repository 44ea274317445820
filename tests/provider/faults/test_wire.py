"""The faults of the wire, met by our own transport and commands at a server with sockets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.provider.faults.by_commands import WAYS, found_by_commands
from tests.provider.faults.on_the_wire import COMMANDS, PURPOSES, WIRE, found_on_the_wire


@pytest.mark.parametrize("slug", WIRE)
def test_a_fault_of_the_wire_is_found_first_by_the_rule_that_it_names(slug: str, tmp_path: Path) -> None:
    assert found_on_the_wire(WIRE[slug], tmp_path)[:1] == [WIRE[slug].rule]


@pytest.mark.parametrize("flow", COMMANDS)
def test_without_a_fault_nothing_is_found_on_the_wire(flow: str, tmp_path: Path) -> None:
    assert found_by_commands(tmp_path, flow, WAYS[flow][0]) == ([], True)


@pytest.mark.parametrize("place", PURPOSES)
def test_every_endpoint_has_its_faults_of_the_wire(place: str) -> None:
    assert {slug.rpartition("-")[2] for slug, fault in WIRE.items() if fault.places == (place,)} >= {"reset", "silent"}
