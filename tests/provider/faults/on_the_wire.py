"""The faults of the wire at a server with sockets, and what is found of them.

Here: the requests that meet them, by our own transport or by our commands. Not here: flows in memory (`playing`), which have no wire.
"""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

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

WIRE = {slug: fault for slug, fault in all_faults().items() if fault.subject == "wire"}
COMMANDS = ("client-credentials-flow", "discovery-flow")
_SECONDS, _LONG = 0.2, 20.0
"""How long what is held back is waited for, and what comes, or breaks, at once on a machine that isn't busy."""
_AT_ONCE = ("-reset", "-cut-off")

# By endpoint what its requests are for. How an answer travels does not depend on whether it is a refusal.
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
_READ = ("jwks", "userinfo", "api")


def found_on_the_wire(fault: Fault, folder: Path) -> list[str]:
    """The rules that are found when a request meets this fault of the wire."""
    (place,) = fault.places
    if place == "authorize":
        way = (("login", "{issuer}", "--client-id", "public", "--timeout", "1"),)
        return found_by_commands(folder, fault.flow, way, Switched(fault.slug))[0]
    if fault.flow in COMMANDS:
        return found_by_commands(folder, fault.flow, WAYS[fault.flow][0], Switched(fault.slug))[0]
    world = live_world({}, timeout_seconds=_LONG if fault.slug.endswith(_AT_ONCE) else _SECONDS)
    spoiled = providing(change=lambda state: replace(state, faults=(Switched(fault.slug),)))
    # What goes wrong is in the recording, too.
    with spoiled as provider, closing(world), suppress(OauthctlError):
        run(send(_request(provider, place), PURPOSES[place]), world)
    return [finding.rule for finding in diagnosed(world.recording).findings]


def _request(provider: Provider, place: str) -> Request:
    url = f"{provider.issuer}{getattr(provider.server.state.endpoints, place, '/api/items')}"
    return get_request(url) if place in _READ else form_request(url, Params.of({"client_id": "public"}))
