"""The registered error codes: who sends each one, what it means there, what usually causes it, what to do.

Here: the list of all `error` values, and looking one up. Not here: which of the causes a recording shows (`rules`).
"""

from __future__ import annotations

from oauthctl.messages.error_code import API, AUTHORIZATION, CIBA, DEVICE, REGISTRATION, REVOCATION, TOKEN, ErrorCode
from oauthctl.messages.error_codes_core import CORE_CODES
from oauthctl.messages.error_codes_extensions import EXTENSION_CODES

__all__ = [
    "API",
    "AUTHORIZATION",
    "CIBA",
    "DEVICE",
    "ERROR_CODES",
    "REGISTRATION",
    "REVOCATION",
    "TOKEN",
    "ErrorCode",
    "error_codes",
]

ERROR_CODES: tuple[ErrorCode, ...] = (*CORE_CODES, *EXTENSION_CODES)
"""In the order of the endpoints that a login meets."""


def error_codes(code: str) -> tuple[ErrorCode, ...]:
    """What the code means, once for each sender; empty when it is not registered."""
    return tuple(one for one in ERROR_CODES if one.code == code)
