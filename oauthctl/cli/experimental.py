"""What is a draft that may still change: done only where it is asked for by `--experimental`.

Here: the refusal. Not here: what is done.
"""

from __future__ import annotations

from oauthctl.errors import ConfigError

ATTESTATION = "`--client-attestation` (draft-ietf-oauth-attestation-based-client-auth)"


def require_experimental(allowed: bool, what: str, *, is_wanted: bool) -> None:
    """Raises `ConfigError` where a draft is wanted and not allowed."""
    if is_wanted and not allowed:
        raise ConfigError(
            f"{what} is a draft that may still change", slug="experimental", help="add `--experimental` to use it all the same"
        )
