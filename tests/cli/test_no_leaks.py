"""After a run of all commands that use tokens, no recording and no word on stderr holds a secret in any form."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, quote_plus

from oauthctl.provider.client import practice_clients, practice_users
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.serve import Server
from oauthctl.store import tokens as token_store
from oauthctl.store.locations import locations
from oauthctl.store.names import name_for
from oauthctl.store.tokens import TokenSet
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.scripted import SECRET
from tests.provider.world import keys

ENVIRON = {"OAUTHCTL_CLIENT_SECRET": SECRET}
LOGIN = ("--client-id", "web", "--scope", "openid email offline_access items.read")


def forms(secret: str) -> Iterator[str]:
    """The ways in which it may be written. A JWT may be shown without its signature, so that is what counts."""
    secret = secret.rpartition(".")[2] if secret.startswith("ey") and secret.count(".") == 2 else secret
    for text in {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}:
        yield text
        for neighbours in range(3):
            # Base64 looks different at each of three offsets; the signs at both ends depend on what stands beside.
            encoded = base64.b64encode(b" " * neighbours + text.encode()).decode().rstrip("=")[(0, 2, 3)[neighbours] : -1]
            yield from (encoded, encoded.replace("+", "-").replace("/", "_"))


class Story:
    """One profile through all commands, and each secret that it ever held."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.secrets = {SECRET}
        self.said = ""

    @property
    def tokens(self) -> TokenSet:
        found = token_store.read(locations(isolated(self.folder)), name_for(self.server.issuer), warn=lambda message: None)
        assert found is not None
        return found

    def note(self, ran: Ran, code: int = 0) -> Ran:
        assert ran.code == code, ran.err
        self.said += ran.err
        return ran

    def run(self, *argv: str, code: int = 0) -> Ran:
        return self.note(oauthctl(*argv, environ=isolated(self.folder) | ENVIRON), code)

    def remember(self) -> None:
        self.secrets |= {one for one in (self.tokens.access_token, self.tokens.refresh_token, self.tokens.id_token) if one}

    def expire(self) -> None:
        ended = replace(self.tokens, expires_at=datetime(2026, 1, 1, tzinfo=UTC))
        token_store.write(locations(isolated(self.folder)), name_for(self.server.issuer), ended)


def test_no_command_leaks_a_secret(tmp_path: Path) -> None:
    def make(issuer: str) -> ProviderState:
        return new_state(issuer, clients=practice_clients(secret=SECRET), users=practice_users(), keys=keys())

    with Server(make) as server:
        story = Story(server, tmp_path)
        api = f"{server.issuer}/api/items"
        ran, pages = oauthctl_with(ALICE, "login", server.issuer, *LOGIN, "--trace", folder=tmp_path, environ=ENVIRON)
        story.note(ran)
        assert pages[0].status == 200
        story.remember()
        story.run("userinfo", "--trace")
        story.run("call", api, "--trace", "--verbose")
        story.run("call", api, "--json", '{"name": "tea"}', code=4)
        story.expire()
        assert story.run("token", "--trace").out == f"{story.tokens.access_token}\n"
        story.remember()
        story.run("refresh", "--json", "--trace")
        story.remember()
        story.run("introspect", "--trace")
        story.run("introspect", "--refresh-token", "--json", "--trace")
        story.secrets.add(story.run("token", "--scope", "items.read", "--trace").out.strip())
        story.remember()
        story.run("revoke", "--access-token", "--trace")
        story.run("token")
        story.remember()
        own = story.run("token", "--grant", "client_credentials", "--scope", "items.read").out.strip()
        story.secrets.add(own)
        stolen = story.tokens
        logged_out = story.run("logout", "--trace", "--json")
        assert json.loads(logged_out.out)["steps"][0]["done"] is True
        token_store.write(locations(isolated(tmp_path)), name_for(server.issuer), stolen)
        story.run("refresh", code=4)
        story.run("call", api, code=4)
    recorded = "\n".join(path.read_text("utf-8") for path in (tmp_path / "state" / "recordings").rglob("*") if path.is_file())
    assert len(list((tmp_path / "state" / "recordings").rglob("*.har"))) >= 10
    assert api in recorded
    assert len(story.secrets) >= 8
    for secret in story.secrets:
        for form in forms(secret):
            assert len(form) >= 6
            assert form not in recorded
            assert form not in story.said
