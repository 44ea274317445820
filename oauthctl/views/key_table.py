"""A key set as a table: what tells keys apart, without their numbers.

Here: the columns and rows. Not here: drawing them (`annotated`, `report.message_html`), what is wrong with a key (`rules`).
"""

from __future__ import annotations

from typing import Any

_COLUMNS = ("kid", "kty", "use", "alg", "crv", "key_ops", "x5t#S256")
_SIZE = "size"


def key_table(name: str, value: Any) -> tuple[tuple[str, ...], ...]:
    """The head and a row for each key; empty for what is no key set's `keys`."""
    if name != "keys" or not isinstance(value, list) or not value or not all(isinstance(key, dict) and "kty" in key for key in value):
        return ()
    present = [column for column in _COLUMNS if any(column in key for key in value)]
    sizes = [_size(key) for key in value]
    head = (*present, *((_SIZE,) if any(sizes) else ()))
    rows = (
        (*(_text(key.get(column)) for column in present), *((size,) if any(sizes) else ())) for key, size in zip(value, sizes, strict=True)
    )
    return (head, *rows)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _size(key: dict[str, Any]) -> str:
    """How long an RSA key is: base64url has six bits to a character. Source: RFC 7518 section 6.3.1.1."""
    modulus = key.get("n")
    return f"{len(modulus.rstrip('=')) * 6 // 8 * 8} bits" if isinstance(modulus, str) and key.get("kty") == "RSA" else ""
