"""Which key of a set a token is verified with, and whether that key is written as it should be.

Here: `kid` that leaves a choice, keys whose members contradict each other or can't be read. Not here: a `kid` that no key has (`keys`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty, Severity
from oauthctl.rules.presented import is_new_id_token, is_to_be_verified, words_about
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_OF_KEYS = re.compile(
    r"\bkid\b|key.?id|\bjwks?\b|json web key|\b(?:signing |public |verification |matching |applicable )keys?\b"
    r"|\bkeys? (?:not|was|could)|signature"
    r"|multiple|ambiguous|base64|decod|modulus|x5c|certificate|illegal|invalid (?:key|length)|asn\.?1|\bpem\b|parse",
    re.IGNORECASE,
)
_OF_TYPE = re.compile(
    r"(?:unsupported|unknown|invalid|unrecogni[sz]ed|not supported)[^\n]{0,40}(?:key type|kty|curve|\bcrv\b|\bokp\b|ed25519|jwk)"
    r"|(?:key type|kty|curve|\bokp\b|ed25519)[^\n]{0,60}(?:unsupported|unknown|not supported|invalid|unrecogni[sz]ed)",
    re.IGNORECASE,
)
_OF_SIGNING_KEYS = re.compile(
    r"(?:not contain|no|without|find|any)[^\n]{0,20}\b(?:signing|signature|sig) keys?\b|\buse\b[^\n]{0,20}\bsig\b", re.IGNORECASE
)
_EXPLAINED = ("signature-invalid", "key-unknown", "key-without-alg", "key-not-for-signing")


def _is_asked(jwt: Jwt, scene: Scene) -> bool:
    """Whether somebody failed over this token's key: libraries differ in what they bear, and one that is content says nothing."""
    return is_to_be_verified(jwt, scene) and _OF_KEYS.search(words_about(jwt, scene)) is not None


def _severity(jwt: Jwt, scene: Scene) -> Severity | None:
    """How bad it is that a key set breaks its standard: an error where somebody failed over it, a warning where a client bore it."""
    if _is_asked(jwt, scene):
        return Severity.ERROR
    return Severity.WARNING if is_new_id_token(jwt, scene) else None


def _flaws(jwt: Jwt) -> tuple[str, ...]:
    return tuple(str(jwt.facts.get("key_flaws", "")).split())


@rule(Section("RFC 7515", "4.1.4"), Section("OIDC Core", "10.1"), explains=_EXPLAINED)
def key_id_missing(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token names no key, and the key set has several."""
    count = jwt.facts.get("keys_to_choose")
    severity = _severity(jwt, scene)
    if jwt.held.token.kid or not isinstance(count, int) or severity is None:
        return
    guess = "and refuses to guess" if severity is Severity.ERROR else "and has to try one after the other, which many don't"
    yield Found(
        cause=f"The token has no `kid` in its header, and the key set has {count} keys that fit `{jwt.held.token.alg}`: the verifier can't "
        f"tell which key is meant, {guess}.",
        help="At the issuer, write the `kid` of the signing key into the token's header (it must be there when more than one key is "
        "published); until then let the verifier try each of the keys.",
        evidence=(jwt.evidence(".header.kid", "the signing key's kid", "missing"),),
        severity=severity,
    )


@rule(Section("RFC 7517", "4.5"), Section("OIDC Core", "10.1"), explains=_EXPLAINED)
def keys_unnamed(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token names a key, and no key of the set has a name."""
    count, kid = jwt.facts.get("keys_unnamed"), jwt.held.token.kid
    severity = _severity(jwt, scene)
    if not isinstance(count, int) or severity is None:
        return
    yield Found(
        cause=f"The token names its key `{kid[:60]}` (`kid`), and the published keys ({count}) have no `kid` at all: a verifier that looks "
        "the key up by that name finds none.",
        help="At the issuer, publish each key in the key set with the `kid` that the tokens' header has; until then let the verifier try "
        "every key of the right type.",
        evidence=(jwt.evidence(".header.kid", "a published key of this kid", f"{count} without kid"),),
        severity=severity,
    )


@rule(Section("RFC 7517", "4.5"), explains=_EXPLAINED)
def key_id_duplicated(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """Two keys of the set have the same kid."""
    count, kid = jwt.facts.get("keys_named"), jwt.held.token.kid
    severity = _severity(jwt, scene)
    if not isinstance(count, int) or severity is None:
        return
    yield Found(
        cause=f"The key set has {count} different keys of the same `kid` `{kid[:60]}`: a verifier that takes the first, or keeps one "
        "key for "
        "each `kid`, tries the wrong one.",
        help="At the issuer, give each key its own `kid` (duplicate values come of rotation under a fixed name, or of two environments "
        "that "
        "publish one set); until then let the verifier try every key of that `kid`.",
        evidence=(jwt.evidence(".header.kid", "one key of this kid", f"{count} keys"),),
        certainty=Certainty.CERTAIN if jwt.facts.get("signature") == "pass" else Certainty.LIKELY,
        severity=severity,
    )


@rule(Section("RFC 7518", "6"), Section("RFC 7517", "3"), explains=_EXPLAINED)
def key_not_base64url(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A number of the published key is not written in base64url."""
    flaw = next((one for one in _flaws(jwt) if one.endswith(("-base64", "-hex"))), "")
    severity = _severity(jwt, scene)
    if not flaw or severity is None:
        return
    name, _, how = flaw.partition("-")
    which = {"n": "the modulus", "e": "the exponent"}.get(name, "a coordinate")
    written = "standard base64 (with `+`, `/` or `=` padding)" if how == "base64" else "hexadecimal"
    yield Found(
        cause=f"The published key's `{name}` ({which}) is written in {written}, and a JWK has its numbers in base64url without padding: "
        "strict libraries can't read the key, others read another number.",
        help="Where the key set is made, encode the number's bytes as base64url (`-` and `_`, no `=`), or let a JOSE library export the "
        "key.",
        evidence=(jwt.evidence(".header.kid", "a key in base64url", f"`{name}` in {written}"),),
        severity=severity,
    )


@rule(Section("RFC 7517", "5"), explains=(*_EXPLAINED, "key-set-unreachable", "key-set-not-found"))
def key_type_unsupported(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The verifier fails at another key of the set than the token's."""
    types = jwt.facts.get("key_types")
    words = words_about(jwt, scene)
    if not isinstance(types, list) or not is_to_be_verified(jwt, scene) or not _OF_TYPE.search(words):
        return
    family = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP", "HS": "oct"}.get(jwt.held.token.alg[:2], "")
    others = [str(one) for one in types if str(one).partition(" ")[0] != family]
    named = [one for one in others if any(part.lower() in words for part in one.split())]
    if not others or (not named and family.lower() in words):
        return
    which = (named or others)[0]
    yield Found(
        cause=f"The key set has a key of the type `{which[:40]}` beside the token's ({family}), and the verifier does not support it: "
        "instead "
        "of skipping that key it gives up the whole set, and so refuses tokens whose own key is fine.",
        help="In the verifier, take a version of the library that skips keys that it does not know (RFC 7517 section 5), or convert "
        "only the "
        "key of the token's `kid`; otherwise let the provider publish keys of one type for this client.",
        evidence=(jwt.evidence(".header.kid", f"a key set of {family} keys", ", ".join(map(str, types))[:120]),),
        certainty=Certainty.CERTAIN if jwt.facts.get("signature") == "pass" and named else Certainty.LIKELY,
    )


@rule(Section("RFC 7517", "4.2"), explains=(*_EXPLAINED, "key-set-unreachable", "key-set-empty"))
def key_use_missing(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The published key does not say what it is used for, and the verifier wants that said."""
    if "no-use" not in _flaws(jwt) or not is_to_be_verified(jwt, scene) or not _OF_SIGNING_KEYS.search(words_about(jwt, scene)):
        return
    yield Found(
        cause="The published key has no `use` member, which is optional in a JWK; this verifier looks only at keys that say `use` "
        "`sig`, and so "
        "finds no signing keys in the set.",
        help="At the provider, publish the key with `use` `sig`; or let the verifier take keys without `use` as well (a newer library, "
        "or one "
        "that heeds RFC 7517).",
        evidence=(jwt.evidence(".header.kid", "use sig", "no use"),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 7517", "4.7"), explains=_EXPLAINED)
def key_certificate_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The published key and its certificate are two different keys."""
    if "x5c-differs" not in _flaws(jwt) or not _is_asked(jwt, scene):
        return
    fits = jwt.facts.get("signature") == "pass"
    yield Found(
        cause="The published key contradicts itself: the certificate in its `x5c` holds another public key than its own `n` and `e` (or "
        "`x` "
        f"and `y`), which must match. {'The token is signed by the latter' if fits else 'The token is not signed by the latter'}, so a "
        "verifier that takes the key from the certificate gets another result.",
        help="At the issuer, publish `x5c` and the key's numbers of one and the same key: after a rotation the old certificate was "
        "left, or "
        "leave `x5c` out.",
        evidence=(jwt.evidence(".header.kid", "x5c and n of one key", "two keys"),),
    )


@rule(Section("RFC 7517", "4.3"), explains=_EXPLAINED)
def key_operations_wrong(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The published key says that it is not for verifying."""
    severity = _severity(jwt, scene)
    if "key-ops" not in _flaws(jwt) or severity is None:
        return
    yield Found(
        cause="The published key's `key_ops` lacks `verify` (a private key has `sign`, its public half must have `verify`): libraries that "
        "heed it skip the key, and find none to verify the token with.",
        help='Where the key set is made, publish the public key with `key_ops` `["verify"]`, or leave `key_ops` out and say `use` `sig`.',
        evidence=(jwt.evidence(".header.kid", "key_ops with verify", "without"),),
        severity=severity,
    )
