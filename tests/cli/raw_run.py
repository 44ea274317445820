"""A run against the practice provider, seen whole: browser, client, machine-to-machine, every secret still in it.

Here: the capture and the list of its secrets. Not here: taking them out.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from oauthctl.flows.authorization_code import SignIn, sign_in
from oauthctl.flows.client_credentials import client_credentials
from oauthctl.flows.discovery import discover
from oauthctl.flows.introspection import introspect
from oauthctl.flows.refresh import refresh
from oauthctl.flows.token_endpoint import Granted
from oauthctl.flows.userinfo import userinfo
from oauthctl.http import Request, Response
from oauthctl.messages.client_auth import Client
from oauthctl.provider.client import User, practice_clients
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.har import to_har
from oauthctl.record.purposes import purpose_of, query_of
from oauthctl.shell.callback import CallbackListener
from oauthctl.shell.callback_page import Page
from oauthctl.shell.driver import finish, run
from oauthctl.shell.redirect_uri import DEFAULT_REDIRECT_URI
from oauthctl.shell.scripted_user import ScriptedUser
from oauthctl.shell.serve import Server
from oauthctl.shell.transport import Transport
from oauthctl.shell.world import StreamTo, live_world
from tests.provider.world import keys

SECRET = "s3cret/+ %:&-of-the-client"
PASSWORD = "correct horse & battery/st+ple"
PERSON: dict[str, str | bool] = {
    "name": "Ada Lovelace-Byron",
    "email": "ada.lovelace@people.example",
    "email_verified": True,
    "nickname": "enchantress",
}


class Tap:
    """A transport that writes down what really goes over the wire."""

    def __init__(self, seen: list[Exchange], lock: threading.Lock) -> None:
        self._inner = Transport()
        self._seen = seen
        self._lock = lock

    def completed(self, request: Request) -> Request:
        return self._inner.completed(request)

    def send(self, request: Request, *, timeout_seconds: float, stream_to: StreamTo | None = None) -> tuple[Response, float]:
        with self._lock:
            at = len(self._seen)
            self._seen.append(Exchange(at + 1, "", Channel.WIRE, self._inner.completed(request), datetime.now(UTC)))
        response, seconds = self._inner.send(request, timeout_seconds=timeout_seconds, stream_to=stream_to)
        sent = self._seen[at]
        self._seen[at] = Exchange(
            at + 1, purpose_of(sent.request, response), sent.channel, sent.request, sent.started_at, seconds, response
        )
        return response, seconds

    def prepare(self, url: str) -> None:
        self._inner.prepare(url)

    def close(self) -> None:
        self._inner.close()


@dataclass(frozen=True)
class RawRun:
    """A browser's HAR, and what of it nobody else may read."""

    document: dict[str, Any]
    secrets: frozenset[str]


def raw_run() -> RawRun:
    """Login, userinfo, refresh, client credentials and introspection with a confidential client."""

    def make(issuer: str) -> ProviderState:
        clients = practice_clients(secret=SECRET)
        return new_state(issuer, clients=clients, users=(User("ada-byron", PASSWORD, PERSON),), keys=keys())

    seen: list[Exchange] = []
    lock = threading.Lock()
    with Server(make) as server:
        user = ScriptedUser("ada-byron", PASSWORD, sender=Tap(seen, lock))
        world = live_world({}, timeout_seconds=10.0)
        world.transport.close()
        world.transport = Tap(seen, lock)
        world.visit = user.visit
        listener = CallbackListener(DEFAULT_REDIRECT_URI)
        world.listener = listener
        listener.open()
        try:
            metadata = run(discover(server.issuer), world).metadata
            plan = SignIn(
                metadata=metadata,
                client=Client("web", SECRET, "client_secret_basic"),
                redirect_uri=listener.redirect_uri,
                state=world.token(24),
                nonce=world.token(24),
                code_verifier=world.token(48),
                scope=("openid", "profile", "email", "offline_access", "items.read"),
            )
            granted = run(sign_in(plan), world).granted
            finish(world, Page("Done", (), (), "good"))
            user.leave()
            run(userinfo(metadata.userinfo_endpoint or "", granted.response.access_token or ""), world)
            again = run(refresh(metadata.token_endpoint or "", granted.response.refresh_token or "", plan.client), world)
            posted = Client("web", SECRET, "client_secret_post")
            own = run(client_credentials(metadata.token_endpoint or "", posted, scope=("items.read",)), world)
            run(introspect(metadata.introspection_endpoint or "", again.response.access_token or "", plan.client), world)
        finally:
            world.close()
    document = to_har(Recording(tuple(seen)))
    document["log"]["creator"] = {"name": "Firefox", "version": "145.0"}
    for entry in document["log"]["entries"]:
        del entry["_oauthctl"]
    return RawRun(
        document, frozenset({SECRET, PASSWORD, plan.code_verifier} | _tokens(granted, again, own) | _codes(seen) | _cookies(seen))
    )


def _tokens(*answers: Granted) -> set[str]:
    named = [value for one in answers for value in (one.response.access_token, one.response.refresh_token, one.response.id_token)]
    return {value for value in named if value}


def _codes(seen: list[Exchange]) -> set[str]:
    return {code for one in seen for code in query_of(one.request.url).all("code")}


def _cookies(seen: list[Exchange]) -> set[str]:
    sent = [value for one in seen for value in one.request.headers.all("cookie")]
    set_ = [value.partition(";")[0] for one in seen if one.response for value in one.response.headers.all("set-cookie")]
    pairs = [pair.strip().partition("=")[2] for text in (*sent, *set_) for pair in text.split(";")]
    return {value for value in pairs if len(value) >= 16}
