"""The clients and users of `serve`'s options, as a file without tables makes them."""

from __future__ import annotations

from collections.abc import Mapping

from oauthctl.cli.practice_specs import client_of, user_of
from oauthctl.cli.practice_words import client_values, user_values
from oauthctl.provider.client import Client, User


def read_client(spec: str, environ: Mapping[str, str]) -> Client:
    """The client of a `--client`; `ConfigError` when it can't be one."""
    return client_of(client_values(spec), environ)


def read_user(spec: str, environ: Mapping[str, str]) -> User:
    """The user of a `--user`; `ConfigError` when it can't be one."""
    return user_of(user_values(spec), environ)
