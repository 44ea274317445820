"""The table of personas, read.

Here: `table.toml` as values. Not here: what they do to the provider (`wearing`).
"""

from __future__ import annotations

import pkgutil
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from functools import cache
from typing import Any

from oauthctl.errors import ConfigError, did_you_mean
from oauthctl.provider.personas.persona import Page, Persona, Refusal, Shape
from oauthctl.provider.records import Endpoints

_LISTS = ("says", "sources", "differs", "aliases", "metadata", "grants")


@cache
def all_personas() -> Mapping[str, Persona]:
    """Every persona by its name, in the table's order."""
    text = (pkgutil.get_data(__package__, "table.toml") or b"").decode("utf-8")
    table = tomllib.loads(text)
    return {name: _persona(name, _with_refusals(entry, table)) for name, entry in table.items()}


def persona_named(name: str) -> Persona:
    """The persona of this name.

    Raises: ConfigError, when there is none.
    """
    known = all_personas()
    meant = next((one for one in known.values() if name in (one.name, *one.aliases)), None)
    if meant is not None:
        return meant
    close = get_close_matches(name, known, n=3)
    raise ConfigError(
        f"there is no persona `{name[:60]}`",
        slug="persona-unknown",
        help=did_you_mean(close) or "list them with `oauthctl serve --list-personas`",
    )


def _with_refusals(entry: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with the refusals of the one that it names by `refusals_of`, behind its own."""
    given = dict(entry)
    other = table.get(given.pop("refusals_of", ""), {})
    return {**given, "refusals": (*given.get("refusals", ()), *other.get("refusals", ()))}


def _persona(name: str, entry: Mapping[str, Any]) -> Persona:
    given = dict(entry)
    given |= {key: tuple(given[key]) for key in _LISTS if key in given}
    settings = dict(given.pop("settings", {}))
    given |= {key: settings.pop(key) for key in ("token_prefix", "token_length") if key in settings}
    given["settings"] = {key: tuple(value) if isinstance(value, list) else value for key, value in settings.items()}
    given["shapes"] = {kind: Shape(**_tuples(shape)) for kind, shape in given.get("shapes", {}).items()}
    given["refusals"] = tuple(Refusal(**one) for one in given.get("refusals", ()))
    given["pages"] = tuple(Page(**_tuples(one)) for one in given.get("pages", ()))
    if "endpoints" in given:
        # A provider has those endpoints that the table names, and no others.
        given["endpoints"] = Endpoints(**{one.name: "" for one in fields(Endpoints)} | given["endpoints"])
    return Persona(name=name, **given)


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    lists = ("only", "drop", "texts", "scopes", "any_scope")
    return {key: tuple(value) if key in lists else value for key, value in entry.items()}
