"""Who calls the token endpoint and its neighbours.

Here: `none`, `client_secret_basic`, `client_secret_post`. Not here: what the client may then do.
"""

from __future__ import annotations

from oauthctl.http import Params, Request
from oauthctl.provider.answers import Denied, basic_pair
from oauthctl.provider.client import Client
from oauthctl.provider.state import ProviderState

METHODS = ("none", "client_secret_basic", "client_secret_post")
CHALLENGE = (("WWW-Authenticate", 'Basic realm="client", charset="UTF-8"'),)


def authenticate(state: ProviderState, request: Request, form: Params) -> Client:
    """The client, authenticated as it is registered to be.

    Source: RFC 6749 section 2.3 (no more than one method in a request), section 5.2 (`invalid_client` with 401).
    """
    try:
        pair = basic_pair(request)
    except Denied as denied:
        raise _unknown(denied.description) from denied
    client_id, secret = form.get("client_id"), form.get("client_secret")
    if pair is not None and secret is not None:
        raise Denied("invalid_request", "the client uses more than one way to authenticate itself")
    if pair is not None:
        if client_id is not None and client_id != pair[0]:
            raise Denied("invalid_request", "client_id is not the one in the Authorization header")
        return _checked(state, pair[0], pair[1], method="client_secret_basic")
    if client_id is None:
        raise _unknown("the client does not say who it is")
    return _checked(state, client_id, secret or "", method="client_secret_post" if secret else "none")


def _checked(state: ProviderState, client_id: str, secret: str, *, method: str) -> Client:
    client = state.clients.get(client_id)
    if client is None:
        raise _unknown("no client with this client_id is registered here")
    if method not in client.allowed_auth_methods:
        allowed = " or ".join(client.allowed_auth_methods)
        raise _unknown(f"the client has to authenticate itself with {allowed}, not with {method}")
    if method != "none" and not client.has_secret(secret):
        raise _unknown("the client secret is wrong")
    return client


def _unknown(description: str) -> Denied:
    return Denied("invalid_client", description, status=401, headers=CHALLENGE)
