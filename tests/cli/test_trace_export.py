from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from oauthctl.provider.client import Client, practice_users
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.record.facts import facts
from oauthctl.record.har import from_har, to_har
from oauthctl.record.redact import redact
from oauthctl.shell.serve import Server
from tests.cli.person import isolated
from tests.cli.running import Ran, oauthctl
from tests.interop.environments import missing
from tests.provider.world import keys
from tests.record.played import ACCESS_TOKEN, CLIENT_SECRET, SECRETS, SIGNATURES, played

FORMATS = ("html", "mermaid", "markdown", "json", "har", "curl")
BASH = shutil.which("bash") or ""


@pytest.fixture
def capture(tmp_path: Path) -> str:
    """A capture with all its secrets, as a browser saves it."""
    document = to_har(played())
    document["log"]["creator"] = {"name": "Browser", "version": "1"}
    path = tmp_path / "capture.har"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


@pytest.fixture
def recording(tmp_path: Path) -> str:
    """A recording as the commands write it: facts worked out, secrets gone."""
    path = tmp_path / "recording.har"
    path.write_text(json.dumps(to_har(redact(played(), salt=b"a salt"), facts=facts(played()))), encoding="utf-8")
    return str(path)


def export(source: str, *options: str) -> Ran:
    return oauthctl("trace", "export", source, *options)


def spellings(secret: str) -> tuple[str, ...]:
    basic = base64.b64encode(f"app:{quote_plus(secret)}".encode()).decode()
    return (secret, quote(secret, safe=""), quote_plus(secret), base64.b64encode(secret.encode()).decode().rstrip("="), basic.rstrip("="))


@pytest.mark.parametrize("form", FORMATS)
def test_no_form_has_a_secret_in_any_spelling(capture: str, form: str) -> None:
    ran = export(capture, "--format", form)
    assert ran.code == 0
    assert [row for row in ran.err.splitlines() if not row.startswith("note: ")] == []
    assert [one for secret in SECRETS for one in spellings(secret) if one in ran.out] == []
    assert [signature for signature in SIGNATURES if signature in ran.out] == []


def test_what_is_left_out_of_a_capture_is_told(capture: str) -> None:
    document = json.loads(Path(capture).read_text())
    picture = json.loads(json.dumps(document["log"]["entries"][0]))
    picture["request"] |= {"url": "https://other.example/logo.png", "headers": [], "queryString": []}
    picture["response"] |= {"status": 200, "headers": [], "content": {"size": 0, "mimeType": "image/png"}}
    document["log"]["entries"].append({name: value for name, value in picture.items() if name != "_oauthctl"})
    Path(capture).write_text(json.dumps(document))
    ran = export(capture, "--format", "har")
    count = len(document["log"]["entries"])
    assert f"note: of {count} exchanges of the capture " in ran.err
    assert len(json.loads(ran.out)["log"]["entries"]) < count


@pytest.mark.parametrize(("name", "begin"), [("a.html", "<!doctype html>"), ("a.mmd", "sequenceDiagram\n"), ("a.md", "# "), ("a.sh", "#!")])
def test_the_ending_of_the_file_says_the_format(recording: str, tmp_path: Path, name: str, begin: str) -> None:
    ran = export(recording, "-o", str(tmp_path / name))
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == f"wrote `{tmp_path / name}`, for you alone to read\n"
    assert (tmp_path / name).read_text("utf-8").startswith(begin)


def test_without_a_format_the_formats_are_named(recording: str, tmp_path: Path) -> None:
    ran = export(recording, "-o", str(tmp_path / "report.pdf"))
    assert ran.code == 2
    assert "the ending `.pdf` stands for no format" in ran.err
    assert all(f"`--format {form}`" in ran.err for form in FORMATS)
    assert not (tmp_path / "report.pdf").exists()


def test_a_format_that_does_not_exist_is_refused(recording: str) -> None:
    assert "`--format` can't be `pdf`" in export(recording, "--format", "pdf").err


def test_a_file_that_can_not_be_written_is_told(recording: str, tmp_path: Path) -> None:
    ran = export(recording, "-o", str(tmp_path / "nowhere" / "a.html"))
    assert ran.code == 2
    assert "can't be written: no such file or directory" in ran.err


def test_the_har_is_one_of_ours_that_tells_the_same(capture: str) -> None:
    document = json.loads(export(capture, "--format", "har").out)
    assert len(from_har(document).exchanges) == len(played().exchanges)
    assert any(entry["_oauthctl"]["facts"].get("pkce_matches") for entry in document["log"]["entries"] if entry["_oauthctl"].get("facts"))


def test_json_tells_each_parameter_with_meaning_and_section(recording: str) -> None:
    document = json.loads(export(recording, "--format", "json").out)
    asked = next(one for one in document["messages"] if one["purpose"] == "authorization")
    state = next(one for one in asked["request"]["parameters"] if one["name"] == "state")
    assert state["value"] == "af0ifjsldkj"
    assert (state["section"], state["section_url"]) == ("RFC 6749 section 4.1.1", "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1")
    assert state["meaning"]
    redeemed = next(one for one in document["messages"] if one["purpose"] == "token")
    outcomes = {one["name"]: one["outcome"] for one in redeemed["derivations"]}
    assert outcomes["PKCE verifier"] == "pass"
    assert "code-reused" in {rule for one in document["messages"] for rule in one["findings"]}
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", key) for one in document["messages"] for key in one)


def test_the_script_is_one_that_bash_can_read(recording: str, tmp_path: Path) -> None:
    if not BASH:
        missing("bash is not installed, which reads the script")
    export(recording, "-o", str(tmp_path / "replay.sh"))
    subprocess.run([BASH, "-n", str(tmp_path / "replay.sh")], check=True)
    listed = subprocess.run([BASH, str(tmp_path / "replay.sh")], capture_output=True, text=True, check=False)
    assert listed.returncode == 2
    assert "7: token request (authorization_code): POST /token" in listed.stdout
    assert "3: " not in listed.stdout


def test_a_secret_of_the_script_is_a_variable_that_must_be_set(recording: str, tmp_path: Path) -> None:
    script = export(recording, "--format", "curl").out
    assert ': "${CODE:?is not set: put the code there}"' in script
    assert 'code@<(printf %s "$CODE")' in script
    assert '"$CLIENT_SECRET"' in script
    assert 'code_verifier@<(printf %s "$CODE_VERIFIER")' in script
    assert "redacted-" not in script
    assert ACCESS_TOKEN[:40] not in script
    assert CLIENT_SECRET not in script


@pytest.mark.parametrize("command", ["export", "redact"])
def test_a_capture_is_never_written_over_by_what_is_made_of_it(capture: str, tmp_path: Path, command: str) -> None:
    before = Path(capture).read_bytes()
    (tmp_path / "link.har").symlink_to(capture)
    (tmp_path / "same.har").hardlink_to(capture)
    (tmp_path / "folder").symlink_to(tmp_path)
    form = ("--format", "har") if command == "export" else ()
    for name in ("capture.har", "link.har", "same.har", "folder/capture.har", "./capture.har"):
        ran = oauthctl("trace", command, capture, *form, "-o", f"{tmp_path}/{name}")
        assert (ran.code, "is the capture itself" in ran.err) == (2, True), name
        assert oauthctl("trace", command, f"{tmp_path}/{name}", *form, "-o", capture).code == 2
    assert Path(capture).read_bytes() == before


@pytest.mark.parametrize("command", ["export", "redact"])
def test_nothing_is_written_through_a_link(capture: str, tmp_path: Path, command: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    form = ("--format", "har") if command == "export" else ()
    for target in (victim, tmp_path / "not-there"):
        link = tmp_path / "report.har"
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        ran = oauthctl("trace", command, capture, *form, "-o", str(link))
        assert (ran.code, f"is a symbolic link, to `{target}`" in ran.err) == (2, True)
    assert victim.read_text() == "precious"
    assert not (tmp_path / "not-there").exists()


@pytest.mark.parametrize("command", ["export", "redact"])
def test_a_file_is_written_whole_and_private(capture: str, tmp_path: Path, command: str) -> None:
    output = tmp_path / "out.har"
    output.write_text("old")
    output.chmod(0o644)
    folder_mode = tmp_path.stat().st_mode
    ran = oauthctl("trace", command, capture, "-o", str(output))
    assert ran.code == 0
    assert "for you alone to read" in ran.err
    assert output.stat().st_mode & 0o777 == 0o600
    assert tmp_path.stat().st_mode == folder_mode
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".tmp")] == []
    missing_folder = oauthctl("trace", command, capture, "-o", str(tmp_path / "not" / "there.har"))
    assert (missing_folder.code, "there is no directory" in missing_folder.err) == (2, True)


def test_a_device_is_written_to_as_it_is(capture: str) -> None:
    assert export(capture, "--format", "html", "-o", "/dev/null").code == 0
    assert Path("/dev/null").is_char_device()


@pytest.mark.skipif(not BASH or not shutil.which("curl"), reason="needs bash and curl")
@pytest.mark.parametrize(("client", "secret"), [("odd: id", "p%c+t: x&=é"), ("web", "plain-secret-of-the-client")])
def test_a_script_proves_the_client_as_the_run_did(tmp_path: Path, client: str, secret: str) -> None:
    with Server(lambda issuer: _provider(issuer, client, secret)) as provider:
        environ = isolated(tmp_path) | {"OAUTHCTL_CLIENT_SECRET": secret, "OAUTHCTL_ISSUER": provider.issuer, "OAUTHCTL_CLIENT_ID": client}
        ran = oauthctl("token", "--grant", "client_credentials", "--trace", environ=environ)
        assert ran.code == 0, ran.err
        script = tmp_path / "replay.sh"
        assert oauthctl("trace", "export", "-o", str(script), environ=environ).code == 0
        number = re.search(r"# (\d+): token request", script.read_text("utf-8"))
        assert number is not None
        told = {"PATH": os.environ["PATH"], "NO_PROXY": "*", "CLIENT_SECRET": secret}
        sent = subprocess.run([BASH, str(script), number[1]], capture_output=True, text=True, env=told, timeout=20, check=False)
        assert "200 OK" in sent.stdout, sent.stdout + sent.stderr
        assert '"access_token"' in sent.stdout
        assert secret not in script.read_text("utf-8")


def _provider(issuer: str, client: str, secret: str) -> ProviderState:
    known = Client(client, "An application", secret, scopes=("items.read",), grant_types=("client_credentials",))
    return new_state(issuer, clients=(known,), users=practice_users(), keys=keys())
