"""What belongs to the failures of a capture that is too large to be read whole: the sign-in that each of them ended.

Here: following values from one entry to others (`state`, `code`, a refresh token), in the raw text. Not here: what else is left out
(`capture`).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_plus

from oauthctl.record.har_quirks import FORM_LIMIT, status_of, url_of
from oauthctl.record.json_values import object_of, objects_of, text_of

# A capture of a loop fails a thousand times alike: the first and the last tell it.
_FAILURES_FROM_EACH_END = 20
# From the failed call to the token, to the code, to the state: each value leads to the entries that hold it.
_HOPS = 3
# What so many entries hold tells nobody's sign-in apart.
_COMMON = 50
_LINK = re.compile(
    r"(?:^|[?&#{,\s\"'])(?:state|code|request_uri|device_code|auth_req_id|refresh_token|access_token|subject_token)"
    r"(?:=|\"\s{0,4}:\s{0,4}\")([^&#\"'\s,}]{8,2000})"
)
_BEARER = re.compile(r"(?:Bearer|DPoP)\s+(\S{8,2000})", re.IGNORECASE)
_ERROR = re.compile(r"[?&#]error=")
_BODY_LIMIT = 16 * 1024


def belonging(kept: list[tuple[int, dict[str, Any]]], limit: int) -> set[int]:
    """By their number in the list: failures, and what shares a value of the protocol with them; about `limit` at most."""
    failures = [number for number, (_, entry) in enumerate(kept) if _is_failure(entry)]
    found = {*failures[:_FAILURES_FROM_EACH_END], *failures[-_FAILURES_FROM_EACH_END:]}
    if not found:
        return found
    values = [_values(entry) for _, entry in kept]
    holders: dict[str, list[int]] = {}
    for number, held in enumerate(values):
        for value in held:
            holders.setdefault(value, []).append(number)
    latest = sorted(found)
    for _ in range(_HOPS):
        near = {other for number in latest for value in values[number] if len(holders[value]) <= _COMMON for other in holders[value]}
        latest = sorted(near - found)[: limit - len(found)]
        found.update(latest)
    return found


def _is_failure(entry: dict[str, Any]) -> bool:
    status = status_of(entry)
    return status <= 0 or status >= 400 or _ERROR.search(url_of(entry)) is not None


def _values(entry: dict[str, Any]) -> set[str]:
    found = set(_LINK.findall(_text(entry)))
    for header in objects_of(object_of(entry.get("request")).get("headers")):
        value = header.get("value") if str(header.get("name")).lower() == "authorization" else None
        match = _BEARER.fullmatch(value.strip()) if isinstance(value, str) else None
        found |= {match[1]} if match else set()
    return found | {unquote_plus(one) for one in found}


def _text(entry: dict[str, Any]) -> str:
    """Where values travel: the URL, the redirect's target, the form, and the beginning of the answer's body."""
    request, response = object_of(entry.get("request")), object_of(entry.get("response"))
    post, content = request.get("postData"), response.get("content")
    parts = [url_of(entry), response.get("redirectURL"), post.get("text") if isinstance(post, dict) else post]
    parts += [one.get("value") for one in objects_of(response.get("headers")) if str(one.get("name")).lower() == "location"]
    parts += [f"{one.get('name')}={one.get('value')}" for one in objects_of(object_of(post).get("params"))]
    shown = [one[:FORM_LIMIT] for one in parts if isinstance(one, str)]
    body = text_of(object_of(content).get("text"))
    return "\n".join((*shown, body[:_BODY_LIMIT] if body[:1] == "{" else ""))
