"""An answer inside of a JWT: opened, and believed only when its signature, issuer, audience and times are right.

Here: what JARM, signed userinfo and signed introspection share. Not here: ID tokens (`authorization_code`), what the answer then says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from oauthctl.errors import BadAnswer, CheckFailed
from oauthctl.findings import Outcome
from oauthctl.flows.keys import Keys, doubt, keys_for
from oauthctl.flows.steps import Flow
from oauthctl.flows.token_endpoint import bounded
from oauthctl.jose.jwt import Kind, Token, take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.messages.claim_values import seconds_of, time_text
from oauthctl.messages.param import texts

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk


@dataclass(frozen=True, slots=True)
class Party:
    """Between whom such an answer passes, and the keys of both: `keys` are the client's private ones, `jwks_uri` the server's."""

    issuer: str
    client_id: str
    jwks_uri: str = ""
    secret: str = field(default="", repr=False)
    keys: tuple[Jwk, ...] = field(default=(), repr=False)
    leeway_seconds: float = 60.0

    def opened(self, encrypted: str) -> str:
        """What is inside of an encrypted answer; empty where no key of the client opens it."""
        from oauthctl.jose.jwe import Undecryptable, decrypt

        try:
            return decrypt(encrypted, self.keys, secret=self.secret)
        except Undecryptable:
            return ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the answer stands and what it is called: `the callback's JWT`, `answer-jwt`.

    `expires`: it must say until when it is good. `names_parties`: it must say from whom and for whom it is.
    """

    what: str
    slug: str
    where: str
    spec: str
    at: datetime
    expires: bool = False
    names_parties: bool = True
    typ: str = ""


def believed(compact: str, party: Party, place: Place, *, known: Keys | None = None, algs: tuple[str, ...] = ()) -> Flow[Token]:
    """The JWT, decrypted where it was encrypted, whose claims may be used.

    `algs` are those that the server announces for it. Keys are fetched where none are `known`. Raises `CheckFailed`, and `BadAnswer` for
    what is no JWT.
    Source: JARM section 2.4; OpenID Connect Core 1.0 section 5.3.4; RFC 9701 section 5.
    """
    token = take_apart(_decrypted(compact, party, place))
    if token.claims is None:
        raise BadAnswer(
            f"{place.what} can't be read: {bounded(next(iter(token.problems), 'it is no JWT'), 120)}",
            slug=f"{place.slug}-unreadable",
            where=place.where,
            spec=place.spec,
            help="look at the answer with `oauthctl trace show`",
        )
    if token.kind is Kind.UNSECURED or not token.signature:
        raise _refused(place, "unsigned", "is not signed: anybody can have written it", got=token.alg or "no `alg`")
    if place.typ and token.typ != place.typ:
        raise _refused(place, "type-differs", "is of another type", sent=place.typ, got=bounded(token.typ or "no `typ`", 60))
    yield from _check_signature(token, party, place, known=known or Keys(), algs=algs)
    _check_parties(token, party, place)
    _check_times(token, party, place)
    return token


def _decrypted(compact: str, party: Party, place: Place) -> str:
    if take_apart(compact).kind is not Kind.JWE:
        return compact
    from oauthctl.jose.jwe import Undecryptable, decrypt

    try:
        return decrypt(compact, party.keys, secret=party.secret)
    except Undecryptable as error:
        raise CheckFailed(
            f"{place.what} is encrypted and can't be opened: {error}",
            slug="token-encrypted",
            where=place.where,
            spec="RFC 7516 section 5.2",
            help="give the private key to whose public half it was encrypted, with `--client-key FILE`",
        ) from None


def _check_signature(token: Token, party: Party, place: Place, *, known: Keys, algs: tuple[str, ...]) -> Flow[None]:
    is_hmac = token.alg.startswith("HS")
    keys = known if is_hmac else (yield from keys_for(token, known, party.jwks_uri))
    verdict = check_signature(token, keys.known, allowed_algs=algs, secret=party.secret)
    why = verdict.why
    if verdict.outcome is Outcome.PASS:
        why = "" if is_hmac else doubt(party.jwks_uri)
    elif keys.unreached:
        why = f"the provider's keys can't be had: {keys.unreached}"
    if why:
        raise _refused(place, "signature-wrong", f"has no signature to rely on: {why}", got=bounded(token.alg, 40))


def _check_parties(token: Token, party: Party, place: Place) -> None:
    claims = token.claims or {}
    issuer, audience = token.claim_text("iss"), texts(claims.get("aud")) or ()
    if party.issuer and issuer != party.issuer and (place.names_parties or "iss" in claims):
        raise _refused(place, "issuer-differs", "is of another issuer", sent=party.issuer, got=bounded(issuer or "no `iss`"))
    if party.client_id not in audience and (place.names_parties or "aud" in claims):
        got = bounded(" ".join(audience) or "no `aud`")
        raise _refused(place, "audience-differs", "is for another client", sent=party.client_id, got=got)


def _check_times(token: Token, party: Party, place: Place) -> None:
    claims, now = token.claims or {}, place.at.timestamp()
    expires_at, begins_at = seconds_of(claims, "exp"), seconds_of(claims, "nbf")
    if expires_at is None and (place.expires or "exp" in claims):
        raise _refused(place, "expired", "does not say until when it is good (`exp`)", got=bounded(str(claims.get("exp", "no `exp`")), 40))
    if expires_at is not None and now > expires_at + party.leeway_seconds:
        raise _refused(place, "expired", "has expired", sent="a time to come", got=time_text(expires_at))
    if begins_at is not None and now < begins_at - party.leeway_seconds:
        raise _refused(place, "expired", "is not good yet: the clocks differ", sent="a time that has come", got=time_text(begins_at))


def _refused(place: Place, kind: str, why: str, *, sent: str = "", got: str = "") -> CheckFailed:
    return CheckFailed(
        f"{place.what} {why}",
        slug=f"{place.slug}-{kind}",
        where=place.where,
        sent=sent,
        got=got,
        spec=place.spec,
        help="nothing in it was believed; look closer with `oauthctl trace show`",
    )
