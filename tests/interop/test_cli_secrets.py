"""The search for secrets in recordings finds them in each form: what the other tests here rely on when it finds nothing."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.interop.console import Console
from tests.interop.targets import Client, Server

SECRET = "%+: s3cret/of a client"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET, safe=""),
        "%25%2B%3A+s3cret%2Fof+a+client",
        "Basic " + base64.b64encode(f"me:{SECRET}".encode()).decode(),
        "Basic " + base64.b64encode(f"you:{quote(SECRET, safe='')}:".encode()).decode(),
        base64.urlsafe_b64encode(f"body={SECRET}&".encode()).decode(),
    ],
)
def test_a_secret_in_a_recording_is_found(written: str, console: Console) -> None:
    record(console, written)
    assert console.leaks() != []


def test_a_verifier_beside_its_challenge_is_found(console: Console) -> None:
    record(console, f"{CHALLENGE} {VERIFIER}")
    assert console.leaks() == ["a.har: a code_verifier"]


def test_a_jwt_without_its_signature_is_no_secret(console: Console) -> None:
    console.remember({"id_token": "eyJhIjoxfQ.eyJiIjoyfQ.c2lnbmF0dXJl"})
    record(console, "eyJhIjoxfQ.eyJiIjoyfQ.[signature]")
    assert console.leaks() == []
    record(console, "eyJhIjoxfQ.eyJiIjoyfQ.c2lnbmF0dXJl")
    assert console.leaks() != []


def test_a_recording_without_secrets_is_clean(console: Console) -> None:
    record(console, f"{CHALLENGE} me")
    assert console.leaks() == []


@pytest.fixture
def console(tmp_path: Path) -> Console:
    server = Server("none", "http://127.0.0.1:9", "", "", "", "", None, {}, (), None, tmp_path, {})
    found = Console(server, Client("me"), tmp_path)
    found.remember({"access_token": SECRET})
    return found


def record(console: Console, text: str) -> None:
    folder = console.folder / "state" / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.har").write_text(json.dumps({"text": text}), "utf-8")
