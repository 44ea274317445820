"""ID tokens against the sign-in that they answer.

Here: audience, nonce, how long ago somebody signed in. Not here: hashes (`hash_claims`), the issuer (`issuer`), times
(`token_time`), signatures (`signature`).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import decimal
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.claim_values import length
from oauthctl.messages.token import TokenRequest
from oauthctl.record import purposes
from oauthctl.record.tokens import Role
from oauthctl.rules.presented import (
    Use,
    audience_of,
    client_ids,
    exchange_of,
    is_pasted,
    is_received,
    judged_at,
    listed,
    number_of,
    use_of,
)
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_VALIDATION = Section("OIDC Core", "3.1.3.7")
_GOOGLE = ("accounts.google.com", "https://accounts.google.com")


def is_judged_id_token(jwt: Jwt, scene: Scene) -> bool:
    """Whether this is an ID token that the client verifies here."""
    if jwt.held.token.claims is None or use_of(jwt, scene.given) is not Use.ID_TOKEN:
        return False
    if jwt.held.role is not Role.ID_TOKEN:
        return is_pasted(jwt)
    return is_pasted(jwt) or is_received(jwt, scene) or _is_shown(jwt, scene)


def _is_shown(jwt: Jwt, scene: Scene) -> bool:
    """Whether an application's own page hands it to its server, which refuses it."""
    seen = exchange_of(jwt, scene)
    return seen is not None and not seen.purpose and jwt.held.place.startswith("request.") and seen.reply.status in (400, 401, 403)


def _request(jwt: Jwt, scene: Scene) -> Seen[AuthorizationRequest] | None:
    attempt = scene.attempt_of(jwt.held.exchange)
    if attempt is None or attempt.asked is None or attempt.asked.sent.request or attempt.asked.sent.request_uri:
        return None
    return attempt.asked


def _is_first(jwt: Jwt, scene: Scene) -> bool:
    """Whether the token comes from a sign-in; one from a refresh may lack what belongs to it. Source: OIDC Core section 12.2."""
    seen = exchange_of(jwt, scene)
    if seen is None:
        return True
    if isinstance(seen.sent, TokenRequest):
        attempt = scene.attempt_of(seen.id)
        return seen.sent.grant_type == "authorization_code" and attempt is not None and seen.id in attempt.ids()
    return seen.purpose in (purposes.CALLBACK, purposes.AUTHORIZATION)


@rule(_VALIDATION, decisive=True, explains=("authorized-party-differs",))
def id_token_audience_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The ID token is for another client."""
    if not is_judged_id_token(jwt, scene) or (is_pasted(jwt) and not scene.given.client_id):
        return
    known, audiences = client_ids(jwt, scene), audience_of(jwt)
    if not known or set(known) & set(audiences):
        return
    kind = "Firebase project" if jwt.held.token.claim_text("iss").startswith("https://securetoken.google.com/") else "client"
    yield Found(
        cause=f"The ID token is for {listed(audiences)} (`aud`), and the client that verifies it is {listed(known)}: the audience is "
        f"another {kind}.",
        help="In the client's configuration use the client_id with which the sign-in was begun; if front end and back end are different "
        "clients, let each verify its own ID token, or let the app ask for a token for the server's client_id (a mobile SDK's "
        "`serverClientId`).",
        evidence=(jwt.evidence(".claims.aud", " ".join(known), " ".join(audiences) or "missing"),),
    )


@rule(_VALIDATION, decisive=True)
def authorized_party_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The ID token was issued to another client than the one that verifies it."""
    party = jwt.held.token.claim_text("azp")
    if not is_judged_id_token(jwt, scene) or not party or jwt.held.token.claim_text("iss") in _GOOGLE:
        return
    known = client_ids(jwt, scene)
    if not known or party in known or not set(known) & set(audience_of(jwt)):
        return
    yield Found(
        cause=f"The ID token was issued to `{party}` (`azp`), and the client that verifies it is {listed(known)}: it is merely one of the "
        "token's audiences.",
        help="In the client take the ID token of its own sign-in; a token that another client got is not to be accepted.",
        evidence=(jwt.evidence(".claims.azp", " ".join(known), party),),
    )


@rule(_VALIDATION, decisive=True)
def nonce_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The ID token's nonce is not the one that was sent."""
    got = jwt.claims.get("nonce")
    if not is_judged_id_token(jwt, scene) or not isinstance(got, str) or not _is_first(jwt, scene):
        return
    asked = _request(jwt, scene)
    expected = scene.given.text("expected_nonce") or ((asked.sent.nonce or "") if asked is not None else "")
    if not expected or expected == got:
        return
    others = [one.asked for one in scene.attempts if one.asked is not None and one.asked.sent.nonce == got and one.asked is not asked]
    whose = f" It is the nonce of another sign-in (exchange {others[0].id})." if others else ""
    yield Found(
        cause=f"The ID token carries the nonce `{got[:80]}` and `{expected[:80]}` was expected: it answers another sign-in than the "
        f"one that the client has in mind.{whose}",
        help="In the client, keep the nonce with the `state` of its own sign-in and compare with that one; a second tab, or a new "
        "nonce made at the callback, must not overwrite it.",
        evidence=(
            jwt.evidence(".claims.nonce", expected, got),
            *((asked.evidence(".nonce", got=asked.sent.nonce or "missing"),) if asked is not None else ()),
        ),
    )


@rule(_VALIDATION, explains=("nonce-differs",))
def nonce_compared_with_hash(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The nonce is compared with its own hash."""
    got = jwt.claims.get("nonce")
    if not is_judged_id_token(jwt, scene) or not isinstance(got, str) or not _is_first(jwt, scene):
        return
    asked = _request(jwt, scene)
    expected = scene.given.text("expected_nonce") or ((asked.sent.nonce or "") if asked is not None else "")
    if not expected or expected == got or not (got in _hashes(expected) or expected in _hashes(got)):
        return
    is_in_token = got in _hashes(expected)
    yield Found(
        cause=f"The nonce in the ID token and the expected one belong together: {'the token has' if is_in_token else 'the client expects'} "
        "the SHA-256 hash of the other. The sign-in was begun with one form, and the verifier compares with the other.",
        help="In the client, hash the expected nonce before it is compared, or hand the raw nonce to a verifier that hashes it itself; "
        "send in the authorization request the form that the verifier will see.",
        evidence=(
            jwt.evidence(".claims.nonce", expected, got),
            *((asked.evidence(".nonce", got=asked.sent.nonce or "missing"),) if asked is not None else ()),
        ),
    )


def _hashes(value: str) -> tuple[str, ...]:
    """The SHA-256 of a text, in the ways of writing it that mobile SDKs have."""
    digest = hashlib.sha256(value.encode()).digest()
    return (digest.hex(), digest.hex().upper(), base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), base64.b64encode(digest).decode())


@rule(_VALIDATION, decisive=True)
def nonce_not_expected(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The ID token has a nonce and the client expects none."""
    got = jwt.claims.get("nonce")
    given = scene.given
    if not is_judged_id_token(jwt, scene) or not isinstance(got, str):
        return
    is_empty = "expected_nonce" in given and not given.members["expected_nonce"]
    is_told = re.search(
        r"(unexpected|not expected|mismatch).{0,60}\bnonce|\bnonce\b.{0,60}(unexpected|not expected)", given.local_error, re.I
    )
    asked = _request(jwt, scene)
    sent = (asked.sent.nonce or "") if asked is not None else ""
    if not (is_empty or (is_told and not given.text("expected_nonce"))) or (sent and sent != got):
        return
    if sent:
        cause = (
            f"The client sent the nonce `{sent[:80]}` in the authorization request and the ID token returns the same, but none was "
            "passed to the validation: the expected nonce is empty, so the right one looks unexpected."
        )
    else:
        cause = f"The ID token has the nonce `{got[:80]}` and the client's validation was given no expected nonce."
    yield Found(
        cause=cause,
        help="In the client, store the nonce with the sign-in's `state` and pass it as the expected nonce when the callback is "
        "processed; if the client sent none, let it send one.",
        evidence=(
            jwt.evidence(".claims.nonce", "(nothing)", got),
            *((asked.evidence(".nonce", got=sent or "missing"),) if asked is not None else ()),
        ),
        certainty=Certainty.CERTAIN if is_empty else Certainty.LIKELY,
    )


@rule(_VALIDATION, decisive=True)
def nonce_not_returned(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The ID token lacks the nonce that was sent."""
    if not is_judged_id_token(jwt, scene) or jwt.claims.get("nonce") is not None or not _is_first(jwt, scene):
        return
    asked = _request(jwt, scene)
    expected = scene.given.text("expected_nonce") or ((asked.sent.nonce or "") if asked is not None else "")
    if not expected:
        return
    place = (asked.evidence(".nonce", got=expected),) if asked is not None and asked.sent.nonce else ()
    yield Found(
        cause=f"The authorization request sent the nonce `{expected[:80]}`, and the ID token has none: its `nonce` claim is missing, which "
        "the provider must return unchanged.",
        help="At the provider let the ID token carry the `nonce` of the request (a claim mapping or a custom token builder may have "
        "dropped it); in the client keep the check.",
        evidence=(jwt.evidence(".claims.nonce", expected, "missing"), *place),
    )


@rule(Section("OIDC Core", "3.1.2.1"), decisive=True)
def sign_in_too_old(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The sign-in is older than max_age allows."""
    asked = _request(jwt, scene)
    if not is_judged_id_token(jwt, scene) or asked is None or not _is_first(jwt, scene):
        return
    raw = asked.sent.raw("max_age")
    limit = decimal(raw) if isinstance(raw, str) else None
    now, signed_in = judged_at(jwt, scene), number_of(jwt, "auth_time")
    if limit is None or now is None:
        return
    if signed_in is None:
        yield Found(
            cause=f"`max_age={raw}` was asked for, and the ID token has no `auth_time`: the client can't tell how long ago the person "
            "signed in.",
            help="At the provider let ID tokens carry `auth_time` when `max_age` is asked for (or is the client's default).",
            evidence=(jwt.evidence(".claims.auth_time", "when the person signed in", "missing"), asked.evidence(".max_age", got=str(raw))),
        )
    elif now - signed_in > limit + 300:
        yield Found(
            cause=f"The person signed in {length(now - signed_in)} ago (`auth_time`), and `max_age={raw}` allows {length(limit)}: the "
            "provider used an old session instead of asking again.",
            help="Let the client send `prompt=login`, too, or make the provider heed `max_age`; the client refuses the ID token rightly.",
            evidence=(
                jwt.evidence(".claims.auth_time", f"at most {length(limit)} ago", f"{length(now - signed_in)} ago"),
                asked.evidence(".max_age", got=str(raw)),
            ),
        )
