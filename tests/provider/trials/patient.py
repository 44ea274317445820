"""Clients that get over what passes, and such as do not wait.

Here: their flows. Not here: clients that look at what they get, or don't (`careful`, `careless`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oauthctl.cli.known_flows.clients import SECRET
from oauthctl.cli.known_flows.flow import Begin, Stage, planned
from oauthctl.flows.device import device_sign_in
from oauthctl.flows.steps import Flow, send, wait
from oauthctl.http import Params, Response, form_request

_MOST = 3
_POLL = "urn:ietf:params:oauth:grant-type:device_code"


def asking_again(pause: Callable[[Response], float]) -> Begin:
    """A client that asks up to three times, with these seconds between."""

    def begin(stage: Stage) -> Flow[Any]:
        form = {"grant_type": "client_credentials", "client_id": "service", "client_secret": SECRET}
        for _ in range(_MOST):
            answered = yield from send(form_request(stage.endpoint("token_endpoint"), Params.of(form)), "token")
            response = answered.response or Response(0)
            if response.status == 200:
                return
            yield from wait(pause(response))

    return begin


def asking_once(stage: Stage) -> Flow[Any]:
    """A client that takes the first answer for the last."""
    return (yield from send(form_request(stage.endpoint("token_endpoint"), Params.of({"grant_type": "client_credentials"})), "token"))


def told_seconds(response: Response) -> float:
    """As long as the server says, else a second."""
    return float(response.headers.get("retry-after") or 1)


def our_device(stage: Stage) -> Flow[Any]:
    """`login --grant device_code`."""
    return device_sign_in(planned(stage.metadata))


def hasty_device(stage: Stage) -> Flow[Any]:
    """A device that asks again at once, whatever it is told."""
    asked = Params.of({"client_id": "public", "scope": "openid"})
    began = yield from send(form_request(stage.endpoint("device_authorization_endpoint"), asked), "device-authorization")
    code = str((began.response or Response(0)).text.partition('"device_code": "')[2].partition('"')[0])
    poll = Params.of({"grant_type": _POLL, "device_code": code, "client_id": "public"})
    for _ in range(_MOST):
        yield from send(form_request(stage.endpoint("token_endpoint"), poll), "token")
