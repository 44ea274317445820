"""Answers inside of a JWT (JARM) that a client must not believe: of another issuer, for another client, expired, badly signed, missing.

Here: what the JWT says of itself against what was asked. Not here: clients that don't look into it (`authorization_in_detail`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.jose.jwt import Kind, Token, take_apart
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.claim_values import seconds_of, time_text
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import texts
from oauthctl.messages.response_modes import is_in_jwt
from oauthctl.record.tokens import Role
from oauthctl.rules.cookies import is_refused
from oauthctl.rules.registry import Certainty, Found, Jwt, Severity, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.second_thoughts import signed_in_later
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Asked = Seen[AuthorizationRequest]
Returned = Seen[AuthorizationResponse]

_CLOCKS_DIFFER = 60.0
_WRONG = ("differs", "altered", "key-unknown", "too-long", "too-short", "embedded-key", "hmac-with-public-key")
_DISTRUST = "do not believe anything in it, and do not redeem its code"


@rule(Section("OAuth JARM", "2.4"), explains=("issuer-mixed-up", "token-issuer-differs", "callback-failed"))
def answer_jwt_issuer_differs(asked: Asked, returned: Returned, metadata: ProviderMetadata) -> Iterator[Found]:
    """The answer's JWT comes from another issuer than the request went to."""
    token = _answer(asked, returned)
    issuer = metadata.issuer
    if token is None or not issuer or token.claim_text("iss") == issuer:
        return
    got = token.claim_text("iss")
    yield Found(
        cause=f"The JWT in `response` (JARM) has the `iss` `{got[:200]}`, and the request went to the issuer `{issuer}`: another server "
        "answered, or the provider is configured with two names."
        if got
        else f"The JWT in `response` (JARM) has no `iss`, so that it can't be told from an answer of another server than `{issuer}`.",
        help=f"In the client, {_DISTRUST}. Where both names are the same provider, give the client the issuer that its metadata and its "
        "JWTs carry.",
        evidence=(returned.evidence(".response.claims.iss", expected=issuer, got=got or "missing"),),
    )


@rule(Section("OAuth JARM", "2.4"), explains=("audience-differs", "callback-failed"))
def answer_jwt_audience_differs(asked: Asked, returned: Returned) -> Iterator[Found]:
    """The answer's JWT is for another client."""
    token = _answer(asked, returned)
    client_id = asked.sent.client_id or ""
    if token is None or not client_id:
        return
    audience = texts((token.claims or {}).get("aud")) or ()
    if client_id in audience:
        return
    got = " ".join(audience)
    yield Found(
        cause=f"The JWT in `response` (JARM) has the `aud` `{got[:200] or 'nothing at all'}`, and the client that asked is `{client_id}`: "
        "the answer was made for somebody else.",
        help=f"In the client, {_DISTRUST}. Have the provider set `aud` to the `client_id` of the request.",
        evidence=(returned.evidence(".response.claims.aud", expected=client_id, got=got or "missing"),),
    )


@rule(Section("OAuth JARM", "2.4"), explains=("token-expired", "clock-wrong", "callback-failed"))
def answer_jwt_expired(asked: Asked, returned: Returned) -> Iterator[Found]:
    """The answer's JWT has expired."""
    token = _answer(asked, returned)
    expires_at = seconds_of(token.claims or {}, "exp") if token is not None else None
    came_at = returned.exchange.started_at.timestamp()
    if expires_at is None or came_at <= expires_at + _CLOCKS_DIFFER:
        return
    yield Found(
        cause=f"The JWT in `response` (JARM) has expired: its `exp` is {time_text(expires_at)}, and it came {came_at - expires_at:.0f} "
        "seconds later. An old answer was shown again, or the clocks of client and provider differ.",
        help=f"In the client, {_DISTRUST}; start the sign-in again. Compare the clocks (NTP) where it happens each time.",
        evidence=(returned.evidence(".response.claims.exp", expected="a time to come", got=time_text(expires_at)),),
    )


@rule(Section("OAuth JARM", "2.4"), explains=("algorithm-none", "callback-failed"))
def answer_jwt_unsigned(asked: Asked, returned: Returned) -> Iterator[Found]:
    """The answer's JWT is not signed."""
    token = _answer(asked, returned)
    if token is None or token.kind is not Kind.UNSECURED:
        return
    yield Found(
        cause="The JWT in `response` (JARM) is not signed (`alg` is `none`): whoever could touch the browser's address "
        "can have written it.",
        help=f"In the client, {_DISTRUST}. Register the client with an `authorization_signed_response_alg` such as RS256; `none` is not "
        "allowed there.",
        evidence=(returned.evidence(".response.header.alg", expected="a signature", got=token.alg),),
    )


@rule(
    Section("OAuth JARM", "2.4"),
    explains=("signature-invalid", "token-altered", "key-unknown", "key-in-token", "algorithm-confusion", "callback-failed"),
)
def answer_jwt_signature_wrong(jwt: Jwt) -> Iterator[Found]:
    """The signature of the answer's JWT is not one of the issuer's keys."""
    reason = str(jwt.facts.get("signature_reason") or "")
    if jwt.held.role is not Role.RESPONSE or not jwt.held.place.startswith("request.") or reason not in _WRONG:
        return
    yield Found(
        cause="The signature of the JWT in `response` (JARM) does not fit any key that the issuer publishes: the answer was changed on its "
        "way through the browser, or somebody else made it.",
        help=f"In the client, {_DISTRUST}. Where the provider has just changed its keys, fetch its key set again and start the "
        "sign-in anew.",
        evidence=(jwt.evidence(".signature", "one by a key of the issuer", str(jwt.facts.get("signature_why", reason))[:200]),),
    )


@rule(Section("OAuth JARM", "2.3"), explains=("callback-failed",))
def answer_jwt_missing(asked: Asked, returned: Returned) -> Iterator[Found]:
    """The answer came without the JWT that was asked for."""
    mode = asked.sent.response_mode or ""
    if not is_in_jwt(mode) or returned.sent.raw("response") or not returned.sent.raw("code"):
        return
    yield Found(
        cause=f"The request asks for `response_mode={mode}` (JARM), and the answer came as plain parameters, without the JWT in "
        "`response`: the provider ignores this response mode, or somebody on the way took the signature away.",
        help="In the client, do not redeem its code. Ask the provider whether it supports JARM (`response_modes_supported` in its "
        "metadata); if not, leave `response_mode` out.",
        evidence=(
            asked.evidence(".response_mode", got=mode),
            returned.evidence(".response", expected="a signed JWT", got="missing"),
        ),
    )


@rule(Section("OAuth JARM", "2.4"), explains=("callback-failed",))
def answer_jwt_unreadable(asked: Asked, returned: Returned) -> Iterator[Found]:
    """The answer's JWT can't be read."""
    compact = returned.sent.raw("response")
    if not is_in_jwt(asked.sent.response_mode or "") or not isinstance(compact, str) or not compact:
        return
    token = take_apart(compact)
    if token.claims is not None or token.kind is Kind.JWE:
        return
    yield Found(
        cause="The `response` of the callback (JARM) is no JWT that can be read: it was cut or changed on its way through the browser, or "
        "the provider puts something else there.",
        help=f"In the client, {_DISTRUST}. Compare the `Location` of the provider's redirect with the callback.",
        evidence=(returned.evidence(".response", expected="a signed JWT", got=next(iter(token.problems), "none")[:120]),),
    )


@rule(Section("OAuth JARM", "2.1"), explains=("callback-failed", "token-encrypted", "request-refused"))
def answer_jwt_not_opened(asked: Asked, returned: Returned, scene: Scene) -> Iterator[Found]:
    """The answer's JWT is encrypted, and the client could not open it."""
    compact = returned.sent.raw("response")
    if not is_in_jwt(asked.sent.response_mode or "") or not isinstance(compact, str) or not is_refused(returned):
        return
    token = take_apart(compact)
    if token.kind is not Kind.JWE:
        return
    yield Found(
        cause=f"The `response` of the callback (JARM) is encrypted (`alg` `{token.alg[:40]}`), and no private key of the client opened it. "
        "Without it nobody knows its `state`: the client lacks the key to decrypt it, or the answer comes from somebody else.",
        help="Give the client the private key whose public half is registered with the provider (`oauthctl login --client-key FILE`), or "
        "register it without `authorization_encrypted_response_alg`. An answer that can't be opened must never end a sign-in.",
        evidence=(returned.evidence(".response", expected="a JWT that the client can open", got=f"a JWE, `alg` {token.alg[:40]}"),),
        certainty=Certainty.LIKELY,
        severity=Severity.NOTE if signed_in_later(returned, scene) else None,
    )


def _answer(asked: Asked, returned: Returned) -> Token | None:
    """The JWT, where one was asked for and can be read."""
    compact = returned.sent.raw("response")
    if not is_in_jwt(asked.sent.response_mode or "") or not isinstance(compact, str):
        return None
    token = take_apart(compact)
    return token if token.claims is not None else None
