"""A file from `trace redact` and a recording from `trace import` hold no secret of the run in any form, and tell the same."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from oauthctl.record.har import from_har
from oauthctl.record.purposes import posted_fields
from tests.cli.person import isolated
from tests.cli.raw_run import PERSON, SECRET, RawRun, raw_run
from tests.cli.running import Ran, oauthctl


@pytest.fixture(scope="module")
def run() -> RawRun:
    return raw_run()


@pytest.fixture
def capture(run: RawRun, tmp_path: Path) -> Path:
    path = tmp_path / "login.har"
    path.write_text(json.dumps(run.document), encoding="utf-8")
    return path


def forms(secret: str) -> Iterator[tuple[str, str]]:
    """Each way in which it may be written. A JWT may be shown without its signature, so that is what counts."""
    secret = secret.rpartition(".")[2] if secret.startswith("ey") and secret.count(".") == 2 else secret
    once, form = quote(secret, safe=""), quote_plus(secret)
    written = {"raw": secret, "url": once, "url twice": quote(once, safe=""), "form": form, "form twice": quote_plus(form)}
    written["json"] = json.dumps(secret)[1:-1]
    for name, text in written.items():
        yield name, text
        for neighbours in range(3):
            # Base64 looks different at each of three offsets; the signs at both ends depend on what stands beside.
            encoded = base64.b64encode(b" " * neighbours + text.encode()).decode().rstrip("=")[(0, 2, 3)[neighbours] : -1]
            yield f"base64 of {name}", encoded
            yield f"base64url of {name}", encoded.replace("+", "-").replace("/", "_")
        for user in ("web", "service"):
            yield f"basic of {name}", base64.b64encode(f"{user}:{text}".encode()).decode().rstrip("=")


def leaks(text: str, run: RawRun) -> list[str]:
    """The secrets and their forms that stand in the text; JSON's own escapes are undone once, too."""
    texts = (text, text.replace("\\/", "/").replace('\\"', '"'))
    return [f"{name} {form}" for secret in run.secrets for name, form in forms(secret) if any(form in one for one in texts)]


def trace(folder: Path, *argv: str, stdin: str = "", columns: int = 0) -> Ran:
    return oauthctl("trace", *argv, stdin=stdin, environ=isolated(folder), columns=columns)


def found(folder: Path, source: str) -> tuple[list[tuple[Any, ...]], list[str]]:
    """What diagnose says: each finding with its places, and the rules that it applied."""
    document = json.loads(oauthctl("diagnose", source, "--json", environ=isolated(folder)).out)
    findings = [
        (one["rule"], one["severity"], one["certainty"], [(at["exchange"], at["place"]) for at in one["evidence"]])
        for one in document["findings"]
    ]
    return findings, document["checked"]


def test_the_raw_capture_holds_what_is_looked_for(run: RawRun) -> None:
    text = json.dumps(run.document)
    assert len(run.secrets) >= 10
    held = {secret for secret in run.secrets if any(form in text for _, form in forms(secret))}
    assert held == run.secrets
    assert f"basic of form {base64.b64encode(f'web:{quote_plus(SECRET)}'.encode()).decode().rstrip('=')}" in leaks(text, run)
    grants = {value for one in from_har(run.document).exchanges for name, value in posted_fields(one.request) if name == "grant_type"}
    assert grants == {"authorization_code", "refresh_token", "client_credentials"}


@pytest.mark.parametrize("claims", ["--keep-claims", "--drop-claims"])
def test_redact_leaves_no_secret_in_any_form(run: RawRun, capture: Path, tmp_path: Path, claims: str) -> None:
    ran = trace(tmp_path, "redact", str(capture), claims)
    assert ran.code == 0
    assert leaks(ran.out, run) == []
    assert leaks(ran.err, run) == []
    assert len(from_har(json.loads(ran.out)).exchanges) >= 10


@pytest.mark.parametrize("claims", ["--keep-claims", "--drop-claims"])
def test_a_redacted_capture_is_diagnosed_alike(capture: Path, tmp_path: Path, claims: str) -> None:
    safe = tmp_path / "safe.har"
    assert trace(tmp_path, "redact", str(capture), claims, "-o", str(safe)).code == 0
    assert found(tmp_path, str(safe)) == found(tmp_path, str(capture))


@pytest.mark.parametrize("claims", ["--keep-claims", "--drop-claims"])
def test_a_signature_that_fails_is_told_of_without_the_signature(run: RawRun, capture: Path, tmp_path: Path, claims: str) -> None:
    token = next(
        secret for secret in run.secrets if secret.startswith("ey") and b'"nonce"' in base64.urlsafe_b64decode(secret.split(".")[1] + "==")
    )
    forged = token[:-12] + ("AAAAAAAAAAAA" if not token.endswith("AAAAAAAAAAAA") else "BBBBBBBBBBBB")
    capture.write_text(capture.read_text("utf-8").replace(token, forged), encoding="utf-8")
    safe = tmp_path / "safe.har"
    assert trace(tmp_path, "redact", str(capture), claims, "-o", str(safe)).code == 0
    findings, _ = found(tmp_path, str(safe))
    assert any("signature" in finding[0] for finding in findings)
    assert found(tmp_path, str(safe)) == found(tmp_path, str(capture))


def test_redacting_twice_changes_nothing(capture: Path, tmp_path: Path) -> None:
    once = trace(tmp_path, "redact", str(capture)).out
    assert json.loads(trace(tmp_path, "redact", "-", stdin=once).out) == json.loads(once)


def test_claims_are_kept_unless_they_are_to_be_dropped(capture: Path, tmp_path: Path) -> None:
    kept = trace(tmp_path, "redact", str(capture))
    assert str(PERSON["email"]) in kept.out
    assert "`--drop-claims` takes them out" in kept.err
    dropped = trace(tmp_path, "redact", str(capture), "--drop-claims").out
    personal = [str(value) for value in (*PERSON.values(), "ada-byron") if isinstance(value, str)]
    encoded = [form for value in personal for name, form in forms(value) if "raw" in name or "url" in name]
    assert [form for form in encoded if form in dropped] == []


def test_equalities_stay_visible(capture: Path, tmp_path: Path) -> None:
    document = json.loads(trace(tmp_path, "redact", str(capture), "--drop-claims").out)
    exchanges = from_har(document).exchanges
    code = next(one.request.form.get("code") for one in exchanges if one.request.form.get("code"))
    assert code is not None
    assert code.startswith("redacted-code-")
    assert any(f"code={code}" in one.request.url for one in exchanges if one.purpose == "callback")
    userinfo = next(one.response for one in exchanges if one.purpose == "userinfo")
    assert userinfo is not None
    claims = json.loads(userinfo.body)
    assert claims["sub"].startswith("redacted-string-")
    assert claims["email"].startswith("redacted-email-")
    assert claims["email_verified"] is True


def test_the_capture_itself_is_not_overwritten(capture: Path, tmp_path: Path) -> None:
    before = capture.read_bytes()
    ran = trace(tmp_path, "redact", str(capture), "-o", str(capture.parent / "." / "login.har"))
    assert ran.code == 2
    assert "`--output` is the capture itself" in ran.err
    assert capture.read_bytes() == before


def test_a_capture_without_oauth_is_refused(tmp_path: Path) -> None:
    ran = trace(tmp_path, "redact", "-", stdin='{"log": {"entries": []}}')
    assert (ran.code, ran.out) == (2, "")
    assert "no exchange of OAuth in `stdin`" in ran.err


def test_an_imported_capture_is_a_recording_without_secrets_that_tells_the_same(run: RawRun, capture: Path, tmp_path: Path) -> None:
    ran = trace(tmp_path, "import", str(capture), "--name", "works")
    assert ran.code == 0
    id_ = ran.out.strip()
    kept = "\n".join(path.read_text("utf-8") for path in (tmp_path / "state" / "recordings").rglob("*") if path.is_file())
    assert leaks(kept, run) == []
    assert leaks(ran.err, run) == []
    for reference in (id_, "works", id_[-4:]):
        assert found(tmp_path, reference) == found(tmp_path, str(capture))
        shown = trace(tmp_path, "show", reference)
        assert (shown.code, "authorization server" in shown.out, "application" in shown.out) == (0, True, True)
    (listed,) = json.loads(trace(tmp_path, "list", "--json").out)["recordings"]
    assert (listed["id"], listed["command"], listed["name"], listed["outcome"]) == (id_, "import", "works", "done")
    assert listed["issuer"].startswith("http://127.0.0.1:")


def test_an_import_says_what_is_wrong(capture: Path, tmp_path: Path) -> None:
    text = capture.read_text("utf-8")
    state = json.loads(text)["log"]["entries"]
    query = next(pair["value"] for entry in state for pair in entry["request"]["queryString"] if pair["name"] == "state")
    for entry in state:
        if "/callback" in entry["request"]["url"]:
            entry["request"]["url"] = entry["request"]["url"].replace(query, "somebody-elses")
    ran = trace(tmp_path, "import", "-", stdin=json.dumps({"log": {"entries": state}}))
    assert ran.code == 0
    assert "`state-mismatch` was found" in ran.err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("works", "--name", "again"), "is a recording already"),
        (("CAPTURE", "--name", "works"), "called `works` already"),
        (("CAPTURE", "--name", "last"), "`--name` can't be `last`"),
        (("CAPTURE", "--name", "a.har"), "`--name` can't be `a.har`"),
    ],
)
def test_an_import_that_makes_no_sense_is_refused(capture: Path, tmp_path: Path, argv: tuple[str, ...], said: str) -> None:
    trace(tmp_path, "import", str(capture), "--name", "works")
    ran = trace(tmp_path, "import", *(str(capture) if word == "CAPTURE" else word for word in argv))
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert len(json.loads(trace(tmp_path, "list", "--json").out)["recordings"]) == 1
