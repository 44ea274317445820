"""Where an answer's body goes, chunk by chunk."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest

from oauthctl.cli.body_sink import BodySink
from oauthctl.cli.output import Output
from oauthctl.cli.terminal import Terminal
from oauthctl.errors import BadAnswer, StoreError
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
    sink = BodySink(run.out, "-", include=False)(HEAD)
    assert run.written == b""
    for chunk, so_far in ((b"\xff\x00", b"\xff\x00"), (b"", b"\xff\x00"), (b"\r\n", b"\xff\x00\r\n")):
        sink(chunk)
        assert run.written == so_far


def test_the_head_comes_first_where_it_is_wanted() -> None:
    run = Run()
    sink = BodySink(run.out, "-", include=True)(HEAD)
    sink(b"body")
    assert run.written == "HTTP 207\nContent-Type: text/plain\nX-Odd: ü\n\nbody".encode()


def written(sink: BodySink, *chunks: bytes) -> None:
    """A whole answer."""
    write = sink(HEAD)
    for chunk in chunks:
        write(chunk)
    sink.done()


def test_a_file_grows_beside_the_old_one_and_takes_its_place_when_it_is_complete(tmp_path: Path) -> None:
    run, path = Run(), tmp_path / "answer"
    path.write_bytes(b"what was there before")
    sink = BodySink(run.out, str(path), include=False)
    write = sink(HEAD)
    write(b"a\x00")
    write(b"b")
    assert path.read_bytes() == b"what was there before"
    assert (tmp_path / "answer.part").read_bytes() == b"a\x00b"
    sink.done()
    assert path.read_bytes() == b"a\x00b"
    assert [one.name for one in tmp_path.iterdir()] == ["answer"]
    assert run.written == b""


def test_an_empty_body_makes_an_empty_file(tmp_path: Path) -> None:
    written(BodySink(Run().out, str(tmp_path / "answer"), include=False))
    assert (tmp_path / "answer").read_bytes() == b""


@pytest.mark.parametrize("is_there", [True, False])
def test_an_error_says_where_the_part_lies(tmp_path: Path, is_there: bool) -> None:
    path = tmp_path / "answer"
    if is_there:
        path.write_bytes(b"what was there before")
    sink = BodySink(Run().out, str(path), include=False)
    sink(HEAD)(b"half")
    with pytest.raises(BadAnswer) as caught, sink.kept_on_error():
        raise BadAnswer("it broke off")
    assert (tmp_path / "answer.part").read_bytes() == b"half"
    still = f"; `{path}` is as it was before" if is_there else ""
    assert caught.value.notes == (f"what came of the body is in `{path}.part`{still}",)


def test_an_error_before_the_answer_says_nothing_of_a_part(tmp_path: Path) -> None:
    with pytest.raises(BadAnswer) as caught, BodySink(Run().out, str(tmp_path / "answer"), include=False).kept_on_error():
        raise BadAnswer("nothing came")
    assert caught.value.notes == ()


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions and links")
def test_the_new_file_has_the_mode_of_the_old_one_and_a_link_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "answer", tmp_path / "link"
    path.write_bytes(b"what was there before")
    path.chmod(0o600)
    link.symlink_to(path)
    written(BodySink(Run().out, str(link), include=False), b"new")
    assert (link.is_symlink(), path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (True, b"new", 0o600)


@pytest.mark.skipif(os.name != "posix", reason="POSIX links")
def test_a_link_that_waits_at_the_name_of_the_part_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "answer.part").symlink_to(victim)
    written(BodySink(Run().out, str(tmp_path / "answer"), include=False), b"new")
    assert (victim.read_bytes(), (tmp_path / "answer").read_bytes()) == (b"precious", b"new")


@pytest.mark.skipif(os.name != "posix", reason="there is no such device")
def test_what_is_no_plain_file_is_written_to_directly() -> None:
    written(BodySink(Run().out, os.devnull, include=False), b"new")
    assert not Path(os.devnull).is_file()


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
@pytest.mark.parametrize(("umask", "mode"), [(0o000, 0o644), (0o002, 0o644), (0o022, 0o644), (0o077, 0o600)])
def test_nobody_else_may_change_a_new_file_whatever_the_umask(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        written(BodySink(Run().out, str(tmp_path / "answer"), include=False), b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "answer").stat().st_mode) == mode


def test_a_file_is_not_touched_before_an_answer_is_there(tmp_path: Path) -> None:
    path = tmp_path / "answer"
    path.write_bytes(b"what was there before")
    BodySink(Run().out, str(path), include=True)
    assert path.read_bytes() == b"what was there before"


def test_the_head_goes_into_the_file_too(tmp_path: Path) -> None:
    path = tmp_path / "answer"
    written(BodySink(Run().out, str(path), include=True), b"body")
    assert path.read_bytes().startswith(b"HTTP 207\n")
    assert path.read_bytes().endswith(b"\n\nbody")


@pytest.mark.parametrize("name", ["", "no/such/folder"])
def test_a_file_that_cannot_be_made(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(StoreError, match="can't be written") as caught:
        BodySink(Run().out, str(path), include=False)(HEAD)
    assert f"`{path}`" in caught.value.message
    reason = caught.value.message.rpartition(": ")[2]
    assert reason == reason.lower() != ""


def test_a_file_that_is_gone_in_the_middle_is_said(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    path = tmp_path / "folder" / "answer"
    sink = BodySink(Run().out, str(path), include=False)(HEAD)
    (tmp_path / "folder" / "answer.part").unlink()
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
    BodySink(run.out, "-", include=True)(head)(b"")
    assert run.written.startswith(first)
