"""Profiles: how one client talks to one provider, as a person wrote it down.

Here: `Profile`, its TOML file, the default among the profiles. Not here: tokens and secrets, which lie elsewhere (`tokens`,
`client_secrets`), and what flags and environment add to a profile. One file each, `profiles/<name>.toml`, so that a shell can list them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from oauthctl.errors import ConfigError, StoreError
from oauthctl.store.files import delete as delete_file
from oauthctl.store.files import reason_of, write_private
from oauthctl.store.locations import Locations
from oauthctl.store.names import checked_name, is_name, name_for
from oauthctl.store.toml import dumps

_LIMIT = 1024 * 1024
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one client at one provider; an empty value says nothing.

    `endpoints` are pairs of metadata name and URL (`token_endpoint`, `jwks_uri` …) for what the issuer does not publish, `params` are
    further parameters of the authorization request, `token_params` those of each request that names the client, which `token_request` makes
    a `form` (as where it is empty) or `json`. The client secret is never here: `client_secret_file` and `client_secret_env` say
    where it is, `client_key_file` where the private key is, whose id at the server is `client_key_id`, `client_certificate_file` where
    the certificate for mutual TLS is, with its key or without, `client_attestation_file` and `client_attestation_key_file` where an
    attestation and its key are; `assertion_audience` is `issuer`, `token-endpoint` or a URL.
    `expect_issuer` is the issuer that metadata and tokens carry where it is not `issuer`; `grant` is a grant type, `response_type` is empty
    for `code`,
    `dpop` the algorithm of the key to which tokens are bound, such as `ES256`.
    """

    name: str
    issuer: str = ""
    client_id: str = ""
    client_secret_file: str = ""
    client_secret_env: str = ""
    client_auth: str = ""
    client_certificate_file: str = ""
    client_key_file: str = ""
    client_key_id: str = ""
    client_attestation_file: str = ""
    client_attestation_key_file: str = ""
    assertion_audience: str = ""
    grant: str = ""
    scope: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()
    audience: str = ""
    redirect_uri: str = ""
    response_type: str = ""
    response_mode: str = ""
    pkce: str = ""
    dpop: str = ""
    expect_issuer: str = ""
    token_request: str = ""
    endpoints: Pairs = ()
    params: Pairs = ()
    token_params: Pairs = ()

    def endpoint(self, name: str) -> str:
        """The URL given for this metadata name, or nothing."""
        return dict(self.endpoints).get(name, "")


def profile_path(locations: Locations, name: str) -> Path:
    """The file of this profile, which need not exist; raises `ConfigError` for a name that is not allowed."""
    return locations.config / "profiles" / f"{checked_name(name)}.toml"


def names(locations: Locations) -> tuple[str, ...]:
    """The names of all profiles, sorted."""
    try:
        found = [path.stem for path in (locations.config / "profiles").iterdir() if path.suffix == ".toml"]
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise StoreError(f"`{locations.config / 'profiles'}` can't be read: {reason_of(error)}") from error
    return tuple(sorted(filter(is_name, found)))


def load(locations: Locations, name: str) -> Profile:
    """The profile of this name. Raises `ConfigError` when there is none, or its file can't be understood."""
    path = profile_path(locations, name)
    document = _read(path)
    if document is None:
        raise _no_such_profile(locations, name)
    if "client_secret" in document:
        raise ConfigError(
            f"`{path}` holds a `client_secret`",
            notes=("a profile is no place for secrets",),
            help='put it into a file that only you can read, and name that: `client_secret_file = "…"`',
        )
    members = {key: _READERS[kind](path, key, document[key]) for key, kind in _KINDS.items() if key in document}
    return Profile(name=name, **members)


def save(locations: Locations, profile: Profile) -> None:
    """Writes the profile's file; keys in it that oauthctl does not know are kept, empty values are left out.

    A file that already says the same is not touched, for rewriting loses a person's comments.
    """
    path = profile_path(locations, profile.name)
    before = _read(path) or {}
    after = {key: _plain(getattr(profile, key)) for key in _KINDS if getattr(profile, key)}
    after |= {key: value for key, value in before.items() if key not in _KINDS}
    if after != before or not path.exists():
        _write(path, after)


def delete(locations: Locations, name: str) -> None:
    """Deletes the profile, and the default when this was it; its tokens stay. Raises `ConfigError` when there is none."""
    if not delete_file(profile_path(locations, name)):
        raise _no_such_profile(locations, name)
    settings = _read(_settings_path(locations)) or {}
    if settings.get("profile") == name:
        _write(_settings_path(locations), {key: value for key, value in settings.items() if key != "profile"})


def current(locations: Locations) -> str:
    """The name of the default profile, or nothing when none was chosen. Whether it exists is not checked."""
    path = _settings_path(locations)
    name = _text(path, "profile", (_read(path) or {}).get("profile", ""))
    return checked_name(name) if name else ""


def use(locations: Locations, name: str) -> None:
    """Makes this profile the default. Raises `ConfigError` when there is none of this name."""
    if not profile_path(locations, name).exists():
        raise _no_such_profile(locations, name)
    path = _settings_path(locations)
    _write(path, (_read(path) or {}) | {"profile": name})


def name_for_issuer(locations: Locations, issuer: str) -> str:
    """The name of the profile that an issuer's login makes or updates: its host, with its path when another issuer has the host's name."""
    name = name_for(issuer)
    document = _read(profile_path(locations, name)) or {}
    taken = document.get("issuer", "")
    same = not taken or (isinstance(taken, str) and taken.rstrip("/") == issuer.rstrip("/"))
    return name if same else name_for(issuer, with_path=True)


def _settings_path(locations: Locations) -> Path:
    return locations.config / "config.toml"


def _read(path: Path) -> dict[str, object] | None:
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"`{path}` can't be read: {reason_of(error)}") from error
    if len(data) > _LIMIT:
        raise ConfigError(f"`{path}` is larger than {_LIMIT} bytes")
    try:
        # Editors on Windows put a byte order mark first.
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"`{path}` is not UTF-8", where=f"{path}, line {line}") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _not_toml(path, data, str(error)) from error


def _not_toml(path: Path, data: bytes, said: str) -> ConfigError:
    place = re.search(r" \(at line (\d+), column (\d+)\)$", said)
    line = int(place[1]) if place else data.count(b"\n") + 1
    what = re.sub(r" \(at [^()]*\)$", "", said)
    return ConfigError(f"`{path}` is not TOML: {what[:1].lower()}{what[1:]}", where=f"{path}, line {line}", help="mend that line")


def _write(path: Path, document: Mapping[str, object]) -> None:
    # People keep their configuration in version control and link it into place: the link stays, what it points to is written.
    write_private(path.resolve(), dumps(document).encode(), mend_parent=False)


def _no_such_profile(locations: Locations, name: str) -> ConfigError:
    from difflib import get_close_matches

    known = names(locations)
    close = get_close_matches(name, known, 1)
    return ConfigError(
        f"there is no profile `{name}`",
        notes=(f"profiles: {', '.join(known)}" if known else "there are no profiles yet",),
        help=f"did you mean `{close[0]}`?" if close else f"make it with `oauthctl login ISSUER --profile {name}`",
    )


def _plain(value: object) -> object:
    """A member as TOML writes it; a name that occurs more than once gets a list."""
    if not isinstance(value, tuple) or not all(isinstance(item, tuple) for item in value):
        return list(value) if isinstance(value, tuple) else value
    table: dict[str, object] = {}
    for key in dict.fromkeys(key for key, _ in value):
        found = [text for name, text in value if name == key]
        table[key] = found if len(found) > 1 else found[0]
    return table


def _text(path: Path, key: str, raw: object) -> str:
    if isinstance(raw, str):
        return raw
    raise _wrong_type(path, key, "a string")


def _texts(path: Path, key: str, raw: object) -> tuple[str, ...]:
    if isinstance(raw, str):
        return tuple(raw.split())
    if isinstance(raw, list) and all(isinstance(item, str) for item in raw):
        return tuple(raw)
    raise _wrong_type(path, key, "a list of strings")


def _pairs(path: Path, key: str, raw: object) -> Pairs:
    if not isinstance(raw, dict):
        raise _wrong_type(path, key, "a table of strings")
    pairs: list[tuple[str, str]] = []
    for name, value in raw.items():
        items = value if isinstance(value, list) else [value]
        pairs.extend((name, _text(path, f"{key}.{name}", item)) for item in items)
    return tuple(pairs)


def _wrong_type(path: Path, key: str, wanted: str) -> ConfigError:
    return ConfigError(f"`{key}` in `{path}` is not {wanted}", where=f"{path}, `{key}`")


_READERS: dict[object, Callable[[Path, str, object], Any]] = {"str": _text, "tuple[str, ...]": _texts, "Pairs": _pairs}
_KINDS: dict[str, object] = {field.name: field.type for field in fields(Profile) if field.name != "name"}
