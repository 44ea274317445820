"""Tables of a provider's file, read by what their keys take.

Here: kinds of values, and the errors for what is of another kind or unknown. Not here: which tables and keys there are (`serve_tables`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from oauthctl.cli.toml_place import Place
from oauthctl.errors import ConfigError, did_you_mean
from oauthctl.messages.scope_names import is_scope_token
from oauthctl.provider.issuers import is_issuer, is_path

_LONGEST = 60
_SECRETS = {"secret": "secret", "client_secret": "secret", "password": "password"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a key takes: `what` it is in words, and whether a value `fits`, or each `part` of one that is a list.

    `words` are all that it takes, where these can be named. Free texts are not `is_told` where they are wrong: they may be secrets in the
    wrong place.
    """

    what: str
    fits: Callable[[Any], bool]
    part: Callable[[Any], bool] | None = None
    words: tuple[str, ...] = ()
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One table that was read, and where it stands."""

    place: Place
    values: Mapping[str, Any]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value) and value.isprintable()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_plain(value: object) -> bool:
    """Whether JSON has such a value."""
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    return isinstance(value, str | bool) or _is_number(value)


TEXT = Kind("text", _is_text, is_told=False)
TEXTS = Kind(
    "text or list of texts",
    lambda value: _is_text(value) or (isinstance(value, list) and all(map(_is_text, value))),
    part=_is_text,
    is_told=False,
)
TRUTH = Kind("`true` or `false`", lambda value: isinstance(value, bool))
TABLE = Kind("table of values that JSON has", lambda value: isinstance(value, dict) and _is_plain(value), is_told=False)
VALUE = Kind("value that JSON has", _is_plain, is_told=False)
PATH = Kind(
    "path that begins with `/`, once, is percent-encoded where it has to be, and has neither `.` nor `..`, query or fragment",
    lambda value: _is_text(value) and is_path(value),
)
SCOPE_TOKEN = Kind("scope: ASCII without blanks, quotation marks and backslashes", lambda value: _is_text(value) and is_scope_token(value))

ISSUER = Kind("http or https URL without query and fragment, nor a path on this server", lambda value: _is_text(value) and is_issuer(value))


def seconds(least: float) -> Kind:
    """A number of seconds, this one or more."""
    return Kind(f"number of seconds from {least:g}", lambda value: _is_number(value) and least <= value <= 1e9)


def whole_seconds(least: int) -> Kind:
    """The same without fractions."""
    return Kind(f"whole number of seconds from {least}", lambda value: type(value) is int and least <= value <= 10**9)


def one_of(*words: str) -> Kind:
    """One of these words."""
    return Kind(f"one of {', '.join(f'`{word}`' for word in words)}", lambda value: isinstance(value, str) and value in words, words=words)


def some_of(*words: str) -> Kind:
    """A list of these words, of one at least."""
    named = ", ".join(f"`{word}`" for word in words)

    def part(value: object) -> bool:
        return isinstance(value, str) and value in words

    return Kind(f"list of some of {named}", lambda value: isinstance(value, list) and bool(value) and all(map(part, value)), part, words)


def read_table(place: Place, value: object, fields: Mapping[str, Kind]) -> dict[str, Any]:
    """The table, whose keys are all known and whose values fit.

    Raises: ConfigError.
    """
    if not isinstance(value, dict):
        raise place.wrong("is no table", got=kind_of(value), help_=f"write `[{place.name}]`")
    for key, item in value.items():
        if key not in fields:
            raise unknown(place.at(key), key, fields)
        if not fields[key].fits(item):
            raise _misfit(place.at(key), item, fields[key])
    return dict(value)


def _misfit(place: Place, value: Any, kind: Kind) -> ConfigError:
    """The error about a value that is not of its kind; of a list the first wrong part is shown, and its line told."""
    number, wrong = 0, value
    if kind.part is not None and isinstance(value, list):
        number, wrong = next(((number, one) for number, one in enumerate(value, 1) if not kind.part(one)), (0, value))
    near = did_you_mean(_alike(wrong, kind.words)) if isinstance(wrong, str) else ""
    got = shown(wrong) if kind.is_told else kind_of(wrong)
    error = place.wrong(f"is no {kind.what}".replace("no one of", "none of"), got=got, help_=near)
    error.where = place.at(number).where if number else error.where
    return error


def read_tables(
    place: Place, value: object, fields: Mapping[str, Kind], *, own: str, spelled: Callable[[Entry], Entry] | None = None
) -> tuple[Entry, ...]:
    """A list of such tables, as they are `spelled`; `own` is the key that each has to have, and has alone, if there is one.

    Raises: ConfigError.
    """
    if not isinstance(value, list):
        raise place.wrong("is no list of tables", got=kind_of(value), help_=f"write `[[{place.name}]]`")
    entries = tuple(Entry(place.at(number), read_table(place.at(number), one, fields)) for number, one in enumerate(value, 1))
    entries = tuple(map(spelled, entries)) if spelled is not None else entries
    known = set[str]()
    for entry in entries if own else ():
        if own not in entry.values:
            raise entry.place.wrong(f"has no `{own}`", help_=f'write `{own} = "…"`')
        if entry.values[own] in known:
            raise entry.place.at(own).wrong(f"is that of an earlier one: `{entry.values[own][:60]}`")
        known.add(entry.values[own])
    return entries


def listed(value: str | list[str]) -> tuple[str, ...]:
    """What a key of `TEXTS` has, be it one text or several."""
    return tuple(value) if isinstance(value, list) else (value,)


def frozen(value: Any) -> Any:
    """A value as frozen dataclasses hold it: a list as a tuple."""
    return tuple(value) if isinstance(value, list) else value


def unknown(place: Place, key: str, known: Iterable[str]) -> ConfigError:
    """The error about a key that there is not, with the one that was perhaps meant."""
    if key in _SECRETS:
        return place.wrong("can't be written here: files get shared", help_=f"name an environment variable with `{_SECRETS[key]}-env`")
    names = tuple(known)
    return place.wrong("is not known", help_=did_you_mean(_alike(key, names)) or f"the keys are {', '.join(names)}")


def choice(given: str, known: Iterable[str]) -> str:
    """The help about a word that there is not: the one that was perhaps meant, or else all that there are."""
    names = tuple(known)
    return did_you_mean(_alike(given, names)) or f"it is one of {', '.join(names)}"


def _alike(word: str, known: Iterable[str]) -> tuple[str, ...]:
    from oauthctl.cli.usage import alike

    return alike(word, known)


def shown(value: object) -> str:
    """The value as a file has it, for an error: one line, of a bounded length, without anything that a terminal would obey."""
    if not isinstance(value, str | list) or not value:
        return kind_of(value)
    from oauthctl.store.toml import dumps

    written = dumps({"is": value}).removeprefix("is = ").removesuffix("\n")
    visible = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in written)
    return visible if len(visible) <= _LONGEST else f"{visible[:_LONGEST]}…"


def kind_of(value: object) -> str:
    """What a value is, for an error that must not repeat it: it may be a secret in the wrong place."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return "an empty text" if not value else "a text" if value.isprintable() else "a text with what can't be seen"
        case list():
            return "a list"
        case dict():
            return "a table"
    return "a date or time"
