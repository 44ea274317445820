"""What is kept of a registration: the profile, the client's secret, the token with which the registration can be changed.

Here: between the server's answer and the store. Not here: asking the server (`registering`), the files (`store`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from oauthctl.cli.settings import Settings
from oauthctl.errors import ConfigError
from oauthctl.messages.client_auth import METHODS
from oauthctl.store import client_secrets, profiles, registrations
from oauthctl.store.profiles import Profile
from oauthctl.store.registrations import Registration

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.flows.registration import Registered
    from oauthctl.messages.client_metadata import Wishes
    from oauthctl.store.locations import Locations


def new_profile(out: Output, target: str, *, named: str, client_key: str) -> Settings:
    """The profile that is to be made. Raises `ConfigError` where it has a client already, and for a TARGET that is no issuer."""
    from oauthctl.cli.login_target import issuer_of_host
    from oauthctl.http import is_http_url
    from oauthctl.store.locations import locations
    from oauthctl.store.names import checked_name

    where = locations(out.terminal.environ)
    known = profiles.names(where)
    issuer = target or out.terminal.environ.get("OAUTHCTL_ISSUER", "")
    if not issuer:
        raise ConfigError("no provider is named", slug="no-target", help="give its issuer: `oauthctl register https://issuer.example`")
    issuer = issuer if "://" in issuer else issuer_of_host(issuer)
    if not is_http_url(issuer):
        raise ConfigError(
            f"`{target}` is no issuer URL",
            help=f"to look after its client: `oauthctl register --read {target}`" if target in known else "write `https://issuer.example`",
        )
    name = checked_name(named) if named else _free_name(where, issuer)
    if name in known and profiles.load(where, name).client_id:
        raise ConfigError(
            f"the profile `{name}` has a client already",
            slug="profile-exists",
            help=f"choose another name with `--profile NAME`, or change its client with `oauthctl register --update {name}`",
        )
    key = str(Path(client_key).absolute()) if client_key and client_key != "-" else ""
    return Settings(where, Profile(name=name, issuer=issuer, client_key_file=key), name in known)


def kept(out: Output, chosen: Settings) -> Registration:
    """The registration of the profile's client. Raises `ConfigError` where none was kept."""
    found = registrations.read(chosen.locations, chosen.name, client_id=chosen.profile.client_id, warn=out.warn) if chosen.name else None
    if found is None:
        raise ConfigError(
            f"of the client of profile `{chosen.name}` no registration is kept",
            slug="no-registration",
            notes=("only who registered a client, and was given a registration access token, can change it",),
            spec="RFC 7592 section 3",
            help="make one with `oauthctl register ISSUER --profile NAME`",
        )
    return found


def keep(out: Output, chosen: Settings, registered: Registered, *, wishes: Wishes) -> Profile:
    """Keep what the server said; the profile as it is kept. A server may give a new secret and a new token with each answer."""
    response = registered.response
    method = response.token_endpoint_auth_method or wishes.auth_method
    redirects = [uri for uri in wishes.redirect_uris if uri in (response.redirect_uris or wishes.redirect_uris)]
    profile = replace(
        chosen.profile,
        client_id=response.client_id or "",
        client_auth=method if method in METHODS else chosen.profile.client_auth,
        scope=wishes.scope or chosen.profile.scope,
        redirect_uri=wishes.redirect_uris[0]
        if wishes.redirect_uris and wishes.redirect_uris[0] in redirects
        else chosen.profile.redirect_uri,
        grant=chosen.profile.grant or _grant(tuple(response.grant_types or wishes.grant_types)),
    )
    profiles.save(chosen.locations, profile)
    if response.client_secret:
        client_secrets.write(chosen.locations, profile, response.client_secret)
    if response.registration_access_token and response.registration_client_uri:
        place, token = response.registration_client_uri, response.registration_access_token
        registrations.write(chosen.locations, profile.name, Registration(profile.client_id, place, token))
    elif not chosen.exists:
        out.warn("the server gave no registration access token: the registration can't be changed or deleted from here")
    if not profiles.current(chosen.locations):
        profiles.use(chosen.locations, profile.name)
    return profile


def forget(chosen: Settings) -> None:
    """Throw away what is worth nothing without the client."""
    registrations.delete(chosen.locations, chosen.name)
    client_secrets.delete(chosen.locations, chosen.name)


def _free_name(where: Locations, issuer: str) -> str:
    """A name after the issuer's host, with a number where a profile has it already."""
    name, known = profiles.name_for_issuer(where, issuer), profiles.names(where)
    return next(one for one in (name, *(f"{name}-{number}" for number in range(2, len(known) + 3))) if one not in known)


def _grant(grant_types: tuple[str, ...]) -> str:
    """The grant that a profile notes: none where people sign in by the browser, as is usual."""
    from oauthctl.flows.grant_choice import TYPES

    if not grant_types or "authorization_code" in grant_types:
        return ""
    return next((name for name, grant_type in TYPES.items() if grant_type in grant_types), "")
