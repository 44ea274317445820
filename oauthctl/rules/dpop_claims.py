"""What a DPoP proof must say beside method, URI and hash: its identifier, its time, an algorithm that the server takes.

Here: RFC 9449 section 4.2 and the server's own list. Not here: the proof's header (`dpop`), its age (`dpop`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message, texts
from oauthctl.record.tokens import Role
from oauthctl.rules.dpop import MILLISECONDS, refusing_proof
from oauthctl.rules.presented import number_of
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_FOLDED = ("token-request-refused", "api-call-refused", "request-fault-named")


@rule(Section("RFC 9449", "4.2"), explains=_FOLDED)
def dpop_claim_missing(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The DPoP proof lacks a claim that every proof must have."""
    seen = refusing_proof(jwt, scene)
    if seen is None:
        return
    lacking = [name for name in ("jti", "iat") if jwt.claims.get(name) in (None, "")]
    if not lacking:
        if number_of(jwt, "iat") is None:
            yield _no_time(jwt)
        return
    said = " and ".join(f"`{name}`" for name in lacking)
    yield Found(
        cause=f"The DPoP proof has no {said}: without {'it' if len(lacking) == 1 else 'them'} the server can't tell a fresh proof from one "
        "that is sent again.",
        help=f"In the client, put {said} into every proof: `jti` a new random value, `iat` the current time in seconds.",
        evidence=tuple(jwt.evidence(f".claims.{name}", "present", "missing") for name in lacking),
    )


def _no_time(jwt: Jwt) -> Found:
    """Source: RFC 7519 section 4.1.6: `iat` is a number of seconds."""
    written = str(jwt.claims["iat"])[:40]
    return Found(
        cause=f"The DPoP proof's `iat` is `{written}`, which is no number of seconds since 1970: the server can't tell when the proof was "
        "made.",
        help="In the client, write the current time into `iat`, as a JSON number of whole seconds.",
        evidence=(jwt.evidence(".claims.iat", "seconds since 1970", written),),
        title="The DPoP proof's iat is no time",
    )


@rule(Section("RFC 9449", "4.2"), explains=(*_FOLDED, "dpop-proof-stale", "time-in-milliseconds"))
def dpop_time_in_milliseconds(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The DPoP proof's time is in milliseconds."""
    seen = refusing_proof(jwt, scene)
    made = number_of(jwt, "iat")
    if seen is None or made is None or made < MILLISECONDS:
        return
    yield Found(
        cause=f"The DPoP proof's `iat` is `{made:.0f}`: that is in milliseconds, and the server reads seconds, a time far ahead.",
        help="In the client, write `iat` as whole seconds since 1970 (divide the clock's milliseconds by 1000 and round down).",
        evidence=(jwt.evidence(".claims.iat", f"{made / 1000:.0f}", f"{made:.0f}"),),
    )


@rule(Section("RFC 9449", "5.1"), explains=(*_FOLDED, "algorithm-not-accepted"))
def dpop_algorithm_not_accepted(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The DPoP proof is signed with an algorithm that the server does not take."""
    seen = refusing_proof(jwt, scene)
    alg = jwt.held.token.alg
    if seen is None or not alg or alg.lower() == "none" or alg.startswith("HS"):
        return
    published: ProviderMetadata | None = scene.metadata_for(seen.url)
    challenge = seen.reply.challenge
    said = challenge.get("algs").split() if challenge else []
    listed = texts(published.raw("dpop_signing_alg_values_supported")) if published is not None else None
    accepted = tuple(said) or tuple(listed or ())
    if not accepted or alg in accepted:
        return
    where = "`algs` of its challenge" if said else "`dpop_signing_alg_values_supported` of its metadata"
    yield Found(
        cause=f"The DPoP proof is signed with the algorithm `{alg[:20]}`, and the server takes "
        f"{', '.join(f'`{one[:20]}`' for one in accepted)} "
        f"({where}).",
        help=f"In the client, make a DPoP key for one of these algorithms (such as `{accepted[0][:20]}`) and sign every proof with "
        "it; tokens "
        "that are bound to the old key have to be fetched anew.",
        evidence=(jwt.evidence(".header.alg", " ".join(accepted)[:200], alg),),
        certainty=Certainty.CERTAIN,
    )


@rule(Section("RFC 9449", "4.3"), explains=(*_FOLDED, "token-is-placeholder", "dpop-proof-missing"))
def dpop_proof_unreadable(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The DPoP header holds no proof."""
    value = seen.request_header("dpop").strip()
    if not value or seen.id not in scene.failed or seen.reply.status not in (400, 401) or not seen.purpose:
        return
    if any(held.exchange == seen.id and held.role is Role.DPOP_PROOF and held.token.claims is not None for held, _ in scene.tokens):
        return
    several = value.count(",") > 0
    what = "holds several values, and one proof alone may be there" if several else "is no proof: its value is no JWT that can be read"
    yield Found(
        cause=f"The request's `DPoP` header {what}.",
        help="In the client, send exactly one `DPoP` header with the compact JWT of the proof (wait until it is made and signed; "
        "the signing "
        "is asynchronous in browsers), and none that was set before.",
        evidence=(seen.evidence("request.headers.DPoP", "one JWT", "several" if several else "something else"),),
    )
