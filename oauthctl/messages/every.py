"""Every kind of message, in one list.

Here: the list. Not here: what they hold. Who has to know all secrets that messages declare, such as redaction, asks here.
"""

from __future__ import annotations

from oauthctl.messages.authorization import (
    AuthorizationRequest,
    AuthorizationResponse,
    LogoutRequest,
    PushedAuthorizationRequest,
    PushedAuthorizationResponse,
    UnknownMessage,
)
from oauthctl.messages.backchannel import BackchannelAuthenticationRequest, BackchannelAuthenticationResponse, BackchannelNotification
from oauthctl.messages.claims import Claims
from oauthctl.messages.device import DeviceAuthorizationRequest, DeviceAuthorizationResponse
from oauthctl.messages.jose_header import JoseHeader
from oauthctl.messages.metadata import ProviderMetadata, ResourceMetadata
from oauthctl.messages.param import Message
from oauthctl.messages.registration import RegistrationRequest, RegistrationResponse
from oauthctl.messages.token import IntrospectionRequest, IntrospectionResponse, RevocationRequest, TokenRequest, TokenResponse

MESSAGES: tuple[type[Message], ...] = (
    *(AuthorizationRequest, AuthorizationResponse, PushedAuthorizationRequest, PushedAuthorizationResponse, LogoutRequest),
    *(TokenRequest, TokenResponse, IntrospectionRequest, IntrospectionResponse, RevocationRequest),
    *(DeviceAuthorizationRequest, DeviceAuthorizationResponse),
    *(BackchannelAuthenticationRequest, BackchannelAuthenticationResponse, BackchannelNotification),
    *(RegistrationRequest, RegistrationResponse),
    *(ProviderMetadata, ResourceMetadata, Claims, JoseHeader, UnknownMessage),
)
"""All messages that are declared in this package, but for those that only others extend."""
