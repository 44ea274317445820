"""Faults of the end of a session at the provider.

Here: the end session endpoint. Not here: taking tokens back (`questions`).
"""

from __future__ import annotations

from oauthctl.http import Request
from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import text_answer
from oauthctl.provider.faults.registry import Call, fault

_PLACE, _FLOW = "end_session", "sign-out-watched"


@fault(_PLACE, rule="logout-redirect-not-registered", flow=_FLOW)
def sign_out_redirect_refused(call: Call) -> Answer | None:
    """A registered URI to return to is refused."""
    page = "<!doctype html><title>Error</title><p>this post_logout_redirect_uri is not registered for the client</p>"
    return text_answer(call, 400, page, content_type="text/html; charset=utf-8") if _leads_back(call.request) else None


def _leads_back(request: Request) -> bool:
    return "post_logout_redirect_uri" in request.query
