"""The tables of a provider's file, each key with what it takes.

Here: the file's vocabulary, and how tables of several places become one set. Not here: `[server]`, which has the options' names
(`serve_file`), and what becomes of all this (`provider_tables`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from oauthctl.cli.client_table import CLIENT, spelled_shortly
from oauthctl.cli.serve_fields import (
    PATH,
    SCOPE_TOKEN,
    TABLE,
    TEXT,
    TEXTS,
    TRUTH,
    VALUE,
    Entry,
    Kind,
    one_of,
    read_table,
    read_tables,
    seconds,
    some_of,
    whole_seconds,
)
from oauthctl.cli.toml_place import Place
from oauthctl.jose.algorithms import SIGNATURE_ALGORITHMS
from oauthctl.provider.records import Endpoints
from oauthctl.provider.user_claims import PLACES

_SIGNING = tuple(name for name, one in SIGNATURE_ALGORITHMS.items() if one.kty != "oct")
USER = {"username": TEXT, "name": TEXT, "password-env": TEXT, "claims": TABLE}
CLAIM = {"name": TEXT, "in": some_of(*PLACES), "scope": TEXT, "value": VALUE}
SCOPE = {"name": SCOPE_TOKEN, "description": TEXT, "claims": TEXTS, "offered": TRUTH}
KEY = {"kid": TEXT, "alg": one_of(*_SIGNING), "file": TEXT}
RESOURCE = {
    "path": PATH,
    "name": TEXT,
    "scope": TEXT,
    "write-scope": TEXT,
    "audience": TEXT,
    "acr": TEXT,
    "max-age": whole_seconds(0),
    "dpop": TRUTH,
    "items": TEXTS,
}
LIFETIMES = {
    "code": seconds(1),
    "access-token": seconds(1),
    "refresh-token": seconds(1),
    "refresh-grace": seconds(0),
    "id-token": seconds(1),
    "device-code": whole_seconds(1),
    "device-interval": seconds(0),
    "pushed-request": whole_seconds(1),
    "backchannel-request": whole_seconds(1),
    "key": seconds(0),
}
BY_OPTION = {"access-token": "token-seconds", "refresh-grace": "refresh-grace", "key": "key-seconds"}
"""The lifetimes that options know, too."""
PROVIDER = {
    "name": TEXT,
    "registration": TRUTH,
    "pkce-methods": some_of("S256", "plain"),
    "requires-pushed-requests": TRUTH,
    "requires-signed-requests": TRUTH,
    "requires-dpop-nonce": TRUTH,
}
ENDPOINTS = {one.name.replace("_", "-"): PATH for one in fields(Endpoints)}
LISTS: Mapping[str, Mapping[str, Kind]] = {
    "client": CLIENT,
    "user": USER,
    "claim": CLAIM,
    "scope": SCOPE,
    "key": KEY,
    "resource": RESOURCE,
}
"""What there may be several of."""
OWN = {"client": "id", "user": "username", "claim": "name", "scope": "name", "resource": "path", "key": ""}
"""The key that tells them apart."""
SINGLE: Mapping[str, Mapping[str, Kind]] = {"lifetimes": LIFETIMES, "provider": PROVIDER, "endpoints": ENDPOINTS}
_SPELLED = {"client": spelled_shortly}


@dataclass(frozen=True, slots=True)
class Tables:
    """What a file says of a provider, by the tables' names."""

    lists: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    single: Mapping[str, Entry] = field(default_factory=dict)

    def all(self, name: str) -> tuple[Entry, ...]:
        """The tables of this name."""
        return self.lists.get(name, ())

    def one(self, name: str) -> Mapping[str, Any]:
        """The table of this name; empty where there is none."""
        return self.single[name].values if name in self.single else {}

    def with_(self, name: str, entries: tuple[Entry, ...]) -> Tables:
        """With these in place of those of the same own key, behind the others."""
        own = OWN[name]
        replaced = [entry.values.get(own) for entry in entries]
        kept = tuple(entry for entry in self.all(name) if entry.values[own] not in replaced)
        return replace(self, lists={**self.lists, name: (*kept, *entries)})

    def over(self, below: Tables) -> Tables:
        """These with what is below them shining through: an issuer's with those of the whole file. Own keys are all the keys."""
        merged = below
        for name, entries in self.lists.items():
            merged = replace(merged, lists={**merged.lists, name: entries}) if name == "key" else merged.with_(name, entries)
        single = {name: Entry(entry.place, {**below.one(name), **entry.values}) for name, entry in {**below.single, **self.single}.items()}
        return replace(merged, single=single)

    def as_document(self) -> dict[str, Any]:
        """As the file has it."""
        lists = {name: [dict(entry.values) for entry in self.all(name)] for name in LISTS if self.all(name)}
        return {name: dict(self.one(name)) for name in SINGLE if self.one(name)} | lists


def read_provider(place: Place, document: Mapping[str, Any]) -> Tables:
    """The tables about a provider among those of a document.

    Raises: ConfigError.
    """
    lists = {
        name: read_tables(place.at(name), document[name], LISTS[name], own=OWN[name], spelled=_SPELLED.get(name))
        for name in LISTS
        if name in document
    }
    single = {name: Entry(place.at(name), read_table(place.at(name), document[name], SINGLE[name])) for name in SINGLE if name in document}
    return Tables(lists, single)
