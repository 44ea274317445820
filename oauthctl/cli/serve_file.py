"""`serve --config FILE`: one TOML file that says what the options of `serve` could say, and `--print-config`, which writes it.

Here: the file's language. Not here: what the keys of a client or a user mean (`practice_specs`), the options themselves (`serve`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import typer

from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.practice_specs import Values

_TABLES = "oauthctl.cli.serve_file"
_NOT_IN_FILES = ("config", "print-config", "list-faults", "list-scenarios", "client", "user", "help")


def take(ctx: typer.Context, path: str) -> None:
    """Have the file's values count where the command line says nothing, and its clients and users be found by the two functions below.

    Raises: ConfigError, with the place in the file.
    """
    from oauthctl.cli.practice_specs import CLIENT_KEYS, USER_KEYS

    document = _document(path)
    unknown = next((key for key in document if key not in ("server", "client", "user")), None)
    if unknown is not None:
        raise _wrong(path, unknown[:60], "is not known", "the file has `[server]`, `[[client]]` and `[[user]]`")
    server = document.get("server", {})
    if not isinstance(server, dict):
        raise _wrong(path, "server", "is no table", "write `[server]`")
    ctx.default_map = dict(_settings(ctx, path, server))
    ctx.meta[_TABLES] = {
        "client": _all_values(path, document, "client", CLIENT_KEYS),
        "user": _all_values(path, document, "user", USER_KEYS),
    }


def clients_of(ctx: typer.Context, specs: Iterable[str] | None) -> tuple[Values, ...]:
    """The clients of the file and of `--client`, which wins where both have one of the same id."""
    from oauthctl.cli.practice_specs import client_values

    return _joined(ctx.meta.get(_TABLES, {}).get("client", ()), tuple(map(client_values, specs or ())), "id")


def users_of(ctx: typer.Context, specs: Iterable[str] | None) -> tuple[Values, ...]:
    """The users of the file and of `--user`, which wins where both have one of the same name."""
    from oauthctl.cli.practice_specs import user_values

    return _joined(ctx.meta.get(_TABLES, {}).get("user", ()), tuple(map(user_values, specs or ())), "username")


def as_toml(ctx: typer.Context, clients: Iterable[Values], users: Iterable[Values]) -> str:
    """All that counts in this run as a file for `--config`. Secrets are in none of it: it names where they are."""
    from oauthctl.store.toml import dumps

    options = _options(ctx)
    counts = {key: ctx.params.get(option.name) for key, option in options.items()}
    parts = [dumps({"server": {key: value for key, value in counts.items() if value not in (None, "", [], ())}})]
    parts += [f"[[client]]\n{dumps(_as_written(one))}" for one in clients]
    parts += [f"[[user]]\n{dumps(_as_written(one))}" for one in users]
    return "\n".join(parts)


def _document(path: str) -> dict[str, Any]:
    import tomllib

    from oauthctl.cli.token_input import read_bytes

    try:
        return tomllib.loads(read_bytes(path).decode())
    except UnicodeDecodeError:
        raise ConfigError(f"`{path}` is no UTF-8 text", slug="serve-config-unusable") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"`{path}` is no TOML: {error}", slug="serve-config-unusable") from None


def _options(ctx: typer.Context) -> dict[str, Any]:
    """The options that a file may set, by the names that it has for them."""
    named = {option.opts[0].removeprefix("--"): option for option in ctx.command.params}
    return {key: option for key, option in named.items() if key not in _NOT_IN_FILES}


def _settings(ctx: typer.Context, path: str, server: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The name and the value of each parameter that the file sets."""
    options = _options(ctx)
    for key, value in server.items():
        place = f"server.{key[:60]}"
        if key in ("client", "user"):
            raise _wrong(path, place, "has a table of its own", f"write `[[{key}]]`")
        if key not in options:
            raise _wrong(path, place, "is not known", f"the keys are {', '.join(options)}")
        option = options[key]
        kind, fits = _kind(option, value)
        if not fits:
            raise _wrong(path, place, f"is no {kind}", "")
        try:
            yield option.name, option.process_value(ctx, value)
        except ConfigError as error:
            raise _wrong(path, place, f"can't be: {error}", "") from None
        except typer.BadParameter as error:
            raise _wrong(path, place, f"can't be: {error.message}", "") from None


def _kind(option: Any, value: object) -> tuple[str, bool]:
    """What the option takes, and whether this is one."""
    if option.multiple:
        return "list of texts", isinstance(value, list) and all(isinstance(one, str) for one in value)
    if option.is_flag:
        return "`true` or `false`", isinstance(value, bool)
    if isinstance(option.default, float):
        return "number", isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(option.default, int):
        return "whole number", isinstance(value, int) and not isinstance(value, bool)
    return "text", isinstance(value, str)


def _tables(path: str, document: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found = document.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _wrong(path, name, "is no list of tables", f"write `[[{name}]]`")
    for number, one in enumerate(found, 1):
        yield f"{name} {number}", one


def _all_values(path: str, document: Mapping[str, Any], name: str, known: tuple[str, ...]) -> tuple[Values, ...]:
    """The tables of this name; the first key is what each has alone."""
    found: dict[str, Values] = {}
    for where, table in _tables(path, document, name):
        values = _values(path, where, table, known)
        own = values[known[0]][0]
        if own in found:
            raise _wrong(path, where, f"has the `{known[0]}` of an earlier one: `{own[:60]}`", "")
        found[own] = values
    return tuple(found.values())


def _values(path: str, where: str, table: Mapping[str, Any], known: tuple[str, ...]) -> Values:
    """The table as the SPEC of an option would give it."""
    from oauthctl.cli.practice_specs import REPEATABLE

    values: dict[str, list[str]] = {}
    for key, value in table.items():
        place = f"{key[:60]}` of `{where}"
        # No value is repeated in an error: it may be a secret in the wrong place.
        if key in ("secret", "password"):
            raise _wrong(path, place, "can't be written here: files get shared", f"name an environment variable with `{key}-env`")
        if key not in known:
            raise _wrong(path, place, "is not known", f"the keys are {', '.join(known)}")
        several = value if isinstance(value, list) and key in REPEATABLE else [value]
        if key == "asserts-users" and isinstance(value, bool):
            several = ["yes" if value else "no"]
        if not all(isinstance(one, str) for one in several):
            raise _wrong(path, place, "is no text" + (" and no list of texts" if key in REPEATABLE else ""), "")
        if several:
            values[key] = several
    first = known[0]
    if not values.get(first, [""])[0]:
        raise _wrong(path, where, f"has no `{first}`", f'write `{first} = "…"`')
    return values


def _as_written(values: Values) -> dict[str, object]:
    from oauthctl.cli.practice_specs import REPEATABLE

    # What is given too often stays so, and is refused where it is read.
    return {key: several if key in REPEATABLE or len(several) > 1 else several[0] for key, several in values.items()}


def _joined(of_file: tuple[Values, ...], given: tuple[Values, ...], by: str) -> tuple[Values, ...]:
    replaced = {one[by][0] for one in given if by in one}
    return (*(one for one in of_file if one[by][0] not in replaced), *given)


def _wrong(path: str, place: str, problem: str, help_: str) -> ConfigError:
    return ConfigError(f"`{place}` in `{path}` {problem}", slug="serve-config-unusable", help=help_)
