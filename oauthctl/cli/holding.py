"""The tokens that a profile holds, checked against what the profile says now.

Here: reading them, and showing them as a record. Not here: new ones (`refreshing`), which need the network; `token` must start fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oauthctl.cli.settings import Settings
from oauthctl.errors import ConfigError
from oauthctl.store import tokens as store
from oauthctl.store.tokens import TokenSet

if TYPE_CHECKING:
    from datetime import datetime

    from oauthctl.cli.output import Output
    from oauthctl.store.profiles import Profile


def held(out: Output, chosen: Settings, *, needs_access_token: bool = True) -> TokenSet:
    """The stored tokens of the profile, if they still fit it. Raises `ConfigError` otherwise: they are never used silently."""
    found = stored(out, chosen)
    if needs_access_token and not found.access_token:
        raise ConfigError(
            f"the profile `{chosen.name}` holds no access token: its sign-in brought an ID token alone",
            slug="no-access-token",
            help=f"sign in for one with `oauthctl login {chosen.name} --grant authorization_code`",
        )
    why = mismatch(found, chosen.profile)
    if why:
        raise ConfigError("the stored tokens don't fit the profile any more", slug="tokens-mismatch", notes=(why,), help=_again(chosen))
    return found


def stored(out: Output, chosen: Settings) -> TokenSet:
    """The stored tokens of the profile, fit or not. Raises `ConfigError` when there are none."""
    if not chosen.name:
        raise ConfigError(
            "a server is named, and no profile that could hold tokens of it",
            slug="no-profile",
            help="for the client's own token add `--grant client_credentials`, or set `OAUTHCTL_GRANT`; else name a profile",
        )
    found = store.read(chosen.locations, chosen.name, warn=out.warn)
    if found is None:
        raise ConfigError(f"the profile `{chosen.name}` holds no tokens", slug="no-tokens", help=_again(chosen))
    return found


def _again(chosen: Settings) -> str:
    return f"sign in with `oauthctl login {chosen.name}`"


def mismatch(tokens: TokenSet, profile: Profile) -> str:
    """Why the tokens don't fit the profile any more; empty when they do."""
    return store.mismatch(
        tokens,
        issuer=profile.issuer or tokens.issuer,
        client_id=profile.client_id,
        scope=profile.scope,
        resource=profile.resource,
        audience=profile.audience,
        token_endpoint=profile.endpoint("token_endpoint"),
    )


def is_fresh(tokens: TokenSet, now: datetime, min_ttl: float) -> bool:
    """Whether the access token is good for at least so many seconds; one without an expiry is taken to be."""
    left = store.seconds_left(tokens, now)
    return left is None or left >= min_ttl


def tokens_document(tokens: TokenSet, *, profile: str, show_secrets: bool) -> Mapping[str, Any]:
    """The tokens' record as JSON members; secrets are masked unless they are to be shown."""
    from oauthctl.messages.claim_values import utc_text

    def secret(value: str) -> str | None:
        return (value if show_secrets else "***") if value else None

    return {
        "profile": profile,
        "issuer": tokens.issuer,
        "client_id": tokens.client_id,
        "subject": tokens.subject or None,
        "access_token": secret(tokens.access_token),
        "token_type": tokens.token_type,
        "refresh_token": secret(tokens.refresh_token),
        "id_token": secret(tokens.id_token),
        "scope": list(tokens.scope),
        "resource": list(tokens.resource),
        "audience": tokens.audience or None,
        "obtained_at": utc_text(tokens.obtained_at),
        "expires_at": utc_text(tokens.expires_at) if tokens.expires_at else None,
    }
