"""The authorization code flow with PKCE, from the browser's visit to verified tokens.

Here: the flow as RFC 6749 section 4.1 and OpenID Connect Core 1.0 section 3.1 tell it. Not here: judging the callback
(`callback`) and the ID token (`judged_id_token`), tokens that come by the browser (`front_channel`), discovery, the store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oauthctl.findings import Outcome, Verdict
from oauthctl.flows import pkce
from oauthctl.flows.answer_jwt import Party
from oauthctl.flows.callback import Sent, check_callback, opened_callback, read_callback
from oauthctl.flows.endpoints import endpoint, key_set_uri
from oauthctl.flows.granted_scope import scope_remarks
from oauthctl.flows.judged_id_token import judge_id_token, refuse_failed
from oauthctl.flows.keys import Keys, keys_for, reach_keys
from oauthctl.flows.opened_id_token import with_opened_id_token
from oauthctl.flows.pushed_authorization import push
from oauthctl.flows.request_object import Packing, packed, referenced
from oauthctl.flows.steps import Flow, Listen, Offer, listen, visit
from oauthctl.flows.token_endpoint import Granted, grant, with_usable_token
from oauthctl.http import Params, is_http_url, with_query
from oauthctl.jose.jwt import Token, take_apart
from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.messages.claims_wanted import lacking
from oauthctl.messages.client_auth import Client
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.request_object import REFERENCE
from oauthctl.messages.response_modes import is_in_jwt
from oauthctl.messages.response_types import CODE, brought, default_mode, out_of_query, words_of
from oauthctl.record.exchange import Exchange

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk


@dataclass(frozen=True, slots=True)
class SignIn:
    """Everything that is settled before the browser opens. `state`, `nonce` and `code_verifier` are fresh random values.

    `asked` is the URL that was asked for the metadata, where it is another than the issuer. `is_pushed` sends the request to the server
    first (RFC 9126), `request_object` puts it into a JWT in one of `messages.request_object.WAYS` (RFC 9101), which the server fetches from
    `request_uri` where it goes by reference. `keys` are the client's own private keys: they sign what it asks and open what was encrypted
    for it. `patience_seconds` is how long a person on another device is waited for; 0 is as long as the server's request is good.
    """

    metadata: ProviderMetadata
    client: Client
    redirect_uri: str
    state: str = field(repr=False)
    nonce: str = field(default="", repr=False)
    code_verifier: str = field(default="", repr=False)
    pkce_method: str = "S256"
    scope: tuple[str, ...] = ()
    response_type: str = "code"
    response_mode: str = "query"
    params: Params = field(default_factory=Params)
    max_age: float | None = None
    acr_values: tuple[str, ...] = ()
    leeway_seconds: float = 60.0
    expected_issuer: str = ""
    asked: str = ""
    is_pushed: bool = False
    request_object: str = ""
    request_uri: str = ""
    keys: tuple[Jwk, ...] = field(default=(), repr=False)
    patience_seconds: float = 0.0

    @property
    def is_openid(self) -> bool:
        """Whether an ID token is asked for."""
        return "openid" in self.scope

    @property
    def claims(self) -> str:
        """The `claims` parameter of the request, JSON; empty where there is none."""
        return self.params.get("claims") or ""

    @property
    def issuer(self) -> str:
        """The issuer whose answers are taken."""
        return self.expected_issuer or self.metadata.issuer or ""

    def party(self, jwks_uri: str) -> Party:
        """Between whom answers in JWTs pass."""
        return Party(self.issuer, self.client.client_id, jwks_uri, self.client.secret, self.keys, self.leeway_seconds)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Tokens, the ID token taken apart, the verdict on each check, and sentences on what was odd."""

    granted: Granted
    id_token: Token | None = None
    verdicts: tuple[Verdict, ...] = ()
    remarks: tuple[str, ...] = ()


def authorization_params(plan: SignIn) -> Params:
    """The parameters of the authorization request. Source: RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID Connect Core 3.1.2.1."""
    # A code alone can be bound to a verifier: tokens come to whoever reads the answer.
    has_pkce = plan.pkce_method != "none" and CODE in words_of(plan.response_type)
    usual_mode = default_mode(plan.response_type)
    own = Params.of(
        (
            ("response_type", plan.response_type),
            ("client_id", plan.client.client_id),
            ("redirect_uri", plan.redirect_uri),
            # An empty `scope=` breaks some providers (Dropbox), so it is left out.
            ("scope", " ".join(dict.fromkeys(plan.scope)) or None),
            ("state", plan.state),
            ("nonce", plan.nonce or None if plan.is_openid else None),
            ("code_challenge", pkce.challenge(plan.code_verifier, plan.pkce_method) if has_pkce else None),
            ("code_challenge_method", plan.pkce_method if has_pkce else None),
            ("response_mode", plan.response_mode if plan.response_mode != usual_mode and "response_mode" not in plan.params else None),
            ("max_age", f"{plan.max_age:.0f}" if plan.max_age is not None else None),
            ("acr_values", " ".join(plan.acr_values) or None),
        )
    )
    return Params((*own.pairs, *plan.params.pairs))


@dataclass(frozen=True, slots=True)
class Answered:
    """What the browser brought back: the answer to this very request, the exchange that it stands in, and the provider's keys so far."""

    answer: AuthorizationResponse
    back: Exchange
    keys: Keys
    jwks_uri: str


def sign_in(plan: SignIn) -> Flow[SignedIn]:
    """Send the person to the provider, take the answer, trade the code, verify the ID token.

    Raises `Refused` when the provider or the person says no, `CheckFailed` when an answer must not be trusted, `BadAnswer` otherwise.
    """
    token_endpoint = endpoint(plan.metadata, "token_endpoint")
    answered = yield from asked(plan, keep_open=(token_endpoint,))
    return (yield from redeemed(plan, answered, token_endpoint))


def asked(plan: SignIn, *, keep_open: tuple[str, ...] = ()) -> Flow[Answered]:
    """Send the person to the provider, and take the answer; its `state` and `iss` are right, nothing else of it is judged.

    Raises as `sign_in` does.
    """
    url, offer = yield from authorization_url(plan)
    # Who asks for no ID token is not kept from signing in by an address that nobody needs.
    jwks_uri = key_set_uri(plan.metadata) if plan.is_openid or is_http_url(plan.metadata.jwks_uri or "") else ""
    visited = yield from visit(url, offer=offer)
    # While the person signs in: the keys are fetched and the connection to the token endpoint is opened.
    keys = (yield from reach_keys(jwks_uri)) if jwks_uri and (plan.is_openid or is_in_jwt(plan.response_mode)) else Keys()
    brings = brought(plan.response_type)
    # Whoever asks for tokens in the query, to provoke, is told no behind the `#`.
    mode = out_of_query(plan.response_type, plan.response_mode)
    party = plan.party(jwks_uri)
    back = yield from listen(Listen(plan.redirect_uri, plan.state, mode, keep_open=keep_open, brings=brings, opened=party.opened))
    if is_in_jwt(plan.response_mode):
        algs = tuple(plan.metadata.authorization_signing_alg_values_supported or ())
        answer = yield from opened_callback(back, party, known=keys, algs=algs)
    else:
        answer = read_callback(back)
    promises_iss = bool(plan.metadata.authorization_response_iss_parameter_supported)
    check_callback(answer, Sent(plan.state, plan.issuer, promises_iss=promises_iss, exchange=visited.id, brings=brings), back)
    return Answered(answer, back, keys, jwks_uri)


def redeemed(plan: SignIn, answered: Answered, token_endpoint: str) -> Flow[SignedIn]:
    """Trade the code for tokens, and verify their ID token; raises as `sign_in` does."""
    code = answered.answer.code or ""
    granted = yield from grant(
        token_endpoint,
        Params.of(
            (
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", plan.redirect_uri),
                ("code_verifier", plan.code_verifier if plan.pkce_method != "none" else None),
                *(("resource", resource) for resource in plan.params.all("resource")),
            )
        ),
        plan.client,
    )
    return (yield from verified(plan, granted, keys=answered.keys, jwks_uri=answered.jwks_uri, code=code))


def verified(plan: SignIn, granted: Granted, *, keys: Keys, jwks_uri: str, code: str = "") -> Flow[SignedIn]:
    """What was granted for a person, with its ID token verified; `keys` are those that are known already.

    Raises `CheckFailed` when the ID token must not be trusted, `BadAnswer` when the access token can't be used.
    """
    with_usable_token(granted)
    granted = with_opened_id_token(granted, plan.keys, secret=plan.client.secret)
    remarks = granted.remarks + scope_remarks(plan.scope, granted.response)
    compact = granted.response.id_token
    if not compact:
        missing = ("`openid` was asked for, and no ID token came (OIDC Core section 3.1.3.3)",) if plan.is_openid else ()
        return SignedIn(granted, remarks=remarks + missing)
    token = take_apart(compact)
    keys = yield from keys_for(token, keys, jwks_uri)
    verdicts = judge_id_token(plan, token, granted=granted, keys=keys, code=code)
    refuse_failed(verdicts, granted, token)
    remarks += (*keys.remarks, *_unverified_remarks(verdicts[0]), *lacking(plan.claims, "id_token", token.claims or {}))
    return SignedIn(granted, token, verdicts, remarks)


def authorization_url(plan: SignIn) -> Flow[tuple[str, Offer | None]]:
    """The page for the browser: with the whole request in it, with a JWT that holds it, or with a reference to what was pushed before.

    Where the reference is to a place of ours, what the server will find there comes with it. Raises as `pushed_authorization.push` and
    `request_object.packed` do.
    """
    page, params = endpoint(plan.metadata, "authorization_endpoint"), authorization_params(plan)
    if plan.request_object:
        params = yield from packed(params, Packing(plan.request_object, plan.client, plan.metadata, plan.issuer, plan.keys))
    offer: Offer | None = None
    if plan.request_object == REFERENCE:
        params, offer = referenced(params, plan.request_uri)
    elif plan.is_pushed:
        place = endpoint(plan.metadata, "pushed_authorization_request_endpoint")
        params = yield from push(place, params, plan.client)
    return with_query(page, params), offer


def _unverified_remarks(signature: Verdict) -> tuple[str, ...]:
    """What is to be said of an ID token whose signature could not be verified.

    Source: OpenID Connect Core 1.0 section 3.1.3.7: TLS may stand in for the signature where the token came straight from the token
    endpoint, which is asked over TLS or on this machine alone (`tls`).
    """
    if signature.outcome is Outcome.PASS:
        return ()
    return (f"the signature of the ID token is not verified: {signature.why}; the token came straight from the token endpoint",)
