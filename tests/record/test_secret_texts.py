from __future__ import annotations

import base64
import json

import pytest

from oauthctl.record.har import from_har, to_har
from oauthctl.record.redact import redact
from oauthctl.record.secret_assignments import rewrite_bare_values
from oauthctl.record.secret_places import rewrite_body, rewrite_header

SECRET = "Kx7aB3dE5fG9hJ2kL4"
SIZE = 200_000


def substitute(kind: str, secret: str) -> str:
    return secret if secret.startswith("redacted-") else f"redacted-{kind}-{len(secret):08x}"


def body(text: str, content_type: str = "text/plain") -> str:
    return rewrite_bare_values(rewrite_body(text, content_type, substitute), substitute)


TEXTS = {
    "a form in an event": "event: x\ndata: access_token=%s&x=1\n\n",
    "the end of an event": "data: access_token=%s\r\n\r\n",
    "escaped quotes": r"var x={\u0022access_token\u0022:\u0022%s\u0022}",
    "hexadecimal quotes": r"var x={\x22access_token\x22:\x22%s\x22}",
    "an encoded mark": "went to access_token%%3D%s%%26x%%3D1",
    "an encoded name": "went to access%%5Ftoken=%s",
    "a password's field": '<input type="password" value=%s>',
    "a field of a framework": '<input name="user[password]" value="%s">',
    "a key": "-----BEGIN RSA PRIVATE KEY-----\n%s\n-----END RSA PRIVATE KEY-----",
    "a key in JSON": '{"pem":"-----BEGIN PRIVATE KEY-----\\n%s\\n-----END PRIVATE KEY-----"}',
    "a value that was cut off": 'accessToken = "%s',
    "a folded block of YAML": "auth:\n  refresh_token: >-\n    %s\n  next: 1\n",
    "a block of YAML": "client_secret: |\n  %s\n",
    "a string of several lines of TOML": 'client_secret = """\n%s"""\nx = 1',
    "what PHP wrote": 'a:1:{s:12:"access_token";s:18:"%s";}',
    "a table": "user,access_token\njane,%s\n",
    "a call that sets it": 'setToken("%s")',
    "a cookie of a script": 'document.cookie = "sid=%s; path=/"',
    "Basic credentials of a script": 'headers.set(n, btoa("web:%s"))',
    "a hidden field": '<input type="hidden" name="csrf" value="%s">',
    "an encoded key": "file=-----BEGIN+PRIVATE+KEY-----%%0A%s%%0A-----END+PRIVATE+KEY-----",
}
NAMES = (
    *("pass", "totp", "mfaCode", "credentials", "auth", "PHPSESSID", "tkn", "hmac_key", "connectionString", "ssn", "card_number", "seed"),
    *("access_code", "licenseKey", "security_answer", "csrf", "dpop_key", "x-api-key", "user[password]", "newPassword"),
)
PLACES = {
    "JSON": '{{"{0}": "{1}"}}',
    "JSON in JSON": '{{"body": "{{\\"{0}\\": \\"{1}\\"}}"}}',
    "a form": "a=1&{0}={1}",
    "XML": "<r><{0}>{1}</{0}></r>",
    "a script": 'const x = {{ {0}: "{1}" }}',
    "a table": "user,{0}\njane,{1}\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_secret_goes_from_texts_of_no_known_form(name: str) -> None:
    after = body(TEXTS[name] % SECRET)
    assert SECRET not in after
    assert "redacted-" in after
    assert body(after) == after


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", NAMES)
def test_a_name_means_a_secret_wherever_it_stands(name: str, place: str) -> None:
    if "[" in name and place in ("XML", "a script", "a table"):
        pytest.skip("no name there has brackets")
    assert SECRET not in body(PLACES[place].format(name, SECRET))


@pytest.mark.parametrize(
    "text",
    [
        'fetch(url, {credentials: "include"})',
        '{"auth": {"type": "basic", "user": "alice"}, "credentials": "same-origin", "seed": 7}',
        "auth=basic&x=1",
        '{"error": "token", "pass": ""}',
        "description: >\n  words of several\n  lines\n",
        's:5:"scope";s:12:"openid email";',
        'setTitle("Kx7aB3dE5fG9hJ2kL4")',
        'document.title = "sid=1"',
    ],
)
def test_words_under_vague_names_stay(text: str) -> None:
    assert body(text) == text


def test_what_php_wrote_keeps_fitting_lengths() -> None:
    after = body('a:1:{s:8:"password";s:7:"hunter2";}')
    assert after == 'a:1:{s:8:"password";s:26:"redacted-password-00000007";}'


@pytest.mark.parametrize("cut", ["\r\n--X--\r\n", ""])
def test_a_part_may_be_named_without_quotes(cut: str) -> None:
    text = f"--X\r\nContent-Disposition: form-data; name=password\r\n\r\nhunter two{cut}"
    after = rewrite_body(text, "multipart/form-data; boundary=X", substitute)
    assert after == text.replace("hunter two", "redacted-password-0000000a")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authentication", f"Token {SECRET}"),
        ("Authentication-Info", f'nextnonce="{SECRET}"'),
        ("X-Goog-Iap-Jwt-Assertion", SECRET),
        ("Sec-WebSocket-Protocol", f"bearer, {SECRET}"),
        ("Sec-WebSocket-Protocol", "bearer, secret"),
    ],
)
def test_headers_that_hold_tokens_lose_them(name: str, value: str) -> None:
    after = rewrite_header(name, value, substitute)
    assert SECRET not in after
    assert "redacted-" in after


def test_a_protocol_of_a_socket_stays() -> None:
    assert rewrite_header("Sec-WebSocket-Protocol", "graphql-ws, mqtt", substitute) == "graphql-ws, mqtt"


@pytest.mark.parametrize("coding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("encoding", ["base64", "BASE64", None])
def test_a_body_in_base64_is_read_whatever_says_so(coding: str, encoding: str | None) -> None:
    content = json.dumps({"access_token": SECRET}).encode(coding)
    written = base64.b64encode(content).decode()
    entry = {
        "request": {"method": "GET", "url": "https://api.example/"},
        "response": {"status": 200, "content": {"text": written, **({"encoding": encoding} if encoding else {})}},
    }
    kept = to_har(redact(from_har({"log": {"entries": [entry]}}), salt=b"a salt of the test"))["log"]["entries"][0]["response"]["content"]
    text = kept["text"]
    # Bytes that are text are written as text; a text of base64 stays one.
    octets = base64.b64decode(text) if kept.get("encoding") or not encoding else text.encode()
    assert SECRET not in octets.decode(coding)
    assert "redacted-access_token-" in octets.decode(coding)


@pytest.mark.parametrize(
    "unit",
    [
        "\\",
        '"',
        "a",
        "=",
        "<",
        " ",
        '\\"',
        "a=",
        "?a=",
        'token:"',
        'token=\\"',
        '{"',
        "[",
        "%",
        "token \\ = < \"'",
        "\\u0022token",
        "<input ",
    ],
)
@pytest.mark.parametrize("start", ["", "<p>"])
def test_no_body_takes_more_steps_than_it_is_long(unit: str, start: str) -> None:
    # At this size anything that looks at each pair of characters takes minutes.
    text = start + (unit * (SIZE // len(unit)))
    assert len(body(text)) > 0


@pytest.mark.parametrize("head", ['name="a"\r\n\r\n', "name=a\r\nb: c\r\n"])
def test_neither_does_one_of_many_parts(head: str) -> None:
    assert rewrite_body("--X\r\n" + head * (SIZE // len(head)), "multipart/form-data", substitute)
