"""Reports of the recordings that the tests have, and hostile ones. Not here: what is expected of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import quote_plus

from oauthctl.record.exchange import Recording
from oauthctl.record.facts import facts
from oauthctl.record.har import from_har, to_har
from oauthctl.record.material import Material
from oauthctl.rules.diagnosis import Diagnosis, diagnose
from oauthctl.rules.evidence import scene_of
from oauthctl.rules.scene import Scene
from oauthctl.views.report.tell import tell
from oauthctl.views.report.told import Report
from tests.record.played import played

PAYLOADS = (
    '"><script>window.broken=1</script>',
    "</script><script>window.broken=2</script><!--",
    "</style><img src=x onerror=window.broken=3>",
    "javascript:window.broken=4",
    '" onmouseover="window.broken=5" autofocus onfocus="window.broken=5" x="',
    "'><svg onload=window.broken=6><math><mi xlink:href='javascript:window.broken=6'>",
    "{{7*7}}${window.broken=7}<%= 7 %>]]>&lt;script&gt;&#x22;",
    "`\n\n# x\n\n<iframe src=javascript:window.broken=8></iframe>\n```\n|x|\\|;#59;%%{init}%%\nend\u202e\x1b[31m\x00",
)


def scene(recording: Recording) -> Scene:
    """The recording as `examine` reads it."""
    return scene_of(Material("har", recording), now=None, salt=b"a salt of a test, thirty-two oct")


def report_of(recording: Recording, *, source: str = "a file") -> tuple[Report, Diagnosis]:
    """The recording's report, and the diagnosis in it."""
    seen = scene(recording)
    diagnosis = diagnose(seen)
    return tell(seen, diagnosis, source=source), diagnosis


@cache
def hostile_report(rotation: int) -> tuple[Report, Diagnosis]:
    """The report of the run in which every name and value is hostile."""
    return report_of(hostile(rotation), source=PAYLOADS[rotation])


@cache
def played_report() -> tuple[Report, Diagnosis]:
    """The report of the run as it is."""
    return report_of(played())


def as_capture(recording: Recording, change: Callable[[str], str] = str) -> Recording:
    """The recording as if a browser had captured it: nothing is known of its exchanges but their bytes."""
    document = json.loads(change(json.dumps(to_har(recording))).replace('"_oauthctl"', '"_other"'))
    document["log"]["creator"] = {"name": "Browser", "version": "1"}
    return from_har(document)


def twice() -> Recording:
    """A browser's capture of two sign-ins, one after the other."""
    first, second = (
        to_har(as_capture(played(), lambda text, n=number: text.replace("af0ifjsldkj", f"state-{n}").replace("SplxlOBeZ", f"SplxlOBe{n}")))
        for number in (1, 2)
    )
    document = json.loads(json.dumps(first).replace('"_oauthctl"', '"_other"'))
    document["log"]["entries"] += json.loads(json.dumps(second).replace('"_oauthctl"', '"_other"'))["log"]["entries"]
    document["log"]["creator"] = {"name": "Browser", "version": "1"}
    return from_har(document)


def hostile(rotation: int) -> Recording:
    """The run in which every name and every value has a payload in it, and is still what it was; with each rotation others."""
    turn = _turning(rotation)
    document = to_har(played(), facts=facts(played()))
    log = document["log"]
    log["_oauthctl"] = {"issuer": f"http://127.0.0.1:9400{next(turn)}", "command": f"demo{next(turn)}"}
    log["creator"]["version"] = f"1.0{next(turn)}"
    log["entries"][0]["request"]["method"] += next(turn)
    for entry in log["entries"]:
        request, response = entry["request"], entry["response"]
        base, _, query = request["url"].partition("?")
        request["url"] = f"{base}/{next(turn)}?{query}&{_query(turn)}"
        request["headers"] += _headers(turn)
        if request.get("postData"):
            request["postData"]["text"] += f"&{_query(turn)}"
        if not response.get("status"):
            response["_error"] = f"connection refused {next(turn)}"
            continue
        response["statusText"] += next(turn)
        response["headers"] += _headers(turn)
        content = response["content"]
        if (content.get("text") or "").startswith("{"):
            content["text"] = json.dumps(_spoiled(json.loads(content["text"]), turn))
        else:
            content["text"] = (content.get("text") or "") + next(turn)
    return from_har(document)


def _turning(rotation: int) -> Iterator[str]:
    at = rotation
    while True:
        yield PAYLOADS[at % len(PAYLOADS)]
        at += 1


def _headers(turn: Iterator[str]) -> list[dict[str, str]]:
    # No credentials: what is a secret in one place is taken out of all others, and the payloads must stay.
    names = ("Location", "WWW-Authenticate", "Content-Type", "Origin", f"X-{next(turn)}")
    values = (f"http://a/{next(turn)}", f'Bearer error="{next(turn)}"', next(turn), next(turn), next(turn))
    return [{"name": name, "value": value} for name, value in zip(names, values, strict=True)]


def _query(turn: Iterator[str]) -> str:
    return f"{quote_plus(next(turn))}={quote_plus(next(turn))}&client_id={quote_plus(next(turn))}&x={next(turn).split()[0]}"


def _spoiled(value: Any, turn: Iterator[str]) -> Any:
    if isinstance(value, dict):
        return {name: _spoiled(inner, turn) for name, inner in value.items()} | {next(turn): next(turn)}
    if isinstance(value, list):
        return [_spoiled(inner, turn) for inner in value]
    if isinstance(value, str):
        return _jwt(value, turn) if value.startswith("ey") else f"{value}{next(turn)}"
    return value


def _jwt(token: str, turn: Iterator[str]) -> str:
    header, payload, signature = token.split(".")
    parts = [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (header, payload)]
    written = [base64.urlsafe_b64encode(json.dumps(_spoiled(part, turn)).encode()).decode().rstrip("=") for part in parts]
    return ".".join((*written, signature))
