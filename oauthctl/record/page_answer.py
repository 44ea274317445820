"""Authorization responses that a page delivers: by a form that sends itself, or by a message to the window that opened it.

Here: reading them from the page's source. Not here: redirects (`purposes`), answers inside of a JWT (`jwt_answer`). Source: OAuth 2.0 Form
Post Response Mode section 2; the draft OAuth 2.0 Web Message Response Mode.
"""

from __future__ import annotations

import html
import json
import re

from oauthctl.http import Response
from oauthctl.messages.answer import Fields

_LIMIT = 64 * 1024
_NAMES = ("code", "error", "id_token", "access_token", "response")
_OBJECT = re.compile(r"\{[^{}]{2,16384}\}")
_SENDS_ITSELF = re.compile(r"<form\b[^<>]*\bmethod\s*=\s*[\"']?post", re.IGNORECASE)
_SUBMITS = re.compile(r"\.submit\(\)|onload\s*=\s*[\"'][^\"']*submit", re.IGNORECASE)
_INPUT = re.compile(r"<input\b[^<>]{0,8192}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(name|value)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


def answer_in_page(response: Response) -> Fields:
    """The parameters of the answer that a page delivers; empty for any other page."""
    if response.status != 200 or b"<" not in response.body[:64]:
        return ()
    text = response.body[:_LIMIT].decode("utf-8", "replace")
    found: Fields = ()
    if "postMessage" in text:
        found = next((fields for match in _OBJECT.finditer(text) if _is_answer(fields := _members(match[0]))), ())
    if not found and _SENDS_ITSELF.search(text) and _SUBMITS.search(text):
        found = tuple(pair for match in _INPUT.finditer(text) if (pair := _pair(match[0]))[0])
    return found if _is_answer(found) else ()


def _is_answer(fields: Fields) -> bool:
    names = {name for name, _ in fields}
    return "state" in names and bool(names & set(_NAMES))


def _members(text: str) -> Fields:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    return tuple((name, one) for name, one in value.items() if isinstance(one, str)) if isinstance(value, dict) else ()


def _pair(text: str) -> tuple[str, str]:
    known = {match[1].lower(): html.unescape(match[2] or match[3] or "") for match in _ATTRIBUTE.finditer(text)}
    return known.get("name", ""), known.get("value", "")
