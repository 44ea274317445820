"""Every console session beside this file still reads as it is written."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket

import pytest

from oauthctl.store.locations import locations
from oauthctl.store.profiles import Profile, save
from oauthctl.store.tokens import TokenSet, write
from tests.shell.servers import read_request, serving
from tests.stories.sessions import commands, play

HERE = Path(__file__).parent
RECORDING = re.compile(r"\b\d{8}-\d{6}-[0-9a-f]{4}\b")

# Source: RFC 7515 appendix A.1.
rfc7515_appendix_a_1_key = {
    "kty": "oct",
    "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
}
rfc7515_appendix_a_1 = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
# Source: RFC 7519 section 6.1.
rfc7519_section_6_1 = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token.txt").write_text(rfc7515_appendix_a_1 + "\n")
    (tmp_path / "key.json").write_text(json.dumps(rfc7515_appendix_a_1_key))
    (tmp_path / "unsigned.txt").write_text(rfc7519_section_6_1 + "\n")
    (tmp_path / "changed.txt").write_text(rfc7515_appendix_a_1.replace("Ijp0cnVlfQ", "IjpmYWxzZX0"))
    (tmp_path / "tokens.txt").write_text(f"{rfc7515_appendix_a_1}\ngarbage in the log\n{rfc7519_section_6_1}\n")
    _profiles(tmp_path)
    return tmp_path


def _profiles(folder: Path) -> None:
    where = locations(_environ(folder))
    work = Profile("work", issuer="https://op.example", client_id="my-app", scope=("openid", "email"))
    save(where, work)
    save(where, Profile("home", issuer="https://home.example", client_id="cli"))
    at = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
    tokens = TokenSet(
        "https://op.example", "my-app", "an-access-token", at, refresh_token="a-refresh-token", scope=work.scope, subject="alice"
    )
    write(where, "work", replace(tokens, expires_at=at + timedelta(hours=1)))


def _provider(sock: socket) -> None:
    """A server that publishes its metadata where OpenID Connect Discovery says, and leaves some of it out."""
    while request := read_request(sock):
        host = f"http://127.0.0.1:{sock.getsockname()[1]}"
        metadata = {
            "issuer": host,
            "authorization_endpoint": f"{host}/authorize",
            "token_endpoint": f"{host}/token",
            "jwks_uri": f"{host}/jwks",
            "response_types_supported": ["code", "code id_token"],
            "subject_types_supported": ["public"],
            "code_challenge_methods_supported": ["plain"],
            "scopes_supported": ["openid", "email"],
            "revocation_endpoint": "http://op.example/revoke",
        }
        is_there = request.startswith(b"GET /.well-known/openid-configuration ")
        body = json.dumps(metadata if is_there else {}).encode()
        status = "200 OK" if is_there else "404 Not Found"
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        sock.sendall(head.encode() + body)


def _environ(folder: Path) -> dict[str, str]:
    return {"OAUTHCTL_CONFIG_DIR": str(folder / "config"), "OAUTHCTL_STATE_DIR": str(folder / "state")}


@pytest.mark.parametrize("session", sorted(path.name for path in HERE.glob("*.console")))
def test_the_session_reads_as_it_is_written(session: str, folder: Path) -> None:
    text = (HERE / session).read_text(encoding="utf-8")
    assert commands(text)
    with serving(_provider) as server:
        for command in commands(text):
            typed = replace(command, line=command.line.replace("PORT", str(server.port)))
            shown = play(typed, folder, environ=_environ(folder)).replace(f"127.0.0.1:{server.port}", "127.0.0.1:PORT")
            assert RECORDING.sub("RECORDING", shown) == command.expected, command.line
