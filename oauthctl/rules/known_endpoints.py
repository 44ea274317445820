"""Providers whose endpoints stand in their manuals, mostly since they publish no metadata.

Here: their addresses, and requests that miss them on the provider's own host. Not here: addresses that metadata tells
(`endpoint_addresses`, `token_request`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from oauthctl.findings import Certainty
from oauthctl.http import split_url
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest
from oauthctl.record import purposes
from oauthctl.rules.front_channel import base_of
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section


@dataclass(frozen=True, slots=True)
class _Provider:
    """A host that begins with a dot stands for all under it, each with the same paths."""

    name: str
    authorization: str
    token: str


# Source: https://github.com/golang/oauth2/blob/master/endpoints/endpoints.go, but for Snowflake:
# https://docs.snowflake.com/en/user-guide/oauth-custom.
_PROVIDERS = (
    _Provider("Amazon", "www.amazon.com/ap/oa", "api.amazon.com/auth/o2/token"),
    _Provider("Bitbucket", "bitbucket.org/site/oauth2/authorize", "bitbucket.org/site/oauth2/access_token"),
    _Provider("Discord", "discord.com/oauth2/authorize", "discord.com/api/oauth2/token"),
    _Provider("Fitbit", "www.fitbit.com/oauth2/authorize", "api.fitbit.com/oauth2/token"),
    _Provider("GitHub", "github.com/login/oauth/authorize", "github.com/login/oauth/access_token"),
    _Provider("GitLab", "gitlab.com/oauth/authorize", "gitlab.com/oauth/token"),
    _Provider("Heroku", "id.heroku.com/oauth/authorize", "id.heroku.com/oauth/token"),
    _Provider("Kakao", "kauth.kakao.com/oauth/authorize", "kauth.kakao.com/oauth/token"),
    _Provider("LinkedIn", "www.linkedin.com/oauth/v2/authorization", "www.linkedin.com/oauth/v2/accessToken"),
    _Provider("Mailchimp", "login.mailchimp.com/oauth2/authorize", "login.mailchimp.com/oauth2/token"),
    _Provider("Patreon", "www.patreon.com/oauth2/authorize", "www.patreon.com/api/oauth2/token"),
    _Provider("Snowflake", ".snowflakecomputing.com/oauth/authorize", ".snowflakecomputing.com/oauth/token-request"),
    _Provider("Spotify", "accounts.spotify.com/authorize", "accounts.spotify.com/api/token"),
    _Provider("Strava", "www.strava.com/oauth/authorize", "www.strava.com/oauth/token"),
    _Provider("Twitch", "id.twitch.tv/oauth2/authorize", "id.twitch.tv/oauth2/token"),
    _Provider("Uber", "login.uber.com/oauth/v2/authorize", "login.uber.com/oauth/v2/token"),
    _Provider("Yahoo", "api.login.yahoo.com/oauth2/request_auth", "api.login.yahoo.com/oauth2/get_token"),
    _Provider("Zoom", "zoom.us/oauth/authorize", "zoom.us/oauth/token"),
    _Provider("Amazon Cognito", ".amazoncognito.com/oauth2/authorize", ".amazoncognito.com/oauth2/token"),
)


@rule(
    Section("RFC 6749", "3.1"),
    Section("RFC 6749", "3.2"),
    explains=("client-unknown", "token-endpoint-wrong", "token-answer-is-html", "authorization-refused", "request-refused"),
)
def provider_endpoint_missed(seen: Seen[Message], scene: Scene, published: ProviderMetadata | None) -> Iterator[Found]:
    """A request goes to another address of a well-known provider than its endpoint."""
    if not isinstance(seen.sent, AuthorizationRequest | TokenRequest) or published is not None or not seen.is_direct:
        return
    is_token = isinstance(seen.sent, TokenRequest)
    if seen.purpose not in (purposes.TOKEN, purposes.AUTHORIZATION) or seen.reply.status not in (404, 405) or seen.id not in scene.failed:
        return
    host, path = host_of(seen.url), split_url(seen.url).path.rstrip("/")
    for one in _PROVIDERS:
        right = one.token if is_token else one.authorization
        place = _at(right, host)
        if not any(_at(known, host) for known in (one.token, one.authorization)) or place == host + path:
            continue
        what = "token" if is_token else "authorization"
        address = f"https://{place or right}"
        yield Found(
            cause=f"The request goes to `{base_of(seen.url)[:160]}`, where {one.name} answers {seen.reply.status}: its {what} endpoint is "
            f"`{address}`.",
            help=f"In the client's configuration, set the {what} endpoint to `{address}`.",
            evidence=(seen.evidence("request.url", expected=address, got=base_of(seen.url)[:200]),),
            certainty=Certainty.CERTAIN,
        )
        return


def _at(known: str, host: str) -> str:
    """The endpoint with the host that was asked; empty when it isn't there."""
    name, slash, path = known.partition("/")
    if name.startswith("."):
        return f"{host}{slash}{path}" if host.endswith(name) else ""
    return known if name == host else ""
