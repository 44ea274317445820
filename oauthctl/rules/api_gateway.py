"""What gateways and proxies in front of an API make of a token: their policies, consumers and key sets.

Here: causes in the gateway's own set-up. Not here: the token's flaws (`audience`, `issuer`, `token_time`, `signature`), headers that get
lost (`api`), sign-in proxies for people (`access_proxy`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.messages.challenge import read_challenges
from oauthctl.rules.api import NONE_SEEN
from oauthctl.rules.hosts import host_of
from oauthctl.rules.presented import refusing
from oauthctl.rules.registry import Evidence, Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section

_USE, _ERRORS = Section("RFC 6750", "2.1"), Section("RFC 6750", "3.1")
_GENERAL = ("api-call-refused", "api-rejects-valid-token", "authorization-header-stripped", "scope-insufficient", "request-fault-named")
_DENIED = re.compile(r"explicit deny|not authorized to access this resource|identity-based policy|denied by (?:the )?policy", re.IGNORECASE)
_NO_CONSUMER = re.compile(
    r"no (?:credentials?|consumer)s? (?:found|exists?|matched)[^.]{0,20} (?:for|with)\b|(?:consumer|credentials?) (?:is |was )?not found"
    r"|cannot find (?:the )?(?:consumer|credential)|missing (?:user|consumer) key in jwt|invalid (?:user|consumer) key in jwt",
    re.IGNORECASE,
)
_KEYS = r"jwks?\b|jwk set|key ?sets?|signing keys?|public keys?|open-?id.?config\w*|oidc discovery|discovery (?:endpoint|document)"
_NO_KEYS = re.compile(
    rf"(?:{_KEYS})[^.\n]{{0,60}}(?:fetch|retriev|download|load|communicat|obtain|connect)\w*[^.\n]{{0,40}}(?:fail|error|unable|could|timed)"
    rf"|(?:fail|unable|could ?n[o']t|cannot|can't|error|not able)\w*[^.\n]{{0,40}}(?:fetch|retriev|download|load|obtain|get|reach)\w*"
    rf"[^.\n]{{0,60}}(?:{_KEYS})",
    re.IGNORECASE,
)
_SUBREQUEST = re.compile(r"auth request unexpected status: (\d{3})", re.IGNORECASE)
_TOKEN_HEADER = re.compile(r"^(?:x-)?(?:auth|access|jwt|id|bearer|user)?[-_]?(?:token|jwt|authorization)$", re.IGNORECASE)
_COGNITO = re.compile(r"^https://cognito-idp\.[\w-]+\.amazonaws\.com/")


@rule(_USE, explains=("api-call-refused", "token-not-sent", "required-header-missing"))
def token_in_other_header(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The token travels in another header than Authorization."""
    if seen.reply.verdict not in (400, 401, 403) or seen.id not in scene.failed or seen.request_header("authorization"):
        return
    challenge = seen.reply.challenge
    says_none = NONE_SEEN.search(seen.reply.words) is not None
    if not says_none and (challenge is None or challenge.get("error")):
        return
    for name, value in seen.exchange.request.headers.pairs:
        if not _TOKEN_HEADER.search(name) or not value.startswith("ey") or value.count(".") < 2:
            continue
        yield Found(
            cause=f"The token travels in the header `{name}`, and the call has no `Authorization` header, which is where the API (or the "
            "gateway before it) looks for it: it finds none.",
            help=f"In the client send `Authorization: Bearer <access token>` instead of `{name}`; or let the gateway read the token from "
            f"`{name}`.",
            evidence=(
                seen.evidence("request.headers.Authorization", "Bearer and the token", "missing"),
                seen.evidence(f"request.headers.{name}", got="a JWT"),
            ),
            certainty=Certainty.LIKELY,
        )
        return


@rule(_ERRORS, explains=_GENERAL)
def gateway_policy_denies(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The policy that the gateway's authorizer made for the token denies this call."""
    if seen.reply.status != 403 or seen.id not in scene.failed or not seen.sent.raw("token"):
        return
    said = _DENIED.search(seen.reply.words)
    if said is None or "insufficient_scope" in seen.reply.words:
        return
    is_aws = bool(seen.reply.header("x-amzn-errortype")) or host_of(seen.url).endswith(".amazonaws.com")
    who = "the policy that the Lambda authorizer returned" if is_aws else "the gateway's policy for this caller"
    elsewhere = next(
        (
            one
            for one in scene.before(seen.id, ApiRequest)
            if one.sent.raw("token") == seen.sent.raw("token") and one.reply.status // 100 == 2 and host_of(one.url) == host_of(seen.url)
        ),
        None,
    )
    worked = f"; the same token was let through for another path or method in exchange {elsewhere.id}" if elsewhere is not None else ""
    yield Found(
        cause=f"The gateway took the token, and {who} denies this method and path{worked}. An authorizer's policy is kept (cached) for the "
        "token: made for the first call alone, it denies the next ones.",
        help="In the authorizer, return a policy that covers every method and path the caller may use (on AWS a `Resource` with `*` "
        "in place "
        "of the one `methodArn`), or set the cache's lifetime to 0; if the caller may not do this, give it the right.",
        evidence=(seen.evidence("response.body", got=said[0][:120]),),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("The cached policy of the authorizer names one method and path only.", "Return a policy for all of them."),
            Candidate("The authorizer means to deny this caller.", "Read its log for this token."),
        ),
        probe="Call again after the cache's lifetime, this path first.",
    )


@rule(_ERRORS, explains=(*_GENERAL, "token-issuer-differs"))
def gateway_consumer_unknown(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The gateway knows no consumer for the token."""
    seen = refusing(jwt, scene)
    if seen is None:
        return
    said = _NO_CONSUMER.search(seen.reply.words)
    if said is None:
        return
    named = re.search(r"['\"`]([a-z_]{2,20})['\"`]", seen.reply.words)
    claim = named[1] if named and named[1] in jwt.claims else "iss" if "iss" in jwt.claims else "key"
    value = str(jwt.claims.get(claim, ""))[:120]
    yield Found(
        cause=f"The gateway looks up a consumer (credential) by the token's `{claim}`, and no consumer has a credential whose key is "
        f"`{value}`: the token may be good, but it belongs to nobody there.",
        help=f"At the gateway, give a consumer a JWT credential whose `key` is `{value}` with the issuer's public key (Kong: "
        "`key_claim_name`, `rsa_public_key`, `algorithm`), or use a plugin that verifies by the issuer's metadata.",
        evidence=(
            jwt.evidence(f".claims.{claim}", "the key of a consumer's credential", value),
            seen.evidence("response.body", got=said[0]),
        ),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 7517", "5"), explains=(*_GENERAL, "key-unknown", "signature-invalid", "server-error", "key-set-unreachable"))
def api_lacks_key_set(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The API can't fetch the key set by which it would verify the token."""
    if seen.id not in scene.failed or not seen.sent.raw("token"):
        return
    said = _NO_KEYS.search(f"{seen.reply.words[:4000]} {scene.given.local_error[:4000]}")
    if said is None:
        return
    yield Found(
        cause="The API (or the gateway before it) could not fetch the provider's key set (JWKS), so it can't verify any token: nothing is "
        "said about this one.",
        help="Where the API runs, open the configured JWKS or discovery URL with curl: check host name, egress rules and proxy, the "
        "certificate's trust, and the timeout (Envoy: the cluster of `remote_jwks`, with TLS and SNI); the URL must be one that this "
        "machine or container can reach.",
        evidence=(seen.evidence("response", got=said[0][:160]),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 9110", "15.6.1"), explains=("server-error", "api-call-refused", "gateway-error"))
def auth_subrequest_unexpected(scene: Scene) -> Iterator[Found]:
    """The web server's question to its sign-in service is answered with a status that it can't use."""
    said = _SUBREQUEST.search(scene.given.local_error)
    if said is None:
        return
    status = said[1]
    failing = next((seen for seen in scene.seen if seen.is_direct and seen.reply.status == 500), None)
    why = {
        "302": "it redirects to a sign-in page",
        "404": "nothing is at that path",
        "400": "it does not take the request as nginx passes it on",
        "502": "it can't be reached",
    }.get(status, "that is none of them")
    yield Found(
        cause=f"nginx asks the auth service by a subrequest (`auth_request`), and that answers {status}: {why}. `auth_request` understands "
        "2xx (let in), 401 and 403 (refuse) alone, and makes 500 of everything else.",
        help="Point `auth_request` at the path that only checks (oauth2-proxy: `/oauth2/auth`, which answers 202 or 401), not at "
        "the one that "
        "signs in or redirects (302), and send people to sign in with `error_page 401`; let that location pass cookies and "
        "`Authorization`, without the body.",
        evidence=(
            Evidence(None, "given.local_error", "2xx, 401 or 403", said[0]),
            *((failing.evidence("response.status", got="500"),) if failing is not None else ()),
        ),
        certainty=Certainty.LIKELY,
    )


@rule(_USE, explains=(*_GENERAL, "id-token-sent-to-api"))
def cognito_token_kind_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """API Gateway's Cognito authorizer takes the other of the user pool's two tokens."""
    seen = refusing(jwt, scene) if _COGNITO.search(str(jwt.claims.get("iss", ""))) else None
    if seen is None:
        return
    use = jwt.claims.get("token_use")
    if ".execute-api." not in host_of(seen.url) or use not in ("access", "id") or seen.reply.challenge is not None:
        return
    end = jwt.claims.get("exp")
    if not re.search(r"\bunauthorized\b", seen.reply.words, re.IGNORECASE) or (
        isinstance(end, int) and end < seen.exchange.started_at.timestamp()
    ):
        return
    if use == "access":
        cause = (
            "The call sends the user pool's access token (`token_use` is `access`): a Cognito authorizer of API Gateway without "
            "scopes takes "
            "the ID token alone, one with scopes takes the access token if it has one of them."
        )
        help_ = (
            "At API Gateway, set the OAuth scopes of the method, one of which the token has, to keep the access token (best); or "
            "send the ID "
            "token in the client."
        )
    else:
        cause = (
            "The call sends the user pool's ID token (`token_use` is `id`): a Cognito authorizer whose method has OAuth scopes wants the "
            "access token, which carries them."
        )
        help_ = "In the client, send the access token; or take the OAuth scopes off the method at API Gateway to accept the ID token."
    yield Found(
        cause=cause,
        help=help_,
        evidence=(jwt.evidence(".claims.token_use", "id" if use == "access" else "access", str(use)),),
        certainty=Certainty.POSSIBLE,
        candidates=(
            Candidate(cause, help_),
            Candidate("The authorizer is for another user pool.", "Compare the token's `iss` with the authorizer's user pool."),
            Candidate("The authorizer reads the token from another header.", "Compare its token source with the call."),
        ),
        probe="Test the authorizer with this very token in the console of API Gateway.",
    )


@rule(_USE, explains=("api-call-refused", "authorization-scheme-wrong", "authorization-scheme-differs", "client-auth-missing"))
def basic_credentials_at_api(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The call carries a name and password where the API wants a bearer token."""
    response = seen.exchange.response
    if response is None or response.status != 401 or seen.id not in scene.failed:
        return
    schemes = {one.scheme.lower() for one in read_challenges(response)}
    if not seen.request_header("authorization").lower().startswith("basic ") or "bearer" not in schemes or "basic" in schemes:
        return
    yield Found(
        cause="The call carries `Authorization: Basic` (a name and a password, or a client's own credentials), and the API's "
        "challenge asks "
        "for `Bearer`: it wants an access token.",
        help="In the client, get an access token at the token endpoint (there the client's Basic credentials belong), and send it as "
        "`Authorization: Bearer <access token>`.",
        evidence=(
            seen.evidence("request.headers.Authorization", "Bearer", "Basic"),
            seen.evidence("response.headers.WWW-Authenticate", got="Bearer"),
        ),
    )
