"""Settings: which profile is meant, and what flags and environment change of it.

Here: flag > environment (`OAUTHCTL_*`) > profile > default, and where the client secret comes from. Not here: files (`store`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from oauthctl.errors import ConfigError
from oauthctl.messages.endpoint_names import ENDPOINTS
from oauthctl.store.profiles import Profile

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.messages.metadata import ProviderMetadata
    from oauthctl.store.locations import Locations

SECRET_VARIABLE = "OAUTHCTL_CLIENT_SECRET"
ASSERTING = ("jwt_bearer", "saml2_bearer")
"""The grants whose assertion may be all that there is of a client (RFC 7521 section 4.1)."""
TRADING = ("token_exchange", *ASSERTING)
"""The grants that trade what is given at that very moment: what comes of it is not kept."""
UNATTENDED = ("client_credentials", *TRADING)
"""The grants that need nobody at a browser."""
_VARIABLES = {
    "issuer": "OAUTHCTL_ISSUER",
    "client_id": "OAUTHCTL_CLIENT_ID",
    "client_auth": "OAUTHCTL_CLIENT_AUTH",
    "client_certificate_file": "OAUTHCTL_CLIENT_CERTIFICATE_FILE",
    "client_key_file": "OAUTHCTL_CLIENT_KEY_FILE",
    "client_key_id": "OAUTHCTL_CLIENT_KEY_ID",
    "assertion_audience": "OAUTHCTL_ASSERTION_AUDIENCE",
    "audience": "OAUTHCTL_AUDIENCE",
    "redirect_uri": "OAUTHCTL_REDIRECT_URI",
    "grant": "OAUTHCTL_GRANT",
    "expect_issuer": "OAUTHCTL_EXPECT_ISSUER",
}
_LISTS = {"scope": "OAUTHCTL_SCOPE", "resource": "OAUTHCTL_RESOURCE"}
_CREDENTIALS = {
    "client_secret_file": "secret",
    "client_secret_env": "secret",
    "client_certificate_file": "certificate",
    "client_key_file": "key",
    "client_key_id": "key",
    "client_attestation_file": "attestation",
    "client_attestation_key_file": "attestation",
}
"""What a profile's client proves itself with, and no other client."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a command is to use: a profile with flags and environment laid over it; `exists` tells whether one is stored by its name."""

    locations: Locations
    profile: Profile
    exists: bool

    @property
    def name(self) -> str:
        """The profile's name; empty when no profile is meant (a CI script with variables alone)."""
        return self.profile.name


def named_profile(out: Output, flag: str = "") -> str:
    """The profile that flag or environment name, else the current one, else the only one, else nothing."""
    from oauthctl.store import profiles
    from oauthctl.store.locations import locations

    named = flag or out.terminal.environ.get("OAUTHCTL_PROFILE", "")
    if named:
        return named
    where = locations(out.terminal.environ)
    current = profiles.current(where)
    if current:
        return current
    known = profiles.names(where)
    return known[0] if len(known) == 1 else ""


def settings(out: Output, *, profile: str = "", flags: Mapping[str, Any] | None = None, by_default: bool = True) -> Settings:
    """The settings of a command that works with a profile; with `by_default` false the current one does not count, only one that is named.

    An issuer in the environment that is not the current profile's puts that profile aside: its client and secret belong to another server.
    So does an issuer with another client: what the profile asks for, and its tokens, are its own client's.
    Raises `ConfigError` when a profile that was named has another issuer, or nothing tells which server is meant.
    """
    from oauthctl.store import profiles
    from oauthctl.store.locations import locations

    where = locations(out.terminal.environ)
    given = given_values(out.terminal.environ, flags or {})
    explicit = profile or out.terminal.environ.get("OAUTHCTL_PROFILE", "")
    name = named_profile(out, profile) if by_default else explicit
    stored = profiles.load(where, name) if name else Profile(name="")
    server = given.get("issuer", "")
    if name and server and not same_issuer(server, stored.issuer):
        if explicit:
            raise ConfigError(
                f"the profile `{name}` is for `{stored.issuer}`, not for `{server}`",
                slug="profile-mismatch",
                help="leave one of the two out: the profile, or the issuer (`OAUTHCTL_ISSUER`)",
            )
        stored, name = Profile(name=""), ""
    if name and server and not explicit and stored.client_id and given.get("client_id", stored.client_id) != stored.client_id:
        stored, name = Profile(name=""), ""
    if name:
        _refuse_foreign_endpoints(out.terminal.environ, stored)
    merged = overlaid(own_credentials(out, stored, given), given)
    if not merged.issuer and not merged.endpoint("token_endpoint"):
        known = profiles.names(where)
        raise ConfigError(
            "no profile is chosen" if known else "there is no profile yet",
            slug="no-profile",
            notes=(f"there are: {', '.join(f'`{one}`' for one in known)}",) if known else (),
            help="name one with `--profile NAME`" if known else "sign in with `oauthctl login ISSUER`, or set `OAUTHCTL_ISSUER`",
        )
    return Settings(where, merged, bool(name))


def _refuse_foreign_endpoints(environ: Mapping[str, str], profile: Profile) -> None:
    """An endpoint in the environment must not lead a profile's secret and tokens to a server that the profile does not know."""
    from oauthctl.http import origin

    known = {origin(url) for url in (profile.issuer, *(url for _, url in profile.endpoints)) if url}
    for name in ENDPOINTS:
        variable = f"OAUTHCTL_{name.upper()}"
        url = environ.get(variable, "")
        if url and origin(url) not in known:
            raise ConfigError(
                f"`{variable}` names a server that the profile `{profile.name}` does not know",
                slug="profile-mismatch",
                got=url.partition("?")[0],
                help="unset it, or set `OAUTHCTL_ISSUER` as well to work without the profile",
            )


def own_credentials(out: Output, stored: Profile, given: Mapping[str, Any]) -> Profile:
    """The profile without its own client's credentials where another client is named: none is shown to a server for somebody else."""
    client_id = given.get("client_id") or stored.client_id
    left = {name: what for name, what in _CREDENTIALS.items() if getattr(stored, name)}
    if not left or not stored.client_id or client_id == stored.client_id:
        return stored
    what = " and ".join(dict.fromkeys(left.values()))
    out.warn_once(f"the {what} of `{stored.client_id}`, which the profile `{stored.name}` names, is not used for `{client_id}`")
    cleared: dict[str, Any] = dict.fromkeys((*left, "client_auth"), "")
    return replace(stored, **cleared)


def overlaid(profile: Profile, given: Mapping[str, Any]) -> Profile:
    """The profile with what was given in place of its own; single endpoints and parameters are replaced by their name."""
    changes = {key: value for key, value in given.items() if key not in ("endpoints", "params") and value}
    endpoints = dict(profile.endpoints) | dict(given.get("endpoints") or {})
    params = profile.params
    if given.get("params"):
        names = {key for key, _ in given["params"]}
        params = (*(pair for pair in params if pair[0] not in names), *given["params"])
    return replace(profile, **changes, endpoints=tuple(endpoints.items()), params=params)


def given_values(environ: Mapping[str, str], flags: Mapping[str, Any]) -> dict[str, Any]:
    """What flags say, and below them the environment."""
    found: dict[str, Any] = {key: variable_text(environ, name) for key, name in _VARIABLES.items() if environ.get(name)}
    found |= {key: tuple(variable_text(environ, name).split()) for key, name in _LISTS.items() if environ.get(name)}
    variables = {name: f"OAUTHCTL_{name.upper()}" for name in ENDPOINTS}
    found["endpoints"] = {name: variable_text(environ, variable) for name, variable in variables.items() if environ.get(variable)}
    found["endpoints"] |= flags.get("endpoints") or {}
    found |= {key: value for key, value in flags.items() if value and key != "endpoints"}
    return found | ({"scope": tuple(dict.fromkeys(found["scope"]))} if "scope" in found else {})


def variable_text(environ: Mapping[str, str], name: str) -> str:
    """The variable's text, empty when it is not set. Raises `ConfigError` for bytes that no request can carry as text."""
    value = environ.get(name, "")
    if not _is_text(value):
        raise ConfigError(f"`{name}` holds bytes that are no UTF-8 text", slug="not-utf-8", help=f"set `{name}` anew, as UTF-8")
    return value


def _is_text(value: str) -> bool:
    """Whether it is all characters: bytes that are no UTF-8 come as lone surrogates from the environment and from stdin."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def same_issuer(one: str, other: str) -> bool:
    """Whether two issuers are the same but for a slash at the end."""
    return one.rstrip("/") == other.rstrip("/")


def key_values(words: Sequence[str], flag: str) -> tuple[tuple[str, str], ...]:
    """Pairs from `k=v` words; raises `ConfigError` for one without `=`, and for one without a name."""
    for word in words:
        if "=" not in word:
            raise ConfigError(f"`{flag} {word}` has no `=`", help=f"write `{flag} name=value`")
        if not word.partition("=")[0].strip():
            raise ConfigError(f"`{flag} {word}` has no name before its `=`", help=f"write `{flag} name=value`")
    return tuple((word.partition("=")[0], word.partition("=")[2]) for word in words)


def client_secret(out: Output, chosen: Settings, *, ask: bool = False, flag_file: str = "") -> str:
    """The client's secret: a file that a flag names, the environment, what the profile points at, what was kept, or a prompt.

    Empty for a public client. The environment's secret is not used for another issuer than the one that the environment names, nor what was
    kept for a profile that is no more.
    """
    profile, environ = chosen.profile, out.terminal.environ
    if flag_file:
        return _from_file(out, flag_file)
    meant_for = environ.get(_VARIABLES["issuer"], "")
    if environ.get(SECRET_VARIABLE) and meant_for and not same_issuer(meant_for, profile.issuer):
        out.warn_once(f"`{SECRET_VARIABLE}` is not used: it is for `{meant_for}` (`{_VARIABLES['issuer']}`), and this is another server")
    elif environ.get(SECRET_VARIABLE):
        return _not_blank(variable_text(environ, SECRET_VARIABLE), SECRET_VARIABLE)
    if profile.client_secret_env:
        found = _not_blank(variable_text(environ, profile.client_secret_env), profile.client_secret_env)
        if not found:
            raise ConfigError(f"the client secret is to be in `{profile.client_secret_env}`, which is empty or not set", slug="no-secret")
        return found
    if profile.client_secret_file and profile.client_secret_file != "-":
        return _from_file(out, profile.client_secret_file)
    if chosen.name and chosen.exists:
        kept = _kept_secret(out, chosen, ask=ask and out.terminal.can_ask)
        if kept:
            return kept
    if profile.client_auth in ("client_secret_basic", "client_secret_post", "client_secret_jwt"):
        if ask and out.terminal.can_ask:
            return prompt(out)("client secret", True)
        _refuse_empty_variable(environ)
        raise ConfigError(
            f"`{profile.client_auth}` needs a client secret, and none is known",
            slug="no-secret",
            help=f"give it with `--client-secret-file FILE`, or in `{SECRET_VARIABLE}`" if ask else f"give it in `{SECRET_VARIABLE}`",
        )
    if profile.grant == "client_credentials" and not profile.client_auth:
        _refuse_empty_variable(environ)
    return ""


def _not_blank(secret: str, place: str) -> str:
    """The secret itself; blanks alone are a mistake in a script, and no secret."""
    if secret and not secret.strip():
        raise ConfigError(f"the client secret in `{place}` is nothing but blanks", slug="no-secret")
    return secret


def _refuse_empty_variable(environ: Mapping[str, str]) -> None:
    """A variable that is there and empty was meant to hold something: a script's own variable was not set, or a store gave nothing."""
    if environ.get(SECRET_VARIABLE) == "":
        raise ConfigError(
            f"`{SECRET_VARIABLE}` is set, and empty",
            slug="no-secret",
            help="fill it, or unset it and say `OAUTHCTL_CLIENT_AUTH=none` for a client without a secret",
        )


def _kept_secret(out: Output, chosen: Settings, *, ask: bool) -> str:
    """The secret that was kept; where it is for another server, a person who can be asked is asked for the right one."""
    from oauthctl.store import client_secrets

    try:
        return client_secrets.read(chosen.locations, chosen.profile, warn=out.warn)
    except ConfigError as error:
        if not ask:
            raise
        out.warn(f"{error.message}: {'; '.join(error.notes)}")
        return prompt(out)("client secret", True)


def prompt(out: Output, flag: str = "`--client-secret-file FILE`") -> Callable[[str, bool], str]:
    """Asks at the terminal."""
    from oauthctl.shell.world import asker

    return asker(out.terminal.stdin, out.terminal.stderr, can_ask=out.terminal.can_ask, flag=flag)


def _from_file(out: Output, path: str) -> str:
    """The file's text without its last line break; `-` is stdin."""
    from oauthctl.cli.token_input import read_text

    text = out.terminal.stdin.readline() if path == "-" else read_text(path)
    secret = text.rstrip("\r\n")
    if not secret:
        raise ConfigError(f"`{path}` holds no client secret: it is empty", slug="no-secret")
    if "\ufffd" in secret or not _is_text(secret):
        raise ConfigError(f"the client secret in `{path}` has bytes that are no UTF-8 text", slug="not-utf-8")
    return _not_blank(secret, path)


def metadata_of_profile(profile: Profile, *, exchange: int | None = None) -> ProviderMetadata | None:
    """Metadata made of the endpoints that were given by hand; None when they don't suffice and discovery is needed."""
    from oauthctl.messages.metadata import ProviderMetadata
    from oauthctl.messages.param import fields_of

    if not profile.endpoint("token_endpoint"):
        return None
    named = profile.expect_issuer or profile.issuer
    return ProviderMetadata(fields_of([("issuer", named or None), *profile.endpoints]), exchange)
