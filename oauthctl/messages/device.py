"""The device authorization request and its answer.

Here: their parameters. Not here: polling (`messages.token.TokenRequest` with the grant type of device codes).
"""

from __future__ import annotations

from typing import ClassVar

from oauthctl.messages.param import Message, Param, number, string, text, words
from oauthctl.messages.token import ClientCredentials
from oauthctl.specs import Section


class DeviceAuthorizationRequest(ClientCredentials):
    """What a device without a browser sends first. Source: RFC 8628 section 3.1."""

    title: ClassVar[str] = "device authorization request"

    scope = Param(words, Section("RFC 8628", "3.1"), "the access that is asked for, space-separated")
    code_challenge = Param(text, Section("RFC 7636", "4.2"), "PKCE: the verifier's hash; some servers take it for device codes, too")
    code_challenge_method = Param(text, Section("RFC 7636", "4.3"), "PKCE: how the challenge was made, `S256` or `plain`")


class DeviceAuthorizationResponse(Message):
    """The codes for the device and for the person. Source: RFC 8628 section 3.2."""

    title: ClassVar[str] = "device authorization response"

    device_code = Param(string, Section("RFC 8628", "3.2"), "what the device polls with", secret=True)
    user_code = Param(string, Section("RFC 8628", "3.2"), "what the person types in")
    verification_uri = Param(text, Section("RFC 8628", "3.2"), "where the person types it in")
    verification_uri_complete = Param(text, Section("RFC 8628", "3.3.1"), "the same address with the code in it")
    expires_in = Param(number, Section("RFC 8628", "3.2"), "seconds that both codes are good for")
    interval = Param(number, Section("RFC 8628", "3.2"), "seconds to wait between two polls; 5 when it is missing")
    error = Param(text, Section("RFC 6749", "5.2"), "why it was refused, a code")
    error_description = Param(text, Section("RFC 6749", "5.2"), "why it was refused, in words for the developer")
