"""The token endpoint.

Here: which grant is asked for, and whether the client may. Not here: the grants (`grant_*`), who the client is (`client_auth`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from oauthctl.http import Request
from oauthctl.messages.token_exchange import JWT_BEARER, SAML2_BEARER, TOKEN_EXCHANGE
from oauthctl.provider.answers import CORS, NO_STORE, Answer, Denied, json_answer, refuse, single_form
from oauthctl.provider.asking import Asking, Confirmation
from oauthctl.provider.client import CIBA, Client
from oauthctl.provider.client_auth import authenticate
from oauthctl.provider.client_certificate import confirmation
from oauthctl.provider.device import GRANT_TYPE
from oauthctl.provider.dpop import client_proof
from oauthctl.provider.grant_ciba import ciba
from oauthctl.provider.grant_client_credentials import client_credentials
from oauthctl.provider.grant_code import redeem_code
from oauthctl.provider.grant_device import device_code
from oauthctl.provider.grant_jwt_bearer import client_of_assertion, jwt_bearer
from oauthctl.provider.grant_password import password
from oauthctl.provider.grant_refresh import refresh
from oauthctl.provider.grant_saml2_bearer import saml2_bearer
from oauthctl.provider.grant_token_exchange import token_exchange
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState

ENDPOINT = "token"
GrantHandler: TypeAlias = Callable[[ProviderState, Asking, Moment], tuple[ProviderState, dict[str, Any]]]
GRANTS: Mapping[str, GrantHandler] = {
    "authorization_code": redeem_code,
    "refresh_token": refresh,
    "client_credentials": client_credentials,
    GRANT_TYPE: device_code,
    CIBA: ciba,
    "password": password,
    TOKEN_EXCHANGE: token_exchange,
    JWT_BEARER: jwt_bearer,
    SAML2_BEARER: saml2_bearer,
}
GRANT_TYPES = tuple(GRANTS)


def token(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """A token request, answered with tokens or with an error of RFC 6749 section 5.2."""
    try:
        state, document, about = grant_tokens(state, request, moment)
    except Denied as denied:
        return refuse(state, request, denied, endpoint=ENDPOINT, moment=moment)
    return state.logged(moment, ENDPOINT, *about[:1], reason=about[1]), json_answer(document, headers=(*NO_STORE, *CORS))


def grant_tokens(state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, dict[str, Any], tuple[str, str]]:
    """The token response, and for the log who got it and why; `Denied` when there is none."""
    form = single_form(request)
    client = client_of_assertion(state, request, form)
    if client is None:
        state, client = authenticate(state, request, form, moment)
    try:
        state, bound = _confirmation(state, client, request, moment)
        state, document = _granted(state, Asking(client, form, bound), moment)
    except Denied as denied:
        # An assertion that was shown is used up, whatever came of it.
        denied.state = denied.state or state
        raise
    return state, document, (client.id, f"gave tokens for {form.get('grant_type')}")


def _confirmation(state: ProviderState, client: Client, request: Request, moment: Moment) -> tuple[ProviderState, Confirmation | None]:
    state, thumbprint = client_proof(state, request, moment)
    if client.requires_dpop and not thumbprint:
        raise Denied("invalid_dpop_proof", "the client has to send a DPoP proof")
    return state, Confirmation("jkt", thumbprint) if thumbprint else confirmation(client, moment)


def _granted(state: ProviderState, asking: Asking, moment: Moment) -> tuple[ProviderState, dict[str, Any]]:
    grant_type = asking.form.get("grant_type")
    if grant_type is None:
        raise Denied("invalid_request", "the parameter grant_type is missing")
    if grant_type not in GRANTS or (grant_type == "password" and not state.is_legacy):
        raise Denied("unsupported_grant_type", "this grant_type is not supported")
    if grant_type not in asking.client.grant_types:
        raise Denied("unauthorized_client", f"the client is not registered for the grant {grant_type}")
    return GRANTS[grant_type](state, asking, moment)
