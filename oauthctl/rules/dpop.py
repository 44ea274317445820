"""DPoP: proofs of possession.

Here: what RFC 9449 asks of a proof. Not here: what is bound to its key (`dpop_binding`), clocks in general (`token_time`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import origin, split_url
from oauthctl.jose.jwk import Jwk
from oauthctl.messages.claim_values import length, time_text
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest
from oauthctl.record.tokens import HeldToken, Role
from oauthctl.rules.presented import exchange_of, held_by, number_of, server_time
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.rules.time_zones import zone_hint
from oauthctl.specs import Section

_CHECKS = Section("RFC 9449", "4.3")
_ACCEPTED_AGE = 60
_ANY_CLOCK = 20 * 366 * 86400
MILLISECONDS = 1e11
"""Numbers from here on are no seconds since 1970: they would lie after the year 5000."""


def refusing_proof(jwt: Jwt, scene: Scene) -> Seen[Message] | None:
    """The exchange whose proof this is, when it was refused for something else than a missing nonce."""
    seen = exchange_of(jwt, scene)
    if jwt.held.role is not Role.DPOP_PROOF or seen is None or jwt.held.token.claims is None:
        return None
    if seen.reply.status not in (400, 401, 403) or seen.id not in scene.failed or _wants_nonce(seen):
        return None
    return seen


def _wants_nonce(seen: Seen[Message]) -> bool:
    return "use_dpop_nonce" in f"{seen.reply.error} {seen.reply.header('www-authenticate')}"


def thumbprint_of(held: HeldToken | None) -> str:
    """The thumbprint of the key in a proof's header; empty where there is none."""
    key = (held.token.header or {}).get("jwk") if held is not None else None
    return Jwk.from_dict(key).thumbprint() if isinstance(key, dict) else ""


@rule(Section("RFC 9449", "8"), decisive=True, explains=("token-request-refused", "api-call-refused"))
def dpop_nonce_required(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The server wants its nonce in the DPoP proof and got none that is good."""
    if not _wants_nonce(seen) or not seen.purpose or seen.id not in scene.failed:
        return
    proof = held_by(seen, scene, Role.DPOP_PROOF)
    used = proof.token.claim_text("nonce") if proof is not None else ""
    offered = seen.reply.header("dpop-nonce")
    if used and used == offered:
        return
    retried = [one for one in scene.seen if one.id > seen.id and one.url == seen.url and one.request_header("dpop")]
    state = "has no nonce" if not used else "has a nonce that the server no longer takes"
    missing = "" if offered else " The answer brings no `DPoP-Nonce` header that a script or the recording could see."
    again = " The client tried again without it." if retried else " The client did not retry."
    yield Found(
        cause=f"The server wants its own nonce inside of the DPoP proof (`use_dpop_nonce`), and the proof {state}.{again}{missing}",
        help="In the client, repeat the request once with a new DPoP proof (fresh `jti` and `iat`) whose `nonce` claim is the value of the "
        "answer's `DPoP-Nonce` header, and keep the latest nonce of each server for the next request. "
        "For a browser, let the server expose that header (`Access-Control-Expose-Headers`).",
        evidence=(
            seen.evidence("request.headers.DPoP", "a `nonce` claim", "an older one" if used else "none"),
            seen.evidence("response.headers.DPoP-Nonce", got="present" if offered else "missing"),
        ),
    )


@rule(Section("RFC 9449", "5"), decisive=True, explains=("token-request-refused", "api-call-refused"))
def dpop_proof_missing(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The server wants a DPoP proof and the token request has none."""
    if seen.id not in scene.failed or seen.request_header("dpop"):
        return
    if seen.reply.error != "invalid_dpop_proof" and not re.search(
        r"dpop[^.]{0,40}(required|missing|expected)|missing[^.]{0,20}dpop", seen.reply.words, re.I
    ):
        return
    yield Found(
        cause="The server wants a DPoP proof with the token request, and the request has no `DPoP` header.",
        help="In the client send a `DPoP` header with a fresh proof for this URL and method, or turn off the demand for DPoP-bound "
        "tokens in the provider's registration of this client.",
        evidence=(seen.evidence("request.headers.DPoP", "a proof", "missing"),),
    )


@rule(Section("RFC 9449", "4.2"), decisive=True, explains=("token-request-refused", "api-call-refused"))
def dpop_proof_malformed(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The DPoP proof's header is not one of a proof."""
    seen = refusing_proof(jwt, scene)
    if seen is None:
        return
    key, alg = jwt.header.get("jwk"), jwt.held.token.alg
    flaws = [
        (jwt.held.token.typ != "dpop+jwt", f"its `typ` is `{jwt.held.token.header_text('typ')[:40]}` and not `dpop+jwt`", "typ"),
        (not isinstance(key, dict), "it lacks the public key (`jwk`)", "jwk"),
        (isinstance(key, dict) and "d" in key, "its `jwk` holds the private key (`d`)", "jwk"),
        (alg.lower() == "none" or alg.startswith("HS"), f"its `alg` `{alg[:20]}` is no asymmetric signature", "alg"),
    ]
    wrong = [(why, name) for is_wrong, why, name in flaws if is_wrong]
    if not wrong:
        return
    yield Found(
        cause=f"The DPoP proof's header is wrong: {'; '.join(why for why, _ in wrong)}.",
        help="In the client make the proof with `typ` `dpop+jwt`, an asymmetric `alg` such as ES256, and the public key alone in `jwk`.",
        evidence=tuple(jwt.evidence(f".header.{name}") for _, name in wrong),
    )


@rule(_CHECKS, decisive=True, explains=("token-request-refused", "api-call-refused"))
def dpop_method_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The DPoP proof is made for another method."""
    seen = refusing_proof(jwt, scene)
    method = jwt.held.token.claim_text("htm")
    if seen is None or method == seen.exchange.request.method:
        return
    yield Found(
        cause=f"The DPoP proof is for `{method or 'no method'}` (`htm`), and the request is a `{seen.exchange.request.method}`.",
        help="In the client make a new proof for each request, with `htm` set to its method in capitals.",
        evidence=(jwt.evidence(".claims.htm", seen.exchange.request.method, method or "missing"),),
    )


@rule(_CHECKS, decisive=True, explains=("token-request-refused", "api-call-refused"))
def dpop_uri_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The DPoP proof is made for another URI."""
    seen = refusing_proof(jwt, scene)
    written = jwt.held.token.claim_text("htu")
    if seen is None:
        return
    url = seen.url.partition("#")[0].partition("?")[0]
    stated = written.partition("#")[0].partition("?")[0]
    is_same = origin(stated) == origin(url) and (split_url(stated).path or "/") == (split_url(url).path or "/")
    has_query = written != stated
    names_it = re.search(r"\bhtu\b|\b(?:http |target |request )ur[il]\b|\bur[il] (?:mismatch|does ?n)", seen.reply.words, re.I) is not None
    if is_same and not (has_query or names_it):
        return
    certainty = Certainty.CERTAIN
    if not is_same:
        cause = f"The DPoP proof is for `{written or 'no URI'}` (`htu`), and the request goes to `{url}`."
        help_ = (
            "In the client set `htu` to the URL of this very request, without query and fragment, and make a new proof for each request."
        )
    elif has_query:
        cause = f"The DPoP proof's `htu` (`{written[:200]}`) has a query or fragment, which it must not have."
        help_ = "In the client cut query and fragment off before the URL becomes `htu`."
        certainty = Certainty.LIKELY
    else:
        cause = (
            f"The server refuses the proof's `htu` although it is the request's URL `{url}`: behind a proxy it takes itself for "
            "another address."
        )
        help_ = (
            "Let the proxy send `X-Forwarded-Proto` and `X-Forwarded-Host`, and the server trust them, so that it compares `htu` "
            "with its public URL."
        )
        certainty = Certainty.LIKELY
    yield Found(cause=cause, help=help_, evidence=(jwt.evidence(".claims.htu", url, written or "missing"),), certainty=certainty)


@rule(_CHECKS, decisive=True, explains=("api-call-refused",))
def dpop_token_hash_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The DPoP proof's ath is not the hash of the access token."""
    seen = refusing_proof(jwt, scene)
    if seen is None or not isinstance(seen.sent, ApiRequest) or seen.sent.raw("scheme") is None:
        return
    has = jwt.held.token.claim_text("ath")
    if jwt.facts.get("ath_matches") is not False and has:
        return
    what = "has no `ath`" if not has else "has an `ath` that is the hash of another access token than the one in this request"
    yield Found(
        cause=f"The DPoP proof {what}: to an API it must carry the hash of the very access token that it comes with.",
        help="In the client make the proof after the token is chosen (after a refresh: anew), with `ath` set to base64url of its "
        "SHA-256 hash.",
        evidence=(jwt.evidence(".claims.ath", "the hash of this access token", "another" if has else "missing"),),
    )


@rule(_CHECKS, decisive=True, explains=("token-request-refused", "api-call-refused"))
def dpop_proof_stale(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The DPoP proof is too old or from the future."""
    seen = refusing_proof(jwt, scene)
    made = number_of(jwt, "iat")
    if seen is None or made is None:
        return
    now = server_time(seen) or seen.exchange.started_at.timestamp()
    off = now - made
    names_it = re.search(r"\biat\b|too old|expired|in the future|stale", seen.reply.words.lower()) is not None
    # What lies further ahead than any clock is in milliseconds (`dpop_claims`).
    if abs(off) <= (5 if names_it else _ACCEPTED_AGE) or made >= MILLISECONDS:
        return
    when = f"{length(off)} before" if off > 0 else f"{length(-off)} after"
    why = "it is too old: an old proof was sent, or the clock is behind" if off > 0 else "the clock of the client is ahead"
    if abs(off) > _ANY_CLOCK:
        why = f"`{made:.0f}` is no current time in seconds since 1970: `iat` is a constant, in another unit, or of a clock never set"
    yield Found(
        cause=f"The DPoP proof was made at {time_text(made)} (`iat`), {when} the request reached the server: {why}."
        f"{zone_hint(off) if abs(off) <= _ANY_CLOCK else ''}",
        help="In the client make a new proof, with the current `iat`, for every single request, and keep the clock in sync (NTP).",
        evidence=(jwt.evidence(".claims.iat", f"about {time_text(now)}", time_text(made)),),
    )


@rule(Section("RFC 9449", "11.1"), decisive=True, explains=("token-request-refused", "api-call-refused"))
def dpop_proof_reused(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A DPoP proof is sent a second time."""
    seen = refusing_proof(jwt, scene)
    name = jwt.held.token.claim_text("jti")
    if seen is None or not name:
        return
    earlier = [
        held
        for held, _ in scene.tokens
        if held.role is Role.DPOP_PROOF and (held.exchange or 0) < seen.id and held.token.claim_text("jti") == name
    ]
    if not earlier:
        return
    yield Found(
        cause=f"The DPoP proof with the `jti` `{name[:60]}` came before (exchange {earlier[0].exchange}): a proof is good for one "
        "request, and the server refuses the second use.",
        help="In the client make a new proof with a fresh `jti` for every request, retries among them.",
        evidence=(jwt.evidence(".claims.jti", "a fresh one", f"the same as in exchange {earlier[0].exchange}"),),
    )
