"""Paths at which nothing is: how they are shown, and which endpoint was meant.

Here: words. Not here: the paths that lead somewhere, the answer 404 (`handle`).
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 200


def shown_path(path: str) -> str:
    """The path as pages and logs have it: what is no endpoint may hold anything, a token too."""
    from oauthctl.record.url_secrets import rewrite_path_tokens

    return rewrite_path_tokens(path[:_LONGEST], lambda kind, _: f"({kind})")


def nothing_at(path: str, known: Iterable[str]) -> str:
    """That nothing is at a path, and which of the known ones was meant: one with the same end, else the one that is written most alike."""
    paths, end = tuple(known), path.rstrip("/").rpartition("/")[2]
    alike = [one for one in paths if end and one.rpartition("/")[2] == end] or get_close_matches(path[:_LONGEST], paths, n=1)
    hint = f"perhaps {alike[0]} is meant" if alike else "the endpoints are in the metadata and on the start page"
    return f"nothing is at {shown_path(path)}; {hint}"
