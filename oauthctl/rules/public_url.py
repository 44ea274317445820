"""An application that doesn't know the address that people call it by.

Here: a configured public URL against the one in the browser. Not here: a redirect_uri that was built from an inner
address (`public_address`), what the provider says of the redirect URI (`redirect_uri`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import origin
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.purposes import query_of
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_WORDS = re.compile(
    r"\b(?:redirect|return|callback|base|root|external|site|public)[ _-]?(?:to )?(?:url|uri|host)|protocol and host"
    r"|\b(?:host|origin|domain)\b[^.]{0,60}\b(?:match|mismatch|allowed|trusted|differ)",
    re.IGNORECASE,
)
_NOT_HERE = re.compile(
    r"invalid http_host header[^\n<]{0,80}|DisallowedHost|ALLOWED_HOSTS|invalid host ?(?:header|name)"
    r"|blocked hosts?\b|untrusted ?host|allowedHosts"
    r"|(?:this )?host \(?[\"'`]?[^\s\"'`)]{0,100}[\"'`]?\)? (?:header )?(?:is not|must be) (?:allowed|trusted|permitted)",
    re.IGNORECASE,
)
_OF_FRAMEWORK = re.compile(r"http_host|DisallowedHost|ALLOWED_HOSTS|host header|blocked host|untrusted|allowedHosts", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:^|[_\-. ])(?:ur[li]|origin|address)$")
# What names an address of somebody else.
_OTHERS = re.compile(
    r"(?:^|[_\-. ])(?:token|auth|authori[sz]\w+|issuer|jwks|userinfo|redirect|callback|discovery|metadata|provider|server|api|endpoint"
    r"|logout|idp|oidc|oauth|resource|proxy|keycloak|post)(?:[_\-. ]|$)"
)


@rule(Section("RFC 6749", "3.1.2"), explains=("redirect-uri-not-registered",))
def public_url_differs(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The application's configured URL is not the one that it is called by."""
    if seen.purpose not in ("", purposes.CALLBACK) or not 400 <= seen.reply.status < 600 or not seen.is_direct:
        return
    here = origin(seen.url)
    targets = [value for _, value in query_of(seen.url).pairs if value.startswith(("http://", "https://"))]
    leads_home = any(origin(value) == here for value in targets)
    is_said = _WORDS.search(f"{seen.reply.words} {scene.given.local_error}") is not None
    if not is_said and not leads_home:
        return
    for name, value in scene.given.members.items():
        if not isinstance(value, str) or not value.startswith(("http://", "https://")) or not _ADDRESS.search(name.lower()):
            continue
        if _OTHERS.search(name.lower()) or origin(value) == here:
            continue
        began = any(one.id <= seen.id for one in scene.each(AuthorizationRequest)) or seen.purpose == purposes.CALLBACK
        so_far = "" if began else "; the request never got as far as a sign-in"
        yield Found(
            cause=f"The application takes itself for `{value[:200]}` (its setting `{name[:60]}`), and the browser calls it at `{here}`: "
            f"the configured URL differs in scheme, host or port, so the application itself refuses to return there{so_far}.",
            help=f"In the application's configuration set the URL (`{name[:60]}`; Argo CD: `url` in `argocd-cm`, Grafana: `root_url`, "
            f"elsewhere base, public or external URL) to `{here}`, or call the application by the configured one.",
            evidence=(seen.evidence("request.url", value, here),),
            certainty=Certainty.CERTAIN if is_said and leads_home else Certainty.LIKELY,
        )
        return


@rule(Section("RFC 9110", "7.2"), explains=("callback-failed", "public-url-differs", "cookie-not-returned", "request-refused"))
def host_not_allowed(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The application's framework refuses the host name that it is called by."""
    if not seen.is_direct or seen.purpose not in ("", purposes.CALLBACK) or not 400 <= seen.reply.status < 600:
        return
    logged = scene.given.local_error if seen.id in scene.failed else ""
    match = _NOT_HERE.search(f"{seen.reply.words[:8000]} {logged}")
    if match is None or (seen.purpose != purposes.CALLBACK and not _OF_FRAMEWORK.search(match[0])):
        return
    host = host_of(seen.url)
    yield Found(
        cause=f"The application's framework refuses every request for the host `{host}`, the one in the `Host` header, since that is "
        "not in "
        f"its list of allowed hosts (`{match[0].strip()[:80]}`): it never looks at what the request says.",
        help=f"In the application, allow `{host}` (Django: `ALLOWED_HOSTS`; Rails: `config.hosts`; Vite: `server.allowedHosts`; Auth.js: "
        "`trustHost`; IIS: the site's binding), or let the proxy send the `Host` that it expects, with `X-Forwarded-Host` beside it.",
        evidence=(seen.evidence("request.headers.Host", "an allowed host", host), seen.evidence("response", got=match[0].strip()[:120])),
        certainty=Certainty.LIKELY,
    )
