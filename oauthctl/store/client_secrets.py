"""Client secrets that oauthctl was asked to remember: one private file per profile, beside the tokens and never in the profile.

Here: keeping one secret, for one client at one server. Not here: the other places that a secret can come from (a file, the environment, a
prompt).
"""

from __future__ import annotations

import json
from pathlib import Path

from oauthctl.errors import ConfigError
from oauthctl.http import origin
from oauthctl.store import files
from oauthctl.store.files import Warn
from oauthctl.store.locations import Locations
from oauthctl.store.names import checked_name
from oauthctl.store.profiles import Profile

_SHOWN_SECRETS = ("token_endpoint", "revocation_endpoint", "introspection_endpoint")
"""The endpoints that get to see the client's secret."""


def client_secret_path(locations: Locations, name: str) -> Path:
    """The file of this profile's secret, which need not exist; raises `ConfigError` for a name that is not allowed."""
    return locations.state / "client_secrets" / f"{checked_name(name)}.json"


def read(locations: Locations, profile: Profile, *, warn: Warn) -> str:
    """The secret that was kept for this client, or nothing; a secret of another client is never given.

    A damaged file is set aside, and `warn` is told where. Raises `ConfigError` when the secret is for another server than the one that the
    profile names now, or an older oauthctl kept it and did not note the server: a profile may have been edited since.
    """
    path = client_secret_path(locations, profile.name)
    data = files.read_private(path, warn=warn, limit=1024 * 1024)
    if data is None:
        return ""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        document = None
    match document:
        case {"client_id": str(of), "client_secret": str()} if of != profile.client_id:
            return ""
        case {"client_id": str(), "client_secret": str(secret), "issuer": str(issuer), "origins": list(origins)}:
            _check_server(profile, issuer, origins)
            return secret
        case {"client_id": str(), "client_secret": str()}:
            raise _foreign(profile, "an older oauthctl kept it, and did not note for which server")
    warn(f"`{path}` is damaged; kept as `{files.set_aside(path)}`")
    return ""


def write(locations: Locations, profile: Profile, secret: str, *, token_endpoint: str = "") -> None:
    """Keeps this client's secret with the profile, for its issuer and endpoints, and the `token_endpoint` that took the secret, alone."""
    origins = {origin(url) for url in (*_endpoints(profile), token_endpoint) if url}
    document = {
        "format": 1,
        "client_id": profile.client_id,
        "client_secret": secret,
        "issuer": profile.issuer,
        "origins": sorted(origins | ({origin(profile.issuer)} if profile.issuer else set())),
    }
    files.write_private(client_secret_path(locations, profile.name), json.dumps(document, indent=1).encode())


def delete(locations: Locations, name: str) -> bool:
    """Whether a secret was kept; none is any more."""
    return files.delete(client_secret_path(locations, name))


def _endpoints(profile: Profile) -> tuple[str, ...]:
    return tuple(url for name, url in profile.endpoints if name in _SHOWN_SECRETS)


def _check_server(profile: Profile, issuer: str, origins: list[object]) -> None:
    if issuer.rstrip("/") != profile.issuer.rstrip("/"):
        raise _foreign(profile, f"it is for `{issuer or 'endpoints alone'}`, and the profile names `{profile.issuer or 'endpoints alone'}`")
    for url in _endpoints(profile):
        if origin(url) not in origins:
            raise _foreign(profile, f"it has never been for `{origin(url)}`, which the profile names as an endpoint")


def _foreign(profile: Profile, why: str) -> ConfigError:
    return ConfigError(
        f"the client secret that was kept with the profile `{profile.name}` is not used",
        slug="secret-mismatch",
        notes=(why,),
        help=f"sign in with `oauthctl login {profile.name} --client-secret-file FILE`, or set `OAUTHCTL_CLIENT_SECRET`",
    )
