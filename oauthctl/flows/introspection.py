"""Introspection: asking the authorization server about a token.

Here: RFC 7662. Not here: reading a JWT by oneself (`jose`).
"""

from __future__ import annotations

from oauthctl.flows.authenticated import send_authenticated
from oauthctl.flows.steps import Flow
from oauthctl.flows.tls import require_tls
from oauthctl.flows.token_endpoint import refusal, unusable
from oauthctl.http import Params
from oauthctl.messages.answer import Answer, read_answer
from oauthctl.messages.client_auth import Client
from oauthctl.messages.token import IntrospectionResponse


def introspect(introspection_endpoint: str, token: str, client: Client, *, hint: str = "") -> Flow[IntrospectionResponse]:
    """What the server knows of a token. Raises `Refused`, `BadAnswer`, or `ConfigError` for plain http off loopback.

    Source: RFC 7662 section 2.
    """
    require_tls(introspection_endpoint, "the token")
    params = Params.of((("token", token), ("token_type_hint", hint or None)))
    exchange = yield from send_authenticated(introspection_endpoint, params, client, purpose="introspection")
    answer = read_answer(exchange.response) if exchange.response else Answer(problem=exchange.failure)
    if exchange.response is None or exchange.response.status != 200:
        raise refusal("the introspection endpoint", exchange, answer)
    # An error with status 200 says nothing about the token.
    if any(name == "error" for name, _ in answer.fields) and not any(name == "active" for name, _ in answer.fields):
        raise refusal("the introspection endpoint", exchange, answer)
    if answer.problem:
        raise unusable("the introspection endpoint", exchange, answer.problem)
    return IntrospectionResponse(answer.fields, exchange.id)
