"""Revocation: a token made worthless.

Here: RFC 7009. Not here: ending the provider's session (`end_session`).
"""

from __future__ import annotations

from oauthctl.flows.authenticated import send_authenticated
from oauthctl.flows.steps import Flow
from oauthctl.flows.tls import require_tls
from oauthctl.flows.token_endpoint import refusal
from oauthctl.http import Params
from oauthctl.messages.answer import Answer, read_answer
from oauthctl.messages.client_auth import Client


def revoke(revocation_endpoint: str, token: str, client: Client, *, hint: str = "") -> Flow[None]:
    """Revoke a token; `hint` is `access_token` or `refresh_token`.

    Raises `Refused` or `BadAnswer` when the server does not say 200, `ConfigError` for plain http off loopback.
    Source: RFC 7009 section 2.2: a token that is unknown is answered with 200 as well.
    """
    require_tls(revocation_endpoint, "the token")
    params = Params.of((("token", token), ("token_type_hint", hint or None)))
    exchange = yield from send_authenticated(revocation_endpoint, params, client, purpose="revocation")
    response = exchange.response
    if response is not None and 200 <= response.status < 300:
        return
    answer = read_answer(response) if response else Answer(problem=exchange.failure)
    raise refusal("the revocation endpoint", exchange, answer)
