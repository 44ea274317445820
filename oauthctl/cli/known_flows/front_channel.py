"""Sign-ins in which tokens come by the browser: the implicit and the hybrid flow, both legacy.

Here: how each begins. Not here: the flow itself (`flows.front_channel`), the drawing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oauthctl.cli.known_flows.flow import Begin, KnownFlow, Stage, planned
from oauthctl.cli.known_flows.sign_ins import code
from oauthctl.flows.discovery import discover
from oauthctl.flows.front_channel import front_channel_sign_in
from oauthctl.flows.steps import Flow
from oauthctl.specs import Section

# No refresh token comes by the browser, so that nobody asks for one.
_SCOPE = ("openid", "profile", "items.read")


def _by_browser(response_type: str) -> Begin:
    def begin(stage: Stage) -> Flow[Any]:
        found = yield from discover(stage.issuer)
        plan = replace(planned(found.metadata), response_type=response_type, response_mode="fragment", scope=_SCOPE)
        return (yield from front_channel_sign_in(plan))

    return begin


FRONT_CHANNEL = (
    KnownFlow(
        "implicit-flow",
        "the implicit flow, which is legacy",
        "the tokens come by the browser, behind the #, and no code is traded; RFC 9700 section 2.1.2 says what is wrong with that",
        Section("OIDC Core", "3.2"),
        _by_browser("id_token token"),
        ("implicit-grant-flow", "id-token-token-flow"),
        plain=code(scope=_SCOPE),
    ),
    KnownFlow(
        "hybrid-flow",
        "the hybrid flow, which is legacy",
        "an ID token comes by the browser together with the code, and both ID tokens have to be of the same person",
        Section("OIDC Core", "3.3"),
        _by_browser("code id_token"),
        ("code-id-token-flow",),
        plain=code(scope=_SCOPE),
    ),
)
"""Named for who meets them in an old application."""
