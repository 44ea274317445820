"""The flows that are explained: every one, by its own code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from inspect import getmembers, isfunction
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

import oauthctl.flows
from oauthctl.cli.known_flows.clients import HOME, NOTIFIED_AT, OFFERED_AT
from oauthctl.cli.known_flows.every import FLOWS, flow_named
from oauthctl.cli.known_flows.flow import ISSUER, MTLS, REDIRECT_URI, KnownFlow, Stage
from oauthctl.cli.known_flows.rehearsed import rehearsed
from oauthctl.flows.steps import Flow, send
from oauthctl.http import get_request
from oauthctl.views.lines import plain
from oauthctl.views.sequence import sequence

STEPS_THAT_NO_FLOW_DRAWN_TAKES = {"ask", "draw"}
VARIANTS = {"opens_userinfo", "named_keys", "fetch_keys", "github_actions", "google", "azure"}
"""Parts of a flow that is drawn: what userinfo says of a token, keys without the metadata that leads there, ways to get what is traded."""


def drawn(begin: Any, **setting: bool) -> list[str]:
    return [plain(line) for line in sequence(rehearsed(begin, **setting), 100)]


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_flow_is_drawn_to_its_end(flow: KnownFlow) -> None:
    exchanges = rehearsed(flow.begin, has_certificate=flow.has_certificate, is_draft=flow.is_draft).exchanges
    assert exchanges
    answers = [one.response.status for one in exchanges if one.response is not None]
    # The API that leads on refuses first, and the first poll comes too early.
    refused = {"api-discovery-flow": [401], "step-up-flow": [401], "device-flow": [400], "ciba-flow": [400]}
    assert [status for status in answers if status >= 400] == refused.get(flow.name, [])
    known = (ISSUER, HOME, MTLS, REDIRECT_URI, NOTIFIED_AT, OFFERED_AT)
    assert all(one.request.url.startswith(known) for one in exchanges)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_a_flow_that_sends_one_more_request_is_drawn_with_it(flow: KnownFlow) -> None:
    """The drawing is made of the flow, not kept beside it."""

    def longer(stage: Stage) -> Flow[Any]:
        result = yield from flow.begin(stage)
        yield from send(get_request(f"{ISSUER}/jwks"), "jwks")
        return result

    before, after = (drawn(one, has_certificate=flow.has_certificate, is_draft=flow.is_draft) for one in (flow.begin, longer))
    assert after != before
    # Where the servers have several hosts, the arrows name them.
    host = "op.example" if flow.has_certificate or flow.name == "id-jag-flow" else ""
    assert f"keys  GET {host}/jwks" in "\n".join(after[len(before) - 2 :])


def test_the_certificate_is_drawn_where_it_is_shown() -> None:
    (flow,) = (one for one in FLOWS if one.has_certificate)
    shown = [one.purpose for one in rehearsed(flow.begin, has_certificate=True).exchanges if one.certificate]
    assert shown == ["token", "api"]
    assert "\n".join(drawn(flow.begin, has_certificate=True)).count("TLS certificate") == 2


def test_a_rehearsal_reads_the_same_each_time() -> None:
    flow = FLOWS[0]
    assert drawn(flow.begin) == drawn(flow.begin)


def flow_functions() -> dict[str, CodeType]:
    """Whatever is a flow in `oauthctl.flows`."""
    found: dict[str, CodeType] = {}
    for path in Path(oauthctl.flows.__path__[0]).glob("[a-z]*.py"):
        module = import_module(f"oauthctl.flows.{path.stem}")
        for name, function in getmembers(module, isfunction):
            is_flow = str(function.__annotations__.get("return", "")).startswith("Flow[")
            if is_flow and function.__module__ == module.__name__ and not name.startswith("_"):
                found[name] = function.__code__
    return found


@contextmanager
def entered() -> Iterator[set[CodeType]]:
    """The code that runs meanwhile."""
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            seen.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(before)


def test_no_flow_is_left_out() -> None:
    with entered() as seen:
        for flow in FLOWS:
            rehearsed(flow.begin, has_certificate=flow.has_certificate, is_draft=flow.is_draft)
    left_out = {name for name, code in flow_functions().items() if code not in seen}
    assert left_out - STEPS_THAT_NO_FLOW_DRAWN_TAKES - VARIANTS == set(), "name it among `known_flows`"


@pytest.mark.parametrize(
    ("text", "name"),
    [("code-flow", "code-flow"), ("Code Flow", "code-flow"), ("authorization_code flow", "code-flow"), ("end-session-flow", "logout-flow")],
)
def test_a_flow_is_found_however_it_is_spelled(text: str, name: str) -> None:
    found = flow_named(text)
    assert found is not None
    assert found.name == name


def test_other_words_are_no_flows() -> None:
    assert flow_named("code") is None
    assert flow_named("client_credentials") is None


def test_no_two_flows_share_a_name() -> None:
    names = [name for flow in FLOWS for name in (flow.name, *flow.aliases)]
    assert len(set(names)) == len(names)


def test_a_request_for_tokens_says_so_where_no_verifier_could_be_of_use() -> None:
    flow = flow_named("implicit flow")
    assert flow is not None
    (request,) = [line for line in drawn(flow.begin) if "scope openid" in line]
    assert "response_type id_token token" in request
    assert "PKCE" not in request
