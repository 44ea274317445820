"""Who calls the token endpoint and its neighbours.

Here: `none`, `client_secret_basic`, `client_secret_post`, and which method a request uses. Not here: assertions (`client_assertion`),
certificates (`client_certificate`), what the client may then do.
"""

from __future__ import annotations

from oauthctl.http import Params, Request
from oauthctl.messages.client_assertion import ASSERTION_TYPE
from oauthctl.provider.answers import Denied, basic_pair, unknown_client
from oauthctl.provider.client import Client
from oauthctl.provider.client_assertion import accept_assertion, claimed_client
from oauthctl.provider.client_attestation import accept_attestation, is_shown
from oauthctl.provider.client_certificate import check_certificate, wants_certificate
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState

METHODS = ("none", "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt")
"""Without those of a certificate, which only some providers can see."""
CHALLENGE = (("WWW-Authenticate", 'Basic realm="client", charset="UTF-8"'),)


def authenticate(state: ProviderState, request: Request, form: Params, moment: Moment) -> tuple[ProviderState, Client]:
    """The client, authenticated as it is registered to be, and the state in which an assertion that it showed is used up.

    Source: RFC 6749 section 2.3 (no more than one method in a request), section 5.2 (`invalid_client` with 401); RFC 7521 section 4.2.
    """
    if state.is_experimental and is_shown(request):
        if "authorization" in request.headers or "client_secret" in form or "client_assertion" in form:
            raise Denied("invalid_request", "the client uses more than one way to authenticate itself")
        return accept_attestation(state, request, form, moment)
    try:
        pair = basic_pair(request)
    except Denied as denied:
        raise _unknown(denied.description) from denied
    client_id, secret, assertion = form.get("client_id"), form.get("client_secret"), form.get("client_assertion")
    if sum(one is not None for one in (pair, secret, assertion)) > 1:
        raise Denied("invalid_request", "the client uses more than one way to authenticate itself")
    if assertion is not None:
        return _by_assertion(state, request, form, moment=moment)
    if pair is not None:
        if client_id is not None and client_id != pair[0]:
            raise Denied("invalid_request", "client_id is not the one in the Authorization header")
        return state, _checked(state, pair[0], pair[1], method="client_secret_basic")
    if client_id is None:
        raise _unknown("the client does not say who it is")
    client = _registered(state, client_id)
    if wants_certificate(client) and not secret:
        check_certificate(state, client, moment)
        return state, client
    return state, _checked(state, client_id, secret or "", method="client_secret_post" if secret else "none")


def _by_assertion(state: ProviderState, request: Request, form: Params, *, moment: Moment) -> tuple[ProviderState, Client]:
    assertion = form.get("client_assertion") or ""
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise Denied("invalid_request", f"client_assertion_type has to be {ASSERTION_TYPE}")
    client_id = form.get("client_id") or claimed_client(assertion)
    client = _registered(state, client_id)
    state, method = accept_assertion(
        state, client, assertion, endpoints=tuple(f"{origin}{request.path}" for origin in state.origins), moment=moment
    )
    _check_method(client, method)
    return state, client


def _checked(state: ProviderState, client_id: str, secret: str, *, method: str) -> Client:
    client = _registered(state, client_id)
    _check_method(client, method)
    if method != "none" and not client.has_secret(secret):
        raise _unknown("the client secret is wrong")
    return client


def _registered(state: ProviderState, client_id: str) -> Client:
    client = state.clients.get(client_id)
    if client is None:
        raise unknown_client(state, client_id, status=401, headers=CHALLENGE)
    return client


def _check_method(client: Client, method: str) -> None:
    if method not in client.allowed_auth_methods:
        allowed = " or ".join(client.allowed_auth_methods)
        raise _unknown(f"the client has to authenticate itself with {allowed}, not with {method}")


def _unknown(description: str) -> Denied:
    return Denied("invalid_client", description, status=401, headers=CHALLENGE)
