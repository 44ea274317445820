"""The API for which a token is asked: `resource`, `audience`, and scopes that name one.

Here: the request. Not here: a token's `aud` (`audience`), the API's own metadata (`resource_metadata`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.jose.jwt import Kind
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.metadata import ResourceMetadata
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest
from oauthctl.record.tokens import HeldToken, Role
from oauthctl.rules.front_channel import Refusal, as_provider_says, host_of, refusal_of, spoken_words
from oauthctl.rules.registry import Candidate, Certainty, Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.scope_words import OPENID_SCOPES, resource_of, scope_text, split_scopes
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section

Returned = Seen[AuthorizationResponse]

_CLAUSE = Section("RFC 8707", "2")
_SAYS_TARGET = re.compile(r"invalid_(target|resource)", re.IGNORECASE)
_SAYS_MISMATCH = re.compile(r"resource.{0,120}scope|scope.{0,120}resource", re.IGNORECASE)
_SAYS_UNKNOWN = re.compile(
    r"(resource|audience|service|api\b)[^.]{0,160}"
    r"(not found|unknown|not (registered|recogni[sz]ed|exist|allowed|supported|valid|configured)|does ?n.t exist|invalid|malformed)"
    r"|(unknown|invalid|unrecogni[sz]ed|no such)\s+(resource|audience|target)",
    re.IGNORECASE,
)
_SAYS_NO_PARAMETER = re.compile(r"parameter[\"'` ]{0,3}(?:is |was )?not supported|unsupported parameter", re.IGNORECASE)
_SAYS_SEVERAL = re.compile(
    r"(more than one|multiple|several|different|two)\s+(\w+\s+)?resources?|AADSTS28000|static scope|not compatible|AADSTS70011",
    re.IGNORECASE,
)
_SAYS_NO_AUDIENCE = re.compile(
    r"(audience|resource)[\"'`]?( parameter| indicator)?\s+(is |was |must be )?(missing|required|provided|not (specified|provided|set))"
    r"|(missing|no|required|specify|provide)\b[^.]{0,40}\b(audience|resource)\b|non-global clients|\binvalid_audience\b"
    r"|include (?:a )?valid audience",
    re.IGNORECASE,
)


@rule(_CLAUSE, explains=("resource-unknown", "scope-unknown", "resource-differs"), decisive=True)
def resource_scope_mismatch(seen: Seen[Message], returned: Returned | None, scene: Scene) -> Iterator[Found]:
    """The resource parameter names another API than the scopes do."""
    resource = _resource(seen.sent)
    owners = _owners(seen.sent)
    refusal = _refusal(seen, returned)
    others = [owner for owner in owners if owner.rstrip("/") != resource.rstrip("/")]
    if refusal is None or not resource or not others:
        return
    if not (refusal.says(_SAYS_TARGET) or refusal.says(_SAYS_MISMATCH)):
        yield from as_provider_says(refusal.seen, "resource-scope-mismatch")
        return
    evidence = [
        seen.evidence(".resource", expected=others[0], got=resource),
        seen.evidence(".scope", got=scope_text(seen.sent)),
        refusal.evidence,
    ]
    published = next((one for one in scene.seen if isinstance(one.back, ResourceMetadata) and one.back.raw("resource") == resource), None)
    where = "In the client, send no `resource` to this provider"
    if published is not None:
        evidence.append(published.evidence("response.body.resource", expected=others[0], got=resource))
        where = (
            f"In the API's metadata (RFC 9728), publish `{others[0]}` as `resource`; or in the client, send no `resource` to this provider"
        )
    yield Found(
        cause=f"The `resource` parameter is `{resource}`, but the scope belongs to another resource identifier, `{others[0]}`: this "
        f"provider "
        "takes the two only if they name the same API.",
        help=f"{where}, since the scope names the API already.",
        evidence=tuple(evidence),
        certainty=Certainty.CERTAIN if refusal.says(_SAYS_MISMATCH) else Certainty.LIKELY,
    )


@rule(_CLAUSE, decisive=True)
def resource_unknown(seen: Seen[Message], returned: Returned | None) -> Iterator[Found]:
    """The API that the token is asked for is none that the provider knows."""
    wanted = _resource(seen.sent) or _audience(seen.sent)
    name = "resource" if _resource(seen.sent) else "audience"
    refusal = _refusal(seen, returned)
    if refusal is None or (not wanted and not refusal.says(_SAYS_TARGET)):
        owners = _owners(seen.sent)
        if refusal is None:
            return
        if not owners or not any(owner in refusal.words for owner in owners) or not refusal.says(_SAYS_UNKNOWN):
            yield from as_provider_says(refusal.seen, "resource-unknown")
            return
        wanted, name = owners[0], "scope"
    if refusal.says(_SAYS_NO_PARAMETER):
        return
    if not (refusal.says(_SAYS_TARGET) or (wanted in refusal.words and refusal.says(_SAYS_UNKNOWN)) or _names_parameter(refusal, name)):
        yield from as_provider_says(refusal.seen, "resource-unknown")
        return
    if wanted and refusal.says(_SAYS_MISMATCH) and _owners(seen.sent) and name == "resource":
        return
    yield Found(
        cause=f"The provider does not know the API `{wanted}` that the `{name}` parameter names: no such resource is registered there, or "
        f"not "
        "for this client."
        if wanted
        else "The provider refuses the resource (API) that the token is asked for: it does not know it, or not for this client.",
        help=f"Send the API's identifier exactly as it is registered at the provider (scheme, slash at the end, `api://…`), or register "
        f"`{wanted}` "
        "there as an API (resource)."
        if wanted
        else "Send the API's identifier exactly as it is registered at the provider.",
        evidence=(seen.evidence(f".{name}", expected="a registered API", got=wanted), refusal.evidence),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("The identifier is spelt otherwise at the provider.", "Copy it from the API's registration."),
            Candidate("The API is not registered in this tenant.", "Register it, or use the right tenant."),
            Candidate("The client may not ask for this API.", "Allow it in the registration of the client or of the API."),
        ),
    )


@rule(_CLAUSE, explains=("scope-unknown", "scope-not-allowed"), decisive=True)
def scopes_of_two_resources(seen: Seen[Message], returned: Returned | None) -> Iterator[Found]:
    """Scopes of two APIs are asked for in one request."""
    owners = _owners(seen.sent)
    refusal = _refusal(seen, returned)
    if refusal is None or len(owners) < 2:
        return
    if not refusal.says(_SAYS_SEVERAL):
        yield from as_provider_says(refusal.seen, "scopes-of-two-resources")
        return
    names = " and ".join(f"`{owner}`" for owner in owners)
    yield Found(
        cause=f"The scope asks for more than one resource at once, {names}: an access token of this provider is for a single API.",
        help="In the client, ask for one API's scopes in a request, and for the next API's with the refresh token or in a further request.",
        evidence=(seen.evidence(".scope", expected=f"scopes of {owners[0]} alone", got=scope_text(seen.sent)), refusal.evidence),
    )


@rule(_CLAUSE, explains=("token-encrypted", "token-opaque", "token-request-refused", "api-call-refused"))
def audience_parameter_missing(
    token: Jwt, scene: Scene, asked: Seen[AuthorizationRequest] | None, redeemed: Seen[TokenRequest] | None
) -> Iterator[Found]:
    """No audience was asked for, and so the access token is for nobody's API."""
    held = token.held
    is_for_itself = held.token.kind is Kind.JWE and str(token.header.get("alg")) == "dir" and isinstance(token.header.get("iss"), str)
    if held.role not in (Role.ACCESS_TOKEN, Role.UNKNOWN) or not is_for_itself:
        return
    requests = [seen for seen in (asked, redeemed) if seen is not None]
    if any(_resource(seen.sent) or _audience(seen.sent) for seen in requests) or not _is_wanted_elsewhere(held, scene):
        return
    yield Found(
        cause="No `audience` was requested, so the provider issued an encrypted access token (a JWE with five parts, key held by the "
        "provider "
        "alone) that only its own userinfo endpoint can read, instead of a JWT for the API.",
        help="In the client, send `audience` with the identifier of the API (as it is registered at the provider) in the authorization "
        "request.",
        evidence=(
            token.evidence(".header", expected="a signed JWT", got=f"alg {token.header.get('alg')}, enc {token.header.get('enc')}"),
            *(seen.evidence(".audience", expected="the API's identifier", got="missing") for seen in requests[:1]),
        ),
        certainty=Certainty.CERTAIN if requests else Certainty.LIKELY,
    )


@rule(_CLAUSE, explains=("token-request-refused", "resource-unknown"), decisive=True)
def audience_parameter_required(seen: Seen[Message], returned: Returned | None) -> Iterator[Found]:
    """The provider wants to be told for which API the token is."""
    refusal = _refusal(seen, returned)
    if refusal is None or _resource(seen.sent) or _audience(seen.sent):
        return
    if not refusal.says(_SAYS_NO_AUDIENCE):
        yield from as_provider_says(refusal.seen, "audience-parameter-required")
        return
    yield Found(
        cause="The request names no API: it has neither `audience` nor `resource`, and this provider issues no token without.",
        help="In the client, send `audience` (or `resource`, as the provider has it) with the identifier of the API as it is registered "
        "there.",
        evidence=(seen.evidence(".audience", expected="the API's identifier", got="missing"), refusal.evidence),
        certainty=Certainty.LIKELY,
    )


def _is_wanted_elsewhere(held: HeldToken, scene: Scene) -> bool:
    """Whether somebody tried to read it, or was refused with it: a client that only asks for userinfo is well served by it."""
    if held.exchange is None or scene.given.audiences or scene.given.local_error:
        return True
    return any(seen.sent.raw("token") == held.token.compact and seen.reply.failed for seen in scene.each(ApiRequest))


def _resource(sent: Message) -> str:
    value = sent.raw("resource") if isinstance(sent, AuthorizationRequest | TokenRequest) else None
    return value if isinstance(value, str) else ""


def _audience(sent: Message) -> str:
    value = sent.raw("audience") if isinstance(sent, AuthorizationRequest | TokenRequest) else None
    return value if isinstance(value, str) else ""


def _owners(sent: Message) -> tuple[str, ...]:
    """The APIs that the scopes' names begin with, each once."""
    scopes = (scope for scope in split_scopes(scope_text(sent)) if scope not in OPENID_SCOPES)
    return tuple(dict.fromkeys(owner for owner in map(resource_of, scopes) if owner and host_of(owner)))


def _refusal(seen: Seen[Message], returned: Returned | None) -> Refusal | None:
    if isinstance(seen.sent, AuthorizationRequest):
        return refusal_of(seen.as_(AuthorizationRequest), returned)
    return Refusal(seen, spoken_words(seen)) if isinstance(seen.sent, TokenRequest) and seen.reply.failed else None


def _names_parameter(refusal: Refusal, name: str) -> bool:
    return bool(
        re.search(
            rf"(invalid|unknown|unsupported|bad)[^.]{{0,20}}\b{name}\b|\b{name}\b[^.]{{0,30}}(invalid|unknown|not )", refusal.words, re.I
        )
    )
