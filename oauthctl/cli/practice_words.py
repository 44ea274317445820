"""SPECs, as `serve` takes clients and users on the command line: `id=shop,redirect=URL,secret-env=NAME`.

Here: their language. Not here: what the values may be (`practice_specs`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from oauthctl.cli import practice_algs
from oauthctl.errors import ConfigError
from oauthctl.messages.registration import RegistrationRequest

METHOD = "token_endpoint_auth_method"
_URIS = ("redirect", "request-uri", "resource")
_OWN_KEYS = ("id", "name", *_URIS, "scope", "grant", "secret-env", "secret-file", "keys-file", "asserts-users")
CLIENT_KEYS = (*_OWN_KEYS, METHOD, *practice_algs.KEYS)
USER_KEYS = ("username", "name", "password-env")
REPEATABLE = (*_URIS, "scope", "grant")

Values: TypeAlias = Mapping[str, list[str]]
"""What a client or a user is said to be: the values of each key."""


def client_values(spec: str) -> Values:
    """What a `--client` says, not judged yet; `ConfigError` where it is not in its language."""
    return _values(spec, "--client", CLIENT_KEYS)


def user_values(spec: str) -> Values:
    """What a `--user` says, not judged yet; `ConfigError` where it is not in its language."""
    username, _, rest = spec.partition(",")
    return {"username": [username.strip()]} | (_values(rest, "--user", USER_KEYS[1:]) if rest else {})


def single(values: Mapping[str, list[str]], key: str) -> str:
    """What is given for a key, or an empty text. Raises: ConfigError, where it is given twice."""
    given = values.get(key, [""])
    if len(given) > 1:
        raise ConfigError(f"`{key}=` is given {len(given)} times in one SPEC", help="give it once")
    return given[0]


def _values(spec: str, flag: str, known: tuple[str, ...]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for number, part in enumerate(spec.split(","), 1):
        key, equals, value = part.partition("=")
        key = key.strip()
        # Neither value nor unknown key is repeated in the error: it may be a secret in the wrong place.
        if key in ("secret", "password"):
            raise ConfigError(
                f"`{flag}` takes no {key}: other users see command lines (`ps`), and your shell keeps them",
                slug="secret-in-argv",
                help=f"name an environment variable with `{key}-env=NAME`",
            )
        if not equals or key not in known:
            which = f"the {_ordinal(number)} part of `{flag}`"
            problem = (
                f"`{key}`, {which}, can't be set here"
                if key in RegistrationRequest.params()
                else f"{which} is not `KEY=VALUE` with a known key"
            )
            raise ConfigError(problem, help=f"the keys are {', '.join(known)}")
        values.setdefault(key, []).append(value.strip())
    return values


def _ordinal(number: int) -> str:
    return f"{number}{({1: 'st', 2: 'nd', 3: 'rd'} if number not in (11, 12, 13) else {}).get(number % 10, 'th')}"
