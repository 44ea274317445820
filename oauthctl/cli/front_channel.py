"""`--grant implicit` and `--grant hybrid`: which response type, how it comes back, and that it is legacy.

Here: between options, profile and plan. Not here: the flow (`flows.front_channel`), what else a login settles (`planning`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oauthctl.cli.settings import Settings
from oauthctl.errors import ConfigError
from oauthctl.messages.response_types import CODE, HYBRID, IMPLICIT, default_mode, flow_of, spelled, why_legacy, words_of

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.messages.metadata import ProviderMetadata
    from oauthctl.store.profiles import Profile

GRANTS = ("implicit", "hybrid")
_USUAL = {
    ("implicit", True): "id_token token",
    ("implicit", False): "token",
    ("hybrid", True): "code id_token",
    ("hybrid", False): "code token",
}
"""By grant and whether OpenID Connect is asked for."""


def with_response_type(chosen: Settings, flags: Mapping[str, Any]) -> Settings:
    """The settings in which grant and response type go together; the one follows from the other where only one is said.

    Raises `ConfigError` for two that contradict each other, and for what can't come.
    """
    profile = _reconciled(chosen.profile, flags)
    if profile.grant in GRANTS:
        profile = replace(profile, response_type=profile.response_type or _USUAL[profile.grant, "openid" in profile.scope])
        _check(profile)
    return replace(chosen, profile=profile)


def response_mode(profile: Profile, metadata: ProviderMetadata) -> str:
    """How the answer is to travel: as it was said; else by a form where the server announces that, since no script is needed there.

    Source: OAuth 2.0 Form Post Response Mode section 2; JARM section 2.3.4 for `jwt` alone.
    """
    usual = default_mode(profile.response_type or CODE)
    if profile.response_mode == "jwt" and usual == "fragment":
        return "fragment.jwt"
    if profile.response_mode or usual == "query":
        return profile.response_mode or usual
    return "form_post" if "form_post" in (metadata.response_modes_supported or ()) else usual


def warn(out: Output, profile: Profile) -> None:
    """Say that it is legacy, why, and what to do instead."""
    why = why_legacy(profile.response_type)
    if why:
        out.warn(
            f"`response_type={profile.response_type}` is legacy: {why}; the code flow with PKCE does without: `--grant authorization_code`"
        )


def _reconciled(profile: Profile, flags: Mapping[str, Any]) -> Profile:
    """What was said for this run counts before what the profile holds."""
    response_type = spelled(profile.response_type.split())
    if not response_type:
        return profile
    if response_type not in (CODE, *IMPLICIT, *HYBRID):
        raise ConfigError(
            f"`{response_type[:60]}` is no response type that oauthctl speaks",
            slug="response-type-unknown",
            spec="OAuth Multiple Response Types section 5",
            help=f"it may be {', '.join(f'`{one}`' for one in (CODE, *IMPLICIT, *HYBRID))}",
        )
    grant = flow_of(response_type)
    if profile.grant in ("", grant) or not flags.get("grant"):
        return replace(profile, grant=grant if grant in GRANTS or profile.grant else "", response_type=_kept(response_type))
    if not flags.get("response_type"):
        return replace(profile, response_type="")
    raise ConfigError(
        f'`--grant {profile.grant}` and `--response-type "{response_type}"` contradict each other',
        slug="response-type-contradicted",
        help=f"leave `--grant` out: the response type is of the grant `{grant}`",
    )


def _kept(response_type: str) -> str:
    return "" if response_type == CODE else response_type


def _check(profile: Profile) -> None:
    if "id_token" in words_of(profile.response_type) and "openid" not in profile.scope:
        raise ConfigError(
            f"`{profile.response_type}` brings an ID token, which comes for the scope `openid` alone",
            slug="scope-missing",
            spec="OIDC Core section 3.1.2.1",
            help="add it: `--scope openid`",
        )
    if profile.dpop and profile.grant == "implicit":
        raise ConfigError(
            "`--dpop` binds what the token endpoint gives, and the implicit grant asks no token endpoint",
            slug="option-in-vain",
            spec="RFC 9449 section 5",
            help="use the code flow (`--grant authorization_code`), or leave `--dpop` out",
        )
