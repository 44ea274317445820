"""How long authorization codes live at providers that say so.

Here: the table. Not here: judging (`code`).
"""

from __future__ import annotations

from oauthctl.rules.hosts import host_of

# Seconds, by the token endpoint's host, each from the provider's own documentation of the code flow.
_LIFETIMES = {
    "api.x.com": 30,
    "api.twitter.com": 30,
    "api.box.com": 30,
    "connect.stripe.com": 300,
    "appleid.apple.com": 300,
    "identity.xero.com": 300,
    "github.com": 600,
    "slack.com": 600,
    "login.microsoftonline.com": 600,
    "www.linkedin.com": 1800,
}


def code_lifetime(token_endpoint: str) -> int | None:
    """The seconds that a code lives at this provider; None where that is not known."""
    host = host_of(token_endpoint)
    return 300 if host.endswith(".amazoncognito.com") else _LIFETIMES.get(host)
