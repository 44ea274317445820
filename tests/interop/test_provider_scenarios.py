"""A client that others wrote on trial: what npm's openid-client makes of each dangerous fault."""

from __future__ import annotations

import pytest

from oauthctl.provider.client import practice_users
from oauthctl.provider.scenario import Verdict
from oauthctl.provider.scenario_file import read_scenario, shipped_text
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.scenario_run import ScenarioRun
from oauthctl.shell.serve import Server
from tests.interop import environments
from tests.interop.foreign import CLIENTS, run_client
from tests.interop.test_provider_clients import REDIRECT_URI, environment, known
from tests.provider.world import keys


def _state(issuer: str) -> ProviderState:
    return new_state(issuer, clients=(known("none", "none"),), users=practice_users(), keys=keys())


def _verdicts(name: str) -> tuple[Verdict, ...]:
    """How openid-client does in this scenario, which wants a sign-in and a question to userinfo in each case."""
    scenario = read_scenario(shipped_text(name))
    run = ScenarioRun(scenario)
    with Server(_state, handler=run.answer) as server:
        command = (environments.node(), str(CLIENTS / "openid_client.mjs"))
        order = {"issuer": server.issuer, "flow": "trial", "client_id": "none", "times": len(scenario.cases)}
        run_client(command, order, redirect_uri=REDIRECT_URI, environment=environment())
    return run.verdicts()


@pytest.mark.xdist_group("foreign")
@pytest.mark.parametrize("name", ["careful-client", "careful-callback"])
def test_openid_client_is_a_careful_one(name: str) -> None:
    assert [verdict for verdict in _verdicts(name) if not verdict.is_good] == []
