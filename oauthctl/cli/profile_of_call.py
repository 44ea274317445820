"""Whether a call goes to the server whose token it would carry.

Here: the one mistake that gives a token away, a profile that nobody named and another one that is for that server. Not here: the call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.cli.settings import Settings


def refuse_anothers_server(out: Output, chosen: Settings, url: str) -> None:
    """Raises ConfigError, where the current profile's token would go to the issuer of another profile.

    Who names a profile gets it: APIs are often elsewhere than issuers, and an issuer may have APIs of others.
    """
    from oauthctl.errors import ConfigError
    from oauthctl.http import origin
    from oauthctl.store import profiles

    to = origin(url)
    if not chosen.exists or to == origin(chosen.profile.issuer):
        return
    others = (name for name in profiles.names(chosen.locations) if name != chosen.name)
    meant = next((name for name in others if (issuer := profiles.load(chosen.locations, name).issuer) and origin(issuer) == to), "")
    if meant:
        raise ConfigError(
            f"`{to}` is the issuer of the profile `{meant}`, and the current profile is `{chosen.name}`: its token is for another server",
            slug="profile-mismatch",
            help=f"name the one that you mean: `--profile {meant}`, or `--profile {chosen.name}`",
        )
