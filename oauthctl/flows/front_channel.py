"""The implicit and the hybrid flow: tokens that come by the browser, with a code or without. Legacy, for servers that still want it.

Here: OpenID Connect Core 1.0 sections 3.2 and 3.3, RFC 6749 section 4.2. Not here: what the code brings (`authorization_code`), the page
that hands a fragment over (`shell.callback_page`).
"""

from __future__ import annotations

from dataclasses import replace

from oauthctl.errors import BadAnswer, CheckFailed
from oauthctl.findings import Outcome, Verdict
from oauthctl.flows.authorization_code import Answered, SignedIn, SignIn, asked, redeemed
from oauthctl.flows.endpoints import endpoint
from oauthctl.flows.granted_scope import scope_remarks
from oauthctl.flows.judged_id_token import judge_id_token, refuse_failed
from oauthctl.flows.keys import keys_for
from oauthctl.flows.opened_id_token import with_opened_id_token
from oauthctl.flows.steps import Flow
from oauthctl.flows.token_endpoint import Granted, bounded, is_visible, with_warnings
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.claims_wanted import lacking
from oauthctl.messages.response_modes import is_in_jwt
from oauthctl.messages.response_types import CODE, hashes_needed, words_of
from oauthctl.messages.token import TokenResponse
from oauthctl.specs import Section

_MEMBERS = {"id_token": ("id_token",), "token": ("access_token", "token_type", "expires_in", "scope", "authorization_details")}


def front_channel_sign_in(plan: SignIn) -> Flow[SignedIn]:
    """Send the person to the provider, take the tokens from the answer, and trade the code where one came along.

    Nothing is believed, and no code traded, before the ID token in the answer is verified, its signature too. Raises as `sign_in` does.
    Source: OpenID Connect Core 1.0 sections 3.2.2.8 and 3.3.2.8.
    """
    has_code = CODE in words_of(plan.response_type)
    token_endpoint = endpoint(plan.metadata, "token_endpoint") if has_code else ""
    answered = yield from asked(plan, keep_open=(token_endpoint,) if has_code else ())
    _refuse_query(plan, answered)
    front = yield from _believed(plan, answered)
    if not has_code:
        return front
    back = yield from redeemed(plan, answered, token_endpoint)
    return _joined(front, back)


def _refuse_query(plan: SignIn, answered: Answered) -> None:
    """Source: OAuth 2.0 Multiple Response Type Encoding Practices sections 3 and 5: tokens must not stand in the query."""
    back, answer = answered.back, answered.answer
    held = [name for name in ("access_token", "id_token") if answer.raw(name)]
    if back.request.method == "POST" or is_in_jwt(plan.response_mode) or not held:
        return
    raise CheckFailed(
        f"the callback carries {' and '.join(f'`{name}`' for name in held)} in its query, which servers, proxies and pages get to see",
        slug="token-in-callback-query",
        where=f"exchange {back.id}, callback {back.request.method} {back.request.path}",
        spec="OAuth Multiple Response Types section 5",
        help="the tokens were thrown away; the server has to answer in the fragment, or by `--response-mode form_post`",
    )


def _believed(plan: SignIn, answered: Answered) -> Flow[SignedIn]:
    """The tokens of the answer, with its ID token verified."""
    # What nobody asked for may be anybody's.
    asked_for = [name for word in words_of(plan.response_type) for name in _MEMBERS.get(word, ())]
    fields = tuple((name, value) for name, value in answered.answer.fields if name in asked_for)
    granted = Granted(TokenResponse(fields, answered.back.id), answered.back.started_at, answered.back.id)
    granted = _with_usable_token(plan, with_opened_id_token(granted, plan.keys, secret=plan.client.secret))
    remarks = granted.remarks + scope_remarks(plan.scope, granted.response)
    if "id_token" not in words_of(plan.response_type):
        return SignedIn(granted, remarks=remarks)
    token = take_apart(granted.response.id_token or "")
    keys = yield from keys_for(token, answered.keys, answered.jwks_uri)
    needs, code = hashes_needed(plan.response_type), answered.answer.code or ""
    verdicts = judge_id_token(plan, token, granted=granted, keys=keys, code=code, needs=needs)
    refuse_failed(verdicts, granted, token)
    _refuse_unverified(verdicts[0], granted)
    return SignedIn(granted, token, verdicts, (*remarks, *keys.remarks, *lacking(plan.claims, "id_token", token.claims or {})))


def _with_usable_token(plan: SignIn, granted: Granted) -> Granted:
    """The access token is there, since the answer was looked through; what it is made of is another matter."""
    if "token" not in words_of(plan.response_type):
        return granted
    if not is_visible(granted.response.access_token or ""):
        raise BadAnswer(
            "the callback's `access_token` holds characters that no token has and no header can carry",
            slug="access-token-unusable",
            where=f"exchange {granted.exchange}, callback",
            spec="RFC 6749 appendix A.12",
            help="it was not kept; tell the provider: the answer is in `oauthctl trace show`",
        )
    if granted.response.token_type:
        return granted
    return with_warnings(granted, "`token_type` is missing in the callback (RFC 6749 section 4.2.2); Bearer is taken for granted")


def _refuse_unverified(signature: Verdict, granted: Granted) -> None:
    """Source: OpenID Connect Core 1.0 section 3.2.2.11: here no TLS stands in for the signature, since the browser carried the token."""
    if signature.outcome is Outcome.PASS:
        return
    raise CheckFailed(
        f"the ID token came by the browser, and its signature can't be verified: {signature.why}",
        slug="signature-not-verified",
        where=f"exchange {granted.exchange}, id_token",
        got=bounded(signature.got),
        spec="OIDC Core section 3.2.2.11",
        help="the tokens were thrown away; the provider's keys are needed (`jwks_uri`, `--jwks-uri URL`)",
    )


def _joined(front: SignedIn, back: SignedIn) -> SignedIn:
    """What the token endpoint gave, which counts, held against what came by the browser."""
    remarks = (*back.remarks, *(remark for remark in front.remarks if remark not in back.remarks), *_two_access_tokens(front, back))
    if front.id_token is None:
        return replace(back, remarks=remarks)
    if back.id_token is None:
        fields = (*back.granted.response.fields, ("id_token", front.id_token.compact))
        granted = replace(back.granted, response=TokenResponse(fields, back.granted.response.exchange))
        return SignedIn(granted, front.id_token, front.verdicts, remarks)
    same = _same_person(front, back)
    told = {one.check for one in back.verdicts}
    verdicts = (*back.verdicts, *(one for one in front.verdicts if one.check not in told), same)
    return replace(back, verdicts=verdicts, remarks=remarks)


def _same_person(front: SignedIn, back: SignedIn) -> Verdict:
    """Source: OpenID Connect Core 1.0 section 3.3.3.6: `iss` and `sub` must be identical in both ID tokens."""
    one, other = front.id_token, back.id_token
    for claim in ("iss", "sub"):
        sent, got = (token.claim_text(claim) if token is not None else "" for token in (one, other))
        if sent != got:
            raise CheckFailed(
                f"the two ID tokens differ in `{claim}`: the one that came by the browser and the token endpoint's are not of one sign-in",
                slug="id-tokens-differ",
                where=f"exchange {back.granted.exchange}, response.id_token",
                sent=f"{bounded(sent)}  (exchange {front.granted.exchange})",
                got=bounded(got) or f"no `{claim}`",
                spec="OIDC Core section 3.3.3.6",
                help="the tokens were thrown away: the code may be another person's; look closer with `oauthctl trace show`",
            )
    why = "both ID tokens are of the same issuer and person"
    return Verdict("same-person", Outcome.PASS, why, section=Section("OIDC Core", "3.3.3.6"))


def _two_access_tokens(front: SignedIn, back: SignedIn) -> tuple[str, ...]:
    """Source: OpenID Connect Core 1.0 section 3.3.3.8: both may be the same, or differ."""
    by_browser = front.granted.response.access_token
    if not by_browser or not back.granted.response.access_token:
        return ()
    if by_browser == back.granted.response.access_token:
        return ("the access token that is kept has also come by the browser (OIDC Core section 3.3.3.8)",)
    return ("another access token came by the browser; the token endpoint's is kept, and the other is good until it ends",)
