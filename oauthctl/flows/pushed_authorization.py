"""Pushed authorization requests: the parameters go to the server first, past the browser, which takes a reference along.

Here: RFC 9126, the client's side. Not here: what the request asks for (`authorization_code`).
"""

from __future__ import annotations

from oauthctl.errors import BadAnswer
from oauthctl.flows.authenticated import send_authenticated
from oauthctl.flows.steps import Flow
from oauthctl.flows.tls import require_tls
from oauthctl.flows.token_endpoint import bounded, refusal, unusable
from oauthctl.http import Params
from oauthctl.messages.answer import Answer, read_answer
from oauthctl.messages.authorization import PushedAuthorizationResponse
from oauthctl.messages.client_auth import Client


def push(pushed_authorization_request_endpoint: str, params: Params, client: Client) -> Flow[Params]:
    """Give the server the request and get what the browser takes along: `client_id` and `request_uri`.

    Raises `Refused` when the server says no, `BadAnswer` when it gives no usable reference, `ConfigError` for plain http off loopback.
    Source: RFC 9126 sections 2.1 to 2.3 and 4.
    """
    require_tls(pushed_authorization_request_endpoint, "the authorization request")
    exchange = yield from send_authenticated(pushed_authorization_request_endpoint, params, client, purpose="pushed-authorization")
    response = exchange.response
    answer = read_answer(response) if response is not None else Answer(problem=exchange.failure)
    message = PushedAuthorizationResponse(answer.fields, exchange.id)
    place = "the pushed authorization request endpoint"
    if response is None or response.status >= 300 or message.raw("error"):
        raise refusal(place, exchange, answer)
    if answer.problem:
        raise unusable(place, exchange, answer.problem)
    if not message.request_uri:
        raise BadAnswer(
            f"{place} gave no `request_uri` that is a string",
            slug="pushed-answer-incomplete",
            where=f"exchange {exchange.id}, response",
            got=bounded(", ".join(name for name, _ in message.fields) or "no member at all"),
            spec="RFC 9126 section 2.2",
            help="sign in without it: `--par never`",
        )
    return Params((("client_id", client.client_id), ("request_uri", message.request_uri)))
