"""What is told of a client's secret before it is hidden."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from oauthctl.http import Headers, Params, Request, form_request
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.facts.client import client_facts

AT = datetime(2026, 3, 1, tzinfo=UTC)


def _told(request: Request, **given: object) -> dict[str, object]:
    return client_facts(Recording((Exchange(1, "token", Channel.WIRE, request, AT),)), given).get(1, {})


def _basic(credentials: str) -> Request:
    sent = form_request("https://op.example/token", Params.of({"grant_type": "client_credentials"}))
    written = base64.b64encode(credentials.encode()).decode()
    return Request(sent.method, sent.url, sent.headers.with_("Authorization", f"Basic {written}"), sent.body)


def _posted(secret: str) -> Request:
    return form_request("https://op.example/token", Params.of({"grant_type": "client_credentials", "client_secret": secret}))


@pytest.mark.parametrize(
    ("credentials", "needs", "changed", "encoded"),
    [
        ("web:plain", False, False, False),
        ("web:a/b=", True, False, False),
        ("web:a+b/c", True, True, False),
        ("web:a%2Bb", True, True, True),
    ],
)
def test_the_form_of_basic_credentials_is_told(credentials: str, needs: bool, changed: bool, encoded: bool) -> None:
    basic = _told(_basic(credentials))["basic"]
    assert isinstance(basic, dict)
    assert (basic["needs_encoding"], basic["is_changed_by_decoding"], basic["is_encoded"]) == (needs, changed, encoded)
    assert basic["client_id"] == "web"


def test_a_secret_is_compared_with_the_one_that_is_given() -> None:
    told = _told(_basic("web:pa%24"), client_secret="pa$")
    assert (told["secret_matches"], told["secret_matches_decoded"]) == (False, True)
    assert _told(_posted("pa$"), client_secret="pa$")["secret_matches"] is True


@pytest.mark.parametrize(
    ("secret", "name"),
    [
        ("3f2504e0-4f89-11d3-9a0c-0305e82c3301", "secret_is_uuid"),
        ("${CLIENT_SECRET}", "secret_is_placeholder"),
        ("undefined", "secret_is_placeholder"),
        ("abc\n", "secret_has_blanks"),
        ('"abc"', "secret_has_blanks"),
    ],
)
def test_a_secret_that_is_none_is_told(secret: str, name: str) -> None:
    names = ("secret_is_uuid", "secret_is_placeholder", "secret_has_blanks")
    told = _told(_posted(secret))
    assert {one: told[one] for one in names} == {one: one == name for one in names}


@pytest.mark.parametrize(
    ("sent", "form"),
    [
        ("czNjcmV0LXZhbHVlKzE=", "base64"),
        ("s3cret-value%2B1", "encoded"),
        ("s3cret-value 1", "plus"),
        ("S3CRET-VALUE+1", "case"),
        ("s3cret-value", "cut"),
        ("another-secret", None),
        ("s3cret-value+1", None),
    ],
)
def test_a_known_secret_in_another_form_is_told(sent: str, form: str | None) -> None:
    assert _told(_posted(sent), client_secret="s3cret-value+1").get("secret_form") == form


@pytest.mark.parametrize(("credentials", "taken"), [("web:web:s3cret", "pair"), ("web:web", "identifier"), ("web:s3cret", None)])
def test_an_identifier_in_the_secret_is_told(credentials: str, taken: str | None) -> None:
    assert _told(_basic(credentials)).get("secret_is") == taken


@pytest.mark.parametrize(("secret", "around"), [("abc\n", "line-break"), (" abc", "blank"), ('"abc"', "quotes"), ("abc", None)])
def test_what_stands_around_a_secret_is_told(secret: str, around: str | None) -> None:
    assert _told(_posted(secret)).get("secret_around") == around


@pytest.mark.parametrize(
    ("credentials", "problem"),
    [("web:secret", "not-encoded"), ("d2Vi", "no-colon"), ("d2ViOv___w==", "unreadable"), ("d2ViOn4_fj8-", "base64url")],
)
def test_why_a_basic_header_cannot_be_read_is_told(credentials: str, problem: str) -> None:
    told = _told(Request("POST", "https://op.example/token", Headers((("Authorization", f"Basic {credentials}"),)), b"grant_type=x"))
    assert told["basic"] == {"is_readable": False, "problem": problem}


@pytest.mark.parametrize(
    ("secret", "scheme"),
    [
        ("pbkdf2_sha256$600000$tYHgBpw9Sq6WZFV6u8ru$DK8Boq6kWNqGChvRbw33", "pbkdf2_sha256"),
        ("pbkdf2:sha256:600000$tYHgBpw9$DK8Boq6kWNqGChvRbw33", "pbkdf2:sha256"),
        ("$2b$12$KIXQ0n5y5u6jv1x0Zl3c8eO1Q2w3E4r5T6y7U8i9O0pAsDfGhJkLz", "bcrypt"),
        ("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub", "argon2id"),
        ("$6$rounds=5000$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMH", "sha512-crypt"),
        ("{bcrypt}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlR", "bcrypt"),
        ("{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9gVdQ==", "ssha"),
        ("7Fjfp0ZBr1KtDRbnfVdmIw", None),
        ("$ecret~of.a-client_8$x", None),
        ("0123456789abcdef0123456789abcdef01234567", None),
    ],
)
def test_a_hash_in_the_secrets_place_is_told_by_its_scheme(secret: str, scheme: str | None) -> None:
    assert _told(_posted(secret)).get("secret_hash") == scheme
    assert _told(_basic(f"web:{secret}")).get("secret_hash") == scheme
