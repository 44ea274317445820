"""Refresh tokens that nobody asked for: how each provider wants to be asked.

Here: sign-ins that succeed without a refresh token, where the client misses it. Not here: refresh tokens that were asked for and did not
come (`refresh_scope`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Certainty, Evidence, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.rules.token_refused import asked_of
from oauthctl.specs import Section

_MISSES = re.compile(
    r"(?:no|missing|without|lacks?|empty|null|None|undefined|not "
    r"(?:found|present|stored|returned|included|set)|KeyError|cannot|can't|require\w*|specify|provide|need\w*)"
    r"\b[^\n]{0,60}refresh[ _-]?token|refresh[ "
    r"_-]?token[^\n]{0,60}(?:missing|null|none|undefined|empty|absent|required|not\b|n't\b|KeyError)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Wish:
    """How a provider wants to be asked for a refresh token: a parameter with a value, or a scope."""

    provider: str
    hosts: tuple[str, ...]
    parameter: str
    value: str
    also: str = ""

    def is_in(self, sent: AuthorizationRequest) -> bool:
        if self.parameter == "scope":
            return any(one in self.value.split("|") for one in sent.scope or ())
        return bool(sent.raw(self.parameter) == self.value)

    @property
    def words(self) -> str:
        value = self.value.partition("|")[0]
        return f"the scope `{value}`" if self.parameter == "scope" else f"`{self.parameter}={value}`"


# Each from the provider's own guide to authorization.
_WISHES = (
    _Wish(
        "Google", ("accounts.google.com",), "access_type", "offline", " For an account that granted access before, add `prompt=consent`."
    ),
    _Wish(
        "Zoho",
        ("accounts.zoho.com", "accounts.zoho.eu", "accounts.zoho.in"),
        "access_type",
        "offline",
        " Add `prompt=consent` to get one again.",
    ),
    _Wish("Dropbox", ("dropbox.com",), "token_access_type", "offline"),
    _Wish("Reddit", ("reddit.com",), "duration", "permanent"),
    _Wish("Microsoft", ("microsoftonline.com", "microsoftonline.us", "b2clogin.com", "ciamlogin.com"), "scope", "offline_access"),
    _Wish("Auth0", ("auth0.com",), "scope", "offline_access", " In Auth0, the API must have Allow Offline Access switched on."),
    _Wish(
        "Okta",
        ("okta.com", "oktapreview.com", "okta-emea.com"),
        "scope",
        "offline_access",
        " In Okta, allow the app the Refresh Token grant.",
    ),
    _Wish("Xero", ("xero.com",), "scope", "offline_access"),
    _Wish("Atlassian", ("atlassian.com",), "scope", "offline_access"),
    _Wish("Databricks", ("databricks.com", "azuredatabricks.net"), "scope", "offline_access"),
    _Wish("X", ("twitter.com", "x.com"), "scope", "offline.access"),
    _Wish("Salesforce", ("salesforce.com", "force.com"), "scope", "refresh_token|offline_access"),
    _Wish("Snowflake", ("snowflakecomputing.com",), "scope", "refresh_token"),
)


@rule(
    Section("RFC 6749", "1.5"),
    Section("OIDC Core", "11"),
    explains=("refresh-token-never-issued", "token-answer-incomplete", "token-expired"),
)
def offline_access_not_asked(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The sign-in did not ask for a refresh token, which the client then misses."""
    back, asked = seen.back, asked_of(seen, scene)
    if asked is None or not isinstance(back, TokenResponse) or seen.reply.failed or not back.access_token or back.refresh_token:
        return
    sent = asked.sent
    wish = _wish(asked, scene)
    if wish is None or wish.is_in(sent) or sent.request_uri or sent.request or "token" in (sent.response_type or ()):
        return
    said = _MISSES.search(scene.given.local_error[:4000])
    later = next((one for one in scene.after(seen.id, TokenRequest) if one.facts.get("refresh_token_is_placeholder")), None)
    spent = _spent(seen, back, scene)
    if said is None and later is None and spent is None:
        return
    life = f" It ends after {back.expires_in:.0f} seconds, and nothing renews it." if back.expires_in else ""
    who = wish.provider or "This provider"
    place = ".scope" if wish.parameter == "scope" else f".{wish.parameter}"
    evidence: list[Evidence] = [
        asked.evidence(
            place, expected=wish.value.partition("|")[0], got=" ".join(sent.scope or ())[:200] if place == ".scope" else "missing"
        ),
        seen.evidence("response.body.refresh_token", expected="a refresh token", got="missing"),
    ]
    if said is not None:
        evidence.append(Evidence(None, "given.local_error", "", said[0][:200]))
    if later is not None:
        evidence.append(later.evidence(".refresh_token", expected="a refresh token", got="none"))
    if spent is not None:
        evidence.append(spent.evidence("response.status", expected="200", got=f"{spent.reply.status}, with a token that has ended"))
    yield Found(
        cause=f"{who} issues a refresh token only when the authorization request asks for offline access with {wish.words}, and this "
        f"request does not: the token response has an access token alone.{life}",
        help=f"In the client, add {wish.words} to the authorization request, sign in (connect) again, and store the `refresh_token` "
        f"that comes.{wish.also}",
        evidence=tuple(evidence),
    )


@rule(Section("RFC 6749", "1.5"), explains=("refresh-token-never-issued", "token-answer-incomplete"))
def refresh_token_only_at_first_consent(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The provider issued a refresh token at the first consent, and gives none to who signs in again."""
    back, asked = seen.back, asked_of(seen, scene)
    if asked is None or not isinstance(back, TokenResponse) or seen.reply.failed or not back.access_token or back.refresh_token:
        return
    wish = _wish(asked, scene)
    said = _MISSES.search(scene.given.local_error[:4000])
    if (
        said is None
        or wish is None
        or wish.parameter != "access_type"
        or not wish.is_in(asked.sent)
        or "consent" in (asked.sent.prompt or ())
    ):
        return
    yield Found(
        cause=f"{wish.provider} issues a refresh token at the first consent of an account alone; this one had agreed before, and without "
        "`prompt=consent` the token response has an access token only.",
        help="In the client, store the refresh token of the first sign-in and keep it when a later answer has none; to get a new one, send "
        "`prompt=consent` with the authorization request once, or let the person withdraw the application's access in their account.",
        evidence=(
            asked.evidence(".prompt", expected="consent", got=" ".join(asked.sent.prompt or ()) or "missing"),
            seen.evidence("response.body.refresh_token", expected="a refresh token", got="missing"),
            Evidence(None, "given.local_error", "", said[0][:200]),
        ),
        certainty=Certainty.LIKELY,
    )


def _spent(seen: Seen[TokenRequest], back: TokenResponse, scene: Scene) -> Seen[ApiRequest] | None:
    """A call that was refused after the access token of this answer had ended."""
    if back.expires_in is None:
        return None
    end = seen.exchange.started_at.timestamp() + back.expires_in
    return next(
        (
            one
            for one in scene.after(seen.id, ApiRequest)
            if one.id in scene.failed
            and one.reply.status == 401
            and one.exchange.started_at.timestamp() >= end
            and str(one.sent.raw("token") or "") == back.access_token
        ),
        None,
    )


def _wish(asked: Seen[AuthorizationRequest], scene: Scene) -> _Wish | None:
    url = asked.url if asked.is_direct else asked.reply.header("location")
    host = host_of(url)
    known = next((one for one in _WISHES if any(host == name or host.endswith(f".{name}") for name in one.hosts)), None)
    if known is not None:
        return known
    published = scene.metadata_for(url)
    offered = published.scopes_supported if published is not None else None
    offer = next((name for name in ("offline_access", "offline", "offline.access") if name in (offered or ())), "")
    return _Wish("", (), "scope", offer) if offer else None
