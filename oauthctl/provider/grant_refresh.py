"""The refresh token grant: a refresh token for new tokens.

Here: rotation, and reuse, which revokes the family. Not here: what a token looks like (`issue`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oauthctl.provider.answers import Denied
from oauthctl.provider.asking import Asking
from oauthctl.provider.changing import changed
from oauthctl.provider.details import narrowed_details
from oauthctl.provider.issue import issue
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.records import RefreshToken
from oauthctl.provider.remembered import with_item
from oauthctl.provider.resources import narrowed_audience
from oauthctl.provider.state import ProviderState


def refresh(state: ProviderState, asking: Asking, moment: Moment) -> tuple[ProviderState, dict[str, Any]]:
    """The token response for a refresh token, which is used up. Source: RFC 6749 section 6; RFC 9700 section 4.14.2 for rotation."""
    client, form = asking.client, asking.form
    value = form.get("refresh_token")
    if value is None:
        raise Denied("invalid_request", "the parameter refresh_token is missing")
    refresh_token = state.refresh_tokens.get(digest(value))
    if refresh_token is None:
        raise Denied("invalid_grant", "the refresh token is unknown")
    grant = state.grants[refresh_token.grant_id]
    if grant.client_id != client.id:
        raise Denied("invalid_grant", "the refresh token was given to another client")
    if refresh_token.is_used and not _is_in_grace(state, refresh_token, moment):
        revoked = state.with_grants_revoked((grant.id,))
        raise Denied("invalid_grant", "the refresh token was used before; its whole family is revoked now", state=revoked)
    if grant.is_revoked:
        raise Denied("invalid_grant", "the refresh token is revoked")
    # Source: RFC 9449 section 5: a confidential client's refresh token is bound by the client's own proof, and to no key. It may come back
    # with another key, or with none, and then brings Bearer tokens; `dpop_bound_access_tokens` rules that out for all its token requests.
    if refresh_token.confirmation is not None and refresh_token.confirmation != asking.confirmation:
        raise Denied("invalid_grant", "the refresh token is bound to another key")
    if refresh_token.expires_at <= moment.now:
        raise Denied("invalid_grant", "the refresh token has expired")
    asked = tuple(dict.fromkeys((form.get("scope") or "").split()))
    if not set(asked) <= set(grant.scopes):
        raise Denied("invalid_scope", "a scope is asked for that was not granted")
    audience = narrowed_audience(state, grant, form)
    details = narrowed_details(state, grant, form)
    used_at = refresh_token.used_at or moment.now
    used = with_item(state.refresh_tokens, digest(value), replace(refresh_token, is_used=True, used_at=used_at))
    state = changed(state, refresh_tokens=used)
    # Source: OpenID Connect Core 1.0 section 12.2: the new ID token should not have the nonce, which was for the authorization request.
    grant = replace(grant, nonce="")
    return issue(
        state, grant, scopes=asked or grant.scopes, audience=audience, moment=moment, confirmation=asking.confirmation, details=details
    )


def _is_in_grace(state: ProviderState, refresh_token: RefreshToken, moment: Moment) -> bool:
    """Whether a token that was used may come again: its answer may have been lost, or two processes of one client met."""
    used_at = refresh_token.used_at
    return used_at is not None and (moment.now - used_at).total_seconds() < state.refresh_grace_seconds
