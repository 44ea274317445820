"""Faults of refreshing: what happens to a session's refresh token.

Here: the refresh grant. Not here: other answers of the token endpoint (`token_answer`).
"""

from __future__ import annotations

from dataclasses import replace

from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import error_answer, with_claims, with_members
from oauthctl.provider.faults.registry import Call, fault
from oauthctl.provider.moment import digest
from oauthctl.provider.remembered import with_item

_FLOW = "refresh-flow"


def _is_refresh(call: Call) -> bool:
    return call.request.form.get("grant_type") == "refresh_token"


@fault("token", rule="refresh-token-expired", flow=_FLOW)
def refresh_expired(call: Call) -> Answer | None:
    """Every refresh token is refused as too old."""
    return error_answer(call, "invalid_grant", "the refresh token has expired") if _is_refresh(call) else None


@fault("token", rule="refresh-token-revoked", flow=_FLOW)
def refresh_revoked(call: Call) -> Answer | None:
    """Every refresh token is refused as revoked."""
    return error_answer(call, "invalid_grant", "the refresh token was revoked") if _is_refresh(call) else None


@fault("token", rule="refresh-token-reused", flow=_FLOW)
def refresh_spent(call: Call) -> Answer | None:
    """Every refresh token is refused as used before."""
    return error_answer(call, "invalid_grant", "the refresh token was already used") if _is_refresh(call) else None


@fault("token", rule="session-ended", flow=_FLOW)
def refresh_session_ended(call: Call) -> Answer | None:
    """Every refresh token is refused since the person's session is over."""
    return error_answer(call, "invalid_grant", "the session is no longer active") if _is_refresh(call) else None


@fault("token", rule="reauthentication-required", flow=_FLOW)
def refresh_needs_person(call: Call) -> Answer | None:
    """A refresh is refused until the person signs in again."""
    return error_answer(call, "interaction_required", "the person has to authenticate again") if _is_refresh(call) else None


@fault("token", rule="refresh-token-not-rotated", flow=_FLOW)
def refresh_not_rotated(call: Call) -> Answer | None:
    """A public client's refresh brings no new refresh token, and the old one stays good."""
    key = digest(call.request.form.get("refresh_token") or "")
    known = call.state.refresh_tokens.get(key)
    client = call.state.clients.get(call.request.form.get("client_id") or "")
    answer = with_members(call, refresh_token=None) if _is_refresh(call) and client is not None and client.is_public else None
    if answer is None or known is None:
        return None
    state, response = answer
    return replace(state, refresh_tokens=with_item(state.refresh_tokens, key, known)), response


@fault("token", rule="token-answer-incomplete", flow=_FLOW)
def refresh_without_access_token(call: Call) -> Answer | None:
    """The refresh brings no access token."""
    return with_members(call, access_token=None, id_token=None) if _is_refresh(call) else None


@fault("token", rule="refreshed-subject-differs", flow=_FLOW, is_dangerous=True)
def refresh_other_subject(call: Call) -> Answer | None:
    """The refreshed ID token is about somebody else."""
    return with_claims(call, lambda claims: {**claims, "sub": "somebody-else"}) if _is_refresh(call) else None


@fault("token", rule="refreshed-issuer-differs", flow=_FLOW, is_dangerous=True)
def refresh_other_issuer(call: Call) -> Answer | None:
    """The refreshed ID token is of another issuer."""
    return with_claims(call, lambda claims: {**claims, "iss": "https://id.elsewhere.example"}) if _is_refresh(call) else None


@fault("token", rule="refreshed-audience-differs", flow=_FLOW, is_dangerous=True)
def refresh_other_audience(call: Call) -> Answer | None:
    """The refreshed ID token is for another client."""
    return with_claims(call, lambda claims: {**claims, "aud": "another-client", "azp": "another-client"}) if _is_refresh(call) else None
