"""Assertions in the wrong place: shown to an API as if they were tokens, or sent under another parameter's name.

Here: where they are sent. Not here: what is in them (`client_assertion`, `assertion_claims`), ID and access tokens in each other's place
(`audience`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.http import split_url
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.param import Message
from oauthctl.record.tokens import Role
from oauthctl.rules.hosts import host_of
from oauthctl.rules.presented import audience_of, is_pasted, listed, refusing
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import DIRECT, is_refused, refuses_client
from oauthctl.specs import Section

_TOKEN_ENDPOINT = re.compile(r"/(?:oauth2?/)?(?:v[0-9.]+/)?(?:access_)?token/?$|/oauth2/v[0-9]+/token/?$|/protocol/openid-connect/token$")
_FIREBASE = "https://identitytoolkit.googleapis.com/"


@rule(
    Section("RFC 7523", "3"),
    explains=(
        "token-issuer-differs",
        "token-of-another-tenant",
        "audience-differs",
        "id-token-audience-differs",
        "id-token-issuer-differs",
        "id-token-sent-to-api",
        "key-unknown",
        "signature-invalid",
        "api-rejects-valid-token",
        "api-call-refused",
        "expiry-missing",
    ),
)
def assertion_sent_as_token(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A token that its owner signed to trade it for another is shown in that one's place."""
    audiences, issuer = audience_of(jwt), jwt.held.token.claim_text("iss")
    is_expected = bool(set(audiences) & set(scene.given.audiences)) or (issuer and issuer == scene.given.issuer)
    has_expectation = bool(scene.given.audiences or scene.given.issuer or scene.given.local_error)
    is_shown = refusing(jwt, scene) is not None or (is_pasted(jwt) and has_expectation)
    if not issuer or is_expected or not is_shown or jwt.held.role in (Role.CLIENT_ASSERTION, Role.ASSERTION):
        return
    endpoints = {str(document.raw("token_endpoint")) for document, _ in scene.metadata}
    if any(one.startswith(_FIREBASE) for one in audiences):
        kind, whom = "a Firebase custom token", "the service account"
        where = "the Identity Toolkit, which trades it"
        todo = (
            "In the app sign in with the custom token (`signInWithCustomToken`, or `accounts:signInWithCustomToken`), then send the ID "
            "token that comes of it (`getIdToken()`) to the backend."
        )
    elif issuer == jwt.held.token.claim_text("sub") and any(one in endpoints or _is_token_endpoint(one) for one in audiences):
        kind, whom = "an assertion", "the client or service account"
        where = "the token endpoint, which trades it"
        todo = (
            "In the client post the assertion to the token endpoint (as `assertion` with the JWT bearer grant, or as `client_assertion`), "
            "and send the access token of the answer to the API."
        )
    else:
        return
    yield Found(
        cause=f"The token is {kind}: {whom} `{issuer[:120]}` made it itself, and its `aud` {listed(audiences)} is {where} for another "
        "token. It has to be exchanged first; no API takes it as an ID token or access token.",
        help=todo,
        evidence=(jwt.evidence(".claims.aud", " ".join(scene.given.audiences) or "the API", " ".join(audiences)),),
    )


@rule(
    Section("RFC 7523", "2.2"),
    explains=(
        "client-secret-wrong",
        "token-request-refused",
        "client-auth-missing",
        "assertion-issuer-not-client",
        "assertion-key-unknown",
    ),
)
def assertion_in_wrong_parameter(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """A client assertion is sent under another name than client_assertion."""
    if seen.purpose not in DIRECT or seen.sent.raw("client_assertion") or not is_refused(seen, scene) or not refuses_client(seen):
        return
    secret, traded = seen.sent.raw("client_secret"), seen.sent.raw("assertion")
    name = ""
    if isinstance(secret, str) and host_of(seen.url) != "appleid.apple.com":
        claims = take_apart(secret).claims or {}
        name = "client_secret" if claims.get("iss") and claims.get("iss") == claims.get("sub") else ""
    grant = str(seen.sent.raw("grant_type") or "")
    if not name and isinstance(traded, str) and take_apart(traded).is_jwt and not grant.endswith(("jwt-bearer", "saml2-bearer")):
        name = "assertion"
    if not name:
        return
    yield Found(
        cause=f"The client's signed JWT is sent as `{name}`, and the server looks for it in `client_assertion`: under this name it is "
        "no proof "
        "of who the client is.",
        help="In the client, send it as `client_assertion`, with "
        "`client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer` "
        f"(private_key_jwt), and no `{name}`.",
        evidence=(seen.evidence(f".{name}", expected="client_assertion", got=name),),
    )


def _is_token_endpoint(url: str) -> bool:
    return url.startswith("https://") and _TOKEN_ENDPOINT.search(split_url(url).path) is not None
