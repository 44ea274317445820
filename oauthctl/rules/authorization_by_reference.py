"""Authorization requests that travel as a JWT or by reference: JAR and PAR.

Here: `request`, `request_uri`, pushing. Not here: the parameters inside (`authorization`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from oauthctl.jose.jwt import Kind, Token, take_apart
from oauthctl.messages.authorization import (
    AuthorizationRequest,
    AuthorizationResponse,
    PushedAuthorizationRequest,
    PushedAuthorizationResponse,
)
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message
from oauthctl.rules.clock_precision import PRECISION
from oauthctl.rules.front_channel import Refusal, as_provider_says, refusal_of
from oauthctl.rules.pushed_request import reference_from
from oauthctl.rules.registry import Certainty, Evidence, Found, rule
from oauthctl.rules.request_reference import fetch_for
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Asked = Seen[AuthorizationRequest]
Returned = Seen[AuthorizationResponse]

_PUSHED = "urn:ietf:params:oauth:request_uri:"
_SAYS_OBJECT = re.compile(r"invalid_request_object|request_not_supported|request.?(object|jwt|parameter)|\bjwt\b|signature", re.IGNORECASE)
_SAYS_URI = re.compile(r"invalid_request_uri|request_uri", re.IGNORECASE)
_SAYS_PUSH = re.compile(
    r"push(ed)?\b[^.]{0,60}(required|must|only|mandatory|enforce)|(required?s?|must|only)[^.]{0,60}(\bPAR\b|push)", re.IGNORECASE
)


@rule(Section("RFC 9101", "6"), explains=("authorization-refused",), decisive=True)
def request_object_refused(asked: Asked, returned: Returned | None, metadata: ProviderMetadata | None, scene: Scene) -> Iterator[Found]:
    """The provider refuses the request object."""
    refusal = refusal_of(asked, returned)
    fetched = fetch_for(asked, scene) if not asked.sent.request else None
    compact = asked.sent.request or (fetched.exchange.response.text.strip() if fetched and fetched.exchange.response else "")
    if refusal is None or not compact:
        return
    if not refusal.says(_SAYS_OBJECT):
        yield from as_provider_says(refusal.seen, "request-object-refused")
        return
    token = take_apart(compact)
    claims = token.claims or {}
    flaw = _repeated(token) or _flaw(claims, asked, metadata, is_unsigned=token.kind is Kind.UNSECURED)
    if flaw is None:
        yield _refused_object(asked, refusal, fetched)
        return
    how = "the `request` parameter" if fetched is None else "what the `request_uri` leads to"
    yield Found(
        cause=f"The request object ({how}) is refused: {flaw.why}.",
        help=f"In the client, {flaw.instead}; or send plain parameters.",
        evidence=(_place(asked, fetched, flaw.where, expected=flaw.expected, got=flaw.got), refusal.evidence),
    )


@dataclass(frozen=True, slots=True)
class _Flaw:
    why: str
    instead: str
    where: str
    expected: str
    got: str


def _repeated(token: Token) -> _Flaw | None:
    """Source: RFC 7519 section 4: claim names must be unique."""
    twice = next((flaw for flaw in token.flaws if flaw.slug == "duplicate-member"), None)
    if twice is None:
        return None
    found = re.search(r"`([^`]+)` (\d+) times", twice.sentence)
    name, count = (found[1], found[2]) if found else ("a member", "several")
    make = f"write `{name}` into the request object once: build it from a map, and not by joining texts"
    return _Flaw(
        f"it has `{name}` {count} times, so that nobody can tell which one counts", make, f".claims.{name}", "once", f"{count} times"
    )


def _flaw(claims: dict[str, Any], asked: Asked, metadata: ProviderMetadata | None, *, is_unsigned: bool) -> _Flaw | None:
    """What is wrong with a request object, by its claims and the provider's metadata. Source: RFC 9101 sections 4 and 6."""
    expires_at, audience, client_id = claims.get("exp"), claims.get("aud"), asked.sent.client_id or ""
    issuer = metadata.issuer if metadata is not None else None
    audiences = audience if isinstance(audience, list) else [audience] if audience else []
    if metadata is not None and metadata.raw("request_parameter_supported") is False:
        why = "the provider's metadata says that it takes none"
        return _Flaw(
            why, "leave `request` out, or push the request (PAR) if the provider takes that", "", "no request parameter", "request"
        )
    if is_unsigned:
        why = "it is not signed (`alg` is `none`)"
        return _Flaw(why, "sign it with a key that is registered for the client", ".header.alg", "a signature", "none")
    if isinstance(expires_at, int | float) and expires_at + PRECISION < asked.exchange.started_at.timestamp():
        make = "make the request object anew for each request, with an `exp` a few minutes ahead, and keep no such link"
        return _Flaw("its `exp` has passed, so it has expired", make, ".claims.exp", "a time to come", str(expires_at))
    begins_at = claims.get("nbf")
    if isinstance(begins_at, int | float) and begins_at > asked.exchange.started_at.timestamp() + 5:
        make = "correct the clock (NTP), and set `nbf` to the present or leave it out"
        why = "its `nbf` lies ahead, so it is not yet valid: the clock of the client is ahead"
        return _Flaw(why, make, ".claims.nbf", "a time that has come", str(begins_at))
    if issuer and audiences and issuer not in audiences:
        make = f"set its `aud` to the provider's issuer identifier, `{issuer}`"
        return _Flaw(f"its `aud` is not the issuer `{issuer}`", make, ".claims.aud", issuer, str(audiences[0]))
    if claims and claims.get("client_id", client_id) != client_id:
        why, make = "its `client_id` is not that of the request around it", "send the same `client_id` inside and outside"
        return _Flaw(why, make, ".claims.client_id", client_id, str(claims.get("client_id")))
    if client_id and claims.get("iss", client_id) != client_id:
        why, make = f"its `iss` is `{str(claims['iss'])[:120]}` and not the `client_id`", f"set its `iss` to the `client_id`, `{client_id}`"
        return _Flaw(why, make, ".claims.iss", client_id, str(claims["iss"]))
    return None


@rule(Section("RFC 9126", "4"), explains=("authorization-refused",), decisive=True)
def request_uri_expired(asked: Asked, returned: Returned | None, scene: Scene) -> Iterator[Found]:
    """The request_uri of a pushed request is used too late, or again."""
    sent = asked.sent.request_uri or ""
    refusal = refusal_of(asked, returned)
    if refusal is None or not sent:
        return
    pushed = next((one for one in scene.before(asked.id, PushedAuthorizationRequest) if reference_from(one) == sent), None)
    before = [one for one in scene.before(asked.id, AuthorizationRequest) if one.sent.request_uri == sent]
    seconds = (asked.exchange.started_at - pushed.exchange.started_at).total_seconds() if pushed is not None else 0.0
    lasts = pushed.back.expires_in if pushed is not None and isinstance(pushed.back, PushedAuthorizationResponse) else None
    certainty = Certainty.CERTAIN
    if before:
        cause = f"The `request_uri` was used already, in exchange {before[0].id}: a pushed request works once."
    elif lasts is not None and seconds > lasts + PRECISION:
        cause = f"The `request_uri` has expired: the provider gave it {lasts:g} seconds, and it is used after {seconds:g}."
    elif sent.startswith(_PUSHED) and refusal.says(_SAYS_URI):
        cause = "The provider does not know the `request_uri` any more: it has expired, or was used before (a pushed request works once)."
        certainty = Certainty.LIKELY
    else:
        yield from as_provider_says(refusal.seen, "request-uri-expired")
        return
    yield Found(
        cause=cause,
        help="In the client, push the request right before the browser is sent away, and push it again for every new try; keep no such "
        "link.",
        evidence=(asked.evidence(".request_uri", expected="a fresh one", got=sent), refusal.evidence),
        certainty=certainty,
    )


@rule(Section("RFC 9126", "5"), explains=("authorization-refused", "redirect-uri-missing"), decisive=True)
def pushed_request_required(asked: Asked, returned: Returned | None, metadata: ProviderMetadata | None) -> Iterator[Found]:
    """The provider takes pushed authorization requests alone."""
    refusal = refusal_of(asked, returned)
    if refusal is None or asked.sent.request_uri or type(asked.sent) is not AuthorizationRequest:
        return
    is_published = metadata is not None and metadata.raw("require_pushed_authorization_requests") is True
    if not (refusal.says(_SAYS_PUSH) or (is_published and "access_denied" not in refusal.words)):
        yield from as_provider_says(refusal.seen, "pushed-request-required")
        return
    yield Found(
        cause="The authorization request was sent through the browser with all its parameters, but this provider takes pushed "
        "authorization "
        "requests (PAR) alone" + (": its metadata has `require_pushed_authorization_requests`." if is_published else "."),
        help="In the client, POST the parameters to the `pushed_authorization_request_endpoint` first, and send the browser with "
        "`client_id` "
        "and the `request_uri` from the answer; or switch the requirement off in the client's registration.",
        evidence=(asked.evidence(".request_uri", expected="from a pushed request", got="missing"), refusal.evidence),
        certainty=Certainty.CERTAIN if is_published else Certainty.LIKELY,
    )


def _place(asked: Asked, fetched: Seen[Message] | None, where: str, *, expected: str = "", got: str) -> Evidence:
    if fetched is not None:
        return fetched.evidence(f"response.body{where}", expected=expected, got=got)
    return asked.evidence(f".request{where}", expected=expected, got=got)


def _refused_object(asked: Asked, refusal: Refusal, fetched: Seen[Message] | None) -> Found:
    how = "the `request` parameter" if fetched is None else "what the `request_uri` leads to"
    return Found(
        cause=f"The provider refuses the request object ({how}): its signature, key or claims are not what it expects, or it takes none at "
        "all.",
        help="In the client, sign it with a key that is registered for the client, set `iss`, `aud` (the issuer) and `exp`; or send plain "
        "parameters.",
        evidence=(_place(asked, fetched, "", got="refused"), refusal.evidence),
        certainty=Certainty.LIKELY,
    )
