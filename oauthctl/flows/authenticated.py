"""A request to an endpoint that wants to know the client.

Here: what every such request shares, whatever it asks for. Not here: the methods (`messages.client_auth`), the endpoints.
"""

from __future__ import annotations

from dataclasses import replace

from oauthctl.flows.steps import Flow, draw, send
from oauthctl.http import Params
from oauthctl.messages.client_auth import Client, client_request
from oauthctl.record.exchange import Exchange


def send_authenticated(
    url: str, params: Params, client: Client, *, purpose: str, may_fail: bool = False, accept: str = ""
) -> Flow[Exchange]:
    """Send the form with the client's credentials and give the exchange. Raises `ConfigError` for credentials that can't be made.

    `accept` is the media type that is wanted where it is not JSON.
    Source: RFC 6749 section 2.3; RFC 7523 section 2.2 for assertions, each of which is made for one request.
    """
    if client.asserts:
        drawn = yield from draw()
        request = client_request(url, params, client, now=drawn.now, jti=drawn.random)
    else:
        request = client_request(url, params, client)
    if accept:
        request = replace(request, headers=request.headers.with_("Accept", accept))
    return (yield from send(request, purpose, may_fail=may_fail))
