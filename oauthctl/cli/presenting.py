"""The client's certificate in a session: which requests it goes with, and which tokens are bound to it.

Here: between files, store and flows. Not here: reading the certificate (`credentials`), mutual TLS (`flows.mutual_tls`).
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from oauthctl.errors import BadAnswer, ConfigError
from oauthctl.http import is_http_url

if TYPE_CHECKING:
    from oauthctl.cli.credentials import Credentials
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import Settings
    from oauthctl.flows.client_attestation import Server
    from oauthctl.messages.client_attestation import Attestation
    from oauthctl.messages.metadata import ProviderMetadata
    from oauthctl.store.tokens import TokenSet


def present(session: Session, given: Credentials, metadata: ProviderMetadata) -> None:
    """Let the session's requests to the endpoints that want to know the client present its certificate and attestation, if it has them."""
    from oauthctl.flows.mutual_tls import certified_urls

    session.attesting = _attesting(given, metadata)
    if given.certificate is None:
        session.certified_urls = {}
        return
    if given.certificate.ends_at <= session.world.now():
        ended = given.certificate.ends_at.astimezone(UTC)
        session.out.warn(f"the client certificate `{given.certificate.subject}` ended on {ended:%Y-%m-%d}: servers refuse it")
    session.present(given.certificate, certified_urls(metadata))


def _attesting(given: Credentials, metadata: ProviderMetadata) -> tuple[Attestation, Server] | None:
    if given.attestation is None:
        return None
    from oauthctl.flows.client_attestation import Server

    place = metadata.raw("challenge_endpoint")
    return given.attestation, Server(metadata.issuer or "", place if isinstance(place, str) and is_http_url(place) else "")


def present_for_tokens(session: Session, chosen: Settings, tokens: TokenSet, urls: dict[str, str]) -> None:
    """Let requests to these addresses present the certificate to which the tokens are bound, if they are.

    Raises `ConfigError` where it is not here, or another one is: the API would refuse the token. Source: RFC 8705 section 3.
    """
    from oauthctl.cli.credentials import certificate

    if not tokens.certificate:
        return
    held = certificate(session.out, chosen)
    if held is None:
        raise ConfigError(
            "the access token is bound to a client certificate, and none is named",
            slug="client-certificate-missing",
            spec="RFC 8705 section 3",
            notes=(f"its thumbprint (`x5t#S256`) is `{tokens.certificate}`",),
            help="name its file in `OAUTHCTL_CLIENT_CERTIFICATE_FILE`, or in the profile as `client_certificate_file`",
        )
    if held.thumbprint != tokens.certificate:
        raise ConfigError(
            "the access token is bound to another certificate than the client's",
            slug="certificate-binding-differs",
            sent=tokens.certificate,
            got=held.thumbprint,
            spec="RFC 8705 section 3",
            help="after a certificate was renewed, get a new token: `oauthctl refresh`, or `oauthctl login`",
        )
    session.present(held, urls)


def bound_to(access_token: str, metadata: ProviderMetadata, *, presented: str) -> str:
    """The thumbprint of the certificate to which a token is bound; empty for a token of whoever holds it.

    An opaque token does not say: it counts as bound to the certificate that was `presented` where the server announces that it binds.
    Source: RFC 8705 sections 3.1 and 3.3.
    """
    from oauthctl.jose.jwt import take_apart

    claims = take_apart(access_token).claims
    if claims is not None:
        confirmed = claims.get("cnf")
        value = confirmed.get("x5t#S256") if isinstance(confirmed, dict) else None
        return value if isinstance(value, str) else ""
    return presented if metadata.tls_client_certificate_bound_access_tokens else ""


def check_certificate(session: Session, tokens: TokenSet, metadata: ProviderMetadata) -> None:
    """Whether the server did with the certificate what it announces.

    Raises `BadAnswer` for a token that is bound to another certificate than the presented one: nobody here can use it.
    """
    presented = session.world.certificate
    if tokens.certificate and presented and tokens.certificate != presented:
        raise BadAnswer(
            "the access token is bound to another certificate than the one that was presented",
            slug="certificate-token-bound-elsewhere",
            sent=presented,
            got=tokens.certificate[:100],
            spec="RFC 8705 section 3.1",
            help="compare with what the proxy in front of the token endpoint forwards as the client's certificate",
        )
    if presented and metadata.tls_client_certificate_bound_access_tokens and not tokens.certificate:
        session.out.warn(
            "the server did not bind the access token to the client certificate: it is a bearer token, good for whoever holds it; register "
            "the client with `tls_client_certificate_bound_access_tokens`"
        )
