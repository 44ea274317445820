"""Whom a login is for: TARGET, flags and environment settled into one profile.

Here: the profile that is made or updated. Not here: signing in (`signing_in`), settings of the other commands (`settings`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oauthctl.cli.settings import Settings, overlaid
from oauthctl.errors import ConfigError
from oauthctl.store import profiles
from oauthctl.store.names import checked_name
from oauthctl.store.profiles import Profile

if TYPE_CHECKING:
    from oauthctl.cli.output import Output


def settle(out: Output, target: str, *, flags: Mapping[str, Any], named: str) -> Settings:
    """The profile that is made or updated: named by flag, by TARGET, or after the issuer's host."""
    from oauthctl.cli.settings import given_values
    from oauthctl.store.locations import locations

    where = locations(out.terminal.environ)
    known = profiles.names(where)
    given = given_values(out.terminal.environ, flags)
    if target and "://" not in target and target not in known:
        target = _as_issuer(target, known)
    if target in known:
        given.pop("issuer", None)
        stored, name = profiles.load(where, target), named or target
    else:
        issuer = given["issuer"] = target or given.get("issuer", "")
        named = named or out.terminal.environ.get("OAUTHCTL_PROFILE", "")
        name = named or (profiles.name_for_issuer(where, issuer) if issuer else profiles.current(where))
        stored = profiles.load(where, name) if name in known or (name and not issuer) else Profile(name=name)
    if name:
        checked_name(name)
    if name in known:
        _refuse_other_server(
            profiles.load(where, name), issuer=given.get("issuer") or stored.issuer, token_endpoint=stored.endpoint("token_endpoint")
        )
    stored = replace(stored, name=name)
    merged = overlaid(stored, given)
    if not merged.issuer and not merged.endpoint("token_endpoint"):
        raise ConfigError("no provider is named", slug="no-target", help="give its issuer: `oauthctl login https://issuer.example`")
    return Settings(where, merged, name in known)


def _refuse_other_server(profile: Profile, *, issuer: str, token_endpoint: str) -> None:
    """A profile stays with its server: its secret and its tokens are that server's."""
    same = profile.issuer.rstrip("/") == issuer.rstrip("/") if profile.issuer else profile.endpoint("token_endpoint") == token_endpoint
    if not same:
        raise ConfigError(
            f"the profile `{profile.name}` is for `{profile.issuer or profile.endpoint('token_endpoint')}`",
            slug="profile-mismatch",
            notes=(f"`{issuer or token_endpoint}` was asked for",),
            help=f"choose another name with `--profile NAME`, or delete it with `oauthctl profile delete {profile.name}`",
        )


def _as_issuer(target: str, known: tuple[str, ...]) -> str:
    """A bare host as an issuer; a word that is neither host nor profile is refused."""
    from difflib import get_close_matches

    issuer = issuer_of_host(target)
    if issuer:
        return issuer
    near = get_close_matches(target, known, n=1)
    raise ConfigError(
        f"there is no profile `{target}`, and it is no issuer URL either",
        slug="no-such-profile",
        help=f"did you mean `{near[0]}`?" if near else "give the issuer as a URL: `oauthctl login https://issuer.example`",
    )


def issuer_of_host(word: str) -> str:
    """The URL that a bare host means: https, or http for this machine; empty when the word is no host."""
    from oauthctl.http import is_http_url, is_loopback_host

    host = word.partition("/")[0].partition(":")[0]
    scheme = "http" if is_loopback_host(host) else "https"
    url = f"{scheme}://{word}"
    return url if "://" not in word and (scheme == "http" or "." in host) and is_http_url(url) else ""
