"""The flows of the other grants: a person on another device or not there at all, a token or an assertion for a token.

Here: how each begins. Not here: the authorization code flow (`sign_ins`), what is done with tokens (`services`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oauthctl.cli.known_flows.clients import APP, HOME, NOTIFIED_AT, ROBOT, confidential, pinged, providers_keys, robot
from oauthctl.cli.known_flows.flow import KnownFlow, Stage, planned
from oauthctl.cli.known_flows.sign_ins import code
from oauthctl.flows.assertion_grant import made_assertion, redeem_assertion, without_proof
from oauthctl.flows.authorization_code import sign_in
from oauthctl.flows.ciba import Backchannel, backchannel_sign_in
from oauthctl.flows.client_credentials import client_credentials
from oauthctl.flows.device import device_sign_in
from oauthctl.flows.discovery import discover
from oauthctl.flows.password import Owner, password_sign_in
from oauthctl.flows.refresh import refresh
from oauthctl.flows.refreshed_id_token import Original
from oauthctl.flows.steps import Flow, draw
from oauthctl.flows.token_exchange import token_exchange
from oauthctl.jose.saml import is_available, practice_assertion
from oauthctl.messages.assertion_grant import saml_grant
from oauthctl.messages.client_auth import Client
from oauthctl.messages.token_exchange import SAML2_BEARER, Traded, token_type_uri
from oauthctl.specs import Section


def _device(stage: Stage) -> Flow[Any]:
    found = yield from discover(stage.issuer)
    return (yield from device_sign_in(planned(found.metadata)))


def _password(stage: Stage) -> Flow[Any]:
    found = yield from discover(stage.issuer)
    return (yield from password_sign_in(planned(found.metadata), Owner("alice", "alice")))


def _ciba(stage: Stage) -> Flow[Any]:
    found = yield from discover(stage.issuer)
    plan = replace(planned(found.metadata), client=confidential("web"))
    return (yield from backchannel_sign_in(plan, Backchannel("alice", "W4SCT")))


def _ciba_with_ping(stage: Stage) -> Flow[Any]:
    found = yield from discover(stage.issuer)
    plan = replace(planned(found.metadata), client=pinged())
    return (yield from backchannel_sign_in(plan, Backchannel("alice", "W4SCT", NOTIFIED_AT)))


def _refresh(stage: Stage) -> Flow[Any]:
    original = Original(stage.tokens.id_token or "", stage.issuer)
    return refresh(stage.endpoint("token_endpoint"), stage.tokens.refresh_token or "", APP, original=original)


def _client_credentials(stage: Stage) -> Flow[Any]:
    return client_credentials(stage.endpoint("token_endpoint"), confidential("service"), scope=("items.read",))


def _exchange(stage: Stage) -> Flow[Any]:
    """An API trades the token that it was called with for one for the API that it calls itself."""
    subject = Traded(stage.tokens.access_token or "", token_type_uri("access_token"))
    wanted = token_type_uri("access_token")
    return token_exchange(stage.endpoint("token_endpoint"), confidential("service"), subject, requested=wanted, scope=("items.read",))


def _assertion(stage: Stage) -> Flow[Any]:
    """A service gets a token for a person by an assertion that it signs itself."""
    client = robot(stage.issuer)
    assertion = yield from made_assertion(client, issuer=client.client_id, subject="alice")
    return (yield from redeem_assertion(stage.endpoint("token_endpoint"), without_proof(client), assertion, scope=("items.read",)))


def _saml(stage: Stage) -> Flow[Any]:
    """A service trades what another server says of a person in XML."""
    drawn, token_endpoint = (yield from draw()), stage.endpoint("token_endpoint")
    assertion = practice_assertion(
        providers_keys()[0],
        id_=f"_{drawn.random}",
        issuer=HOME,
        subject="alice",
        audience=stage.issuer,
        recipient=token_endpoint,
        now=drawn.now,
    )
    service = confidential("service")
    return (yield from redeem_assertion(token_endpoint, service, saml_grant(assertion), grant_type=SAML2_BEARER, scope=("items.read",)))


def _identity_from_home(stage: Stage) -> Flow[Any]:
    """A person signs in at another server; what that says of them, in exchange for its ID token, is redeemed here."""
    client = confidential("web")
    home = (yield from discover(HOME)).metadata
    signed_in = yield from sign_in(replace(planned(home), client=client))
    subject = Traded(signed_in.granted.response.id_token or "", token_type_uri("id_token"))
    wanted = token_type_uri("id-jag")
    granted = yield from token_exchange(
        home.token_endpoint or "", client, subject, requested=wanted, audience=(stage.issuer,), resource=(stage.api,), scope=("items.read",)
    )
    return (yield from redeem_assertion(stage.endpoint("token_endpoint"), client, granted.response.access_token or ""))


_SAML = KnownFlow(
    "saml2-bearer-flow",
    "a SAML assertion in exchange for a token",
    "a service gets a token for a person by what an identity provider that the server trusts has signed in XML",
    Section("RFC 7522", "2.1"),
    _saml,
    ("saml-bearer-flow", "saml-flow"),
    plain=code(confidential("service"), is_known=True),
)
GRANTS = (
    KnownFlow(
        "device-flow",
        "the device authorization flow",
        "a person signs in on another device, and this one asks until it is done",
        Section("RFC 8628", "3"),
        _device,
        ("device-code-flow", "device-authorization-flow"),
        plain=code(),
    ),
    KnownFlow(
        "ciba-flow",
        "client-initiated backchannel authentication",
        "the provider asks a person on a device of theirs, and the client asks for the outcome until there is one",
        Section("OIDC CIBA", "3"),
        _ciba,
        ("backchannel-flow", "backchannel-authentication-flow"),
        plain=code(confidential("web")),
    ),
    KnownFlow(
        "ciba-ping-flow",
        "client-initiated backchannel authentication in ping mode",
        "the provider asks a person on a device of theirs, and tells the client when they have decided",
        Section("OIDC CIBA", "10.2"),
        _ciba_with_ping,
        ("ping-flow", "backchannel-notification-flow"),
        plain=code(pinged()),
    ),
    KnownFlow(
        "password-flow",
        "the password grant, which is legacy",
        "the person's password goes to the client, which trades it for tokens; RFC 9700 section 2.4 says that it must not be used",
        Section("RFC 6749", "4.3"),
        _password,
        ("resource-owner-password-credentials-flow", "ropc-flow"),
        plain=code(),
    ),
    KnownFlow(
        "refresh-flow",
        "the refresh of an access token",
        "a refresh token brings a new access token, without the person",
        Section("RFC 6749", "6"),
        _refresh,
        ("refresh-token-flow",),
        plain=code(is_known=True),
    ),
    KnownFlow(
        "client-credentials-flow",
        "the client credentials flow",
        "a program gets a token in its own name, without a person",
        Section("RFC 6749", "4.4"),
        _client_credentials,
        ("machine-to-machine-flow",),
        plain=code(confidential("service"), is_known=True),
    ),
    KnownFlow(
        "token-exchange-flow",
        "the exchange of a token for another",
        "an API that was called for a person gets a token with which it may call another API for them",
        Section("RFC 8693", "2"),
        _exchange,
        ("sts-flow", "on-behalf-of-flow"),
        plain=code(confidential("service"), is_known=True),
    ),
    KnownFlow(
        "jwt-bearer-flow",
        "a signed JWT in exchange for a token",
        "a service gets a token by an assertion that it, or somebody whom the server trusts, has signed",
        Section("RFC 7523", "2.1"),
        _assertion,
        ("assertion-flow", "service-account-flow"),
        plain=code(Client(ROBOT), is_known=True),
    ),
    KnownFlow(
        "id-jag-flow",
        "an identity from another server in exchange for a token (ID-JAG, a draft)",
        "the server where a person signed in says in a JWT who they are, and another one that trusts it gives a token for that",
        Section("OAuth ID-JAG"),
        _identity_from_home,
        ("identity-assertion-flow", "identity-chaining-flow", "cross-app-access-flow"),
        plain=code(confidential("web")),
    ),
    *((_SAML,) if is_available() else ()),
)
"""Tokens are had in another way than by a code; by SAML where what signs XML is installed."""
