"""Which response types and modes the provider takes.

Here: reading and judging both. Not here: the tokens that come by the browser (`front_channel`), the other parameters (`request`).
"""

from __future__ import annotations

from oauthctl.http import Params
from oauthctl.messages.response_modes import IN_JWT, PLAIN
from oauthctl.messages.response_types import CODE, HYBRID, IMPLICIT, brings_token, default_mode, out_of_query, spelled, words_of
from oauthctl.provider.answers import Denied
from oauthctl.provider.client import Client
from oauthctl.provider.state import ProviderState

RESPONSE_MODES = (*PLAIN, *IN_JWT)


def response_types(state: ProviderState) -> tuple[str, ...]:
    """Those that the provider speaks."""
    return (CODE, *IMPLICIT, *HYBRID) if state.is_legacy else (CODE,)


def mode_of(params: Params) -> str:
    """How the answer travels. Where the mode that is asked for can't be had, the error about that comes in the usual one.

    Source: OAuth 2.0 Multiple Response Type Encoding Practices sections 2.1 and 5; JARM section 2.3.
    """
    response_type = params.get("response_type") or CODE
    usual = default_mode(response_type)
    mode = params.get("response_mode") or usual
    return out_of_query(response_type, mode) if mode in RESPONSE_MODES else usual


def read_response_type(state: ProviderState, client: Client, params: Params) -> str:
    """The response type as the registry spells it; `Denied` for one that is not taken, or not in this mode."""
    given = params.get("response_type")
    if given is None:
        raise Denied("invalid_request", "the parameter response_type is missing")
    words = given.split()
    if len(set(words)) < len(words):
        raise Denied("invalid_request", "a value of response_type is given more than once")
    response_type = spelled(words)
    if response_type not in response_types(state):
        known = "only the response_type code is supported" if not state.is_legacy else "this response_type is not supported"
        raise Denied("unsupported_response_type", known)
    if CODE in words_of(response_type) and "authorization_code" not in client.grant_types:
        raise Denied("unauthorized_client", "the client is not registered for the authorization code grant")
    if response_type != CODE:
        _check_front_channel(client, response_type, params)
    if (params.get("response_mode") or "query") not in RESPONSE_MODES:
        raise Denied("invalid_request", "this response_mode is not supported")
    return response_type


def _check_front_channel(client: Client, response_type: str, params: Params) -> None:
    """What tokens that come by the browser demand beyond a code."""
    if response_type not in client.response_types:
        raise Denied("unauthorized_client", f"the client is not registered for the response_type {response_type}")
    if "token" in words_of(response_type) and (client.requires_dpop or client.binds_certificate):
        raise Denied("unauthorized_client", "the client's tokens are bound to a key, and one that comes by the browser is not")
    if brings_token(response_type) and params.get("response_mode") in ("query", "query.jwt"):
        # OAuth 2.0 Multiple Response Type Encoding Practices sections 3 and 5; JARM section 2.3.1
        raise Denied("invalid_request", "response_mode query is not taken for tokens: they must not stand in a query")
    if "id_token" not in words_of(response_type):
        return
    if "openid" not in (params.get("scope") or "").split():
        raise Denied("invalid_request", "an ID token comes for the scope openid alone")
    if not params.get("nonce"):
        # OpenID Connect Core 1.0 section 3.2.2.1
        raise Denied("invalid_request", "the parameter nonce is missing: an ID token that comes by the browser has to have one")
