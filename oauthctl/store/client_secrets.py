"""Client secrets that oauthctl was asked to remember: one private file per profile, beside the tokens and never in the profile.

Here: keeping one secret. Not here: the other places that a secret can come from (a file, the environment, a prompt).
"""

from __future__ import annotations

import json
from pathlib import Path

from oauthctl.store import files
from oauthctl.store.files import Warn
from oauthctl.store.locations import Locations
from oauthctl.store.names import checked_name


def client_secret_path(locations: Locations, name: str) -> Path:
    """The file of this profile's secret, which need not exist; raises `ConfigError` for a name that is not allowed."""
    return locations.state / "client_secrets" / f"{checked_name(name)}.json"


def read(locations: Locations, name: str, *, client_id: str, warn: Warn) -> str:
    """The secret that was kept for this client, or nothing; a secret of another client is never given.

    A damaged file is set aside, and `warn` is told where.
    """
    path = client_secret_path(locations, name)
    data = files.read_private(path, warn=warn, limit=1024 * 1024)
    if data is None:
        return ""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        document = None
    match document:
        case {"client_id": str(of), "client_secret": str(secret)}:
            return secret if of == client_id else ""
    warn(f"`{path}` is damaged; kept as `{files.set_aside(path)}`")
    return ""


def write(locations: Locations, name: str, secret: str, *, client_id: str) -> None:
    """Keeps this client's secret with the profile."""
    document = {"format": 1, "client_id": client_id, "client_secret": secret}
    files.write_private(client_secret_path(locations, name), json.dumps(document, indent=1).encode())


def delete(locations: Locations, name: str) -> bool:
    """Whether a secret was kept; none is any more."""
    return files.delete(client_secret_path(locations, name))
