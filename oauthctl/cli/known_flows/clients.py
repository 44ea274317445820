"""The clients of the flows that are explained, besides those of the practice set: as the provider knows them, and as they are themselves.

Here: their keys and registrations. Not here: what they do (`sign_ins`, `grants`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.sign import sign
from oauthctl.messages.client_attestation import ATTESTATION_TYPE, METHOD, Attestation
from oauthctl.messages.client_auth import Client
from oauthctl.messages.token_exchange import JWT_BEARER
from oauthctl.provider import client as provider_client
from oauthctl.provider.client_metadata import SECRET_METHODS

if TYPE_CHECKING:
    from oauthctl.jose.client_certificate import ClientCertificate

SECRET = "the-secret-of-the-practice-clients"
APP = Client("public")
KEYED = Client("signer")
READER = Client("reader")
CLAIMANT = Client("claimant")
CERTIFIED = Client("machine", method="self_signed_tls_client_auth")
NOTIFIED_AT = "http://127.0.0.1:8400/ciba"
OFFERED_AT = "http://127.0.0.1:8500/request.jwt"
ATTESTER = "https://attester.example"
ATTESTED = Client("wallet")
HOME = "https://home.example"
"""Another server, where people sign in, and whose word the provider takes."""
_PINGED = "pinged"
ROBOT = "robot"
_ENCRYPTION = "ECDH-ES"


def confidential(client_id: str) -> Client:
    """One of the practice clients that have a secret."""
    return Client(client_id, SECRET, "client_secret_basic")


@cache
def providers_keys() -> tuple[Jwk, ...]:
    """With which the provider signs, in whichever flow: an RSA key takes longer to make than a flow to be carried through."""
    return generate("RS256"), generate("ES256")


@cache
def signing_key() -> Jwk:
    """With which the client signs what it says."""
    return generate("ES256").with_(kid="signs")


@cache
def opening_key() -> Jwk:
    """For which the provider encrypts what it says to the client."""
    return generate("ES256").with_(kid="opens", use="enc", alg=_ENCRYPTION)


@cache
def attesters_key() -> Jwk:
    """With which somebody whom the provider trusts vouches for the client's key."""
    return generate("ES256").with_(kid="attester")


def attestation(*, now: datetime) -> Attestation:
    """The client's key, vouched for."""
    key, began = signing_key(), int(now.timestamp())
    claims = {"iss": ATTESTER, "sub": ATTESTED.client_id, "iat": began, "exp": began + 600, "cnf": {"jwk": key.public().as_dict()}}
    return Attestation(sign(claims, attesters_key(), header={"typ": ATTESTATION_TYPE}), key)


def pinged() -> Client:
    """The client that is told that a person has decided."""
    return confidential(_PINGED)


def robot(issuer: str) -> Client:
    """The client whose assertions the provider takes, also for people."""
    return Client(ROBOT, key=signing_key(), audience=issuer)


def registered(certificate: ClientCertificate | None = None) -> tuple[provider_client.Client, ...]:
    """As the provider knows them. Without the certificate its client is a public one: the plain flow shows none."""
    practice = {client.id: client for client in provider_client.practice_clients(secret=SECRET)}
    app, service = practice["public"], practice["service"]
    # With the code flow, too: what another grant does otherwise shows best where the client is the same.
    service = replace(
        service,
        redirect_uris=app.redirect_uris,
        scopes=app.scopes,
        grant_types=(*app.grant_types, *service.grant_types),
        auth_methods=SECRET_METHODS,
        is_native=True,
    )
    keyed = replace(
        app,
        id=KEYED.client_id,
        keys=(signing_key().public(), opening_key().public()),
        auth_methods=("none", "private_key_jwt"),
        authorization_encrypted_response_alg=_ENCRYPTION,
        request_uris=(OFFERED_AT,),
    )
    reader = replace(keyed, id=READER.client_id, id_token_encrypted_response_alg=_ENCRYPTION)
    claimant = replace(app, id=CLAIMANT.client_id, userinfo_signed_response_alg="RS256")
    speaker = replace(keyed, id=ROBOT, grant_types=(*app.grant_types, JWT_BEARER), speaks_for_users=True)
    told = replace(practice["web"], id=_PINGED, notification_endpoint=NOTIFIED_AT)
    wallet = replace(app, id=ATTESTED.client_id, auth_methods=("none", METHOD))
    machine = replace(app, id=CERTIFIED.client_id)
    if certificate is not None:
        machine = replace(machine, auth_methods=(CERTIFIED.method,), keys=(certificate.as_jwk(),), binds_certificate=True)
    return service, keyed, reader, claimant, speaker, told, wallet, machine
