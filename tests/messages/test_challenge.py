from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.http import Headers, Response
from oauthctl.messages.challenge import bearer_challenge, read_challenges

Seen = tuple[str, tuple[tuple[str, str], ...]]


def refused(*values: str) -> Response:
    return Response(401, Headers(tuple(("WWW-Authenticate", value) for value in values)))


def seen(*values: str) -> tuple[Seen, ...]:
    return tuple((one.scheme, one.params.pairs) for one in read_challenges(refused(*values)))


@pytest.fixture
def rfc6750_3() -> str:
    return 'Bearer realm="example",\n    error="invalid_token",\n    error_description="The access token expired"'


@pytest.fixture
def rfc9110_11_6_1() -> str:
    return 'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""'


@pytest.fixture
def rfc9728_5_1() -> str:
    return 'Bearer resource_metadata="https://resource.example.com/.well-known/oauth-protected-resource"'


@pytest.fixture
def rfc9449_7_1() -> str:
    return 'DPoP error="invalid_token", error_description="Invalid DPoP key binding", algs="ES256"'


def test_the_example_of_bearer_tokens(rfc6750_3: str) -> None:
    challenge = bearer_challenge(refused(rfc6750_3))
    assert challenge is not None
    assert challenge.get("realm") == "example"
    assert challenge.get("ERROR") == "invalid_token"
    assert challenge.get("error_description") == "The access token expired"
    assert challenge.get("scope") == ""


def test_the_example_of_http_has_two_challenges_in_one_field(rfc9110_11_6_1: str) -> None:
    assert seen(rfc9110_11_6_1) == (
        ("Basic", (("realm", "simple"),)),
        ("Newauth", (("realm", "apps"), ("type", "1"), ("title", 'Login to "apps"'))),
    )


def test_the_example_of_resource_metadata(rfc9728_5_1: str) -> None:
    challenge = bearer_challenge(refused(rfc9728_5_1))
    assert challenge is not None
    assert challenge.get("resource_metadata") == "https://resource.example.com/.well-known/oauth-protected-resource"


def test_the_example_of_dpop_speaks_of_tokens_too(rfc9449_7_1: str) -> None:
    challenge = bearer_challenge(refused('Basic realm="x"', rfc9449_7_1))
    assert challenge is not None
    assert (challenge.scheme, challenge.get("algs")) == ("DPoP", "ES256")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ()),
        (" , ,", ()),
        ("Bearer", (("Bearer", ()),)),
        ("Bearer ", (("Bearer", ()),)),
        ("Negotiate, Basic", (("Negotiate", ()), ("Basic", ()))),
        ("Negotiate,Basic", (("Negotiate", ()), ("Basic", ()))),
        ('Negotiate, Bearer realm="a"', (("Negotiate", ()), ("Bearer", (("realm", "a"),)))),
        ('bearer Realm="a"', (("bearer", (("Realm", "a"),)),)),
        ('Bearer realm="a,b", error="c"', (("Bearer", (("realm", "a,b"), ("error", "c"))),)),
        ('Bearer realm="a=b Basic realm"', (("Bearer", (("realm", "a=b Basic realm"),)),)),
        (r'Bearer realm="a\"b\\c"', (("Bearer", (("realm", 'a"b\\c'),)),)),
        ('Bearer realm=""', (("Bearer", (("realm", ""),)),)),
        ("Bearer error=invalid_token,scope=a", (("Bearer", (("error", "invalid_token"), ("scope", "a"))),)),
        ('Bearer error = "invalid_token" , scope= "a b"', (("Bearer", (("error", "invalid_token"), ("scope", "a b"))),)),
        ('Bearer error="invalid_token" scope="a"', (("Bearer", (("error", "invalid_token"), ("scope", "a"))),)),
        ('Bearer ,error="invalid_token",, scope="a"', (("Bearer", (("error", "invalid_token"), ("scope", "a"))),)),
        ('Bearer realm=, error="x"', (("Bearer", (("realm", ""), ("error", "x"))),)),
        ('Bearer a="1", Bearer a="2"', (("Bearer", (("a", "1"),)), ("Bearer", (("a", "2"),)))),
        ('Bearer error="a", error="b"', (("Bearer", (("error", "a"), ("error", "b"))),)),
        ('Negotiate YIIJvwYGKwYBBQUCoIIJszCCCa8=, Bearer error="x"', (("Negotiate", ()), ("Bearer", (("error", "x"),)))),
        ("Negotiate YIIJvwYGKwYBBQUCoIIJszCCCa==", (("Negotiate", ()),)),
        ("NTLM TlRMTVNTUAACAAAA, Basic realm=x", (("NTLM", ()), ("Basic", (("realm", "x"),)))),
        ("Negotiate a/b+c==", (("Negotiate", ()),)),
        ('Bearer error="unclosed', (("Bearer", ()),)),
        ('error="invalid_token"', ()),
        ('"quoted"', ()),
    ],
)
def test_challenges_of_every_shape(value: str, expected: tuple[Seen, ...]) -> None:
    assert seen(value) == expected


def test_several_fields_are_read_one_after_the_other() -> None:
    assert seen('Basic realm="a"', 'Bearer error="b"') == (("Basic", (("realm", "a"),)), ("Bearer", (("error", "b"),)))


def test_without_a_field_there_is_no_challenge() -> None:
    assert read_challenges(Response(401)) == ()
    assert bearer_challenge(refused("Negotiate", 'Basic realm="a"')) is None


@given(st.text(alphabet='Bearer realm=",\\ \t=;\u00e9', max_size=60))
def test_no_field_makes_it_raise(value: str) -> None:
    read_challenges(refused(value))


TOKEN = st.text("abcXYZ019-_.", min_size=1, max_size=8)
PAIRS = st.lists(st.tuples(TOKEN, st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)), max_size=4)


@given(st.lists(st.tuples(TOKEN, PAIRS), min_size=1, max_size=3))
def test_what_is_written_by_the_rules_is_read_as_it_was(challenges: list[tuple[str, list[tuple[str, str]]]]) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    value = ", ".join(f"{scheme} {', '.join(f'{name}={quoted(text)}' for name, text in pairs)}".strip() for scheme, pairs in challenges)
    assert seen(value) == tuple((scheme, tuple(pairs)) for scheme, pairs in challenges)


SIZE = 100_000


@pytest.mark.parametrize(
    "value",
    [
        "a" * SIZE,
        "a" * SIZE + '"',
        "Bearer" + " " * SIZE + '"',
        "Bearer a" + " " * SIZE + "b",
        "Bearer" + ", " * (SIZE // 2),
        "a " * (SIZE // 2),
        "a," * (SIZE // 2) + '"',
        'Bearer x="' + "a" * SIZE,
        'Bearer x="' + "\\" * SIZE,
        'Bearer x="' + '\\"' * (SIZE // 2),
        "Bearer " + "a=b," * (SIZE // 4),
        "Bearer " + 'a="b" ' * (SIZE // 6),
        "Bearer " + 'a="b"c' * (SIZE // 6),
        "Bearer " + "=" * SIZE,
        "Bearer " + "a" * SIZE + "= x",
        "Bearer a" + "=" * SIZE + " x",
        "Bearer " + "a/b" * (SIZE // 3) + "!",
        'b, b x="' * (SIZE // 8),
        "Bearer a=b" + " " * SIZE + '"',
    ],
    ids=range(19),
)
def test_a_hostile_field_is_read_in_linear_time(value: str) -> None:
    began = time.process_time()
    read_challenges(refused(value))
    assert time.process_time() - began < 1
