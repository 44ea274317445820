"""Faults of dynamic client registration.

Here: the answers of the registration endpoint. Not here: what a client may do afterwards.
"""

from __future__ import annotations

from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import error_answer, text_answer, with_members
from oauthctl.provider.faults.registry import Call, fault

_FLOW = "registration-flow"


@fault("register", rule="registration-answer-incomplete", flow=_FLOW)
def registration_without_client_id(call: Call) -> Answer | None:
    """The registration is taken, and no `client_id` comes back."""
    return with_members(call, client_id=None) if call.request.method == "POST" else None


@fault("register", rule="registration-needs-token", flow=_FLOW)
def registration_protected(call: Call) -> Answer | None:
    """Only who shows an initial access token may register, which nothing says before."""
    return _refused(call, 401, "invalid_token", "an initial access token is needed")


@fault("register", rule="registration-redirect-uri-refused", flow=_FLOW)
def registration_redirect_refused(call: Call) -> Answer | None:
    """A good redirect URI is refused."""
    return _refused(call, 400, "invalid_redirect_uri", "redirect URIs have to be https")


@fault("register", rule="registration-metadata-refused", flow=_FLOW)
def registration_method_refused(call: Call) -> Answer | None:
    """A method of client authentication that the metadata announces is refused."""
    return _refused(call, 400, "invalid_client_metadata", "token_endpoint_auth_method none is not allowed")


@fault("register", rule="registration-token-refused", flow=_FLOW)
def registration_token_refused(call: Call) -> Answer | None:
    """The client's own registration access token is refused when it comes back."""
    if call.request.method == "POST":
        return None
    challenge = (("WWW-Authenticate", 'Bearer error="invalid_token"'),)
    return text_answer(call, 401, '{"error":"invalid_token"}', content_type="application/json", headers=challenge)


def _refused(call: Call, status: int, error: str, description: str) -> Answer | None:
    return error_answer(call, error, description, status=status) if call.request.method == "POST" else None
