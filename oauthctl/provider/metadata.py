"""What the provider says of itself: metadata and keys.

Here: the two documents. Not here: the metadata of the API (`resources`).
"""

from __future__ import annotations

from typing import Any

from oauthctl.http import Request
from oauthctl.jose.jwe import AGREEMENT_ALGS, ENCS, RSA_ALGS
from oauthctl.jose.saml import is_available
from oauthctl.messages.client_auth import ATTESTING, CERTIFYING
from oauthctl.messages.token_exchange import SAML2_BEARER, token_type_uri
from oauthctl.provider.answers import CORS, Answer, json_answer
from oauthctl.provider.client_assertion import KEY_ALGS, SECRET_ALGS
from oauthctl.provider.client_auth import METHODS
from oauthctl.provider.dpop import ALGS
from oauthctl.provider.moment import Moment
from oauthctl.provider.request import PROMPTS
from oauthctl.provider.request_object import SIGNING_ALGS
from oauthctl.provider.response_type import RESPONSE_MODES, response_types
from oauthctl.provider.state import ProviderState
from oauthctl.provider.token import GRANT_TYPES
from oauthctl.provider.user_claims import opened_by


def metadata(state: ProviderState, _request: Request, _moment: Moment) -> Answer:
    """The metadata document; the OpenID and the OAuth form are the same here.

    Source: OIDC Discovery section 3; RFC 8414 section 2.
    """
    return state, json_answer(document(state), headers=CORS)


def document(state: ProviderState) -> dict[str, Any]:
    """The members of the metadata."""
    paths = state.endpoints
    methods = [*METHODS, *(CERTIFYING if state.mtls_origin else ()), *((ATTESTING,) if state.is_experimental else ())]
    secret_methods = [method for method in methods if method != "none"]
    claims = sorted({*opened_by(state, tuple(state.scopes)), *(claim.name for claim in state.own_claims)})
    signing_algs = [*dict.fromkeys(key.alg for key in state.keys), "HS256"]
    encryption_algs = [*RSA_ALGS, *AGREEMENT_ALGS]
    return {
        "issuer": state.issuer,
        "authorization_endpoint": state.url(paths.authorize),
        "token_endpoint": state.url(paths.token),
        "jwks_uri": state.url(paths.jwks),
        "userinfo_endpoint": state.url(paths.userinfo),
        "backchannel_authentication_endpoint": state.url(paths.backchannel),
        "backchannel_token_delivery_modes_supported": ["poll", "ping"],
        "backchannel_user_code_parameter_supported": False,
        "device_authorization_endpoint": state.url(paths.device_authorization),
        "pushed_authorization_request_endpoint": state.url(paths.pushed),
        "require_pushed_authorization_requests": state.requires_pushed_requests,
        "require_signed_request_object": state.requires_signed_request,
        "request_object_signing_alg_values_supported": list(SIGNING_ALGS),
        "request_object_encryption_alg_values_supported": list(AGREEMENT_ALGS),
        "request_object_encryption_enc_values_supported": list(ENCS),
        "authorization_details_types_supported": list(state.authorization_details_types),
        "authorization_signing_alg_values_supported": signing_algs,
        "authorization_encryption_alg_values_supported": encryption_algs,
        "authorization_encryption_enc_values_supported": list(ENCS),
        "client_id_metadata_document_supported": state.takes_registrations,
        **({"registration_endpoint": state.url(paths.register)} if state.takes_registrations else {}),
        **({"challenge_endpoint": state.url(paths.challenge)} if state.is_experimental else {}),
        "introspection_endpoint": state.url(paths.introspect),
        "revocation_endpoint": state.url(paths.revoke),
        "end_session_endpoint": state.url(paths.end_session),
        "scopes_supported": [scope for scope in state.scopes if scope not in state.unannounced_scopes],
        "response_types_supported": list(response_types(state)),
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": [*_at_token_endpoint(state), *_by_browser(state)],
        "identity_chaining_requested_token_types_supported": [token_type_uri(name) for name in ("id-jag", "jwt")],
        "authorization_grant_profiles_supported": ["urn:ietf:params:oauth:grant-profile:id-jag"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": signing_algs,
        "id_token_encryption_alg_values_supported": encryption_algs,
        "id_token_encryption_enc_values_supported": list(ENCS),
        "userinfo_signing_alg_values_supported": signing_algs,
        "userinfo_encryption_alg_values_supported": encryption_algs,
        "userinfo_encryption_enc_values_supported": list(ENCS),
        "introspection_signing_alg_values_supported": signing_algs,
        "introspection_encryption_alg_values_supported": encryption_algs,
        "introspection_encryption_enc_values_supported": list(ENCS),
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": list(SECRET_ALGS + KEY_ALGS),
        "introspection_endpoint_auth_methods_supported": secret_methods,
        "introspection_endpoint_auth_signing_alg_values_supported": list(SECRET_ALGS + KEY_ALGS),
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": list(SECRET_ALGS + KEY_ALGS),
        "tls_client_certificate_bound_access_tokens": bool(state.mtls_origin),
        **({"mtls_endpoint_aliases": _aliases(state)} if state.mtls_origin else {}),
        "dpop_signing_alg_values_supported": list(ALGS),
        "code_challenge_methods_supported": list(state.pkce_methods),
        "prompt_values_supported": list(PROMPTS),
        "acr_values_supported": list(state.acr_values),
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "sid", *claims],
        "claims_parameter_supported": True,
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "authorization_response_iss_parameter_supported": True,
    }


def _at_token_endpoint(state: ProviderState) -> tuple[str, ...]:
    """The grants that the token endpoint knows; SAML only where what reads it is installed."""
    without = (() if state.is_legacy else ("password",)) + (() if is_available() else (SAML2_BEARER,))
    return tuple(name for name in GRANT_TYPES if name not in without)


def _by_browser(state: ProviderState) -> tuple[str, ...]:
    """The grant that no token endpoint knows."""
    return ("implicit",) if state.is_legacy else ()


def _aliases(state: ProviderState) -> dict[str, str]:
    """Source: RFC 8705 section 5: the endpoints that clients ask themselves."""
    paths = state.endpoints
    found = {
        "token_endpoint": paths.token,
        "userinfo_endpoint": paths.userinfo,
        "device_authorization_endpoint": paths.device_authorization,
        "pushed_authorization_request_endpoint": paths.pushed,
        "introspection_endpoint": paths.introspect,
        "revocation_endpoint": paths.revoke,
    }
    return {name: f"{state.mtls_origin}{state.base_path}{path}" for name, path in found.items()}


def jwks(state: ProviderState, _request: Request, _moment: Moment) -> Answer:
    """The public halves of the keys."""
    return state, json_answer({"keys": [key.public().as_dict() for key in (*state.keys, *state.encryption_keys)]}, headers=CORS)
