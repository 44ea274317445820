"""The authorization code flow with PKCE, from the browser's visit to verified tokens.

Here: the flow as RFC 6749 section 4.1 and OpenID Connect Core 1.0 section 3.1 tell it. Not here: judging the callback
(`callback`), discovery, the listener, the store.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from oauthctl.errors import CheckFailed
from oauthctl.findings import Outcome, Verdict
from oauthctl.flows import pkce
from oauthctl.flows.answer_jwt import Party
from oauthctl.flows.callback import Sent, check_callback, opened_callback, read_callback
from oauthctl.flows.endpoints import endpoint, key_set_uri
from oauthctl.flows.granted_scope import scope_remarks
from oauthctl.flows.keys import Keys, doubt, keys_for, reach_keys
from oauthctl.flows.opened_id_token import with_opened_id_token
from oauthctl.flows.pushed_authorization import push
from oauthctl.flows.request_object import Packing, packed
from oauthctl.flows.steps import Flow, Listen, listen, visit
from oauthctl.flows.token_endpoint import Granted, bounded, grant, with_usable_token
from oauthctl.http import Params, is_http_url, with_query
from oauthctl.jose.jwt import Kind, Token, take_apart
from oauthctl.jose.verify import check_embedded_keys, check_signature, has_public_key
from oauthctl.messages.claims_wanted import lacking, values_of, wanted
from oauthctl.messages.client_auth import Client
from oauthctl.messages.id_token import IdTokenExpectations, check_id_token
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.response_modes import is_in_jwt

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk


@dataclass(frozen=True, slots=True)
class SignIn:
    """Everything that is settled before the browser opens. `state`, `nonce` and `code_verifier` are fresh random values.

    `asked` is the URL that was asked for the metadata, where it is another than the issuer. `is_pushed` sends the request to the server
    first (RFC 9126), `request_object` puts it into a JWT in one of `messages.request_object.WAYS` (RFC 9101). `keys` are the client's own
    private keys: they sign what it asks and open what was encrypted for it.
    """

    metadata: ProviderMetadata
    client: Client
    redirect_uri: str
    state: str = field(repr=False)
    nonce: str = field(default="", repr=False)
    code_verifier: str = field(default="", repr=False)
    pkce_method: str = "S256"
    scope: tuple[str, ...] = ()
    response_mode: str = "query"
    params: Params = field(default_factory=Params)
    max_age: float | None = None
    acr_values: tuple[str, ...] = ()
    leeway_seconds: float = 60.0
    expected_issuer: str = ""
    asked: str = ""
    is_pushed: bool = False
    request_object: str = ""
    keys: tuple[Jwk, ...] = field(default=(), repr=False)

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
    has_pkce = plan.pkce_method != "none"
    own = Params.of(
        (
            ("response_type", "code"),
            ("client_id", plan.client.client_id),
            ("redirect_uri", plan.redirect_uri),
            # An empty `scope=` breaks some providers (Dropbox), so it is left out.
            ("scope", " ".join(dict.fromkeys(plan.scope)) or None),
            ("state", plan.state),
            ("nonce", plan.nonce or None if plan.is_openid else None),
            ("code_challenge", pkce.challenge(plan.code_verifier, plan.pkce_method) if has_pkce else None),
            ("code_challenge_method", plan.pkce_method if has_pkce else None),
            ("response_mode", plan.response_mode if plan.response_mode != "query" and "response_mode" not in plan.params else None),
            ("max_age", f"{plan.max_age:.0f}" if plan.max_age is not None else None),
            ("acr_values", " ".join(plan.acr_values) or None),
        )
    )
    return Params((*own.pairs, *plan.params.pairs))


def sign_in(plan: SignIn) -> Flow[SignedIn]:
    """Send the person to the provider, take the answer, trade the code, verify the ID token.

    Raises `Refused` when the provider or the person says no, `CheckFailed` when an answer must not be trusted, `BadAnswer` otherwise.
    """
    token_endpoint = endpoint(plan.metadata, "token_endpoint")
    url = yield from authorization_url(plan)
    # Who asks for no ID token is not kept from signing in by an address that nobody needs.
    jwks_uri = key_set_uri(plan.metadata) if plan.is_openid or is_http_url(plan.metadata.jwks_uri or "") else ""
    visited = yield from visit(url)
    # While the person signs in: the keys are fetched and the connection to the token endpoint is opened.
    keys = (yield from reach_keys(jwks_uri)) if jwks_uri and (plan.is_openid or is_in_jwt(plan.response_mode)) else Keys()
    back = yield from listen(Listen(plan.redirect_uri, plan.state, plan.response_mode, keep_open=(token_endpoint,)))
    if is_in_jwt(plan.response_mode):
        algs = tuple(plan.metadata.authorization_signing_alg_values_supported or ())
        answer = yield from opened_callback(back, plan.party(jwks_uri), known=keys, algs=algs)
    else:
        answer = read_callback(back)
    promises_iss = bool(plan.metadata.authorization_response_iss_parameter_supported)
    check_callback(answer, Sent(plan.state, plan.issuer, promises_iss=promises_iss, exchange=visited.id), back)
    code = answer.code or ""
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
    return (yield from verified(plan, granted, keys=keys, jwks_uri=jwks_uri, code=code))


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
    _refuse_failed(verdicts, granted)
    remarks += (*keys.remarks, *_unverified_remarks(verdicts[0]), *lacking(plan.claims, "id_token", token.claims or {}))
    return SignedIn(granted, token, verdicts, remarks)


def authorization_url(plan: SignIn) -> Flow[str]:
    """The page for the browser: with the whole request in it, with a JWT that holds it, or with a reference to what was pushed before.

    Raises as `pushed_authorization.push` and `request_object.packed` do.
    """
    page, params = endpoint(plan.metadata, "authorization_endpoint"), authorization_params(plan)
    if plan.request_object:
        params = yield from packed(params, Packing(plan.request_object, plan.client, plan.metadata, plan.issuer, plan.keys))
    if plan.is_pushed:
        place = endpoint(plan.metadata, "pushed_authorization_request_endpoint")
        params = yield from push(place, params, plan.client)
    return with_query(page, params)


def judge_id_token(plan: SignIn, token: Token, *, granted: Granted, keys: Keys, code: str) -> tuple[Verdict, ...]:
    """All checks of the ID token, the signature first. Source: OpenID Connect Core 1.0 section 3.1.3.7."""
    algs = plan.metadata.id_token_signing_alg_values_supported or ()
    signature = check_signature(token, keys.known, allowed_algs=tuple(algs), secret=plan.client.secret)
    if has_public_key(token):
        signature = _relied_on(signature, keys, plan)
    claims = check_id_token(
        token,
        IdTokenExpectations(
            issuer=plan.issuer,
            client_id=plan.client.client_id,
            nonce=plan.nonce or None if plan.is_openid else None,
            now=granted.received_at,
            leeway_seconds=plan.leeway_seconds,
            access_token=granted.response.access_token or "",
            code=code,
            state=plan.state,
            max_age=plan.max_age,
            acr_values=plan.acr_values or _essential_acr(plan),
        ),
    )
    if plan.is_openid and token.kind is Kind.OPAQUE:
        # Source: OpenID Connect Core 1.0 section 2: an ID token is a JWT; of anything else not even the nonce can be told.
        claims = tuple(replace(one, outcome=Outcome.FAIL) for one in claims)
    return (signature, *check_embedded_keys(token, signature), *claims)


def _essential_acr(plan: SignIn) -> tuple[str, ...]:
    """Source: OpenID Connect Core 1.0 section 5.5.1.1: an essential `acr` that does not come is a failed authentication."""
    how = wanted(plan.claims, "id_token").get("acr", {})
    return tuple(str(value) for value in values_of(how)) if how.get("essential") is True else ()


def _relied_on(signature: Verdict, keys: Keys, plan: SignIn) -> Verdict:
    """The verdict as far as it can be relied on: without keys, and with keys that somebody may have replaced, nothing is proven."""
    if keys.unreached and signature.outcome is Outcome.UNCLEAR:
        return replace(signature, why=f"the provider's keys can't be had: {keys.unreached}")
    metadata = plan.metadata
    led_there = (plan.asked, metadata.issuer or "") if metadata.exchange else ()
    doubtful = doubt(*led_there, metadata.jwks_uri or "")
    return replace(signature, outcome=Outcome.UNCLEAR, why=doubtful) if doubtful and signature.outcome is Outcome.PASS else signature


def _refuse_failed(verdicts: tuple[Verdict, ...], granted: Granted) -> None:
    failed = [verdict for verdict in verdicts if verdict.outcome is Outcome.FAIL]
    if not failed:
        return
    first = failed[0]
    raise CheckFailed(
        f"the ID token fails a check: {first.why}" if len(failed) == 1 else f"the ID token fails {len(failed)} checks, first: {first.why}",
        slug=f"id-token-{first.check.replace('_', '-')}",
        where=f"exchange {granted.exchange}, response.id_token",
        sent=first.expected,
        got=bounded(first.got),
        notes=tuple(f"also: {verdict.why}" for verdict in failed[1:]),
        spec=str(first.section or "OIDC Core section 3.1.3.7"),
        help="the tokens were thrown away; look closer with `oauthctl trace show`",
        data={"checks": [{"check": one.check, "outcome": one.outcome.value, "why": one.why} for one in verdicts]},
    )


def _unverified_remarks(signature: Verdict) -> tuple[str, ...]:
    """What is to be said of an ID token whose signature could not be verified.

    Source: OpenID Connect Core 1.0 section 3.1.3.7: TLS may stand in for the signature where the token came straight from the token
    endpoint, which is asked over TLS or on this machine alone (`tls`).
    """
    if signature.outcome is Outcome.PASS:
        return ()
    return (f"the signature of the ID token is not verified: {signature.why}; the token came straight from the token endpoint",)
