"""For whom a token is, and whether it was used there.

Here: `aud`, and one kind of token in the place of another. Not here: who issued it (`issuer`), asking for a resource (`scope`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty, Evidence
from oauthctl.http import split_url
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.tokens import Role
from oauthctl.rules.hosts import host_of
from oauthctl.rules.presented import (
    Use,
    audience_of,
    client_ids,
    exchange_of,
    expected_audiences,
    is_pasted,
    is_received,
    issuer_difference,
    listed,
    refusing,
    use_of,
    words_about,
)
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_GRAPH = ("00000003-0000-0000-c000-000000000000", "https://graph.microsoft.com", "00000002-0000-0000-c000-000000000000")
_SIBLING_LABELS = 4
"""Names with fewer parts differ in what they are, not in where it is: `api.example.com`, `www.example.com`."""
_OF_AUDIENCE = re.compile(r"\baud\b|audience|not intended for|wrong recipient|resource indicator")


@rule(
    Section("RFC 9068", "5"),
    decisive=True,
    explains=("audience-differs", "id-token-audience-differs", "nonce-not-expected", "scope-insufficient", "api-call-refused"),
)
def id_token_sent_to_api(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """An ID token is sent to an API in the place of an access token."""
    if use_of(jwt, scene.given) is not Use.ID_TOKEN or jwt.held.token.claims is None:
        return
    audiences, expected = audience_of(jwt), expected_audiences(jwt, scene)
    if expected and set(audiences) & set(expected):
        return
    is_sent = refusing(jwt, scene, even_for_scope=not any(name in jwt.claims for name in ("scope", "scp", "scopes"))) is not None
    is_verified_by_api = is_pasted(jwt) and bool(scene.given.audiences) and jwt.held.role is not Role.ID_TOKEN
    if not (is_sent or is_verified_by_api) or "nonce" in jwt.header:
        return
    marks = [name for name in ("nonce", "at_hash", "c_hash", "auth_time") if name in jwt.claims]
    shown_to = scene.direct(jwt.held.exchange)
    is_userinfo = shown_to is not None and shown_to.purpose == purposes.USERINFO
    shows = f"it has {listed(marks)}, and its" if marks else "its"
    yield Found(
        cause=f"The token that the {'userinfo endpoint' if is_userinfo else 'API'} gets is an ID token: {shows} `aud` "
        f"{listed(audiences)} is the client. An ID token tells the "
        "client who signed in; an API takes an access token.",
        help="In the client, send the `access_token` of the token response (issued for this API) in `Authorization`, not the "
        "`id_token`; leave the API's audience check as it is.",
        evidence=(jwt.evidence(".claims.aud", " ".join(expected) or "the API", " ".join(audiences)),),
    )


@rule(
    Section("RFC 6749", "1.5"),
    decisive=True,
    explains=("audience-differs", "key-unknown", "signature-invalid", "token-opaque", "api-call-refused"),
)
def refresh_token_sent_to_api(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A refresh token is sent to an API in the place of an access token."""
    seen = refusing(jwt, scene)
    if seen is None:
        return
    compact = jwt.held.token.compact
    issued = scene.issued_by(compact, "refresh_token")
    is_marked = jwt.claims.get("typ") in ("Refresh", "Offline") or jwt.claims.get("token_use") == "refresh"
    if (issued is None and not is_marked) or scene.issued_by(compact, "access_token") is not None:
        return
    whence = f" It came as `refresh_token` in exchange {issued.id}." if issued is not None else ""
    yield Found(
        cause=f"The token that the API gets is a refresh token, which only the token endpoint takes, and no access token.{whence}",
        help="In the client, send the `access_token` of the token response in `Authorization`; keep the `refresh_token` for the token "
        "endpoint.",
        evidence=(seen.evidence("request.headers.Authorization", "the access token", "the refresh token"),),
    )


@rule(Section("OIDC Core", "2"), explains=("id-token-audience-differs", "nonce-not-returned", "expiry-missing"))
def access_token_as_id_token(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """An access token is taken for an ID token."""
    if use_of(jwt, scene.given) is not Use.ACCESS_TOKEN:
        return
    in_its_place = jwt.held.role is Role.ID_TOKEN and is_received(jwt, scene)
    expects_id_token = is_pasted(jwt) and bool(scene.given.text("expected_nonce")) and not scene.given.audiences
    if not (in_its_place or expects_id_token) or set(audience_of(jwt)) & set(client_ids(jwt, scene)):
        return
    yield Found(
        cause=f"The token that is verified as an ID token is an access token: its `aud` is {listed(audience_of(jwt))} and it has the "
        "claims of one (`scope`, `client_id`); it says nothing to the client about a sign-in.",
        help="In the client, verify the `id_token` of the token response; hand the access token to the API unread.",
        evidence=(jwt.evidence(".claims.aud", "the client's identifier", " ".join(audience_of(jwt))),),
    )


@rule(
    Section("RFC 9068", "4"),
    decisive=True,
    explains=(
        "audience-differs",
        "signature-invalid",
        "token-altered",
        "key-unknown",
        "token-version-differs",
        "token-issuer-differs",
        "token-of-another-tenant",
    ),
)
def graph_token_verified(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A token for Microsoft Graph is verified by somebody else."""
    audiences = audience_of(jwt)
    if not {one.rstrip("/") for one in audiences} & set(_GRAPH):
        return
    refused = refusing(jwt, scene)
    is_foreign_api = refused is not None and not (split_url(refused.url).hostname or "").endswith(("microsoft.com", "windows.net"))
    expected = scene.given.audiences
    is_expected_elsewhere = is_pasted(jwt) and bool(expected) and not set(audiences) & set(expected)
    if not (is_foreign_api or is_expected_elsewhere or (is_pasted(jwt) and jwt.facts.get("signature") == "fail")):
        return
    nonce = " Its header has a `nonce` that Graph transforms before it checks, so no other verifier can." if "nonce" in jwt.header else ""
    yield Found(
        cause=f"The access token is for Microsoft Graph (audience {listed(audiences)}) and not for your own API, and only Graph can "
        f"verify it.{nonce}",
        help="In the client request a token for your own API (`api://<app-id>/<permission>`), verify that one, and hand Graph's "
        "tokens to Graph unread.",
        evidence=(jwt.evidence(".claims.aud", " ".join(expected) or "your own API", " ".join(audiences)),),
    )


@rule(Section("RFC 7519", "4.1.3"), decisive=True)
def audience_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token is for another API."""
    if jwt.held.token.claims is None or use_of(jwt, scene.given) is Use.ID_TOKEN:
        return
    refused = refusing(jwt, scene)
    expected = expected_audiences(jwt, scene)
    if not (refused or (is_pasted(jwt) and scene.given.audiences)):
        return
    audiences = audience_of(jwt)
    if not expected:
        yield from _by_word(jwt, scene)
        return
    if set(audiences) & set(expected):
        return
    # An API may well announce each of its resources and take one audience for them all.
    if not scene.given.audiences and any(one.startswith(audience.rstrip("/") + "/") for one in expected for audience in audiences):
        return
    wanted, place = _asked_for(refused, scene)
    yield Found(
        cause=f"{_cause(audiences, expected)}{wanted}",
        help=_help(audiences, expected, jwt),
        evidence=(jwt.evidence(".claims.aud", " ".join(expected), " ".join(audiences) or "missing"), *place),
        # What an API's metadata says of its resource need not be what it checks.
        certainty=Certainty.CERTAIN if scene.given.audiences else Certainty.LIKELY,
    )


def _asked_for(refused: Seen[Message] | None, scene: Scene) -> tuple[str, tuple[Evidence, ...]]:
    """What the requests that brought the token named as its API, where these were seen: the sentence, and the place."""
    issued = scene.issued_by(str(refused.sent.raw("token") or ""), "access_token") if refused is not None else None
    if issued is None:
        return "", ()
    attempt = scene.attempt_of(issued.id)
    asked = attempt.asked if attempt is not None and issued.id in attempt.ids() else None
    requests: list[Seen[Message]] = [one for one in (asked, issued) if one is not None]
    if asked is None and issued.sent.grant_type == "authorization_code":
        return "", ()
    named = [str(value) for one in requests for name in ("resource", "audience") for value in one.sent.all(name)]
    if named:
        return f" The client asked for {listed(dict.fromkeys(named))}.", ()
    both = "neither the authorization request nor the token request has" if len(requests) > 1 else "the token request does not have"
    why = f" The client named no API when it asked for the token: {both} a `resource` (or `audience`) parameter."
    return why, (requests[0].evidence(".resource", expected="the API's identifier", got="missing"),)


def _by_word(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    seen = exchange_of(jwt, scene)
    if seen is None:
        return
    audiences = audience_of(jwt)
    if not _OF_AUDIENCE.search(words_about(jwt, scene)):
        yield from _of_sibling(jwt, audiences, host_of(seen.url))
        return
    if not audiences and isinstance(client := jwt.claims.get("client_id") or jwt.claims.get("azp"), str):
        yield Found(
            cause="The API refuses the token's audience: the token has no `aud` at all (Cognito's access tokens have none), only the "
            f"client, `{client[:80]}` (`client_id`), and the verifier's list of audiences does not have that one.",
            help=f"In the API's authorizer, put `{client[:80]}` (the app client's `client_id`) into the audience where it compares that "
            "claim, as AWS API Gateway does; else let it check `client_id` and `scope` instead of `aud`, or ask for a token with an `aud`.",
            evidence=(jwt.evidence(".claims.aud", "an audience", "missing"), jwt.evidence(".claims.client_id", got=client[:80])),
            certainty=Certainty.LIKELY,
        )
        return
    place = f"{split_url(seen.url).scheme}://{split_url(seen.url).netloc}"
    if any(one.rstrip("/") == place or seen.url.startswith(one.rstrip("/") + "/") for one in audiences if "://" in one):
        return
    yield Found(
        cause=f"The API at `{place}` refuses the token's audience: `aud` is {listed(audiences)}, which is not what it takes itself for.",
        help="In the client ask for a token with this API as its `audience` or `resource` (or with this API's scopes); or let the API's "
        "configuration name the audience that its tokens carry.",
        evidence=(jwt.evidence(".claims.aud", place, " ".join(audiences) or "missing"),),
        certainty=Certainty.LIKELY,
    )


def _of_sibling(jwt: Jwt, audiences: tuple[str, ...], called: str) -> Iterator[Found]:
    """A refusal without a word on it: the token is for a host that differs from the one called in a region, or an environment, alone."""
    hosts = [split_url(one).hostname or "" for one in audiences if "://" in one]
    sibling = next((host for host in hosts if _is_sibling(host, called)), "")
    if called in hosts or not sibling:
        return
    yield Found(
        cause=f"The token is for `{sibling}` (`aud`), and the call goes to `{called}`: the two are the same service in different "
        "regions or "
        "environments, each of which takes tokens for its own audience alone.",
        help=f"In the client, call `{sibling}`, where this token's account is at home, or ask for a token with the audience "
        f"`https://{called}` (and register the application in that region as well, where the provider wants it).",
        evidence=(jwt.evidence(".claims.aud", f"https://{called}", " ".join(audiences)),),
        certainty=Certainty.LIKELY,
    )


def _is_sibling(one: str, other: str) -> bool:
    mine, theirs = one.lower().split("."), other.lower().split(".")
    if len(mine) != len(theirs) or len(mine) < _SIBLING_LABELS or mine[-2:] != theirs[-2:]:
        return False
    return sum(a != b for a, b in zip(mine, theirs, strict=True)) == 1


def _cause(audiences: tuple[str, ...], expected: tuple[str, ...]) -> str:
    if not audiences:
        return f"The token names no audience (`aud` is missing), and the API takes only tokens for {listed(expected)}."
    difference = _closeness(audiences, expected)
    return (
        f"The token is for {listed(audiences)} (`aud`) and the API takes only tokens for {listed(expected)}: the audience "
        f"differs{difference}."
    )


def _closeness(audiences: tuple[str, ...], expected: tuple[str, ...]) -> str:
    for one in audiences:
        for other in expected:
            if one.removeprefix("api://") == other.removeprefix("api://"):
                return " in the prefix `api://` alone"
            kind = issuer_difference(one, other)
            if kind == "slash":
                return " in a trailing slash alone"
            if kind == "scheme":
                return " in http and https alone"
            if kind == "case":
                return " in upper and lower case alone"
    return ""


def _help(audiences: tuple[str, ...], expected: tuple[str, ...], jwt: Jwt) -> str:
    if _closeness(audiences, expected):
        return (
            f"Write the audience alike on both sides: let the API's configuration have {listed(audiences)}, or register the API "
            "under the other."
        )
    if audiences == ("account",) or "realm_access" in jwt.claims:
        return "At the provider add an audience mapper (client scope) that puts the API into `aud`, and let the client ask for that scope."
    if not audiences and ("client_id" in jwt.claims or "cid" in jwt.claims):
        return (
            "This provider's access tokens have no `aud`: let the API check `client_id` and the issuer instead, or request a token "
            "for a resource."
        )
    return (
        f"In the client request the token for {listed(expected)} (`audience` or `resource` parameter, or that API's scopes); do not "
        "widen the API's audience check to a client."
    )
