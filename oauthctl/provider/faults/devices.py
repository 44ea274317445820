"""Faults of the flows in which a person decides on another device.

Here: the device grant and CIBA. Not here: PAR (`requests`).
"""

from __future__ import annotations

from oauthctl.provider.answers import Answer
from oauthctl.provider.client import DEVICE_CODE
from oauthctl.provider.faults.edits import error_answer, with_members
from oauthctl.provider.faults.registry import Call, fault

_DEVICE = "device-flow"


def _is_poll(call: Call) -> bool:
    return call.request.form.get("grant_type") == DEVICE_CODE


@fault("token", rule="token-request-refused", flow=_DEVICE)
def device_expired(call: Call) -> Answer | None:
    """The device code is over at the first poll."""
    return error_answer(call, "expired_token", "the device code has expired") if _is_poll(call) else None


@fault("token", rule="device-sign-in-denied", flow=_DEVICE)
def device_denied(call: Call) -> Answer | None:
    """The person agreed, and the device hears that they refused."""
    return error_answer(call, "access_denied", "the person refused") if _is_poll(call) else None


@fault("device_authorization", rule="device-flow-disabled", flow=_DEVICE)
def device_disabled(call: Call) -> Answer | None:
    """The client may not use the device flow, though the metadata announces it."""
    return error_answer(call, "unauthorized_client", "the device flow is disabled for this client")


@fault("token", rule="device-slowed-for-ever", flow=_DEVICE)
def device_slow_down(call: Call) -> Answer | None:
    """Every poll is answered with `slow_down`, however slow it is."""
    return error_answer(call, "slow_down") if _is_poll(call) else None


@fault("device_authorization", rule="device-answer-incomplete", flow=_DEVICE)
def device_without_uri(call: Call) -> Answer | None:
    """The device's answer does not say where the person has to go."""
    return with_members(call, verification_uri=None, verification_uri_complete=None)
