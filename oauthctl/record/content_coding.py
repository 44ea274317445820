"""Compressed bodies, as they travelled: unpacking one, and what is wrong with one that can't be unpacked.

Here: gzip and deflate. Not here: where such bodies are found (`har`, `har_quirks`), judging them (`rules.content_coding`).
Source: RFC 9110 section 8.4.1.
"""

from __future__ import annotations

import zlib

SIZE_LIMIT = 2 * 1024 * 1024
"""Bytes that come out of a compressed body at most."""

_GZIP, _GZIP_OR_ZLIB = b"\x1f\x8b", 47
_HEAD = 64
_ZLIB = (b"\x78\x01", b"\x78\x9c", b"\x78\xda")


def is_compressed(body: bytes) -> bool:
    """Whether a body begins as gzip and zlib streams do; no text of the protocol does."""
    return body.startswith(_GZIP) or (body.startswith(_ZLIB) and _flaw_or_text(body)[0] != "damaged")


def is_compressed_text(text: str) -> bool:
    """The same of a body that was decoded with `surrogateescape`."""
    if text[:1] not in ("\x1f", "x"):
        return False
    try:
        return is_compressed(text[:_HEAD].encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return False


def unpacked(body: bytes) -> bytes:
    """The content of a compressed body; the body itself when it is none, or is broken. Never more than the limit comes out."""
    if not is_compressed(body):
        return body
    flaw, text = _flaw_or_text(body)
    return body if flaw else text


def flaw_of(body: bytes) -> str:
    """What keeps a compressed body from being unpacked: `cut-off` when its end is missing, `damaged`; empty when nothing does."""
    return _flaw_or_text(body)[0] if is_compressed(body) else ""


def _flaw_or_text(body: bytes) -> tuple[str, bytes]:
    reader = zlib.decompressobj(wbits=_GZIP_OR_ZLIB)
    try:
        text = reader.decompress(body, SIZE_LIMIT)
    except zlib.error:
        return "damaged", b""
    return ("" if reader.eof or len(text) >= SIZE_LIMIT else "cut-off"), text
