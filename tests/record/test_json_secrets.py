from __future__ import annotations

import base64
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oauthctl.record.json_secrets import rewrite_below_names
from oauthctl.record.secret_places import rewrite_body

COVERED = [
    '{"access_token":["%s"]}',
    '{"refresh_token":{"value":"%s"}}',
    '{"tokens":{"access":"%s","refresh":"%s"}}',
    '{"tokens":{"access":{"v":"%s","expires":"2026-01-01"}}}',
    '{"access":"%s","refresh":"%s"}',
    '{"auth":{"jwt":"%s"}}',
    '{"session":{"id":"%s"}}',
    '{"backupCodes":["%s","%s"],"recovery_codes":["%s"]}',
    '{"verificationCode":"%s","credential":"%s","bearer":"%s","sessionId":"%s","pin":"%s"}',
    '{"refresh_token":"%s',
    '{"refresh_token":"%s\\',
    '{"access_token" /* the new one */ : "%s"}',
    '{"data":"{\\"tokens\\":{\\"access\\":\\"%s\\"}}"}',
    'data: {"tokens":["%s"]}\n\n',
]


def substitute(kind: str, secret: str) -> str:
    return secret if secret.startswith("redacted-") else f"redacted-{kind}-{len(secret):08x}"


@pytest.mark.parametrize("text", COVERED)
@pytest.mark.parametrize("secret", ["Xq", "quiet-Otter-77", "Kx7aB3dE5fG9hJ2kL4"])
def test_a_secret_name_covers_every_text_below_it(text: str, secret: str) -> None:
    after = rewrite_body(text.replace("%s", secret), "application/json", substitute)
    assert secret not in after
    assert after.count("redacted-") == text.count("%s")
    assert rewrite_body(after, "application/json", substitute) == after


@pytest.mark.parametrize(
    "text",
    [
        '{"password":["is too short"],"errors":{"refresh_token":["blank"]}}',
        '{"id_token":{"acr":{"values":["urn:example:gold"]}},"code":{"a":"b"}}',
        '{"access":"granted"}',
        '{"session":{"name":"x"},"response":{"url":"https://a.example/"}}',
        '{"grant_types_supported":["authorization_code","refresh_token"]}',
        '{"tokens":[{"type":"access_token","scope":"a b","expires_at":"2026-01-01T00:00:00Z"}]}',
        '{"properties":{"password":{"type":"string","minLength":8}}}',
        '{"access_token":{"capolids":{"essential":true,"values":["cap-id-77"]}},"id_token":{"acr":null}}',
        '{"access_token":{"nbf":{"essential":true,"value":"1604106651"},"acrs":{"values":["c1"]}}}',
        '{"claims":{"access_token":{"acrs":{"value":"c1"},"given_name":null},"userinfo":{"email":null}}}',
        '{"claims":"{\\"access_token\\":{\\"capolids\\":{\\"essential\\":true,\\"values\\":[\\"cap-id-77\\"]}}}"}',
        '{"claims":"{\\"access_token\\":{\\"acrs\\":{\\"value\\":\\"c1\\"}}}"}',
    ],
)
def test_what_only_describes_secrets_stays(text: str) -> None:
    assert rewrite_below_names(text, substitute) == text


@pytest.mark.parametrize(
    "text",
    [
        '{"error":"insufficient_scope","code":"E4031"}',
        '{"message":"denied","code":"ERR-403-12"}',
        '{"error":{"code":"AUTH_ERROR.0012","detail":"denied"}}',
        '{"status":403,"code":"InvalidToken401"}',
        '{"errors":[{"code":"E0000011"}]}',
        '{"nextPageToken":"Kx7aB3dE5fG9hJ2kL4","sync_token":"Kx7aB3dE5fG9hJ2kL4","continuation_token":"Kx7aB3dE5fG9hJ2kL4"}',
        '{"sid":"Kx7aB3dE5fG9hJ2kL4mN6pQ8rS1t","sub":"248289761001"}',
        '{"access_token":"","sid":"0b1c2d3e-1111-2222-3333-444455556666"}',
    ],
)
def test_codes_of_errors_cursors_and_public_sessions_stay(text: str) -> None:
    assert rewrite_body(text, "application/json", substitute) == text


@pytest.mark.parametrize(
    "text",
    [
        '{"message":"Your code","code":"G-123456"}',
        '{"message":"Your code","code":"492817"}',
        '{"error":"x","code":"Kx7aB3dE5fG9hJ2kL4"}',
        '{"code":"E4031"}',
        '{"access_token":{"inner":{"value":"E4031"}}}',
        '{"claims":{"access_token":"E4031"}}',
        '{"page":{"token":"Kx7aB3dE5fG9hJ2kL4"}}',
        '{"accessToken":"","sid":"Kx7aB3dE5fG9hJ2kL4mN6pQ8rS1t"}',
        '{"sid":"Kx7aB3dE5fG9hJ2kL4mN6pQ8rS1t","refresh_token":""}',
    ],
)
def test_a_secret_beside_such_words_goes(text: str) -> None:
    assert "redacted-" in rewrite_body(text, "application/json", substitute)


def test_a_covered_number_becomes_a_text() -> None:
    after = rewrite_below_names('{"backup_codes":[12345678, 87654321],"pins":[1234]}', substitute)
    assert json.loads(after)["backup_codes"][0].startswith("redacted-backup_codes-")


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("inner", ['{"access_token": "%s"}', "client_secret=%s&a=b", '{"ctx": {"tokens": ["%s"]}}'])
@pytest.mark.parametrize("around", ['{"data": "%s"}', '{"data": ["a", "%s"]}', '[{"x": {"ctx": "%s"}}]'])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_body_in_base64_loses_its_secrets_in_a_text_of_json(inner: str, around: str, layers: int) -> None:
    secret = "Kx7aB3dE5fG9hJ2kL4"
    coded = in_base64(inner.replace("%s", secret))
    if layers == 2:
        coded = in_base64(json.dumps({"again": coded}))
    after = rewrite_body(around.replace("%s", coded), "application/json", substitute)
    opened = base64.b64decode(re.findall(r"[A-Za-z0-9+/=]{20,}", after)[-1]).decode()
    if layers == 2:
        opened = base64.b64decode(json.loads(opened)["again"]).decode()
    assert "redacted-" in opened
    assert secret not in opened


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.text(max_size=9) | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    )
)
def test_json_stays_json(value: object) -> None:
    assert isinstance(json.loads(rewrite_below_names(json.dumps({"tokens": value}), substitute)), dict)
