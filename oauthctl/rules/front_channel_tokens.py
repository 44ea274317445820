"""Tokens that came by the browser: whether they are all there, where they stand, and what ties them together.

Here: the implicit and the hybrid flow. Not here: hashes and nonces that are wrong in any flow (`id_token`), refusals (`authorization`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Severity
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.id_token_bindings import half_hash
from oauthctl.messages.response_types import HYBRID, IMPLICIT, brings_token, brought, hashes_needed, spelled
from oauthctl.messages.token import TokenRequest
from oauthctl.record import purposes
from oauthctl.record.purposes import query_of
from oauthctl.record.tokens import Role
from oauthctl.rules.attempts import Attempt
from oauthctl.rules.front_channel import refusal_of
from oauthctl.rules.presented import exchange_of
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Asked = Seen[AuthorizationRequest]
Returned = Seen[AuthorizationResponse]

_COMBINATIONS = Section("OAuth Multiple Response Types", "5")
_SAYS_MODE = re.compile(r"response.?mode|\bquery\b", re.IGNORECASE)
_HASHED = {"at_hash": ("access_token", "access token"), "c_hash": ("code", "code")}


def _response_type(asked: Asked | None) -> str:
    """The response type as the registry spells it; empty where it is no known one, or stands where nobody here can read it."""
    if asked is None or asked.sent.request or asked.sent.request_uri:
        return ""
    found = spelled(asked.sent.response_type or ())
    return found if found in (*IMPLICIT, *HYBRID) else ""


def _attempt(jwt: Jwt, scene: Scene) -> Attempt | None:
    """The sign-in whose answer brought this very ID token by the browser."""
    attempt = scene.attempt_of(jwt.held.exchange)
    if attempt is None or attempt.returned is None or jwt.held.role is not Role.ID_TOKEN or jwt.held.token.claims is None:
        return None
    return attempt if attempt.returned.sent.id_token == jwt.held.token.compact else None


@rule(_COMBINATIONS, explains=("answer-without-code",), decisive=True)
def answer_incomplete(asked: Asked, scene: Scene) -> Iterator[Found]:
    """The answer lacks what the response_type asks for."""
    response_type = _response_type(asked)
    attempt = next((one for one in scene.attempts if one.asked is not None and one.asked.id == asked.id), None)
    returned = attempt.returned if attempt is not None else None
    if not response_type or returned is None or returned.sent.error or returned.sent.response or not returned.sent.fields:
        return
    # What a browser was sent back with may be told in short; what reached the client is what it has.
    if returned.place.startswith("response."):
        return
    missing = tuple(name for name in brought(response_type) if not returned.sent.raw(name))
    if not missing:
        return
    names = " and no ".join(f"`{name}`" for name in missing)
    there = ", ".join(f"`{name}`" for name in brought(response_type) if name not in missing)
    yield Found(
        cause=f"The request asked for `response_type={response_type}`, and the answer has no {names}"
        + (f" beside {there}" if there else "")
        + ": the provider does not do what this response_type says, or something on the way took it out.",
        help="At the provider enable this response_type for the client; better, in the client ask for `response_type=code`, and take the "
        "tokens from the token endpoint.",
        evidence=(
            asked.evidence(".response_type", got=response_type),
            returned.evidence(f".{missing[0]}", expected=", ".join(brought(response_type)), got="missing"),
        ),
    )


@rule(_COMBINATIONS, decisive=True)
def token_in_callback_query(asked: Asked, scene: Scene) -> Iterator[Found]:
    """Tokens came back in the URL's query, where servers and proxies see them."""
    attempt = next((one for one in scene.attempts if one.asked is not None and one.asked.id == asked.id), None)
    returned = attempt.returned if attempt is not None else None
    if not _response_type(asked) or returned is None:
        return
    is_redirect = returned.place.startswith("response.")
    given = query_of(returned.reply.header("location") if is_redirect else returned.url)
    held = [name for name in ("access_token", "id_token") if given.get(name)]
    if not held or (not is_redirect and returned.exchange.request.method != "GET"):
        return
    mode = asked.sent.response_mode or ""
    because = " The request asked for that by `response_mode=query`." if mode == "query" else ""
    names = " and ".join(f"`{name}`" for name in held)
    yield Found(
        cause=f"The provider put {names} into the query of the redirect_uri: servers, proxies, logs and the Referer header get to see "
        f"them; tokens may come in the fragment or by form_post alone.{because}",
        help="At the provider answer this response_type with `response_mode=fragment` or `form_post`; in the client do not send "
        "`response_mode=query` with it, and treat these tokens as known to others.",
        evidence=(returned.evidence(f".{held[0]}", expected="in the fragment or in a form", got="in the query"),),
    )


@rule(_COMBINATIONS, explains=("authorization-refused", "request-refused", "response-type-unsupported"), decisive=True)
def query_mode_for_tokens(asked: Asked, returned: Returned | None) -> Iterator[Found]:
    """A query is asked for as the place of tokens."""
    mode = asked.sent.response_mode or ""
    refusal = refusal_of(asked, returned)
    if mode not in ("query", "query.jwt") or not brings_token(_response_type(asked)) or refusal is None or not refusal.says(_SAYS_MODE):
        return
    yield Found(
        cause=f"The request asks for `response_type={_response_type(asked)}` with `response_mode={mode}`, and the provider refuses that: "
        "tokens must not stand in a query.",
        help="In the client send `response_mode=form_post` or `fragment`, or leave `response_mode` out; with `response_type=code` the "
        "query is fine.",
        evidence=(
            asked.evidence(".response_mode", expected="fragment or form_post", got=mode),
            refusal.seen.evidence(refusal.place, got=refusal.words[:200]),
        ),
    )


def _hash_missing(jwt: Jwt, scene: Scene, claim: str) -> Iterator[Found]:
    attempt = _attempt(jwt, scene)
    if attempt is None or attempt.returned is None or claim in jwt.claims or claim not in hashes_needed(_response_type(attempt.asked)):
        return
    name, what = _HASHED[claim]
    if not attempt.returned.sent.raw(name):
        return
    yield Found(
        cause=f"The ID token came by the browser together with a{'n' if what[0] == 'a' else ''} {what}, and has no `{claim}`: nothing ties "
        f"the two together, so that the {what} can be exchanged on the way.",
        help=f"At the provider let ID tokens of this response_type carry `{claim}`, base64url of the left half of the {what}'s hash; in "
        "the client keep the check.",
        evidence=(jwt.evidence(f".claims.{claim}", f"the {what}'s hash", "missing"),),
        # A client that went on took no harm so far.
        severity=Severity.WARNING if attempt.redeemed else None,
    )


@rule(Section("OIDC Core", "3.2.2.10"), decisive=True)
def at_hash_missing(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The ID token from the browser lacks the at_hash of the access token beside it."""
    yield from _hash_missing(jwt, scene, "at_hash")


@rule(Section("OIDC Core", "3.3.2.11"), decisive=True)
def c_hash_missing(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The ID token from the browser lacks the c_hash of the code beside it."""
    yield from _hash_missing(jwt, scene, "c_hash")


@rule(Section("OIDC Core", "3.3.2.11"), decisive=True)
def s_hash_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The ID token's s_hash belongs to another state."""
    written = jwt.claims.get("s_hash")
    attempt = scene.attempt_of(jwt.held.exchange)
    seen = exchange_of(jwt, scene)
    is_here = seen is not None and seen.purpose in (purposes.CALLBACK, purposes.AUTHORIZATION, purposes.TOKEN)
    if not isinstance(written, str) or jwt.held.role is not Role.ID_TOKEN or not is_here or attempt is None or attempt.asked is None:
        return
    state = attempt.asked.sent.state or ""
    expected = half_hash(state, jwt.held.token.alg) if state else ""
    if not expected or written == expected:
        return
    yield Found(
        cause=f"The ID token's `s_hash` is not the left half of the hash of the `state` that was sent, `{state[:80]}`: the ID token "
        "belongs to another request, or the issuer computes `s_hash` otherwise.",
        help="Refuse the sign-in; at the issuer compute `s_hash` over the `state` parameter as it came, base64url of the left half of its "
        "hash.",
        evidence=(jwt.evidence(".claims.s_hash", expected, written[:60]), attempt.asked.evidence(".state", got=state)),
    )


@rule(Section("OIDC Core", "3.3.3.6"), decisive=True)
def id_tokens_differ(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The two ID tokens of one sign-in are not of the same person."""
    attempt, seen = scene.attempt_of(jwt.held.exchange), exchange_of(jwt, scene)
    is_back = seen is not None and seen.as_(TokenRequest) is not None and jwt.held.place.startswith("response.")
    if attempt is None or attempt.returned is None or not is_back or jwt.held.role is not Role.ID_TOKEN or jwt.held.token.claims is None:
        return
    if seen is None or seen.id not in attempt.ids():
        return
    front = take_apart(attempt.returned.sent.id_token or "")
    if front.claims is None:
        return
    for claim in ("iss", "sub"):
        one, other = front.claim_text(claim), jwt.held.token.claim_text(claim)
        if one == other:
            continue
        yield Found(
            cause=f"The ID token that came by the browser has the `{claim}` `{one[:80]}`, and the token endpoint's has `{other[:80]}`: "
            "they must be identical, so the code and the ID token are of two sign-ins.",
            help="In the client throw away both: the code may have been exchanged for another person's (check `c_hash` before it is "
            "redeemed); at the provider make both ID tokens from the same session.",
            evidence=(
                jwt.evidence(f".claims.{claim}", one, other or "missing"),
                attempt.returned.evidence(".id_token", got=f"`{claim}` {one}"[:120]),
            ),
        )
        return
