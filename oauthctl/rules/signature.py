"""Signatures: what a token was signed with, and whether it came whole.

Here: the algorithm, the signature, the form of the token. Not here: which key it should be (`keys`), its claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from oauthctl.findings import Candidate, Certainty
from oauthctl.http import split_url
from oauthctl.jose.algorithms import SIGNATURE_ALGORITHMS
from oauthctl.jose.jwt import Kind
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.record.tokens import Role
from oauthctl.rules.presented import (
    Use,
    expected_issuer,
    is_pasted,
    is_to_be_verified,
    listed,
    refusing,
    use_of,
    words_about,
)
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_SYMMETRIC = ("HS256", "HS384", "HS512")
_OF_SIGNATURE = re.compile(
    r"(?:invalid|wrong|bad|fail\w*|verif\w*|mismatch)[^.]{0,40}\bsignature|\bsignature\b[^.]{0,40}(?:invalid|fail|mismatch|verif|wrong|match)"
    r"|jwt verification fails|idx1051[14]"
)
_UNDERSTOOD = ("b64", "exp", "http://openbanking.org.uk/iat", "http://openbanking.org.uk/iss", "http://openbanking.org.uk/tan")


@rule(Section("RFC 8725", "3.2"), explains=("algorithm-not-accepted", "signature-invalid", "key-unknown"))
def algorithm_none(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token is not signed."""
    if jwt.facts.get("kind") != Kind.UNSECURED or not is_to_be_verified(jwt, scene):
        return
    yield Found(
        cause="The token is unsigned: its header says `alg` `none`, and it has no signature. A test helper or an attacker made it, no "
        "authorization server; anybody can write such a token.",
        help="Refuse it: in the verifier keep an explicit list of accepted algorithms, and repair whatever made the token so that it "
        "signs.",
        evidence=(jwt.evidence(".header.alg", "a signature algorithm such as RS256", "none"),),
    )


@rule(Section("RFC 8725", "2.1"), explains=("algorithm-not-accepted", "signature-invalid"))
def algorithm_confusion(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token is made with a public key as the shared secret."""
    alg = jwt.held.token.alg
    if alg not in _SYMMETRIC or not is_to_be_verified(jwt, scene):
        return
    is_proved = jwt.facts.get("signature_reason") == "hmac-with-public-key"
    named = next((key for key in _keys(scene) if key.get("kid") == jwt.held.token.kid and key.get("kty") != "oct"), None)
    if not is_proved and not (named and jwt.held.token.kid):
        return
    kid = f" `{jwt.held.token.kid[:60]}`" if jwt.held.token.kid else ""
    proof = (
        f"HMAC with the published public key{kid} as its secret reproduces the signature"
        if is_proved
        else f"its `kid`{kid} names a public {named.get('kty') if named else ''} key of the issuer, which makes no HMAC"
    )
    yield Found(
        cause=f"Algorithm confusion: the token says `alg` `{alg}` (HMAC), and {proof}. It is forged; a verifier that takes the "
        "algorithm from the header accepts it.",
        help="Pin the algorithm of the issuer's keys (such as RS256) in every verifier, never take it from the token, and treat the "
        "token as an attack.",
        evidence=(jwt.evidence(".header.alg", "the key's own algorithm", alg),),
        certainty=Certainty.CERTAIN if is_proved else Certainty.LIKELY,
    )


@rule(Section("RFC 8725", "3.1"), decisive=True, explains=("signature-invalid", "key-unknown"))
def algorithm_not_accepted(jwt: Jwt, scene: Scene, metadata: ProviderMetadata | None) -> Iterator[Found]:
    """The token is signed with an algorithm that its recipient does not accept."""
    alg = jwt.held.token.alg
    if not alg or alg.lower() == "none" or jwt.held.token.kind is not Kind.JWS or not is_to_be_verified(jwt, scene):
        return
    accepted = scene.given.algorithms
    if not accepted and jwt.held.role is Role.ID_TOKEN and metadata is not None:
        accepted = metadata.id_token_signing_alg_values_supported or ()
    if not accepted or alg in accepted or (alg in ("EdDSA", "Ed25519") and {"EdDSA", "Ed25519"} & set(accepted)):
        return
    symmetric = alg in _SYMMETRIC
    right = next((one for one in (*accepted, *SIGNATURE_ALGORITHMS) if one.lower() == alg.lower() and one != alg), "")
    more = (
        f" `{alg}` is `{right}` in the wrong case: the names of algorithms are case-sensitive."
        if right
        else f" `{alg}` is made with a shared secret (the client's), the others with the issuer's private key."
        if symmetric and not set(accepted) & set(_SYMMETRIC)
        else ""
    )
    yield Found(
        cause=f"The token is signed with `{alg}` (`alg`), and its recipient accepts only {listed(accepted)}.{more}",
        help="At the provider set the signing algorithm of this client or API to one that the recipient accepts; widen the "
        "recipient's list only if that algorithm is really the issuer's.",
        evidence=(jwt.evidence(".header.alg", " ".join(accepted), alg),),
    )


@rule(Section("RFC 7515", "5.2"), explains=("api-call-refused",))
def signature_invalid(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token's signature does not fit the published key."""
    is_proved = jwt.facts.get("signature_reason") in ("differs", "key-misnamed", "too-long")
    is_said = "signature" not in jwt.facts and _OF_SIGNATURE.search(words_about(jwt, scene)) is not None
    if not (is_proved or (is_said and jwt.held.token.claims is not None)) or not is_to_be_verified(jwt, scene):
        return
    if use_of(jwt, scene.given) is Use.OTHER and not is_pasted(jwt):
        return
    kid = jwt.held.token.kid
    if jwt.facts.get("signature_reason") == "too-long" and jwt.facts.get("is_der"):
        return
    if jwt.facts.get("signature_reason") == "key-misnamed":
        made = str(jwt.facts.get("signature_made", ""))[:60]
        other = f"under another `kid`, `{made}`" if made else "under no `kid`"
        if made and made.lower() == kid.lower():
            other = f"under `{made}`, which differs in upper and lower case alone (a `kid` is case-sensitive)"
        yield Found(
            cause=f"The token names the key `{kid[:60]}` in its header (`kid`), while the key set has the very key that made the signature "
            f"{other}: with that key the signature verifies. Header and key set name the same key differently (a thumbprint, `x5t` or a "
            "counter).",
            help="At the issuer, write one and the same `kid` into the token's header and into the published key; a verifier that can't "
            "wait may try all keys of the set.",
            evidence=(jwt.evidence(".header.kid", "the key that signed", kid),),
        )
        return
    yield Found(
        cause=f"The signature does not fit the published key{f' `{kid[:60]}`' if kid else ''}: either the token's contents were "
        "changed, or another key of the same name signed it (another environment or a key set that was replaced).",
        help="Compare the token's `iss` with the issuer whose keys are used, fetch the key set again, and check the token as it left "
        "the provider.",
        evidence=(jwt.evidence(".header.kid", "a signature of that key", str(jwt.facts.get("signature_why", ""))[:200]),),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("The key set belongs to another issuer or environment.", "Fetch the keys from the `jwks_uri` of the token's issuer."),
            Candidate("The token was altered on its way.", "Take the token where the provider hands it out, and compare."),
        ),
        probe="Verify the same token with the key set fetched now from its issuer's `jwks_uri`.",
    )


@rule(Section("RFC 8725", "3.1"), Section("RFC 7518", "3.1"), explains=("signature-invalid", "token-altered"))
def signature_of_other_algorithm(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token is signed by another algorithm than its header says."""
    made, alg = str(jwt.facts.get("signature_made", "")), jwt.held.token.alg
    if jwt.facts.get("signature_reason") != "other-algorithm" or not is_to_be_verified(jwt, scene):
        return
    padding = {"RS": "PKCS #1 v1.5 padding", "PS": "PSS padding"}
    yield Found(
        cause=f"The token's header says `alg` `{alg}` ({padding[alg[:2]]}, SHA-{alg[2:]}), but the published key made the signature by "
        f"`{made}` ({padding[made[:2]]}, SHA-{made[2:]}): key and contents are right, only padding or hash are not what the header "
        "promises.",
        help=f"In the code that makes the token, sign with {padding[alg[:2]]} and SHA-{alg[2:]}, or write `alg` `{made}` into the "
        "header (and "
        "let the verifier accept that); a key service names its algorithm apart from the JWT library.",
        evidence=(jwt.evidence(".header.alg", made, alg),),
    )


@rule(Section("RFC 7518", "3.4"), explains=("signature-invalid", "token-truncated", "assertion-key-unknown", "token-request-refused"))
def signature_in_der(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token's ECDSA signature is in DER."""
    is_assertion = jwt.held.role in (Role.CLIENT_ASSERTION, Role.ASSERTION) and jwt.held.exchange in scene.failed
    if not jwt.facts.get("is_der") or not (is_to_be_verified(jwt, scene) or is_assertion):
        return
    octets = jwt.facts.get("signature_octets")
    yield Found(
        cause=f"The `{jwt.held.token.alg}` signature of {octets} bytes is in DER (ASN.1), as OpenSSL and many key services make it; a "
        "JWS has the two numbers R and S side by side, of fixed length.",
        help="In the code that makes the token convert the DER signature to R || S (64 bytes for ES256), or let a JWT library sign.",
        evidence=(jwt.evidence("", "R and S side by side", f"DER, {octets} bytes"),),
    )


@rule(Section("RFC 7518", "3.2"), explains=("signature-invalid", "algorithm-confusion"))
def secret_not_decoded(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """Signer and verifier take the shared secret in different forms."""
    form = jwt.facts.get("hmac")
    texts = {
        "base64": "the signer used the base64-decoded secret as the key, and as it is written it does not fit",
        "trimmed": "the signer used it without the white space or line break around it",
        "hex": "the signer used the secret decoded from hexadecimal",
    }
    if not isinstance(form, str) or form not in texts or not is_to_be_verified(jwt, scene):
        return
    yield Found(
        cause=f"The token's `{jwt.held.token.alg}` signature belongs to the known shared secret, but in another form: {texts[form]}.",
        help="Let both sides make the key from the secret in the same way: either decode it or take its characters, and strip line breaks.",
        evidence=(jwt.evidence(".header.alg", "the secret as it is written", form),),
    )


@rule(Section("RFC 7515", "5.2"), explains=("signature-invalid",))
def token_altered(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token's contents were changed after it was signed."""
    if jwt.facts.get("signature_reason") != "altered" or not is_to_be_verified(jwt, scene):
        return
    yield Found(
        cause="The published key made this signature, but over other contents: header or claims of the token were changed after it "
        "was signed.",
        help="Find who changes the token on its way (a gateway that rewrites claims, a test that edits it, a person), and pass it on "
        "unchanged; a changed token must be refused.",
        evidence=(jwt.evidence(".claims", "the claims that were signed", "others"),),
    )


@rule(Section("RFC 7515", "4.1.11"), explains=("signature-invalid",))
def critical_header_unknown(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token demands that an extension be understood."""
    critical = jwt.header.get("crit")
    if critical is None or not is_to_be_verified(jwt, scene):
        return
    names = [str(one)[:60] for one in critical] if isinstance(critical, list) else [str(critical)[:60]]
    if names and all(name in _UNDERSTOOD for name in names) and refusing(jwt, scene) is None:
        return
    yield Found(
        cause=f"The token's header says that {listed(names)} must be understood (`crit`), and a verifier that doesn't know it must "
        "refuse the token.",
        help="Leave `crit` out where the token is made, or use a verifier that understands that extension.",
        evidence=(jwt.evidence(".header.crit", "no `crit`", " ".join(names)),),
        certainty=Certainty.CERTAIN if jwt.facts.get("signature_reason") == "critical" else Certainty.LIKELY,
    )


@rule(Section("RFC 8725", "3.10"), explains=("signature-invalid", "key-unknown"))
def key_in_token(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token brings its own key along."""
    names = [name for name in ("jwk", "jku", "x5u") if name in jwt.header]
    if not names or jwt.held.role is Role.DPOP_PROOF or jwt.held.token.typ == "dpop+jwt" or not is_to_be_verified(jwt, scene):
        return
    is_forged = jwt.facts.get("signature_reason") == "embedded-key"
    elsewhere = _foreign(jwt, scene)
    if not is_forged and not elsewhere:
        return
    how = (
        "its signature was made with the key in its own header (`jwk`) and with none that the issuer publishes"
        if is_forged
        else f"its header points to keys at `{elsewhere[:100]}`, which is not the issuer's place"
    )
    yield Found(
        cause=f"The token brings its own key along: {how}. Whoever made the token chose the key, so it proves nothing.",
        help="Refuse the token; let the verifier use only the key set of the configured issuer and ignore `jwk`, `jku` and `x5u` in "
        "headers.",
        evidence=(jwt.evidence(f".header.{names[0]}", "a `kid` of the issuer's key set", elsewhere or "a key"),),
        certainty=Certainty.CERTAIN if is_forged else Certainty.LIKELY,
    )


def _foreign(jwt: Jwt, scene: Scene) -> str:
    issuer = expected_issuer(jwt, scene) or jwt.held.token.claim_text("iss")
    host = split_url(issuer).hostname or ""
    urls = [value for name in ("jku", "x5u") if isinstance(value := jwt.header.get(name), str)]
    return next((url for url in urls if host and split_url(url).hostname != host and jwt.facts.get("signature") != "pass"), "")


def _keys(scene: Scene) -> list[dict[str, Any]]:
    sets = [keys for document, _ in scene.key_sets if isinstance(keys := document.raw("keys"), list)]
    return [key for keys in sets for key in keys if isinstance(key, dict)]
