"""The flows that `oauthctl explain` draws, each made by its own code and carried through with the practice provider.

Here: their names, and what each begins with. Not here: the flows (`flows`), their partners (`shell.partners`), the drawing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from oauthctl.cli.known_certificates import certified, machine
from oauthctl.cli.known_trades import asserted, exchanged, robots
from oauthctl.flows.api_call import StepUp, call
from oauthctl.flows.authorization_code import SignedIn, SignIn, sign_in
from oauthctl.flows.ciba import Backchannel, backchannel_sign_in
from oauthctl.flows.client_credentials import client_credentials
from oauthctl.flows.device import device_sign_in
from oauthctl.flows.discovery import discover, discover_resource
from oauthctl.flows.dpop import dpop
from oauthctl.flows.end_session import end_session
from oauthctl.flows.introspection import introspect
from oauthctl.flows.issuer_keys import issuer_keys
from oauthctl.flows.password import Owner, password_sign_in
from oauthctl.flows.refresh import refresh
from oauthctl.flows.refreshed_id_token import Original
from oauthctl.flows.rehearsal import rehearse
from oauthctl.flows.revocation import revoke
from oauthctl.flows.steps import Flow, send
from oauthctl.flows.still_good import Where, still_good
from oauthctl.flows.userinfo import userinfo
from oauthctl.http import Params, get_request
from oauthctl.jose.jwk import generate
from oauthctl.jose.practice_certificates import new_certificate
from oauthctl.messages.challenge import bearer_challenge
from oauthctl.messages.client_auth import Client
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.token import TokenResponse
from oauthctl.messages.word import Group, Word
from oauthctl.record.exchange import Recording
from oauthctl.shell.partners import PracticePartners
from oauthctl.specs import Section

ISSUER = "https://op.example"
_MTLS = "https://mtls.op.example"
API = f"{ISSUER}/api/items"
SAFE = f"{ISSUER}/api/safe"
REDIRECT_URI = "http://127.0.0.1:8080/callback"
_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
_SECRET = "the-secret-of-the-practice-clients"
_APP = Client("public")


@dataclass(frozen=True, slots=True)
class Stage:
    """What a flow may begin with: a provider that is known, and the tokens of a sign-in there."""

    metadata: ProviderMetadata
    signed_in: SignedIn = field(repr=False)

    @property
    def tokens(self) -> TokenResponse:
        """What the sign-in brought."""
        return self.signed_in.granted.response

    def endpoint(self, name: str) -> str:
        """An endpoint's URL."""
        return str(self.metadata.raw(name))


Begin = Callable[[Stage], Flow[Any]]


@dataclass(frozen=True, slots=True)
class KnownFlow:
    """A flow under the name by which it is explained: what it is, what for, where that is written, and how it begins."""

    name: str
    title: str
    about: str
    section: Section
    begin: Begin
    aliases: tuple[str, ...] = ()
    has_certificate: bool = False
    """Whether the application has a TLS certificate, and the provider a port that asks for it."""

    @property
    def word(self) -> Word:
        """The flow as a word of the list."""
        return Word(self.name, Group.FLOW, "flow, drawn", self.about, self.section, self.aliases)


def rehearsed(begin: Begin, *, has_certificate: bool = False) -> Recording:
    """What the flow exchanges, from its own code; nothing is sent."""
    certificate = new_certificate("CN=machine", now=_AT) if has_certificate else None
    clients = robots() if certificate is None else (*robots(), machine(certificate))
    partners = PracticePartners(ISSUER, secret=_SECRET, redirect_uri=REDIRECT_URI, at=_AT, clients=clients)
    if certificate is not None:
        partners.show_certificate(certificate.chain[0], mtls_origin=_MTLS)
    _, found = rehearse(discover(ISSUER), partners, issuer=ISSUER, at=_AT)
    _, signed_in = rehearse(sign_in(_plan(found.metadata)), partners, issuer=ISSUER, at=_AT)
    return rehearse(begin(Stage(found.metadata, signed_in)), partners, issuer=ISSUER, at=_AT)[0]


def flow_named(text: str) -> KnownFlow | None:
    """The flow of this name; upper and lower case, spaces and `_` don't matter."""
    wanted = "-".join(text.lower().replace("_", " ").replace("-", " ").split())
    return next((flow for flow in FLOWS if wanted in (flow.name, *flow.aliases)), None)


def _plan(metadata: ProviderMetadata) -> SignIn:
    # The verifier of RFC 7636 appendix B.
    return SignIn(
        metadata,
        _APP,
        REDIRECT_URI,
        state="af0ifjsldkj-af0ifjsldkj",
        nonce="n-0S6_WzA2Mj-n-0S6_WzA2Mj",
        code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        scope=("openid", "profile", "items.read", "offline_access"),
    )


def _code(_stage: Stage) -> Flow[Any]:
    found = yield from discover(ISSUER)
    return (yield from sign_in(_plan(found.metadata)))


def _pushed(_stage: Stage) -> Flow[Any]:
    found = yield from discover(ISSUER)
    return (yield from sign_in(replace(_plan(found.metadata), is_pushed=True)))


def _signed_request(_stage: Stage) -> Flow[Any]:
    found = yield from discover(ISSUER)
    return (yield from sign_in(replace(_plan(found.metadata), client=_confidential("web"), request_object="secret")))


def _signed_answer(_stage: Stage) -> Flow[Any]:
    found = yield from discover(ISSUER)
    return (yield from sign_in(replace(_plan(found.metadata), response_mode="jwt")))


def _in_detail(_stage: Stage) -> Flow[Any]:
    found = yield from discover(ISSUER)
    asked = Params((("authorization_details", '[{"type":"items","actions":["read"],"identifier":"item-1"}]'),))
    return (yield from sign_in(replace(_plan(found.metadata), params=asked)))


def _proved(_stage: Stage) -> Flow[Any]:
    def whole() -> Flow[Any]:
        found = yield from discover(ISSUER)
        signed_in = yield from sign_in(_plan(found.metadata))
        tokens = signed_in.granted.response
        return (yield from call(get_request(API), tokens.access_token or "", token_type=tokens.token_type or ""))

    return dpop(whole(), generate("ES256"))


def _device(_stage: Stage) -> Flow[Any]:
    found = yield from discover(ISSUER)
    return (yield from device_sign_in(_plan(found.metadata)))


def _password(_stage: Stage) -> Flow[Any]:
    found = yield from discover(ISSUER)
    return (yield from password_sign_in(_plan(found.metadata), Owner("alice", "alice")))


def _ciba(_stage: Stage) -> Flow[Any]:
    found = yield from discover(ISSUER)
    plan = replace(_plan(found.metadata), client=_confidential("web"))
    return (yield from backchannel_sign_in(plan, Backchannel("alice", "W4SCT")))


def _refresh(stage: Stage) -> Flow[Any]:
    original = Original(stage.tokens.id_token or "", ISSUER)
    return refresh(stage.endpoint("token_endpoint"), stage.tokens.refresh_token or "", _APP, original=original)


def _step_up(stage: Stage) -> Flow[Any]:
    refused = yield from call(get_request(SAFE), stage.tokens.access_token or "")
    wanted = refused.wanted_sign_in or StepUp()
    signed_in = yield from sign_in(replace(_plan(stage.metadata), acr_values=wanted.acr_values, max_age=wanted.max_age))
    return (yield from call(get_request(SAFE), signed_in.granted.response.access_token or ""))


def _client_credentials(stage: Stage) -> Flow[Any]:
    return client_credentials(stage.endpoint("token_endpoint"), _confidential("service"), scope=("items.read",))


def _certified(_stage: Stage) -> Flow[Any]:
    return certified(ISSUER, API.replace(ISSUER, _MTLS))


def _api_discovery(_stage: Stage) -> Flow[Any]:
    refused = yield from send(get_request(API), "api")
    challenge = bearer_challenge(refused.response) if refused.response else None
    resource = yield from discover_resource(API, url=challenge.get("resource_metadata") if challenge else "")
    servers = (resource.authorization_servers if resource else None) or (ISSUER,)
    return (yield from discover(servers[0]))


def _introspection(stage: Stage) -> Flow[Any]:
    endpoint, token = stage.endpoint("introspection_endpoint"), stage.tokens.access_token or ""
    return introspect(endpoint, token, _confidential("api"), hint="access_token")


def _revocation(stage: Stage) -> Flow[Any]:
    token, hint = stage.tokens.refresh_token or "", "refresh_token"
    yield from revoke(stage.endpoint("revocation_endpoint"), token, _APP, hint=hint)
    # Here somebody is asked who may ask about every token.
    return (yield from still_good(Where(stage.metadata, _APP, _confidential("api"), _APP), token, hint=hint))


def _confidential(client_id: str) -> Client:
    return Client(client_id, _SECRET, "client_secret_basic")


FLOWS = (
    KnownFlow(
        "code-flow",
        "the authorization code flow with PKCE",
        "a person signs in in the browser, and the application gets tokens for a code",
        Section("RFC 6749", "4.1"),
        _code,
        ("authorization-code-flow", "login-flow", "sign-in-flow"),
    ),
    KnownFlow(
        "pushed-flow",
        "the code flow with a pushed authorization request (PAR)",
        "the application gives the server its request before the browser takes a reference to it there",
        Section("RFC 9126", "1"),
        _pushed,
        ("par-flow", "pushed-authorization-request-flow"),
    ),
    KnownFlow(
        "signed-request-flow",
        "the code flow with its request in a signed JWT (JAR)",
        "the browser carries a request that nobody on the way can change, signed by the client",
        Section("RFC 9101", "1"),
        _signed_request,
        ("jar-flow", "request-object-flow"),
    ),
    KnownFlow(
        "signed-answer-flow",
        "the code flow with its answer in a signed JWT (JARM)",
        "the browser brings back a JWT, and nothing in it is believed before its signature, issuer, audience and time are",
        Section("OAuth JARM", "2"),
        _signed_answer,
        ("jarm-flow", "answer-in-jwt-flow"),
    ),
    KnownFlow(
        "detailed-flow",
        "the code flow with a request in detail (RAR)",
        "the application says in JSON what exactly it wants to do, the person sees that, and the token says it",
        Section("RFC 9396", "1"),
        _in_detail,
        ("rar-flow", "rich-authorization-request-flow"),
    ),
    KnownFlow(
        "dpop-flow",
        "the code flow with tokens that are bound to a key (DPoP)",
        "each request proves that who sends it has the key, so that a stolen token is of no use",
        Section("RFC 9449", "1"),
        _proved,
        ("proof-of-possession-flow", "sender-constrained-flow"),
    ),
    KnownFlow(
        "device-flow",
        "the device authorization flow",
        "a person signs in on another device, and this one asks until it is done",
        Section("RFC 8628", "3"),
        _device,
        ("device-code-flow", "device-authorization-flow"),
    ),
    KnownFlow(
        "ciba-flow",
        "client-initiated backchannel authentication",
        "the provider asks a person on a device of theirs, and the client asks for the outcome until there is one",
        Section("OIDC CIBA", "3"),
        _ciba,
        ("backchannel-flow", "backchannel-authentication-flow"),
    ),
    KnownFlow(
        "password-flow",
        "the password grant, which is legacy",
        "the person's password goes to the client, which trades it for tokens; RFC 9700 section 2.4 says that it must not be used",
        Section("RFC 6749", "4.3"),
        _password,
        ("resource-owner-password-credentials-flow", "ropc-flow"),
    ),
    KnownFlow(
        "refresh-flow",
        "the refresh of an access token",
        "a refresh token brings a new access token, without the person",
        Section("RFC 6749", "6"),
        _refresh,
        ("refresh-token-flow",),
    ),
    KnownFlow(
        "client-credentials-flow",
        "the client credentials flow",
        "a program gets a token in its own name, without a person",
        Section("RFC 6749", "4.4"),
        _client_credentials,
        ("machine-to-machine-flow",),
    ),
    KnownFlow(
        "token-exchange-flow",
        "the exchange of a token for another",
        "an API that was called for a person gets a token with which it may call another API for them",
        Section("RFC 8693", "2"),
        lambda stage: exchanged(stage.endpoint("token_endpoint"), stage.tokens.access_token or "", _confidential("service")),
        ("sts-flow", "on-behalf-of-flow"),
    ),
    KnownFlow(
        "jwt-bearer-flow",
        "a signed JWT in exchange for a token",
        "a service gets a token by an assertion that it, or somebody whom the server trusts, has signed",
        Section("RFC 7523", "2.1"),
        lambda stage: asserted(stage.endpoint("token_endpoint"), ISSUER),
        ("assertion-flow", "service-account-flow"),
    ),
    KnownFlow(
        "mtls-flow",
        "the client credentials flow with a TLS certificate (mutual TLS)",
        "the certificate of the TLS connection proves the client, and the token is bound to it",
        Section("RFC 8705", "1"),
        _certified,
        ("mutual-tls-flow", "certificate-flow"),
        has_certificate=True,
    ),
    KnownFlow(
        "discovery-flow",
        "discovery of an authorization server",
        "the issuer's URL leads to its endpoints and to what it can do",
        Section("RFC 8414", "3"),
        lambda _stage: discover(ISSUER),
        ("metadata-flow",),
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
        lambda _stage: issuer_keys(ISSUER, is_trusted=True),
        ("jwks-flow", "verification-flow"),
    ),
    KnownFlow(
        "api-flow",
        "a call of an API",
        "the access token goes along in a header",
        Section("RFC 6750", "2.1"),
        lambda stage: call(get_request(API), stage.tokens.access_token or ""),
        ("api-call-flow", "bearer-flow"),
    ),
    KnownFlow(
        "step-up-flow",
        "step-up: a call that wants a stronger sign-in",
        "an API wants a second factor or a fresher sign-in, and the client has the person sign in for it",
        Section("RFC 9470", "2"),
        _step_up,
        ("step-up-authentication-flow",),
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
        lambda stage: end_session(stage.metadata, stage.tokens.id_token or "", client_id=_APP.client_id),
        ("end-session-flow",),
    ),
)
"""Every flow there is."""
