"""Faults of the endpoints at which tokens are asked about and taken back.

Here: introspection, revocation. Not here: what APIs make of a token (`resource`).
"""

from __future__ import annotations

from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import error_answer, text_answer, with_members
from oauthctl.provider.faults.registry import Call, fault

_INTROSPECTION = "introspection-flow"


@fault("introspect", rule="introspection-client-not-allowed", flow=_INTROSPECTION)
def introspection_inactive(call: Call) -> Answer | None:
    """A good token is said to be inactive."""
    return text_answer(call, 200, '{"active":false}', content_type="application/json")


@fault("introspect", rule="introspection-client-not-allowed", flow=_INTROSPECTION)
def introspection_forbidden(call: Call) -> Answer | None:
    """The API may not ask about tokens."""
    return error_answer(call, "invalid_client", "the client is not allowed to introspect tokens", status=403)


@fault("introspect", rule="introspection-answer-is-page", flow=_INTROSPECTION)
def introspection_html(call: Call) -> Answer | None:
    """The introspection endpoint answers with a web page."""
    return text_answer(call, 200, "<!doctype html><title>Welcome</title><h1>Welcome</h1>", content_type="text/html")


@fault("revoke", rule="revocation-type-unsupported", flow="revocation-flow")
def revocation_unsupported(call: Call) -> Answer | None:
    """This type of token can't be revoked."""
    return error_answer(call, "unsupported_token_type", "tokens of this type can't be revoked here")


@fault("introspect", rule="introspected-active-after-end", flow=_INTROSPECTION)
def introspection_active_after_end(call: Call) -> Answer | None:
    """A token is said to be active, and to have expired."""
    return with_members(call, exp=int(call.moment.seconds) - 3600)


@fault("revoke", rule="token-not-revoked", flow="revocation-flow")
def revocation_ignored(call: Call) -> Answer | None:
    """The revocation is answered 200 and does nothing."""
    return text_answer(call, 200, "", content_type="application/json")
