from __future__ import annotations

import html
import json
import time
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oauthctl.http import Headers, Request, Response
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.har import to_har
from oauthctl.record.redact import redact
from oauthctl.record.secret_assignments import rewrite_assignments, rewrite_bare_values
from oauthctl.record.secret_places import rewrite_body

SECRET = "Kx7+/aB3=dE5fG9hJ2"
AT = datetime(2026, 3, 1, tzinfo=UTC)
PLAIN = "Kx7aB3dE5fG9hJ2kL4"


def substitute(kind: str, secret: str) -> str:
    return secret if secret.startswith("redacted-") else f"redacted-{kind}-{len(secret):08x}"


def body(text: str, content_type: str = "text/plain") -> str:
    return rewrite_bare_values(rewrite_body(text, content_type=content_type, substitute=substitute), substitute)


# `%s` stands for the secret.
ASSIGNED = {
    "kept in the browser": "localStorage.setItem('access_token','%s');",
    "kept in the browser, in camel case": 'sessionStorage.setItem( "refreshToken" , "%s" )',
    "a variable": 'const accessToken = "%s";',
    "a text of Python 2": "{u'client_secret': u'%s'}",
    "octets of Python": "{'access_token': b'%s'}",
    "a raw text of Python": 'client_secret = r"%s"',
    "a verbatim text of C#": 'clientSecret = @"%s";',
    "a variable in a template": "let idToken=`%s`",
    "a variable without quotes": "ACCESS_TOKEN=%s\nOTHER=1",
    "an object's member": "{type:'oauth', idToken:'%s'}",
    "an object's member in quotes": "x={'client_secret' : '%s'}",
    "an object in an object of text": r'{"data": "{\"refresh_token\":\"%s\"}"}',
    "an object twice in text": r'{"data": "{\"inner\": \"{\\\"refresh_token\\\":\\\"%s\\\"}\"}"}',
    "a property": 'window.auth.accessToken = "%s"',
    "a property by its name": 'window["access_token"]="%s"',
    "a field of a page": 'document.getElementById("token").value = "%s"',
    "a field of a form": "form.password.value='%s'",
    "a header in a script": 'headers:{Authorization:"Bearer %s"}',
    "a header set": "xhr.setRequestHeader('Authorization', 'Bearer %s')",
    "a header in a text": "Authorization: Bearer %s",
    "an api key set": 'xhr.setRequestHeader("X-Api-Key", "%s")',
    "a pair in a list": '[["access_token","%s"],["a","b"]]',
    "an element": "<r><accessToken>%s</accessToken></r>",
    "an element with a prefix and attributes": '<ns:AccessToken xsi:type="x">%s</ns:AccessToken>',
    "an element of character data": "<r><access_token><![CDATA[%s]]></access_token></r>",
    "an element named by an attribute": '<string name="refresh_token">%s</string>',
    "a setting": '<add key="ClientSecret" value="%s"/>',
    "a property list": "<key>access_token</key><string>%s</string>",
    "a row of a table": "<tr><td>access_token</td><td>%s</td></tr>",
    "a row with words": "<dt><b>Access token:</b></dt> <dd><code>%s</code></dd>",
    "an event": 'event: x\ndata: {"access_token":"%s"}\n\n',
    "a call with an object": 'cb({"refresh_token":"%s"});',
    "a page's mark": '<meta name="csrf-token" content="%s">',
    "a page's mark, other way round": "<META content='%s' name=csrf-token>",
    "an attribute": '<body data-access-token="%s">',
    "an attribute of objects": '<div data-props="{&quot;accessToken&quot;:&quot;%s&quot;}">',
    "an attribute of objects by number": "<div data-props='{&#34;accessToken&#34;:&#34;%s&#34;}'>",
    "a value with its type": '{"value":"%s","type":"refresh"}',
    "a type with its value": '{"tokens":[{"type": "access_token", "issued": {"at": 1}, "value": "%s"}]}',
    "a name with its value": '[{"name":"client_secret","value":"%s"}]',
    "a key with its value in a script": "var a=[{key:'apiKey', value:'%s'}]",
    "a line of settings": "client_secret: %s",
    "a map of another language": '"access_token" => "%s"',
    "a CAS ticket": "https://app.example/?ticket=%s",
    "a permission ticket": '{"error":"need_info","ticket":"%s"}',
    "a fragment in a script": 'location="/x#access_token=%s&token_type=bearer"',
    "encoded JSON in a parameter": "https://app.example/?auth=%%7B%%22access_token%%22%%3A%%22%s%%22%%7D",
    "a script in JSON": json.dumps({"page": "<script>var accessToken = '%s'</script>"}),
}


@pytest.mark.parametrize("name", ASSIGNED)
def test_a_secret_goes_wherever_a_text_gives_it_a_name(name: str) -> None:
    text = ASSIGNED[name] % PLAIN
    for written in (text, f"some words, {text}", f"<html><body>it's {text}"):
        after = body(written)
        assert PLAIN not in after
        assert "redacted-" in after
        assert body(after) == after


@pytest.mark.parametrize("name", ASSIGNED)
def test_it_goes_from_a_recording_too_and_wherever_else_it_stands(name: str) -> None:
    answers = (ASSIGNED[name] % PLAIN, f"and again {PLAIN}", f"as digits {PLAIN.encode().hex()}")
    exchanges = tuple(
        Exchange(number, "", Channel.WIRE, Request("GET", "https://app.example/"), AT, 0.1, Response(200, Headers(), answer.encode()))
        for number, answer in enumerate(answers, 1)
    )
    written = json.dumps(to_har(redact(Recording(exchanges), salt=b"a salt of the test")))
    assert PLAIN not in written
    assert PLAIN.encode().hex() not in written


@pytest.mark.parametrize("start", ["window.__STATE__=", "", "cb(", "data: "])
def test_json_is_found_whatever_its_label(start: str) -> None:
    text = start + json.dumps({"auth": {"accessToken": SECRET, "refreshToken": "short"}})
    after = body(text, "application/javascript")
    assert SECRET not in after
    assert "short" not in after
    assert after.startswith(start)


@pytest.mark.parametrize("spelled", [json.dumps(SECRET), json.dumps(SECRET).replace("/", "\\/"), f'"{html.escape(SECRET)}"'])
def test_a_value_is_known_by_what_it_means(spelled: str) -> None:
    met: list[tuple[str, str]] = []
    rewrite_assignments(f"accessToken = {spelled}", lambda kind, secret: met.append((kind, secret)) or "x")
    assert met == [("access_token", SECRET)]


@pytest.mark.parametrize(
    "text",
    [
        '{"grant_types_supported":["authorization_code","refresh_token","client_credentials"]}',
        '{"response_types_supported":["code","id_token","code id_token"]}',
        '{"token_endpoint":"https://op.example/token","token_type":"Bearer"}',
        '{"code": "invalid_request", "error": {"code": 404}, "token": "missing"}',
        "<p>The <code>redirect_uri</code> was <code>https://app.example/cb1</code></p>",
        "<p>The ID token fails a check: not made by key <code>dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk</code>: it was changed</p>",
        '<input type="password" name="password"><label for="password">Password</label>',
        "const t={accessToken:'accessToken',refresh:'refresh_token'}",
        "var accessToken = getToken(), password = input.value;",
        "error code: AADSTS700016, code: AADSTS50011",
        '{"claims":{"id_token":{"acr":null}}}',
        "headers.Authorization = 'Bearer ' + accessToken",
        "the token is expired; get a new access token: sign in",
        '{"type":"refresh","value":{"a":1}}',
        '{"type":"button","value":"Sign in"}',
        "<th>Token type</th><td>Bearer</td>",
        "ticket: none",
    ],
)
def test_what_only_speaks_of_secrets_stays(text: str) -> None:
    assert body(text) == text


@given(st.text(max_size=300))
@settings(max_examples=200)
def test_any_text_can_be_rewritten_twice(text: str) -> None:
    once = body(text)
    assert body(once) == once


@given(
    st.sampled_from([shape for shape in ASSIGNED.values() if "%%" not in shape]),
    st.text(alphabet="abcXYZ0189_-", min_size=12, max_size=40).map("aB3".__add__),
    st.text(alphabet=" \n;{}()<>abc=.,", max_size=20),
)
@settings(max_examples=200)
def test_any_secret_goes_from_any_shape(shape: str, secret: str, around: str) -> None:
    assert secret not in body(f"{around}\n{shape % secret}\n{around}")


@pytest.mark.parametrize(
    "unit",
    [
        'token="', "token='\\", "<token>", "<token", "token:", '{"type":"refresh","value":', "<a name=token ", "token", "token , ",
        "(token,",
        "&quot;token&quot;:", "token=&quot;", '\\"token\\":\\"', "<td>token</td><td>", "Bearer ", "Bearer a", "<!", "{[", '"a":{', "a",
        "A b", "token =\t", "token<b>", "<b name='token' content=", '{"value":"x",', "%7B%22", "<x y=", "{", "{{}", '{"value":{}',
    ],
)  # fmt: skip
def test_texts_made_to_be_slow_are_not(unit: str) -> None:
    started = time.process_time()
    body(unit * (200_000 // len(unit)))
    assert time.process_time() - started < 3


def test_a_parameter_that_holds_encoded_json_stays_encoded() -> None:
    text = "?auth=" + quote(json.dumps({"access_token": SECRET, "n": 1}), safe="")
    after = body(text)
    assert after.startswith("?auth=%7B%22access_token%22")
    assert SECRET not in after
    assert "%22n%22" in after
