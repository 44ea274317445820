"""What kind of JWT it is: one for another use, one inside of another, one without its contents.

Here: `typ`, `cty` and the form of the contents. Not here: access tokens and ID tokens taken for each other (`audience`), signatures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.record.tokens import Role
from oauthctl.rules.presented import is_at_stake, is_pasted, is_received, refusing, words_about
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
# Types of JWTs that are neither access tokens nor ID tokens, and what they are for.
_KINDS = {
    "logout+jwt": ("a logout token", "which the provider posts to the back-channel logout address and nowhere else"),
    "dpop+jwt": ("a DPoP proof", "which travels in the `DPoP` header, next to the access token"),
    "secevent+jwt": ("a security event token", "which tells of an event and lets nobody in"),
    "oauth-authz-req+jwt": ("a request object", "which carries the parameters of an authorization request"),
    "client-authentication+jwt": ("a client assertion", "by which a client proves who it is at the token endpoint"),
    "token-introspection+jwt": ("an introspection response", "which tells of a token and is none"),
    "entity-statement+jwt": ("an entity statement", "which describes a party of a federation"),
}
_OF_TYPE = re.compile(
    r"\btyp\b|jose header|header typ|token.?type|\bat\+jwt\b|jwt typ|type of (?:the )?(?:jwt|token)|idx10257|wrong type|unexpected type",
    re.IGNORECASE,
)


def _kind(jwt: Jwt) -> tuple[str, str] | None:
    events = jwt.claims.get("events")
    if isinstance(events, dict) and _LOGOUT_EVENT in events:
        return _KINDS["logout+jwt"]
    return _KINDS.get(jwt.held.token.typ)


@rule(
    Section("RFC 8725", "3.11"),
    explains=(
        "api-call-refused", "api-rejects-valid-token", "audience-differs", "id-token-audience-differs", "token-issuer-differs",
        "nonce-not-returned", "expiry-missing", "key-unknown", "signature-invalid", "id-token-sent-to-api", "token-of-another-tenant",
        "required-claim-missing",
    ),
)  # fmt: skip
def token_of_another_kind(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A JWT that is made for another use is taken for an access token or an ID token."""
    found = _kind(jwt)
    given = scene.given
    expects = is_pasted(jwt) and bool(given.client_id or given.audiences or given.local_error)
    is_misplaced = refusing(jwt, scene) is not None or (is_received(jwt, scene) and jwt.held.role is Role.ID_TOKEN)
    if found is None or jwt.held.role not in (Role.ACCESS_TOKEN, Role.ID_TOKEN, Role.UNKNOWN) or not (is_misplaced or expects):
        return
    what, why = found
    says = f"`typ` `{jwt.header.get('typ', '')}`" if jwt.held.token.typ in _KINDS else "its claims"
    yield Found(
        cause=f"The token is {what}, as {says} say{'s' if says.startswith('`') else ''}, {why}: it is checked here as if it were an access "
        "token or an ID token.",
        help="In the code that picks the token, take the `access_token` (for an API) or the `id_token` (for a sign-in) of the token "
        "response; "
        f"give {what} only to what it is made for.",
        evidence=(jwt.evidence(".header.typ", "an access token or an ID token", what),),
    )


@rule(Section("RFC 9068", "2.1"), Section("RFC 8725", "3.11"), explains=("api-call-refused", "api-rejects-valid-token"))
def token_type_refused(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token's recipient wants another type in its header."""
    if jwt.held.token.claims is None or not is_at_stake(jwt, scene) or _kind(jwt) is not None:
        return
    words = words_about(jwt, scene)
    if not _OF_TYPE.search(words) or jwt.held.role is Role.ID_TOKEN:
        return
    typ = jwt.held.token.typ
    if typ == "at+jwt":
        cause = (
            "The token says `typ` `at+jwt` in its header, the type of access tokens by RFC 9068, and its recipient accepts only `JWT`: the "
            "library is older than that type, or is not told of it."
        )
        todo = (
            "In the API, let the verifier accept `at+jwt` (a newer library, or its setting for the types of tokens); or let the provider "
            "issue its older form of access tokens."
        )
    elif "at+jwt" in words:
        cause = (
            f"The token's header says `typ` `{jwt.header.get('typ', '(none)')}`, and its recipient demands `at+jwt`, the type of access "
            "tokens "
            "by RFC 9068: the provider makes access tokens of the older form, or this is no access token."
        )
        todo = (
            "At the provider switch on access tokens by RFC 9068 (`at+jwt`), or let the API accept `JWT` from this issuer; send the "
            "access token, not the ID token."
        )
    else:
        return
    yield Found(
        cause=cause,
        help=todo,
        evidence=(jwt.evidence(".header.typ", "JWT" if typ == "at+jwt" else "at+jwt", str(jwt.header.get("typ", "missing"))[:60]),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 7519", "7.2"), explains=("signature-invalid", "expiry-missing", "api-call-refused", "token-truncated"))
def token_contents_unreadable(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token's payload is no JSON object."""
    if jwt.facts.get("kind") != "JWS" or "inside" in jwt.facts or not is_at_stake(jwt, scene) or jwt.header is None:
        return
    flaws = set(str(jwt.facts.get("flaws", "")).split())
    marked = jwt.facts.get("has_byte_order_mark") is True and re.search(
        r"json|payload|parse|decod|claims|malformed", words_about(jwt, scene)
    )
    if marked:
        what, todo = "begins with a byte order mark (BOM)", "write the JSON as UTF-8 without a byte order mark"
    elif jwt.held.token.claims is None and flaws & {"not-json", "not-an-object", "not-utf-8"}:
        kind = "is JSON, but no object" if "not-an-object" in flaws else "is not UTF-8" if "not-utf-8" in flaws else "is no JSON at all"
        what, todo = kind, "serialize the claims as one JSON object (double quotes, no comma at the end) before they are encoded"
    else:
        return
    yield Found(
        cause=f"The token's payload {what}: the claims of a JWT must be a JSON object, so its recipient can't read them.",
        help=f"In the code that makes the token, {todo}, or let a JWT library do it.",
        evidence=(jwt.evidence("", "a JSON object of claims", what),),
    )


@rule(Section("RFC 7519", "5.2"), explains=("signature-invalid", "expiry-missing", "api-call-refused"))
def token_nested(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token is a JWT inside of another one."""
    if jwt.facts.get("inside") != "jwt" or not is_at_stake(jwt, scene):
        return
    says = "; its `cty` says so" if str(jwt.header.get("cty", "")).upper() == "JWT" else ""
    yield Found(
        cause=f"The token is nested: its payload is another JWT and no JSON object of claims{says}. Whoever reads the claims of the outer "
        "token finds none.",
        help="In the verifier, check the outer signature, then take its payload as a JWT of its own and verify that, too; or let the "
        "issuer "
        "sign once (a token that is signed twice is often a mistake).",
        evidence=(jwt.evidence("", "a JSON object of claims", "a JWT"),),
    )


@rule(
    Section("RFC 7515", "F"),
    Section("RFC 7797", "3"),
    explains=("signature-invalid", "token-truncated", "critical-header-unknown", "expiry-missing"),
)
def token_detached(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token comes without its payload."""
    if jwt.facts.get("inside") != "nothing" or not is_at_stake(jwt, scene):
        return
    raw = ", unencoded, as `b64` false says" if jwt.header.get("b64") is False else ""
    yield Found(
        cause=f"The token is a detached signature: between its two dots is no payload, which travels elsewhere{raw} (such as the body "
        "of the "
        "message that it signs). It has no claims, and is no access token or ID token.",
        help="In the verifier, put the payload back in before the signature is checked, or let the issuer make an ordinary JWT with the "
        "payload inside.",
        evidence=(jwt.evidence("", "three parts", "header and signature alone"),),
    )
