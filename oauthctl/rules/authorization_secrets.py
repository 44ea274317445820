"""Secrets in an authorization URL, which passes through the browser.

Here: the client's secret and a password in the redirect URI. Not here: tokens in URLs (`front_channel_tokens`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Severity
from oauthctl.http import split_url
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section


@rule(Section("RFC 6749", "2.3.1"), severity=Severity.WARNING)
def client_secret_in_authorization_url(asked: Seen[AuthorizationRequest]) -> Iterator[Found]:
    """The authorization URL carries the client's secret."""
    if asked.place != "request.query" or not asked.sent.raw("client_secret"):
        return
    yield Found(
        cause="The authorization URL has the parameter `client_secret`: the browser, its history and the logs of every server on the way "
        "see it, and the authorization endpoint has no use for it.",
        help="In the client, leave `client_secret` out of the authorization request and send it with the token request alone; take this "
        "one for known to others, and renew it in the provider's console.",
        evidence=(asked.evidence(".client_secret", "no such parameter", "a secret"),),
    )


@rule(Section("RFC 9110", "4.2.4"), severity=Severity.WARNING)
def redirect_uri_with_password(asked: Seen[AuthorizationRequest]) -> Iterator[Found]:
    """The redirect_uri has a user name and password in it."""
    if not split_url(asked.sent.redirect_uri or "").password:
        return
    yield Found(
        cause="The `redirect_uri` has a user name and a password before its host (`https://user:password@host/`): whoever sees the "
        "authorization URL reads them, and browsers and providers refuse or drop them.",
        help="In the client, send the `redirect_uri` without user name and password, register it so, and protect the callback by other "
        "means; change that password.",
        evidence=(asked.evidence(".redirect_uri", "no user name and password", "a password before the host"),),
    )
