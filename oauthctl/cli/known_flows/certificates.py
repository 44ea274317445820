"""The flow of a client that shows a TLS certificate, for `explain`.

Here: how it begins, its client, its certificate. Not here: the list of the flows and their rehearsal (`every`, `rehearsed`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oauthctl.flows.api_call import call
from oauthctl.flows.client_credentials import client_credentials
from oauthctl.flows.discovery import discover
from oauthctl.flows.mutual_tls import certified_urls, mutual_tls
from oauthctl.http import get_request
from oauthctl.messages.client_auth import Client
from oauthctl.provider.client import Client as ProviderClient

if TYPE_CHECKING:
    from oauthctl.flows.steps import Flow
    from oauthctl.jose.client_certificate import ClientCertificate

METHOD = "self_signed_tls_client_auth"


def certified(issuer: str, api: str) -> Flow[Any]:
    """Discovery finds the aliases; then token and API are asked there, over connections that show the certificate."""
    found = yield from discover(issuer)

    def whole() -> Flow[Any]:
        granted = yield from client_credentials(
            found.metadata.token_endpoint or "", Client("machine", method=METHOD), scope=("items.read",)
        )
        return (yield from call(get_request(api), granted.response.access_token or ""))

    return (yield from mutual_tls(whole(), {**certified_urls(found.metadata), api: api}))


def machine(certificate: ClientCertificate) -> ProviderClient:
    """The client that the provider knows by this certificate."""
    return ProviderClient(
        "machine",
        auth_methods=(METHOD,),
        keys=(certificate.as_jwk(),),
        binds_certificate=True,
        scopes=("items.read",),
        grant_types=("client_credentials",),
    )
