"""Killing `serve --state` at random moments under load: whether anything that was acknowledged is lost, or a code accepted twice.

    .venv/bin/python -m tests.benchmarks.kills [KILLS] [SEED]

Here: what clients had in hand when the provider died, and what it must know of that afterwards. Not here: the requests
(`conversations`). POSIX only. Every tenth kill strikes while the provider starts. Ends with 1 where something was lost.
"""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.conversations import REDIRECT_URI, Browser, asked, authorization, authorization_path, json_request, redemption
from tests.benchmarks.load import Answer, Conversation, converse
from tests.benchmarks.servers import OURS, Running, command_of, running
from tests.interop.processes import free_ports

_CONNECTIONS = 8
_MOST_CONVERSATIONS = 40
"""How many are begun at most until the kill."""
_START_SECONDS, _ANSWER_SECONDS = 0.6, 0.02
"""How long a start, and how long some answers take: somewhere within that a kill strikes."""
_FOR_EVER = 10**9


@dataclass
class SignIn:
    """A code and what became of it. Of what was `tried` the answer may be missing; what was `told` was acknowledged."""

    code: str
    tokens: dict[str, Any] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)


@dataclass
class Held:
    """What all clients and browsers have in hand, and what was found to be lost."""

    sign_ins: list[SignIn] = field(default_factory=list)
    browsers: list[Browser] = field(default_factory=list)
    registered: list[dict[str, Any]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    checked: int = 0

    def check(self, is_so: bool, what: str) -> None:
        self.checked += 1
        if not is_so:
            self.lost.append(what)

    def told(self, kills: int) -> str:
        return f"{kills:4} kills: {self.checked} checks, {len(self.registered)} clients registered, {len(self.lost)} lost"


def main(kills: int, seed: int) -> int:
    chance, held = random.Random(seed), Held()
    with tempfile.TemporaryDirectory() as folder:
        options, port = ("--state", str(Path(folder) / "provider.db")), free_ports(1)
        for number in range(1, kills + 1):
            if number % 10 == 0:
                _kill_at_start(options, port, seconds=chance.uniform(0, _START_SECONDS))
            else:
                with running(OURS, "RS256", *options, port=port) as server:
                    _audit(server, held)
                    _load_until_killed(server, held, chance)
            if number % 20 == 0:
                print(held.told(number), flush=True)
        with running(OURS, "RS256", *options, port=port) as server:
            _audit(server, held)
            _all(server, (_registration_is_known(held, one) for one in held.registered))
    print(held.told(kills))
    for line in sorted(set(held.lost)):
        print(line)
    return 1 if held.lost else 0


def _kill_at_start(options: tuple[str, ...], port: int, *, seconds: float) -> None:
    process = subprocess.Popen([*command_of(OURS, "RS256", port), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)  # how far the start got is what is left to chance
    process.kill()
    process.wait()


def _load_until_killed(server: Running, held: Held, chance: random.Random) -> None:
    timer = threading.Timer(chance.uniform(0, _ANSWER_SECONDS), server.process.kill)
    # With one more than there are connections a first conversation is over.
    strikes_at, begun = chance.randint(_CONNECTIONS + 1, _MOST_CONVERSATIONS), count(1)

    def make() -> Conversation:
        if next(begun) == strikes_at:
            timer.start()
        return _customer(server, held, chance)

    # How far a kill leaves a connection shows in another way each time.
    with contextlib.suppress(ConnectionError):
        converse(server.port, make, count=_FOR_EVER, connections=_CONNECTIONS)
    timer.join()
    server.process.wait()


def _customer(server: Running, held: Held, chance: random.Random) -> Conversation:
    """Signs in, by a known browser or a new one, and goes as far as chance takes it."""
    is_known = bool(held.browsers) and chance.random() < 0.8
    browser = chance.choice(held.browsers) if is_known else Browser(server)
    one = SignIn((yield from authorization(server, browser)))
    held.sign_ins.append(one)
    if not is_known:
        held.browsers.append(browser)
    if chance.random() < 0.2:
        return
    one.tokens = json.loads((yield from _tried(one, "redeem", redemption(server, one.code))).body)
    match chance.randrange(4):
        case 0:
            yield from _tried(one, "revoke", asked(server, "/revoke", {"token": one.tokens["access_token"]}))
        case 1:
            answer = yield from _tried(one, "refresh", _refreshing(server, one))
            one.tokens = json.loads(answer.body)
        case 2:
            answer = yield json_request(server, "/register", {"redirect_uris": [REDIRECT_URI]})
            held.registered.append(json.loads(answer.body))


def _tried(one: SignIn, what: str, request: bytes) -> Generator[bytes, Answer, Answer]:
    one.tried.add(what)
    answer = yield request
    assert answer.status == 200, answer
    one.told.add(what)
    return answer


def _refreshing(server: Running, one: SignIn) -> bytes:
    return asked(server, "/token", {"grant_type": "refresh_token", "refresh_token": one.tokens["refresh_token"]})


def _audit(server: Running, held: Held) -> None:
    """Ask for everything that came of the last load; it is asked once, since asking uses it up."""
    _all(server, (_sign_in_is_known(server, held, one) for one in held.sign_ins))
    _all(server, (_session_is_known(server, held, one) for one in held.browsers[-20:]))
    _all(server, (_registration_is_known(held, one) for one in held.registered[-20:]))
    held.sign_ins.clear()
    del held.browsers[:-20]


def _all(server: Running, conversations: Iterator[Conversation]) -> None:
    every = list(conversations)
    if every:
        converse(server.port, iter(every).__next__, count=len(every))


def _sign_in_is_known(server: Running, held: Held, one: SignIn) -> Conversation:
    if "redeem" not in one.told:
        answer = yield redemption(server, one.code)
        fits = answer.status == 200 or "redeem" in one.tried
        held.check(fits, f"a code that nobody had redeemed was refused: {answer.body!r}")
    else:
        answer = yield asked(server, "/introspect", {"token": one.tokens["access_token"]})
        is_active = json.loads(answer.body)["active"]
        held.check(is_active or "revoke" in one.tried, "an access token was forgotten")
        held.check(not is_active or "revoke" not in one.told, "a revoked access token was good again")
        answer = yield _refreshing(server, one)
        # Where the answer to a refresh never came, the token may be used up.
        held.check(answer.status == 200 or one.tried - one.told == {"refresh"}, f"a refresh token was refused: {answer.body!r}")
    answer = yield redemption(server, one.code)
    held.check(answer.status == 400, "a code was accepted twice")


def _session_is_known(server: Running, held: Held, browser: Browser) -> Conversation:
    answer = yield browser.get(authorization_path(server))
    held.check(answer.header(b"location").startswith(REDIRECT_URI.encode()), f"a browser had to sign in again: {answer.status}")


def _registration_is_known(held: Held, registered: dict[str, Any]) -> Conversation:
    parts = urlsplit(registered["registration_client_uri"])
    answer = yield (
        f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Authorization: Bearer {registered['registration_access_token']}\r\n\r\n"
    ).encode()
    held.check(answer.status == 200, f"a registered client was forgotten: {answer.status}")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns()))
