"""`SLUG[:after=N,times=N,rate=R,client=ID]`: how a fault is written where it is switched on.

Here: reading that. Not here: what the fault does.
"""

from __future__ import annotations

import math
from difflib import get_close_matches

from oauthctl.errors import ConfigError, did_you_mean
from oauthctl.http import decimal
from oauthctl.provider.faults.places import METADATA, RESOURCE_METADATA
from oauthctl.provider.faults.registry import all_faults
from oauthctl.provider.switched import Switched

_SETTINGS = ("after", "times", "rate", "client")
_LONGEST_SHOWN = 60
_LONGEST_CLIENT = 2000
"""More than any identifier, a URL included, has; whatever is switched on is repeated on the page and in answers."""
_NO_LIST = "a comma parts the settings of one fault, never two faults"
_NOBODYS = (METADATA, RESOURCE_METADATA, "jwks", "api", "userinfo", "register", "approvals")


def read_fault(text: str) -> Switched:
    """The fault that this names, switched on.

    Raises: ConfigError for a slug that is none, for a setting that is none or has no good value, and for `client` with a fault that strikes
    where requests name no client.
    """
    slug, colon, written = text.partition(":")
    fault = all_faults().get(slug)
    if fault is None:
        slug = _shown(slug)
        close = get_close_matches(slug, all_faults(), n=3)
        raise ConfigError(
            f"there is no fault `{slug}`",
            slug="fault-unknown",
            help=_NO_LIST if "," in slug else did_you_mean(close) or "list them with `oauthctl serve --list-faults`",
        )
    settings: dict[str, str] = {}
    for part in written.split(",") if colon else ():
        name, equals, value = part.partition("=")
        if name not in _SETTINGS or not equals or not value or name in settings:
            raise ConfigError(
                f"`{_shown(part)}` is no setting of the fault `{slug}`",
                slug="fault-setting-wrong",
                help="settings are `after=N`, `times=N`, `rate=R` and `client=ID`, each at most once",
            )
        settings[name] = value
    client = settings.get("client", "")
    if client and any(place in _NOBODYS for place in fault.places):
        raise ConfigError(f"the fault `{slug}` can't be for one client: such requests name none", slug="fault-setting-wrong")
    if len(client) > _LONGEST_CLIENT:
        raise ConfigError(f"`client` of the fault `{slug}` is no identifier: `{_shown(client)}`", slug="fault-setting-wrong")
    times = _count(settings["times"], slug, "times") if "times" in settings else None
    return Switched(slug, _count(settings.get("after", "0"), slug, "after"), times, _rate(settings.get("rate", "1"), slug), client)


def written(switched: Switched) -> str:
    """The text that reads as this fault."""
    parts = {
        "after": str(switched.after) if switched.after else "",
        "times": "" if switched.times is None else str(switched.times),
        "rate": f"{switched.rate:g}" if switched.rate < 1 else "",
        "client": switched.client,
    }
    settings = ",".join(f"{name}={value}" for name, value in parts.items() if value)
    return f"{switched.slug}:{settings}" if settings else switched.slug


def _shown(text: str) -> str:
    """The text as errors repeat it: a request brings it as often as a person does."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _count(text: str, slug: str, name: str) -> int:
    count = decimal(text)
    if count is None:
        raise ConfigError(f"`{name}` of the fault `{slug}` is no count: `{_shown(text)}`", slug="fault-setting-wrong")
    return count


def _rate(text: str, slug: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 < rate <= 1:
        raise ConfigError(f"`rate` of the fault `{slug}` is no chance, above 0 and up to 1: `{_shown(text)}`", slug="fault-setting-wrong")
    return rate
