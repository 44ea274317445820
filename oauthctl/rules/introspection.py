"""Asking the server about a token.

Here: who may ask, and what `active` false means. Not here: the credentials' form (`client_auth`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty, Severity
from oauthctl.messages.claim_values import time_text
from oauthctl.messages.token import IntrospectionRequest, RevocationRequest
from oauthctl.record.tokens import Role
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.clock_precision import before, certainty_of
from oauthctl.rules.presented import number_of, server_time
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section

# Where one host has many issuers: realms, authorization servers, tenants, zones, in the issuer and in the endpoint's URL alike.
_TENANT_URLS = (
    re.compile(r"https?://[^/]+/(?:[^?#]{0,60}/)?realms/(?P<tenant>[^/?#]+)/"),
    re.compile(r"https?://[^/]+/oauth2/(?!v\d|introspect|token)(?P<tenant>[^/?#]+)/"),
    re.compile(r"https?://[^/]+/(?:t|tenants?|zones?|as)/(?P<tenant>[^/?#]+)/"),
    re.compile(r"https?://[^/]+/(?P<tenant>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22})/", re.IGNORECASE),
)


def _is_inactive(asked: Seen[IntrospectionRequest]) -> bool:
    return asked.reply.status == 200 and asked.reply.members.get("active") is False


def _ended(asked: Seen[IntrospectionRequest], scene: Scene) -> float | None:
    """When the token ended, if it is a JWT that had ended when it was asked about."""
    now = server_time(asked) or asked.exchange.started_at.timestamp()
    for held, facts in scene.tokens_in(asked.id):
        if held.place.endswith(".token"):
            end = number_of(Jwt(held, facts), "exp")
            if end is not None and end <= now:
                return end
    return None


def _first_logout(scene: Scene) -> int | None:
    return next((seen.id for seen in scene.seen if seen.purpose == "logout"), None)


def _presented(scene: Scene) -> dict[str, bool]:
    """The tokens that were sent to APIs, and whether one took them."""
    found: dict[str, bool] = {}
    for seen in scene.each(ApiRequest):
        token = str(seen.sent.raw("token"))
        found[token] = found.get(token, False) or seen.reply.status // 100 == 2
    return found


def _is_over(asked: Seen[IntrospectionRequest], scene: Scene) -> bool:
    """Whether the recording shows why the token is not active: it was revoked, replaced, or its person signed out."""
    token = asked.sent.token
    if scene.before(asked.id, RevocationRequest):
        # What else goes with a revoked token is the server's to decide (RFC 7009 section 2.1).
        return True
    if (scene.once(_first_logout) or asked.id) < asked.id:
        return True
    return token is not None and scene.issued_by(token, "refresh_token") is not None


@rule(Section("RFC 7662", "2.1"), explains=("request-refused", "introspection-client-not-allowed", "api-call-refused"))
def introspected_by_itself(asked: Seen[IntrospectionRequest], scene: Scene) -> Iterator[Found]:
    """The request to introspect a token is authorized by that very token."""
    scheme, _, token = asked.request_header("authorization").strip().partition(" ")
    if asked.id not in scene.failed or asked.reply.status not in (400, 401, 403) or scheme.lower() != "bearer":
        return
    if not token.strip() or token.strip() != (asked.sent.token or ""):
        return
    yield Found(
        cause="The introspection request is authorized by the very token that it asks about (`Authorization: Bearer` and `token` are the "
        "same): a token does not vouch for itself, and the server wants to know which API or client asks.",
        help="Authenticate the introspection request with credentials of the API's own: its client ID and secret (`Authorization: Basic`, "
        "or in the form), or an access token that was issued to it.",
        evidence=(asked.evidence("request.headers.Authorization", "the API's own credentials", "the token itself"),),
    )


@rule(Section("RFC 7662", "2.2"), explains=("request-refused",))
def introspection_client_not_allowed(asked: Seen[IntrospectionRequest], scene: Scene) -> Iterator[Found]:
    """The introspection endpoint does not tell this caller about the token."""
    is_refused = asked.reply.status in (401, 403) and asked.id in scene.failed
    if not (_is_inactive(asked) or is_refused) or _ended(asked, scene) is not None or _is_over(asked, scene) or _foreign(asked, scene):
        return
    token = asked.sent.token or ""
    presented_tokens = scene.once(_presented)
    works = presented_tokens.get(token, False)
    issued = scene.issued_by(token, "access_token") is not None
    basic = asked.facts.get("basic")
    who = str(basic.get("client_id", ""))[:60] if isinstance(basic, dict) else str(asked.sent.raw("client_id") or "")[:60]
    if is_refused and not who:
        return
    if is_refused and proof_of(asked).methods == ("none",) and not asked.exchange.certificate:
        yield _without_credentials(asked, who)
        return
    # An answer that may be the plain truth: of a token that nobody shows to be good, no is no failure.
    presented = token in presented_tokens or bool(scene.given.local_error)
    severity = None if issued or presented or is_refused else Severity.NOTE
    answered = "`active` false" if _is_inactive(asked) else f"{asked.reply.status}"
    still = " although the token was just issued" if issued else " although the token works elsewhere" if works else ""
    asker = f"`{who}`" if who else "the caller"
    yield Found(
        cause=f"The introspection endpoint answers {answered}{still}: it is asked with the credentials of {asker}, and servers tell "
        "only the API resource that a token is for (its audience); a client, or an API that is not in the token's audience, learns "
        "nothing.",
        help="Authenticate the introspection request with the API resource's own name and secret (IdentityServer: `ApiResource` and "
        "its secret; Keycloak: a confidential client of the same realm), and make sure that the token is issued for that API: "
        "ask for its scope, resource or audience (Zitadel: the scope "
        "`urn:zitadel:iam:org:project:id:{project}:aud`).",
        evidence=(
            asked.evidence("request.headers.Authorization", "the API resource's credentials", who or "unknown"),
            asked.evidence(
                "response.body.active" if _is_inactive(asked) else "response", "true", "false" if _is_inactive(asked) else answered
            ),
        ),
        certainty=Certainty.LIKELY if issued or works else Certainty.POSSIBLE,
        candidates=()
        if issued or works
        else (
            Candidate("The caller is not the API resource that the token is for.", "Ask with the API resource's name and secret."),
            Candidate("The token has ended or is another server's.", "Introspect a token that was just issued."),
        ),
        severity=severity,
        probe="Introspect a token that was issued a moment ago, once with these credentials and once with the API resource's.",
    )


def _without_credentials(asked: Seen[IntrospectionRequest], who: str) -> Found:
    """Source: RFC 7662 section 2.1: the endpoint MUST require some form of authorization."""
    return Found(
        cause=f"The introspection endpoint is asked without credentials, by a public client (`{who}`): it answers those alone who prove "
        "who they are, so that nobody can try out tokens there.",
        help="Ask with the credentials of an API or of a confidential client that may introspect (register one at the provider); a "
        "public client learns whether its token is good by using it, at the userinfo endpoint or at the API.",
        evidence=(asked.evidence("request.headers.Authorization", "the credentials of an API", "missing"),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 7662", "2.2"), explains=("introspection-client-not-allowed", "request-refused"))
def introspected_at_another_server(asked: Seen[IntrospectionRequest], scene: Scene) -> Iterator[Found]:
    """The token that is asked about was issued by another server."""
    foreign = _foreign(asked, scene)
    if not _is_inactive(asked) or foreign is None or _ended(asked, scene) is not None:
        return
    issuer, own = foreign
    yield Found(
        cause=f"The introspection endpoint of `{own[:120]}` is asked about a token that another server issued: its issuer (`iss`) is "
        f"`{issuer[:120]}`. Each server knows its own tokens alone, and answers `active` false for any other.",
        help="In the API ask the introspection endpoint of the token's own issuer, if that one is trusted; else configure the client (or "
        "the environment: test, production, tenant) so that it gets its tokens from this server.",
        evidence=(
            asked.evidence(".token", f"a token of {own[:120]}", f"a token of {issuer[:120]}"),
            asked.evidence("response.body.active", "true", "false"),
        ),
    )


def _foreign(asked: Seen[IntrospectionRequest], scene: Scene) -> tuple[str, str] | None:
    """The token's issuer and the server's own, where they are two; a slash at the end or an old http makes no other server."""
    metadata = scene.metadata_for(asked.url)
    own = (metadata.issuer or "") if metadata is not None else ""
    if not own:
        return _of_another_tenant(asked, scene)
    for held, _ in scene.tokens_in(asked.id):
        issuer = held.token.claim_text("iss") if held.place.endswith(".token") and held.token.claims is not None else ""
        if issuer and own and _bare(issuer) != _bare(own) and not scene.issued_by(asked.sent.token or "", "access_token"):
            return issuer, own
    return None


def _of_another_tenant(asked: Seen[IntrospectionRequest], scene: Scene) -> tuple[str, str] | None:
    """The same where no metadata was seen: the URL that is asked has its tenant in its path, as the issuer has."""
    own = next((match for match in (pattern.match(asked.url) for pattern in _TENANT_URLS) if match), None)
    if own is None:
        return None
    for held, _ in scene.tokens_in(asked.id):
        issuer = held.token.claim_text("iss") if held.place.endswith(".token") and held.token.claims is not None else ""
        tenant = next((match for match in (pattern.match(issuer.rstrip("/") + "/") for pattern in _TENANT_URLS) if match), None)
        if tenant is not None and tenant["tenant"].lower() != own["tenant"].lower():
            return issuer, own[0].rstrip("/")
    return None


def _bare(issuer: str) -> str:
    return issuer.partition("://")[2].rstrip("/").lower() or issuer


@rule(Section("RFC 7662", "2.2"), decisive=True)
def token_inactive(asked: Seen[IntrospectionRequest], scene: Scene) -> Iterator[Found]:
    """The token that is asked about has ended."""
    end = _ended(asked, scene)
    if not _is_inactive(asked) or end is None:
        return
    # Whoever asks about a token that it then refuses meets no failure; that an application goes on with it is one.
    is_used = any(held.role is Role.ACCESS_TOKEN and held.token.compact == asked.sent.token for held, _ in scene.tokens)
    still = ", and it is used all the same" if is_used else ""
    now = server_time(asked) or asked.exchange.started_at.timestamp()
    yield Found(
        cause=f"The token is not active because it expired at {time_text(end)} (`exp`), {before(now - end)} it was introspected{still}.",
        help="In the client get a fresh token shortly before `exp` and stop sending the old one.",
        evidence=(asked.evidence("response.body.active", "true", "false"),),
        severity=None if is_used else Severity.NOTE,
        certainty=certainty_of(now - end),
    )
