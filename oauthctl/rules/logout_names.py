"""Logout endpoints whose parameters have names of their own.

Here: providers that want other names than OpenID Connect has, or more than it asks for. Not here: whether the values are right (`logout`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from oauthctl.http import split_url
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.purposes import query_of
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_WHERE = (
    "post_logout_redirect_uri",
    "returnTo",
    "logout_uri",
    "redirect_uri",
    "return_to",
    "redirect_url",
    "redirect",
    "continue",
    "fromURI",
)


@dataclass(frozen=True, slots=True)
class _Logout:
    """One provider's logout endpoint: where it is, what it wants in any of several ways, how to call it, and how it is known by its "
    "words."""

    provider: str
    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    wanted: tuple[tuple[str, ...], ...]
    call: str
    said: str = ""


_LOGOUTS = (
    _Logout(
        "Cognito",
        ("amazoncognito.com",),
        ("/logout",),
        (("client_id", "logout_uri"), ("client_id", "redirect_uri", "response_type")),
        "`/logout?client_id=…&logout_uri=…`, where `logout_uri` is one of the app client's allowed sign-out URLs",
        "required string parameter 'redirect_uri' is not present",
    ),
    _Logout(
        "Auth0",
        ("auth0.com",),
        ("/v2/logout",),
        (("returnTo",),),
        "`/v2/logout?client_id=…&returnTo=…` (`returnTo` must be in Allowed Logout URLs), or `/oidc/logout` with OpenID Connect's names",
    ),
    _Logout(
        "Auth0",
        ("auth0.com",),
        ("/oidc/logout",),
        (("post_logout_redirect_uri",),),
        "`/oidc/logout?id_token_hint=…&post_logout_redirect_uri=…` (or `/v2/logout`, which has `returnTo`)",
    ),
    _Logout(
        "Okta",
        ("okta.com", "oktapreview.com", "okta-emea.com"),
        ("/v1/logout",),
        (("id_token_hint",),),
        "`/v1/logout?id_token_hint=…&post_logout_redirect_uri=…`: a `client_id` does not stand in for `id_token_hint` there",
    ),
    _Logout(
        "Keycloak",
        (),
        ("/protocol/openid-connect/logout",),
        (("post_logout_redirect_uri",), ("id_token_hint",)),
        "`logout?post_logout_redirect_uri=…` with `id_token_hint` or `client_id`: versions before 18 had `redirect_uri`",
        "redirect_uri",
    ),
)


@rule(
    Section("OIDC RP-Initiated Logout", "2"),
    explains=(
        "logout-redirect-not-registered",
        "logout-hint-missing",
        "redirect-uri-omitted-at-authorize",
        "redirect-uri-missing",
        "redirect-uri-not-registered",
        "request-refused",
    ),
)
def logout_parameter_names(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The logout endpoint has other names for its parameters than those that were sent."""
    if "/logout" not in seen.url or not seen.is_direct or not seen.reply.has_answer or scene.is_made_good(seen):
        return
    sent = query_of(seen.url).pairs or (seen.exchange.request.form.pairs if seen.exchange.request.method == "POST" else ())
    names = {name for name, value in sent if value}
    known = _known(seen) if names & {*_WHERE, "id_token_hint", "client_id"} else None
    if known is None or any(set(one) <= names for one in known.wanted) or not _is_missed(seen, known, dict(sent)):
        return
    used = [name for name, _ in sent if name in (*_WHERE, "id_token_hint", "client_id")]
    lacks = [name for name in known.wanted[0] if name not in names]
    shown = ", ".join(f"`{name}`" for name in used)
    yield Found(
        cause=f"{known.provider}'s logout endpoint wants {_listed(known.wanted[0])}, and the request has {shown}: "
        f"{_listed(lacks)} is missing, so it does not know where to return, or whom to sign out.",
        help=f"In the client, call {known.call}.",
        evidence=(
            seen.evidence("request.query", expected=" ".join(known.wanted[0]), got=" ".join(used)),
            seen.evidence("response", got=(seen.reply.description or seen.reply.words)[:200]),
        ),
        certainty=Certainty.CERTAIN if seen.reply.status >= 400 else Certainty.LIKELY,
    )


def _known(seen: Seen[Message]) -> _Logout | None:
    host, path, words = host_of(seen.url), split_url(seen.url).path.rstrip("/"), seen.reply.words.lower()
    for one in _LOGOUTS:
        if not path.endswith(one.paths):
            continue
        is_host = any(host == name or host.endswith(f".{name}") for name in one.hosts)
        # Behind a domain of one's own the endpoint is known by its words, and Keycloak's by its path.
        if is_host or (one.said and one.said in words and (seen.purpose in ("", purposes.LOGOUT))):
            return one
    return None


def _is_missed(seen: Seen[Message], known: _Logout, sent: dict[str, str]) -> bool:
    """Whether the person did not come to where the request wanted them."""
    if seen.reply.status >= 400:
        return True
    wanted = next((sent[name] for name in _WHERE if sent.get(name)), "")
    location = seen.reply.header("location")
    if not wanted or not known.hosts:
        return False
    return seen.reply.status // 100 == 2 or (bool(location) and "error" in location)


def _listed(names: tuple[str, ...] | list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
