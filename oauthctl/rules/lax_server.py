"""Servers that let pass what they must refuse: a code twice, another verifier or redirect URI, a token that was taken back or replaced.

Here: what was answered well and should not have been. Not here: the client's side of it where the server refuses (`code`, `pkce`,
`redirect_uri_legs`, `refresh_rotation`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty, Severity
from oauthctl.http import is_http_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.claim_values import seconds_of, time_text
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message
from oauthctl.messages.registration import RegistrationRequest
from oauthctl.messages.token import IntrospectionRequest, RevocationRequest, TokenRequest, TokenResponse
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.presented import server_time
from oauthctl.rules.redirect_uri_parts import is_covered
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import grant_of
from oauthctl.specs import Section

Redeemed = Seen[TokenRequest]

_CLOCKS_DIFFER = 60.0
_CODE = "authorization_code"


@rule(Section("RFC 6749", "4.1.2"), severity=Severity.WARNING, explains=("code-reused",))
def code_reuse_accepted(redeemed: Redeemed, scene: Scene) -> Iterator[Found]:
    """The server takes the same code twice."""
    code = redeemed.sent.code
    if not code or not _granted(redeemed) or grant_of(redeemed.sent) != _CODE:
        return
    first = next((one for one in scene.before(redeemed.id, TokenRequest) if one.sent.code == code and _granted(one)), None)
    # The same answer is the same exchange, recorded in two places.
    if first is None or _granted(first) == _granted(redeemed):
        return
    yield Found(
        cause=f"The authorization server gave tokens for the same code twice, in exchanges {first.id} and {redeemed.id}: a code is good "
        "once, and whoever gets hold of a used one (a log, the browser's history) could sign in with it here.",
        help="At the authorization server, spend the code with its first use, in one step with the look-up, and refuse it from then on; "
        "revoke what the first use brought. In the client, redeem each code once.",
        evidence=(first.evidence(".code", got="redeemed"), redeemed.evidence("response.status", "400", str(redeemed.reply.status))),
    )


@rule(Section("RFC 7636", "4.6"), severity=Severity.WARNING, explains=("code-verifier-mismatch",))
def code_verifier_not_checked(redeemed: Redeemed, asked: Seen[AuthorizationRequest]) -> Iterator[Found]:
    """The server takes a code_verifier that does not belong to the code_challenge."""
    if redeemed.facts.get("pkce_matches") is not False or redeemed.facts.get("pkce_fit") or not _granted(redeemed):
        return
    yield Found(
        cause="The authorization server took a `code_verifier` that does not hash to the `code_challenge` of the authorization request: "
        "it does not check PKCE, so a stolen code is as good there as one's own. The client sent a verifier that is not its sign-in's.",
        help="At the authorization server, switch the check of PKCE on, and refuse such a request with `invalid_grant`; in the client, "
        "send the verifier that the challenge was made of.",
        evidence=(
            asked.evidence(".code_challenge", got=asked.sent.code_challenge or ""),
            redeemed.evidence("response.status", "400", str(redeemed.reply.status)),
        ),
    )


@rule(Section("RFC 6749", "4.1.3"), severity=Severity.WARNING)
def redirect_uri_not_checked(redeemed: Redeemed, asked: Seen[AuthorizationRequest]) -> Iterator[Found]:
    """The server takes a code with another redirect_uri than it was issued for."""
    sent, first = redeemed.sent.redirect_uri or "", asked.sent.redirect_uri or ""
    if not _granted(redeemed) or sent == first or not (is_http_url(sent) and is_http_url(first)):
        return
    yield Found(
        cause=f"The authorization server gave tokens for a token request with the `redirect_uri` `{sent[:200]}`, though the code was "
        f"issued for `{first[:200]}`: it does not compare the two, which must be identical.",
        help="At the authorization server, keep the `redirect_uri` with the code, and compare it character by character when the code is "
        "redeemed; in the client, send the same string on both legs.",
        evidence=(asked.evidence(".redirect_uri", got=first), redeemed.evidence(".redirect_uri", expected=first, got=sent)),
    )


@rule(
    Section("RFC 9700", "2.1"),
    severity=Severity.WARNING,
    explains=(
        "redirect-uri-not-registered",
        "redirect-uri-scheme-differs",
        "redirect-uri-trailing-slash",
        "redirect-uri-port-differs",
        "redirect-uri-case-differs",
        "redirect-uri-loopback-name",
    ),
)
def unregistered_redirect_uri_accepted(
    returned: Seen[AuthorizationResponse], asked: Seen[AuthorizationRequest], scene: Scene
) -> Iterator[Found]:
    """The server sends a code to a redirect URI that the client did not register."""
    sent, registered = asked.sent.redirect_uri or "", scene.given.registered_redirect_uris
    # What a person says of the registration may be short of one; what the recording shows is not.
    if not returned.sent.code or not sent or not registered or not scene.each(RegistrationRequest) or is_covered(sent, registered):
        return
    yield Found(
        cause=f"The authorization server sent a code to the `redirect_uri` `{sent[:200]}`, and the client has registered "
        f"`{registered[0][:200]}`{' and others' if len(registered) > 1 else ''}: it does not compare the two, so that whoever makes a "
        "person follow a link can have codes sent to a page of their own.",
        help="At the authorization server, compare the `redirect_uri` with the registered ones character by character (at a loopback IP "
        "all but the port), and show an error page instead of redirecting; in the client, send one that is registered.",
        evidence=(
            asked.evidence(".redirect_uri", " ".join(registered)[:200], sent[:200]),
            returned.evidence(".code", "no answer", "a code"),
        ),
    )


@rule(Section("RFC 9700", "2.2.2"), severity=Severity.NOTE)
def refresh_token_not_rotated(seen: Redeemed, scene: Scene) -> Iterator[Found]:
    """A public client's refresh token is bound to no key, and the refresh brings no new one."""
    token = seen.sent.refresh_token
    if not token or not _granted(seen) or not _is_unbound_public(seen) or _successor(seen) not in ("", token):
        return
    yield Found(
        cause="The refresh by a public client brought no new refresh token, and the one that was sent is bound to no key (DPoP, mutual "
        "TLS): stolen, it is good for as long as the client's own, and nobody notices.",
        help="At the authorization server, give a new refresh token with each refresh of a public client and end the old one (rotation), "
        "or bind refresh tokens to a key. In the client, keep the old one: it is still the one to send.",
        evidence=(seen.evidence("response.body.refresh_token", "a new refresh token", (_successor(seen) and "the same") or "missing"),),
    )


@rule(Section("RFC 9700", "4.14.2"), severity=Severity.WARNING)
def refresh_token_reuse_accepted(seen: Redeemed, scene: Scene) -> Iterator[Found]:
    """A public client's old refresh token is still good after its successor was used."""
    token = seen.sent.refresh_token
    if not token or not _granted(seen) or not _is_unbound_public(seen):
        return
    earlier = scene.before(seen.id, TokenRequest)
    rotated = next((one for one in earlier if one.sent.refresh_token == token and _successor(one) not in ("", token)), None)
    successor = _successor(rotated) if rotated is not None else ""
    used = next((one for one in earlier if successor and one.sent.refresh_token == successor and _granted(one)), None)
    if rotated is None or used is None:
        return
    yield Found(
        cause=f"A refresh token of a public client that exchange {rotated.id} replaced by a new one still works after exchange {used.id} "
        "used the new one: the server rotates refresh tokens and never ends the old ones, so a stolen one goes unnoticed.",
        help="At the authorization server, refuse a refresh token once its successor was used, and revoke the whole grant then; where "
        "answers may get lost, allow the old one for some seconds only.",
        evidence=(
            rotated.evidence("response.body.refresh_token", got="a new refresh token"),
            seen.evidence("response.status", "400", str(seen.reply.status)),
        ),
    )


@rule(Section("RFC 7009", "2.2"))
def token_not_revoked(taken_back: Seen[RevocationRequest], scene: Scene, published: ProviderMetadata | None) -> Iterator[Found]:
    """A token is still good after its revocation."""
    token = str(taken_back.sent.raw("token") or "")
    if not token or taken_back.reply.status != 200 or taken_back.reply.error:
        return
    shown_at = str(published.userinfo_endpoint or "") if published is not None else ""
    opened = next((one for one in scene.seen if one.id > taken_back.id and one.url == shown_at and _is_opened_by(one, token)), None)
    asked = next((one for one in scene.after(taken_back.id, IntrospectionRequest) if one.sent.token == token and _says_active(one)), None)
    used = next((one for one in scene.after(taken_back.id, TokenRequest) if one.sent.refresh_token == token and _granted(one)), None)
    if asked is not None:
        shown, how = asked.evidence("response.body.active", "false", "true"), f"introspection (exchange {asked.id}) says that it is active"
    elif used is not None:
        shown = used.evidence("response.status", "400", str(used.reply.status))
        how = f"exchange {used.id} got a new access token for it"
    elif opened is not None:
        yield _still_opens_userinfo(taken_back, opened)
        return
    else:
        return
    yield Found(
        cause=f"The revocation was answered with {taken_back.reply.status}, and the token is still good: {how}. The server answers "
        "revocations without carrying them out.",
        help="At the authorization server, end the token (and with a refresh token its grant) before the answer, in every store and "
        "cache that introspection and refresh look into; check that the endpoint looks for the token under the kind that it is.",
        evidence=(taken_back.evidence("response.status", got=str(taken_back.reply.status)), shown),
    )


def _is_opened_by(seen: Seen[Message], token: str) -> bool:
    return seen.reply.status == 200 and seen.request_header("authorization").partition(" ")[2] == token


def _still_opens_userinfo(taken_back: Seen[RevocationRequest], opened: Seen[Message]) -> Found:
    """A JWT may be judged by its signature alone, which RFC 7009 section 3 leaves to servers: then it is short of what was asked for."""
    return Found(
        cause=f"The revocation was answered with {taken_back.reply.status}, and the server's own userinfo endpoint still takes the token "
        f"(exchange {opened.id}): it answers revocations without carrying them out, or looks at the token's signature and end alone.",
        help="At the authorization server, end the token before the answer, and let its userinfo endpoint look up whether a token was "
        "revoked; where access tokens can't be revoked, answer `unsupported_token_type` and let them live shortly.",
        evidence=(
            taken_back.evidence("response.status", got=str(taken_back.reply.status)),
            opened.evidence("response.status", "401", str(opened.reply.status)),
        ),
        severity=Severity.WARNING,
    )


@rule(Section("RFC 7662", "2.2"), severity=Severity.WARNING)
def introspected_active_after_end(asked: Seen[IntrospectionRequest]) -> Iterator[Found]:
    """Introspection says that a token is active, and that it has expired."""
    end, now = seconds_of(asked.reply.members, "exp"), server_time(asked) or asked.exchange.started_at.timestamp()
    if not _says_active(asked) or end is None or end > now - _CLOCKS_DIFFER:
        return
    yield Found(
        cause=f"The introspection response says `active` true with an `exp` of {time_text(end)}, {now - end:.0f} seconds before it was "
        "made: it contradicts itself, and an API that looks at `active` alone goes on taking an expired token.",
        help="At the authorization server, answer `active` false from the end of the token on (look for a cache of such answers, and for "
        "its clock); in the API, refuse a token whose `exp` is over, too.",
        evidence=(
            asked.evidence("response.body.exp", "a time to come", time_text(end)),
            asked.evidence("response.body.active", "false", "true"),
        ),
        certainty=Certainty.LIKELY,
    )


def _is_unbound_public(seen: Redeemed) -> bool:
    """Whether the client proves neither itself nor that it has a key."""
    proof = proof_of(seen)
    is_public = not proof.has_secret and proof.methods in ((), ("none",))
    return is_public and not seen.request_header("dpop") and not seen.exchange.certificate


def _granted(seen: Redeemed) -> str:
    """The access token of a success; empty otherwise."""
    return seen.back.access_token or "" if isinstance(seen.back, TokenResponse) and not seen.reply.failed else ""


def _successor(seen: Redeemed) -> str:
    return seen.back.refresh_token or "" if isinstance(seen.back, TokenResponse) and _granted(seen) else ""


def _says_active(asked: Seen[IntrospectionRequest]) -> bool:
    return asked.reply.status == 200 and asked.reply.members.get("active") is True
