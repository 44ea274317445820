"""The faults of the wire, met by our own transport and commands at a server with sockets."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from oauthctl.errors import OauthctlError
from oauthctl.flows.steps import send
from oauthctl.http import Params, Request, form_request, get_request
from oauthctl.provider.faults.registry import Fault, all_faults
from oauthctl.provider.switched import Switched
from oauthctl.record import purposes
from oauthctl.shell.driver import run
from oauthctl.shell.world import live_world
from tests.cli.spoiled import Provider, providing
from tests.provider.faults.by_commands import WAYS, found_by_commands
from tests.provider.faults.playing import diagnosed

COMMANDS = ("client-credentials-flow", "discovery-flow")
WIRE = {slug: fault for slug, fault in all_faults().items() if fault.subject == "wire"}
BY_COMMANDS = [slug for slug, fault in WIRE.items() if fault.flow in COMMANDS or fault.places == ("authorize",)]

# By endpoint what its requests are for. How the answer travels does not depend on whether it is a refusal.
PURPOSES = {
    "jwks": purposes.JWKS,
    "userinfo": purposes.USERINFO,
    "api": purposes.API,
    "pushed": purposes.PUSHED_AUTHORIZATION,
    "device_authorization": purposes.DEVICE_AUTHORIZATION,
    "register": purposes.REGISTRATION,
    "introspect": purposes.INTROSPECTION,
    "revoke": purposes.REVOCATION,
}


@pytest.mark.parametrize("slug", BY_COMMANDS)
def test_a_fault_of_the_wire_is_found_first_after_our_commands(slug: str, tmp_path: Path) -> None:
    fault = WIRE[slug]
    assert found_by_commands(tmp_path, fault.flow, _way(fault), Switched(slug))[0][:1] == [fault.rule]


def _way(fault: Fault) -> tuple[tuple[str, ...], ...]:
    if fault.places != ("authorize",):
        return WAYS[fault.flow][0]
    return (("login", "{issuer}", "--client-id", "public", "--timeout", "1"),)


@pytest.mark.parametrize("flow", COMMANDS)
def test_without_a_fault_nothing_is_found_on_the_wire(flow: str, tmp_path: Path) -> None:
    assert found_by_commands(tmp_path, flow, WAYS[flow][0]) == ([], True)


def _request(provider: Provider, place: str) -> Request:
    url = f"{provider.issuer}{getattr(provider.server.state.endpoints, place, '/api/items')}"
    return get_request(url) if place in ("jwks", "userinfo", "api") else form_request(url, Params.of({"client_id": "public"}))


@pytest.mark.parametrize("slug", [slug for slug in WIRE if slug not in BY_COMMANDS])
def test_a_fault_of_the_wire_is_found_first_wherever_it_strikes(slug: str) -> None:
    (place,) = WIRE[slug].places
    world = live_world({}, timeout_seconds=0.2)
    spoiled = providing(change=lambda state: replace(state, faults=(Switched(slug),)))
    # What goes wrong is in the recording, too.
    with spoiled as provider, closing(world), suppress(OauthctlError):
        run(send(_request(provider, place), PURPOSES[place]), world)
    assert [finding.rule for finding in diagnosed(world.recording).findings][:1] == [WIRE[slug].rule]


@pytest.mark.parametrize("place", PURPOSES)
def test_every_endpoint_has_its_faults_of_the_wire(place: str) -> None:
    assert {slug.rpartition("-")[2] for slug, fault in WIRE.items() if fault.places == (place,)} >= {"reset", "silent"}
