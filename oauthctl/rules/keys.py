"""The keys that tokens are verified with.

Here: a token's `kid` against key sets, what is odd about published keys. Not here: a key set that can't be fetched (`key_set`), signatures
(`signature`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from oauthctl.findings import Candidate, Certainty, Severity
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import Kind
from oauthctl.record.transaction import KeySet
from oauthctl.rules.given import Given
from oauthctl.rules.presented import is_to_be_verified, listed, refusing, words_about
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import KeySetRequest, Seen
from oauthctl.specs import Section

_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "k")
_RSA_BITS = 2048
# How verifiers say that they have no key for a token, in lower case.
_OF_KEY = re.compile(
    r"(?:no|find|found|have|match|unknown|locate|missing)[^.]{0,40}\b(?:signing |public |jwk |matching )?(?:key|kid|jwk)\b"
    r"|\bkid\b[^.]{0,40}(?:not found|unknown|missing|match)|idx1050[0137]|signature key (?:was )?not found|key (?:was )?not found"
)

_ASYMMETRIC = ("RS", "PS", "ES", "Ed")
_OF_KEYS_MISSING = re.compile(
    r"\b(?:jwks?|key ?set|jwks_uri)\b[^\n]{0,80}(?:empty|no |not contain|without|any )|\bno (?:signing|public|matching|suitable) keys?\b",
    re.IGNORECASE,
)


def _keys_of(document: object) -> tuple[dict[str, Any], ...]:
    """The keys of a set, whatever else it holds."""
    keys = document.raw("keys") if isinstance(document, KeySet) else document
    return tuple(key for key in keys if isinstance(key, dict)) if isinstance(keys, list | tuple) else ()


def _kids(keys: tuple[dict[str, Any], ...]) -> tuple[str, ...]:
    return tuple(key["kid"] for key in keys if isinstance(key.get("kid"), str))


@rule(Section("OIDC Core", "10.1.1"), explains=("key-unknown", "signature-invalid"))
def keys_cached_too_long(fetched: Seen[KeySetRequest], scene: Scene) -> Iterator[Found]:
    """The verifier's copy of the key set is older than the signing key."""
    live = _kids(_keys_of(fetched.back))
    cached = _kids(_keys_of(scene.given.mapping("jwks_cached").get("keys")))
    since = scene.given.text("jwks_cached_at")
    if not cached:
        earlier = [seen for document, seen in scene.key_sets if seen.id < fetched.id and seen.url == fetched.url and _keys_of(document)]
        cached = _kids(_keys_of(earlier[-1].back)) if earlier else ()
        refused = (Jwt(held, facts) for held, facts in scene.tokens if held.token.kid in set(live) - set(cached))
        if not any(refusing(jwt, scene) for jwt in refused):
            return
    new = [kid for kid in live if kid not in cached]
    wanted = [held.token.kid for held, _ in scene.tokens if held.token.kid in new]
    if not cached or not live or not new:
        return
    kid = (wanted or new)[0]
    age = f" since {since}" if since else ""
    yield Found(
        cause=f"The verifier's cached key set{age} is stale: the provider has rotated its keys, and the new key `{kid[:60]}` is in "
        "the set that it publishes now but not in the cached one.",
        help="In the verifier, refetch the key set once (rate limited) when a token names an unknown `kid`, and give the cache a "
        "lifetime; a restart only empties the cache.",
        evidence=(fetched.evidence("response.body.keys", f"cached: {' '.join(cached[:5])}", f"published: {' '.join(live[:5])}"),),
    )


@rule(Section("RFC 7515", "4.1.4"), explains=("signature-invalid",))
def key_unknown(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token names a key that the key set does not have."""
    is_missing = jwt.facts.get("signature_reason") == "key-unknown" and _is_own_set(jwt, scene)
    is_said = "signature" not in jwt.facts and _OF_KEY.search(words_about(jwt, scene)) is not None
    if not (is_missing or (is_said and jwt.held.token.kid)) or not is_to_be_verified(jwt, scene):
        return
    kid, issuer = jwt.held.token.kid, jwt.held.token.claim_text("iss")
    known = _kids(tuple(key for document, _ in scene.key_sets for key in _keys_of(document)))
    policy = jwt.held.token.claim_text("tfp") or jwt.held.token.claim_text("acr")
    flow = f" The token is of the user flow (policy) `{policy}`, which has its own key set." if policy.lower().startswith("b2c_1") else ""
    has = f"; it has {listed(known[:6])}" if known else ""
    yield Found(
        cause=f"The token names the key `{kid[:60]}` (`kid`), and the key set has no such key{has}: the keys were rotated after the "
        f"set was fetched, or the set belongs to another issuer than the token's (`{issuer[:120]}`).{flow}",
        help="In the verifier fetch the key set again on an unknown `kid`, and take its address from the metadata (`jwks_uri`) of the very "
        "issuer in the token's `iss`.",
        evidence=(jwt.evidence(".header.kid", " ".join(known[:6]) or "a published key", kid[:60]),),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("The provider rotated its keys and the set is an old copy.", "Refetch the set once on an unknown `kid`."),
            Candidate(
                "The keys are another issuer's, tenant's or environment's.", "Compare `iss` with the issuer whose `jwks_uri` is used."
            ),
        ),
        probe="Fetch the key set from the `jwks_uri` of the token's issuer now and look for the `kid`.",
    )


def _is_own_set(jwt: Jwt, scene: Scene) -> bool:
    """Whether the keys that were seen are those of the token's issuer, as far as metadata tells; keys that are given are."""
    issuers = {document.issuer for document, _ in scene.metadata}
    return not scene.key_sets or not issuers or jwt.held.token.claim_text("iss") in issuers


@rule(Section("RFC 7517", "4.4"), severity=Severity.NOTE, decisive=True)
def key_without_alg(fetched: Seen[KeySetRequest], scene: Scene, given: Given) -> Iterator[Found]:
    """A published key does not say its algorithm."""
    keys = [key for key in _keys_of(fetched.back) if key.get("kty") != "oct" and key.get("use") != "enc"]
    bare = [key for key in keys if "alg" not in key]
    is_named = re.search(r"\balg(?:orithm)?\b", given.local_error.lower()) is not None
    # Many providers leave it out, hence it is told only where the keys themselves are the question.
    only_keys = all(isinstance(seen.sent, KeySetRequest) or not seen.purpose or seen.purpose == "discovery" for seen in scene.seen)
    if not bare or not (is_named or (only_keys and not given.members)):
        return
    kid = str(bare[0].get("kid", ""))[:60]
    yield Found(
        cause=f"The key `{kid}` has no `alg` member, which is optional in a JWK; a verifier that insists on it skips the key and "
        "finds none.",
        help="In the verifier's configuration pass the allowed algorithm (such as RS256) instead of taking it from the key; the key "
        "itself is fine.",
        evidence=(fetched.evidence("response.body.keys", "nothing: `alg` may be missing", f"no `alg` in key {kid}"),),
        severity=Severity.ERROR if is_named else Severity.NOTE,
    )


@rule(Section("RFC 7517", "4.2"), explains=("signature-invalid",))
def key_not_for_signing(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token names a key that may not verify its signature."""
    if jwt.facts.get("signature_reason") != "key-misfit" or not is_to_be_verified(jwt, scene):
        return
    why = str(jwt.facts.get("signature_why", ""))[:200]
    yield Found(
        cause=f"The token's key can't be used for its signature with `{jwt.held.token.alg}`: {why}.",
        help="At the provider publish the signing key with `use` `sig` and the algorithm that it really signs with, or correct the "
        "`kid` in the token's header.",
        evidence=(jwt.evidence(".header.kid", f"a key for {jwt.held.token.alg}", jwt.held.token.kid),),
    )


@rule(Section("RFC 7517", "5"), explains=("key-unknown",))
def key_set_empty(fetched: Seen[KeySetRequest], scene: Scene) -> Iterator[Found]:
    """The key set has no keys."""
    if fetched.reply.status != 200 or fetched.reply.answer.problem or _keys_of(fetched.back):
        return
    members = fetched.reply.members
    if not isinstance(members.get("keys", []), list) or (members and "keys" not in members):
        return
    algorithms = [held.token.alg for held, _ in scene.tokens if held.token.kind is Kind.JWS]
    shared = next((alg for alg in algorithms if alg.startswith("HS")), "")
    is_wanted = any(alg.startswith(_ASYMMETRIC) for alg in (*algorithms, *scene.given.algorithms))
    # A server that signs nothing, or with the client's secret, may publish no key.
    if not is_wanted and not _OF_KEYS_MISSING.search(scene.given.local_error):
        return
    holds = "`keys` is `[]`" if "keys" in members else "no `keys` at all"
    signs = f" The token is signed with `{shared}`, that is, with the client's secret." if shared else ""
    yield Found(
        cause=f"The key set that the provider publishes is empty ({holds}), so no token can be verified with a public key: no signing key "
        f"is selected or active for this application.{signs}",
        help="At the provider create or select a signing key (certificate) for this application, so that tokens are signed with RS256 or "
        "ES256 and the key is published at `jwks_uri`.",
        evidence=(fetched.evidence("response.body.keys", "at least one key", "[]" if "keys" in members else "missing"),),
    )


@rule(Section("RFC 7517", "9.2"))
def private_key_published(fetched: Seen[KeySetRequest]) -> Iterator[Found]:
    """A private key is published in the key set."""
    for key in _keys_of(fetched.back):
        names = [name for name in _PRIVATE if key.get(name)]
        if not names or (names == ["k"] and key.get("kty") != "oct"):
            continue
        yield Found(
            cause=f"The key set holds the private members {listed(names)} of the key `{str(key.get('kid', ''))[:60]}`: everybody can "
            "read the private key and sign tokens with it.",
            help="At the provider replace this key at once, publish only public members (`kty`, `n`, `e`, `x`, `y`, `crv`), and treat "
            "all tokens that it signed as untrusted.",
            evidence=(fetched.evidence("response.body.keys", "public members only", " ".join(names)),),
        )


@rule(Section("RFC 7518", "3.3"), explains=("signature-invalid",))
def key_too_short(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token is signed with a key that is too short."""
    if not is_to_be_verified(jwt, scene) or jwt.held.token.alg[:2] not in ("RS", "PS"):
        return
    keys = tuple(key for document, _ in scene.key_sets for key in _keys_of(document) if key.get("kid") == jwt.held.token.kid)
    bits = next((size for key in keys if 0 < (size := Jwk.from_dict(key).bits) < _RSA_BITS), 0)
    if not bits and jwt.facts.get("signature_reason") != "key-too-short":
        return
    yield Found(
        cause=f"The token is signed with an RSA key of {bits or 'fewer than 2048'} bits; `{jwt.held.token.alg}` needs at least 2048 "
        "bits, and libraries refuse a shorter key.",
        help="At the issuer make a new RSA key of 2048 bits or more and publish it beside the old one until its tokens have ended.",
        evidence=(jwt.evidence(".header.kid", "2048 bits", f"{bits} bits" if bits else "fewer"),),
    )
