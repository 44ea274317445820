"""The endpoints that a person can give by hand, where a provider publishes no metadata.

Here: their names alone, so that a start costs nothing. Not here: what they are (`metadata`).
"""

from __future__ import annotations

ENDPOINTS = (
    "authorization_endpoint",
    "pushed_authorization_request_endpoint",
    "device_authorization_endpoint",
    "backchannel_authentication_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "revocation_endpoint",
    "introspection_endpoint",
    "end_session_endpoint",
)
"""Members of the metadata, each an option, a variable and a profile's member, too. Source: RFC 8414 section 2, OpenID Connect Discovery."""
