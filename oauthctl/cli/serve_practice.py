"""What a provider has without being told, for `--print-config`: the practice clients and users, and keys.

Here: telling of them, in a file's comments, since a file can't say them: a table with the name of one takes its place, and the secret of
the clients is made for each run. Not here: what a file says (`serve_file`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from oauthctl.cli.practice_algs import SIGNING
from oauthctl.cli.serve_introduction import described
from oauthctl.provider.client import practice_clients, practice_users

if TYPE_CHECKING:
    from oauthctl.cli.serve_tables import Tables
    from oauthctl.cli.serve_wanted import WantedProvider


def comments_of(providers: Sequence[WantedProvider]) -> str:
    """What these providers have beside their tables, as comments of TOML; with several, what each has of its own accord."""
    several = len(providers) > 1
    return "".join(
        f"# {line}\n" if line else "#\n"
        for provider in providers
        for line in _lines(provider.tables, f" at {json.dumps(provider.issuer)}" if several else "", has_persona=bool(provider.persona))
    )


def _lines(tables: Tables, where: str, *, has_persona: bool) -> Iterator[str]:
    own = {entry.values["id"] for entry in tables.all("client")}
    clients = [client for client in practice_clients(secret="unknown yet") if client.id not in own]
    named = {entry.values["username"] for entry in tables.all("user")}
    users = [user.username for user in practice_users() if user.username not in named]
    if clients:
        yield f"Beside these tables there are{where} the clients (a [[client]] with the id of one takes its place):"
        width = max(len(client.id) for client in clients)
        yield from (f"  {client.id.ljust(width)}  {described(client)}" for client in clients)
        if any(not client.is_public for client in clients):
            yield "Their secret is made for each run, and kept with --state."
        if has_persona:
            yield "The persona has those of them alone that ask for what it grants."
    if users:
        yield f"Users{where}: {' and '.join(users)}, each with the name as the password."
    if not tables.all("key"):
        yield f"Keys{where}: {' and '.join(SIGNING)}, made for each run, and kept with --state."
