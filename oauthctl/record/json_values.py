"""Values of other programs' JSON documents, taken for what they should be.

Here: what stands in the place of a value of another type. Not here: which documents these are (`har`, `collection` …).
"""

from __future__ import annotations

from typing import Any


def object_of(value: object) -> dict[str, Any]:
    """The object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects_of(value: object) -> list[dict[str, Any]]:
    """The objects of a list; none for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text_of(value: object) -> str:
    """The string; an empty one for anything else."""
    return value if isinstance(value, str) else ""
