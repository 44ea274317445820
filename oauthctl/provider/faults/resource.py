"""Faults of what is asked with a token: userinfo, the API and its metadata.

Here: answers to a good access token. Not here: asking about tokens (`questions`), DPoP (`requests`).
"""

from __future__ import annotations

from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import error_answer, text_answer, with_members
from oauthctl.provider.faults.registry import Call, fault

_UNAUTHORIZED = (("WWW-Authenticate", 'Bearer realm="api", error="invalid_token", error_description="the token is not valid"'),)


@fault("userinfo", rule="userinfo-subject-differs", flow="claims-flow", is_dangerous=True)
def userinfo_other_subject(call: Call) -> Answer | None:
    """Userinfo is about somebody else than the ID token."""
    return with_members(call, sub="somebody-else")


@fault("userinfo", rule="api-rejects-valid-token", flow="claims-flow")
def userinfo_refuses(call: Call) -> Answer | None:
    """Userinfo refuses a good token."""
    return _refused(call)


@fault("api", rule="api-rejects-valid-token", flow="mtls-flow")
def api_refuses(call: Call) -> Answer | None:
    """The API refuses a good token without a reason."""
    return _refused(call)


@fault("api", rule="authorization-header-stripped", flow="api-flow")
def api_header_lost(call: Call) -> Answer | None:
    """The Authorization header is lost before it comes to the API."""
    from dataclasses import replace

    return call.answered(request=replace(call.request, headers=call.request.headers.without("authorization")))


@fault("api", rule="scope-insufficient", flow="api-flow")
def api_wants_more_scope(call: Call) -> Answer | None:
    """The API wants a scope that the token does not have."""
    challenge = (("WWW-Authenticate", 'Bearer error="insufficient_scope", scope="items.admin"'),)
    return text_answer(call, 403, '{"error":"insufficient_scope"}', content_type="application/json", headers=challenge)


@fault("api", rule="sign-in-too-weak", flow="api-flow")
def api_wants_stronger_sign_in(call: Call) -> Answer | None:
    """The API wants a stronger sign-in than any that the provider has."""
    challenge = (("WWW-Authenticate", 'Bearer error="insufficient_user_authentication", acr_values="hardware"'),)
    return text_answer(call, 401, "{}", content_type="application/json", headers=challenge)


@fault("api", rule="rate-limited", flow="api-flow")
def api_throttled(call: Call) -> Answer | None:
    """The API says 429 and when to come back."""
    return text_answer(call, 429, "{}", content_type="application/json", headers=(("Retry-After", "120"),))


@fault("api", rule="server-error", flow="api-flow")
def api_error(call: Call) -> Answer | None:
    """The API answers with a server error."""
    return text_answer(call, 500, '{"error":"internal"}', content_type="application/json")


@fault("resource_metadata", rule="resource-differs", flow="api-discovery-flow", is_dangerous=True)
def resource_elsewhere(call: Call) -> Answer | None:
    """The API's metadata is about another API."""
    return with_members(call, resource="https://api.elsewhere.example/")


@fault("resource_metadata", rule="resource-metadata-protected", flow="api-discovery-flow")
def resource_protected(call: Call) -> Answer | None:
    """The API's metadata is behind the token that it would lead to."""
    return text_answer(call, 401, "{}", content_type="application/json", headers=(("WWW-Authenticate", "Bearer"),))


@fault("resource_metadata", rule="resource-metadata-not-found", flow="api-discovery-flow")
def resource_missing(call: Call) -> Answer | None:
    """The API's metadata is not where its challenge says."""
    return error_answer(call, "not_found", status=404)


def _refused(call: Call) -> Answer | None:
    return error_answer(call, "invalid_token", status=401, headers=_UNAUTHORIZED)


@fault("userinfo", rule="userinfo-answer-is-page", flow="claims-flow")
def userinfo_html(call: Call) -> Answer | None:
    """Userinfo answers with a web page."""
    return text_answer(call, 200, "<!doctype html><title>Welcome</title><h1>Welcome</h1>", content_type="text/html")
