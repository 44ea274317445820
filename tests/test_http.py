from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.http import (
    Headers,
    Params,
    Request,
    Response,
    decimal,
    form_request,
    get_request,
    is_http_url,
    is_loopback,
    is_loopback_host,
    is_safe_for_secrets,
    origin,
    port_of,
    with_query,
)

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.sampled_from(["state", "code", "State", "", "a b", "ü", "&="])
PARAMS = st.lists(st.tuples(NAMES | WORDS, WORDS), max_size=8).map(lambda pairs: Params(tuple(pairs)))


@pytest.fixture
def rfc6749_4_1_1() -> str:
    """The request line's target of the example authorization request."""
    return "/authorize?response_type=code&client_id=s6BhdRkqt3&state=xyz&redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb"


@pytest.fixture
def rfc6749_appendix_b() -> tuple[str, str]:
    """The value of six characters (space, `%`, `&`, `+`, pound, euro) and its encoded form."""
    return " %&+\u00a3\u20ac", "+%25%26%2B%C2%A3%E2%82%AC"


@given(PARAMS)
def test_params_survive_encoding_and_parsing(params: Params) -> None:
    assert Params.parse(params.encode()) == params


@given(PARAMS, NAMES, WORDS)
def test_with_sets_exactly_one_value_and_leaves_the_others_in_order(params: Params, name: str, value: str) -> None:
    changed = params.with_(name, value)
    assert changed.all(name) == (value,)
    assert changed.without(name) == params.without(name)
    assert changed.with_(name, value) == changed
    if name in params:
        first = [key for key, _ in params].index(name)
        assert changed.pairs[first] == (name, value)
    else:
        assert changed.pairs[-1] == (name, value)


@given(PARAMS, NAMES, NAMES)
def test_without_removes_all_values_and_nothing_else(params: Params, one: str, two: str) -> None:
    rest = params.without(one, two)
    assert one not in rest
    assert two not in rest
    assert rest.pairs == tuple(pair for pair in params if pair[0] not in (one, two))


@given(st.text())
def test_parsing_never_raises(text: str) -> None:
    assert all(isinstance(name, str) and isinstance(value, str) for name, value in Params.parse(text))


@pytest.mark.parametrize("text", ["\ud800", "a\udcff", "\0"])
def test_what_no_utf_8_can_hold_is_replaced_when_it_is_sent(text: str) -> None:
    assert Params(((text, text),)).encode().isascii()


def test_the_example_request_reads_in_order(rfc6749_4_1_1: str) -> None:
    request = Request("GET", "https://server.example.com" + rfc6749_4_1_1)
    assert request.path == "/authorize"
    assert request.query.pairs == (
        ("response_type", "code"),
        ("client_id", "s6BhdRkqt3"),
        ("state", "xyz"),
        ("redirect_uri", "https://client.example.com/cb"),
    )


def test_plus_and_percent_20_are_both_a_space(rfc6749_appendix_b: tuple[str, str]) -> None:
    value, encoded = rfc6749_appendix_b
    assert Params.parse(f"a={encoded}").get("a") == value
    assert Params.parse(f"a={encoded.replace('+', '%20')}").get("a") == value


def test_a_space_is_written_as_percent_20_and_a_plus_as_percent_2b() -> None:
    assert Params((("scope", "a b+c"),)).encode() == "scope=a%20b%2Bc"


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", ()),
        ("a", (("a", ""),)),
        ("a=", (("a", ""),)),
        ("=b", (("", "b"),)),
        ("a=1&a=2&A=3", (("a", "1"), ("a", "2"), ("A", "3"))),
        ("&&a=1&&", (("a", "1"),)),
        ("a=1;b=2", (("a", "1;b=2"),)),
        ("a=b=c", (("a", "b=c"),)),
        ("a=%", (("a", "%"),)),
        ("a=%zz", (("a", "%zz"),)),
        ("a=%ff", (("a", "\ufffd"),)),
        ("a=%00", (("a", "\0"),)),
    ],
)
def test_messy_queries_keep_what_stood_there(text: str, pairs: tuple[tuple[str, str], ...]) -> None:
    assert Params.parse(text).pairs == pairs


def test_get_gives_the_first_and_all_gives_every_value() -> None:
    params = Params((("a", "1"), ("b", "2"), ("a", "3")))
    assert params.get("a") == "1"
    assert params.all("a") == ("1", "3")
    assert params.get("c") is None
    assert params.get("c", "none") == "none"
    assert len(params) == 3


def test_params_of_leaves_out_none_and_keeps_the_empty_value() -> None:
    assert Params.of({"a": "1", "b": None, "c": ""}).pairs == (("a", "1"), ("c", ""))
    assert Params.of([("a", "1"), ("a", None), ("a", "2")]).all("a") == ("1", "2")


def test_params_of_a_large_form_are_read_in_linear_time() -> None:
    text = "&".join(f"name{index}=value" for index in range(50_000))
    began = time.process_time()
    params = Params.parse(text)
    params.with_("name49999", "x").without("name1").encode()
    assert time.process_time() - began < 2


def test_headers_ignore_case_and_keep_it() -> None:
    headers = Headers((("WWW-Authenticate", "Basic"), ("www-authenticate", "Bearer"), ("X", "1")))
    assert headers.get("Www-Authenticate") == "Basic"
    assert headers.all("WWW-AUTHENTICATE") == ("Basic", "Bearer")
    assert "x" in headers
    assert 1 not in headers
    assert headers.with_("www-authenticate", "DPoP").pairs == (("X", "1"), ("www-authenticate", "DPoP"))
    assert [name for name, _ in headers.without("x")] == ["WWW-Authenticate", "www-authenticate"]
    assert len(Headers.of({"A": "1"})) == 1


@pytest.mark.parametrize(
    ("value", "media_type"),
    [
        ("application/json", "application/json"),
        ("Application/JSON; charset=UTF-8", "application/json"),
        (" text/html ;x", "text/html"),
        ("", ""),
    ],
)
def test_content_type_is_the_media_type_alone(value: str, media_type: str) -> None:
    assert Response(200, Headers((("content-TYPE", value),))).content_type == media_type


def test_text_replaces_bytes_that_are_no_utf_8() -> None:
    assert Response(200, body=b"a\xffb").text == "a\ufffdb"


def test_a_form_request_asks_for_json_and_carries_the_form() -> None:
    request = form_request("https://op.example/token", Params((("a", "1 2"),)), headers=Headers((("X", "y"),)))
    assert (request.method, request.body) == ("POST", b"a=1%202")
    assert request.headers.pairs == (("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded"), ("X", "y"))
    assert request.form.get("a") == "1 2"
    assert get_request("https://op.example/x").headers.get("accept") == "application/json"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://op.example/authorize", "https://op.example/authorize?a=1"),
        ("https://op.example/authorize?tenant=x%20y", "https://op.example/authorize?tenant=x%20y&a=1"),
        ("https://op.example/authorize?a=0", "https://op.example/authorize?a=0&a=1"),
        ("https://op.example/authorize?", "https://op.example/authorize?a=1"),
        ("https://op.example/authorize#top", "https://op.example/authorize?a=1#top"),
        ("https://op.example", "https://op.example?a=1"),
        ("com.example.app:/cb", "com.example.app:/cb?a=1"),
    ],
)
def test_with_query_keeps_the_query_that_is_there(url: str, expected: str) -> None:
    assert with_query(url, Params((("a", "1"),))) == expected


def test_with_query_of_nothing_changes_nothing() -> None:
    assert with_query("https://op.example/a?b=%20", Params()) == "https://op.example/a?b=%20"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://op.example/a?b#c", "https://op.example"),
        ("HTTPS://OP.Example:443/", "https://op.example"),
        ("http://op.example:80", "http://op.example"),
        ("http://op.example:443", "http://op.example:443"),
        ("https://op.example:8443/", "https://op.example:8443"),
        ("https://user:pw@op.example/", "https://op.example"),
        ("https://op.example@evil.example/", "https://evil.example"),
        ("http://[::1]:8080/x", "http://[::1]:8080"),
        ("https://op.example.", "https://op.example."),
        ("https://op.example:/", "https://op.example"),
    ],
)
def test_origin_is_what_a_browser_compares(url: str, expected: str) -> None:
    assert origin(url) == expected


@pytest.mark.parametrize("url", ["http://[::1", "https://op.example:99999/", "https://op.example:x/", "https://[bad]/"])
def test_a_url_that_cannot_be_taken_apart_has_no_origin_but_itself(url: str) -> None:
    assert origin(url) == url
    assert origin(url) != origin(url + "2")
    assert not is_loopback(url)


@pytest.mark.parametrize("url", ["http://[::1/cb?a=1#b", "https://[bad]/cb?a=1"])
def test_path_and_query_can_be_read_of_any_url(url: str) -> None:
    assert Request("GET", url).query.get("a") == "1"
    assert Request("GET", url).path.endswith("/cb")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "app.localhost",
        "127.0.0.1",
        "127.255.255.254",
        "127.0.0.0",
        "127.10.100.249",
        "a.b.localhost.",
        "::1",
        "[::1]",
    ],
)
def test_this_machine_by_all_its_names(host: str) -> None:
    assert is_loopback_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost.evil.example",
        "evil-localhost",
        "notlocalhost",
        "127.0.0.1.evil.example",
        "127.0.0.1.nip.io",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f.0.0.1",
        "0x7f000001",
        "0177.0.0.1",
        "017700000001",
        "127.000.000.001",
        "127.0.0.01",
        "127.0.0.010",
        "127.00.0.1",
        "127.0.0.1.",
        "127.0.0.1..",
        "localhost..",
        "::1.",
        "[127.0.0.1]",
        "[localhost]",
        "0:0:0:0:0:0:0:1",
        "127.0.0.256",
        "127.0.0.-1",
        "127.0.0.",
        "127.0.0.1.1",
        "127.0.0." + "1" * 5000,
        "127.0.0.\u0661",
        "128.0.0.1",
        "0.0.0.0",
        "10.0.0.1",
        "::",
        "::2",
        "[::ffff:127.0.0.1]",
        "::ffff:8.8.8.8",
        "fe80::1",
        "::1%eth0",
        "evil.example\\.localhost",
        "evil.example/.localhost",
        "evil.example%2f.localhost",
        "evil example.localhost",
        ".localhost",
        "\uff4cocalhost",
        "loc\u00e4lhost",
    ],
)
def test_other_machines_that_look_like_this_one(host: str) -> None:
    assert not is_loopback_host(host)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://op.example/token", True),
        ("HTTPS://op.example/token", True),
        ("http://127.0.0.1:8080/cb", True),
        ("HTTP://LocalHost:80/cb", True),
        ("http://[::1]/cb", True),
        ("http://op.example/token", False),
        ("http://127.0.0.1@evil.example/", False),
        ("http://localhost:80@evil.example/", False),
        ("http://localhost%00.evil.example/", False),
        ("http://evil.example/?http://127.0.0.1", False),
        ("http://evil.example#@127.0.0.1", False),
        ("http://evil.example\\@127.0.0.1.evil.example/", False),
        ("http://evil.example\\.localhost/", False),
        ("http://127.0.0.1.evil.example/", False),
        ("http://[::ffff:127.0.0.1]/", False),
        ("http://[::1", False),
        ("httpx://127.0.0.1/", False),
        ("ftp://127.0.0.1/", False),
        ("javascript:alert(1)", False),
        ("//127.0.0.1/", False),
        ("", False),
    ],
)
def test_secrets_go_by_tls_or_stay_on_this_machine(url: str, safe: bool) -> None:
    assert is_safe_for_secrets(url) is safe


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://op.example", True),
        ("HTTP://op.example:8080/authorize?a=1", True),
        ("http://[::1]/x", True),
        ("", False),
        ("op.example", False),
        ("/authorize", False),
        ("//op.example/authorize", False),
        ("https:/authorize", False),
        ("https:///authorize", False),
        ("https://", False),
        ("https://op.example:99999/", False),
        ("https://[::1", False),
        ("https://op.example/a b", False),
        ("https://op.example/a\nb", False),
        ("https://op.example/\x1b[2J", False),
        (" https://op.example", False),
        ("javascript:alert(1)//https://op.example", False),
        ("file:///etc/passwd", False),
        ("com.example.app://op.example/", False),
    ],
)
def test_only_web_addresses_are_http_urls(url: str, is_one: bool) -> None:
    assert is_http_url(url) is is_one


@given(st.text(max_size=40))
def test_judging_a_url_never_raises(text: str) -> None:
    for url in (text, f"http://{text}", f"https://{text}/x"):
        origin(url)
        is_loopback(url)
        is_http_url(url)
        is_safe_for_secrets(url)
        is_loopback_host(text)
        with_query(url, Params((("a", "1"),)))
        assert Request("GET", url).path
        assert Request("GET", url).query is not None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("9999999999", 9999999999),
        *((text, None) for text in ("", "-1", "+1", "1_0", " 1", "1.0", "\uff11", "\u0661", "\u00b2")),
    ],
)
def test_a_decimal_number_is_written_in_ascii_digits(text: str, number: int | None) -> None:
    assert decimal(text) == number


def test_a_decimal_number_has_as_many_digits_as_are_allowed() -> None:
    assert (decimal("9" * 10), decimal("9" * 11), decimal("9" * 9000)) == (9999999999, None, None)


@pytest.mark.parametrize(
    ("url", "port"),
    [("http://a:81/", 81), ("http://a/", None), ("http://a:\uff11/", None), ("http://a:99999/", None), ("http://[::1", None)],
)
def test_the_port_of_any_url_can_be_asked_for(url: str, port: int | None) -> None:
    assert port_of(url) == port
