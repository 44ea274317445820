"""One signature against trusted keys, answered with one verdict.

Here: which keys may be tried, and what is refused unseen. Not here: claims (`messages.id_token`), fetching keys (`flows`).
"""

from __future__ import annotations

import base64
import binascii
import hmac

from oauthctl.findings import Outcome, Verdict
from oauthctl.jose.algorithms import SIGNATURE_ALGORITHMS, Algorithm, UnusableKey, is_signature
from oauthctl.jose.jwk import LEAST_RSA_BITS, Jwk
from oauthctl.jose.jwt import Kind, Token
from oauthctl.specs import Section

CHECK = "signature"
EMBEDDED_CHECK = "embedded-key"
EMBEDDED_KEYS = ("jwk", "jku", "x5u", "x5c")


def check_signature(token: Token, keys: tuple[Jwk, ...], *, allowed_algs: tuple[str, ...] = (), secret: str = "") -> Verdict:
    """Whether one of these trusted keys (or the client's secret, for HMAC) made the token's signature. Never raises.

    Keys that the token brings along are never used. `allowed_algs` empty allows every algorithm that the trusted keys can do.
    """
    refused = _refused(token, allowed_algs)
    if refused:
        return refused
    algorithm = SIGNATURE_ALGORITHMS[token.alg]
    if algorithm.kty == "oct":
        return _check_hmac(token, algorithm, keys, secret=secret)
    if not keys:
        return _verdict(Outcome.UNCLEAR, "there are no keys to check it against", got=token.alg)
    candidates = select_keys(token, keys)
    if not candidates:
        return _no_key(token, algorithm, keys)
    return _try(token, algorithm, candidates, all_keys=keys)


def check_embedded_keys(token: Token, signature: Verdict, *, has_trust: bool = True) -> tuple[Verdict, ...]:
    """The verdict on keys and addresses of keys in the token's own header, if there are any; `signature` is that on its signature.

    They are never used. Beside a signature by a trusted key they do no harm (issuers name their certificates); else the token is refused,
    and it can't be told where trusted keys were to be had and could not (`has_trust` false where nobody named any).
    """
    header = token.header or {}
    # Source: RFC 9449 section 4.2: a DPoP proof must bring its public key along.
    names = [name for name in EMBEDDED_KEYS if name in header and not (name == "jwk" and token.typ == "dpop+jwt")]
    if not names:
        return ()
    brings = any(name in ("jwk", "x5c") for name in names)
    points = any(name in ("jku", "x5u") for name in names)
    what = " and ".join((*(("brings its own key",) if brings else ()), *(("points to its own key",) if points else ())))
    named = ", ".join(f"`{name}`" for name in names)
    because = "which is never used: whoever forged the token could have put it there"
    if signature.outcome is Outcome.PASS:
        outcome, why = Outcome.PASS, f"{named} in the header was ignored: the signature is by a trusted key"
    elif signature.outcome is Outcome.UNCLEAR and has_trust:
        outcome, why = Outcome.UNCLEAR, f"the token {what} ({named}), {because}; no trusted key could tell"
    else:
        outcome, why = Outcome.FAIL, f"refused: the token {what} ({named}), {because}"
    return (Verdict(EMBEDDED_CHECK, outcome, why, section=Section("RFC 8725", "3.10")),)


def select_keys(token: Token, keys: tuple[Jwk, ...]) -> tuple[Jwk, ...]:
    """The keys to try: those that fit the algorithm and have the token's `kid`; without `kid` all that fit; keys without `kid` always.

    Source: RFC 7515 section 4.1.4, RFC 7517 section 4.
    """
    algorithm = SIGNATURE_ALGORITHMS.get(token.alg)
    if algorithm is None:
        return ()
    fitting = tuple(key for key in keys if not _misfit(key, algorithm))
    named = tuple(key for key in fitting if key.kid == token.kid)
    if not token.kid:
        return fitting
    return named or tuple(key for key in fitting if not key.kid)


def kid_unknown(token: Token, keys: tuple[Jwk, ...]) -> bool:
    """Whether the token names a key that is not among these: the moment to fetch the key set again, once.

    Source: OIDC Core section 10.1.1.
    """
    return bool(token.kid) and all(key.kid != token.kid for key in keys)


def has_public_key(token: Token) -> bool:
    """Whether the token is signed with an algorithm that is known here and whose key its issuer publishes."""
    algorithm = SIGNATURE_ALGORITHMS.get(token.alg)
    return algorithm is not None and algorithm.kty != "oct"


def _refused(token: Token, allowed_algs: tuple[str, ...]) -> Verdict | None:
    """What is answered without a look at any key; None when the signature is to be checked."""
    if token.kind == Kind.OPAQUE:
        return _verdict(Outcome.UNCLEAR, "an opaque token has no signature to check; the server can be asked (introspection)")
    if token.kind == Kind.JWE:
        return _verdict(Outcome.UNCLEAR, "the token is encrypted; a signature, if there is one, is inside")
    if token.kind == Kind.UNREADABLE:
        return _verdict(Outcome.FAIL, f"the token can't be read: {token.problems[0] if token.problems else 'no header'}")
    if token.alg.lower() == "none":
        why = "the token is not signed (`alg` is `none`): anybody can have written it"
        return _verdict(Outcome.FAIL, why, got=token.alg, section=Section("RFC 7518", "3.6"))
    if not token.alg:
        return _verdict(Outcome.FAIL, "the header names no algorithm (`alg`)", section=Section("RFC 7515", "4.1.1"))
    if "crit" in (token.header or {}):
        crit = (token.header or {})["crit"]
        names = ", ".join(f"`{name}`" for name in crit) if isinstance(crit, list) and crit else "nothing readable"
        why = f"the header says that {names} must be understood (`crit`), and no such extension is"
        return _verdict(Outcome.FAIL, why, got=str(crit)[:80], section=Section("RFC 7515", "4.1.11"))
    if allowed_algs and token.alg not in allowed_algs:
        why = f"the algorithm `{token.alg[:40]}` is not one that is allowed here"
        return _verdict(Outcome.FAIL, why, expected=" ".join(allowed_algs), got=token.alg[:40], section=Section("RFC 8725", "3.1"))
    if token.alg not in SIGNATURE_ALGORITHMS:
        return _verdict(Outcome.UNCLEAR, f"the algorithm `{token.alg[:40]}` is not known here", got=token.alg[:40])
    if not token.signature:
        return _verdict(Outcome.FAIL, "the signature is missing or can't be read", section=Section("RFC 7515", "5.2"))
    return None


def _check_hmac(token: Token, algorithm: Algorithm, keys: tuple[Jwk, ...], *, secret: str) -> Verdict:
    secrets = tuple(key for key in keys if key.kty == "oct" and not _misfit(key, algorithm))
    if secret:
        secrets = (_secret_key(secret.encode("utf-8", "surrogateescape")), *secrets)
    public = next((key for one in secrets for key in keys if _is_public_part(one, key)), None)
    if public is not None:
        why = f"the shared secret is the public key of {_name(public)}: whoever knows it could forge tokens with it (algorithm confusion)"
        return _verdict(Outcome.FAIL, why, got=token.alg, section=Section("RFC 8725", "2.1"))
    if secrets:
        verdict = _try(token, algorithm, secrets, all_keys=keys)
        if verdict.outcome == Outcome.FAIL and secret and _made_with_decoded(token, secret):
            return _verdict(Outcome.FAIL, "the secret does not match as it is; base64-decoded it does", got=token.alg)
        return verdict
    if not keys:
        return _verdict(
            Outcome.UNCLEAR, f"`{token.alg}` is made with the client's secret, and there is none to check it with", got=token.alg
        )
    section = Section("RFC 8725", "2.1")
    if _made_with_public_key(token, keys):
        why = f"forged: `{token.alg}` with the issuer's public key as the secret (algorithm confusion)"
        return _verdict(Outcome.FAIL, why, got=token.alg, section=section)
    why = f"`{token.alg}` needs a shared secret and the issuer's keys are public: used as one, anybody could sign (algorithm confusion)"
    return _verdict(Outcome.FAIL, why, expected=" ".join(sorted({key.kty for key in keys})), got=token.alg, section=section)


def _try(token: Token, algorithm: Algorithm, candidates: tuple[Jwk, ...], *, all_keys: tuple[Jwk, ...]) -> Verdict:
    wrong_length = _wrong_length(token, algorithm)
    if wrong_length:
        return wrong_length
    unusable: list[str] = []
    for key in candidates:
        try:
            fits = _fits(token, key)
        except UnusableKey:
            unusable.append(_name(key))
            continue
        if fits:
            return _weak(key) or _verdict(
                Outcome.PASS,
                f"made by {_name(key)} with `{token.alg}`",
                got=token.alg,
                section=Section("RFC 7515", "5.2"),
            )
    if len(unusable) == len(candidates):
        return _verdict(Outcome.UNCLEAR, f"{', '.join(unusable)} can't be used as a key: its members make none", got=token.alg)
    return _not_made_by(token, candidates, all_keys)


def _fits(token: Token, key: Jwk) -> bool:
    return is_signature(token.alg, key.as_dict(), token.signing_input, signature=token.signature)


def _not_made_by(token: Token, candidates: tuple[Jwk, ...], all_keys: tuple[Jwk, ...]) -> Verdict:
    section = Section("RFC 7515", "5.2")
    tried = _name(candidates[0]) if len(candidates) == 1 else f"any of {len(candidates)} keys"
    why = f"not made by {tried}: the token was changed or signed by somebody else"
    other = _other_key(token, tuple(key for key in all_keys if key not in candidates))
    if other:
        why = f"not made by {tried}, though by {_name(other)}: the header names the wrong key"
    elif _made_with_embedded_key(token):
        why = f"not made by {tried}, but with the key in the token's own header (`jwk`): forged"
        section = Section("RFC 8725", "3.10")
    return _verdict(Outcome.FAIL, why, expected=" ".join(_name(key) for key in candidates[:5]), got=token.kid[:80], section=section)


def _no_key(token: Token, algorithm: Algorithm, keys: tuple[Jwk, ...]) -> Verdict:
    """Why none of the trusted keys may be tried."""
    named = tuple(key for key in keys if key.kid == token.kid) if token.kid else keys
    known = " ".join(_name(key) for key in keys[:8])
    if not named:
        other = _other_key(token, keys)
        more = f"; it was made by {_name(other)}, though" if other else ""
        why = f"the issuer has no key `{token.kid[:80]}`{more}"
        return _verdict(Outcome.FAIL, why, expected=known, got=token.kid[:80], section=Section("RFC 7515", "4.1.4"))
    why = f"{_name(named[0])} can't have made it: {_misfit(named[0], algorithm)}"
    if len(named) > 1:
        why = f"none of the {len(named)} keys is one for `{token.alg}`"
    return _verdict(Outcome.FAIL, why, expected=known, got=token.alg, section=Section("RFC 8725", "3.1"))


def _misfit(key: Jwk, algorithm: Algorithm) -> str:
    """Why this key can't verify this algorithm; empty when it can."""
    operations = key.as_dict().get("key_ops")
    if key.kty != algorithm.kty:
        return f"`{algorithm.name}` needs a key of type {algorithm.kty} and it is {key.kty or 'none'}"
    if algorithm.curves and key.crv not in algorithm.curves:
        return f"`{algorithm.name}` needs the curve {' or '.join(algorithm.curves)} and it is on {key.crv or 'none'}"
    # RFC 9864 names the curve in the algorithm: `EdDSA` and `Ed25519` are the same for a key on that curve.
    if key.alg and key.alg != algorithm.name and not (algorithm.kty == "OKP" and {key.alg, algorithm.name} <= {"EdDSA", key.crv}):
        return f"it is for `{key.alg}` alone"
    if key.use and key.use != "sig":
        return f"it is for encryption (`use` is `{key.use}`)"
    if isinstance(operations, list) and not {"verify", "sign"} & {item for item in operations if isinstance(item, str)}:
        return "its `key_ops` don't include `verify`"
    return ""


def _wrong_length(token: Token, algorithm: Algorithm) -> Verdict | None:
    expected, got = algorithm.signature_bytes, len(token.signature)
    if not expected or expected == got:
        return None
    why = f"a signature of `{algorithm.name}` has {expected} bytes and this one has {got}"
    if algorithm.kty == "EC" and token.signature[:1] == b"\x30":
        why += ": it looks like DER, and a JWS has the two numbers side by side"
    section = Section("RFC 7518", "3.4" if algorithm.kty == "EC" else "3.2") if algorithm.kty != "OKP" else Section("RFC 8037", "3.1")
    return _verdict(Outcome.FAIL, why, expected=f"{expected} bytes", got=f"{got} bytes", section=section)


def _weak(key: Jwk) -> Verdict | None:
    """The failure of a signature that is right by a key that is too short to be trusted."""
    if key.kty != "RSA" or key.bits >= LEAST_RSA_BITS:
        return None
    why = f"made by {_name(key)}, which has {key.bits} bits: too few to trust it"
    return _verdict(
        Outcome.FAIL, why, expected=f"at least {LEAST_RSA_BITS} bits", got=f"{key.bits} bits", section=Section("RFC 7518", "3.3")
    )


def _other_key(token: Token, keys: tuple[Jwk, ...]) -> Jwk | None:
    algorithm = SIGNATURE_ALGORITHMS[token.alg]
    return next((key for key in keys if not _misfit(key, algorithm) and _fits_safely(token, key)), None)


def _fits_safely(token: Token, key: Jwk) -> bool:
    try:
        return _fits(token, key)
    except UnusableKey:
        return False


def _made_with_embedded_key(token: Token) -> bool:
    embedded = (token.header or {}).get("jwk")
    if not isinstance(embedded, dict):
        return False
    key = Jwk.from_dict(embedded).public()
    return not _misfit(key, SIGNATURE_ALGORITHMS[token.alg]) and _fits_safely(token, key)


def _made_with_public_key(token: Token, keys: tuple[Jwk, ...]) -> bool:
    """Whether a public key's PEM or DER, or a number of it, was the HMAC secret: the classic forgery."""
    return any(_fits_safely(token, _secret_key(octets)) for key in keys for octets in (*key.public_encodings(), *key.public_texts()))


def _is_public_part(secret: Jwk, key: Jwk) -> bool:
    """Whether a shared secret is a number of a published key, with or without quotes around its text."""
    if key.kty == "oct":
        return False
    try:
        octets = base64.urlsafe_b64decode(str(secret.as_dict().get("k", "")) + "==")
    except (binascii.Error, ValueError):
        return False
    forms = (octets, octets.strip(b" \t\r\n\"'").rstrip(b"="))
    return any(hmac.compare_digest(form, one) for form in forms for one in key.public_texts())


def _made_with_decoded(token: Token, secret: str) -> bool:
    try:
        octets = base64.urlsafe_b64decode(secret.rstrip("=") + "=" * (-len(secret.rstrip("=")) % 4))
    except (binascii.Error, ValueError):
        return False
    return bool(octets) and _fits_safely(token, _secret_key(octets))


def _secret_key(octets: bytes) -> Jwk:
    return Jwk((("kty", "oct"), ("k", base64.urlsafe_b64encode(octets).rstrip(b"=").decode())))


def _name(key: Jwk) -> str:
    if key.kid:
        return f"key `{key.kid[:80]}`"
    return "the client's secret" if key.kty == "oct" else f"the {key.kty or 'unknown'} key without `kid`"


def _verdict(outcome: Outcome, why: str, *, expected: str = "", got: str = "", section: Section | None = None) -> Verdict:
    return Verdict(CHECK, outcome, why, expected, got, section)
