"""The exchanges in a rule's page, made into evidence.

A fenced block `http` is one exchange: the request as it is sent (with the whole URL), `=> 400` and the answer, or `=> no answer: WHY`.
A time after `http` is when it began; `browser` there is for a URL of our own run, handed to the browser.
`json given` are members as in `--given`; `json token NAME` is a token by header and claims
(`signed_by` names a test key, and so does an object with `test_key` alone among the claims, `changed` are claims that are others
afterwards, `cut` leaves that many characters), which `<NAME>` stands for; `json keys` names the test keys that are published; `paste`
is what somebody pasted. An answer's body that begins with `base64:` is
made of bytes.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from oauthctl.http import Headers, Request, Response
from oauthctl.jose.jwk import Jwk, parse_key_set
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.paste import find_tokens
from oauthctl.jose.sign import encode_part, sign
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.facts import facts
from oauthctl.record.har import facts_of, from_har, to_har
from oauthctl.record.material import Material
from oauthctl.record.redact import redact
from oauthctl.record.tokens import HeldToken, Role
from oauthctl.rules.diagnosis import Diagnosis, diagnose
from oauthctl.rules.evidence import key_finder, scene_of
from tests.rules.keys import TEST_KEYS

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
SALT = b"salt of a test"
_BLOCK = re.compile(r"^```(?P<info>[^\n]+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Played:
    """The evidence of one section of a page."""

    recording: Recording
    pasted: tuple[HeldToken, ...] = ()
    given: dict[str, Any] = field(default_factory=dict)
    keys: tuple[Jwk, ...] = ()

    @property
    def now(self) -> datetime:
        return max((exchange.started_at for exchange in self.recording.exchanges), default=NOW)

    def diagnosis(self) -> Diagnosis:
        material = Material("har", self.recording, self.pasted)
        return diagnose(scene_of(material, now=self.now, salt=SALT, given=self.given, keys=self.keys))

    def diagnosis_of_redacted(self) -> Diagnosis:
        """The same after it was shared: redacted, written to a file and read back."""
        known = facts(self.recording, given=self.given, keys=key_finder(self.recording, self.keys))
        document = json.loads(json.dumps(to_har(redact(self.recording, salt=b"another salt"), facts=known)))
        material = Material("recording", from_har(document), self.pasted, facts=facts_of(document))
        return diagnose(scene_of(material, now=self.now, salt=SALT, given=self.given, keys=self.keys))


def play(section: str) -> Played:
    """The evidence that a section of a page describes."""
    blocks = [(match["info"].split(), match["body"]) for match in _BLOCK.finditer(section)]
    tokens = {info[2]: _token(json.loads(body)) for info, body in blocks if info[:2] == ["json", "token"]}

    def filled(text: str) -> str:
        for name, token in tokens.items():
            text = text.replace(f"<{name}>", token)
        return text

    bodies = [(info, filled(body)) for info, body in blocks]
    exchanges = [_exchange(body, number, info[1:]) for number, (info, body) in enumerate((b for b in bodies if b[0][0] == "http"), 1)]
    given: dict[str, Any] = {}
    for info, body in bodies:
        if info == ["json", "given"]:
            given |= json.loads(body)
    named = [name for info, body in bodies if info == ["json", "keys"] for name in json.loads(body)]
    pasted = [found for info, body in bodies if info[0] == "paste" for found in find_tokens(body)]
    return Played(
        Recording(tuple(exchanges), tool_version="0" if any("browser" in info for info, _ in bodies) else ""),
        tuple(HeldToken(_role(found.where), found.where or "token", take_apart(found.token_text)) for found in pasted),
        given,
        tuple(key for name in named for key in parse_key_set(TEST_KEYS[name].public().as_dict())),
    )


def _role(where: str) -> Role:
    return next((role for role in Role if role.value in where), Role.UNKNOWN)


def _token(document: dict[str, Any]) -> str:
    header, claims = document["header"], _with_test_keys(document["claims"])
    signer = document.get("signed_by", "")
    if signer:
        compact = sign(claims, TEST_KEYS[signer], alg=header["alg"], header=header)
        if "changed" in document:
            protected, _, signature = compact.split(".")
            compact = f"{protected}.{encode_part(claims | document['changed'])}.{signature}"
    else:
        compact = f"{encode_part(header)}.{encode_part(claims)}.{document.get('signature', 'c2lnbmF0dXJl' * 28 + 'c2lnbg')}"
    return compact[: document.get("cut", len(compact))]


def _with_test_keys(value: Any) -> Any:
    """The value, with the public key in the place of each object that names a test key alone."""
    if not isinstance(value, dict):
        return value
    if set(value) == {"test_key"}:
        return TEST_KEYS[value["test_key"]].public().as_dict()
    return {name: _with_test_keys(one) for name, one in value.items()}


def _exchange(body: str, number: int, info: list[str]) -> Exchange:
    sent, _, answered = body.partition("\n=> ")
    times = [word for word in info if word != "browser"]
    started_at = datetime.fromisoformat(times[0]) if times else NOW + timedelta(seconds=number - 10)
    head, _, content = sent.partition("\n\n")
    line, *headers = head.strip().splitlines()
    method, _, url = line.partition(" ")
    request = Request(method, url, _headers(headers), content.strip().encode())
    if "browser" in info:
        return Exchange(number, "authorization", Channel.BROWSER, request, started_at)
    status, _, rest = answered.partition("\n")
    if status.startswith("no answer"):
        return Exchange(number, "", Channel.WIRE, request, started_at, failure=status.partition(": ")[2])
    head, _, content = rest.partition("\n\n")
    response = Response(int(status), _headers(head.strip().splitlines()), _octets(content.strip()))
    exchange = Exchange(number, "", Channel.WIRE, request, started_at, 0.1, response)
    return _with_purpose(exchange)


def _with_purpose(exchange: Exchange) -> Exchange:
    document = to_har(Recording((exchange,)))
    del document["log"]["entries"][0]["_oauthctl"]["purpose"]
    return from_har(document).exchanges[0]


def _octets(content: str) -> bytes:
    return b64decode(content.removeprefix("base64:")) if content.startswith("base64:") else content.encode()


def _headers(lines: list[str]) -> Headers:
    pairs = (line.partition(":") for line in lines if line)
    return Headers(tuple((name, value.strip()) for name, _, value in pairs))
