"""Captures as tools write them: what is picked out of the noise, in which order, and what is said to be missing."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.errors import ConfigError
from oauthctl.http import FORM
from oauthctl.record.capture import EXCHANGES_LIMIT, capture_of, entries_of
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.har import to_har
from oauthctl.record.har_quirks import lacks_body, tidied
from oauthctl.record.material import Material
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of
from tests.record.arbitrary import recordings
from tests.record.test_har import json_values

AUTHORIZE = "https://idp.example/authorize?response_type=code&client_id=web&state=s1&redirect_uri=https%3A%2F%2Fapp.example%2Fcb"
FORM_TEXT = "grant_type=authorization_code&code=c-1&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&client_id=web"


def entry(url: str, status: int = 200, *, method: str = "GET", at: object = "", **members: Any) -> dict[str, Any]:
    """An entry; `sent` and `back` are headers, `text` is the answer's body, `post` is `postData`, other members go in as they are."""
    headers = {name: [{"name": key, "value": value} for key, value in members.pop(name, {}).items()] for name in ("sent", "back")}
    request: dict[str, Any] = {"method": method, "url": url, "headers": headers["sent"]}
    if "post" in members:
        request["postData"] = members.pop("post")
    text = members.pop("text", None)
    content = members.pop("content", {"size": 0} if text is None else {"size": len(text), "text": text, "mimeType": "application/json"})
    response = {"status": status, "headers": headers["back"], "content": content, **members.pop("response", {})}
    return {"startedDateTime": at, "request": request, "response": response, **members}


def capture(*entries: object, creator: str = "WebInspector") -> dict[str, Any]:
    return {"log": {"version": "1.2", "creator": {"name": creator, "version": "1"}, "entries": list(entries)}}


def urls(recording: Recording) -> list[str]:
    return [exchange.request.url for exchange in recording.exchanges]


def only(document: object) -> Exchange:
    (exchange,) = capture_of(document)[0].exchanges
    return exchange


TOKEN = entry("https://idp.example/token", method="POST", post={"mimeType": FORM, "text": FORM_TEXT}, text='{"access_token": "a"}')


@pytest.mark.parametrize(
    ("coding", "octets"), [("br", b"\x8b\x1a\x80" + bytes(range(128, 200))), ("zstd", b"\x28\xb5\x2f\xfd" + bytes(90))]
)
@pytest.mark.parametrize("status", [200, 400])
def test_a_body_that_nothing_here_unpacks_is_said_and_not_judged(coding: str, octets: bytes, status: int) -> None:
    content = {"size": len(octets), "text": base64.b64encode(octets).decode(), "encoding": "base64", "mimeType": "application/json"}
    post = {"mimeType": FORM, "text": FORM_TEXT}
    asked = entry("https://idp.example/token", status, method="POST", post=post, back={"Content-Encoding": coding}, content=content)
    recording, notes = capture_of(capture(asked))
    assert any("packed" in note and coding in note for note in notes)
    assert recording.exchanges[0].response is not None
    assert not recording.exchanges[0].response.body
    found = diagnose(scene_of(Material("har", recording), now=None, salt=b"s")).findings
    assert not any(one.certainty == "certain" or one.rule == "token-answer-unreadable" for one in found)


def test_a_body_that_was_unpacked_under_its_old_header_is_read() -> None:
    text = '{"access_token": "täken", "token_type": "Bearer"}'
    for content in ({"text": text, "size": 9}, {"text": base64.b64encode(text.encode()).decode(), "encoding": "base64", "size": 9}):
        recording, notes = capture_of(
            capture({**TOKEN, "response": {"status": 200, "headers": [{"name": "content-encoding", "value": "br"}], "content": content}})
        )
        assert recording.exchanges[0].response is not None
        assert recording.exchanges[0].response.text == text
        assert not any("packed" in note for note in notes)


def test_what_matters_is_kept_out_of_the_middle_of_a_large_capture() -> None:
    loop = [entry(AUTHORIZE.replace("s1", f"loop-{number}"), 302, back={"Location": "/login"}) for number in range(EXCHANGES_LIMIT + 200)]
    failed = entry(
        "https://idp.example/token", 400, method="POST", post={"mimeType": FORM, "text": FORM_TEXT}, text='{"error": "invalid_grant"}'
    )
    recording, notes = capture_of(capture(*loop[: EXCHANGES_LIMIT // 2], failed, *loop[EXCHANGES_LIMIT // 2 :]))
    assert "https://idp.example/token" in urls(recording)
    assert len(recording.exchanges) <= EXCHANGES_LIMIT
    assert any("left out" in note for note in notes)


def test_a_sign_in_is_found_in_the_noise() -> None:
    noise = [
        entry("https://app.example/logo.png", content={"size": 9000, "text": "iVBORw0", "encoding": "base64"}, _resourceType="image"),
        entry("https://cdn.example/app.js?code=12", text="x" * 1000),
        entry("https://ads.example/p?client_id=7"),
        entry("https://app.example/search", method="POST", post={"text": "q=oauth"}),
        entry("wss://app.example/socket", 101, _resourceType="websocket"),
        entry("data:image/png;base64,AAAA"),
        "junk",
    ]
    login = entry("https://app.example/login", 302, back={"location": AUTHORIZE, "set-cookie": "session=1"})
    form = entry("https://idp.example/sign-in", 200, back={"Set-Cookie": "sso=1"}, content={"mimeType": "text/html", "size": 0})
    callback = entry("https://app.example/cb?code=c-1&state=s1", 302, back={"location": "/"})
    home = entry("https://app.example/home", 302, back={"set-cookie": "session=2", "location": "/"})
    recording, _ = capture_of(capture(*noise, login, *noise, entry(AUTHORIZE, 302), form, callback, *noise, TOKEN, home, *noise))
    assert urls(recording) == [one["request"]["url"] for one in (login, entry(AUTHORIZE), form, callback, TOKEN, home)]


def test_failures_and_preflights_at_the_endpoints_are_kept() -> None:
    preflight = entry("https://idp.example/api/x", 403, method="OPTIONS", sent={"origin": "https://app.example"})
    broken = entry("https://idp.example/api/x", 0, response={"_error": "net::ERR_FAILED"})
    elsewhere = entry("https://ads.example/x", 0, response={"_error": "net::ERR_BLOCKED_BY_CLIENT"})
    picture = entry("https://idp.example/favicon.ico", 404)
    recording, _ = capture_of(capture(elsewhere, preflight, broken, picture, TOKEN))
    assert urls(recording) == ["https://idp.example/api/x", "https://idp.example/api/x", "https://idp.example/token"]
    assert recording.exchanges[1].failure == "net::ERR_FAILED"


def test_entries_are_put_in_the_order_in_which_they_began() -> None:
    later, first = {**TOKEN, "startedDateTime": "2026-11-02T10:00:05+01:00"}, entry(AUTHORIZE, 302, at="2026-11-02T09:00:01.1234567Z")
    between = entry("https://app.example/cb?code=c-1&state=s1", at=1793610002000)
    recording, _ = capture_of(capture(later, first, between))
    assert urls(recording) == [AUTHORIZE, "https://app.example/cb?code=c-1&state=s1", "https://idp.example/token"]
    assert [exchange.id for exchange in recording.exchanges] == [1, 2, 3]


def test_an_entry_without_a_time_stays_behind_its_neighbour() -> None:
    first, second = entry(AUTHORIZE, 302, at="2026-11-02T09:00:00Z"), entry("https://app.example/cb?code=c-1&state=s1", at="soon")
    recording, _ = capture_of(capture(first, second, {**TOKEN, "startedDateTime": "Mon, 02 Nov 2026 09:00:09 GMT"}))
    assert [exchange.started_at.second for exchange in recording.exchanges] == [0, 0, 9]


@pytest.mark.parametrize(
    "post",
    [
        {"mimeType": FORM, "text": FORM_TEXT},
        {"mimeType": FORM, "text": FORM_TEXT, "params": [{"name": "grant_type", "value": "other"}]},
        {
            "mimeType": FORM,
            "params": [{"name": name, "value": value} for name, value in (pair.split("=") for pair in FORM_TEXT.split("&"))],
        },
        {
            "params": [
                {"name": "grant_type", "value": "authorization_code"},
                {"name": "code", "value": "c-1"},
                {"name": "redirect_uri", "value": "https://app.example/cb"},
                {"name": "client_id", "value": "web"},
            ]
        },
        {"mimeType": FORM, "text": f"Content-Type: {FORM}\r\nContent-Length: 99\r\n\r\n{FORM_TEXT}"},
        {"mimeType": FORM, "text": base64.b64encode(FORM_TEXT.encode()).decode(), "encoding": "base64"},
        FORM_TEXT,
    ],
)
def test_a_form_is_read_however_it_is_written(post: object) -> None:
    exchange = only(capture(entry("https://idp.example/token", method="post", post=post, text="{}")))
    assert exchange.purpose == "token"
    assert exchange.request.method == "POST"
    assert exchange.request.form.pairs == (
        ("grant_type", "authorization_code"),
        ("code", "c-1"),
        ("redirect_uri", "https://app.example/cb"),
        ("client_id", "web"),
    )


def test_parameters_that_were_decoded_are_not_decoded_again() -> None:
    params = [
        {"name": "grant_type", "value": "authorization_code"},
        {"name": "code", "value": "4%2F0A"},
        {"name": "redirect_uri", "value": "https://a.example/"},
    ]
    assert only(capture(entry("https://idp.example/token", method="POST", post={"params": params}))).request.form.get("code") == "4%2F0A"


@pytest.mark.parametrize(
    "document",
    [
        capture(TOKEN),
        {"entries": [TOKEN]},
        {"log": [TOKEN]},
        [TOKEN],
        [capture(TOKEN)],
        {"har": capture(TOKEN)},
        {"log": {"entries": [TOKEN, None, 3, []], "pages": None, "comment": "exported"}},
    ],
)
def test_entries_are_found_wherever_a_tool_puts_them(document: object) -> None:
    assert only(document).purpose == "token"


@pytest.mark.parametrize("document", [None, [], {}, {"log": {}}, {"log": {"entries": {}}}, "x", 1, [1], {"info": {}, "item": []}])
def test_what_holds_no_entries_is_refused(document: object) -> None:
    with pytest.raises(ConfigError, match="no HAR document"):
        capture_of(document)


@pytest.mark.parametrize("said", ["net::ERR_ABORTED", "NS_BINDING_ABORTED", "(canceled)", "cancelled"])
def test_a_request_that_was_given_up_is_no_failure(said: str) -> None:
    document = capture(entry(AUTHORIZE, 0, response={"_error": said}))
    recording, notes = capture_of(document)
    assert recording.exchanges[0].failure == ""
    assert any("given up" in note for note in notes)
    assert diagnose(scene_of(Material("har", recording), now=None, salt=b"s")).findings == ()


@pytest.mark.parametrize(
    "members",
    [
        {"response": {"status": -1, "_error": "net::ERR_CERT_AUTHORITY_INVALID"}},
        {"response": {"status": 0, "statusText": "net::ERR_CERT_AUTHORITY_INVALID"}},
        {"response": {"status": 0, "comment": "net::ERR_CERT_AUTHORITY_INVALID"}},
        {"_error": "net::ERR_CERT_AUTHORITY_INVALID", "response": {"status": None}},
        {"comment": "net::ERR_CERT_AUTHORITY_INVALID", "response": {"status": 0}},
    ],
)
def test_why_no_answer_came_is_found_wherever_it_stands(members: dict[str, Any]) -> None:
    exchange = only(capture({**TOKEN, **members}))
    assert (exchange.response, exchange.failure) == (None, "net::ERR_CERT_AUTHORITY_INVALID")


def test_pseudo_headers_are_left_out_and_a_redirect_s_target_is_kept() -> None:
    exchange = only(
        capture(
            entry(
                AUTHORIZE,
                302,
                sent={":method": "GET", ":authority": "idp.example", "accept": "*/*"},
                response={"redirectURL": "https://app.example/cb?code=1&state=s1"},
            )
        )
    )
    assert exchange.request.headers.pairs == (("accept", "*/*"),)
    assert exchange.response is not None
    assert exchange.response.headers.get("location") == "https://app.example/cb?code=1&state=s1"


def test_headers_may_be_an_object() -> None:
    item = entry("https://api.example/x", 401)
    item["request"]["headers"] = {"authorization": "Bearer x"}
    assert only(capture(item)).request.headers.get("Authorization") == "Bearer x"


def test_a_body_that_was_kept_packed_is_unpacked() -> None:
    text = base64.b64encode(gzip.compress(b'{"access_token": "a"}')).decode()
    answer = only(capture({**TOKEN, "response": {"status": 200, "content": {"text": text, "encoding": "base64"}}})).response
    assert answer is not None
    assert answer.body == b'{"access_token": "a"}'


def test_a_bomb_does_not_unfold() -> None:
    text = base64.b64encode(gzip.compress(b" " * 50_000_000)).decode()
    answer = only(capture({**TOKEN, "response": {"status": 200, "content": {"text": text, "encoding": "base64"}}})).response
    assert answer is not None
    assert len(answer.body) <= 2 * 1024 * 1024


def test_a_body_that_is_not_held_is_said_and_judged_by_nobody() -> None:
    metadata = entry("https://idp.example/.well-known/openid-configuration", content={"size": 1200, "mimeType": "application/json"})
    recording, notes = capture_of(capture(metadata, {**TOKEN, "response": {"status": 200, "content": {"size": 90}}}))
    assert any("exchanges 1, 2" in note for note in notes)
    assert diagnose(scene_of(Material("har", recording), now=None, salt=b"s")).findings == ()


def test_a_capture_without_sensitive_data_is_told() -> None:
    assert any("without sensitive data" in note for note in capture_of(capture(entry(AUTHORIZE, 302), TOKEN))[1])
    with_cookie = entry("https://app.example/x", sent={"cookie": "a=b"})
    assert not any("sensitive" in note for note in capture_of(capture(entry(AUTHORIZE, 302), TOKEN, with_cookie))[1])


def test_a_capture_that_shows_cookies_being_set_is_not_said_to_lack_them() -> None:
    sets = entry(AUTHORIZE, 302)
    sets["response"]["headers"] = [{"name": "Set-Cookie", "value": "sid=abc; Path=/"}]
    assert not any("sensitive" in note for note in capture_of(capture(sets, TOKEN))[1])


def test_hundreds_of_sign_ins_are_read_whole() -> None:
    requests = [entry(f"{AUTHORIZE}&state=s{number}", 302) for number in range(1200)]
    recording, notes = capture_of(capture(*requests))
    assert len(recording.exchanges) == 1200
    assert not any("left out" in note for note in notes)


def test_how_many_exchanges_have_nothing_to_do_with_oauth_is_told() -> None:
    pictures = [entry(f"https://app.example/{number}.png", sent={"cookie": "a=b"}) for number in range(3)]
    notes = capture_of(capture(entry(AUTHORIZE, 302), TOKEN, *pictures))[1]
    assert notes == ("of 5 exchanges of the capture 3 have nothing to do with OAuth and are left out",)
    assert capture_of(capture(entry(AUTHORIZE, 302, sent={"cookie": "a=b"}), TOKEN))[1] == ()


def test_what_a_service_worker_fetched_counts_once() -> None:
    twin = {**TOKEN, "_fetchedViaServiceWorker": True}
    assert len(capture_of(capture(twin, TOKEN))[0].exchanges) == 1
    assert len(capture_of(capture(twin))[0].exchanges) == 1


def test_of_many_good_calls_a_few_are_kept_and_every_answer_after_a_failure() -> None:
    good = [entry(f"https://api.example/{number}", sent={"authorization": "Bearer x"}) for number in range(500)]
    failed, mended = (entry("https://api.example/orders", status, sent={"authorization": "Bearer x"}) for status in (401, 200))
    recording, notes = capture_of(capture(*good, failed, mended, *good))
    assert urls(recording)[-2:] == ["https://api.example/orders"] * 2
    assert len(recording.exchanges) == 22
    assert notes == ("980 more calls of APIs that were answered well were left out",)


def test_a_loop_is_read_from_both_ends() -> None:
    recording, notes = capture_of(capture(*[TOKEN] * (EXCHANGES_LIMIT + 5), entry("https://app.example/x", sent={"cookie": "a"})))
    assert len(recording.exchanges) == EXCHANGES_LIMIT
    assert notes[0].startswith("5 exchanges were left out")


def sign_in(number: int, status: int = 200) -> list[dict[str, Any]]:
    state, code = f"state-{number:06}", f"code-{number:06}"
    text = FORM_TEXT.replace("c-1", code)
    return [
        entry(
            AUTHORIZE.replace("state=s1", f"state={state}"),
            302,
            response={"redirectURL": f"https://app.example/cb?code={code}&state={state}"},
        ),
        entry(f"https://app.example/cb?code={code}&state={state}", 302),
        entry("https://idp.example/token", status, method="POST", post={"mimeType": FORM, "text": text}, text='{"token_type": "Bearer"}'),
    ]


@pytest.mark.parametrize("status", [400, 0])
def test_a_failure_in_the_middle_of_thousands_of_sign_ins_keeps_its_own(status: int) -> None:
    every = [one for number in range(2000) for one in sign_in(number, status if number == 1013 else 200)]
    recording, notes = capture_of(capture(*every))
    of_it = [exchange for exchange in recording.exchanges if "001013" in exchange.request.url or b"001013" in exchange.request.body]
    assert len(of_it) == 3
    assert len(recording.exchanges) <= EXCHANGES_LIMIT
    assert any("were left out" in note for note in notes)


def test_many_failures_leave_room_for_what_went_well() -> None:
    every = [one for number in range(2000) for one in sign_in(number, 400 if number % 2 else 200)]
    recording, _ = capture_of(capture(*every))
    well = [exchange for exchange in recording.exchanges if exchange.response is not None and exchange.response.status < 400]
    assert len(recording.exchanges) <= EXCHANGES_LIMIT
    assert len(well) > 200
    assert any("000001" in url for url in urls(recording))
    assert any("001999" in url for url in urls(recording))


@given(recordings())
def test_a_recording_of_ours_is_taken_whole(recording: Recording) -> None:
    assert capture_of(json.loads(json.dumps(to_har(recording)))) == (recording, ())


MEMBERS = ("startedDateTime", "time", "request", "response", "_error", "comment", "_resourceType", "_fetchedViaServiceWorker")
TEXTS = st.sampled_from(
    (AUTHORIZE, FORM_TEXT, "https://idp.example/token", "POST", "OPTIONS", "\ud800", "\x1b[2J", "=" * 9, "H4sIAAAA", "2026-11-02T09:14:00Z")
)
NUMBERS = st.sampled_from((0, -1, 200, 302, 401, 10**400, 1e308, -1e308, float("nan"), float("inf"), True))
hostile = st.recursive(
    st.none() | NUMBERS | TEXTS | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (
                    "method",
                    "url",
                    "headers",
                    "postData",
                    "text",
                    "params",
                    "name",
                    "value",
                    "status",
                    "content",
                    "encoding",
                    "size",
                    "redirectURL",
                    "raw",
                    "mimeType",
                )
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=14,
)


@given(st.lists(st.dictionaries(st.sampled_from(MEMBERS), hostile, max_size=6), max_size=3))
def test_no_entry_is_too_odd_to_be_looked_at(entries: list[dict[str, Any]]) -> None:
    recording, notes = capture_of({"log": {"entries": entries}})
    assert all(isinstance(note, str) for note in notes)
    json.dumps(to_har(recording))


@given(st.fixed_dictionaries({"method": TEXTS, "url": TEXTS, "headers": hostile, "postData": hostile}), hostile, hostile)
def test_no_message_is_too_odd_to_be_read(request: dict[str, Any], response: object, moment: object) -> None:
    recording, _ = capture_of([{"request": request, "response": response, "startedDateTime": moment}])
    diagnose(scene_of(Material("har", recording), now=None, salt=b"s"))


@given(json_values)
def test_any_json_is_a_capture_or_a_config_error(value: object) -> None:
    try:
        capture_of(value)
    except ConfigError:
        with pytest.raises(ConfigError):
            entries_of(value)


def test_deep_nesting_does_no_harm() -> None:
    deep: Any = {}
    for _ in range(50_000):
        deep = {"log": deep, "headers": [deep]} if len(deep) < 2 else {"log": deep}
    with pytest.raises(ConfigError):
        capture_of(deep)
    assert only(capture({**TOKEN, "_more": deep})).channel is Channel.WIRE


def test_a_query_that_is_kept_apart_from_the_url_belongs_to_it() -> None:
    pairs = [
        {"name": "response_type", "value": "code"},
        {"name": "client_id", "value": "a b&c"},
        {"name": "off", "value": "1", "disabled": True},
    ]
    apart = entry("https://idp.example/authorize#top")
    apart["request"]["queryString"] = pairs
    whole = entry("https://idp.example/authorize?client_id=web&response_type=code")
    whole["request"]["queryString"] = pairs
    urls = [one.request.url for one in capture_of({"log": {"entries": [apart, whole]}})[0].exchanges]
    assert urls == [
        "https://idp.example/authorize?response_type=code&client_id=a%20b%26c#top",
        "https://idp.example/authorize?client_id=web&response_type=code",
    ]


@pytest.mark.parametrize("url", ["https://[::1/token", "https://op.example:port/token", "https:///token"])
def test_a_request_that_could_not_go_out_is_not_called_well(url: str) -> None:
    sent = entry(url, 0, method="POST", post={"mimeType": FORM, "text": FORM_TEXT})
    recording = capture_of({"log": {"entries": [sent]}})[0]
    found = diagnose(scene_of(Material("har", recording), now=None, salt=b"s"))
    assert found.findings or found.unexplained


@pytest.mark.parametrize(
    ("response", "is_lacking"),
    [
        ({"status": 200, "content": {"size": -1}}, True),
        ({"status": 400, "content": {"size": -1, "text": ""}, "bodySize": -1}, True),
        ({"status": 200, "content": {"size": -1}, "bodySize": 0}, False),
        ({"status": 200, "content": {"size": -1, "text": "{}"}}, False),
        ({"status": 204, "content": {"size": -1}}, False),
        ({"status": 302, "content": {"size": -1}}, False),
        ({"status": 0, "content": {"size": -1}}, False),
        ({"status": 200, "content": {"size": 0}}, False),
    ],
)
def test_a_size_that_nobody_knows_is_a_body_that_was_not_saved(response: dict[str, object], *, is_lacking: bool) -> None:
    entry = {"request": {"method": "POST", "url": "https://op.example/token"}, "response": response}
    assert lacks_body(entry) is is_lacking
    headers = {one["name"] for one in tidied(entry)["response"]["headers"]}
    assert ("Content-Length" in headers) is is_lacking
