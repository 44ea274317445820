"""Secrets in places where names stand: sent as a `client_id`, as a part of the path.

Here: telling them from names, so that no page shows them. Not here: secrets in their own places (`record.redact`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from oauthctl.http import Request
from oauthctl.provider.answers import claimed_client
from oauthctl.provider.client import Client

_SHORTEST = 16
"""Names with digits in them are shorter, the secrets that programs make are not."""
# Many servers name clients and records so.
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def looks_misplaced(word: str) -> bool:
    """Whether no name looks like this word, and a token or a client's secret may."""
    from oauthctl.record.secret_assignments import looks_like_a_secret

    return len(word) >= _SHORTEST and not _UUID.fullmatch(word) and looks_like_a_secret(word)


def misplaced_secrets(clients: Mapping[str, Client], request: Request) -> tuple[str, ...]:
    """The secrets that stand where this request should have names: those of clients, and what only looks like one."""
    parts = request.path.split("/")
    words = dict.fromkeys((claimed_client(request), *map(unquote, parts)))
    found = [word for word in words if word and word not in clients and _is_secret(clients, word)]
    # Letters that nobody has to encode are encoded by whoever hides something.
    return (*found, *(part for part in parts if part not in found and unquote(part) in found))


def _is_secret(clients: Mapping[str, Client], word: str) -> bool:
    return looks_misplaced(word) or any(client.has_secret(word) for client in clients.values())
