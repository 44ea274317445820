"""Where things are kept: one directory for what a person writes, one for what oauthctl keeps.

Here: the two directories. Not here: what lies in them (`profiles`, `tokens`, `recordings`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CONFIG_VARIABLE = "OAUTHCTL_CONFIG_DIR"
STATE_VARIABLE = "OAUTHCTL_STATE_DIR"


@dataclass(frozen=True, slots=True)
class Locations:
    """The two directories; neither needs to exist."""

    config: Path
    """Profiles and the default among them. No secrets, may be kept in version control."""
    state: Path
    """Tokens, client secrets, recordings. Private to one person on one machine."""


def locations(environ: Mapping[str, str]) -> Locations:
    """The directories that `OAUTHCTL_CONFIG_DIR` and `OAUTHCTL_STATE_DIR` name, else the platform's own.

    An empty variable counts as unset. platformdirs reads XDG's variables from the process itself, not from `environ`.
    """
    config, state = environ.get(CONFIG_VARIABLE, ""), environ.get(STATE_VARIABLE, "")
    if config and state:
        return Locations(Path(config).absolute(), Path(state).absolute())
    import platformdirs

    return Locations(
        Path(config).absolute() if config else platformdirs.user_config_path("oauthctl", appauthor=False),
        Path(state).absolute() if state else platformdirs.user_state_path("oauthctl", appauthor=False),
    )
