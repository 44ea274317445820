from __future__ import annotations

import base64
import os
import queue
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from oauthctl.http import FORM, Headers, Params, Request
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.views.curl_script import curl_script
from tests.record.played import AT, jwt, played
from tests.shell.servers import OK, read_request, serving
from tests.views.report.told import PAYLOADS, as_capture, hostile, scene

BASH, CURL = shutil.which("bash") or "", shutil.which("curl") or ""
TOKEN = jwt({"sub": "alice"})


@pytest.fixture(autouse=True)
def _shell() -> None:
    if not BASH or not CURL or os.name == "nt":
        if os.environ.get("CI") == "true" and os.name != "nt":
            pytest.fail("these tests need bash and curl")
        pytest.skip("these tests need bash and curl")


def asked(method: str, url: str, headers: dict[str, str], body: bytes = b"", *, purpose: str = "token") -> Recording:
    return Recording((Exchange(1, purpose, Channel.WIRE, Request(method, url, Headers.of(headers), body), AT),), "1.0")


def sent(folder: Path, recording: Recording, **secrets: str) -> bytes:
    """What the script's first request sends to a server on this machine."""
    requests: queue.Queue[bytes] = queue.Queue()

    def keep(sock: socket.socket) -> None:
        requests.put(read_request(sock))
        sock.sendall(OK)

    with serving(keep) as server:
        told = recording.exchanges[0]
        there = Request(told.request.method, told.request.url.replace("PORT", str(server.port)), told.request.headers, told.request.body)
        moved = Recording((Exchange(1, told.purpose, told.channel, there, AT),), "1.0")
        ran = run(folder, moved, "1", **secrets)
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.endswith("ok")
        return requests.get(timeout=10)


def run(folder: Path, recording: Recording, *numbers: str, **secrets: str) -> subprocess.CompletedProcess[str]:
    script = folder / "replay.sh"
    script.write_text(curl_script(scene(recording), source="a test"), "utf-8")
    environment = {"PATH": os.environ["PATH"], "NO_PROXY": "*", "HOME": str(folder)} | secrets
    return subprocess.run(
        [BASH, str(script), *numbers], capture_output=True, text=True, env=environment, timeout=20, check=False, cwd=folder
    )


def test_a_form_arrives_as_it_was_with_the_secrets_of_the_variables(tmp_path: Path) -> None:
    fields = Params.of({"grant_type": "authorization_code", "code": "c0de-of-the-recording", "redirect_uri": "http://a/cb?x=1&y=é z+'\""})
    headers = {"Authorization": basic_credentials("app", "a-secret-of-the-recording"), "Content-Type": FORM}
    recording = asked("POST", "http://127.0.0.1:PORT/token", headers, fields.encode().encode())
    got = sent(tmp_path, recording, CODE="new+ code&'\"$(id)`id`\\", CLIENT_SECRET="s3cret:ü")
    head, _, body = got.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /token HTTP/1.1\r\n")
    assert f"Authorization: {basic_credentials('app', 's3cret:ü')}".encode() in head
    assert Params.parse(body.decode()) == fields.with_("code", "new+ code&'\"$(id)`id`\\")


@pytest.mark.parametrize("secret", ["p%c+t: x&=é", "plain", "~-._", "\\'\"$(id)`id`", "日本 \t€", "%20", "a" * 60 + "/+="])
def test_basic_credentials_are_form_encoded_as_in_the_run(tmp_path: Path, secret: str) -> None:
    headers = {"Authorization": basic_credentials("odd: id", "the secret=of the recording"), "Content-Type": FORM}
    recording = asked("POST", "http://127.0.0.1:PORT/token", headers, b"grant_type=client_credentials")
    got = sent(tmp_path, recording, CLIENT_SECRET=secret)
    assert f"Authorization: {basic_credentials('odd: id', secret)}\r\n".encode() in got


def test_a_client_that_sends_its_secret_as_it_is_goes_on_so(tmp_path: Path) -> None:
    raw = base64.b64encode(b"app:a secret=of the+recording").decode()
    recording = asked(
        "POST", "http://127.0.0.1:PORT/token", {"Authorization": f"Basic {raw}", "Content-Type": FORM}, b"grant_type=client_credentials"
    )
    got = sent(tmp_path, recording, CLIENT_SECRET="new/secret= é")
    assert b"Authorization: Basic " + base64.b64encode("app:new/secret= é".encode()) in got


def test_a_bearer_token_is_a_variable(tmp_path: Path) -> None:
    recording = asked("GET", "http://127.0.0.1:PORT/a?b=[1]{2}&c='$HOME`id`", {"Authorization": f"Bearer {TOKEN}"}, purpose="api")
    got = sent(tmp_path, recording, ACCESS_TOKEN="a.b.c")
    assert b"GET /a?b=[1]{2}&c='$HOME`id` HTTP/1.1\r\n" in got
    assert b"\r\nAuthorization: Bearer a.b.c\r\n" in got


def test_a_secret_in_the_url_is_a_variable(tmp_path: Path) -> None:
    recording = asked("GET", f"http://127.0.0.1:PORT/a?access_token={TOKEN}&x=1", {}, purpose="api")
    assert b"GET /a?access_token=a.b.c&x=1 HTTP/1.1\r\n" in sent(tmp_path, recording, ACCESS_TOKEN="a.b.c")


def test_a_body_of_json_keeps_its_form(tmp_path: Path) -> None:
    headers = {"Content-Type": "application/json"}
    recording = asked("PUT", "http://127.0.0.1:PORT/r", headers, b'{"client_secret": "a-secret-it-is", "x": "@y"}', purpose="registration")
    got = sent(tmp_path, recording, CLIENT_SECRET="other")
    assert got.startswith(b"PUT /r ")
    assert got.endswith(b'{"client_secret": "other", "x": "@y"}')


def test_a_nul_arrives_and_stands_nowhere_in_the_script(tmp_path: Path) -> None:
    form = asked("POST", "http://127.0.0.1:PORT/a?x=%00", {"Content-Type": FORM}, b"state=a%00b&x=1")
    assert b"\r\n\r\nstate=a%00b&x=1" in sent(tmp_path, form)
    spoiled = base64.b64encode(b"app\0:redacted-client_secret-1a2b3c4d").decode()
    raw = asked("POST", "http://127.0.0.1/a\0b", {"Authorization": f"Basic {spoiled}"})
    for recording in (form, raw):
        assert "\0" not in curl_script(scene(recording), source="a\0file")


def test_bytes_that_are_no_text_arrive_as_they_are(tmp_path: Path) -> None:
    got = sent(tmp_path, asked("POST", "http://127.0.0.1:PORT/", {"Content-Type": "a/b"}, b"\x00\xff\n"))
    assert got.endswith(b"\r\n\r\n\x00\xff\n")


def test_a_variable_that_is_not_set_is_named_and_nothing_is_sent(tmp_path: Path) -> None:
    ran = run(tmp_path, played(), "7")
    assert ran.returncode != 0
    assert "is not set: put the" in ran.stderr


def test_a_number_that_is_none_is_refused(tmp_path: Path) -> None:
    ran = run(tmp_path, played(), "1; touch broken")
    assert (ran.returncode, ran.stderr) == (2, "there is no exchange 1; touch broken in this script\n")


def test_of_a_capture_the_browser_s_own_visits_are_left_out() -> None:
    script = curl_script(scene(as_capture(played())), source="a test")
    assert "\n# 3: " not in script
    assert "\n# 6: " not in script
    assert "\n# 7: token request (authorization_code): POST /token\n" in script


def test_a_header_that_curl_would_read_a_file_for_is_left_out() -> None:
    script = curl_script(scene(asked("GET", "http://a/", {"@/etc/passwd": "x", "X-A": "b\r\nX-B: c"})), source="a test")
    assert "passwd" not in script
    assert "X-B" not in script


@pytest.mark.parametrize("rotation", range(len(PAYLOADS)))
def test_nothing_of_a_hostile_recording_is_more_than_words(tmp_path: Path, rotation: int) -> None:
    ran = run(tmp_path, hostile(rotation))
    assert ran.returncode == 2
    assert ran.stderr == ""
    assert ran.stdout.startswith("usage: bash ")
    assert len([line for line in ran.stdout.splitlines() if line.startswith("  ")]) == len(ran.stdout.splitlines()) - 2
    assert [path.name for path in tmp_path.iterdir()] == ["replay.sh"]
