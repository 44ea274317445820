"""Faults of CIBA: the answer to the request, and the notification with which the provider tells that a person has decided.

Here: OpenID Connect CIBA Core 1.0. Not here: polling, which is like that of devices (`devices`). None is dangerous: a notification only
says when to ask, and the token endpoint tells the truth.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from oauthctl.http import Request
from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import with_members
from oauthctl.provider.faults.registry import Call, fault

_PING = "ciba-ping-flow"


@fault("backchannel", rule="backchannel-answer-incomplete", flow="ciba-flow")
def backchannel_without_request(call: Call) -> Answer | None:
    """The request is taken, and no `auth_req_id` comes back."""
    return with_members(call, auth_req_id=None)


@fault("approvals", rule="notification-token-missing", flow=_PING)
def notification_without_token(call: Call) -> Answer | None:
    """The notification shows no token, so that anybody could have sent it."""
    return _told(call, lambda request: replace(request, headers=request.headers.without("authorization")))


@fault("approvals", rule="notification-token-differs", flow=_PING)
def notification_of_stranger(call: Call) -> Answer | None:
    """The notification shows another token than the client's."""
    return _told(call, lambda request: replace(request, headers=request.headers.with_("Authorization", "Bearer " + "stranger" * 4)))


@fault("approvals", rule="notification-request-differs", flow=_PING)
def notification_of_another_request(call: Call) -> Answer | None:
    """The notification names another request than the one that its token belongs to."""
    return _told(call, lambda request: replace(request, body=json.dumps({"auth_req_id": "another-request-" + "0" * 16}).encode()))


@fault("approvals", rule="notification-unreadable", flow=_PING)
def notification_empty(call: Call) -> Answer | None:
    """The notification does not say which request was decided on."""
    return _told(call, lambda request: replace(request, body=b"{}"))


def _told(call: Call, edit: Callable[[Request], Request]) -> Answer | None:
    """The answer after which the client is told something else."""
    state, response = call.answered()
    new = state.outgoing[len(call.state.outgoing) :]
    if not new:
        return None
    told = tuple(replace(one, request=edit(one.request)) for one in new)
    return replace(state, outgoing=(*state.outgoing[: -len(new)], *told)), response
