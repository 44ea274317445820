"""Some faults, met by our commands at a server with sockets; `python -m tests.provider.faults.by_commands` tries them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from oauthctl.provider.faults.registry import all_faults
from oauthctl.provider.switched import Switched
from tests.provider.faults.by_commands import WAYS, found_by_commands

# A command sees of these less than the whole flow, or meets the provider under another name than the flows do.
_SEEN = ("userinfo-refuses", "api-refuses", "revocation-ignored", "id-token-issuer-elsewhere", "pushed-unauthorized")


@pytest.mark.parametrize("slug", _SEEN)
def test_a_fault_is_found_first_after_our_commands(slug: str, tmp_path: Path) -> None:
    fault = all_faults()[slug]
    found, has_struck = found_by_commands(tmp_path, fault.flow, WAYS[fault.flow][0], Switched(slug))
    assert has_struck
    assert found[:1] == [fault.rule], found


@pytest.mark.parametrize("flow", ["claims-flow", "revocation-flow"])
def test_without_a_fault_nothing_is_found_after_our_commands(flow: str, tmp_path: Path) -> None:
    assert found_by_commands(tmp_path, flow, WAYS[flow][0]) == ([], True)


def test_a_client_with_credentials_is_no_occasion_for_a_fault_of_those_without(tmp_path: Path) -> None:
    assert found_by_commands(tmp_path, "pushed-flow", WAYS["pushed-flow"][1], Switched("pushed-unauthorized")) == ([], False)
