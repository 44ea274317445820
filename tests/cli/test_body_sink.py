"""Where an answer's body goes, chunk by chunk."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest

from oauthctl.cli.body_sink import sink_for
from oauthctl.cli.output import Output
from oauthctl.cli.terminal import Terminal
from oauthctl.errors import StoreError
from oauthctl.http import Headers, Response

HEAD = Response(207, Headers.of({"Content-Type": "text/plain", "X-Odd": "ü"}))


class Run:
    """An `Output` whose stdout takes bytes."""

    def __init__(self) -> None:
        self._octets = io.BytesIO()
        self._stream = io.TextIOWrapper(self._octets, encoding="utf-8")
        self.out = Output(Terminal(io.StringIO(), self._stream, io.StringIO(), {}))

    @property
    def written(self) -> bytes:
        return self._octets.getvalue()


def test_chunks_go_to_stdout_as_they_are() -> None:
    run = Run()
    sink = sink_for(run.out, "-", include=False)(HEAD)
    assert run.written == b""
    for chunk, so_far in ((b"\xff\x00", b"\xff\x00"), (b"", b"\xff\x00"), (b"\r\n", b"\xff\x00\r\n")):
        sink(chunk)
        assert run.written == so_far


def test_the_head_comes_first_where_it_is_wanted() -> None:
    run = Run()
    sink = sink_for(run.out, "-", include=True)(HEAD)
    sink(b"body")
    assert run.written == "HTTP 207\nContent-Type: text/plain\nX-Odd: ü\n\nbody".encode()


def test_a_file_is_made_anew_and_grows(tmp_path: Path) -> None:
    run, path = Run(), tmp_path / "answer"
    path.write_bytes(b"what was there before")
    sink = sink_for(run.out, str(path), include=False)(HEAD)
    assert path.read_bytes() == b""
    sink(b"a\x00")
    sink(b"b")
    assert path.read_bytes() == b"a\x00b"
    assert run.written == b""


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
@pytest.mark.parametrize(("umask", "mode"), [(0o000, 0o644), (0o002, 0o644), (0o022, 0o644), (0o077, 0o600)])
def test_nobody_else_may_change_a_new_file_whatever_the_umask(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        sink_for(Run().out, str(tmp_path / "answer"), include=False)(HEAD)(b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "answer").stat().st_mode) == mode


def test_a_file_is_not_touched_before_an_answer_is_there(tmp_path: Path) -> None:
    path = tmp_path / "answer"
    path.write_bytes(b"what was there before")
    sink_for(Run().out, str(path), include=True)
    assert path.read_bytes() == b"what was there before"


def test_the_head_goes_into_the_file_too(tmp_path: Path) -> None:
    path = tmp_path / "answer"
    sink_for(Run().out, str(path), include=True)(HEAD)(b"body")
    assert path.read_bytes().startswith(b"HTTP 207\n")
    assert path.read_bytes().endswith(b"\n\nbody")


@pytest.mark.parametrize("name", ["", "no/such/folder"])
def test_a_file_that_cannot_be_made(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(StoreError, match="can't be written") as caught:
        sink_for(Run().out, str(path), include=False)(HEAD)
    assert f"`{path}`" in caught.value.message
    reason = caught.value.message.rpartition(": ")[2]
    assert reason == reason.lower() != ""


def test_a_file_that_is_gone_in_the_middle_is_said(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    path = tmp_path / "folder" / "answer"
    sink = sink_for(Run().out, str(path), include=False)(HEAD)
    path.unlink()
    path.parent.rmdir()
    with pytest.raises(StoreError, match="can't be written"):
        sink(b"more")


@pytest.mark.parametrize(
    ("head", "first"),
    [
        (Response(200, http_version="HTTP/1.1", reason="OK"), b"HTTP/1.1 200 OK\n"),
        (Response(207, http_version="HTTP/1.0", reason="As It Is"), b"HTTP/1.0 207 As It Is\n"),
        (Response(204, http_version="HTTP/1.1"), b"HTTP/1.1 204\n"),
    ],
)
def test_the_status_line_is_printed_as_it_came(head: Response, first: bytes) -> None:
    run = Run()
    sink_for(run.out, "-", include=True)(head)(b"")
    assert run.written.startswith(first)
