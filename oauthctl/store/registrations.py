"""Registrations that oauthctl made: where and with which token each can be changed, one private file per profile.

Here: keeping one, for one client. Not here: the client's secret (`client_secrets`), asking the server (`flows.registration`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from oauthctl.store import files
from oauthctl.store.files import Warn
from oauthctl.store.locations import Locations
from oauthctl.store.names import checked_name


@dataclass(frozen=True, slots=True)
class Registration:
    """What a client needs to look after its registration. Source: RFC 7592 section 3."""

    client_id: str
    registration_client_uri: str
    registration_access_token: str = field(repr=False)


def registration_path(locations: Locations, name: str) -> Path:
    """The file of this profile's registration, which need not exist; raises `ConfigError` for a name that is not allowed."""
    return locations.state / "registrations" / f"{checked_name(name)}.json"


def read(locations: Locations, name: str, *, client_id: str, warn: Warn) -> Registration | None:
    """The registration of this client; None where none was kept, or that of another client. A damaged file is set aside."""
    path = registration_path(locations, name)
    data = files.read_private(path, warn=warn, limit=1024 * 1024)
    if data is None:
        return None
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        document = None
    match document:
        case {"client_id": str(of), "registration_client_uri": str(uri), "registration_access_token": str(token)}:
            return Registration(of, uri, token) if of == client_id else None
    warn(f"`{path}` is damaged; kept as `{files.set_aside(path)}`")
    return None


def write(locations: Locations, name: str, registration: Registration) -> None:
    """Keeps it with the profile, in the place of the one before: a server may give a new token with each answer."""
    document = {
        "format": 1,
        "client_id": registration.client_id,
        "registration_client_uri": registration.registration_client_uri,
        "registration_access_token": registration.registration_access_token,
    }
    files.write_private(registration_path(locations, name), json.dumps(document, indent=1).encode())


def delete(locations: Locations, name: str) -> bool:
    """Whether one was kept; none is any more."""
    return files.delete(registration_path(locations, name))
