"""Diagnosing a browser's capture against merely parsing it: CPU and peak memory, each in a process of its own.

.venv/bin/python -m tests.benchmarks.diagnose_har [MEGABYTES …]

Here: captures made up of two sign-ins in the noise of an application, and the comparison. Not here: the counting (`pairs`).
"""

from __future__ import annotations

import base64
import compileall
import json
import random
import statistics
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import oauthctl
from tests.benchmarks.pairs import Run, measure

SIZES = (10, 50, 100)
RUNS = 3
CPU_FACTOR, CPU_SECONDS, MEMORY_FACTOR = 2.0, 0.5, 1.3
_BEGAN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
_PARSE = "import json, sys\nwith open(sys.argv[1], encoding='utf-8') as file:\n    json.load(file)\n"
_DIAGNOSE = """
import json, sys
from oauthctl.record.capture import capture_of
from oauthctl.record.material import Material
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of
with open(sys.argv[1], encoding='utf-8') as file:
    document = json.load(file)
recording, notes = capture_of(document)
found = diagnose(scene_of(Material('har', recording, notes=notes), now=None, salt=b'salt'))
assert [one.rule for one in found.findings][:1] == ['code-verifier-mismatch'], found.findings
"""


def main() -> int:
    sizes = tuple(int(word) for word in sys.argv[1:]) or SIZES
    is_kept = True
    # As installers do it; the environment may keep Python from writing bytecode by itself.
    compileall.compile_dir(str(Path(oauthctl.__file__).parent), quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"capture-{size}.har"
            entries = write_capture(path, megabytes=size)
            parsed, diagnosed = _best(_PARSE, path), _best(_DIAGNOSE, path)
            cpu_limit, memory = parsed.cpu_seconds * CPU_FACTOR + CPU_SECONDS, diagnosed.peak_mib / parsed.peak_mib
            is_kept = (
                is_kept and diagnosed.cpu_seconds <= cpu_limit and (memory <= MEMORY_FACTOR or diagnosed.peak_mib - parsed.peak_mib < 16)
            )
            print(
                f"{size:4} MB, {entries:6} entries: json.load {parsed.cpu_seconds:.2f} s, {parsed.peak_mib:.0f} MiB; "
                f"diagnosed {diagnosed.cpu_seconds:.2f} s (limit {cpu_limit:.2f}), {diagnosed.peak_mib:.0f} MiB ({memory:.2f} x, limit "
                f"{MEMORY_FACTOR})"
            )
            path.unlink()
    return 0 if is_kept else 1


def _best(program: str, path: Path) -> Run:
    runs = [measure([sys.executable, "-c", program, str(path)]) for _ in range(RUNS)]
    return Run(
        statistics.median(run.cpu_seconds for run in runs),
        statistics.median(run.wall_seconds for run in runs),
        statistics.median(run.peak_mib for run in runs),
    )


def write_capture(path: Path, *, megabytes: int, seed: int = 7) -> int:
    """Write a capture of about this size; how many entries it has. The second of its two sign-ins fails."""
    chance = random.Random(seed)
    target, written, count = megabytes * 1_000_000, 0, 0
    sign_ins = {target // 3: _sign_in("s1", works=True), 2 * target // 3: _sign_in("s2", works=False)}
    with path.open("w", encoding="utf-8") as file:
        file.write('{"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"}, "pages": [], "entries": [\n')
        while written < target:
            due = [at for at in sign_ins if at <= written]
            for one in [entry for at in due for entry in sign_ins.pop(at)] or [_noise(chance)]:
                one["startedDateTime"] = (_BEGAN + timedelta(milliseconds=40 * count)).isoformat().replace("+00:00", "Z")
                written += file.write(("," if count else "") + json.dumps(one) + "\n")
                count += 1
        file.write("]}}\n")
    return count


def _noise(chance: random.Random) -> dict[str, Any]:
    """What an application's page loads: scripts, pictures, JSON of its API with a token, telemetry."""
    number = chance.randrange(1_000_000)
    kind = chance.choices(("script", "image", "fetch", "ping", "document"), (20, 30, 35, 10, 5))[0]
    if kind == "script":
        return _entry(
            f"https://cdn.example/assets/{number}.js",
            text="function a(){return 'client_id=' + b;}\n" * chance.randrange(20, 900),
            kind=kind,
        )
    if kind == "image":
        packed = base64.b64encode(chance.randbytes(chance.randrange(500, 30_000))).decode()
        return _entry(f"https://cdn.example/i/{number}.png", text=packed, kind=kind, mime="image/png", encoding="base64")
    if kind == "fetch":
        items = json.dumps([{"id": number + at, "name": f"item {at}", "price": at * 1.5} for at in range(chance.randrange(1, 200))])
        entry = _entry(f"https://api.shop.example/v1/orders/{number}?page=2&code=7", text=items, kind=kind, mime="application/json")
        entry["request"]["headers"].append({"name": "authorization", "value": "Bearer opaque-" + "x" * 40})
        return entry
    if kind == "ping":
        entry = _entry(f"https://stats.example/collect?v={number}&client_id=9", text="", kind=kind)
        entry["request"] |= {
            "method": "POST",
            "postData": {"mimeType": "text/plain", "text": json.dumps({"event": "view", "at": number}) * 20},
        }
        return entry
    return _entry(
        f"https://www.shop.example/p/{number}", text="<html><body>" + "<p>words</p>" * 200 + "</body></html>", kind=kind, mime="text/html"
    )


def _sign_in(state: str, *, works: bool) -> list[dict[str, Any]]:
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" if works else "AAAAftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    back = "https%3A%2F%2Fwww.shop.example%2Fcb"
    asks = f"https://idp.example/authorize?response_type=code&client_id=web&redirect_uri={back}&state={state}&code_challenge={challenge}&code_challenge_method=S256"
    returns = f"https://www.shop.example/cb?code=c-{state}&state={state}"
    form = f"grant_type=authorization_code&code=c-{state}&redirect_uri={back}&client_id=web&code_verifier={verifier}"
    said = '{"access_token": "a-1", "token_type": "Bearer", "expires_in": 3600}' if works else '{"error": "invalid_grant"}'
    token = _entry("https://idp.example/token", text=said, kind="fetch", mime="application/json", status=200 if works else 400)
    token["request"] |= {"method": "POST", "postData": {"mimeType": "application/x-www-form-urlencoded", "text": form}}
    asked, page = (
        _entry(asks, text="", kind="document", status=302),
        _entry(returns, text="<html></html>", kind="document", mime="text/html"),
    )
    asked["response"]["headers"].append({"name": "location", "value": returns})
    return [asked, page, token]


def _entry(url: str, *, text: str, kind: str, mime: str = "text/javascript", encoding: str = "", status: int = 200) -> dict[str, Any]:
    names = (
        ("accept", "*/*"),
        ("accept-language", "en"),
        ("cookie", "theme=dark; session=" + "c" * 60),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64)"),
    )
    told = (
        ("content-type", mime),
        ("cache-control", "max-age=60"),
        ("date", "Mon, 02 Nov 2026 09:14:00 GMT"),
        ("server", "nginx"),
        ("etag", '"1"'),
    )
    content = {"size": len(text), "mimeType": mime, "text": text} | ({"encoding": encoding} if encoding else {})
    return {
        "_initiator": {
            "type": "script",
            "stack": {"callFrames": [{"functionName": "f", "scriptId": "1", "url": url, "lineNumber": 1}] * 4},
        },
        "_priority": "High",
        "_resourceType": kind,
        "cache": {},
        "request": {
            "method": "GET",
            "url": url,
            "httpVersion": "http/2.0",
            "headers": [{"name": name, "value": value} for name, value in names],
            "queryString": [],
            "cookies": [],
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": {
            "status": status,
            "statusText": "",
            "httpVersion": "http/2.0",
            "headers": [{"name": name, "value": value} for name, value in told],
            "cookies": [],
            "content": content,
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
            "_transferSize": len(text),
            "_error": None,
        },
        "serverIPAddress": "203.0.113.7",
        "startedDateTime": "",
        "time": 21.3,
        "timings": {
            "blocked": 1.1,
            "dns": -1,
            "ssl": -1,
            "connect": -1,
            "send": 0.1,
            "wait": 18.2,
            "receive": 1.9,
            "_blocked_queueing": 0.8,
        },
    }


if __name__ == "__main__":
    sys.exit(main())
