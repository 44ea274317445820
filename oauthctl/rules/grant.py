"""What is traded at the token endpoint: whether the server knows the grant, and whether this client may use it.

Here: `grant_type`. Not here: how the request is written (`token_request`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.token import TokenRequest
from oauthctl.record.redact import FINGERPRINT
from oauthctl.rules.client_proof import proof_of, registration_of
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused, refuses_client, says
from oauthctl.specs import Section

_RIGHT = {
    "code": "authorization_code",
    "auth_code": "authorization_code",
    "authorization-code": "authorization_code",
    "authorizationcode": "authorization_code",
    "refresh": "refresh_token",
    "refresh-token": "refresh_token",
    "refreshtoken": "refresh_token",
    "client_credential": "client_credentials",
    "client-credentials": "client_credentials",
    "clientcredentials": "client_credentials",
    "device_code": "urn:ietf:params:oauth:grant-type:device_code",
    "device-code": "urn:ietf:params:oauth:grant-type:device_code",
    "jwt-bearer": "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "jwt_bearer": "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "token-exchange": "urn:ietf:params:oauth:grant-type:token-exchange",
    "token_exchange": "urn:ietf:params:oauth:grant-type:token-exchange",
}
_KNOWN = frozenset(("authorization_code", "refresh_token", "client_credentials", "password", *_RIGHT.values()))
_SWITCHES = {
    "client_credentials": "the client credentials grant (in Keycloak: service accounts)",
    "password": "the password grant (resource owner password credentials; in Keycloak: direct access grants)",
    "refresh_token": "the refresh token grant",
    "authorization_code": "the authorization code grant (in Keycloak: standard flow)",
    "urn:ietf:params:oauth:grant-type:device_code": "the device authorization grant",
    "urn:ietf:params:oauth:grant-type:token-exchange": "token exchange",
    "urn:ietf:params:oauth:grant-type:jwt-bearer": "the JWT bearer grant",
}
_NEEDS = {
    "authorization_code": ("code", "the authorization code of the callback"),
    "refresh_token": ("refresh_token", "the refresh token"),
    "urn:ietf:params:oauth:grant-type:device_code": ("device_code", "the device code of the device authorization response"),
    "urn:ietf:params:oauth:grant-type:jwt-bearer": ("assertion", "the signed JWT"),
    "urn:ietf:params:oauth:grant-type:saml2-bearer": ("assertion", "the SAML assertion"),
    "urn:ietf:params:oauth:grant-type:token-exchange": ("subject_token", "the token to be exchanged"),
    "password": ("username", "the user's name"),
}
# The server did not see the parameter that is there: then it is not about the grant's name.
_NOT_FOUND = r"grant.?type[^.]{0,20}(missing|required|empty|\bnone\b|\bnull\b|not (provided|specified|found))|missing[^.]{0,20}grant"
_SWITCHED_OFF = (
    r"(grant|flow|service.?account|direct access|client_credentials).{0,60}(not (enabled|allowed|authorized|permitted|configured)|disabled)"
    r"|not (enabled|allowed|authorized|permitted|configured).{0,60}(grant|service.?account|direct access|flow)"
    r"|\bclient\b[^.]{0,40}not registered (for|to use|with)( the| this)?( \w+)? (grant|flow)"
)
_ABOUT_OTHERS = (
    r"refresh.?token|redirect|client.?secret|credentials|invalid.client|\bcode\b (is|was)|unknown client|scope|authorization header"
)


@rule(Section("RFC 6749", "4.1.3"), decisive=True)
def grant_type_missing(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The token request has no grant_type."""
    if seen.sent.grant_type or not is_refused(seen, scene):
        return
    if not says(seen, r"grant.?type") and seen.reply.error not in ("unsupported_grant_type", "invalid_request"):
        return
    is_named = says(seen, r"grant.?type") or seen.reply.error == "unsupported_grant_type"
    yield Found(
        cause="The token request has no `grant_type` parameter, which says what is traded for tokens.",
        help="In the client, send `grant_type=authorization_code` with a code, `grant_type=refresh_token` with a refresh token.",
        evidence=(seen.evidence(".grant_type", expected="authorization_code, refresh_token …", got="missing"),),
        certainty=Certainty.CERTAIN if is_named else Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "5.2"), explains=("token-request-refused", "refresh-token-expired"), decisive=True)
def grant_parameter_missing(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The token request lacks the very thing that it trades."""
    name, what = _NEEDS.get(seen.sent.grant_type or "", ("", ""))
    if not name or seen.sent.raw(name) or not is_refused(seen, scene) or refuses_client(seen) or seen.reply.status in (404, 405):
        return
    is_empty = name in seen.sent
    own = next(((grant, one) for grant, (one, _) in _NEEDS.items() if one != name and seen.sent.raw(one)), None)
    carries = f" It carries `{own[1]}`, which belongs to `grant_type={own[0]}`: perhaps the `grant_type` is the wrong one." if own else ""
    yield Found(
        cause=f"The token request says `grant_type={seen.sent.grant_type}`, yet its `{name}` parameter, {what}, is "
        f"{'empty' if is_empty else 'missing'}: there is nothing to trade for tokens.{carries}",
        help=f"In the client, send `{name}` in the form body under exactly this name; look for where the value is lost (a store that has "
        "none, a misspelled or camel-case name, a variable that is not set).",
        evidence=(seen.evidence(f".{name}", expected=what, got="empty" if is_empty else "missing"),),
    )


@rule(Section("RFC 6749", "5.2"))
def grant_unsupported(seen: Seen[TokenRequest], scene: Scene, published: ProviderMetadata | None) -> Iterator[Found]:
    """The server doesn't know this grant type."""
    grant = seen.sent.grant_type
    if not grant or not is_refused(seen, scene):
        return
    supported = published.grant_types_supported if published is not None else None
    right = _RIGHT.get(grant.lower()) or (
        grant.strip().lower() if grant != grant.strip().lower() and grant.strip().lower() in _KNOWN else ""
    )
    is_unsupported = seen.reply.error == "unsupported_grant_type"
    # What was hidden since it is no word. Source: `record.word_values`.
    if FINGERPRINT.match(grant) and not refuses_client(seen):
        yield Found(
            cause="The value of `grant_type` is the name of no grant; it looks like a secret (a code, a token, a password) that got into "
            "this parameter, and is hidden here for that. So the server can't tell what is traded for tokens.",
            help="In the client, send the name of the grant in `grant_type` (`authorization_code`, `refresh_token`, "
            "`client_credentials`) and the secret in its own parameter (`code`, `refresh_token`, `client_secret`): two arguments were "
            "probably swapped. Renew the secret if the request went through logs.",
            evidence=(seen.evidence(".grant_type", expected="a grant's name", got="a secret"),),
            title="A secret stands in the place of the grant's name",
        )
        return
    if right and (is_unsupported or says(seen, r"grant")):
        blanks = " It has white space (a space or line break) around it." if grant != grant.strip() else ""
        cause = f"The request says `grant_type={grant[:60]}`, which no server knows: the grant is called `{right}`.{blanks}"
        todo = f"In the client, send `grant_type={right}`."
        certainty = Certainty.CERTAIN
    elif is_unsupported and supported is not None and grant not in supported:
        cause = f"The server does not support the grant `{grant[:80]}`: its metadata lists {', '.join(supported)[:160]}."
        todo = "In the client, use a grant that the server supports, or enable this one at the provider."
        certainty = Certainty.CERTAIN
    elif is_unsupported and not says(seen, _NOT_FOUND):
        named = _SWITCHES.get(grant, f"the grant `{grant[:80]}`")
        cause = f"The server does not support {named}, or it is switched off there."
        todo = "At the provider, enable this grant type for the server and the client, or use another grant in the client."
        certainty = Certainty.LIKELY
    else:
        return
    yield Found(
        cause=cause,
        help=todo,
        evidence=(seen.evidence(".grant_type", expected=right or ", ".join(supported or ())[:200], got=grant[:200]),),
        certainty=certainty,
    )


@rule(Section("RFC 6749", "5.2"), explains=("grant-unsupported",))
def grant_not_allowed(seen: Seen[TokenRequest], scene: Scene, given: Given) -> Iterator[Found | Refuted]:
    """The client is not allowed to use this grant."""
    grant = seen.sent.grant_type or ""
    if not grant or not is_refused(seen, scene):
        return
    registered = registration_of(proof_of(seen).client_id, scene)
    allowed = given.texts("grant_types") or (registered[1].grant_types if registered else None) or ()
    is_excluded = bool(allowed) and grant not in allowed
    if grant in allowed or _was_allowed(seen, scene):
        yield Refuted()
        return
    named = says(seen, _SWITCHED_OFF)
    unauthorized = seen.reply.error == "unauthorized_client" and not refuses_client(seen) and not says(seen, _ABOUT_OTHERS)
    if not (
        named or unauthorized or (is_excluded and seen.reply.error in ("unauthorized_client", "invalid_grant", "unsupported_grant_type"))
    ):
        return
    switch = _SWITCHES.get(grant, f"the grant `{grant[:80]}`")
    # Nobody can prove to be a client that has no credentials. Source: RFC 6749 section 4.4.
    is_public = grant == "client_credentials" and says(seen, r"\bpublic client|client is public")
    why = "the client is public, and that grant is for confidential clients" if is_public else "the grant is not enabled for it"
    first = "make the client confidential (in Keycloak: switch on *Client authentication*), and " if is_public else ""
    yield Found(
        cause=f"The client is known, but it is not allowed to use {switch}: {why}."
        if is_public
        else f"The client is known and its credentials are accepted, but it is not allowed to use {switch}: {why}.",
        help=f"In the provider's registration of the client, {first}enable {switch}, or use a grant that the client has.",
        evidence=(
            seen.evidence(".grant_type", expected=", ".join(allowed)[:200], got=grant[:200]),
            seen.evidence("response", got=(seen.reply.description or seen.reply.error)[:200]),
        ),
        certainty=Certainty.CERTAIN if is_excluded else Certainty.LIKELY,
    )


def _was_allowed(seen: Seen[TokenRequest], scene: Scene) -> bool:
    """Whether the same client got tokens by the same grant at this endpoint."""
    return _use_of(seen) in scene.once(_granted_uses)


def _granted_uses(scene: Scene) -> frozenset[tuple[str | None, str, str]]:
    return frozenset(_use_of(one) for one in scene.each(TokenRequest) if not one.reply.failed and one.reply.has_answer)


def _use_of(seen: Seen[TokenRequest]) -> tuple[str | None, str, str]:
    return seen.sent.grant_type, seen.url.partition("?")[0], proof_of(seen).client_id
