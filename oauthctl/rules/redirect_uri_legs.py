"""The redirect URI of the token request against that of the authorization request.

Here: the two legs of one sign-in. Not here: the list in the provider's console (`redirect_uri`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.token import TokenRequest
from oauthctl.record.purposes import query_of
from oauthctl.rules.dialects import said_by_provider
from oauthctl.rules.given import Given
from oauthctl.rules.hosts import host_of
from oauthctl.rules.redirect_uri import SAYS_REDIRECT
from oauthctl.rules.redirect_uri_parts import differences, in_words, is_covered
from oauthctl.rules.registry import Candidate, Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import asked_of
from oauthctl.specs import Section

Redeemed = Seen[TokenRequest]
Asked = Seen[AuthorizationRequest]

_CLAUSE = Section("RFC 6749", "4.1.3")
_GENERAL = ("redirect-uri-not-registered", "token-request-refused")
_SAYS_OTHER = re.compile(r"verifier|pkce|client.?secret|invalid_client|\bexpired\b", re.I)
_SAYS_OTHER_LEG = re.compile(r"\bused (?:to|in|for|when|during|with)\b[^.]{0,60}\bauthori[sz]ation", re.I)
# Their token endpoints take no redirect_uri. Source: https://docs.stripe.com/connect/oauth-reference.
_TAKE_NONE = ("connect.stripe.com", "api.stripe.com")
_OF_CALLBACK = ("code", "state", "error", "iss", "session_state")


@rule(_CLAUSE, explains=_GENERAL, decisive=True)
def redirect_uri_differs_between_legs(redeemed: Redeemed, asked: Asked) -> Iterator[Found]:
    """The token request's redirect_uri is not that of the authorization request."""
    sent, first = redeemed.sent.redirect_uri or "", asked.sent.redirect_uri or ""
    if not redeemed.reply.failed or not sent or not first or sent == first or _callback_names(redeemed, asked):
        return
    if unquote(sent) == first or unquote(unquote(sent)) == first:
        yield Found(
            cause=f"The `redirect_uri` of the token request is percent-encoded twice: decoded once it still reads `{sent}`, which differs "
            f"from `{first}` of the authorization request.",
            help=f"In the client, hand the plain value `{first}` to the HTTP library, and do not encode it by hand as well.",
            evidence=(asked.evidence(".redirect_uri", got=first), redeemed.evidence(".redirect_uri", expected=first, got=sent)),
        )
        return
    yield Found(
        cause=f"The `redirect_uri` of the token request, `{sent}`, does not match that of the authorization request, `{first}`: "
        f"{in_words(differences(sent, first))}. The two must be identical.",
        help="In the client, take the redirect_uri from one constant, or keep it with the sign-in, and send the same string on both legs.",
        evidence=(asked.evidence(".redirect_uri", got=first), redeemed.evidence(".redirect_uri", expected=first, got=sent)),
    )


@rule(_CLAUSE, explains=_GENERAL, decisive=True)
def redirect_uri_with_callback_params(redeemed: Redeemed, asked: Asked | None) -> Iterator[Found]:
    """The token request's redirect_uri carries the parameters of the callback."""
    names = _callback_names(redeemed, asked)
    if not redeemed.reply.failed or not names:
        return
    plain = (redeemed.sent.redirect_uri or "").partition("?")[0]
    first = asked.sent.redirect_uri or plain if asked is not None else plain
    listed = ", ".join(f"`{name}=`" for name in names)
    yield Found(
        cause=f"The token request's `redirect_uri` was built from the current URL, with the query that the provider appended to it "
        f"({listed}), "
        f"and so differs from `{first}`, which the authorization request sent.",
        help=f"In the client, send `{first}` itself as the redirect_uri: strip the query of the callback's URL.",
        evidence=(redeemed.evidence(".redirect_uri", expected=first, got=redeemed.sent.redirect_uri or ""),),
    )


@rule(_CLAUSE, explains=_GENERAL, decisive=True)
def redirect_uri_missing_at_token(redeemed: Redeemed, asked: Asked, scene: Scene) -> Iterator[Found]:
    """The token request lacks the redirect_uri that the authorization request had."""
    first = asked.sent.redirect_uri or ""
    said = f"{redeemed.reply.error} {redeemed.reply.description}"
    if not redeemed.reply.failed or redeemed.sent.redirect_uri or not first or not redeemed.sent.code:
        return
    if asked_of(redeemed, scene) is None:
        return
    if not SAYS_REDIRECT.search(said) and (_SAYS_OTHER.search(said) or _is_told_otherwise(redeemed) or host_of(redeemed.url) in _TAKE_NONE):
        return
    yield Found(
        cause=f"The token request is sent without `redirect_uri` (it is missing there), yet the authorization request was sent with "
        f"`{first}`: the provider compares the two, and so it must be there again.",
        help=f"In the client, send `redirect_uri={first}` with the token request, too.",
        evidence=(asked.evidence(".redirect_uri", got=first), redeemed.evidence(".redirect_uri", expected=first, got="missing")),
        certainty=Certainty.CERTAIN if SAYS_REDIRECT.search(said) else Certainty.LIKELY,
    )


@rule(_CLAUSE, explains=_GENERAL, decisive=True)
def redirect_uri_omitted_at_authorize(redeemed: Redeemed, asked: Asked) -> Iterator[Found]:
    """The authorization request was sent without the redirect_uri that the token request names."""
    sent = redeemed.sent.redirect_uri or ""
    if not redeemed.reply.failed or not sent or asked.sent.redirect_uri or asked.sent.request_uri or asked.sent.request:
        return
    said = f"{redeemed.reply.error} {redeemed.reply.description}"
    if _SAYS_OTHER.search(said) and not SAYS_REDIRECT.search(said):
        return
    yield Found(
        cause=f"The authorization request was sent without a `redirect_uri` (the provider took a registered one), while the token request "
        f"names "
        f"`{sent}`: the code was not issued for that.",
        help="In the client, send the same redirect_uri on both legs: with the authorization request and with the token request.",
        evidence=(
            asked.evidence(".redirect_uri", expected=sent, got="missing"),
            redeemed.evidence(".redirect_uri", got=sent),
        ),
        certainty=Certainty.CERTAIN if SAYS_REDIRECT.search(said) else Certainty.LIKELY,
    )


@rule(_CLAUSE, explains=_GENERAL, decisive=True)
def redirect_uri_refused_at_token(redeemed: Redeemed, asked: Asked | None, given: Given) -> Iterator[Found]:
    """The token endpoint refuses a redirect_uri in which nothing wrong is to be seen."""
    sent, said = redeemed.sent.redirect_uri or "", f"{redeemed.reply.error} {redeemed.reply.description}"
    if not sent or not redeemed.sent.code or not redeemed.reply.failed or not SAYS_REDIRECT.search(said):
        return
    if redeemed.reply.error in ("invalid_client", "unauthorized_client") or _callback_names(redeemed, asked):
        return
    if asked is not None:
        # What only speaks of the other leg is refuted by it; any other word on the URI may be about its registration.
        if asked.sent.redirect_uri == sent and not _SAYS_OTHER_LEG.search(said):
            yield _alike_on_both_legs(redeemed, asked, said)
        return
    registered = given.registered_redirect_uris
    if registered and not is_covered(sent, registered):
        # The list itself tells, and `redirect_uri` in what they differ.
        return
    other = Candidate("The provider's registration of this client has no URI that equals it.", "Add the very URI there.")
    yield Found(
        cause=f"The token endpoint refuses the `redirect_uri` `{sent}`, and the authorization request was not recorded: most likely it "
        "differs from the `redirect_uri` of the authorization request, whose code is redeemed here"
        + ("." if registered else ", or it is not one that is registered for this client."),
        help="In the client, take the `redirect_uri` from one constant, and send the same string (scheme, host, port, path, slash at the "
        "end) with the authorization request and with the token request.",
        evidence=(
            redeemed.evidence(".redirect_uri", "that of the authorization request", sent),
            redeemed.evidence("response", got=said[:200]),
        ),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("It differs from the `redirect_uri` of the authorization request.", "Send the same string on both legs."),
            *(() if registered else (other,)),
        ),
        probe="Record the sign-in from its authorization request on, and compare the two.",
    )


def _alike_on_both_legs(redeemed: Redeemed, asked: Asked, said: str) -> Found:
    sent = redeemed.sent.redirect_uri or ""
    return Found(
        cause=f"The token endpoint refuses the `redirect_uri` `{sent}`, although the authorization request was sent with the same: either "
        "the code is of another sign-in, which had another `redirect_uri`, or the registration of this client changed or is another one's.",
        help="Redeem each code with the `redirect_uri` of its own sign-in, and compare it with the provider's registration of "
        "this very `client_id` once more.",
        evidence=(
            asked.evidence(".redirect_uri", got=sent),
            redeemed.evidence(".redirect_uri", got="the same"),
            redeemed.evidence("response", got=said[:200]),
        ),
        certainty=Certainty.POSSIBLE,
        candidates=(
            Candidate("The code is of another sign-in, which had another `redirect_uri`.", "Keep both with the `state` of their sign-in."),
            Candidate("The provider's registration has another URI, or was changed in between.", "Compare it for this very `client_id`."),
        ),
        probe="A new sign-in from its beginning: when it fails alike, it is the registration.",
    )


def _is_told_otherwise(redeemed: Redeemed) -> bool:
    """Whether the provider's words, as its table reads them, name another cause."""
    return any(not entry.rule.startswith(("redirect-uri", "token-request-refused", "code-")) for entry, _ in said_by_provider(redeemed))


def _callback_names(redeemed: Redeemed, asked: Asked | None) -> tuple[str, ...]:
    """The callback's parameters in the token request's redirect URI that the authorization request's doesn't have."""
    own = query_of((asked.sent.redirect_uri or "") if asked is not None else "")
    found = query_of(redeemed.sent.redirect_uri or "")
    return tuple(name for name in _OF_CALLBACK if name in found and name not in own)
