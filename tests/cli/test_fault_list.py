from __future__ import annotations

import json

from oauthctl.provider.faults.registry import all_faults
from tests.cli.running import oauthctl


def test_each_fault_is_listed_with_its_rule() -> None:
    ran = oauthctl("serve", "--list-faults")
    assert ran.code == 0
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert {row[0]: row[2] for row in rows} == {fault.slug: fault.rule for fault in all_faults().values()}


def test_a_program_gets_the_faults_as_json() -> None:
    listed = json.loads(oauthctl("serve", "--list-faults", "--json").out)["faults"]
    assert len(listed) == len(all_faults())
    assert listed[0].keys() == {"fault", "title", "subject", "places", "rule", "flow", "is_dangerous", "needs"}
    assert {one["fault"] for one in listed if one["needs"] == "--legacy"} >= {"front-c-hash-missing", "front-nonce-wrong"}


def test_a_fault_that_is_none_ends_before_anything_is_served() -> None:
    ran = oauthctl("serve", "--fault", "id-token-expird")
    assert ran.code == 2
    assert "id-token-expired" in ran.err
    assert ran.out == ""
