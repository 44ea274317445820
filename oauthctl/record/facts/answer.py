"""What of an answer is gone once it is unpacked or redacted: how its body was packed, how long it and its cookies were.

Here: forms and lengths. Not here: tokens (`facts.token`).
"""

from __future__ import annotations

import re

from oauthctl.http import Response, decimal
from oauthctl.record.content_coding import flaw_of, is_compressed
from oauthctl.record.exchange import Recording

COOKIE_LIMIT = 4096
"""Octets of a cookie's name and value that browsers keep at most. Source: RFC 6265 section 6.1."""

_NO_STRING = re.compile(rb'"(access_token|auth_req_id|device_code|request_uri|user_code)"\s{0,9}:\s{0,9}(true|false|[-0-9\[{])')
_KINDS = {b"t": "boolean", b"f": "boolean", b"[": "array", b"{": "object"}
_LOOKED_AT = 64 * 1024


def answer_facts(recording: Recording) -> dict[int, dict[str, object]]:
    """By the exchange's id: `coding_flaw` (`cut-off`, `damaged`, `unlabelled`) of a compressed body, `octets_missing` of one that is
    shorter than its `Content-Length`, `large_cookies` (by name, their octets) that no browser keeps, `no_strings` (by name, `number`,
    `boolean`, `array`, `object`): secrets of a JSON body that are none, which a redacted one writes as if they were.
    """
    found: dict[int, dict[str, object]] = {}
    for exchange in recording.exchanges:
        response = exchange.response
        told = {**_body_facts(response), **_member_facts(response), **_cookie_facts(response)} if response is not None else {}
        if told:
            found[exchange.id] = told
    return found


def _body_facts(response: Response) -> dict[str, object]:
    told: dict[str, object] = {}
    coding = (response.headers.get("content-encoding") or "identity").strip().lower()
    if is_compressed(response.body):
        told["coding_flaw"] = flaw_of(response.body) or ("unlabelled" if coding == "identity" else "")
    announced = decimal((response.headers.get("content-length") or "").strip(), digits=11) or 0
    is_as_sent = coding == "identity" or "coding_flaw" in told
    if response.body and is_as_sent and announced > len(response.body):
        told["octets_missing"] = announced - len(response.body)
    return {name: value for name, value in told.items() if value}


def _member_facts(response: Response) -> dict[str, object]:
    if response.body[:1] != b"{":
        return {}
    found = {match[1].decode(): _KINDS.get(match[2][:1], "number") for match in _NO_STRING.finditer(response.body, 0, _LOOKED_AT)}
    return {"no_strings": found} if found else {}


def _cookie_facts(response: Response) -> dict[str, object]:
    large: dict[str, int] = {}
    for line in (line for value in response.headers.all("set-cookie") for line in value.split("\n")):
        pair = line.partition(";")[0].strip()
        octets = len(pair.encode("utf-8", "surrogatepass"))
        if octets > COOKIE_LIMIT:
            large[pair.partition("=")[0].strip()[:80]] = octets
    return {"large_cookies": large} if large else {}
