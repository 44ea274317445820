"""The keys of an issuer whom one knows by name alone: its metadata, then its key set.

Here: which URLs may be asked. Not here: reading either document (`flows.discovery`, `flows.keys`).
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthctl.errors import BadAnswer, ConfigError
from oauthctl.flows.discovery import Discovered, discover
from oauthctl.flows.endpoints import key_set_uri
from oauthctl.flows.keys import doubt, fetch_key_set
from oauthctl.flows.steps import Flow
from oauthctl.http import is_loopback, is_safe_for_secrets
from oauthctl.jose.jwk import Jwk
from oauthctl.messages.metadata import ProviderMetadata


@dataclass(frozen=True, slots=True)
class IssuerKeys:
    """An issuer's metadata and keys, and where they came from.

    `doubt` says why they prove nothing, if so; `remarks` are sentences on what is odd about the documents.
    """

    metadata: ProviderMetadata
    jwks_uri: str
    keys: tuple[Jwk, ...]
    doubt: str = ""
    remarks: tuple[str, ...] = ()


def issuer_keys(issuer: str, *, is_trusted: bool) -> Flow[IssuerKeys]:
    """Find the keys of an issuer.

    Where the name of the issuer is a stranger's (`is_trusted` false: it stands in a token that nobody vouches for), only https or this
    machine is asked, and a stranger out there can't send us to this machine.

    Raises `ConfigError` with slug `issuer-not-asked` before anything is sent, `BadAnswer` as `discover`, `key_set_uri` and `fetch_keys` do.
    """
    if not is_trusted and not is_safe_for_secrets(issuer):
        raise ConfigError(
            "the token's issuer is not asked for its keys: its `iss` is neither an https URL nor one of this machine",
            slug="issuer-not-asked",
            got=issuer[:200],
            help="name the issuer with `--issuer URL` if you trust it, or its keys with `--jwks FILE`",
        )
    found: Discovered = yield from discover(issuer, expected_issuer=issuer)
    jwks_uri = key_set_uri(found.metadata, help="give the keys with `--jwks FILE|URL`")
    if not jwks_uri:
        raise BadAnswer(
            f"`{issuer}` publishes no `jwks_uri`",
            slug="no-jwks-uri",
            notes=(f"read from {found.url} (exchange {found.metadata.exchange})",),
            help="give the keys with `--jwks FILE`, or a shared secret with `--key FILE`",
        )
    if not is_trusted and (not is_safe_for_secrets(jwks_uri) or (is_loopback(jwks_uri) and not is_loopback(issuer))):
        raise BadAnswer(
            f"`{jwks_uri}` is not asked for keys: a token's issuer may name https URLs alone, and none of this machine",
            slug="jwks-uri-not-asked",
            help="name the issuer with `--issuer URL` if you trust it",
        )
    keys = yield from fetch_key_set(jwks_uri)
    return IssuerKeys(found.metadata, jwks_uri, keys.known, doubt(found.url, jwks_uri), (*found.warnings, *keys.remarks))


def named_keys(jwks_uri: str) -> Flow[IssuerKeys]:
    """The keys at an address that a person named; no metadata is asked for. Raises `BadAnswer` as `fetch_keys` does."""
    keys = yield from fetch_key_set(jwks_uri)
    return IssuerKeys(ProviderMetadata(), jwks_uri, keys.known, doubt(jwks_uri), keys.remarks)
