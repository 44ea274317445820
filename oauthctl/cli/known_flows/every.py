"""Every flow that is explained, and finding one by its name.

Here: the list. Not here: the flows (`sign_ins`, `grants`, `services`).
"""

from __future__ import annotations

from oauthctl.cli.known_flows.flow import KnownFlow
from oauthctl.cli.known_flows.grants import GRANTS
from oauthctl.cli.known_flows.services import SERVICES
from oauthctl.cli.known_flows.sign_ins import SIGN_INS

FLOWS = (*SIGN_INS, *GRANTS, *SERVICES)


def flow_named(text: str) -> KnownFlow | None:
    """The flow of this name; upper and lower case, spaces and `_` don't matter."""
    wanted = "-".join(text.lower().replace("_", " ").replace("-", " ").split())
    return next((flow for flow in FLOWS if wanted in (flow.name, *flow.aliases)), None)
