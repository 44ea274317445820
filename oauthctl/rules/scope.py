"""The scope that a request asks for: how it is written, and whether the provider knows it.

Here: `scope` of any request that was refused for it. Not here: what was granted (`scope_granted`), APIs as resources (`resource`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.front_channel import Refusal, as_provider_says, host_of
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Candidate, Certainty, Found, rule
from oauthctl.rules.scope_words import OPENID_SCOPES, SAYS_NOT_ALLOWED, named_in, names_other, scope_refusal, scope_text
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Returned = Seen[AuthorizationResponse]

_CLAUSE = Section("RFC 6749", "3.3")
_GENERAL = ("scope-unknown", "scope-not-allowed", "resource-unknown")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
# A scope that is retired: at whose hosts, since what, and what took its place.
_RETIRED = {
    "r_liteprofile": ("linkedin.com", "Sign In with LinkedIn", "`openid profile email`"),
    "r_emailaddress": ("linkedin.com", "Sign In with LinkedIn", "`openid profile email`"),
    "r_basicprofile": ("linkedin.com", "LinkedIn's first API", "`openid profile email`"),
    "r_fullprofile": ("linkedin.com", "LinkedIn's first API", "`openid profile email`"),
    "w_share": ("linkedin.com", "LinkedIn's first API", "`w_member_social`"),
    "https://www.googleapis.com/auth/plus.login": ("google.com", "Google+", "`openid profile email`"),
    "https://www.googleapis.com/auth/plus.me": ("google.com", "Google+", "`openid profile email`"),
    "https://www.googleapis.com/auth/photoslibrary": (
        "google.com",
        "the Photos Library API",
        "`photoslibrary.appendonly` or the Picker API",
    ),
    "https://www.googleapis.com/auth/photoslibrary.readonly": ("google.com", "the Photos Library API", "the Picker API's scope"),
    "https://www.googleapis.com/auth/photoslibrary.sharing": ("google.com", "the Photos Library API", "no other scope"),
    "https://www.google.com/m8/feeds": ("google.com", "the Contacts API", "`https://www.googleapis.com/auth/contacts`"),
    "publish_actions": ("facebook.com", "publishing for people", "sharing dialogs"),
    "manage_pages": ("facebook.com", "the old Pages permissions", "`pages_show_list` and `pages_manage_metadata`"),
    "publish_pages": ("facebook.com", "the old Pages permissions", "`pages_manage_posts`"),
    "user_profile": ("instagram.com", "Instagram Basic Display", "`instagram_business_basic`"),
    "user_media": ("instagram.com", "Instagram Basic Display", "`instagram_business_basic`"),
    "wl.basic": ("live.com", "Live Connect", "`openid profile`"),
    "wl.signin": ("live.com", "Live Connect", "`openid profile`"),
    "user_read": ("twitch.tv", "Twitch's v5 API", "`user:read:email`"),
    "user-read-birthdate": ("spotify.com", "birth dates in the Web API", "no other scope"),
}


@rule(_CLAUSE, explains=(*_GENERAL, "scope-retired"), decisive=True)
def scope_comma_separated(seen: Seen[Message], returned: Returned | None) -> Iterator[Found]:
    """The scopes are joined by commas instead of spaces."""
    sent = scope_text(seen.sent)
    mark = next((mark for mark in (",", ";", "|") if mark in sent.strip(mark)), "")
    refusal = scope_refusal(seen, returned)
    if not mark or " " in sent.replace(f"{mark} ", mark).strip() or refusal is None:
        return
    name = {",": "commas", ";": "semicolons", "|": "bars"}[mark]
    parts = [part.strip(" []\"'") for part in sent.split(mark)]
    yield Found(
        cause=f"The scopes in `scope` `{sent}` are joined by {name}, not by spaces: the provider sees one single unknown scope.",
        help=f"In the client, join the scopes with a single space: `{' '.join(parts)}` (`%20` or `+` in the URL).",
        evidence=(seen.evidence(".scope", expected=" ".join(parts), got=sent), refusal.evidence),
    )


@rule(Section("RFC 3986", "2.4"), explains=(*_GENERAL, "scope-comma-separated", "scope-retired"), decisive=True)
def scope_double_encoded(seen: Seen[Message], returned: Returned | None) -> Iterator[Found]:
    """The scope is percent-encoded twice."""
    sent = scope_text(seen.sent)
    refusal = scope_refusal(seen, returned)
    is_plus = "+" in sent and " " not in sent and all(part.isidentifier() for part in sent.split("+"))
    if refusal is None or not (_ENCODED.search(sent) or is_plus):
        return
    plain = re.sub(r"%20|\+|%2B", " ", sent, flags=re.IGNORECASE)
    yield Found(
        cause=f"The `scope` is encoded twice: decoded once it still reads `{sent}`, so that the provider sees one unknown name.",
        help=f"In the client, give the URL builder the plain value `{plain}`, and let it encode that exactly once.",
        evidence=(seen.evidence(".scope", expected=plain, got=sent), refusal.evidence),
    )


@rule(_CLAUSE, explains=_GENERAL, decisive=True)
def scope_retired(seen: Seen[Message], returned: Returned | None) -> Iterator[Found]:
    """A scope is asked for that the provider has retired."""
    refusal = scope_refusal(seen, returned)
    host = host_of(seen.url if seen.is_direct else seen.reply.header("location"))
    scopes = scope_text(seen.sent).split()
    retired = [scope for scope in scopes if _is_at(host, _RETIRED.get(scope.rstrip("/"), ("", "", ""))[0])]
    if refusal is not None and not retired and named_in(refusal.words, scopes):
        yield from as_provider_says(refusal.seen, "scope-retired")
    if refusal is None or not retired:
        return
    names = ", ".join(f"`{scope}`" for scope in retired)
    _, product, successor = _RETIRED[retired[0].rstrip("/")]
    several = len(retired) > 1
    yield Found(
        cause=f"The scope{'s' if several else ''} {names} belong{'' if several else 's'} to a retired product ({product}): newer "
        f"applications "
        f"can't ask for {'them' if several else 'it'}.",
        help=f"Ask for {successor} instead, and add the product that offers it to the application at the provider.",
        evidence=(seen.evidence(".scope", expected=successor.replace("`", ""), got=" ".join(scopes)), refusal.evidence),
        certainty=Certainty.LIKELY,
    )


@rule(_CLAUSE, decisive=True)
def scope_not_allowed(seen: Seen[Message], returned: Returned | None, given: Given) -> Iterator[Found]:
    """The client may not ask for this scope."""
    refusal = scope_refusal(seen, returned)
    scopes = _scopes(seen.sent)
    if refusal is not None and not scopes and isinstance(seen.sent, TokenRequest):
        # What is asked for is then what the client is set up for.
        yield from as_provider_says(refusal.seen, "scope-not-allowed")
    if refusal is None or not scopes or _is_misspelt(seen.sent):
        return
    allowed = given.texts("allowed_scopes")
    missing = tuple(scope for scope in scopes if scope not in allowed) if allowed else ()
    if not missing and (allowed or not refusal.says(SAYS_NOT_ALLOWED) or names_other(refusal.words, scopes)):
        if not allowed and not names_other(refusal.words, scopes):
            yield from as_provider_says(refusal.seen, "scope-not-allowed")
        return
    names = ", ".join(f"`{scope}`" for scope in missing or named_in(refusal.words, scopes) or scopes)
    yield Found(
        cause=f"The client asks for the scope {names}, which is not assigned to it: the provider knows the scope but does not allow it to "
        f"this "
        "client.",
        help="Assign the scope (permission, product) to this client in the provider's registration, or leave it out of the request.",
        evidence=(seen.evidence(".scope", got=" ".join(scopes)), refusal.evidence),
        certainty=Certainty.CERTAIN if missing else Certainty.LIKELY,
    )


@rule(_CLAUSE, explains=("resource-unknown",), decisive=True)
def scope_unknown(seen: Seen[Message], returned: Returned | None, metadata: ProviderMetadata | None, given: Given) -> Iterator[Found]:
    """A scope is asked for that the provider does not know."""
    refusal = scope_refusal(seen, returned)
    scopes = _scopes(seen.sent)
    if refusal is None or not scopes or _is_misspelt(seen.sent) or refusal.says(SAYS_NOT_ALLOWED) or given.texts("allowed_scopes"):
        return
    known = tuple(metadata.scopes_supported or ()) if metadata is not None else ()
    unlisted = tuple(scope for scope in scopes if known and scope not in known)
    named = named_in(refusal.words, scopes)
    own = tuple(scope for scope in scopes if scope not in OPENID_SCOPES)
    if (
        not (named or unlisted)
        and not names_other(refusal.words, scopes)
        and (spoken := next(as_provider_says(refusal.seen, "scope-unknown"), None))
    ):
        asked_for = ", ".join(f"`{scope}`" for scope in own or scopes)
        yield replace(spoken, cause=f"{spoken.cause} What is asked for: {asked_for}.")
        return
    if not (named or unlisted) and (names_other(refusal.words, scopes) or "invalid_scope" not in refusal.words):
        if not names_other(refusal.words, scopes):
            yield from as_provider_says(refusal.seen, "scope-unknown")
        return
    if known and not unlisted and not named:
        yield from _of_listed(seen, refusal, own or scopes)
        return
    guilty = tuple(scope for scope in named if scope in unlisted) or unlisted or named or own or scopes
    names = ", ".join(f"`{scope}`" for scope in guilty)
    listed = " The provider's metadata does not list it in `scopes_supported`." if unlisted else ""
    yield Found(
        cause=f"The provider does not take the scope {names}: it is misspelt, not defined there, or not enabled for this client (in its "
        f"application's registration).{listed}",
        help="Compare the name with the provider's list of scopes; define it at the provider (at the right API or authorization "
        "server), or leave it out of the request.",
        evidence=(seen.evidence(".scope", expected=" ".join(known)[:200], got=" ".join(scopes)), refusal.evidence),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate(f"The provider defines no scope {names}.", "Correct the name, or define it."),
            Candidate("It is defined, but not assigned to this client.", "Assign it in the client's registration."),
        ),
        probe="Ask for one scope after the other; a scope that exists but isn't assigned works from another client.",
    )


@rule(Section("OIDC Core", "3.1.2.1"), explains=("scope-unknown", "scope-not-allowed"))
def scope_needs_person(seen: Seen[TokenRequest], metadata: ProviderMetadata | None) -> Iterator[Found]:
    """A scope that is about a person is asked for where nobody signs in."""
    refusal = scope_refusal(seen, None)
    scopes = _scopes(seen.sent)
    personal = tuple(scope for scope in scopes if scope in OPENID_SCOPES)
    if refusal is None or not personal or seen.sent.grant_type != "client_credentials" or names_other(refusal.words, personal):
        return
    known = tuple(metadata.scopes_supported or ()) if metadata is not None else ()
    others = tuple(scope for scope in scopes if scope not in personal)
    if any(known and scope not in known for scope in others) or (named_in(refusal.words, others) and not named_in(refusal.words, personal)):
        return
    names = ", ".join(f"`{scope}`" for scope in personal)
    yield Found(
        cause=f"The request with `grant_type=client_credentials` asks for the scope {names}, which is about a user: in this grant nobody "
        "signs in, there is no ID token and no user to tell of, and the provider refuses it.",
        help=f"In the client leave {names} out of `scope`{' and ask for the scope of the API alone' if others else ''}; if a user is "
        "meant, use the authorization code grant.",
        evidence=(seen.evidence(".scope", expected=" ".join(others), got=" ".join(scopes)), refusal.evidence),
        certainty=Certainty.LIKELY,
    )


def _of_listed(seen: Seen[Message], refusal: Refusal, scopes: tuple[str, ...]) -> Iterator[Found]:
    """Where the metadata lists all that is asked for: it is no misspelling."""
    names = ", ".join(f"`{scope}`" for scope in scopes)
    yield Found(
        cause=f"The provider refuses the scope of the request without naming one. Its metadata lists all of them in `scopes_supported`, so "
        f"they exist, and {names} or another is not enabled for this client (in its application's registration), or not in this grant.",
        help="In the provider's registration of the client assign these scopes to it; or leave out what it does not need.",
        evidence=(seen.evidence(".scope", got=" ".join(scopes)), refusal.evidence),
        certainty=Certainty.LIKELY,
        probe="Ask for one scope after the other.",
    )


def _scopes(sent: Message) -> tuple[str, ...]:
    return tuple(scope_text(sent).split())


def _is_misspelt(sent: Message) -> bool:
    """Whether the whole value is broken, which the rules on its form say."""
    text = scope_text(sent)
    return bool(_ENCODED.search(text)) or ("," in text.strip(",") and " " not in text.replace(", ", ","))


def _is_at(host: str, place: str) -> bool:
    return bool(place) and (host == place or host.endswith(f".{place}"))
