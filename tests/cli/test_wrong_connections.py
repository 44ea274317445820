"""Servers that can't be asked, or whose answer is no use before anybody reads it: the error is called as `diagnose` calls the cause."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.person import isolated
from tests.cli.running import oauthctl
from tests.cli.test_wrong_answers import first_found
from tests.shell.servers import always, certificates, read_request, serving


def answered(head: str, body: bytes = b"{}", *, length: int | None = None) -> bytes:
    return f"HTTP/1.1 {head}\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n".encode() + body


OK = "200 OK\r\nContent-Type: application/json"


def once(answer: bytes) -> Callable[[socket.socket], None]:
    """Reads a request, says this, and hangs up."""

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(answer)
        sock.close()

    return talk


def check(url: str, folder: Path, slug: str, **environ: str) -> None:
    ran = oauthctl("discover", url, environ=isolated(folder) | environ)
    assert ran.code == 3
    assert f"error[{slug}]" in ran.err
    assert first_found(folder) == slug


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    check(f"http://127.0.0.1:{port}", tmp_path, "connection-refused")


@pytest.mark.parametrize(
    ("made", "is_trusted", "slug"),
    [
        ({}, False, "certificate-authority-unknown"),
        ({"is_expired": True}, True, "certificate-expired"),
        ({"host": "other.example"}, True, "certificate-name-differs"),
    ],
    ids=["authority", "expired", "name"],
)
def test_a_certificate_is_not_good(tmp_path: Path, made: dict[str, object], is_trusted: bool, slug: str) -> None:
    known = certificates(tmp_path, **made)  # type: ignore[arg-type]  # one table for all certificates
    with serving(always(answered(OK)), tls=known.server) as server:
        trust = {"SSL_CERT_FILE": known.ca_file} if is_trusted else {}
        check(f"https://127.0.0.1:{server.port}", tmp_path, slug, **trust)


@pytest.mark.parametrize(
    ("talk", "slug"),
    [
        (once(b""), "connection-reset"),
        (once(answered(OK, length=100)), "answer-cut-off"),
        (always(answered(f"{OK}\r\nContent-Encoding: gzip")), "content-encoding-wrong"),
        (always(answered("404 Not Found", b"")), "metadata-not-found"),
    ],
    ids=["hangs up", "half", "not gzip", "nothing there"],
)
def test_an_answer_is_none(tmp_path: Path, talk: Callable[[socket.socket], None], slug: str) -> None:
    with serving(talk) as server:
        check(server.url, tmp_path, slug)
