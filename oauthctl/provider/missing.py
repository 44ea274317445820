"""Paths at which nothing is: how they are shown, and which endpoint was meant.

Here: words. Not here: the paths that lead somewhere, the answer 404 (`handle`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from urllib.parse import unquote

from oauthctl.provider.misplaced import looks_misplaced

_LONGEST = 200


def shown_path(path: str, is_secret: Callable[[str], bool] = looks_misplaced) -> str:
    """The path as pages and logs have it: what is no endpoint may hold anything, a token too. `is_secret` tells it of a part."""
    from oauthctl.record.url_secrets import rewrite_path_tokens

    parts = ("(token)" if is_secret(unquote(part)) else part for part in path.split("/"))
    return rewrite_path_tokens("/".join(parts)[:_LONGEST], lambda kind, _: f"({kind})")


def nothing_at(path: str, known: Iterable[str]) -> str:
    """That nothing is at a path, and which of the known ones was meant: one with the same end, else the one that is written most alike."""
    paths, end = tuple(known), path.rstrip("/").rpartition("/")[2]
    alike = [one for one in paths if end and one.rpartition("/")[2] == end] or get_close_matches(path[:_LONGEST], paths, n=1)
    hint = f"perhaps {alike[0]} is meant" if alike else "the endpoints are in the metadata and on the start page"
    return f"nothing is at {shown_path(path)}; {hint}"
