"""Whom a login is for: TARGET, flags and environment settled into one profile.

Here: the profile that is made or updated. Not here: signing in (`signing_in`), settings of the other commands (`settings`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oauthctl.cli.settings import Settings, overlaid, own_credentials
from oauthctl.errors import BadAnswer, ConfigError, NoAnswer, Unreachable
from oauthctl.store import profiles
from oauthctl.store.names import checked_name
from oauthctl.store.profiles import Profile

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.store.locations import Locations

_CLOSE = 0.75
"""How alike a host and a profile's name must be to be taken for one another's misspelling, as `difflib` measures it."""


def settle(out: Output, target: str, *, flags: Mapping[str, Any], named: str) -> Settings:
    """The profile that is made or updated: named by flag, by TARGET, after the issuer's host, or the one that other commands would use."""
    from oauthctl.cli.settings import given_values, named_profile
    from oauthctl.http import is_http_url
    from oauthctl.store.locations import locations

    where = locations(out.terminal.environ)
    known = profiles.names(where)
    given = given_values(out.terminal.environ, flags)
    if target and "://" not in target and target not in known:
        target = _as_issuer(target, known)
    if "://" in target and not is_http_url(target):
        raise ConfigError(f"`{target}` is no http or https URL", help="give the issuer in full: `https://issuer.example`")
    if target in known:
        given.pop("issuer", None)
        stored, name = profiles.load(where, target), named or target
    else:
        issuer = given["issuer"] = target or given.get("issuer", "")
        named = named or out.terminal.environ.get("OAUTHCTL_PROFILE", "")
        name = named or (profiles.name_for_issuer(where, issuer) if issuer else named_profile(out))
        stored = profiles.load(where, name) if name in known or (name and not issuer) else Profile(name=name)
        if name and not named and not issuer:
            _refuse_foreign_endpoints(stored, flags.get("endpoints") or {})
            out.say(f"signing in with the profile `{name}`")
    if name:
        checked_name(name)
    if name in known and target not in known and (target or named):
        # What it holds (scope, client, redirect URI) goes into the request: nobody should have to guess where that came from.
        out.say(f"using profile `{name}`")
    if name in known:
        _refuse_other_server(
            profiles.load(where, name), issuer=given.get("issuer") or stored.issuer, token_endpoint=stored.endpoint("token_endpoint")
        )
    stored = replace(stored, name=name)
    merged = overlaid(own_credentials(out, stored, given), given)
    if not merged.issuer and not merged.endpoint("token_endpoint"):
        raise no_target("login", known, example="oauthctl login https://issuer.example --client-id ID")
    return Settings(where, merged, name in known)


def no_target(command: str, known: tuple[str, ...], *, example: str) -> ConfigError:
    """The error of a command that was given no TARGET, where no profile is the current one."""
    return ConfigError(
        "no provider is named, and no profile is the current one" if known else "no provider is named, and there is no profile yet",
        slug="no-target",
        notes=(f"profiles: {', '.join(f'`{name}`' for name in known)}",) if known else (),
        help=f"name a profile with `oauthctl {command} NAME`, or an issuer with `{example}`" if known else f"give its issuer: `{example}`",
    )


def _refuse_foreign_endpoints(profile: Profile, endpoints: Mapping[str, str]) -> None:
    """A profile that nobody named must not take its secret to an endpoint of a server that it does not know."""
    from oauthctl.http import origin

    known = {origin(url) for url in (profile.issuer, *(url for _, url in profile.endpoints)) if url}
    for name, url in endpoints.items():
        if origin(url) not in known:
            raise ConfigError(
                f"`--{name.replace('_', '-')}` names a server that the profile `{profile.name}` does not know",
                slug="profile-mismatch",
                got=url.partition("?")[0],
                help=f"choose a new name with `--profile NAME` and give TARGET, or mean this one with `oauthctl login {profile.name}`",
            )


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
        notes=(f"profiles: {', '.join(f'`{name}`' for name in known)}",) if known else (),
        help=f"did you mean `{near[0]}`?" if near else "give the issuer as a URL: `oauthctl login https://issuer.example`",
    )


def issuer_of_host(word: str) -> str:
    """The URL that a bare host means: https, or http for this machine; empty when the word is no host."""
    from oauthctl.http import is_http_url, is_loopback_host

    host = word.partition("/")[0].partition(":")[0]
    scheme = "http" if is_loopback_host(host) else "https"
    url = f"{scheme}://{word}"
    return url if "://" not in word and (scheme == "http" or "." in host) and is_http_url(url) else ""


@contextmanager
def naming_near_profile(target: str, where: Locations, command: str) -> Iterator[None]:
    """Where a bare host gives no metadata and a profile is called nearly so, the error names that profile."""
    try:
        yield
    except (Unreachable, NoAnswer, BadAnswer) as error:
        near = _near_profile(target, profiles.names(where)) if not isinstance(error, BadAnswer) or error.slug == "no-metadata" else ""
        if near:
            error.help = f"did you mean the profile `{near}`: `oauthctl {command} {near}`?" + (f" Else {error.help}" if error.help else "")
        raise


def _near_profile(target: str, known: tuple[str, ...]) -> str:
    """The name that a bare host is very close to; empty for a URL, which nobody types in place of a name."""
    from difflib import get_close_matches

    from oauthctl.store.names import name_for

    issuer = issuer_of_host(target)
    near = get_close_matches(name_for(issuer), [name for name in known if name != target], n=1, cutoff=_CLOSE) if issuer else []
    return near[0] if near else ""
