"""One registered error code, and who sends it.

Here: the value and the names of the senders. Not here: the codes themselves (`error_codes`).
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthctl.specs import Section

AUTHORIZATION = "the authorization endpoint, in the callback"
TOKEN = "the token endpoint"
API = "the API, in `WWW-Authenticate`"
REGISTRATION = "the registration endpoint"
REVOCATION = "the revocation endpoint"
DEVICE = "the token endpoint, to a device that polls"
CIBA = "the backchannel authentication endpoint"


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One code as one sender uses it; the usual causes with the most likely first."""

    code: str
    sender: str
    section: Section
    meaning: str
    causes: tuple[str, ...]
    help: str
