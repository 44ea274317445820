"""Where tokens and secrets may go: by TLS, or to this machine.

Here: the one refusal that all flows share. Not here: what counts as safe (`http.is_safe_for_secrets`), certificates (`shell.transport`).
"""

from __future__ import annotations

from oauthctl.errors import ConfigError
from oauthctl.http import is_safe_for_secrets


def require_tls(url: str, what: str) -> None:
    """Raises `ConfigError` for plain http off loopback; `what` would go there (`the token`).

    Source: RFC 6749 sections 3.1 and 3.2, RFC 6750 section 5.3, RFC 7009 section 2, RFC 7662 section 2.
    """
    if not is_safe_for_secrets(url):
        raise ConfigError(
            f"{what} does not go to `{url.partition('?')[0]}`: anyone on the way could read it",
            slug="token-without-tls",
            spec="RFC 6750 section 5.3",
            help="use https; plain http is for this machine alone",
        )
