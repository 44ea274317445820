"""`serve --config FILE`: one TOML file that says what the options of `serve` could say and more, and `--print-config`, which writes it.

Here: the file as a whole, `[server]` and `[[issuer]]`, and what options and file come to together. Not here: the other tables
(`serve_tables`), what they make of a provider (`provider_tables`), the options themselves (`serve`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import typer

from oauthctl.cli.options import is_given
from oauthctl.cli.serve_fields import ISSUER, Entry, frozen, kind_of, read_table, shown, unknown
from oauthctl.cli.serve_tables import BY_OPTION, LISTS, OWN, SINGLE, Tables, read_provider
from oauthctl.cli.serve_wanted import WantedProvider
from oauthctl.cli.toml_document import read_toml
from oauthctl.cli.toml_place import Place, placed
from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.practice_words import Values

_FILE = "oauthctl.cli.serve_file"
_NOT_IN_FILES = ("config", "print-config", "list-faults", "list-scenarios", "list-personas", "client", "user", "help")


@dataclass(frozen=True, slots=True)
class _Issuer:
    """One `[[issuer]]`: its URL, its options as they stand in the file and as they count, by parameter, and its tables."""

    url: str
    written: Mapping[str, Any]
    settings: Mapping[str, Any]
    tables: Tables


@dataclass(frozen=True, slots=True)
class _File:
    """What a file says beyond `[server]`."""

    tables: Tables = field(default_factory=Tables)
    issuers: tuple[_Issuer, ...] = ()


def take(ctx: typer.Context, path: str) -> None:
    """Have the file's values count where the command line says nothing, and the rest be found by the two functions below.

    Raises: ConfigError, with the place in the file.
    """
    place, document = read_toml(path)
    known = ("server", *LISTS, *SINGLE, "issuer")
    for name in document:
        if name not in known:
            raise unknown(place.at(name), name, known)
    server = document.get("server", {})
    if not isinstance(server, dict):
        raise place.at("server").wrong("is no table", got=kind_of(server), help_="write `[server]`")
    tables = read_provider(place, document)
    issuers = tuple(_issuers(ctx, place, document.get("issuer", [])))
    if issuers and "issuer" in server:
        raise place.at("server", "issuer").wrong("is said by `[[issuer]]`, too", help_="leave one of them out")
    ctx.default_map = {**dict(_settings(ctx, place.at("server"), server)), **dict(_by_lifetimes(ctx, tables, server))}
    ctx.meta[_FILE] = _File(tables, issuers)


def providers_of(
    ctx: typer.Context, base: WantedProvider, *, issuers: Iterable[str], clients: Iterable[str], users: Iterable[str]
) -> tuple[WantedProvider, ...]:
    """What is wanted in all: `base` has the options, `clients` and `users` are SPECs, which win over the file.

    With `issuers` these alone, each with what the file says of it.
    """
    file, spoken = _file(ctx), _spoken(clients, users)
    own = {issuer.url: issuer for issuer in file.issuers}
    return tuple(
        replace(
            base,
            issuer=url,
            tables=spoken.over(own[url].tables.over(file.tables) if url in own else file.tables),
            **{name: value for name, value in (own[url].settings if url in own else {}).items() if not is_given(ctx, name)},
        )
        for url in tuple(issuers) or tuple(own) or ("",)
    )


def as_toml(ctx: typer.Context, providers: Iterable[WantedProvider], *, clients: Iterable[str], users: Iterable[str]) -> str:
    """All that counts in this run as a file for `--config`. Secrets are in none of it: it names where they are."""
    from oauthctl.store.toml import dumps_deep

    file, spoken, urls = _file(ctx), _spoken(clients, users), [provider.issuer for provider in providers]
    counting = {key: ctx.params.get(option.name) for key, option in _options(ctx).items()}
    lifetimes = {key: counting[option] for key, option in BY_OPTION.items()}
    left_out = (*BY_OPTION.values(), *(("issuer",) if file.issuers else ()))
    server = {key: value for key, value in counting.items() if key not in left_out and value not in (None, "", [], ())}
    tables = spoken.over(file.tables).as_document()
    document: dict[str, Any] = {"server": server, "lifetimes": {**tables.pop("lifetimes", {}), **lifetimes}, **tables}
    if file.issuers:
        written = {issuer.url: _left(ctx, issuer, spoken) for issuer in file.issuers}
        document["issuer"] = [{"url": url, **written.get(url, {})} for url in urls]
    return dumps_deep(document)


def _left(ctx: typer.Context, issuer: _Issuer, spoken: Tables) -> dict[str, Any]:
    """What an `[[issuer]]` still has to say: over what the command line does not say, since an issuer wins over the rest of a file."""
    given = {key for key, option in _options(ctx).items() if is_given(ctx, option.name)}
    document = issuer.tables.as_document()
    if "lifetimes" in document:
        document["lifetimes"] = {key: value for key, value in document["lifetimes"].items() if BY_OPTION.get(key) not in given}
    for name in ("client", "user"):
        named = [entry.values.get(OWN[name]) for entry in spoken.all(name)]
        document[name] = [one for one in document.get(name, ()) if one[OWN[name]] not in named]
    options = {key: value for key, value in issuer.written.items() if key not in given}
    return options | {name: value for name, value in document.items() if value}


def _file(ctx: typer.Context) -> _File:
    found = ctx.meta.get(_FILE)
    return found if isinstance(found, _File) else _File()


def _spoken(clients: Iterable[str], users: Iterable[str]) -> Tables:
    """What `--client` and `--user` say, as tables."""
    from oauthctl.cli.practice_words import client_values, user_values

    return Tables(
        {
            "client": tuple(_entry("--client", client_values(spec)) for spec in clients),
            "user": tuple(_entry("--user", user_values(spec)) for spec in users),
        }
    )


def _entry(option: str, values: Values) -> Entry:
    from oauthctl.cli.client_table import as_table

    return Entry(Place(option), as_table(values))


def _options(ctx: typer.Context) -> dict[str, Any]:
    """The options that a file may set, by the names that it has for them."""
    named = {option.opts[0].removeprefix("--"): option for option in ctx.command.params}
    return {key: option for key, option in named.items() if key not in _NOT_IN_FILES}


def _settings(ctx: typer.Context, place: Place, table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The name and the value of each parameter that a table sets."""
    options = _options(ctx)
    for key, value in table.items():
        at = place.at(key)
        if key in ("client", "user"):
            raise at.wrong("has a table of its own", help_=f"write `[[{key}]]`")
        if key not in options:
            raise unknown(at, key, options)
        yield options[key].name, _processed(ctx, at, options[key], value)


def _processed(ctx: typer.Context, place: Place, option: Any, value: object) -> Any:
    value = [value] if option.multiple and isinstance(value, str) else value
    kind, fits = _kind(option, value)
    if not fits:
        raise place.wrong(f"is no {kind}", got=shown(value))
    _judge(place, option.name, value)
    try:
        return option.process_value(ctx, value)
    except ConfigError as error:
        raise place.wrong(f"can't be: {error}") from None
    except typer.BadParameter as error:
        from oauthctl.cli.usage import complaint

        raise place.wrong(f"can't be: {complaint(error)}") from None


def _judge(place: Place, name: str, value: Any) -> None:
    """Raise what is wrong with names that are looked up only when a provider is made, while it is known where they stand."""
    if value == "" and name != "persona":
        raise place.wrong("is empty", help_="leave it out, or give it a value")
    for number, one in enumerate(value if isinstance(value, list) else [value] if value else (), 1):
        with placed(place.at(number)):
            _judge_one(name, one)


def _judge_one(name: str, value: Any) -> None:
    match name:
        case "fault":
            from oauthctl.cli.fault_list import read_faults

            read_faults((value,))
        case "persona":
            from oauthctl.provider.personas.table import persona_named

            persona_named(value)
        case "issuer":
            from oauthctl.cli.provider_making import check_issuer

            check_issuer(value)
        case "local_client":
            from oauthctl.cli.provider_making import local_origin

            local_origin(value)
        case "trust" | "trust_attester":
            from oauthctl.cli.practice_specs import read_trust

            read_trust(value, f"--{name.replace('_', '-')}")


def _kind(option: Any, value: object) -> tuple[str, bool]:
    """What the option takes, and whether this is one."""
    if option.multiple:
        return "text or list of texts", isinstance(value, list) and all(isinstance(one, str) for one in value)
    if option.is_flag:
        return "`true` or `false`", isinstance(value, bool)
    if isinstance(option.default, float):
        return "number", isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(option.default, int):
        return "whole number", isinstance(value, int) and not isinstance(value, bool)
    return "text", isinstance(value, str)


def _by_lifetimes(ctx: typer.Context, tables: Tables, beside: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The parameters that `[lifetimes]` sets, in place of an option's name `beside` it."""
    options = _options(ctx)
    for key, value in tables.one("lifetimes").items():
        if key in BY_OPTION:
            at, name = tables.single["lifetimes"].place.at(key), BY_OPTION[key]
            if name in beside:
                raise at.wrong(f"says what `{name}` says, too", help_="leave one of them out")
            yield options[name].name, _processed(ctx, at, options[name], value)


def _issuers(ctx: typer.Context, place: Place, listed: object) -> Iterator[_Issuer]:
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise place.at("issuer").wrong("is no list of tables", got=kind_of(listed), help_="write `[[issuer]]`")
    settable = {one.name for one in fields(WantedProvider)} - {"issuer", "tables"}
    options = [key for key, option in _options(ctx).items() if option.name in settable]
    known = ("url", *options, *LISTS, *SINGLE)
    urls = set[str]()
    for number, table in enumerate(listed, 1):
        at = place.at("issuer", number)
        for key in table:
            if key not in known:
                raise unknown(at.at(key), key, known)
        read_table(at, {key: table[key] for key in table if key == "url"}, {"url": ISSUER})
        url = table.get("url", "")
        if url in urls:
            problem = f"`{at.name}` has the `url` of an earlier one: `{url[:60]}`"
            raise ConfigError(problem, slug="serve-config-unusable", where=at.at("url").where)
        urls.add(url)
        written = {key: table[key] for key in options if key in table}
        tables = read_provider(at, table)
        settings = (*_settings(ctx, at, written), *_by_lifetimes(ctx, tables, written))
        yield _Issuer(url, written, {name: frozen(value) for name, value in settings}, tables)
