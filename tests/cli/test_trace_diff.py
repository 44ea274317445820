"""`oauthctl trace diff`: why does it work here and not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from oauthctl.record.har import to_har
from oauthctl.rules.pages import page
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import providing
from tests.record.played import SECRETS, SIGNATURES, played
from tests.rules.pages import play


def saved(folder: Path, slug: str, title: str) -> str:
    """The exchanges of a section of a rule's page, as a browser saves them."""
    found = page(slug)
    assert found is not None
    document = to_har(play(found.sections[title]).recording)
    return written(folder / f"{slug}-{title}.har", document)


def written(path: Path, document: dict[str, Any]) -> str:
    document["log"]["creator"] = {"name": "Browser", "version": "1"}
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def diff(folder: Path, *argv: str, columns: int = 0, stdin: str = "") -> Ran:
    return oauthctl("trace", "diff", *argv, columns=columns, stdin=stdin, environ=isolated(folder))


def both(folder: Path, slug: str) -> tuple[str, str]:
    return saved(folder, slug, "Quiet"), saved(folder, slug, "Fires")


def test_the_first_sentence_says_why(tmp_path: Path) -> None:
    ran = diff(tmp_path, *both(tmp_path, "redirect-uri-differs-between-legs"))
    assert ran.code == 1
    first = next(line for line in ran.out.splitlines() if line.startswith("most telling: "))
    assert first.startswith("most telling: token request (authorization_code) (exchange 2 in A, 2 in B): `redirect_uri` (")
    assert "only a `/` at the end differs: B has it" in first
    assert "error[redirect-uri-differs-between-legs] in B alone: " in ran.out
    assert ran.err == "4 differences; 1 of 2 common messages alike\n"


@pytest.mark.parametrize("columns", [60, 100, 140, 200])
def test_no_line_is_longer_than_the_terminal(tmp_path: Path, columns: int) -> None:
    ran = diff(tmp_path, *both(tmp_path, "scope-narrowed"), columns=columns)
    assert max(map(len, ran.out.splitlines())) <= columns
    assert "openid" in ran.out


def test_a_message_that_one_side_has_alone_can_say_most(tmp_path: Path) -> None:
    ran = diff(tmp_path, *both(tmp_path, "code-reused"))
    assert "most telling: B alone has exchange 3, token request (authorization_code): it sends a `code` that was sent before\n" in ran.out


def test_that_the_requests_are_alike_is_said(tmp_path: Path) -> None:
    ran = diff(tmp_path, *both(tmp_path, "grant-not-allowed"))
    assert "what was sent is alike, as far as it shows: " in ran.out


def test_json_has_each_message_and_its_differences(tmp_path: Path) -> None:
    ran = diff(tmp_path, *both(tmp_path, "state-mismatch"), "--json")
    document = json.loads(ran.out)
    assert (ran.code, ran.err, document["verdict"]) == (1, "", "different")
    assert set(document["messages"][0]) == {"key", "a", "b", "differences"}
    found = [one for pair in document["messages"] for one in pair["differences"]]
    assert all(set(one) - {"again"} == {"place", "a", "b", "kind", "meaning", "section"} for one in found)
    assert document["telling"]["place"] == "request.query.state"
    assert document["telling"]["kind"] == "relation"
    assert document["findings_only_b"] == ["state-mismatch"]
    assert (document["only_a"], document["only_b"]) == ([], [])


def test_a_capture_equals_itself(tmp_path: Path) -> None:
    capture = written(tmp_path / "a.har", to_har(played()))
    ran = diff(tmp_path, capture, capture)
    assert (ran.code, ran.err) == (0, "nothing differs in 12 messages but what is new in each run\n")
    assert json.loads(diff(tmp_path, capture, capture, "--json").out)["verdict"] == "equal"


def test_stdin_is_one_side(tmp_path: Path) -> None:
    works, fails = both(tmp_path, "nonce-missing")
    ran = diff(tmp_path, works, "-", stdin=Path(fails).read_text(encoding="utf-8"))
    assert ran.code == 1
    assert "`nonce` (" in ran.out
    assert diff(tmp_path, "-", "-").code == 2


def test_no_secret_is_printed(tmp_path: Path) -> None:
    run = to_har(played())
    one = written(tmp_path / "a.har", json.loads(json.dumps(run)))
    changed = json.dumps(run).replace("scope=", "scopes=").replace("token_type", "type_of_token").replace(" 200,", " 201,")
    other = written(tmp_path / "b.har", json.loads(changed))
    for more in ((), ("--json",)):
        ran = diff(tmp_path, one, other, *more)
        assert ran.code == 1
        assert [secret for secret in (*SECRETS, *SIGNATURES) if secret in ran.out + ran.err] == []


def test_two_runs_of_one_flow_differ_in_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        # Another provider each time: another port, other keys.
        with providing() as provider:
            ran, _ = oauthctl_with(ALICE, "login", provider.issuer, "--client-id", "public", "--scope", "openid email", folder=tmp_path)
            assert ran.code == 0, ran.err
    ids = [one["id"] for one in json.loads(oauthctl("trace", "list", "--json", environ=isolated(tmp_path)).out)["recordings"]]
    assert len(ids) == 2
    ran = diff(tmp_path, *ids)
    assert (ran.code, ran.out.count("\n")) == (0, 2), ran.out


def test_another_scope_is_what_two_runs_differ_in(tmp_path: Path) -> None:
    with providing() as provider:
        for scope in ("openid email", "openid"):
            ran, _ = oauthctl_with(ALICE, "login", provider.issuer, "--client-id", "public", "--scope", scope, folder=tmp_path)
            assert ran.code == 0, ran.err
    ids = [one["id"] for one in json.loads(oauthctl("trace", "list", "--json", environ=isolated(tmp_path)).out)["recordings"]]
    document = json.loads(diff(tmp_path, ids[1], ids[0], "--json").out)
    assert document["telling"]["place"] == "request.query.scope"
    assert document["telling"]["meaning"].endswith("A alone has `email`")
    assert document["telling"]["section"] == "RFC 6749 section 3.3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing of the kind", "holds no message of OAuth or OpenID Connect"),
        ('{"log": {"version": "1.2", "creator": {"name": "Browser", "version": "1"}, "entries": []}}', "holds no message of OAuth"),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.", "holds tokens and no message"),
    ],
)
def test_what_holds_no_message_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "odd.har").write_text(text, encoding="utf-8")
    ran = diff(tmp_path, saved(tmp_path, "state-mismatch", "Quiet"), str(tmp_path / "odd.har"))
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_a_recording_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    ran = diff(tmp_path, "8f3a")
    assert (ran.code, ran.out) == (2, "")


def test_calls_that_a_long_capture_leaves_out_are_told_of(tmp_path: Path) -> None:
    document = to_har(played())
    for entry in document["log"]["entries"]:
        del entry["_oauthctl"]
    for at in range(40):
        asked = {"method": "GET", "url": f"https://api.example/items/{at}", "headers": [{"name": "Authorization", "value": "Bearer at-0"}]}
        answered = {"status": 200, "headers": [], "content": {"mimeType": "application/json", "text": "{}"}}
        document["log"]["entries"].append({"startedDateTime": "2026-03-01T13:00:00Z", "time": 1, "request": asked, "response": answered})
    long = written(tmp_path / "long.har", document)
    ran = diff(tmp_path, long, long)
    assert ran.code == 0
    assert "note: A: " in ran.err
    assert "note: B: " in ran.err
    assert "more calls of APIs that were answered well were left out" in ran.err
    assert "what was left out is not compared" in ran.err
    assert len(json.loads(diff(tmp_path, long, long, "--json").out)["notes"]) == 2


def without_bodies(source: str, path: Path) -> str:
    """The same capture as a browser saves it that keeps no content."""
    document = json.loads(Path(source).read_text(encoding="utf-8"))
    for one in document["log"]["entries"]:
        one["response"]["content"] = {"size": -1, "mimeType": one["response"]["content"]["mimeType"]}
        one["response"]["bodySize"] = -1
    return written(path, document)


def test_answers_that_were_not_saved_are_said_and_not_called_alike(tmp_path: Path) -> None:
    whole = saved(tmp_path, "code-verifier-mismatch", "Fires")
    cut = without_bodies(whole, tmp_path / "cut.har")
    ran = diff(tmp_path, whole, cut)
    assert "not saved on side B: not compared" in ran.err
    assert "on side A" not in ran.err
    assert "nothing differs" not in ran.out + ran.err
    assert "hidden value" not in ran.out + ran.err
    told = json.loads(diff(tmp_path, whole, cut, "--json").out)
    assert told["verdict"] == "incomplete"
    assert any("not saved on side B" in note for note in told["notes"])
    assert json.loads(diff(tmp_path, whole, whole, "--json").out)["verdict"] == "equal"
