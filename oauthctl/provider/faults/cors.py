"""Faults of what scripts in a browser may read (CORS).

Here: the answers' permissions. Not here: preflights, which no fault touches; cookies.
"""

from __future__ import annotations

from dataclasses import replace

from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.places import METADATA
from oauthctl.provider.faults.registry import Call, fault

_FLOW = "script-flow"
_ALLOWED = "access-control-allow-origin"


@fault("token", rule="cross-origin-not-allowed", flow=_FLOW)
def cors_missing_at_token(call: Call) -> Answer | None:
    """No script may read the token endpoint's answers."""
    return _allowing(call, "")


@fault(METADATA, rule="cross-origin-not-allowed", flow=_FLOW)
def cors_missing_at_metadata(call: Call) -> Answer | None:
    """No script may read the metadata."""
    return _allowing(call, "")


@fault("token", rule="cross-origin-not-allowed", flow=_FLOW)
def cors_for_another_origin(call: Call) -> Answer | None:
    """The token endpoint allows scripts of another origin than the one that asks: an answer from a cache, say."""
    return _allowing(call, "https://app.elsewhere.example")


def _allowing(call: Call, origin: str) -> Answer | None:
    state, response = call.answered()
    if _ALLOWED not in response.headers or "origin" not in call.request.headers:
        return None
    headers = response.headers.with_("Access-Control-Allow-Origin", origin) if origin else response.headers.without(_ALLOWED)
    return state, replace(response, headers=headers)
