"""The callback: reading what came to the redirect URI, and whether it answers our request.

Here: the checks that stand between an answer and the use of its code. Not here: waiting for it (`shell.callback`), tokens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hmac import compare_digest

from oauthctl.errors import BadAnswer, CheckFailed, Refused
from oauthctl.flows.answer_jwt import Party, Place, believed
from oauthctl.flows.keys import Keys
from oauthctl.flows.steps import BARE_CODE, Flow
from oauthctl.flows.token_endpoint import bounded, help_for
from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.record.exchange import Exchange

_OF_THE_JWT = ("aud", "exp", "iat", "nbf", "jti")
"""What the JWT of an answer says of itself. Source: JARM section 2.1."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What the answer must agree with: the request's `state`, the issuer that was asked (empty: unknown), and the request's exchange.

    `brings` are the parameters that the response type promises.
    """

    state: str = field(repr=False)
    issuer: str
    promises_iss: bool
    exchange: int
    brings: tuple[str, ...] = ("code",)


def read_callback(exchange: Exchange) -> AuthorizationResponse:
    """The authorization response in a request to our redirect URI: the query, or the form of a POST."""
    request = exchange.request
    params = request.form if request.method == "POST" else request.query
    return AuthorizationResponse(params.pairs, exchange.id)


def opened_callback(back: Exchange, party: Party, *, known: Keys, algs: tuple[str, ...] = ()) -> Flow[AuthorizationResponse]:
    """The authorization response inside of the JWT in `response`; nothing in it is believed before the JWT is.

    Raises `CheckFailed`, also where the answer came without its JWT. Source: JARM sections 2.1 and 2.4.
    """
    outside = read_callback(back)
    where = f"exchange {back.id}, callback {back.request.method} {back.request.path}"
    if not outside.response:
        names = ", ".join(f"`{bounded(name, 40)}`" for name, _ in outside.fields[:20]) or "no parameter"
        raise CheckFailed(
            "the answer came without the JWT that was asked for (`response`)",
            slug="answer-jwt-missing",
            where=where,
            got=names,
            spec="JARM section 2.3",
            help="the server ignores `response_mode`, or somebody took the JWT away; to do without: `--response-mode query`",
        )
    for name in outside.duplicated():
        raise BadAnswer(
            f"the callback has `{bounded(name, 40)}` more than once",
            slug="callback-parameter-repeated",
            where=where,
            spec="RFC 6749 section 3.1",
        )
    place = Place("the callback's JWT", "answer-jwt", where, "JARM section 2.4", back.started_at, expires=True)
    token = yield from believed(outside.response, party, place, known=known, algs=algs)
    inside = tuple((name, value) for name, value in (token.claims or {}).items() if name not in _OF_THE_JWT)
    return AuthorizationResponse(inside, back.id)


def check_callback(answer: AuthorizationResponse, sent: Sent, back: Exchange) -> None:
    """Whether the answer in the exchange `back` may be used; its code must not be redeemed when this raises.

    Raises `Refused` for an error of the server, `CheckFailed` when it is not the answer to our request, `BadAnswer` when it is none at all.
    Source: RFC 6749 section 4.1.2, RFC 9207 section 2.4.
    """
    where = f"exchange {back.id}, callback {back.request.method} {back.request.path}"
    for name in answer.duplicated():
        raise BadAnswer(
            f"the callback has `{bounded(name, 40)}` more than once",
            slug="callback-parameter-repeated",
            where=where,
            spec="RFC 6749 section 3.1",
        )
    if BARE_CODE not in back.request.headers:
        _check_state(answer, sent, where)
        _check_iss_present(answer, sent, where)
    _check_iss(answer, sent, where)
    if answer.error:
        raise Refused(
            f"the authorization server refused: `{bounded(answer.error)}`",
            where=where,
            notes=(f"the server says: {bounded(answer.error_description)}",) if answer.error_description else (),
            spec="RFC 6749 section 4.1.2.1",
            help=help_for(answer.error, in_callback=True),
            data={"oauth_error": answer.error, "oauth_error_description": answer.error_description or ""},
        )
    _check_whole(answer, sent, where)


def _check_whole(answer: AuthorizationResponse, sent: Sent, where: str) -> None:
    """Source: RFC 6749 section 4.1.2; OAuth 2.0 Multiple Response Type Encoding Practices section 5."""
    missing = tuple(name for name in sent.brings if not answer.raw(name))
    if not missing:
        return
    names = ", ".join(f"`{bounded(name, 40)}`" for name, _ in answer.fields[:20]) or "no parameter"
    if sent.brings == ("code",):
        raise BadAnswer(
            "the callback holds neither `code` nor `error`", slug="answer-without-code", where=where, notes=(f"it holds {names}",)
        )
    raise BadAnswer(
        f"the callback holds no {' and no '.join(f'`{name}`' for name in missing)}, which the response type asks for",
        slug="answer-incomplete",
        where=where,
        notes=(f"it holds {names}",),
        spec="OAuth Multiple Response Types section 5",
        help="nothing that came with it was used; the server may not speak this response type",
    )


def _check_state(answer: AuthorizationResponse, sent: Sent, where: str) -> None:
    # The listener refuses a wrong state as well; the flow must be right in any world.
    got = answer.state or ""
    if not compare_digest(got.encode("utf-8", "replace"), sent.state.encode()):
        raise CheckFailed(
            "the callback's `state` is not the one that was sent" if got else "the callback has no `state`",
            slug="state-mismatch" if got else "state-missing",
            where=where,
            sent=f"{_glimpse(sent.state)}  (exchange {sent.exchange})",
            got=_glimpse(got) if got else "nothing",
            spec="RFC 6749 section 10.12",
            help="this answer belongs to another request; do not redeem its code",
        )


def _check_iss_present(answer: AuthorizationResponse, sent: Sent, where: str) -> None:
    # Where an ID token must come along, its own `iss` is compared (RFC 9207 section 2 has both be the same): oidc-provider sends it alone.
    is_told_inside = "id_token" in sent.brings and bool(answer.id_token)
    if answer.iss is None and sent.promises_iss and not answer.error and not is_told_inside:
        raise CheckFailed(
            "the callback has no `iss`, though the server promises one",
            slug="issuer-not-returned",
            where=where,
            spec="RFC 9207 section 2.4",
            help="this may be an answer of another server; do not redeem its code",
        )


def _check_iss(answer: AuthorizationResponse, sent: Sent, where: str) -> None:
    if answer.iss is not None and sent.issuer and answer.iss != sent.issuer:
        raise CheckFailed(
            "the callback's `iss` is not the issuer that was asked",
            slug="issuer-mixed-up",
            where=where,
            sent=f"`{sent.issuer}`  (exchange {sent.exchange})",
            got=f"`{bounded(answer.iss)}`",
            spec="RFC 9207 section 2.4",
            help="another server answered; do not redeem its code",
        )


def _glimpse(value: str) -> str:
    """Enough of a value to tell it from another, and too little to use it."""
    return f"`{value[:3]}…{value[-2:]}`" if len(value) >= 12 else f"{len(value)} character{'s' if len(value) != 1 else ''}"
