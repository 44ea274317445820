"""Flows of clients that do what a careful one never would, or in a way that is seldom: they bring to light what a server should refuse.

Here: what faults of the practice provider need to be seen. Not here: the flows that are explained (`every` lists them).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import urljoin

from oauthctl.cli.known_flows.clients import APP, CLAIMANT, SECRET, confidential
from oauthctl.cli.known_flows.flow import REDIRECT_URI, Begin, Stage, planned
from oauthctl.cli.known_flows.sign_ins import code
from oauthctl.errors import BadAnswer, OauthctlError
from oauthctl.flows.answer_jwt import Party
from oauthctl.flows.authorization_code import authorization_params, sign_in
from oauthctl.flows.client_credentials import client_credentials
from oauthctl.flows.discovery import discover
from oauthctl.flows.refresh import refresh
from oauthctl.flows.registration import register
from oauthctl.flows.steps import Flow, Send, send
from oauthctl.flows.userinfo import userinfo
from oauthctl.http import Params, Request, Response, form_request, get_request, origin, with_query
from oauthctl.messages.client_auth import Client, basic_credentials
from oauthctl.record import purposes
from oauthctl.record.exchange import Exchange
from oauthctl.shell.scripted_user import read_sheet

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


def _reads_json_alone(stage: Stage) -> Flow[Any]:
    """A client of its own that takes every answer for JSON."""
    answered = yield from _token_request(stage, {"grant_type": "client_credentials", "scope": "items.read"})
    try:
        return json.loads(answered.response.body if answered.response is not None else b"")
    except ValueError as error:
        raise BadAnswer(f"JSONDecodeError: {error}") from error


def _token_request(stage: Stage, form: dict[str, str]) -> Flow[Exchange]:
    request = form_request(stage.endpoint("token_endpoint"), Params.of(form))
    credentials = basic_credentials("service", SECRET)
    return (yield from send(replace(request, headers=request.headers.with_("Authorization", credentials)), purposes.TOKEN))


def _registered_elsewhere(stage: Stage) -> Flow[Any]:
    """A client that registers one redirect URI and sends people to another."""
    asked = {"redirect_uris": [REDIRECT_URI.replace("/callback", "/registered")], "token_endpoint_auth_method": "none"}
    known = yield from register(stage.endpoint("registration_endpoint"), {**asked, "scope": " ".join(planned(stage.metadata).scope)})
    return (yield from sign_in(replace(planned(stage.metadata), client=Client(known.response.client_id or ""))))


def _watched_pages(stage: Stage) -> Flow[Any]:
    """A browser at the provider's pages, each request recorded, as its developer tools do."""
    plan = planned(stage.metadata)
    request = get_request(with_query(stage.endpoint("authorization_endpoint"), authorization_params(plan)), accept="text/html")
    jar: dict[str, str] = {}
    while request.url.startswith(f"{stage.issuer}/"):
        cookies = "; ".join(f"{name}={value}" for name, value in jar.items())
        sent = replace(request, headers=request.headers.with_("Cookie", cookies)) if cookies else request
        answered = yield from send(sent, purposes.AUTHORIZATION)
        response = answered.response or Response(0)
        jar |= _kept(response)
        form = read_sheet(response.text).form
        if response.headers.get("location"):
            request = get_request(urljoin(request.url, response.headers.get("location") or ""), accept="text/html")
        elif form is not None:
            typed = tuple((name, _TYPED.get(name, value)) for name, value in form.fields)
            request = form_request(urljoin(request.url, form.action), Params((*typed, *((form.button,) if form.button else ()))))
        else:
            return None


_TYPED = {"username": "alice", "password": "alice"}


def _kept(response: Response) -> dict[str, str]:
    """The cookies of an answer that a browser keeps: none that is for another host. Source: RFC 6265 section 5.3."""
    lines = (line.split(";") for line in response.headers.all("set-cookie"))
    pairs = (parts[0].partition("=") for parts in lines if not any(part.strip().lower().startswith("domain=") for part in parts[1:]))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _signs_out(stage: Stage) -> Flow[Any]:
    """The browser's request for the end of the session, recorded, with a URI to return to that is registered."""
    params = {"id_token_hint": stage.tokens.id_token or "", "client_id": APP.client_id}
    url = with_query(stage.endpoint("end_session_endpoint"), Params.of({**params, "post_logout_redirect_uri": "http://localhost:8080/"}))
    return (yield from send(get_request(url, accept="text/html"), purposes.LOGOUT))


def _signed_userinfo(stage: Stage) -> Flow[Any]:
    """The code flow of a client that gets userinfo in a signed JWT, and reads it."""
    metadata = (yield from discover(stage.issuer)).metadata
    signed_in = yield from sign_in(replace(planned(metadata), client=CLAIMANT))
    party = Party(stage.issuer, CLAIMANT.client_id, str(metadata.raw("jwks_uri")))
    token = signed_in.granted.response.access_token or ""
    return (yield from userinfo(metadata.userinfo_endpoint or "", token, party=party))


TRIALS: dict[str, Begin] = {
    "asked-again": _asked_again,
    "code-used-twice": _code_twice,
    "json-alone": _reads_json_alone,
    "other-verifier": _changed("code_verifier", "another-verifier-than-that-of-the-sign-in-0"),
    "not-the-registered-uri": _registered_elsewhere,
    "other-redirect-uri": _changed("redirect_uri", "http://127.0.0.1:9999/elsewhere"),
    "refresh-chain": _refreshes(0, 1),
    "refresh-token-used-twice": _refreshes(0, 1, 0),
    "script-flow": _by_script,
    "sign-out-watched": _signs_out,
    "signed-userinfo-flow": _signed_userinfo,
    "sign-in-watched": _watched_pages,
}
"""By the names that faults give."""

CAREFUL = ("json-alone", "refresh-chain", "sign-in-watched", "sign-out-watched", "script-flow", "signed-userinfo-flow")
"""Those of them that a server without faults has nothing to refuse."""
