"""What the tables of a provider's file make of the provider.

Here: keys, scopes, claims, the API, lifetimes and the rest of its state. Not here: what the tables may say (`serve_tables`), clients
(`client_table`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oauthctl.cli.serve_fields import frozen, listed
from oauthctl.cli.toml_place import placed
from oauthctl.errors import ConfigError, did_you_mean
from oauthctl.provider.api_parts import API_PARTS, ApiPart
from oauthctl.provider.records import Endpoints
from oauthctl.provider.state import SCOPES
from oauthctl.provider.user_claims import SCOPE_CLAIMS, OwnClaim

if TYPE_CHECKING:
    from oauthctl.cli.serve_fields import Entry
    from oauthctl.cli.serve_tables import Tables
    from oauthctl.cli.toml_place import Place
    from oauthctl.jose.jwk import Jwk
    from oauthctl.provider.client import Client, User

_LIFETIMES = {
    "code": "code_seconds",
    "refresh-token": "refresh_seconds",
    "device-code": "device_seconds",
    "device-interval": "device_interval",
    "pushed-request": "pushed_seconds",
    "backchannel-request": "backchannel_seconds",
}
_PROVIDER = {
    "name": "name",
    "registration": "takes_registrations",
    "pkce-methods": "pkce_methods",
    "requires-pushed-requests": "requires_pushed_requests",
    "requires-signed-requests": "requires_signed_request",
    "requires-dpop-nonce": "requires_dpop_nonce",
}
_PROTOCOL = (
    *("iss", "sub", "aud", "exp", "iat", "nbf", "jti", "nonce", "auth_time", "acr", "amr", "azp", "sid"),
    *("client_id", "scope", "cnf", "act", "at_hash", "c_hash", "s_hash"),
)
"""Claims that the provider says by itself; what is to be wrong in them is a fault."""
_SIGNED = ("id_token", "authorization", "introspection")


def changes_of(tables: Tables) -> dict[str, Any]:
    """The fields of the provider's state that are otherwise than by themselves; its keys and clients are not among them.

    Raises: ConfigError.
    """
    lifetimes, provider = tables.one("lifetimes"), tables.one("provider")
    changes: dict[str, Any] = {field: lifetimes[key] for key, field in _LIFETIMES.items() if key in lifetimes}
    changes |= {field: frozen(provider[key]) for key, field in _PROVIDER.items() if key in provider}
    changes["endpoints"] = _endpoints(tables)
    changes["api"] = {**API_PARTS, **dict(_part(entry, changes["endpoints"]) for entry in tables.all("resource"))}
    scopes = tables.all("scope")
    changes["scopes"] = {**SCOPES, **{entry.values["name"]: _description(entry) for entry in scopes}}
    opened = {entry.values["name"]: listed(entry.values["claims"]) for entry in scopes if "claims" in entry.values}
    changes["scope_claims"] = {**SCOPE_CLAIMS, **opened}
    changes["unannounced_scopes"] = frozenset(entry.values["name"] for entry in scopes if not entry.values.get("offered", True))
    changes["own_claims"] = tuple(_claim(entry, changes["scopes"]) for entry in tables.all("claim"))
    for entry in tables.all("resource"):
        for key in ("scope", "write-scope"):
            check_scopes(entry, key, changes["scopes"])
    return changes


def keys_of(tables: Tables) -> tuple[Jwk, ...]:
    """The signing keys, in their order; none where the file names none.

    Raises: ConfigError.
    """
    found: list[Jwk] = []
    for entry in tables.all("key"):
        for key in _keys(entry):
            if key.kid in [one.kid for one in found]:
                at = entry.place.at("kid" if "kid" in entry.values else "file")
                raise at.wrong(f"is that of an earlier key: `{key.kid}`", help_="give each a `kid` of its own")
            found.append(key)
    return tuple(found)


def keys_of_files(tables: Tables) -> frozenset[str]:
    """The thumbprints of the keys that stand in files, and are not made up for the run."""
    return frozenset(key.thumbprint() for entry in tables.all("key") if "file" in entry.values for key in _private_keys(entry))


def user_from(entry: Entry, environ: Mapping[str, str]) -> User:
    """The user of this table. Raises: ConfigError."""
    from oauthctl.cli.practice_specs import user_of

    with placed(entry.place):
        user = user_of({key: [value] for key, value in entry.values.items() if key != "claims"}, environ, place=entry.place)
    _check_claims(entry.place.at("claims"), entry.values.get("claims", {}))
    return replace(user, claims={**user.claims, **entry.values.get("claims", {})})


def fitted(client: Client, tables: Tables, *, algs: tuple[str, ...], takes_scopes: bool) -> Client:
    """The client as it fits to what the tables say: with new scopes where it `takes_scopes`, with algorithms that there are."""
    scopes = tuple(entry.values["name"] for entry in tables.all("scope")) if takes_scopes else ()
    changes: dict[str, Any] = {"scopes": tuple(dict.fromkeys((*client.scopes, *scopes)))}
    for answer in _SIGNED:
        name = f"{answer}_signed_response_alg"
        if getattr(client, name) not in (*algs, "HS256"):
            changes[name] = algs[0]
    lifetimes = tables.one("lifetimes")
    own = next((entry.values for entry in tables.all("client") if entry.values["id"] == client.id), {})
    if "id-token" in lifetimes and "id-token-seconds" not in own:
        changes["id_token_seconds"] = lifetimes["id-token"]
    return replace(client, **changes)


def _keys(entry: Entry) -> Iterator[Jwk]:
    from oauthctl.jose.jwk import generate

    with placed(entry.place):
        if "file" not in entry.values:
            if "alg" not in entry.values:
                raise entry.place.wrong("has neither `alg` nor `file`", help_='write `alg = "ES256"`, or `file = "key.pem"`')
            found: tuple[Jwk, ...] = (generate(entry.values["alg"]),)
        else:
            found = _private_keys(entry)
    if "kid" in entry.values and len(found) > 1:
        raise entry.place.at("kid").wrong(f"names one key, and the file holds {len(found)}")
    for key in found:
        yield key.with_(kid=entry.values.get("kid") or key.kid or key.thumbprint())


def _private_keys(entry: Entry) -> tuple[Jwk, ...]:
    from oauthctl.cli.token_input import read_bytes
    from oauthctl.jose.algorithms import SIGNATURE_ALGORITHMS, algorithm_for
    from oauthctl.jose.jwk import load_key

    place = entry.place.at("file")
    with placed(place):
        keys = tuple(key for key in load_key(read_bytes(entry.values["file"])) if key.is_private and key.kty != "oct")
    if not keys:
        raise place.wrong("holds no private key", help_="give a private JWK, a JWKS of them, or PEM")
    found = []
    for key in keys:
        alg = entry.values.get("alg") or key.alg or algorithm_for(key.kty, key.crv)
        algorithm = SIGNATURE_ALGORITHMS.get(alg)
        if algorithm is None or algorithm.kty != key.kty or (algorithm.curves and key.crv not in algorithm.curves):
            raise place.wrong(f"holds a key of type `{key.kty}`, which can't sign `{alg}`")
        found.append(key.with_(alg=alg, use="sig"))
    return tuple(found)


def _part(entry: Entry, endpoints: Endpoints) -> tuple[str, ApiPart]:
    given = entry.values
    path = given["path"].rstrip("/")
    if not path or any(path == getattr(endpoints, name) for name in endpoints.__dataclass_fields__):
        raise entry.place.at("path").wrong("is taken by an endpoint of the provider")
    return path, ApiPart(
        given.get("name") or path.rpartition("/")[2],
        given.get("scope", ""),
        given.get("write-scope") or given.get("scope", ""),
        tuple({"id": str(number), "name": name} for number, name in enumerate(listed(given.get("items", [])), 1)),
        audience=given.get("audience", ""),
        acr=given.get("acr", ""),
        max_age=given.get("max-age"),
        dpop=given.get("dpop", False),
    )


def _endpoints(tables: Tables) -> Endpoints:
    given = {key.replace("-", "_"): path for key, path in tables.one("endpoints").items()}
    endpoints = Endpoints(**given)
    paths = [getattr(endpoints, name) for name in endpoints.__dataclass_fields__]
    twice = next((key for key, path in given.items() if paths.count(path) > 1), None)
    if twice is not None:
        raise tables.single["endpoints"].place.at(twice.replace("_", "-")).wrong("is the path of two endpoints")
    return endpoints


def _claim(entry: Entry, scopes: Mapping[str, str]) -> OwnClaim:
    given = entry.values
    _check_claims(entry.place.at("name"), (given["name"],))
    check_scopes(entry, "scope", scopes)
    return OwnClaim(given["name"], tuple(given.get("in", ("id_token", "userinfo"))), given.get("scope", ""), given.get("value"))


def _check_claims(place: Place, names: Iterable[str]) -> None:
    own = next((name for name in names if name in _PROTOCOL), None)
    if own is not None:
        error = place.wrong(
            f"can't set `{own}`, which the provider says by itself", help_="`oauthctl serve --list-faults` has what makes it wrong"
        )
        error.where = place.at(own).where
        raise error


def check_scopes(entry: Entry, key: str, known: Iterable[str]) -> None:
    """Raises: ConfigError, where this key names a scope that is not known."""
    from oauthctl.cli.usage import alike

    names = tuple(known)
    for number, text in enumerate(listed(entry.values.get(key, [])), 1):
        for scope in text.split():
            if scope not in names:
                problem = f"`{entry.place.at(key).name}` names `{scope[:60]}`, which is no scope of this provider"
                help_ = did_you_mean(alike(scope, names)) or f'add it to the file for `--config`: `[[scope]]`, `name = "{scope[:60]}"`'
                raise ConfigError(problem, slug="serve-config-unusable", where=entry.place.at(key, number).where, help=help_)


def _description(entry: Entry) -> str:
    name = entry.values["name"]
    return str(entry.values.get("description") or SCOPES.get(name) or f"Use {name}")
