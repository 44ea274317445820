"""Certificates that clients show in the TLS handshake.

Here: which client a certificate proves. Not here: TLS, which brings the certificate along in the `Moment`; nothing that a request says of
itself, such as a header, is ever taken for one. Tokens that are bound to it: `token`, `bearer`.
"""

from __future__ import annotations

import hmac

from oauthctl.jose.certificate import alternative_names, certificate_of, is_issued_by, same_name, subject, thumbprint
from oauthctl.messages.client_auth import CERTIFYING
from oauthctl.provider.answers import Denied
from oauthctl.provider.asking import Confirmation
from oauthctl.provider.client import Client
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState

CONFIRMATION = "x5t#S256"


def wants_certificate(client: Client) -> bool:
    """Whether a certificate is what the client proves itself with."""
    return bool(set(CERTIFYING) & set(client.allowed_auth_methods))


def check_certificate(state: ProviderState, client: Client, moment: Moment) -> None:
    """Raises `Denied` unless the certificate of the handshake is the client's. Source: RFC 8705 sections 2.1 and 2.2."""
    if not moment.certificate:
        raise _denied("no client certificate was shown in the TLS handshake")
    if "self_signed_tls_client_auth" in client.allowed_auth_methods:
        if not any(hmac.compare_digest(moment.certificate, one) for one in _registered(client)):
            raise _denied("the client certificate does not match any of the client's keys")
        return
    if not any(is_issued_by(moment.certificate, one) for one in state.certificate_authorities):
        raise _denied("the client certificate was not issued by an authority that is trusted here")
    if not _is_named(client, moment.certificate):
        raise _denied("the subject of the client certificate does not match the registered one")


def confirmation(client: Client, moment: Moment) -> Confirmation | None:
    """What the client's tokens are to be bound to. Raises `Denied` when there is nothing. Source: RFC 8705 section 3."""
    if not client.binds_certificate:
        return None
    if not moment.certificate:
        raise Denied("invalid_request", "the client's tokens are bound to a certificate, and no client certificate was shown")
    return Confirmation(CONFIRMATION, thumbprint(moment.certificate))


def is_confirmed(bound: Confirmation, moment: Moment) -> bool:
    """Whether the certificate of the handshake is the one to which a token is bound."""
    return bool(moment.certificate) and hmac.compare_digest(thumbprint(moment.certificate), bound.value)


def registered_certificates(state: ProviderState) -> tuple[bytes, ...]:
    """All self-signed certificates that clients are registered with, which TLS has to let through."""
    return tuple(one for client in state.clients.values() for one in _registered(client))


def _registered(client: Client) -> tuple[bytes, ...]:
    """Source: RFC 8705 section 2.2.2: `x5c` of the client's keys."""
    return tuple(found for found in map(certificate_of, client.keys) if found)


def _is_named(client: Client, certificate: bytes) -> bool:
    """Source: RFC 8705 section 2.1.2: one registered name, of one kind."""
    kind, value = client.certificate_name
    if kind == "subject_dn":
        return same_name(subject(certificate), value)
    return value in alternative_names(certificate, kind.removeprefix("san_"))


def _denied(description: str) -> Denied:
    return Denied("invalid_client", description, status=401)
