"""`--standard`: all that a standard leaves to the client is set, what contradicts it is refused, what the server lacks is told.

Here: between options and the tables. Not here: the tables (`messages.standards`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oauthctl.errors import CheckFailed, ConfigError
from oauthctl.messages.standards import STANDARDS, Choice, Demand, Judged, Met, Standard, judged, lacking

if TYPE_CHECKING:
    from oauthctl.cli.credentials import Credentials
    from oauthctl.cli.output import Output
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import Settings
    from oauthctl.messages.metadata import ProviderMetadata
    from oauthctl.specs import Section
    from oauthctl.store.profiles import Profile

_DEFAULTS = {"grant": "authorization_code", "response_mode": "query", "par": "auto"}
"""What an option is that nobody set: no choice of the person's."""


def enforced(out: Output, chosen: Settings, name: str, *, par: str = "") -> tuple[Settings, str]:
    """The settings as the standard wants them, and when the request is pushed.

    Raises `ConfigError` with the clause for a choice that contradicts the standard.
    """
    if not name:
        return chosen, par
    standard, profile = STANDARDS[name], chosen.profile
    has_code = profile.grant in ("", "authorization_code")
    values = {one.option: _value(one, profile, par) for one in standard.choices if has_code or one.option not in ("pkce", "par")}
    changes: dict[str, Any] = {option: value for option, value in values.items() if option != "par"}
    if standard.is_bound is not None:
        changes |= _bound(profile, standard.is_bound)
    profile = replace(profile, **changes)
    _check_rest(standard, profile)
    options = ("pkce", "client_auth", "assertion_audience", "response_mode")
    set_here = [_option(one, getattr(profile, one)) for one in options if getattr(profile, one) != getattr(chosen.profile, one)]
    set_here += [_option("par", values["par"])] if values.get("par", par) != par else []
    set_here += ["`--dpop`"] if profile.dpop and not chosen.profile.dpop else []
    if set_here:
        out.say(f"`--standard {name}` sets {', '.join(set_here)}")
    return replace(chosen, profile=profile), values.get("par", par)


def _option(option: str, value: str) -> str:
    return f"`--{option.replace('_', '-')} {value}`"


def _value(choice: Choice, profile: Profile, par: str) -> str:
    """What the option is to be. Raises `ConfigError` when the person said something else."""
    said = par if choice.option == "par" else str(getattr(profile, choice.option))
    if said in choice.allowed:
        return said
    default = _DEFAULTS.get(choice.option, "")
    if said not in ("", default):
        raise _contradicted(_option(choice.option, said), choice.section, choice.why, allowed=choice.allowed)
    return said if default in choice.allowed else choice.allowed[0]


def _contradicted(what: str, section: Section, why: str, *, allowed: tuple[str, ...] = ()) -> ConfigError:
    return ConfigError(
        f"{what} contradicts the standard: {why}",
        slug="standard-contradicted",
        spec=str(section),
        help=f"it may be {', '.join(f'`{one}`' for one in allowed if one)}; to provoke the server leave `--standard` out"
        if allowed
        else "",
    )


def _bound(profile: Profile, section: Section) -> dict[str, str]:
    """Tokens are bound to a certificate where there is one, else to a DPoP key; the client proves itself by a key, too."""
    if not profile.client_key_file and not profile.client_certificate_file:
        raise ConfigError(
            "the standard wants a client that proves itself by a key of its own, and none is named",
            slug="standard-contradicted",
            spec=str(section),
            help="give the private key with `--client-key FILE`, or the certificate with `--client-certificate FILE`",
        )
    if profile.client_certificate_file:
        return {}
    return {"dpop": profile.dpop or "ES256", "client_auth": profile.client_auth or "private_key_jwt"}


def _check_rest(standard: Standard, profile: Profile) -> None:
    if standard.names_resource is not None and not profile.resource:
        raise ConfigError(
            "the standard wants to be told for which API the token is, and no resource is named",
            slug="standard-contradicted",
            spec=str(standard.names_resource),
            help="give the MCP server's own URL with `--resource URI`",
        )
    if standard.is_native is not None and profile.redirect_uri:
        _check_native(profile.redirect_uri)


def _check_native(redirect_uri: str) -> None:
    """Loopback by its address, a claimed https URI, or a scheme of the app's own. Source: RFC 8252 sections 7.1 to 7.3, 8.3."""
    from oauthctl.http import split_url
    from oauthctl.specs import Section

    parts = split_url(redirect_uri)
    if parts.scheme == "http" and parts.hostname == "localhost":
        raise _contradicted(f"`{redirect_uri}`", Section("RFC 8252", "8.3"), "`localhost` may be another machine: use 127.0.0.1 or [::1]")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1"):
        raise _contradicted(f"`{redirect_uri}`", Section("RFC 8252", "7.3"), "plain http is for the loopback addresses alone")
    if parts.scheme not in ("http", "https") and "." not in parts.scheme:
        raise _contradicted(f"`{redirect_uri}`", Section("RFC 8252", "7.1"), "a scheme of one's own is a domain name in reverse")


def fit_key(name: str, given: Credentials) -> Credentials:
    """The credentials with a key that signs as the standard wants it: an RSA key that says nothing by PS256.

    Raises `ConfigError` for a key of another kind. Source: FAPI 2.0 section 5.4.1: PS256, ES256 or EdDSA.
    """
    key = given.key
    if not name or STANDARDS[name].is_bound is None or key is None:
        return given
    from oauthctl.specs import Section

    if key.kty == "RSA" and not key.alg:
        return replace(given, key=key.with_(alg="PS256"))
    if (key.alg or {"P-256": "ES256", "Ed25519": "EdDSA"}.get(key.crv, key.crv)) in ("PS256", "ES256", "EdDSA", "Ed25519"):
        return given
    raise _contradicted(
        f"a client key for `{key.alg or key.crv}`", Section("FAPI 2.0", "5.4.1"), "assertions are signed by PS256, ES256 or EdDSA"
    )


def report(session: Session, name: str, metadata: ProviderMetadata, *, resources: tuple[str, ...] = ()) -> None:
    """Tell how the server's metadata meets the standard, and whether the APIs name it where the standard wants that.

    Raises `CheckFailed` when the metadata says that something is lacking that must be there.
    """
    if not name:
        return
    from oauthctl.views.standards import standard_document, standard_lines

    standard = STANDARDS[name]
    found = judged(standard, metadata)
    if standard.names_resource is not None:
        found += tuple(_named_by(session, one, metadata) for one in resources)
    session.out.say_lines(standard_lines(standard, found))
    missing = lacking(found)
    if missing:
        first = missing[0]
        raise CheckFailed(
            f"the server does not meet {standard.title}, which demands: {'; '.join(one.demand.what for one in missing)}",
            slug="standard-not-met",
            where=f"exchange {metadata.exchange}, response" if metadata.exchange else "",
            got=first.said,
            spec=str(first.demand.section),
            help="leave `--standard` out to use the server all the same",
            data=standard_document(standard, found),
        )


def _named_by(session: Session, resource: str, metadata: ProviderMetadata) -> Judged:
    """Whether the API says that this server's tokens are for it. Source: RFC 9728 section 2, `authorization_servers`."""
    from oauthctl.cli.settings import same_issuer
    from oauthctl.errors import OauthctlError
    from oauthctl.flows.discovery import discover_resource
    from oauthctl.specs import Section

    try:
        found = session.run(discover_resource(resource))
        servers = (found.authorization_servers or ()) if found is not None else None
        said = "it publishes no metadata" if servers is None else f"`authorization_servers`: {' '.join(servers) or 'none'}"
    except OauthctlError as error:
        servers, said = None, session.cleaned(error).message
    met = Met.OK if any(same_issuer(one, metadata.issuer or "") for one in servers or ()) else Met.LACKS
    return Judged(Demand("the API names this server", Section("RFC 9728", "2"), lambda _: (said, met)), said, met)
