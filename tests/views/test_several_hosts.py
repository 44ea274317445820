"""A lifeline that stands for several hosts: each arrow to it names its host. And refusals that are steps of the protocol."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from oauthctl.http import FORM, Headers, Params, Request, Response
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.views.hints import response_hints, status_of, status_style
from oauthctl.views.lines import plain
from oauthctl.views.mermaid import mermaid
from oauthctl.views.report.lanes import cast_of, tone_of
from oauthctl.views.sequence import sequence
from tests.record.played import AT
from tests.views.report.told import report_of, scene

HOSTS = ("api-0.very-long-name.eu-central-1.example", "api-1.very-long-name.eu-central-1.example")
BEARER = Headers((("Authorization", "Bearer an-access-token-1"),))
CALLS = tuple(
    Exchange(number, "api", Channel.WIRE, Request("GET", f"https://{host}/items/{number}", BEARER), AT, 0.1, Response(200))
    for number, host in enumerate(HOSTS, 1)
)


@pytest.mark.parametrize("width", [60, 100, 200])
def test_an_arrow_to_one_of_several_hosts_names_it(width: int) -> None:
    several = "\n".join(plain(one) for one in sequence(Recording(CALLS, "1.0"), width))
    assert all(host in several for host in HOSTS)
    one = "\n".join(plain(line) for line in sequence(Recording(CALLS[:1], "1.0"), width))
    assert HOSTS[0] not in one


def test_every_exported_diagram_names_it() -> None:
    recording = Recording(CALLS, "1.0")
    cast = cast_of(scene(recording), recording.exchanges)
    assert [arrow.detail for call in CALLS for arrow in cast.arrows(call) if not arrow.is_answer] == [
        f"GET {host}/items/{number}" for number, host in enumerate(HOSTS, 1)
    ]
    assert next(lane for lane in cast.lanes if lane.key == "api").hosts == HOSTS
    assert all(host in mermaid(report_of(recording)[0]) for host in HOSTS)
    (single,) = (arrow for arrow in cast_of(scene(Recording(CALLS[:1], "1.0")), CALLS[:1]).arrows(CALLS[0]) if not arrow.is_answer)
    assert (single.detail, single.host) == ("GET /items/1", "")


def polled(status: int, **members: str) -> Exchange:
    form = Params.of({"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "a-device-code-123"})
    request = Request("POST", "https://op.example/token", Headers.of({"Content-Type": FORM}), form.encode().encode())
    answer = Response(status, Headers.of({"Content-Type": "application/json"}), json.dumps(members).encode())
    return Exchange(1, "token", Channel.WIRE, request, AT, 0.1, answer)


@pytest.mark.parametrize("code", ["authorization_pending", "slow_down", "use_dpop_nonce"])
def test_a_refusal_that_is_a_step_is_neutral_and_named_by_its_code(code: str) -> None:
    step = polled(400, error=code, error_description="not yet")
    assert (status_of(step), status_style(step), tone_of(step)) == (f"400 {code}", "", "")
    assert response_hints(step) == ()


def test_other_refusals_are_errors() -> None:
    for failed in (
        polled(400, error="access_denied"),
        polled(500, error="authorization_pending"),
        replace(polled(400), failure="reset", response=None),
    ):
        assert status_style(failed) == tone_of(failed) == "error"
