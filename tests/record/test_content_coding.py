"""Compressed bodies, as they travelled."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.record.content_coding import SIZE_LIMIT, flaw_of, is_compressed_text, unpacked
from oauthctl.record.har import from_har
from oauthctl.record.redact import redact

TEXT = b'{"access_token": "2YotnFZFEjr1zCsicMWpAA", "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA"}'


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, lambda text: zlib.compress(text, 1), lambda text: zlib.compress(text, 9)])
def test_a_compressed_body_is_unpacked(pack: Callable[[bytes], bytes]) -> None:
    packed = pack(TEXT)
    assert unpacked(packed) == TEXT
    assert flaw_of(packed) == ""


def test_a_body_without_its_end_stays_as_it_is() -> None:
    packed = gzip.compress(TEXT)[:40]
    assert unpacked(packed) == packed
    assert flaw_of(packed) == "cut-off"


def test_no_more_than_the_limit_comes_out() -> None:
    assert len(unpacked(gzip.compress(b"x" * (SIZE_LIMIT + 1000)))) == SIZE_LIMIT


@given(st.binary(max_size=200))
def test_any_bytes_are_told_from_a_compressed_body(body: bytes) -> None:
    assert unpacked(body) == body or body[:1] in (b"\x1f", b"x")
    assert flaw_of(body) in ("", "cut-off", "damaged")


@given(st.text(max_size=100))
def test_any_text_is_told_from_a_compressed_body(text: str) -> None:
    assert not is_compressed_text(text) or text[0] in "\x1fx"


def test_what_cannot_be_unpacked_is_not_shared() -> None:
    """Nobody can look for secrets in a compressed body whose end is missing."""
    packed = gzip.compress(TEXT)[:-9]
    content = {"text": base64.b64encode(packed).decode("ascii"), "encoding": "base64"}
    response = {"status": 200, "headers": [{"name": "Content-Encoding", "value": "gzip"}], "content": content}
    request = {"method": "POST", "url": "https://idp.example.com/token", "headers": []}
    hidden = redact(from_har({"log": {"entries": [{"request": request, "response": response}]}}), salt=b"salt")
    assert hidden.exchanges[0].response is not None
    assert hidden.exchanges[0].response.body == b"\x1f\x8b"
    assert redact(hidden, salt=b"salt") == hidden
