"""Flows of clients that do what a careful one never would, or in a way that is seldom: they bring to light what a server should refuse.

Here: what faults of the practice provider need to be seen. Not here: the flows that are explained (`every` lists them).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from oauthctl.cli.known_flows.clients import APP, CLAIMANT, confidential
from oauthctl.cli.known_flows.flow import ISSUER, REDIRECT_URI, Begin, Stage, planned
from oauthctl.cli.known_flows.sign_ins import code
from oauthctl.errors import OauthctlError
from oauthctl.flows.answer_jwt import Party
from oauthctl.flows.authorization_code import sign_in
from oauthctl.flows.client_credentials import client_credentials
from oauthctl.flows.discovery import discover
from oauthctl.flows.refresh import refresh
from oauthctl.flows.steps import Flow, Send, send
from oauthctl.flows.userinfo import userinfo
from oauthctl.http import Params, Request, form_request, origin
from oauthctl.record import purposes

T = TypeVar("T")


def _with_form(flow: Flow[T], edit: Callable[[Params], Params]) -> Flow[T]:
    """The flow whose token requests say something else."""

    def edited(step: Send) -> Request:
        is_token = step.purpose == purposes.TOKEN
        return replace(step.request, body=edit(step.request.form).encode().encode()) if is_token else step.request

    return _with_requests(flow, edited)


def _with_requests(flow: Flow[T], edit: Callable[[Send], Request]) -> Flow[T]:
    """The flow that sends other requests."""
    step = next(flow)
    while True:
        if isinstance(step, Send):
            step = replace(step, request=edit(step))
        answer = yield step
        try:
            step = flow.send(answer)
        except StopIteration as end:
            value: T = end.value
            return value


def _changed(name: str, value: str) -> Begin:
    return lambda stage: _with_form(code()(stage), lambda form: form.with_(name, value))


def _code_twice(stage: Stage) -> Flow[Any]:
    """The code flow, then its token request once more."""
    last: list[Params] = []

    def kept(form: Params) -> Params:
        last.append(form)
        return form

    yield from _with_form(code()(stage), kept)
    return (yield from send(form_request(stage.endpoint("token_endpoint"), last[-1]), purposes.TOKEN))


def _by_script(stage: Stage) -> Flow[Any]:
    """The code flow of a page's script, of the origin that the redirect URI is of."""

    def as_sent(step: Send) -> Request:
        headers = step.request.headers.with_("Origin", origin(REDIRECT_URI)).with_("Sec-Fetch-Mode", "cors")
        return replace(step.request, headers=headers)

    return _with_requests(code()(stage), as_sent)


def _refreshes(*order: int) -> Begin:
    """Refreshes, one after the other, each with the refresh token of this number: that of the sign-in is 0."""

    def begin(stage: Stage) -> Flow[Any]:
        tokens = [stage.tokens.refresh_token or ""]
        for number in order:
            granted = yield from refresh(stage.endpoint("token_endpoint"), tokens[number], APP)
            tokens.append(granted.response.refresh_token or "")

    return begin


def _asked_again(stage: Stage) -> Flow[Any]:
    """A client of its own that asks once more when it gets no token."""

    def asked() -> Flow[Any]:
        return client_credentials(stage.endpoint("token_endpoint"), confidential("service"), scope=("items.read",))

    try:
        return (yield from asked())
    except OauthctlError:
        # Whatever it was: the second time tells.
        return (yield from asked())


def _signed_userinfo(_stage: Stage) -> Flow[Any]:
    """The code flow of a client that gets userinfo in a signed JWT, and reads it."""
    metadata = (yield from discover(ISSUER)).metadata
    signed_in = yield from sign_in(replace(planned(metadata), client=CLAIMANT))
    party = Party(ISSUER, CLAIMANT.client_id, str(metadata.raw("jwks_uri")))
    token = signed_in.granted.response.access_token or ""
    return (yield from userinfo(metadata.userinfo_endpoint or "", token, party=party))


TRIALS: dict[str, Begin] = {
    "asked-again": _asked_again,
    "code-used-twice": _code_twice,
    "other-verifier": _changed("code_verifier", "another-verifier-than-that-of-the-sign-in-0"),
    "other-redirect-uri": _changed("redirect_uri", "http://127.0.0.1:9999/elsewhere"),
    "refresh-chain": _refreshes(0, 1),
    "refresh-token-used-twice": _refreshes(0, 1, 0),
    "script-flow": _by_script,
    "signed-userinfo-flow": _signed_userinfo,
}
"""By the names that faults give."""

CAREFUL = ("refresh-chain", "script-flow", "signed-userinfo-flow")
"""Those of them that a server without faults has nothing to refuse."""
