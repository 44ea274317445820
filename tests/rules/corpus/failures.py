"""Failures that people met with real providers, as evidence and as what a diagnosis of them must say.

Here: `failures.jsonl` made into recordings. Each entry: the failing exchange (`http`) after earlier ones (`prior`), a `token`, what the
client or the provider's console is known to hold (`config`), what was printed (`local_error`), the clock (`now`), and `expect`: groups of
words of which one each must be in the first finding's cause and help, and words that must not.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from oauthctl.findings import Finding
from oauthctl.jose.jwk import parse_key_set
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import encode_part
from oauthctl.record.har import from_har
from oauthctl.record.material import Material
from oauthctl.record.tokens import HeldToken, Role
from oauthctl.rules.diagnosis import Diagnosis, diagnose
from oauthctl.rules.evidence import scene_of

NOW = "2026-11-02T09:14:00Z"


def load() -> list[dict[str, Any]]:
    """All entries."""
    lines = Path(__file__).with_name("failures.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def diagnosis_of(entry: dict[str, Any], *, with_config: bool = True) -> Diagnosis:
    """What is found in an entry."""
    now = datetime.fromisoformat(entry.get("now", NOW))
    recording = from_har(har_of(entry))
    token = entry.get("token") or {}
    pasted = () if "http" in entry or not token else (HeldToken(Role.UNKNOWN, "token", take_apart(compact_of(token))),)
    given = dict(entry.get("config") or {}) if with_config else {}
    if "local_error" in entry:
        given["local_error"] = entry["local_error"]
    keys = parse_key_set(token.get("jwks") or {})
    return diagnose(scene_of(Material("har", recording, pasted), now=now, salt=b"salt", given=given, keys=keys))


def har_of(entry: dict[str, Any]) -> dict[str, Any]:
    """The exchanges of an entry as a browser's HAR document."""
    now = datetime.fromisoformat(entry.get("now", NOW))
    exchanges = [*entry.get("prior", []), *([entry["http"]] if "http" in entry else [])]
    compact = compact_of(entry["token"]) if entry.get("token") else ""
    entries = [_entry(one, _time(one, now - timedelta(seconds=len(exchanges) - 1 - at), now), compact) for at, one in enumerate(exchanges)]
    return {"log": {"version": "1.2", "creator": {"name": "a browser", "version": "1"}, "entries": entries}}


def compact_of(token: dict[str, Any]) -> str:
    """The token as it travels; one without a given form gets a signature that nobody made."""
    if token.get("compact"):
        return str(token["compact"])
    return f"{encode_part(token['header'])}.{encode_part(token['claims'])}.{'c2lnbmF0dXJl' * 28}c2lnbg"


@dataclass(frozen=True)
class Score:
    """`missed` are the groups of which the first finding says none, `wrong` the forbidden words that it says."""

    missed: tuple[tuple[str, ...], ...]
    wrong: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return not self.missed and not self.wrong


def score(entry: dict[str, Any], findings: tuple[Finding, ...]) -> Score:
    """How the first finding compares with what is expected of it."""
    said = f"{findings[0].cause} {findings[0].help}".lower() if findings else ""
    missed = tuple(tuple(group) for group in entry["expect"]["must"] if not any(word.lower() in said for word in group))
    return Score(missed, tuple(word for word in entry["expect"]["must_not"] if word.lower() in said))


def _entry(one: dict[str, Any], started_at: datetime, compact: str) -> dict[str, Any]:
    request, response = one["request"], one["response"]
    kind = next((value for name, value in request["headers"].items() if name.lower() == "content-type"), "")
    sent: dict[str, Any] = {"method": request["method"], "url": request["url"], "headers": _headers(request["headers"], compact)}
    if request.get("body"):
        body = request["body"] if isinstance(request["body"], str) else json.dumps(request["body"])
        sent["postData"] = {"mimeType": kind, "text": body.replace("%3Cjwt+below%3E", compact).replace("<jwt below>", compact)}
    answered: dict[str, Any] = {
        "status": response["status"],
        "headers": _headers(response["headers"], compact),
        "content": _content(response),
    }
    if response.get("error"):
        answered["_error"] = response["error"]
    return {"startedDateTime": started_at.isoformat(), "time": 1, "request": sent, "response": answered}


def _content(response: dict[str, Any]) -> dict[str, Any]:
    if "body_base64" in response:
        return {"text": response["body_base64"], "encoding": "base64", "size": len(base64.b64decode(response["body_base64"]))}
    body = response.get("body", "")
    return {"text": body if isinstance(body, str) else json.dumps(body)}


def _headers(headers: dict[str, str], compact: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value.replace("<jwt below>", compact)} for name, value in headers.items() if name != "X-Recorded-At"]


def _time(one: dict[str, Any], otherwise: datetime, now: datetime) -> datetime:
    said = one["request"]["headers"].get("X-Recorded-At")
    if said:
        return datetime.fromisoformat(said if "T" in said else f"{now.date()}T{said}").replace(tzinfo=UTC)
    date = one["response"]["headers"].get("Date")
    return parsedate_to_datetime(date).astimezone(UTC) if date else otherwise
