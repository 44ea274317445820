"""The ID token of a refresh answer, held against that of the sign-in.

Here: OpenID Connect Core 1.0 section 12.2. Not here: the request (`refresh`), the ID token of a sign-in (`authorization_code`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from oauthctl.errors import CheckFailed
from oauthctl.findings import Outcome
from oauthctl.flows.opened_id_token import with_opened_id_token
from oauthctl.flows.token_endpoint import Granted, bounded, with_warnings
from oauthctl.jose.jwt import Kind, Token, take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.messages.claim_values import seconds_of
from oauthctl.messages.client_auth import Client
from oauthctl.messages.param import texts
from oauthctl.messages.token import TokenResponse

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk

_CLOCKS_SECONDS = 60.0
_SLUGS = {"iss": "refreshed-issuer-differs", "sub": "refreshed-subject-differs", "aud": "refreshed-audience-differs"}
_THROWN_AWAY = "the new tokens were thrown away; sign in again with `oauthctl login`"


@dataclass(frozen=True, slots=True)
class Original:
    """What is kept of the sign-in: its ID token, and whom and whose it was also where that can't be read. Each may be empty."""

    id_token: str = field(default="", repr=False)
    issuer: str = ""
    subject: str = ""
    keys: tuple[Jwk, ...] = field(default=(), repr=False)
    """The client's private keys, which open what is encrypted for it."""

    @property
    def token(self) -> Token:
        """The ID token taken apart."""
        return take_apart(self.id_token)


def with_checked_id_token(granted: Granted, client: Client, original: Original) -> Granted:
    """The same; without the new ID token, and with a warning, where that can't take the old one's place.

    Raises `CheckFailed` for one of another person, issuer or client, and for a wrong signature that the client's secret can tell.
    No keys are fetched: that a signature is not verified is among the remarks.
    """
    if granted.response.raw("id_token") in (None, ""):
        return granted
    if original.keys:
        granted = with_opened_id_token(granted, original.keys, secret=client.secret)
    new, old = take_apart(granted.response.id_token or ""), original.token
    if new.kind is Kind.JWE and old.claims is None:
        # An encrypted ID token is for the client's key alone.
        return _remarked(granted, "the new ID token is encrypted: it was not compared with the first one")
    if not new.is_jwt:
        why = "is encrypted and can't be compared with the first one" if new.kind is Kind.JWE else "can't be read"
        return _left_out(granted, original, why)
    _refuse_another(granted, new, client, original)
    why = next(_departures(new, old), "") or _stranger(new, client, original)
    return _left_out(granted, original, why) if why else _remarked(granted, *_remarks(granted, new, client))


def _refuse_another(granted: Granted, new: Token, client: Client, original: Original) -> None:
    """`iss` and `sub` "MUST be the same" as in the original, `aud` must hold its audience."""
    after, before = new.claims or {}, original.token.claims
    if before is None:
        before = {"sub": original.subject} if original.subject else {}
    for name, slug in _SLUGS.items():
        if (name in before or original.token.is_jwt) and not _is_same(name, before, after):
            raise CheckFailed(
                f"the refreshed ID token has another `{name}` than the first one",
                slug=slug,
                where=f"exchange {granted.exchange}, response.id_token",
                sent=bounded(str(before.get(name, "nothing"))),
                got=bounded(str(after.get(name, "nothing"))),
                spec="OIDC Core section 12.2",
                help=_THROWN_AWAY,
            )
    if not (client.secret and new.alg.startswith("HS")):
        return
    signature = check_signature(new, (), secret=client.secret)
    if signature.outcome is Outcome.FAIL:
        raise CheckFailed(
            f"the refreshed ID token fails a check: {signature.why}",
            slug="signature-invalid",
            where=f"exchange {granted.exchange}, response.id_token",
            spec="OIDC Core section 3.1.3.7",
            help=_THROWN_AWAY,
        )


def _is_same(name: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
    if name == "aud":
        return set(texts(before.get(name)) or ()) <= set(texts(after.get(name)) or ())
    return bool(before.get(name) == after.get(name))


def _stranger(new: Token, client: Client, original: Original) -> str:
    """Where there is no first ID token to compare with: why this is none of this issuer for this client."""
    if original.token.is_jwt:
        return ""
    claims = new.claims or {}
    if original.issuer and claims.get("iss") != original.issuer:
        return "is of another issuer (`iss`)"
    return "" if client.client_id in (texts(claims.get("aud")) or ()) else "is for another client (`aud`)"


def _departures(new: Token, old: Token) -> Iterator[str]:
    """Why the token is not what a refresh gives, in words that follow "the new ID token"."""
    after, before = new.claims or {}, old.claims or {}
    issued, first = seconds_of(after, "iat"), seconds_of(before, "iat")
    if issued is None:
        yield "has no `iat` that is a number"
    elif first is not None and issued < first:
        yield "is older than the first one (`iat`)"
    if not old.is_jwt:
        return
    # "if the ID Token contains an auth_time Claim, its value MUST represent the time of the original authentication".
    for name in ("auth_time", "nonce"):
        if name in after and name in before and after[name] != before[name]:
            yield f"has another `{name}` than the first one"
    # "if no azp Claim was present in the original ID Token, one MUST NOT be present in the new ID Token".
    if after.get("azp") != before.get("azp"):
        yield "has another `azp` than the first one"
    if new.kind is Kind.UNSECURED and old.kind is not Kind.UNSECURED:
        yield "is not signed, and the first one was"


def _remarks(granted: Granted, new: Token, client: Client) -> tuple[str, ...]:
    issued, clock = seconds_of(new.claims or {}, "iat") or 0, granted.received_at.timestamp()
    # A clock that is wrong, ours or the server's, makes it no other person's.
    ahead = ("the new ID token was issued in the future: the clocks differ",) if issued > clock + _CLOCKS_SECONDS else ()
    if client.secret and check_signature(new, (), secret=client.secret).outcome is Outcome.PASS:
        return ahead
    why = "it has none" if new.kind is Kind.UNSECURED else "no keys are fetched for a refresh"
    return (*ahead, f"the signature of the new ID token is not verified: {why}; the token came straight from the token endpoint")


def _left_out(granted: Granted, original: Original, why: str) -> Granted:
    stays = "the old one stays" if original.id_token else "it was not kept"
    said = f"the new ID token {why} (OIDC Core section 12.2): {stays}"
    fields = tuple((name, value) for name, value in granted.response.fields if name != "id_token")
    response = TokenResponse(fields, granted.response.exchange)
    return with_warnings(replace(granted, response=response), said)


def _remarked(granted: Granted, *remarks: str) -> Granted:
    return replace(granted, remarks=(*granted.remarks, *remarks))
