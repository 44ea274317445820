"""The code flow of clients that prove more than that they know their name: tokens bound to a key, a certificate, an assertion.

Here: how each begins. Not here: what the code flow asks and how it is answered (`sign_ins`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oauthctl.cli.known_flows.clients import APP, ATTESTED, CERTIFIED, KEYED, attestation, confidential, signing_key
from oauthctl.cli.known_flows.flow import MTLS, Begin, KnownFlow, Stage, planned
from oauthctl.cli.known_flows.sign_ins import code
from oauthctl.flows.api_call import call
from oauthctl.flows.authorization_code import SignIn, sign_in
from oauthctl.flows.client_attestation import Server, attested
from oauthctl.flows.discovery import discover
from oauthctl.flows.dpop import dpop
from oauthctl.flows.mutual_tls import certified_urls, mutual_tls
from oauthctl.flows.steps import Flow, draw
from oauthctl.http import get_request
from oauthctl.jose.jwk import generate
from oauthctl.messages.client_auth import Client
from oauthctl.specs import Section


def _code_and_call(client: Client = APP) -> Begin:
    """The code flow, then a call of the API with what it brought."""

    def begin(stage: Stage) -> Flow[Any]:
        found = yield from discover(stage.issuer)
        return (yield from _signed_in_and_called(replace(planned(found.metadata), client=client), stage.api))

    return begin


def _signed_in_and_called(plan: SignIn, api: str) -> Flow[Any]:
    signed_in = yield from sign_in(plan)
    tokens = signed_in.granted.response
    return (yield from call(get_request(api), tokens.access_token or "", token_type=tokens.token_type or ""))


def _proved(stage: Stage) -> Flow[Any]:
    return dpop(_code_and_call()(stage), generate("ES256"))


def _certified(stage: Stage) -> Flow[Any]:
    """Discovery finds the aliases; then token and API are asked there, over connections that show the certificate."""
    found = yield from discover(stage.issuer)
    api = stage.api.replace(stage.issuer, MTLS)
    whole = _signed_in_and_called(replace(planned(found.metadata), client=CERTIFIED), api)
    return (yield from mutual_tls(whole, {**certified_urls(found.metadata), api: api}))


def _asserting(stage: Stage) -> Flow[Any]:
    return code(replace(KEYED, method="private_key_jwt", key=signing_key(), audience=stage.issuer))(stage)


def _asserting_by_secret(stage: Stage) -> Flow[Any]:
    return code(replace(confidential("service"), method="client_secret_jwt", audience=stage.issuer))(stage)


def _attested(stage: Stage) -> Flow[Any]:
    found = yield from discover(stage.issuer)
    drawn = yield from draw()
    server = Server(stage.issuer, str(found.metadata.raw("challenge_endpoint") or ""))
    whole = sign_in(replace(planned(found.metadata), client=ATTESTED))
    return (yield from attested(whole, attestation(now=drawn.now), server))


PROOFS = (
    KnownFlow(
        "dpop-flow",
        "the code flow with tokens that are bound to a key (DPoP)",
        "each request proves that who sends it has the key, so that a stolen token is of no use",
        Section("RFC 9449", "1"),
        _proved,
        ("proof-of-possession-flow", "sender-constrained-flow"),
        plain=_code_and_call(),
    ),
    KnownFlow(
        "mtls-flow",
        "the code flow with a TLS certificate (mutual TLS)",
        "the certificate of the TLS connection proves the client, and the token is bound to it",
        Section("RFC 8705", "1"),
        _certified,
        ("mutual-tls-flow", "certificate-flow"),
        plain=_code_and_call(Client(CERTIFIED.client_id)),
        has_certificate=True,
    ),
    KnownFlow(
        "assertion-client-flow",
        "the code flow of a client that proves itself by a signed JWT (private_key_jwt)",
        "the client signs an assertion for each request, and no secret ever leaves it",
        Section("OIDC Core", "9"),
        _asserting,
        ("private-key-jwt-flow", "client-assertion-flow"),
        plain=code(KEYED),
    ),
    KnownFlow(
        "secret-assertion-flow",
        "the code flow of a client that proves itself by a JWT made with its secret (client_secret_jwt)",
        "the secret makes the assertion's MAC and stays where it is, though both sides must have it",
        Section("OIDC Core", "9"),
        _asserting_by_secret,
        ("client-secret-jwt-flow",),
        plain=code(confidential("service")),
    ),
    KnownFlow(
        "attested-client-flow",
        "the code flow of a client for which somebody vouches (client attestation, a draft)",
        "whoever made the application vouches for the key of this one copy of it, and the client proves to hold the key",
        Section("OAuth Client Attestation"),
        _attested,
        ("client-attestation-flow", "attestation-flow"),
        plain=code(ATTESTED),
        is_draft=True,
    ),
)
"""A person signs in in the browser, and the client proves itself or its tokens by a key."""
