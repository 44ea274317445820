"""Signatures: what a token was signed with, and whether it came whole.

Here: the algorithm, the signature, the form of the token. Not here: which key it should be (`keys`), its claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from oauthctl.findings import Candidate, Certainty
from oauthctl.http import split_url
from oauthctl.jose.jwt import Kind
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.record.tokens import Role
from oauthctl.rules.presented import (
    Use,
    expected_issuer,
    is_at_stake,
    is_pasted,
    is_received,
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
_OWNERS = {
    "google": re.compile(r"google|youtube|gmail|firebase"),
    "github": re.compile(r"github|copilot"),
    "gitlab": re.compile(r"gitlab"),
    "slack": re.compile(r"slack"),
}
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
        "algorithm from "
        "the header accepts it.",
        help="Pin the algorithm of the issuer's keys (such as RS256) in every verifier, never take it from the token, and treat the "
        "token as an "
        "attack.",
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
    more = (
        f" `{alg}` is made with a shared secret (the client's), the others with the issuer's private key."
        if symmetric and not set(accepted) & set(_SYMMETRIC)
        else ""
    )
    yield Found(
        cause=f"The token is signed with `{alg}` (`alg`), and its recipient accepts only {listed(accepted)}.{more}",
        help="At the provider set the signing algorithm of this client or API to one that the recipient accepts; widen the "
        "recipient's list only "
        "if that algorithm is really the issuer's.",
        evidence=(jwt.evidence(".header.alg", " ".join(accepted), alg),),
    )


@rule(Section("RFC 7515", "5.2"))
def signature_invalid(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token's signature does not fit the published key."""
    is_proved = jwt.facts.get("signature_reason") in ("differs", "key-misnamed", "too-long")
    is_said = "signature" not in jwt.facts and _OF_SIGNATURE.search(words_about(jwt, scene)) is not None
    if not (is_proved or (is_said and jwt.held.token.claims is not None)) or not is_to_be_verified(jwt, scene):
        return
    if use_of(jwt, scene.given) is Use.OTHER and not is_pasted(jwt):
        return
    kid = jwt.held.token.kid
    if jwt.facts.get("signature_reason") == "key-misnamed":
        yield Found(
            cause=f"The token names the key `{kid[:60]}` in its header (`kid`), yet another published key made the signature.",
            help="At the issuer, write the `kid` of the key that signs into the token's header.",
            evidence=(jwt.evidence(".header.kid", "the key that signed", kid),),
        )
        return
    yield Found(
        cause=f"The signature does not fit the published key{f' `{kid[:60]}`' if kid else ''}: either the token's contents were "
        "changed, or "
        "another key of the same name signed it (another environment or a key set that was replaced).",
        help="Compare the token's `iss` with the issuer whose keys are used, fetch the key set again, and check the token as it left "
        "the provider.",
        evidence=(jwt.evidence(".header.kid", "a signature of that key", str(jwt.facts.get("signature_why", ""))[:200]),),
        certainty=Certainty.LIKELY if is_proved else Certainty.POSSIBLE,
        candidates=(
            Candidate("The key set belongs to another issuer or environment.", "Fetch the keys from the `jwks_uri` of the token's issuer."),
            Candidate("The token was altered on its way.", "Take the token where the provider hands it out, and compare."),
        ),
        probe="Verify the same token with the key set fetched now from its issuer's `jwks_uri`.",
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
        "unchanged; "
        "a changed token must be refused.",
        evidence=(jwt.evidence(".claims", "the claims that were signed", "others"),),
    )


@rule(Section("RFC 7515", "5.2"), explains=("signature-invalid", "token-altered", "expiry-missing"))
def token_truncated(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token was cut off."""
    if not is_at_stake(jwt, scene) or jwt.held.token.kind is Kind.JWE:
        return
    characters = jwt.facts.get("characters")
    octets, expected = jwt.facts.get("signature_octets"), jwt.facts.get("signature_octets_expected")
    flaws = str(jwt.facts.get("flaws", "")).split()
    if jwt.facts.get("kind") not in ("JWS", "unreadable") or "hmac" in str(jwt.facts.get("signature_reason")):
        return
    # Whoever writes an example shortens tokens: what is shown to an API was one if it has a token's length.
    is_long = is_pasted(jwt) or (isinstance(characters, int) and characters >= 100)
    if is_received(jwt, scene) or "not-base64url" in flaws or not is_long:
        return
    dots = jwt.facts.get("dots")
    limit = _limit(characters if isinstance(characters, int) else 0)
    if jwt.facts.get("signature_reason") == "too-short":
        why = f"its signature has {octets} bytes and the key makes {expected}"
    elif _is_short(octets, jwt.held.token.alg) and (limit or is_pasted(jwt)):
        why = f"its signature has {octets} bytes, too few for `{jwt.held.token.alg}`"
    elif jwt.facts.get("kind") == "unreadable" and isinstance(dots, int) and dots < 2 and "parts" in flaws:
        why = f"it has {dots + 1} of three parts"
    elif jwt.facts.get("kind") == "JWS" and dots == 1 and "parts" in flaws:
        why = "it has two of three parts, the signature is missing"
    else:
        return
    yield Found(
        cause=f"The token was cut off: {why}.{f' Its length of {characters} characters is a typical limit of storage.' if limit else ''} "
        "Its signature is incomplete, hence it can't be verified.",
        help="Store and pass on the whole token: a wider database column, a session on the server or split cookies instead of one "
        "cookie of 4096 "
        "bytes, no copy from a terminal that cuts lines.",
        evidence=(jwt.evidence("", f"a signature of {expected} bytes" if expected else "three parts", f"{characters} characters"),),
    )


@rule(Section("RFC 6750", "2.1"), explains=("token-opaque", "token-truncated", "signature-invalid", "api-call-refused"))
def bearer_prefix_doubled(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """Something stands in front of or around the token."""
    wrapped = jwt.facts.get("wrapped")
    if not isinstance(wrapped, str) or not is_at_stake(jwt, scene):
        return
    is_sent = jwt.held.place == "request.headers.Authorization"
    found = {
        "scheme": (
            "The word `Bearer` stands there twice: the string that was passed on as the token already contains the scheme as its prefix."
            if is_sent
            else "The string that is taken for a token already contains the scheme (`Bearer`) as its prefix."
        ),
        "quotes": "The token stands in quotes, which became part of it; in `Authorization: Bearer` it must be bare.",
        "percent-encoding": "The token is percent-encoded and was not decoded before it was put behind `Bearer`.",
        "name": "The name of a parameter (`access_token=`) stands in front of the token behind `Bearer`.",
        "json": "The whole token response, a JSON text, was taken for the token behind `Bearer`.",
    }.get(wrapped, "Something that is no part of the token stands around it.")
    yield Found(
        cause=f"{found} Reading begins at the wrong character, although the token itself is whole.",
        help="In the client, strip the scheme, quotes and white space before the token is stored, and let one place only put `Bearer "
        "` in front.",
        evidence=(jwt.evidence("", "the bare token", wrapped),),
    )


@rule(Section("RFC 6749", "1.4"), explains=("audience-differs",))
def token_opaque(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """An opaque token is read as a JWT."""
    if jwt.facts.get("kind") != "opaque" or "wrapped" in jwt.facts or jwt.held.role is Role.REFRESH_TOKEN:
        return
    if not is_at_stake(jwt, scene) or is_received(jwt, scene):
        return
    words = words_about(jwt, scene)
    is_read_as_jwt = re.search(
        r"\bjwt\b|malformed|segments|not enough|well.?formed|decod|three parts|dots|jws|header is not|base64|idx12709|idx14100", words
    )
    expects_jwt = is_pasted(jwt) and (scene.given.issuer or scene.given.audiences or scene.given.algorithms)
    prefix = str(jwt.facts.get("prefix", ""))
    seen = refusing(jwt, scene)
    is_foreign = prefix in _OWNERS and seen is not None and not _OWNERS[prefix].search(split_url(seen.url).hostname or "")
    if not (is_read_as_jwt or expects_jwt or is_foreign):
        return
    owner = f" Its beginning marks it as one of {prefix.capitalize()}'s." if prefix else ""
    yield Found(
        cause="The token is opaque, not a JWT: it has no parts to decode, and only the server that issued it can read it. Nothing is "
        f"damaged.{owner}",
        help="In the API ask the issuer about it (introspection, userinfo, or the provider's API) instead of decoding it; or let the "
        "client "
        "request a JWT access token, with your API's `audience` or `resource`.",
        evidence=(jwt.evidence("", "three parts with dots between", f"{jwt.facts.get('characters')} characters, opaque"),),
    )


@rule(Section("RFC 7516", "3.1"), explains=("token-truncated", "audience-differs"))
def token_encrypted(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token is encrypted for somebody else."""
    if jwt.held.token.kind is not Kind.JWE or jwt.held.role not in (Role.ACCESS_TOKEN, Role.UNKNOWN, Role.ID_TOKEN):
        return
    is_wanted = is_pasted(jwt) and (scene.given.issuer or scene.given.audiences or scene.given.algorithms or scene.given.local_error)
    if not (is_wanted or refusing(jwt, scene)):
        return
    attempt = scene.attempt_of(jwt.held.exchange)
    asked = attempt.asked if attempt is not None else None
    names_none = asked is not None and not any(name in asked.sent for name in ("audience", "resource"))
    alg, enc = str(jwt.header.get("alg", ""))[:30], str(jwt.header.get("enc", ""))[:30]
    own = jwt.header.get("iss") and alg == "dir"
    why = " The authorization request named no `audience`," if names_none else " It was probably requested without an `audience`,"
    unasked = f"{why} so the provider made a token that only its own userinfo endpoint reads." if names_none or own else ""
    yield Found(
        cause=f"The token is encrypted: five parts, a JWE with `alg` `{alg}` and `enc` `{enc}`, and not a signed JWT for your "
        f"API.{unasked}",
        help="In the client request the token with `audience` (or `resource`) set to your API's identifier as the provider has it; if "
        "the token is "
        "meant for this API, decrypt it with the API's private key first.",
        evidence=(
            jwt.evidence(".header.enc", "a signed token of three parts", enc),
            *((asked.evidence(".audience", "the API's identifier", "missing"),) if asked is not None and names_none else ()),
        ),
        certainty=Certainty.CERTAIN if names_none else Certainty.LIKELY,
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


def _is_short(octets: object, alg: str) -> bool:
    """Whether a signature begins like one of this algorithm and is not whole: fewer than 16 bytes are no signature but a placeholder."""
    return isinstance(octets, int) and 16 <= octets < _shortest(alg) and not (alg[:2] in ("RS", "PS") and octets == 128)


def _shortest(alg: str) -> int:
    """The bytes of the shortest signature that this algorithm makes. Source: RFC 7518 section 3.3, 3.4."""
    if alg[:2] in ("RS", "PS"):
        return 256
    return {"ES256": 64, "ES384": 96, "ES512": 132, "EdDSA": 64, "HS256": 32, "HS384": 48, "HS512": 64}.get(alg, 0)


def _limit(characters: int) -> bool:
    """Whether a length is one at which columns, cookies and buffers end."""
    return characters in (128, 255, 256, 500, 511, 512, 1000, 1023, 1024, 2000, 2047, 2048, 3999, 4000, 4093, 4095, 4096, 8191, 8192)
