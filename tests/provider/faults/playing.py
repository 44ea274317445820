"""A flow of ours against the provider with faults, in memory, and what is diagnosed of it.

Here: the play. Not here: which fault is to be found by which rule (`test_matrix`).
"""

from __future__ import annotations

from oauthctl.cli.known_flows.every import flow_named
from oauthctl.cli.known_flows.flow import ISSUER
from oauthctl.cli.known_flows.rehearsed import AT, prepared
from oauthctl.errors import OauthctlError
from oauthctl.flows.rehearsal import rehearse
from oauthctl.provider.faults.registry import Fault
from oauthctl.provider.switched import Switched
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.material import Material
from oauthctl.rules.diagnosis import Diagnosis, diagnose
from oauthctl.rules.evidence import scene_of
from tests.provider.faults.trials import TRIALS

LOOPBACK = "http://127.0.0.1:9000"
"""What the provider is called where nobody gives it a name: its diagnosis mustn't rest on a name that only a test gives."""


def recorded(flow_name: str, *faults: Fault | Switched, issuer: str = ISSUER) -> Recording:
    """What the flow exchanges with the provider that has these faults, as far as it comes."""
    return played(flow_name, *faults, issuer=issuer)[0]


def played(flow_name: str, *faults: Fault | Switched, issuer: str = ISSUER) -> tuple[Recording, tuple[Switched, ...]]:
    """The same, and how often each fault had an occasion and struck."""
    flow = flow_named(flow_name)
    begin = flow.begin if flow is not None else TRIALS[flow_name]
    partners, stage = prepared(issuer=issuer, has_certificate=flow is not None and flow.has_certificate)
    partners.misbehave(*(fault if isinstance(fault, Switched) else Switched(fault.slug) for fault in faults))
    seen: list[Exchange] = []
    said = ""
    try:
        rehearse(begin(stage), partners, issuer=issuer, at=AT, on_exchange=seen.append)
    except OauthctlError as error:
        # Refusing is right, and belongs to the recording.
        said = error.message
    return Recording(tuple(seen), issuer=issuer, error=said), partners.faults


def diagnosed(recording: Recording) -> Diagnosis:
    """What the rules find in it."""
    return diagnose(scene_of(Material("recording", recording), now=None, salt=b"s"))
