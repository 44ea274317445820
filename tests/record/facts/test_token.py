"""Facts on tokens: their form, hashes of what came with them, and nothing that is secret."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from hashlib import sha256, sha512

import pytest

from oauthctl.http import Headers, Request, Response
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.jwt import Token, take_apart
from oauthctl.jose.sign import encode_part, sign, unsecured
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.facts.hash_claim import hash_form
from oauthctl.record.facts.token import facts_of_token, no_keys, token_facts
from oauthctl.record.tokens import HeldToken, Role

KEY = generate("ES256").with_(kid="k-1")
CLAIMS = {"iss": "https://idp.example.com", "sub": "u-42", "aud": "web"}
COMPACT = sign(CLAIMS, KEY, alg="ES256")
ACCESS_TOKEN = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
NOW = datetime(2026, 11, 2, tzinfo=UTC)


def _told(text: str, **given: object) -> dict[str, object]:
    return facts_of_token(HeldToken(Role.UNKNOWN, "token", take_apart(text)), no_keys, given)


def _base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode("ascii").rstrip("=")


@pytest.mark.parametrize(
    ("text", "wrapped"),
    [
        (f"Bearer {COMPACT}", "scheme"),
        (f"bearer: {COMPACT}", "scheme"),
        (f"Bearer Bearer {COMPACT}", "scheme"),
        (f'"{COMPACT}"', "quotes"),
        (f"access_token={COMPACT}", "name"),
        (json.dumps({"access_token": COMPACT}), "json"),
        (f"bearer Bearer {ACCESS_TOKEN}", "scheme"),
        (f"Bearer {ACCESS_TOKEN}", "scheme"),
        ("Bearer ***", "scheme"),
        (COMPACT.replace(".", "%2E"), "percent-encoding"),
        (COMPACT.replace(".", "%252E"), "percent-encoding"),
    ],
)
def test_what_stands_around_a_token_is_told(text: str, wrapped: str) -> None:
    assert _told(text)["wrapped"] == wrapped


@pytest.mark.parametrize("text", [ACCESS_TOKEN, "bearer-2YotnFZFEjr1zCsicMWpAA", "a%2Fb%2Fc", "Bearer undefined"])
def test_an_opaque_token_has_nothing_around_it_that_could_be_told(text: str) -> None:
    assert "wrapped" not in _told(text)


def test_an_opaque_token_that_was_issued_otherwise_is_percent_encoded() -> None:
    issued, sent = "Zm9v+YmFy/2b8f0e==", "Zm9v%2BYmFy%2F2b8f0e%3D%3D"
    answer = Response(200, Headers((("Content-Type", "application/json"),)), json.dumps({"access_token": issued}).encode())
    first = Exchange(1, "token", Channel.WIRE, Request("POST", "https://idp.example/token"), NOW, 0.0, answer)

    def told(token: str) -> object:
        call = Request("GET", "https://api.example/x", Headers((("Authorization", f"Bearer {token}"),)))
        facts = token_facts(Recording((first, Exchange(2, "api", Channel.WIRE, call, NOW))), no_keys)
        return facts[2]["tokens"]["request.headers.Authorization"].get("wrapped")  # type: ignore[index]

    assert told(sent) == "percent-encoding"
    assert told(issued) is None
    assert told("other%2B") is None


def test_a_whole_token_has_nothing_around_it() -> None:
    told = _told(COMPACT)
    assert told["kind"] == "JWS"
    assert told["dots"] == 2
    assert told["signature_octets"] == 64
    assert "wrapped" not in told


@pytest.mark.parametrize(
    ("text", "owner"),
    [("ya29.a0AfH6SMB", "google"), ("gho_16C7e42F292c69", "github"), ("xoxb-17653672481", "slack"), ("2YotnFZFEjr1", None)],
)
def test_the_beginning_of_an_opaque_token_names_its_provider(text: str, owner: str | None) -> None:
    assert _told(text).get("prefix") == owner


@pytest.mark.parametrize("word", ["undefined", "null", "[object Object]", "${TOKEN}", "{{access_token}}", "YOUR_ACCESS_TOKEN"])
def test_a_word_in_the_place_of_a_token_is_told(word: str) -> None:
    assert _told(word)["placeholder"]


@pytest.mark.parametrize("text", ["2YotnFZFEjr1zCsicMWpAA", "undefinedly", COMPACT])
def test_a_token_is_never_told_as_a_word(text: str) -> None:
    assert "placeholder" not in _told(text)


def test_an_unsecured_token_and_a_cut_one_are_told() -> None:
    assert _told(unsecured(CLAIMS))["kind"] == "unsecured"
    assert "parts" in str(_told(COMPACT.rpartition(".")[0])["flaws"]).split()


@pytest.mark.parametrize(
    ("written", "form"),
    [
        (_base64url(sha256(ACCESS_TOKEN.encode()).digest()[:16]), "right"),
        (_base64url(sha256(ACCESS_TOKEN.encode()).digest()), "whole"),
        (sha256(ACCESS_TOKEN.encode()).hexdigest(), "hex"),
        (sha256(ACCESS_TOKEN.encode()).hexdigest()[:32], "hex-half"),
        (_base64url(sha512(ACCESS_TOKEN.encode()).digest()[:32]), "other-hash"),
        (_base64url(sha512(ACCESS_TOKEN.encode()).digest()), "other-hash"),
        (_base64url(sha256(ACCESS_TOKEN.encode()).digest()[:16]) + "==", "padded"),
        (_base64url(sha256(ACCESS_TOKEN.encode()).digest()[16:]), "last-half"),
        (_base64url(sha256(b"another").digest()[:16]), "differs"),
    ],
)
def test_a_hash_is_told_by_how_it_was_made(written: str, form: str) -> None:
    assert hash_form(written, ACCESS_TOKEN, "RS256") == form
    token = sign({**CLAIMS, "at_hash": written}, KEY, alg="ES256")
    assert _told(token, access_token=ACCESS_TOKEN)["at_hash"] == form


def test_a_hash_of_the_other_value_is_told() -> None:
    hashes = {name: _base64url(sha256(text.encode()).digest()[:16]) for name, text in (("at_hash", "c-1"), ("c_hash", ACCESS_TOKEN))}
    told = _told(sign({**CLAIMS, **hashes}, KEY, alg="ES256"), access_token=ACCESS_TOKEN, code="c-1")
    assert (told["at_hash"], told["c_hash"]) == ("of-code", "of-access-token")


def test_the_example_of_openid_connect_is_right() -> None:
    # OpenID Connect Core 1.0 appendix A.3.
    assert hash_form("77QmUPtjPfzWtF2AnpK9RQ", ACCESS_TOKEN, "RS256") == "right"


def _exchange(headers: tuple[tuple[str, str], ...]) -> Recording:
    request = Request("GET", "https://api.example.com/orders", Headers(headers))
    return Recording((Exchange(1, "", Channel.WIRE, request, NOW, 0.1, Response(401, Headers(), b"")),))


@pytest.mark.parametrize(("hashed", "matches"), [(ACCESS_TOKEN, True), ("another", False)])
def test_a_proof_is_compared_with_the_token_beside_it(hashed: str, matches: bool) -> None:
    proof = sign({"ath": _base64url(sha256(hashed.encode()).digest())}, KEY, alg="ES256", header={"typ": "dpop+jwt"})
    told = token_facts(_exchange((("Authorization", f"DPoP {ACCESS_TOKEN}"), ("DPoP", proof))), no_keys)
    tokens = told[1]["tokens"]
    assert isinstance(tokens, dict)
    assert tokens["request.headers.DPoP"]["ath_matches"] is matches


def test_an_id_token_is_compared_with_what_came_with_it() -> None:
    id_token = sign({**CLAIMS, "at_hash": _base64url(sha256(ACCESS_TOKEN.encode()).digest())}, KEY, alg="ES256")
    body = json.dumps({"access_token": ACCESS_TOKEN, "id_token": id_token, "token_type": "Bearer"}).encode()
    form = b"grant_type=authorization_code&code=c-1&client_id=web"
    request = Request("POST", "https://idp.example.com/token", Headers((("Content-Type", "application/x-www-form-urlencoded"),)), form)
    response = Response(200, Headers((("Content-Type", "application/json"),)), body)
    told = token_facts(Recording((Exchange(1, "", Channel.WIRE, request, NOW, 0.1, response),)), no_keys)
    tokens = told[1]["tokens"]
    assert isinstance(tokens, dict)
    assert tokens["response.body.id_token"]["at_hash"] == "whole"


@pytest.mark.parametrize("mark", ["?", "#"])
def test_an_id_token_that_came_by_the_browser_is_compared_with_the_code_beside_it(mark: str) -> None:
    half = _base64url(sha256(b"c-1").digest()[:16])
    url = f"https://app.example.com/cb{mark}code=c-1&id_token={sign({**CLAIMS, 'c_hash': half}, KEY, alg='ES256')}&state=s"
    told = token_facts(Recording((Exchange(1, "callback", Channel.CALLBACK, Request("GET", url), NOW),)), no_keys)
    tokens = told[1]["tokens"]
    assert isinstance(tokens, dict)
    assert [one["c_hash"] for one in tokens.values()] == ["right"]


def test_facts_hold_no_part_of_a_token() -> None:
    def keys(token: Token) -> tuple[()]:
        del token
        return ()

    for text in (COMPACT, f"Bearer {COMPACT}", "ya29.a0AfH6SMBx_secret_rest", f'"{COMPACT}"'):
        told = json.dumps(facts_of_token(HeldToken(Role.UNKNOWN, "token", take_apart(text)), keys, {"access_token": ACCESS_TOKEN}))
        assert COMPACT.rpartition(".")[2] not in told
        assert "secret_rest" not in told
        assert ACCESS_TOKEN not in told


def _hmac(secret: bytes) -> str:
    key = Jwk.from_dict({"kty": "oct", "k": _base64url(secret)})
    return sign(CLAIMS, key, alg="HS256")


@pytest.mark.parametrize(
    ("made_with", "known", "form"),
    [
        (b"an old secret that is long enough", "YW4gb2xkIHNlY3JldCB0aGF0IGlzIGxvbmcgZW5vdWdo", "base64"),
        (b"an old secret that is long enough", "an old secret that is long enough\n", "trimmed"),
        (bytes(range(32)), bytes(range(32)).hex(), "hex"),
        (b"an old secret that is long enough", "an old secret that is long enough", None),
        (b"an old secret that is long enough", "another", None),
    ],
)
def test_a_secret_is_tried_in_each_form(made_with: bytes, known: str, form: str | None) -> None:
    assert _told(_hmac(made_with), client_secret=known).get("hmac") == form


def test_a_signature_in_der_is_told_apart() -> None:
    der = bytes([0x30, 69, 2, 33, 0, *[0x9A] * 32, 2, 32, *[0x5B] * 32])
    signing_input = COMPACT.rpartition(".")[0]
    assert _told(f"{signing_input}.{_base64url(der)}")["is_der"] is True
    assert "is_der" not in _told(f"{signing_input}.{_base64url(b'0' * 71)}")
    assert "is_der" not in _told(COMPACT)


@pytest.mark.parametrize(
    ("compact", "inside"),
    [
        (f"{encode_part({'alg': 'RS256', 'cty': 'JWT'})}.{_base64url(COMPACT.encode())}.c2ln", "jwt"),
        (f"{encode_part({'alg': 'RS256', 'b64': False})}..c2ln", "nothing"),
        (f"{encode_part({'alg': 'RS256'})}.{_base64url(b'no claims')}.c2ln", None),
        (f"{encode_part({'alg': 'RS256'})}.{encode_part({'sub': 'u'})}.c2ln", None),
    ],
)
def test_what_is_there_instead_of_claims_is_told(compact: str, inside: str | None) -> None:
    assert _told(compact).get("inside") == inside
