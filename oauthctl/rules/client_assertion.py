"""Assertions: JWTs by which a client proves who it is, or that are traded for a token.

Here: `client_assertion`, the `assertion` of the JWT bearer grant, and a client secret that is a JWT. Not here: other tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from oauthctl.findings import Candidate, Certainty
from oauthctl.http import split_url
from oauthctl.jose.jwt import Kind, take_apart
from oauthctl.messages.param import Message, number, texts
from oauthctl.messages.token import TokenRequest
from oauthctl.record import purposes
from oauthctl.rules.client_proof import registration_of
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import DIRECT, in_words, is_refused, says
from oauthctl.specs import Section

_NAMES_KEY = r"\bkid\b|\bjwks?\b|signature|public key|signing key|key (not|was not|could not|is not|id)|no (matching|suitable) key"
_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_HALF_A_YEAR, _HOUR, _USUAL = 15777000, 3600, 600
_SKEW = 30
# What providers take at most, in seconds; Source: their pages on JWT grants and on private_key_jwt.
_LIMITS = {"box.com": 60, "auth0.com": 300, "epic.com": 300}
_NAMES = {"client_assertion": "client assertion", "assertion": "assertion", "client_secret": "client secret (a JWT)"}
_ERRORS = ("invalid_client", "invalid_grant", "invalid_request", "unauthorized_client", "invalid_client_assertion", "")


@dataclass(frozen=True, slots=True)
class _Assertion:
    """The assertion of a refused request: under which name it was sent, its claims, the server's time when it came."""

    name: str
    header: dict[str, Any]
    claims: dict[str, Any]
    at: datetime
    is_server_time: bool

    @property
    def words(self) -> str:
        return _NAMES[self.name]

    def seconds(self, claim: str) -> float | None:
        """How many seconds a claim's moment lies ahead; negative when it is past."""
        value = number(self.claims.get(claim))
        return None if value is None else value - self.at.timestamp()


def _assertion(seen: Seen[Message], scene: Scene) -> _Assertion | None:
    if seen.purpose not in DIRECT:
        return None
    name = next((name for name in _NAMES if isinstance(seen.sent.raw(name), str) and seen.sent.raw(name)), "")
    if not name or not is_refused(seen, scene) or seen.reply.error not in _ERRORS:
        return None
    token = take_apart(seen.sent.raw(name))
    if token.kind not in (Kind.JWS, Kind.UNSECURED) or not token.claims:
        return None
    date = _date(seen)
    return _Assertion(name, token.header or {}, token.claims, date or seen.exchange.started_at, date is not None)


@rule(Section("RFC 7523", "3"), explains=("client-unknown",))
def assertion_audience_wrong(seen: Seen[Message], scene: Scene, given: Given) -> Iterator[Found | Refuted]:
    """The assertion's audience is not one that this server answers to."""
    held = _assertion(seen, scene)
    if held is None:
        return
    published = scene.metadata_for(seen.url)
    audiences = texts(held.claims.get("aud")) or ()
    issuer = given.issuer or (published.issuer if published is not None else "") or ""
    endpoint = (published.token_endpoint if published is not None else "") or (seen.url if seen.purpose == purposes.TOKEN else "")
    called = seen.url.partition("?")[0]
    known = {one.rstrip("/") for one in (issuer, endpoint, called) if one}
    is_named = says(seen, r"\baud\b|audience")
    if issuer and issuer in audiences:
        yield Refuted()
        return
    is_alien = not any(one.rstrip("/") in known or _host(one) == _host(called) for one in audiences)
    if not is_named and not is_alien:
        return
    got = ", ".join(audiences)[:200] or "missing"
    if is_named and issuer and issuer not in audiences:
        wanted, what = issuer, f"while this server wants its issuer identifier, `{issuer[:160]}`"
    elif is_alien:
        wanted = issuer or endpoint or called
        what = "which is neither this server's issuer identifier nor its token endpoint"
    elif called in audiences:
        wanted, what = "the issuer identifier", "the URL that was called, while this server wants its issuer identifier, as it seems"
    else:
        return
    yield Found(
        cause=f"The {held.words} has the audience (`aud`) `{got}`, {what}.",
        help=f"In the client, set `aud` of the assertion to `{wanted[:160]}`: the issuer of the server's metadata is what newer profiles "
        "ask for; older servers want the token endpoint's URL.",
        evidence=(seen.evidence(f".{held.name}.claims.aud", expected=wanted[:200], got=got),),
        certainty=Certainty.CERTAIN if is_alien else Certainty.LIKELY,
        candidates=()
        if is_alien or wanted == issuer
        else (
            Candidate("The server wants its issuer identifier.", "Set `aud` to the `issuer` of its metadata."),
            Candidate("The server wants the URL of its token endpoint.", "Set `aud` to the `token_endpoint` of its metadata."),
        ),
    )


@rule(Section("RFC 7523", "3"), explains=("assertion-expired", "client-secret-wrong", "confidential-client-without-secret"))
def assertion_lives_too_long(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The assertion's expiry is too far from its issue."""
    held = _assertion(seen, scene)
    if held is None:
        return
    issued, ends = number(held.claims.get("iat")), number(held.claims.get("exp"))
    if ends is None:
        return
    life = ends - (issued if issued is not None else held.at.timestamp())
    limit = _limit(held, seen)
    is_strict = held.name in ("client_secret", "assertion")
    is_longer = life > limit + 1 and (is_strict or says(seen, r"lifetime|too (long|far|large)|short.?lived|\bexp\b|expir"))
    is_told = limit == _HOUR and says(seen, r"too (long|far|large)|lifetime[^.]{0,40}\b(exceed|long|more)|\bexp\b[^.]{0,60}\bfuture")
    if not is_longer and not (is_told and life > _USUAL):
        return
    allowed = {_HALF_A_YEAR: "six months (15777000 seconds)", _HOUR: "an hour"}.get(limit, f"{limit} seconds")
    if not is_longer:
        is_strict, allowed = False, "less, as it says (five or ten minutes are usual, 60 seconds at some)"
    yield Found(
        cause=f"The {held.words} has a lifetime that is too long: `exp` lies {in_words(life)} after `iat`, and the server takes {allowed}"
        f"{' at most' if is_longer else ''}.",
        help=f"In the client, set `exp` of the {held.words} to {f'at most {allowed}' if is_longer else 'five minutes or less'} after "
        "`iat`; better, make a new one for each use.",
        evidence=(
            seen.evidence(f".{held.name}.claims.exp", expected=f"at most {allowed} after iat" if is_longer else "less", got=in_words(life)),
        ),
        certainty=Certainty.CERTAIN if is_strict else Certainty.LIKELY,
    )


@rule(Section("RFC 7523", "3"), explains=("assertion-expired",), decisive=True)
def assertion_clock_wrong(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The clock that the assertion was made by is wrong."""
    held = _assertion(seen, scene)
    if held is None:
        return
    ahead = max((held.seconds(claim) or 0 for claim in ("iat", "nbf")), default=0)
    if ahead <= _SKEW:
        return
    clock = "the server's `Date` header" if held.is_server_time else "the time of the request"
    yield Found(
        cause=f"The {held.words} was issued in the future: its `iat` lies {in_words(ahead)} after {clock}, so the clock of the machine "
        "that made it is fast, and its `iat` and `exp` are refused.",
        help="On the machine that signs the assertion, set the clock (NTP); in the client, take `iat` from the current time in seconds.",
        evidence=(
            seen.evidence(f".{held.name}.claims.iat", expected=f"no later than {held.at:%H:%M:%S} UTC", got=f"{in_words(ahead)} later"),
        ),
    )


@rule(Section("RFC 7523", "3"), explains=("client-unknown",))
def assertion_expired(seen: Seen[Message], scene: Scene) -> Iterator[Found | Refuted]:
    """The assertion has ended."""
    held = _assertion(seen, scene)
    left = held.seconds("exp") if held is not None else None
    if held is None or left is None:
        return
    if left > 0:
        yield Refuted()
        return
    yield Found(
        cause=f"The {held.words} had expired {in_words(-left)} before the server got it: the client reuses one that it made earlier, or "
        "its clock is slow.",
        help="In the client, make a new assertion for each request, with `iat` now and `exp` some minutes later; check the machine's "
        "clock.",
        evidence=(seen.evidence(f".{held.name}.claims.exp", expected="a moment to come", got=f"{in_words(-left)} ago"),),
    )


@rule(Section("RFC 7523", "3"), explains=("client-unknown",))
def assertion_issuer_not_client(seen: Seen[Message], scene: Scene) -> Iterator[Found | Refuted]:
    """The client assertion's iss and sub are not the client's identifier."""
    held = _assertion(seen, scene)
    if held is None or held.name == "assertion":
        return
    issuer, subject = held.claims.get("iss"), held.claims.get("sub")
    sent = seen.sent.raw("client_id")
    wanted = sent if isinstance(sent, str) and sent else subject
    if not isinstance(wanted, str):
        return
    if held.name == "client_secret":
        # Apple's secret is issued by the team about the client.
        issuer = wanted
    # Another party may issue it, as workload identity federation has it. Source: RFC 7521 section 4.2.
    if isinstance(issuer, str) and issuer.startswith("http") and issuer != wanted:
        return
    if issuer == wanted and subject == wanted:
        yield Refuted()
        return
    wrong = "iss" if issuer != wanted else "sub"
    got = str(held.claims.get(wrong, "missing"))[:120]
    due = "`sub` must be" if held.name == "client_secret" else "it is issued by the client about itself, so `iss` and `sub` must both be"
    todo = f"In the client, set `{wrong}` of the {held.words} to the `client_id`"
    is_swapped = held.name == "client_secret" and held.claims.get("iss") == wanted
    if held.name == "client_secret":
        todo += " and `iss` to the identifier of the team that signs (at Apple the Team ID)"
    swapped = ": `iss` has it instead, so the two are swapped" if is_swapped else ""
    yield Found(
        cause=f"The {held.words} has `{got}` as its `{wrong}`, but {due} the `client_id`, `{wanted[:120]}`{swapped}.",
        help=f"{todo}.",
        evidence=(seen.evidence(f".{held.name}.claims.{wrong}", expected=wanted[:200], got=got),),
    )


@rule(Section("RFC 7523", "3"), Section("OIDC Core", "9"))
def assertion_reused(seen: Seen[Message], scene: Scene) -> Iterator[Found | Refuted]:
    """The same client assertion is sent twice."""
    held = _assertion(seen, scene)
    if held is None or held.name != "client_assertion":
        return
    sent = seen.sent.raw(held.name)
    earlier = [one for one in scene.seen if one.id < seen.id and one.purpose in DIRECT and one.sent.raw(held.name)]
    first = next((one for one in earlier if one.sent.raw(held.name) == sent), None)
    if earlier and first is None:
        yield Refuted()
        return
    is_said = says(seen, r"\bjti\b|replay|already (been )?used|re-?used")
    if first is None and not is_said:
        return
    yield Found(
        cause=f"The same client assertion was sent before{f', in exchange {first.id}' if first else ''}: its `jti` may be used once, and "
        "the server refuses the second use as a replay.",
        help="In the client, make a new assertion with a fresh `jti` for each request (also for a retry and for the pushed request).",
        evidence=(
            seen.evidence(
                ".client_assertion.claims.jti", expected="a value that was not used before", got=str(held.claims.get("jti"))[:80]
            ),
        ),
        certainty=Certainty.CERTAIN if first and is_said else Certainty.LIKELY,
    )


@rule(Section("RFC 7523", "3"), Section("RFC 7515", "4.1.4"))
def assertion_key_unknown(seen: Seen[Message], scene: Scene) -> Iterator[Found | Refuted]:
    """The server doesn't know the key that signed the assertion."""
    held = _assertion(seen, scene)
    if held is None:
        return
    kid = held.header.get("kid")
    registered = registration_of(str(held.claims.get("sub") or ""), scene)
    keys = registered[0].sent.raw("jwks") if registered else None
    listed = [key.get("kid") for key in keys.get("keys", []) if isinstance(key, dict)] if isinstance(keys, dict) else []
    is_absent = bool(listed) and kid not in listed
    if listed and not is_absent:
        yield Refuted()
        return
    if not is_absent and not says(seen, _NAMES_KEY):
        return
    named = f" (`kid` `{str(kid)[:80]}`)" if kid else ""
    yield Found(
        cause=f"The server can't verify the {held.words}: the key that signed it{named} is not among the keys that it has for this "
        "client, because the key was deleted, rotated or never registered, or another private key signed.",
        help="At the provider, register the public key (or the `jwks_uri`) that belongs to the client's private key, with the same `kid`; "
        "in the client, sign with the key that is registered.",
        evidence=(seen.evidence(f".{held.name}.header.kid", expected=", ".join(map(str, listed))[:200], got=str(kid or "missing")[:80]),),
        certainty=Certainty.CERTAIN if is_absent else Certainty.LIKELY,
    )


@rule(Section("RFC 7521", "4.2"), explains=("client-auth-missing", "client-unknown", "confidential-client-without-secret"))
def assertion_type_missing(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The client assertion comes without its type."""
    if seen.purpose not in DIRECT or not seen.sent.raw("client_assertion") or not is_refused(seen, scene):
        return
    said = seen.sent.raw("client_assertion_type")
    if said == _JWT_BEARER or seen.reply.error not in _ERRORS:
        return
    yield Found(
        cause=f"The request has a `client_assertion`, but its `client_assertion_type` is {f'`{str(said)[:80]}`' if said else 'missing'}: "
        "the server does not know what to make of the assertion.",
        help=f"In the client, send `client_assertion_type={_JWT_BEARER}` with it.",
        evidence=(seen.evidence(".client_assertion_type", expected=_JWT_BEARER, got=str(said or "missing")[:200]),),
    )


def _limit(held: _Assertion, seen: Seen[Message]) -> int:
    """The longest life, in seconds, that the server is known to take."""
    if held.name == "client_secret":
        return _HALF_A_YEAR
    host = _host(seen.url)
    return next((limit for ending, limit in _LIMITS.items() if host == ending or host.endswith(f".{ending}")), _HOUR)


def _host(url: str) -> str:
    return (split_url(url).hostname or url).lower()


def _date(seen: Seen[Message]) -> datetime | None:
    """The server's clock, as far as the answer shows it."""
    try:
        found = parsedate_to_datetime(seen.reply.header("date"))
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None
