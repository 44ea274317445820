"""Applications that don't know the address that people reach them at.

Here: a redirect_uri that was built from an inner address. Not here: redirect URIs against the provider's list (`redirect_uri`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.http import origin, split_url
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.rules.front_channel import goes_back, refusal_in
from oauthctl.rules.given import Given
from oauthctl.rules.hosts import host_of, is_internal_host, port_reached
from oauthctl.rules.redirect_uri import SAYS_REDIRECT
from oauthctl.rules.redirect_uri_parts import is_covered
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Asked = Seen[AuthorizationRequest]

# What the setting is called, by the callback's path. Each from the application's own manual.
_SETTINGS = (
    ("/login/generic_oauth", "Grafana: `root_url` in the section `[server]` (`GF_SERVER_ROOT_URL`)"),
    ("/login/azuread", "Grafana: `root_url` in the section `[server]` (`GF_SERVER_ROOT_URL`)"),
    ("/login/google", "Grafana: `root_url` in the section `[server]` (`GF_SERVER_ROOT_URL`)"),
    ("/api/auth/callback", "Auth.js: `AUTH_URL` (`NEXTAUTH_URL`)"),
    ("/oauth2/callback", "oauth2-proxy: `--redirect-url`, and `--reverse-proxy` behind another proxy"),
    ("/users/auth/", "GitLab: `external_url`"),
    ("/securityrealm/finishlogin", "Jenkins: the Jenkins URL in its system configuration"),
    ("/login/oauth2/code", "Spring Boot: `server.forward-headers-strategy=framework`"),
    ("/signin-oidc", "ASP.NET Core: the forwarded headers middleware"),
    ("/user/oauth2/", "Gitea, Forgejo: `ROOT_URL`"),
    ("/hub/oauth_callback", "JupyterHub: the callback URL of its authenticator"),
    ("/apps/user_oidc", "Nextcloud: `overwrite.cli.url`, `overwritehost` and `overwriteprotocol`"),
    ("/oauth/oidc/callback", "Open WebUI: `WEBUI_URL`"),
    ("/rest/oauth2-credential/callback", "n8n: `N8N_EDITOR_BASE_URL` and `WEBHOOK_URL`"),
    ("/auth/oidc.callback", "Outline: `URL`"),
    ("/signup/", "Mattermost: `SiteURL`"),
    ("/login/callback/", "Django: `USE_X_FORWARDED_HOST` and `SECURE_PROXY_SSL_HEADER`"),
    ("/outpost.goauthentik.io/", "authentik: the provider's external host"),
    ("/auth/login/oidc", "the application's site or base URL"),
)


@rule(
    Section("RFC 6749", "3.1.2"),
    explains=(
        "redirect-uri-not-registered",
        "redirect-uri-loopback-name",
        "redirect-uri-scheme-differs",
        "redirect-uri-port-differs",
        "redirect-uri-insecure",
        "redirect-uri-localhost-refused",
        "redirect-uri-private-address",
        "callback-listener-absent",
        "public-url-differs",
        "internal-host-unreachable",
        "host-not-found",
        "connection-refused",
    ),
)
def public_address_unknown(asked: Asked, scene: Scene, given: Given) -> Iterator[Found]:
    """The application builds its redirect_uri from an inner address, not from the one that people reach it at."""
    sent = asked.sent.redirect_uri or ""
    page = _start(asked, scene)
    if page is None or not sent or is_covered(sent, given.registered_redirect_uris):
        return
    public, inner = host_of(page.url), host_of(sent)
    if public == host_of(asked.url if asked.is_direct else asked.reply.header("location")):
        # A page of the provider's own, on the way of a native client's request.
        return
    is_inner = inner != public and is_internal_host(inner) and not is_internal_host(public)
    is_port_lost = (
        inner == public
        and not is_internal_host(public)
        and port_reached(sent) != port_reached(page.url)
        and sent.lower().startswith("https://")
    )
    is_scheme_lost = inner == public and page.url.lower().startswith("https://") and sent.lower().startswith("http://")
    if not (is_inner or is_scheme_lost or is_port_lost) or not _went_wrong(asked, sent, scene):
        return
    path = split_url(sent).path
    right = f"{origin(page.url)}{path}"
    setting = next((words for part, words in _SETTINGS if part in path.lower()), "")
    named = f" ({setting})" if setting else " (called root URL, base URL, site URL or external URL)"
    what = "its public address"
    if is_scheme_lost:
        what = "its scheme, since TLS ends at a proxy before it"
    elif is_port_lost:
        own, public_port = port_reached(sent), port_reached(page.url)
        what = f"its port: behind the proxy it takes {own}, the inner one, for the one that people use ({public_port})"
    trusted = "`X-Forwarded-Host` and `X-Forwarded-Port`" if is_port_lost else "`X-Forwarded-Proto` and `X-Forwarded-Host`"
    yield Found(
        cause=f"The sign-in was started at `{origin(page.url)}`, but the `redirect_uri` is `{sent[:200]}`: the application does not know "
        f"{what}, and builds the redirect_uri from the address that it sees itself.",
        help=f"In the application's configuration, set its public URL to `{origin(page.url)}`{named}, or let it trust the proxy's "
        f"{trusted}, so that it sends `{right[:200]}`; do not register the inner "
        "address.",
        evidence=(
            page.evidence("request.url", got=page.url[:200]),
            asked.evidence(".redirect_uri", expected=right, got=sent),
        ),
        certainty=Certainty.CERTAIN if is_inner else Certainty.LIKELY,
    )


@rule(Section("RFC 7239", "7.1"), explains=("redirect-uri-not-registered", "redirect-uri-not-absolute", "redirect-uri-scheme-differs"))
def forwarded_header_listed(asked: Asked) -> Iterator[Found]:
    """The redirect_uri was built from a forwarded header with several values."""
    sent = asked.sent.redirect_uri or ""
    in_scheme = _LISTED_SCHEME.match(sent)
    in_host = _LISTED_HOST.match(sent)
    if not (in_scheme or in_host):
        return
    header = "X-Forwarded-Proto" if in_scheme else "X-Forwarded-Host"
    yield Found(
        cause=f"The `redirect_uri` `{sent[:200]}` holds a list where one value belongs: two proxies in a row each add their own to "
        f"`{header}`, several values with a comma between them, and the application puts the whole header into the URL.",
        help=f"At the outer proxy set `{header}` anew instead of appending (nginx: `proxy_set_header`), let the inner one pass it on "
        "unchanged, "
        "and have the application trust as many proxies as there are and take the first value; or set its public base URL.",
        evidence=(asked.evidence(".redirect_uri", expected="one scheme and one host", got=sent),),
    )


@rule(Section("RFC 3986", "4.2"), explains=("request-refused",))
def provider_path_prefix_lost(asked: Asked, scene: Scene) -> Iterator[Found]:
    """The authorization server is reached under a path prefix and builds its URLs without it."""
    parts = [part for part in split_url(asked.url).path.split("/") if part]
    if not asked.is_direct or asked.reply.status != 200 or len(parts) < 2 or parts[0] == parts[1]:
        return
    for seen in scene.seen:
        path = split_url(seen.url).path
        if seen.id <= asked.id or not seen.is_direct or seen.reply.status not in (404, 405) or host_of(seen.url) != host_of(asked.url):
            continue
        if seen.exchange.request.method != "POST" or not path.startswith(f"/{parts[1]}/"):
            continue
        yield Found(
            cause=f"The authorization server is reached under the path prefix `/{parts[0]}`, and the form of its page is sent to "
            f"`{path[:120]}` without that prefix, where nothing answers ({seen.reply.status}): it does not know the path that the proxy "
            "publishes it under.",
            help=f"In the authorization server, set its public base URL with the prefix (Keycloak: `hostname` with `/{parts[0]}`, or "
            f"`http-relative-path`), or let the proxy send `X-Forwarded-Prefix: /{parts[0]}` and trust it.",
            evidence=(
                asked.evidence("request.url", got=asked.url[:160]),
                seen.evidence("request.url", f"/{parts[0]}{path}"[:160], path[:160]),
            ),
            certainty=Certainty.LIKELY,
        )
        return


_LISTED_SCHEME = re.compile(r"https?\s*(?:,|%2C)\s*https?(?:,|:|%)", re.IGNORECASE)
_LISTED_HOST = re.compile(r"https?://[^/?#\s,%]+(?:,|%2C)", re.IGNORECASE)


def _start(asked: Asked, scene: Scene) -> Seen[Message] | None:
    """The application's page that leads to the provider: the redirect's own exchange."""
    own = () if asked.is_direct else (scene.direct(asked.id),)
    for seen in scene.order.by_location.get(asked.url, ()) if asked.is_direct else own:
        if seen is not None and seen.id <= asked.id and seen.reply.header("location") and seen.purpose != purposes.AUTHORIZATION:
            return seen
    return None


def _went_wrong(asked: Asked, sent: str, scene: Scene) -> bool:
    direct = next((one for one in scene.each(AuthorizationRequest) if one.is_direct and one.sent.fields == asked.sent.fields), asked)
    refusal = refusal_in(direct) if direct.is_direct else None
    if refusal is not None and not goes_back(direct):
        return refusal.says(SAYS_REDIRECT) or refusal.says_nothing
    return any(
        one.is_direct and origin(one.url) == origin(sent) and not one.reply.has_answer and bool(one.reply.failure)
        for one in scene.seen
        if one.id > asked.id
    )
