"""The backchannel authentication request and its answer: a client asks for a person who is elsewhere.

Here: their parameters. Not here: polling (`messages.token.TokenRequest` with CIBA's grant type).
"""

from __future__ import annotations

from typing import ClassVar

from oauthctl.messages.param import Message, Param, number, string, text, words
from oauthctl.messages.token import ClientCredentials
from oauthctl.specs import Section


class BackchannelAuthenticationRequest(ClientCredentials):
    """What a client sends to have a person decide on another device. Source: OpenID Connect CIBA Core 1.0 section 7.1."""

    title: ClassVar[str] = "backchannel authentication request"

    scope = Param(words, Section("OIDC CIBA", "7.1"), "the access that is asked for, with `openid`")
    login_hint = Param(text, Section("OIDC CIBA", "7.1"), "who is to decide, in whatever way the provider knows people")
    login_hint_token = Param(text, Section("OIDC CIBA", "7.1"), "who is to decide, as a token", secret=True)
    id_token_hint = Param(text, Section("OIDC CIBA", "7.1"), "who is to decide: an earlier ID token of the person", secret=True)
    binding_message = Param(text, Section("OIDC CIBA", "7.1"), "what both devices show, so that the person sees that they belong together")
    user_code = Param(text, Section("OIDC CIBA", "7.1"), "a code that only the person and the provider know", secret=True)
    acr_values = Param(words, Section("OIDC CIBA", "7.1"), "the ways of authentication that are wanted, in order")
    requested_expiry = Param(number, Section("OIDC CIBA", "7.1"), "seconds for which the request should be good")
    client_notification_token = Param(text, Section("OIDC CIBA", "7.1"), "what the provider shows when it calls back", secret=True)


class BackchannelAuthenticationResponse(Message):
    """The reference with which the client asks for the outcome. Source: OpenID Connect CIBA Core 1.0 section 7.3."""

    title: ClassVar[str] = "backchannel authentication response"

    auth_req_id = Param(string, Section("OIDC CIBA", "7.3"), "what the client asks for the tokens with", secret=True)
    expires_in = Param(number, Section("OIDC CIBA", "7.3"), "seconds that the request is good for")
    interval = Param(number, Section("OIDC CIBA", "7.3"), "seconds to wait between two polls; 5 when it is missing")
    error = Param(text, Section("OIDC CIBA", "13"), "why it was refused, a code")
    error_description = Param(text, Section("OIDC CIBA", "13"), "why it was refused, in words for the developer")


class BackchannelNotification(Message):
    """What the provider sends to the client when the person has decided. Source: OpenID Connect CIBA Core 1.0 section 10.2."""

    title: ClassVar[str] = "backchannel notification"

    auth_req_id = Param(text, Section("OIDC CIBA", "10.2"), "the request that was decided on", secret=True)
