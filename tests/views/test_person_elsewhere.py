"""The person on another device, in the terminal's diagram and in Mermaid's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oauthctl.cli.known_flows.every import flow_named
from oauthctl.cli.known_flows.rehearsed import rehearsed
from oauthctl.record.exchange import Recording
from oauthctl.views.lines import plain
from oauthctl.views.mermaid import mermaid
from oauthctl.views.person_elsewhere import part_of
from oauthctl.views.sequence import sequence
from tests.views.report.told import report_of


def recording(name: str) -> Recording:
    flow = flow_named(name)
    assert flow is not None
    return rehearsed(flow.begin)


def drawn(name: str) -> list[str]:
    return [plain(line) for line in sequence(recording(name), 100)]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("device-flow", ["shows the page and the code", "has agreed on another device"]),
        ("ciba-flow", ["asks on another device", "has agreed on another device"]),
        ("ciba-ping-flow", ["asks on another device", "decides on another device"]),
        ("code-flow", []),
        ("password-flow", []),
    ],
)
def test_the_persons_part_is_drawn_once_and_in_order(name: str, parts: list[str]) -> None:
    rows = drawn(name)
    told = [part for row in rows for part in ("shows the page", "on another device") if part in row]
    assert len(told) == len(parts)
    at = [next(index for index, row in enumerate(rows) if part in row) for part in parts]
    assert at == sorted(at)
    assert rows[0].startswith(" you ") is bool(parts) or name == "code-flow"
    if parts:
        text = mermaid(report_of(recording(name))[0])
        assert [text.count(part) for part in parts] == [1] * len(parts)


def test_the_decision_stands_between_the_request_that_brings_it_and_its_answer() -> None:
    rows = drawn("device-flow")
    decided = next(index for index, row in enumerate(rows) if "has agreed" in row)
    before, after = "\n".join(rows[:decided]), "\n".join(rows[decided:])
    assert "4 token request (device_code)" in before
    assert "authorization_pending" in before
    assert "access_token" in after
    assert "╌▶" in rows[decided + 1], "what is not seen is dashed"


def test_a_refusal_is_no_consent() -> None:
    (granted,) = [one for one in recording("device-flow").exchanges if part_of(one) and one.purpose == "token"]
    assert granted.response is not None
    refused = replace(granted, response=replace(granted.response, status=400, body=b'{"error": "access_denied"}'))
    part = part_of(refused)
    assert part is not None
    assert part.text == "has refused on another device"
    pending = replace(granted, response=replace(granted.response, status=400, body=b'{"error": "authorization_pending"}'))
    assert part_of(pending) is None
