"""The `claims` parameter: single claims that are wanted in the ID token or from userinfo.

Here: reading it, and picking the claims. Not here: the claims that scopes open (`id_token`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from oauthctl.http import Params
from oauthctl.jose.json_object import read_strictly
from oauthctl.provider.answers import Denied

Wanted: TypeAlias = Mapping[str, Mapping[str, Any]]
"""By place (`id_token`, `userinfo`), then by the claim's name: `essential`, `value`, `values`, or nothing at all."""
PLACES = ("id_token", "userinfo")


def read_claims(params: Params) -> Wanted:
    """What is wanted; `Denied` for a parameter that can't be read. Places that are not known are left out.

    Source: OpenID Connect Core 1.0 section 5.5.
    """
    text = params.get("claims")
    if text is None:
        return {}
    try:
        found = read_strictly(text, "claims")
    except ValueError as error:
        raise Denied("invalid_request", str(error)) from None
    if not isinstance(found, dict) or not all(isinstance(found.get(place), dict | None) for place in PLACES):
        raise Denied("invalid_request", "claims has to be an object with id_token and userinfo, each of them an object")
    wanted = {place: {name: how or {} for name, how in (found.get(place) or {}).items()} for place in PLACES if found.get(place)}
    if not all(isinstance(how, dict) for names in wanted.values() for how in names.values()):
        raise Denied("invalid_request", "each claim of claims is null or an object")
    return wanted


def values_of(wanted: Wanted, place: str, name: str) -> tuple[Any, ...]:
    """The values of this claim that will do, in order; none where any will."""
    how = wanted.get(place, {}).get(name, {})
    several = how.get("values")
    return (how["value"],) if "value" in how else tuple(several) if isinstance(several, list) else ()


def is_essential(wanted: Wanted, place: str, name: str) -> bool:
    """Whether the client can't do without this claim."""
    return wanted.get(place, {}).get(name, {}).get("essential") is True


def picked(wanted: Wanted, place: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """The wanted ones of these claims; one with another value than will do is left out."""
    found = {name: known[name] for name in wanted.get(place, {}) if name in known}
    return {name: value for name, value in found.items() if not (fits := values_of(wanted, place, name)) or value in fits}


def names(wanted: Wanted) -> tuple[str, ...]:
    """All names that are wanted, whatever the place."""
    return tuple(dict.fromkeys(name for place in PLACES for name in wanted.get(place, {})))
