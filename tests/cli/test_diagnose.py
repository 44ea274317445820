"""`oauthctl diagnose` as a person runs it: sources, formats, exit codes."""

from __future__ import annotations

import io
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from oauthctl.cli.main import main
from oauthctl.cli.terminal import Terminal
from tests.cli.running import Ran, Screen, oauthctl

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
OTHER_VERIFIER = "another-verifier-that-belongs-to-another-sign-in"
ASKED = (
    "https://idp.example.com/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&state=s1"
    f"&code_challenge={CHALLENGE}&code_challenge_method=S256"
)


def _entry(method: str, url: str, form: str, status: int, *, headers: dict[str, str], body: str) -> dict[str, Any]:
    request: dict[str, Any] = {"method": method, "url": url, "headers": []}
    if form:
        request["headers"].append({"name": "Content-Type", "value": "application/x-www-form-urlencoded"})
        request["postData"] = {"mimeType": "application/x-www-form-urlencoded", "text": form}
    response = {"status": status, "headers": [{"name": name, "value": value} for name, value in headers.items()], "content": {"text": body}}
    return {"startedDateTime": "2026-11-02T09:13:58Z", "time": 80, "request": request, "response": response}


def _capture(verifier: str, status: int, answer: dict[str, Any]) -> dict[str, Any]:
    redeemed = "grant_type=authorization_code&code=c-1-of-the-sign-in&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&client_id=web"
    form = f"{redeemed}&code_verifier={verifier}"
    back = {"Location": "https://app.example.com/cb?code=c-1-of-the-sign-in&state=s1"}
    json_type = {"Content-Type": "application/json"}
    entries = [
        _entry("GET", ASKED, "", 302, headers=back, body=""),
        _entry("POST", "https://idp.example.com/token", form, status, headers=json_type, body=json.dumps(answer)),
    ]
    return {"log": {"version": "1.2", "creator": {"name": "a browser", "version": "1"}, "entries": entries}}


BROKEN = _capture(OTHER_VERIFIER, 400, {"error": "invalid_grant", "error_description": "the code can't be redeemed"})
CLEAN = _capture(VERIFIER, 200, {"access_token": "2YotnFZFEjr1zCsicMWpAA", "token_type": "Bearer", "expires_in": 3600})


def _diagnose(tmp_path: Path, document: object, *options: str, columns: int = 0) -> Ran:
    path = tmp_path / "capture.har"
    path.write_text(json.dumps(document), "utf-8")
    return oauthctl("diagnose", str(path), *options, columns=columns, environ={"OAUTHCTL_STATE_DIR": str(tmp_path)})


def test_a_capture_is_named_and_its_root_cause_told(tmp_path: Path) -> None:
    ran = _diagnose(tmp_path, BROKEN)
    assert ran.code == 1
    assert ran.err.startswith("taken for a browser's capture (HAR)")
    assert ran.out.startswith("error[code-verifier-mismatch]: ")
    assert "\n --> exchange 2, token request (authorization_code): POST https://idp.example.com/token\n" in ran.out
    assert "spec: RFC 7636 section 4.6" in ran.out
    for secret in (OTHER_VERIFIER, "c-1-of-the-sign-in"):
        assert secret not in ran.out + ran.err


def test_a_clean_capture_is_said_to_be_clean(tmp_path: Path) -> None:
    ran = _diagnose(tmp_path, CLEAN)
    assert ran.code == 0
    assert ran.out.startswith("nothing wrong was found\nchecked: ")
    assert "token request (authorization_code)" in ran.out


def test_json_is_a_contract(tmp_path: Path) -> None:
    ran = _diagnose(tmp_path, BROKEN, "--json")
    document = json.loads(ran.out)
    assert list(document)[:4] == ["source", "findings", "checked", "not_checked"]
    assert document["source"]["kind"] == "har"
    assert document["source"]["at"] == "2026-11-02T09:13:58Z"
    first = document["findings"][0]
    assert set(first) >= {"rule", "severity", "certainty", "title", "cause", "help", "evidence", "sections", "consequences"}
    assert (first["rule"], first["severity"], first["certainty"]) == ("code-verifier-mismatch", "error", "certain")
    assert set(first["evidence"][0]) == {"exchange", "place", "expected", "got"}
    assert "code-verifier-mismatch" in document["checked"]
    assert all(set(one) == {"rule", "why"} for one in document["not_checked"])


def test_sarif_names_the_rule_and_the_place(tmp_path: Path) -> None:
    run = json.loads(_diagnose(tmp_path, BROKEN, "--format", "sarif").out)["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["code-verifier-mismatch"]
    result = run["results"][0]
    assert (result["ruleId"], result["level"]) == ("code-verifier-mismatch", "error")
    assert result["locations"][1]["logicalLocations"][0]["fullyQualifiedName"] == "exchange 2 request.form.code_verifier"


def test_markdown_is_for_a_bug_report(tmp_path: Path) -> None:
    text = _diagnose(tmp_path, BROKEN, "--format", "markdown").out
    assert text.startswith("# Diagnosis\n")
    assert "(`code-verifier-mismatch`)" in text
    assert "[RFC 7636 section 4.6](https://www.rfc-editor.org/rfc/rfc7636#section-4.6)" in text


def test_rules_can_be_chosen_and_left_out(tmp_path: Path) -> None:
    assert _diagnose(tmp_path, BROKEN, "--rule", "code-challenge-missing").code == 0
    without = _diagnose(tmp_path, BROKEN, "--ignore", "code-verifier-mismatch", "--json")
    assert "code-verifier-mismatch" not in [one["rule"] for one in json.loads(without.out)["findings"]]
    unknown = _diagnose(tmp_path, BROKEN, "--rule", "code-verifier-mismatsch")
    assert unknown.code == 2
    assert "did you mean `code-verifier-mismatch`" in unknown.err


@pytest.mark.parametrize(("text", "code"), [("", 3), ("good morning", 3), ('{"log": {"entries": []}}', 3), ('{"log": {"entries": [', 2)])
def test_what_holds_nothing_to_check_is_said(text: str, code: int) -> None:
    assert oauthctl("diagnose", "-", stdin=text).code == code


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_read_like_stdin(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(json.dumps(BROKEN),))
    writer.start()
    ran = oauthctl("diagnose", str(pipe), environ={"OAUTHCTL_STATE_DIR": str(tmp_path)})
    writer.join()
    assert ran.out.startswith("error[code-verifier-mismatch]: ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_terminal_is_told_that_a_named_pipe_is_waited_for(tmp_path: Path) -> None:
    pipe, stdout, stderr = tmp_path / "pipe", io.StringIO(), Screen()
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(json.dumps(BROKEN),))
    writer.start()
    main(["diagnose", str(pipe)], Terminal(io.StringIO(), stdout, stderr, {"NO_COLOR": "1", "OAUTHCTL_STATE_DIR": str(tmp_path)}))
    writer.join()
    assert f"waiting for a program that writes to `{pipe}`" in stderr.getvalue()
    assert stdout.getvalue().startswith("error[code-verifier-mismatch]: ")


def test_the_help_names_every_exit_code() -> None:
    text = oauthctl("diagnose", "--help").out
    assert [text.find(f"{code} ") > 0 for code in ("0 nothing", "1 something", "2 SOURCE", "3 nothing")] == [True] * 4


def test_a_directory_is_said_to_be_one(tmp_path: Path) -> None:
    ran = oauthctl("diagnose", str(tmp_path))
    assert ran.code == 2
    assert "is a directory" in ran.err


def test_a_rule_that_has_nothing_to_look_at_says_what_it_lacks(tmp_path: Path) -> None:
    ran = _diagnose(tmp_path, BROKEN, "--rule", "nonce-differs")
    assert "nothing could be checked: no token was seen" in ran.out
    assert "nothing of OAuth" not in ran.out


def test_a_url_is_not_taken_from_the_command_line() -> None:
    ran = oauthctl("diagnose", "https://app.example.com/cb?code=c-1-of-the-sign-in&state=s1")
    assert ran.code == 2
    assert "error[secret-in-argv]" in ran.err
    assert "c-1-of-the-sign-in" not in ran.err


def test_what_is_given_must_be_an_object(tmp_path: Path) -> None:
    given = tmp_path / "given.json"
    given.write_text("[1]", "utf-8")
    ran = _diagnose(tmp_path, CLEAN, "--given", str(given))
    assert ran.code == 2
    assert "holds no JSON object" in ran.err


@pytest.mark.parametrize("columns", [50, 80, 200])
def test_no_line_of_text_is_longer_than_the_terminal(tmp_path: Path, columns: int) -> None:
    lines = _diagnose(tmp_path, BROKEN, columns=columns).out.splitlines()
    # Evidence and places stay whole: a value that is broken can't be compared.
    talk = [line for line in lines if not line.lstrip().startswith(("|", "-->", ":::")) and not line.startswith("error[")]
    assert max(len(line) for line in talk) <= columns


@pytest.mark.parametrize("document", [CLEAN, BROKEN], ids=["clean", "broken"])
def test_a_capture_that_was_shared_without_secrets_is_diagnosed_alike(tmp_path: Path, document: dict[str, Any]) -> None:
    first = _diagnose(tmp_path, document, "--json")
    shared = oauthctl("trace", "show", str(tmp_path / "capture.har"), "--json", environ={"OAUTHCTL_STATE_DIR": str(tmp_path)})
    again = _diagnose(tmp_path, json.loads(shared.out), "--json")
    told = [[(one["rule"], one["certainty"], one["severity"]) for one in json.loads(ran.out)["findings"]] for ran in (first, again)]
    assert told[0] == told[1]
    assert first.code == again.code


def test_a_slip_in_what_is_given_is_said(tmp_path: Path) -> None:
    given = tmp_path / "given.json"
    given.write_text('{"registered_redirect_uri": ["https://app.example.com/cb"], "team": "a"}', "utf-8")
    ran = _diagnose(tmp_path, CLEAN, "--given", str(given))
    assert "did you mean `registered_redirect_uris`?" in ran.err
    assert "`team`" not in ran.err


@pytest.mark.parametrize(
    ("member", "said"),
    [
        ({"registered_redirect_uris": {"web": "x"}}, "not a list of texts or a text"),
        ({"registered_redirect_uris": ["https://app.example.com/cb", 1]}, "not a list of texts or a text"),
        ({"trusted_uris": 1}, "not a list of texts or a text"),
        ({"client_id": 7}, "not a text"),
        ({"clock_tolerance": "60"}, "not a number"),
        ({"dev_mode": "yes"}, "not true or false"),
        ({"jwks_cached": []}, "not an object"),
        ({"store_events": {}}, "not a list"),
        ({"refresh_token_issued_at": True}, "not a number or a text"),
    ],
)
def test_a_member_of_a_wrong_type_is_said_not_to_be_looked_at(tmp_path: Path, member: dict[str, Any], said: str) -> None:
    given = tmp_path / "given.json"
    given.write_text(json.dumps(member), "utf-8")
    assert f"`{next(iter(member))}` of `--given` is {said}" in _diagnose(tmp_path, CLEAN, "--given", str(given)).err


def test_members_of_the_right_types_raise_no_warning(tmp_path: Path) -> None:
    given = tmp_path / "given.json"
    members = {"client_id": "web", "audience": "x", "algorithms": ["RS256"], "expected_nonce": None, "jwks_cached": {"keys": []}, "team": 1}
    given.write_text(json.dumps(members | {"clock_tolerance": 1.5, "dev_mode": False, "refresh_token_issued_at": "2026-11-02"}), "utf-8")
    assert "--given" not in _diagnose(tmp_path, CLEAN, "--given", str(given)).err


@pytest.mark.parametrize("options", [(), ("last",), ("--json",)])
def test_without_any_recording_nothing_could_be_checked(tmp_path: Path, options: tuple[str, ...]) -> None:
    ran = oauthctl("diagnose", *options, environ={"OAUTHCTL_STATE_DIR": str(tmp_path)})
    assert ran.code == 3
    assert not ran.out
    assert "there are no recordings yet" in ran.err
    assert "oauthctl diagnose -" in ran.err


def test_a_collection_is_named_and_its_saved_answers_are_diagnosed(tmp_path: Path) -> None:
    sent = {
        "method": "POST",
        "url": "https://op.example/token",
        "header": [{"key": "Content-Type", "value": "application/json"}],
        "body": {"mode": "raw", "raw": '{"grant_type":"client_credentials"}'},
    }
    answer = {
        "code": 400,
        "header": [],
        "body": '{"error":"invalid_request","error_description":"Missing grant_type"}',
        "originalRequest": sent,
    }
    info = {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}
    ran = _diagnose(tmp_path, {"info": info, "item": [{"request": sent, "response": [answer]}]})
    assert "taken for a Postman collection with 1 exchange that matters" in ran.err
    assert ran.out.startswith("error[token-request-as-json]")
    assert ran.code == 1


def test_a_collection_in_yaml_is_named_and_what_to_do() -> None:
    ran = oauthctl(
        "diagnose", "-", stdin="type: collection.insomnia.rest/5.0\nname: shop\ncollection:\n  - url: https://op.example/token\n"
    )
    assert ran.code == 2
    assert "as HAR" in ran.err


def test_a_document_holds_nothing_that_could_steer_a_terminal(tmp_path: Path) -> None:
    document = _capture(VERIFIER, 400, {"error": "invalid_grant", "error_description": "\x9b2J \u202e \x1b[2J"})
    for form in ("json", "sarif", "markdown", "text"):
        out = _diagnose(tmp_path, document, "--format", form).out
        assert not {"\x9b", "\u202e", "\x1b"} & set(out)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ('{"access_token": null, "token_type": "Bearer", "expires_in": 3600}', "access_token: null"),
        ('{"access_token": "", "token_type": "Bearer", "expires_in": 3600}', "access_token: an empty text"),
        ('{"token_type": "Bearer", "expires_in": 3600, "scope": "openid"}', "access_token: missing"),
    ],
)
def test_an_answer_without_its_token_is_no_success(tmp_path: Path, answer: str, said: str) -> None:
    pasted = oauthctl("diagnose", "-", stdin=answer)
    for ran in (pasted, _diagnose(tmp_path, _capture(VERIFIER, 200, json.loads(answer)))):
        assert ran.out.startswith("error[token-answer-incomplete]")
        assert said in ran.out


def test_an_introspection_answer_lacks_no_token() -> None:
    assert (
        "token-answer-incomplete" not in oauthctl("diagnose", "-", stdin='{"active": true, "token_type": "Bearer", "expires_in": 3600}').out
    )
