"""Secrets whose name is a value itself: `{"name": "client_secret", "value": "…"}`, `{"type": "refresh", "value": "…"}`.

Here: finding them in JSON at any depth, and in objects of scripts. Not here: what counts as a secret's name (`secret_names`) or looks like
one (`secret_assignments`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from oauthctl.record.secret_assignments import Substitute, is_secret_of, looks_like_a_secret
from oauthctl.record.secret_names import in_words, is_secret_name

_LABELS = ("name", "key", "type", "kind", "label", "id", "token_type")
_VALUES = ("value", "val", "content", "data", "text")
_KINDS = {"access": "access_token", "refresh": "refresh_token", "id": "id_token", "bearer": "access_token", "jwt": "access_token"}
_OBJECT = re.compile(r"\{(?:[^{}]|\{[^{}]{0,1024}+\}){1,8192}+\}")
_MEMBER = re.compile(
    r"(?P<quote>\\*+[\"']|)(?<![\w$])(?P<name>[a-z_]{2,10}+)(?P=quote)\s{0,9}+:\s{0,9}+(?P<open>\\*+[\"'`])(?P<value>[^\"'`\\]{1,4096}+)(?P=open)"
)


def rewrite_named_values(text: str, substitute: Substitute) -> str:
    """The text with the values of objects replaced whose name or type beside them says that they are secrets."""
    if not any(f'"{name}"' in text or f"{name}:" in text or f"{name}\\" in text for name in _VALUES):
        return text
    try:
        found = [*_secrets_in(json.loads(text))] if text.lstrip()[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        found = None
    if found is None:
        return _OBJECT.sub(lambda match: _in_object(match[0], substitute), text)
    for kind, secret in found:
        for written in {json.dumps(secret), json.dumps(secret, ensure_ascii=False), json.dumps(secret).replace("/", "\\/")}:
            text = text.replace(written, json.dumps(substitute(kind, secret)))
    return text


def _secrets_in(value: Any) -> Iterator[tuple[str, str]]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield from _secrets_of({name: inner for name, inner in one.items() if isinstance(inner, str)})
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _in_object(text: str, substitute: Substitute) -> str:
    members = {match["name"]: match["value"] for match in _MEMBER.finditer(text)}
    for kind, secret in _secrets_of(members):
        text = text.replace(secret, substitute(kind, secret))
    return text


def _secrets_of(members: dict[str, str]) -> Iterator[tuple[str, str]]:
    labels = [members[name] for name in _LABELS if name in members]
    for label in labels:
        kind = _KINDS.get(label.lower()) or (in_words(label) if is_secret_name(label) else "")
        for value in (members[name] for name in _VALUES if kind and name in members):
            if is_secret_of(kind, value) if is_secret_name(label) else looks_like_a_secret(value):
                yield kind, value
