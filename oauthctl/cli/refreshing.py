"""New tokens for a profile: made from a grant, refreshed by one process at a time.

Here: between store and flows. Not here: reading what is held (`holding`), the files (`store.tokens`), the protocol (`flows`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from oauthctl.cli.credentials import Credentials, credentials
from oauthctl.cli.holding import held
from oauthctl.cli.own_keys import own_keys
from oauthctl.cli.presenting import bound_to, check_certificate, present
from oauthctl.cli.proving import check_binding, is_unbound_in_vain, prove
from oauthctl.cli.session import Session
from oauthctl.cli.settings import ASSERTING, Settings, metadata_of_profile
from oauthctl.cli.under_way import under_way
from oauthctl.errors import CheckFailed, ConfigError, Refused
from oauthctl.flows.endpoints import endpoint
from oauthctl.flows.token_endpoint import is_visible, with_usable_token
from oauthctl.http import Params
from oauthctl.messages.client_auth import ATTESTING, Client, choose_method, choose_method_at
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.store import tokens as store
from oauthctl.store.profiles import Profile
from oauthctl.store.tokens import TokenSet

if TYPE_CHECKING:
    from datetime import datetime

    from oauthctl.flows.steps import Flow
    from oauthctl.flows.token_endpoint import Granted
    from oauthctl.jose.jwk import Jwk

LOCK_SECONDS = 60.0
"""How long another process may take over a refresh before we give up waiting."""

_OWN_MEMBERS = ("access_token", "token_type", "expires_in", "refresh_token", "scope", "id_token")


def metadata_for(session: Session, chosen: Settings) -> ProviderMetadata:
    """The server's metadata: discovered, with the endpoints that were given by hand in their place."""
    from oauthctl.flows.discovery import discover

    profile = chosen.profile
    by_hand = metadata_of_profile(profile)
    if by_hand is not None:
        return by_hand
    given = dict(profile.endpoints)
    found = session.run(discover(profile.issuer, expected_issuer=profile.expect_issuer, whole=True, by_hand=frozenset(given)))
    tell = session.out.say if session.command == "login" else session.out.detail
    tell("metadata from ", found.url)
    for remark in found.remarks:
        session.out.detail("note: ", remark)
    for warning in found.warnings:
        session.out.warn(warning)
    fields = tuple((name, value) for name, value in found.metadata.fields if name not in given)
    return ProviderMetadata((*fields, *given.items()), found.metadata.exchange)


def client_for(chosen: Settings, metadata: ProviderMetadata, given: Credentials) -> Client:
    """Who we are to this server, with the way of proving it that fits."""
    profile = chosen.profile
    if profile.grant not in ASSERTING:
        require_client(profile)
    announced = metadata.token_endpoint_auth_methods_supported
    chosen_method = choose_method(
        tuple(announced) if announced is not None else None,
        has_secret=bool(given.secret),
        has_key=given.key is not None,
        certificate="" if given.certificate is None else "self-signed" if given.certificate.is_self_signed else "signed",
    )
    method = profile.client_auth or (ATTESTING if given.attestation is not None else chosen_method)
    secret = given.secret if method != "none" else ""
    return Client(
        profile.client_id,
        secret,
        method,
        key=given.key,
        audience=_assertion_audience(profile, metadata),
        params=Params(profile.token_params),
        writes_json=profile.token_request == "json",
    )


def _assertion_audience(profile: Profile, metadata: ProviderMetadata) -> str:
    """Whom an assertion is for: the issuer, which every server must take, unless an older one wants its token endpoint.

    Source: RFC 7523 section 3; OpenID Connect Core 1.0 section 9 names the token endpoint.
    """
    issuer = profile.expect_issuer or metadata.issuer or profile.issuer
    token_endpoint = metadata.token_endpoint or ""
    match profile.assertion_audience:
        case "" | "issuer":
            return issuer or token_endpoint
        case "token-endpoint":
            return token_endpoint
        case other:
            return other


def require_client(profile: Profile) -> None:
    """Raises: ConfigError, where the profile names no client."""
    if not profile.client_id:
        raise ConfigError("no client is named", slug="no-client", help="give it with `--client-id ID`, or in `OAUTHCTL_CLIENT_ID`")


def client_at(client: Client, metadata: ProviderMetadata, name: str, *, explicit: str = "") -> Client:
    """The client as it shows itself at another endpoint than the token endpoint: `name` is `revocation` or `introspection`.

    What was said for this very run counts (`explicit`), then what the endpoint announces, then what the token endpoint got.
    """
    announced = metadata.raw(f"{name}_endpoint_auth_methods_supported")
    listed = tuple(one for one in announced if isinstance(one, str)) if isinstance(announced, list) else None
    return replace(client, method=explicit or choose_method_at(listed, at_token_endpoint=client.method))


def token_set(
    granted: Granted,
    profile: Profile,
    metadata: ProviderMetadata,
    *,
    before: TokenSet | None = None,
    proof_key: Jwk | None = None,
    certificate: str = "",
) -> TokenSet:
    """What a grant gave. What a refresh leaves out stays as it was: the refresh token (RFC 6749 section 6), the ID token, the scope.

    `certificate` is the thumbprint of the one that was presented.
    """
    from oauthctl.jose.jwt import take_apart

    response = granted.response
    id_token = response.id_token or (before.id_token if before else "")
    scope = response.scope if response.scope is not None else (before.scope if before else profile.scope)
    subject = take_apart(id_token).claim_text("sub") or (before.subject if before else "")
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
        dpop_key=proof_key.as_dict() if proof_key is not None else (before.dpop_key if before else {}),
        certificate=bound_to(response.access_token or "", metadata, presented=certificate),
        extra={name: value for name, value in response.fields if name not in _OWN_MEMBERS},
    )


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a refresh asks for instead of all that was granted. Kept `apart`, the profile's access token stays as it is.

    Source: RFC 6749 section 6 (scope); RFC 8707 section 2.2 (resource).
    """

    scope: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()
    apart: bool = False


def refreshed(session: Session, chosen: Settings, *, stale: TokenSet, narrowing: Narrowing | None = None) -> TokenSet:
    """Fresh tokens in the place of `stale` ones: under the profile's lock, and without asking when another process was faster.

    A token that is narrowed `apart` is given and not kept; the refresh token that came with it is.
    Raises `Refused` with the command that signs in again when the refresh token is no good.
    """
    out = session.out
    with store.lock(chosen.locations, chosen.name, timeout_seconds=LOCK_SECONDS):
        # Whoever waited for the lock finds what the one before has fetched; a rotated refresh token must not be used twice.
        now_held = held(out, chosen)
        if now_held.access_token != stale.access_token and narrowing is None:
            return now_held
        if not now_held.refresh_token:
            raise ConfigError(
                f"the profile `{chosen.name}` holds no refresh token",
                slug="no-refresh-token",
                notes=(how_long(now_held, session.world.now()), "many providers give one only for the scope `offline_access`"),
                help=f"sign in again with `oauthctl login {chosen.name}`",
            )
        return _traded(session, chosen, now_held, narrowing=narrowing or Narrowing())


def check_token_endpoint(tokens: TokenSet, chosen: Settings, metadata: ProviderMetadata) -> None:
    """The tokens go where they came from, and nowhere else. Raises `ConfigError` when the metadata names another token endpoint."""
    if tokens.token_endpoint and metadata.token_endpoint != tokens.token_endpoint:
        raise ConfigError(
            "the token endpoint is another one than the tokens came from",
            slug="tokens-mismatch",
            sent=tokens.token_endpoint,
            got=metadata.token_endpoint or "none",
            help=f"if the provider moved, sign in again with `oauthctl login {chosen.name}`",
        )


def how_long(tokens: TokenSet, now: datetime) -> str:
    """How long the access token is good for, in words."""
    left = store.seconds_left(tokens, now)
    if left is not None and left <= 0:
        return "its access token has ended"
    return (
        "its access token has no known end"
        if left is None
        else f"its access token lasts {left:.0f} s more; `oauthctl token --min-ttl 0` takes it"
    )


def _traded(session: Session, chosen: Settings, tokens: TokenSet, *, narrowing: Narrowing) -> TokenSet:
    """Fresh tokens for the refresh token of these, on the disk when this returns; a signal that comes meanwhile waits."""
    from oauthctl.flows.refresh import refresh
    from oauthctl.flows.refreshed_id_token import Original
    from oauthctl.shell.interruption import finishing

    prove(session, tokens)
    given = credentials(session.out, chosen)
    metadata = metadata_for(session, chosen)
    check_token_endpoint(tokens, chosen, metadata)
    present(session, given, metadata)
    client = client_for(chosen, metadata, given)
    named = chosen.profile.expect_issuer or metadata.issuer or tokens.issuer
    flow = refresh(
        endpoint(metadata, "token_endpoint"),
        tokens.refresh_token,
        client,
        scope=narrowing.scope,
        resource=narrowing.resource or tokens.resource,
        granted_before=(*tokens.scope, *chosen.profile.scope),
        original=Original(tokens.id_token, named, tokens.subject, own_keys(session.out, chosen, given)),
    )
    with finishing(session.out.warn, "the refresh that is under way"):
        granted = _granted(session, chosen, tokens, flow)
        came = token_set(granted, chosen.profile, metadata, before=tokens, certificate=session.world.certificate)
        is_usable = is_visible(came.access_token) and not is_unbound_in_vain(session, came, before=tokens)
        # The server has rotated the refresh token all the same: the new one is kept, beside the old access token.
        fresh = came if is_usable else replace(tokens, refresh_token=came.refresh_token, refresh_began_at=None)
        kept = replace(tokens, refresh_token=fresh.refresh_token, refresh_began_at=None) if narrowing.apart else fresh
        store.write(chosen.locations, chosen.name, kept)
    with_usable_token(granted)
    check_certificate(session, fresh, metadata)
    check_binding(session, came, before=tokens)
    tell_remarks(session, granted)
    return fresh


def _granted(session: Session, chosen: Settings, tokens: TokenSet, flow: Flow[Granted]) -> Granted:
    try:
        with under_way(chosen, tokens, now=session.world.now()):
            return session.run(flow)
    except Refused as error:
        error.help = f"sign in again with `oauthctl login {chosen.name}`"
        raise
    except CheckFailed:
        # The server has rotated the refresh token, and what came for it is not kept: the old one must not be shown again.
        store.write(chosen.locations, chosen.name, replace(tokens, refresh_token="", refresh_began_at=None))
        raise


def tell_remarks(session: Session, granted: Granted) -> None:
    """Say what is odd in a token response: what is grave as a warning, the rest with `--verbose`."""
    for remark in granted.remarks:
        if remark in granted.grave:
            session.out.warn(session.without_secrets(remark))
        else:
            session.out.detail("note: ", session.without_secrets(remark))
