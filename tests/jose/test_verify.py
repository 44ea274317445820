from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.findings import Outcome
from oauthctl.jose.jwk import Jwk, from_private_key, generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import encode_part, sign, unsecured
from oauthctl.jose.verify import check_embedded_keys, check_signature, kid_unknown, select_keys
from tests.jose import examples

RS = generate("RS256")
ES = generate("ES256")
OTHER_ES = generate("ES256")
SECRET = "a-client-secret-of-thirty-two-characters"
PUBLIC = (RS.public(), ES.public())
CLAIMS = {"sub": "alice"}


def oct_key(octets: bytes) -> Jwk:
    return Jwk.from_dict({"kty": "oct", "k": base64.urlsafe_b64encode(octets).rstrip(b"=").decode()})


@pytest.mark.parametrize(
    ("compact", "key"),
    [
        (examples.rfc7515_a1, examples.rfc7515_a1_key),
        (examples.rfc7515_a2, examples.rfc7515_a2_key),
        (examples.rfc7515_a3, examples.rfc7515_a3_key),
        (examples.rfc7515_a4, examples.rfc7515_a4_key),
        (examples.rfc8037_a4, examples.rfc8037_a4_key),
    ],
    ids=["rfc7515_a1", "rfc7515_a2", "rfc7515_a3", "rfc7515_a4", "rfc8037_a4"],
)
def test_the_examples_pass_and_fail_when_changed(compact: str, key: Jwk) -> None:
    assert check_signature(take_apart(compact), (key,)).outcome == Outcome.PASS
    head, payload, signature = compact.split(".")
    changed = f"{head}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    assert check_signature(take_apart(changed), (key,)).outcome == Outcome.FAIL


def test_rfc7515_a5_is_refused() -> None:
    verdict = check_signature(take_apart(examples.rfc7515_a5), PUBLIC)
    assert (verdict.outcome, verdict.got) == (Outcome.FAIL, "none")


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519", "Ed448"])
def test_every_algorithm_passes_with_its_key(alg: str) -> None:
    key = RS.with_(alg="") if alg in {"RS256", "PS256"} else generate(alg)
    assert check_signature(take_apart(sign(CLAIMS, key, alg=alg)), (key.public(),)).outcome == Outcome.PASS


def unsigned(compact: str) -> str:
    return compact.rpartition(".")[0]


@pytest.mark.parametrize(
    ("compact", "outcome", "reason"),
    [
        (unsecured(CLAIMS), Outcome.FAIL, "the token is not signed"),
        (unsecured(CLAIMS, header={"alg": "nOnE"}), Outcome.FAIL, "the token is not signed"),
        (sign(CLAIMS, ES, header={"crit": ["exp"], "exp": 1}), Outcome.FAIL, "the header says that `exp` must be understood"),
        (sign(CLAIMS, ES, header={"crit": []}), Outcome.FAIL, "the header says that nothing readable must be understood"),
        (sign(CLAIMS, oct_key(b"x" * 32)), Outcome.FAIL, "`HS256` needs a shared secret and the issuer's keys are public"),
        (sign(CLAIMS, OTHER_ES, header={"kid": ES.kid}), Outcome.FAIL, "not made by key"),
        (sign(CLAIMS, OTHER_ES), Outcome.FAIL, "the issuer has no key"),
        (sign(CLAIMS, ES, header={"kid": "old"}), Outcome.FAIL, f"the issuer has no key `old`; it was made by key `{ES.kid}`"),
        (sign(CLAIMS, ES, header={"kid": RS.kid}), Outcome.FAIL, f"key `{RS.kid}` can't have made it: `ES256` needs a key of type EC"),
        (sign(CLAIMS, RS, alg="PS256"), Outcome.FAIL, f"key `{RS.kid}` can't have made it: it is for `RS256` alone"),
        (
            sign(CLAIMS, OTHER_ES, header={"kid": ES.kid, "jwk": OTHER_ES.public().as_dict()}),
            Outcome.FAIL,
            f"not made by key `{ES.kid}`, but with the key in the token's own header (`jwk`): forged",
        ),
        (sign(CLAIMS, ES, header={"alg": "XX512"}), Outcome.UNCLEAR, "the algorithm `XX512` is not known here"),
        (sign(CLAIMS, ES, header={"alg": None}), Outcome.FAIL, "the header names no algorithm"),
        (sign(CLAIMS, ES).rpartition(".")[0] + ".", Outcome.FAIL, "the signature is missing"),
        (
            sign(CLAIMS, ES).rpartition(".")[0] + "." + encode_part({"x": "y"}),
            Outcome.FAIL,
            "a signature of `ES256` has 64 bytes and this one has 9",
        ),
        ("opaque", Outcome.UNCLEAR, "an opaque token has no signature"),
        ("eyJhbGciOiJkaXIifQ....", Outcome.UNCLEAR, "the token is encrypted"),
        ("eyJh", Outcome.FAIL, "the token can't be read"),
    ],
    # The keys are made anew each time: what holds them can't be an id, which must be the same in every process.
    ids=[
        "none",
        "none-in-other-letters",
        "crit",
        "crit-of-nothing",
        "hmac",
        "other-key-same-kid",
        "other-key",
        "unknown-kid",
        "kid-of-another-type",
        "key-for-another-alg",
        "embedded-key",
        "unknown-alg",
        "no-alg",
        "no-signature",
        "short-signature",
        "opaque",
        "encrypted",
        "cut-off",
    ],
)
def test_what_is_refused_says_why(compact: str, outcome: Outcome, reason: str) -> None:
    verdict = check_signature(take_apart(compact), PUBLIC)
    assert (verdict.outcome, verdict.why[: len(reason)]) == (outcome, reason)


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
def test_a_good_signature_passes_whatever_keys_the_token_brings_along(name: str) -> None:
    token = take_apart(sign(CLAIMS, ES, header={name: {}}))
    signature = check_signature(token, PUBLIC)
    assert (signature.outcome, signature.why) == (Outcome.PASS, f"made by key `{ES.kid}` with `ES256`")
    [embedded] = check_embedded_keys(token, signature)
    assert embedded.check == "embedded-key"
    assert (embedded.outcome, embedded.why) == (
        Outcome.PASS,
        f"`{name}` in the header was ignored: the signature is by a trusted key",
    )


def test_a_key_in_the_header_is_refused_where_nobody_trusted_made_the_signature() -> None:
    header = {"jwk": OTHER_ES.public().as_dict(), "x5u": "https://evil.example/c.pem"}
    token = take_apart(sign(CLAIMS, OTHER_ES, header=header))
    [embedded] = check_embedded_keys(token, check_signature(token, PUBLIC))
    assert (embedded.outcome, embedded.why) == (
        Outcome.FAIL,
        "refused: the token brings its own key and points to its own key (`jwk`, `x5u`), "
        "which is never used: whoever forged the token could have put it there",
    )


@pytest.mark.parametrize(("has_trust", "outcome"), [(True, Outcome.UNCLEAR), (False, Outcome.FAIL)])
def test_an_embedded_key_alone_is_not_enough(has_trust: bool, outcome: Outcome) -> None:
    token = take_apart(sign(CLAIMS, ES, header={"jwk": ES.public().as_dict()}))
    signature = check_signature(token, ())
    assert signature.outcome == Outcome.UNCLEAR
    assert [one.outcome for one in check_embedded_keys(token, signature, has_trust=has_trust)] == [outcome]


@pytest.mark.parametrize("header", [{}, {"x5t": "abc"}, {"typ": "dpop+jwt", "jwk": {}}])
def test_a_thumbprint_and_the_key_of_a_proof_are_no_embedded_keys(header: dict[str, object]) -> None:
    token = take_apart(sign(CLAIMS, ES, header=header))
    assert check_embedded_keys(token, check_signature(token, PUBLIC)) == ()


@pytest.mark.parametrize("encoding", [0, 1, 2])
def test_algorithm_confusion_is_recognized_as_a_forgery(encoding: int) -> None:
    forged = sign(CLAIMS, oct_key(RS.public_encodings()[encoding]), header={"kid": RS.kid})
    verdict = check_signature(take_apart(forged), PUBLIC)
    assert (verdict.outcome, verdict.why.partition(":")[0]) == (Outcome.FAIL, "forged")


def test_an_algorithm_that_is_not_allowed_is_refused() -> None:
    verdict = check_signature(take_apart(sign(CLAIMS, ES)), PUBLIC, allowed_algs=("RS256",))
    assert (verdict.outcome, verdict.expected, verdict.got) == (Outcome.FAIL, "RS256", "ES256")


def test_a_der_signature_is_recognized() -> None:
    compact = sign(CLAIMS, ES).rpartition(".")[0] + "." + base64.urlsafe_b64encode(b"\x30\x45" + b"\x01" * 69).decode().rstrip("=")
    assert check_signature(take_apart(compact), PUBLIC).why.endswith("it looks like DER, and a JWS has the two numbers side by side")


def test_a_secret_checks_hmac() -> None:
    token = take_apart(sign(CLAIMS, oct_key(SECRET.encode())))
    assert check_signature(token, PUBLIC, secret=SECRET).outcome == Outcome.PASS
    assert check_signature(token, PUBLIC, secret="another").outcome == Outcome.FAIL
    assert check_signature(token, ()).outcome == Outcome.UNCLEAR


def test_a_secret_that_should_be_decoded_is_named() -> None:
    token = take_apart(sign(CLAIMS, oct_key(b"0123456789abcdef0123456789abcdef")))
    verdict = check_signature(token, (), secret=base64.b64encode(b"0123456789abcdef0123456789abcdef").decode())
    assert (verdict.outcome, verdict.why) == (Outcome.FAIL, "the secret does not match as it is; base64-decoded it does")


def test_a_short_rsa_key_fails_with_its_length() -> None:
    # What an issuer of long ago still uses; making a shorter key is refused by the library.
    key = from_private_key(rsa.generate_private_key(public_exponent=65537, key_size=1024))
    verdict = check_signature(take_apart(sign(CLAIMS, key)), (key.public(),))
    assert (verdict.outcome, verdict.got) == (Outcome.FAIL, "1024 bits")


def test_without_kid_every_fitting_key_is_tried() -> None:
    token = take_apart(sign(CLAIMS, ES, header={"kid": None}))
    keys = (RS.public(), OTHER_ES.public(), ES.public(), generate("ES384").public())
    assert select_keys(token, keys) == (OTHER_ES.public(), ES.public())
    assert check_signature(token, keys).outcome == Outcome.PASS


def test_a_key_for_encryption_is_not_tried() -> None:
    key = ES.public().with_(use="enc")
    assert check_signature(take_apart(sign(CLAIMS, ES)), (key,)).why.endswith("it is for encryption (`use` is `enc`)")


@pytest.mark.parametrize(
    "members",
    [{"x": "!"}, {"x": "AAAA"}, {"y": 3}, {"x": None}],
)
def test_a_broken_key_is_unclear(members: dict[str, Any]) -> None:
    verdict = check_signature(take_apart(sign(CLAIMS, ES)), (ES.public().with_(**members),))
    assert (verdict.outcome, "can't be used as a key" in verdict.why) == (Outcome.UNCLEAR, True)


def test_an_unknown_kid_is_told_so_that_keys_are_fetched_again() -> None:
    assert kid_unknown(take_apart(sign(CLAIMS, OTHER_ES)), PUBLIC)
    assert not kid_unknown(take_apart(sign(CLAIMS, ES)), PUBLIC)
    assert not kid_unknown(take_apart(sign(CLAIMS, OTHER_ES, header={"kid": None})), PUBLIC)


@given(
    st.sampled_from(["kty", "crv", "x", "y", "kid", "alg", "use", "key_ops"]),
    st.none() | st.integers() | st.text(max_size=4) | st.lists(st.text(max_size=4), max_size=2),
    st.dictionaries(st.sampled_from(["jwk", "kid", "b64", "typ", "x5c"]), st.none() | st.text(max_size=4) | st.just({"kty": "EC"})),
)
def test_no_key_and_no_header_raises(name: str, value: object, header: dict[str, Any]) -> None:
    verdict = check_signature(take_apart(sign(CLAIMS, ES, header=header)), (ES.public().with_(**{name: value}),))
    assert verdict.check == "signature"


def test_a_key_that_was_used_is_not_taken_for_one_that_differs_in_a_member() -> None:
    token = take_apart(sign(CLAIMS, RS))
    assert check_signature(token, (RS.public(),)).outcome == Outcome.PASS
    changed = RS.public().with_(n=RS.as_dict()["n"][:-4] + "AAAA")
    assert check_signature(token, (changed,)).outcome == Outcome.FAIL
    assert check_signature(token, (RS.public().with_(e=["AQAB"]),)).outcome != Outcome.PASS
