"""The faults of the wire, met by our commands at a server with sockets."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from oauthctl.provider.faults.registry import all_faults
from oauthctl.provider.switched import Switched
from tests.cli.person import isolated
from tests.cli.running import oauthctl
from tests.cli.spoiled import SECRET, providing

COMMANDS = {
    "client-credentials-flow": ("token", "--grant", "client_credentials", "--timeout", "1"),
    "discovery-flow": ("discover", "--timeout", "1"),
}
WIRE = {slug: fault for slug, fault in all_faults().items() if fault.subject == "wire" and fault.flow in COMMANDS}


def _found(folder: Path, flow: str, *faults: str) -> list[str]:
    with providing(change=lambda state: replace(state, faults=tuple(map(Switched, faults)))) as provider:
        known = {"OAUTHCTL_ISSUER": provider.issuer, "OAUTHCTL_CLIENT_ID": "service", "OAUTHCTL_CLIENT_SECRET": SECRET}
        environ = isolated(folder) | (known if flow != "discovery-flow" else {})
        more = (provider.issuer,) if flow == "discovery-flow" else ()
        oauthctl(*COMMANDS[flow], *more, environ=environ)
        told = oauthctl("diagnose", "--json", environ=environ)
    return [finding["rule"] for finding in json.loads(told.out)["findings"]]


@pytest.mark.parametrize("slug", WIRE)
def test_a_fault_of_the_wire_is_found_first_by_the_rule_that_it_names(slug: str, tmp_path: Path) -> None:
    fault = WIRE[slug]
    assert _found(tmp_path, fault.flow, slug)[:1] == [fault.rule]


@pytest.mark.parametrize("flow", COMMANDS)
def test_without_a_fault_nothing_is_found_on_the_wire(flow: str, tmp_path: Path) -> None:
    assert _found(tmp_path, flow) == []
