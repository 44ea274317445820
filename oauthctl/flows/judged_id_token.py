"""An ID token held against the sign-in that it answers.

Here: from a plan to the checks, and what follows when one fails. Not here: the checks (`messages.id_token`, `jose.verify`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from oauthctl.errors import CheckFailed
from oauthctl.findings import Outcome, Verdict
from oauthctl.flows.keys import Keys, doubt
from oauthctl.flows.token_endpoint import Granted, bounded
from oauthctl.jose.jwt import Kind, Token
from oauthctl.jose.verify import CHECK, check_embedded_keys, check_signature, has_public_key
from oauthctl.messages.claims_wanted import values_of, wanted
from oauthctl.messages.id_token import IdTokenExpectations, check_id_token

if TYPE_CHECKING:
    from oauthctl.flows.authorization_code import SignIn

_RULES: Mapping[str, str] = {
    "issuer": "id-token-issuer-differs",
    "audience": "id-token-audience-differs",
    "authorized-party": "authorized-party-differs",
    "nonce": "nonce-differs",
    "at-hash": "at-hash-differs",
    "c-hash": "c-hash-differs",
    "s-hash": "s-hash-differs",
    "expiry": "token-expired",
    "not-before": "token-not-yet-valid",
    "issued-at": "token-issued-in-future",
    "auth-time": "sign-in-too-old",
    "signature": "signature-invalid",
}
_MISSING: Mapping[str, str] = {
    "nonce": "nonce-not-returned",
    "at-hash": "at-hash-missing",
    "c-hash": "c-hash-missing",
    "expiry": "expiry-missing",
    "authorized-party": "authorized-party-missing",
}
"""The rules' slugs, where a claim is wrong and where it is not there."""


_WAYS_ROUND = {
    "nonce-not-returned": "one that never copies the nonce (LinkedIn) gives access tokens alone without `openid` in `--scope`",
}
"""What to do where a provider is known to be so."""


def judge_id_token(
    plan: SignIn, token: Token, *, granted: Granted, keys: Keys, code: str, needs: tuple[str, ...] = ()
) -> tuple[Verdict, ...]:
    """All checks of the ID token, the signature first. `needs` are hashes that must be there.

    Source: OpenID Connect Core 1.0 section 3.1.3.7, section 3.2.2.11, section 3.3.2.12.
    """
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
            needs=needs,
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


def refuse_failed(verdicts: tuple[Verdict, ...], granted: Granted, token: Token) -> None:
    """Raises `CheckFailed` for the first check that failed, with the slug of its rule, and names the others."""
    failed = [verdict for verdict in verdicts if verdict.outcome is Outcome.FAIL]
    if not failed:
        return
    first = failed[0]
    way_round = _WAYS_ROUND.get(_slug(first, token), "look closer with `oauthctl trace show`")
    raise CheckFailed(
        f"the ID token fails a check: {first.why}" if len(failed) == 1 else f"the ID token fails {len(failed)} checks, first: {first.why}",
        slug=_slug(first, token),
        where=f"exchange {granted.exchange}, response.id_token",
        sent=first.expected,
        got=bounded(first.got),
        notes=tuple(f"also: {verdict.why}" for verdict in failed[1:]),
        spec=str(first.section or "OIDC Core section 3.1.3.7"),
        help=f"the tokens were thrown away; {way_round}",
        data={"checks": [{"check": one.check, "outcome": one.outcome.value, "why": one.why} for one in verdicts]},
    )


def _slug(failed: Verdict, token: Token) -> str:
    """The slug of the rule that tells of this check; where there is none, one of its own."""
    if failed.check == CHECK and token.kind is Kind.UNSECURED:
        return "algorithm-none"
    missing = _MISSING.get(failed.check, "") if not failed.got else ""
    return missing or _RULES.get(failed.check) or f"id-token-{failed.check.replace('_', '-')}"
