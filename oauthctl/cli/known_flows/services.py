"""The flows beside the grants: finding a server, calling an API, asking about a token, ending a session.

Here: how each begins. Not here: how tokens are had (`sign_ins`, `grants`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oauthctl.cli.known_flows.clients import APP, SECRET, confidential
from oauthctl.cli.known_flows.flow import REDIRECT_URI, Begin, KnownFlow, Stage, planned
from oauthctl.cli.known_flows.sign_ins import code
from oauthctl.flows.answer_jwt import Party
from oauthctl.flows.api_call import StepUp, call
from oauthctl.flows.authorization_code import sign_in
from oauthctl.flows.discovery import discover, discover_resource
from oauthctl.flows.end_session import end_session
from oauthctl.flows.introspection import introspect
from oauthctl.flows.issuer_keys import issuer_keys
from oauthctl.flows.registration import delete_registration, read_registration, register, update_registration
from oauthctl.flows.revocation import revoke
from oauthctl.flows.steps import Flow, send
from oauthctl.flows.still_good import Where, still_good
from oauthctl.flows.userinfo import userinfo
from oauthctl.http import get_request
from oauthctl.messages.challenge import bearer_challenge
from oauthctl.specs import Section


def _api_discovery(stage: Stage) -> Flow[Any]:
    refused = yield from send(get_request(stage.api), "api")
    challenge = bearer_challenge(refused.response) if refused.response else None
    resource = yield from discover_resource(stage.api, url=challenge.get("resource_metadata") if challenge else "")
    servers = (resource.authorization_servers if resource else None) or (stage.issuer,)
    return (yield from discover(servers[0]))


def _step_up(stage: Stage) -> Flow[Any]:
    refused = yield from call(get_request(f"{stage.issuer}/api/safe"), stage.tokens.access_token or "")
    wanted = refused.wanted_sign_in or StepUp()
    signed_in = yield from sign_in(replace(planned(stage.metadata), acr_values=wanted.acr_values, max_age=wanted.max_age))
    return (yield from call(get_request(f"{stage.issuer}/api/safe"), signed_in.granted.response.access_token or ""))


def _registration(stage: Stage) -> Flow[Any]:
    """A client makes itself known, looks at what the server has of it, changes that, and goes."""
    asked = {"client_name": "Photo printer", "redirect_uris": [REDIRECT_URI], "token_endpoint_auth_method": "none"}
    known = yield from register(stage.endpoint("registration_endpoint"), asked)
    url, token = known.response.registration_client_uri or "", known.response.registration_access_token or ""
    client_id = known.response.client_id or ""
    found = yield from read_registration(url, token, client_id=client_id)
    token = found.response.registration_access_token or token
    changed = yield from update_registration(url, token, {**asked, "client_name": "Photo shop"}, client_id=client_id)
    yield from delete_registration(url, changed.response.registration_access_token or token)


def _code_and_introspection(*, is_signed: bool = False) -> Begin:
    """The code flow, then what the server says of its token to an API."""

    def begin(stage: Stage) -> Flow[Any]:
        metadata = (yield from discover(stage.issuer)).metadata
        signed_in = yield from sign_in(planned(metadata))
        party = Party(stage.issuer, "api", str(metadata.raw("jwks_uri")), secret=SECRET) if is_signed else None
        endpoint, token = str(metadata.raw("introspection_endpoint")), signed_in.granted.response.access_token or ""
        return (yield from introspect(endpoint, token, confidential("api"), hint="access_token", party=party))

    return begin


def _introspection(stage: Stage) -> Flow[Any]:
    endpoint, token = stage.endpoint("introspection_endpoint"), stage.tokens.access_token or ""
    return introspect(endpoint, token, confidential("api"), hint="access_token")


def _revocation(stage: Stage) -> Flow[Any]:
    token, hint = stage.tokens.access_token or "", "access_token"
    yield from revoke(stage.endpoint("revocation_endpoint"), token, APP, hint=hint)
    # Here somebody is asked who may ask about every token.
    return (yield from still_good(Where(stage.metadata, APP, confidential("api"), APP), token, hint=hint))


SERVICES = (
    KnownFlow(
        "discovery-flow",
        "discovery of an authorization server",
        "the issuer's URL leads to its endpoints and to what it can do",
        Section("RFC 8414", "3"),
        lambda stage: discover(stage.issuer),
        ("metadata-flow",),
    ),
    KnownFlow(
        "registration-flow",
        "a client that registers itself",
        "a client tells the server what it is and is known from then on; later it looks at that, changes it, and goes",
        Section("RFC 7591", "3"),
        _registration,
        ("dynamic-client-registration-flow", "dcr-flow"),
    ),
    KnownFlow(
        "api-discovery-flow",
        "discovery from an API",
        "an API that refuses a call without a token leads to the server that gives tokens for it",
        Section("RFC 9728", "5"),
        _api_discovery,
        ("resource-discovery-flow",),
    ),
    KnownFlow(
        "keys-flow",
        "the way to an issuer's keys",
        "the issuer's metadata leads to the keys with which its tokens are verified",
        Section("OIDC Discovery", "3"),
        lambda stage: issuer_keys(stage.issuer, is_trusted=True),
        ("jwks-flow", "verification-flow"),
    ),
    KnownFlow(
        "api-flow",
        "a call of an API",
        "the access token goes along in a header",
        Section("RFC 6750", "2.1"),
        lambda stage: call(get_request(stage.api), stage.tokens.access_token or ""),
        ("api-call-flow", "bearer-flow"),
    ),
    KnownFlow(
        "step-up-flow",
        "step-up: a call that wants a stronger sign-in",
        "an API wants a second factor or a fresher sign-in, and the client has the person sign in for it",
        Section("RFC 9470", "2"),
        _step_up,
        ("step-up-authentication-flow",),
        plain=code(is_known=True),
    ),
    KnownFlow(
        "userinfo-flow",
        "the userinfo request",
        "the access token brings claims about the person who signed in",
        Section("OIDC Core", "5.3"),
        lambda stage: userinfo(stage.endpoint("userinfo_endpoint"), stage.tokens.access_token or ""),
    ),
    KnownFlow(
        "introspection-flow",
        "the introspection of a token",
        "an API asks the authorization server whether a token counts, and for what",
        Section("RFC 7662", "2"),
        _introspection,
    ),
    KnownFlow(
        "signed-introspection-flow",
        "the introspection of a token with a signed answer",
        "the answer is a JWT for the API that asked, so that it can show later what the server said",
        Section("RFC 9701", "4"),
        _code_and_introspection(is_signed=True),
        ("introspection-in-jwt-flow", "jwt-introspection-response-flow"),
        plain=_code_and_introspection(),
    ),
    KnownFlow(
        "revocation-flow",
        "the revocation of a token",
        "a token that is needed no more is made worthless, and the server is asked whether it is",
        Section("RFC 7009", "2"),
        _revocation,
    ),
    KnownFlow(
        "logout-flow",
        "the end of the session at the provider",
        "the browser goes to the provider's page that signs the person out",
        Section("OIDC RP-Initiated Logout", "2"),
        lambda stage: end_session(stage.metadata, stage.tokens.id_token or "", client_id=APP.client_id),
        ("end-session-flow",),
    ),
)
"""What there is to do before a token is had, and with it."""
