"""The `claims` parameter: single claims that are wanted in the ID token or from userinfo.

Here: reading it, and what an answer lacks of it. Not here: the claims themselves (`claims`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

PLACES = ("id_token", "userinfo")


def problem_of(text: str) -> str:
    """What is wrong with the form of such a parameter; empty when nothing is. Source: OpenID Connect Core 1.0 section 5.5."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return "it is no JSON"
    if not isinstance(found, dict) or not found.keys() & set(PLACES):
        return "it is no object with `id_token` or `userinfo`"
    for place in PLACES:
        names = found.get(place)
        if names is not None and (not isinstance(names, dict) or not all(how is None or isinstance(how, dict) for how in names.values())):
            return f"`{place}` is no object of claims, each of them null or an object"
    return ""


def wanted(text: str, place: str) -> Mapping[str, Mapping[str, Any]]:
    """The claims that are wanted at this place and how; none of a parameter that can't be read."""
    if not text or problem_of(text):
        return {}
    names = json.loads(text).get(place)
    return {name: how or {} for name, how in names.items()} if isinstance(names, dict) else {}


def values_of(how: Mapping[str, Any]) -> tuple[Any, ...]:
    """The values that will do, in order; none where any will."""
    several = how.get("values")
    return (how["value"],) if "value" in how else tuple(several) if isinstance(several, list) else ()


def lacking(text: str, place: str, claims: Mapping[str, Any]) -> Iterator[str]:
    """Sentences on what was essential and is missing, and on what has another value than was asked for.

    Source: OpenID Connect Core 1.0 section 5.5.1: neither is an error of the provider's, except for `acr`.
    """
    for name, how in wanted(text, place).items():
        fitting = values_of(how)
        if name not in claims:
            if how.get("essential") is True:
                yield f"`{name[:80]}` was asked for as essential in `{place}`, and did not come (OIDC Core section 5.5.1)"
        elif fitting and claims[name] not in fitting:
            yield f"`{name[:80]}` in `{place}` has another value than was asked for (OIDC Core section 5.5.1)"
