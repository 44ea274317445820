"""Edits of a failure: what repairs its single defect, and the answer that would follow then.

Here: functions that make an edit of an entry of `failures.jsonl`. Not here: which entry is repaired how (`tests.rules.test_mutations`).
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from oauthctl.jose.sign import sign
from tests.rules.keys import TEST_KEYS

Entry = dict[str, Any]
Edit = Callable[[Entry], None]
JSON = {"Content-Type": "application/json", "Cache-Control": "no-store"}
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
TOKENS = {"access_token": "at-7Qx3kV9mTz2Lr8Wn5Yb1", "token_type": "Bearer", "expires_in": 3600}


@dataclass(frozen=True)
class Repair:
    """The edits of one entry that repair it; `then` is how its last request would be answered after that.

    `keeps_text` says that the repaired request with the old refusal is a control, too: the words of the server alone must not carry.
    """

    entry: str
    edits: tuple[Edit, ...]
    then: Edit | None = None
    keeps_text: bool = True


def repaired(entry: Entry, *edits: Edit) -> Entry:
    """A copy of the entry with all edits made."""
    changed = copy.deepcopy(entry)
    for edit in edits:
        edit(changed)
    return changed


def request(old: str, new: str, *, at: int = -1) -> Edit:
    """Text in the URL and body of a request (`at` counts the exchanges, the failing one last) is another one."""

    def edit(entry: Entry) -> None:
        sent = _exchange(entry, at)["request"]
        before = (sent["url"], sent.get("body"))
        sent["url"] = sent["url"].replace(old, new)
        if sent.get("body"):
            sent["body"] = sent["body"].replace(old, new)
        assert (sent["url"], sent.get("body")) != before, f"`{old}` isn't in this request"

    return edit


def everywhere(old: str, new: str) -> Edit:
    """Text in all requests and redirects is another one."""

    def edit(entry: Entry) -> None:
        for name in ("prior", "http"):
            if name in entry:
                text = json.dumps(entry[name])
                entry[name] = json.loads(text.replace(old, new))

    return edit


def header(name: str, value: str = "", *, at: int = -1) -> Edit:
    """A request header has another value, or is gone."""

    def edit(entry: Entry) -> None:
        headers = _exchange(entry, at)["request"]["headers"]
        headers.pop(name, None)
        if value:
            headers[name] = value

    return edit


def body(text: str, *, kind: str = "application/x-www-form-urlencoded") -> Edit:
    """The last request has this body."""

    def edit(entry: Entry) -> None:
        sent = entry["http"]["request"]
        sent["headers"]["Content-Type"] = kind
        sent["body"] = text

    return edit


def form(**changes: str) -> Edit:
    """Parameters are added to the last request's form."""
    more = "&".join(f"{name}={quote(value, safe='')}" for name, value in changes.items())
    return lambda entry: entry["http"]["request"].update(body=f"{entry['http']['request']['body']}&{more}")


def basic(client_id: str, secret: str) -> Edit:
    """The last request has these credentials in its header, as they are."""
    return header("Authorization", "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode())


def answer(content: Any, status: int = 200, *, at: int = -1, **headers: str) -> Edit:
    """An exchange is answered so."""

    def edit(entry: Entry) -> None:
        shown = {**(JSON if isinstance(content, dict) else {}), **{name.replace("_", "-"): value for name, value in headers.items()}}
        _exchange(entry, at)["response"] = {"status": status, "headers": shown, "body": content}
        if at == -1:
            entry.pop("local_error", None)

    return edit


def redirect(location: str, *, at: int = -1) -> Edit:
    """An exchange is answered by a redirect."""
    return answer("", 302, at=at, Location=location)


def tokens(**more: Any) -> Edit:
    """The token endpoint says yes."""
    return answer({**TOKENS, **more})


def given(**members: Any) -> Edit:
    """The client or the provider's console holds something else; None takes a member away."""

    def edit(entry: Entry) -> None:
        config = {**entry.get("config", {}), **members}
        entry["config"] = {name: value for name, value in config.items() if value is not None}

    return edit


def claims(**changes: Any) -> Edit:
    """Claims of the token are others, and a test key signs; None takes a claim away."""

    def edit(entry: Entry) -> None:
        held = {**(entry["token"].get("claims") or {}), **changes}
        _sign(entry, {name: value for name, value in held.items() if value is not None}, {})

    return edit


def signed(claims_: dict[str, Any], **header_: Any) -> Edit:
    """The token has these claims, and a test key signs."""
    return lambda entry: _sign(entry, claims_, header_)


def _sign(entry: Entry, held: dict[str, Any], more: dict[str, Any]) -> None:
    alg = ((entry["token"].get("header") or {}).get("alg") or "RS256").replace("none", "RS256").replace("dir", "RS256")
    key = TEST_KEYS["ec-1" if alg == "ES256" else "rsa-1"]
    old = entry["token"].get("header") or {}
    kept = {name: old[name] for name in ("typ", "jwk") if name in old}
    old_compact = entry["token"].get("compact")
    compact = sign(held, key, header={"typ": "JWT", **kept, **more})
    entry["token"] = {"compact": compact, "jwks": {"keys": [key.public().as_dict()]}}
    if old_compact and "http" in entry:
        sent = entry["http"]["request"]["headers"]
        entry["http"]["request"]["headers"] = {name: value.replace(old_compact, compact) for name, value in sent.items()}


def without(*names: str) -> Edit:
    """The entry lacks these members."""

    def edit(entry: Entry) -> None:
        for name in names:
            entry.pop(name, None)

    return edit


def without_exchange(at: int) -> Edit:
    """An earlier exchange was never made."""
    return lambda entry: entry["prior"].pop(at)


def earlier(sent: dict[str, Any], back: dict[str, Any]) -> Edit:
    """One more exchange comes first."""
    return lambda entry: entry.setdefault("prior", []).insert(0, {"request": sent, "response": back})


def _exchange(entry: Entry, at: int) -> dict[str, Any]:
    return [*entry.get("prior", []), *([entry["http"]] if "http" in entry else [])][at]
