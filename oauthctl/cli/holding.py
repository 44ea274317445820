"""The tokens that a profile holds, as commands use them: made from a grant, checked against the profile, refreshed by one at a time.

Here: between store and flows. Not here: the files (`store.tokens`), the protocol (`flows`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oauthctl.cli.settings import Settings, client_secret, metadata_of_profile
from oauthctl.errors import ConfigError, Refused
from oauthctl.store import tokens as store
from oauthctl.store.tokens import TokenSet

if TYPE_CHECKING:
    from datetime import datetime

    from oauthctl.cli.output import Output
    from oauthctl.cli.session import Session
    from oauthctl.flows.token_endpoint import Granted
    from oauthctl.messages.client_auth import Client
    from oauthctl.messages.metadata import ProviderMetadata
    from oauthctl.store.profiles import Profile

LOCK_SECONDS = 60.0
"""How long another process may take over a refresh before we give up waiting."""

_OWN_MEMBERS = ("access_token", "token_type", "expires_in", "refresh_token", "scope", "id_token")


def metadata_for(session: Session, chosen: Settings) -> ProviderMetadata:
    """The server's metadata: discovered, with the endpoints that were given by hand in their place."""
    from oauthctl.flows.discovery import discover
    from oauthctl.messages.metadata import ProviderMetadata

    profile = chosen.profile
    by_hand = metadata_of_profile(profile)
    if by_hand is not None:
        return by_hand
    found = session.run(discover(profile.issuer, expected_issuer=profile.expect_issuer, whole=True))
    given = dict(profile.endpoints)
    fields = tuple((name, value) for name, value in found.metadata.fields if name not in given)
    return ProviderMetadata((*fields, *given.items()), found.metadata.exchange)


def client_for(chosen: Settings, metadata: ProviderMetadata, secret: str) -> Client:
    """Who we are to this server, with the way of proving it that fits."""
    from oauthctl.messages.client_auth import Client, choose_method

    profile = chosen.profile
    if not profile.client_id:
        raise ConfigError("no client is named", slug="no-client", help="give it with `--client-id ID`, or in `OAUTHCTL_CLIENT_ID`")
    announced = metadata.token_endpoint_auth_methods_supported
    method = profile.client_auth or choose_method(tuple(announced) if announced is not None else None, has_secret=bool(secret))
    return Client(profile.client_id, secret if method != "none" else "", method)


def token_set(granted: Granted, profile: Profile, metadata: ProviderMetadata, *, before: TokenSet | None = None) -> TokenSet:
    """What a grant gave. What a refresh leaves out stays as it was: the refresh token (RFC 6749 section 6), the ID token, the scope."""
    from oauthctl.jose.jwt import take_apart

    response = granted.response
    id_token = response.id_token or (before.id_token if before else "")
    scope = response.scope if response.scope is not None else (before.scope if before else profile.scope)
    subject = take_apart(id_token).claim_text("sub") if id_token else (before.subject if before else "")
    return TokenSet(
        issuer=profile.issuer or metadata.issuer or "",
        client_id=profile.client_id,
        access_token=response.access_token or "",
        obtained_at=granted.received_at,
        token_type=response.token_type or "Bearer",
        refresh_token=response.refresh_token or (before.refresh_token if before else ""),
        id_token=id_token,
        scope=scope,
        requested_scope=profile.scope,
        resource=profile.resource,
        audience=profile.audience,
        expires_at=granted.expires_at,
        subject=subject,
        token_endpoint=metadata.token_endpoint or "",
        extra={name: value for name, value in response.fields if name not in _OWN_MEMBERS},
    )


def held(out: Output, chosen: Settings) -> TokenSet:
    """The stored tokens of the profile, if they still fit it. Raises `ConfigError` otherwise: they are never used silently."""
    profile = chosen.profile
    found = store.read(chosen.locations, chosen.name, warn=out.warn) if chosen.name else None
    again = f"sign in with `oauthctl login {chosen.name}`"
    if found is None:
        raise ConfigError(f"the profile `{chosen.name}` holds no tokens", slug="no-tokens", help=again)
    why = store.mismatch(
        found,
        issuer=profile.issuer or found.issuer,
        client_id=profile.client_id,
        scope=profile.scope,
        resource=profile.resource,
        audience=profile.audience,
        token_endpoint=profile.endpoint("token_endpoint"),
    )
    if why:
        raise ConfigError("the stored tokens don't fit the profile any more", slug="tokens-mismatch", notes=(why,), help=again)
    return found


def is_fresh(tokens: TokenSet, now: datetime, min_ttl: float) -> bool:
    """Whether the access token is good for at least so many seconds; one without an expiry is taken to be."""
    left = store.seconds_left(tokens, now)
    return left is None or left >= min_ttl


def refreshed(session: Session, chosen: Settings, *, stale: TokenSet, scope: tuple[str, ...] = ()) -> TokenSet:
    """Fresh tokens in the place of `stale` ones: under the profile's lock, and without asking when another process was faster.

    Raises `Refused` with the command that signs in again when the refresh token is no good.
    """
    out = session.out
    with store.lock(chosen.locations, chosen.name, timeout_seconds=LOCK_SECONDS):
        # Whoever waited for the lock finds what the one before has fetched; a rotated refresh token must not be used twice.
        now_held = held(out, chosen)
        if now_held.access_token != stale.access_token:
            return now_held
        if not now_held.refresh_token:
            raise ConfigError(
                f"the access token of `{chosen.name}` has ended, and there is no refresh token",
                slug="no-refresh-token",
                notes=("many providers give one only for the scope `offline_access`",),
                help=f"sign in again with `oauthctl login {chosen.name}`",
            )
        fresh = _ask(session, chosen, now_held, scope=scope)
        store.write(chosen.locations, chosen.name, fresh)
        return fresh


def _ask(session: Session, chosen: Settings, tokens: TokenSet, *, scope: tuple[str, ...]) -> TokenSet:
    from oauthctl.flows.refresh import refresh

    secret = client_secret(session.out, chosen)
    metadata = metadata_for(session, chosen)
    # The refresh token goes where it came from, and nowhere else.
    if tokens.token_endpoint and metadata.token_endpoint != tokens.token_endpoint:
        raise ConfigError(
            "the token endpoint is another one than the tokens came from",
            slug="tokens-mismatch",
            sent=tokens.token_endpoint,
            got=metadata.token_endpoint or "none",
            help=f"if the provider moved, sign in again with `oauthctl login {chosen.name}`",
        )
    client = client_for(chosen, metadata, secret)
    try:
        granted = session.run(
            refresh(
                metadata.token_endpoint or "", tokens.refresh_token, client, scope=scope, resource=tokens.resource, id_token=tokens.id_token
            )
        )
    except Refused as error:
        error.help = f"sign in again with `oauthctl login {chosen.name}`"
        raise
    for remark in granted.remarks:
        session.out.detail("note: ", remark)
    return token_set(granted, chosen.profile, metadata, before=replace(tokens))


def tokens_document(tokens: TokenSet, *, profile: str, show_secrets: bool) -> Mapping[str, Any]:
    """The tokens' record as JSON members; secrets are masked unless they are to be shown."""

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
        "obtained_at": tokens.obtained_at.isoformat(),
        "expires_at": tokens.expires_at.isoformat() if tokens.expires_at else None,
    }
