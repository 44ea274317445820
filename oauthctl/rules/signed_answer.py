"""Userinfo and introspection answers in a JWT that nobody may believe: of another issuer, for another client, expired, badly signed.

Here: what the JWT says of itself against who was asked, and what our own client said of it. Not here: clients that don't look into it
(`userinfo_answer`), answers that the browser brings (`answer_jwt`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.jose.jwt import Kind
from oauthctl.messages.claim_values import seconds_of, time_text
from oauthctl.messages.param import Message, texts
from oauthctl.messages.token import IntrospectionRequest, TokenRequest
from oauthctl.record import purposes
from oauthctl.record.tokens import Role
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_SECTIONS = (Section("OIDC Core", "5.3.4"), Section("RFC 9701", "5"))
_CLOCKS_DIFFER = 60.0
_WRONG = ("differs", "altered", "key-unknown", "too-long", "too-short", "embedded-key", "hmac-with-public-key", "key-misnamed")
_TYPE = "token-introspection+jwt"
_DISTRUST = "In the client, believe nothing in it."


@rule(*_SECTIONS, explains=("token-issuer-differs", "metadata-issuer-differs"))
def signed_answer_issuer_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The signed answer comes from another issuer than the one that was asked."""
    asked = _asked(jwt, scene)
    metadata = scene.metadata_for(asked.url) if asked is not None else None
    got = jwt.held.token.claim_text("iss")
    if asked is None or metadata is None or not metadata.issuer or got == metadata.issuer or not (got or _is_introspection(asked)):
        return
    yield Found(
        cause=f"The JWT that the {_name(asked)} endpoint answered with has the `iss` `{got[:200] or 'nothing at all'}`, and the issuer "
        f"that was asked is `{metadata.issuer}`.",
        help=f"{_DISTRUST} Have the provider sign with its own issuer identifier; where both names are the same provider, give the client "
        "the one that the metadata carry.",
        evidence=(jwt.evidence(".claims.iss", metadata.issuer, got or "missing"),),
    )


@rule(*_SECTIONS, explains=("audience-differs",))
def signed_answer_audience_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The signed answer is for another client."""
    asked = _asked(jwt, scene)
    if asked is None:
        return
    audience, client_id = texts((jwt.held.token.claims or {}).get("aud")) or (), _client(asked, scene)
    is_ours = not client_id and "is for another client" in scene.given.local_error
    if not is_ours and (not client_id or client_id in audience or not (audience or _is_introspection(asked))):
        return
    got = " ".join(audience)[:200]
    yield Found(
        cause=f"The JWT that the {_name(asked)} endpoint answered with has the `aud` `{got or 'nothing at all'}`, which does not name the "
        f"client that asked{f' (`{client_id}`)' if client_id else ''}: the answer was made for somebody else.",
        help=f"{_DISTRUST} Have the provider set `aud` to the `client_id` of who asks.",
        evidence=(jwt.evidence(".claims.aud", client_id or "the client that asked", got or "missing"),),
    )


@rule(*_SECTIONS, explains=("token-expired", "token-not-yet-valid", "clock-wrong"))
def signed_answer_expired(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The signed answer is not good any more, or not yet."""
    asked = _asked(jwt, scene)
    if asked is None:
        return
    claims, came_at = jwt.held.token.claims or {}, asked.exchange.started_at.timestamp()
    ends, begins = seconds_of(claims, "exp"), seconds_of(claims, "nbf")
    if ends is not None and came_at > ends + _CLOCKS_DIFFER:
        name, got, why = "exp", time_text(ends), f"was good until {time_text(ends)} and came {came_at - ends:.0f} seconds later"
    elif begins is not None and came_at < begins - _CLOCKS_DIFFER:
        name, got, why = "nbf", time_text(begins), f"is good from {time_text(begins)} on and came {begins - came_at:.0f} seconds before"
    else:
        return
    yield Found(
        cause=f"The JWT that the {_name(asked)} endpoint answered with {why}: an old answer was shown again, or the clocks of client and "
        "provider differ.",
        help=f"{_DISTRUST} Leave caches before this endpoint out; compare the clocks (NTP) where it happens each time.",
        evidence=(jwt.evidence(f".claims.{name}", "a time that is good now", got),),
    )


@rule(*_SECTIONS, explains=("algorithm-none",))
def signed_answer_unsigned(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The answer's JWT is not signed."""
    asked = _asked(jwt, scene)
    if asked is None or jwt.held.token.kind is not Kind.UNSECURED:
        return
    yield Found(
        cause=f"The JWT that the {_name(asked)} endpoint answered with is not signed (`alg` is `none`): it proves no more than plain JSON.",
        help=f"{_DISTRUST} Register the client with a signing algorithm such as RS256 for this answer.",
        evidence=(jwt.evidence(".header.alg", "a signature", jwt.held.token.alg),),
    )


@rule(
    *_SECTIONS,
    explains=("signature-invalid", "token-altered", "key-unknown", "key-in-token", "algorithm-confusion", "token-truncated"),
)
def signed_answer_signature_wrong(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The signature of the answer's JWT is not one of the issuer's keys."""
    asked, reason = _asked(jwt, scene), str(jwt.facts.get("signature_reason") or "")
    if asked is None or reason not in _WRONG:
        return
    yield Found(
        cause=f"The signature of the JWT that the {_name(asked)} endpoint answered with does not fit any key that the issuer publishes: "
        "the answer was changed on its way, or somebody else made it.",
        help=f"{_DISTRUST} Where the provider has just changed its keys, fetch its key set again and ask anew.",
        evidence=(jwt.evidence(".signature", "one by a key of the issuer", str(jwt.facts.get("signature_why", reason))[:200]),),
    )


@rule(Section("RFC 9701", "5"))
def signed_answer_type_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The signed introspection answer is a JWT of another type."""
    asked, typ = _asked(jwt, scene), jwt.held.token.typ
    if asked is None or not _is_introspection(asked) or typ.lower() == _TYPE or jwt.held.token.claims is None:
        return
    yield Found(
        cause=f"The JWT that the introspection endpoint answered with has the `typ` `{typ[:60] or 'nothing at all'}`, and has to have "
        f"`{_TYPE}`: without it another JWT of the same issuer, such as an access token, could be passed off as the answer.",
        help=f"{_DISTRUST} Have the provider set `typ`.",
        evidence=(jwt.evidence(".header.typ", _TYPE, typ or "missing"),),
    )


@rule(*_SECTIONS)
def signed_answer_unreadable(scene: Scene) -> Iterator[Found]:
    """The answer says that it is a JWT, and is none."""
    for seen in scene.seen:
        is_jwt = seen.reply.header("content-type").partition(";")[0].strip().lower() in ("application/jwt", f"application/{_TYPE}")
        if not is_jwt or seen.purpose not in (purposes.USERINFO, purposes.INTROSPECTION) or seen.reply.status != 200:
            continue
        answers = (held.token for held, _ in scene.tokens_in(seen.id) if held.role is Role.ANSWER)
        if any(token.claims is not None or token.kind is Kind.JWE for token in answers):
            continue
        yield Found(
            cause=f"The {_name(seen)} endpoint answers with the content type of a JWT, and the body is none that can be read.",
            help="At the provider, or in whatever stands before it, look for what changes the body; a client can do nothing with it.",
            evidence=(seen.evidence("response.body", expected="a JWT", got="something else"),),
        )


@rule(Section("RFC 9701", "4"))
def signed_answer_missing(asked: Seen[IntrospectionRequest], scene: Scene) -> Iterator[Found]:
    """A signed introspection answer was asked for, and plain JSON came."""
    accepts = asked.request_header("accept").lower()
    is_plain = asked.reply.status == 200 and asked.reply.header("content-type").partition(";")[0].strip().lower() == "application/json"
    if _TYPE not in accepts or "application/json" in accepts or not is_plain:
        return
    yield Found(
        cause=f"The introspection request accepts `application/{_TYPE}` alone, and plain JSON came: the provider does not sign its answers "
        "for this client, so that nothing proves who gave it.",
        help="At the provider, set `introspection_signed_response_alg` of the client; or ask for JSON in the client, where TLS is proof "
        "enough.",
        evidence=(asked.evidence("response.headers.Content-Type", expected=f"application/{_TYPE}", got="application/json"),),
    )


def _asked(jwt: Jwt, scene: Scene) -> Seen[Message] | None:
    """The request whose answer this JWT is; None for every other JWT."""
    return scene.direct(jwt.held.exchange) if jwt.held.role is Role.ANSWER else None


def _is_introspection(seen: Seen[Message]) -> bool:
    return seen.purpose == purposes.INTROSPECTION


def _name(seen: Seen[Message]) -> str:
    return "introspection" if _is_introspection(seen) else "userinfo"


def _client(seen: Seen[Message], scene: Scene) -> str:
    """Who asked: where the request says so itself, else who got the access token that it shows."""
    asked = seen.as_(IntrospectionRequest)
    if asked is not None:
        return proof_of(asked).client_id
    issued = scene.issued_by(str(seen.sent.raw("token") or ""), "access_token")
    redeemed = issued.as_(TokenRequest) if issued is not None else None
    return proof_of(redeemed).client_id if redeemed is not None else ""
