"""Dynamic client registration: whether it is offered, what it makes of the wishes, what the client makes of its answer.

Here: RFC 7591. Not here: clients that were registered by hand.
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty, Severity
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.registration import RegistrationRequest, RegistrationResponse
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.client_proof import METHOD_WORDS, proof_of, registration_of
from oauthctl.rules.given import Given
from oauthctl.rules.hosts import host_of, is_internal_host
from oauthctl.rules.registration_member import refused_member
from oauthctl.rules.registry import Evidence, Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused, refuses_client, says
from oauthctl.specs import Section

_BY_HAND = (
    "Create the client in the provider's console and give its `client_id` (and secret, if it has one) to the tool, so that it does not "
    "have to register"
)
_TRUST = r"trusted.?hosts?|host.{0,20}not trusted|not a trusted host|untrusted host"


@rule(Section("RFC 8414", "2"), Section("RFC 7591", "3"))
def registration_unavailable(published: ProviderMetadata, given: Given, scene: Scene) -> Iterator[Found | Refuted]:
    """The client wants to register itself, and the provider offers no registration."""
    said = given.local_error.lower()
    wants = "registration" in said or "registration_endpoint" in said or "register" in said
    if published.registration_endpoint:
        yield Refuted()
        return
    if not wants or scene.each(RegistrationRequest):
        return
    yield Found(
        cause="The authorization server's metadata has no `registration_endpoint`: it does not support dynamic client registration, and "
        "the client has no `client_id` of its own.",
        help=f"{_BY_HAND}; or use a client ID metadata document, if the server takes one.",
        evidence=(Evidence(published.exchange, "response.body.registration_endpoint", expected="a URL", got="missing"),),
    )


@rule(Section("RFC 7591", "3"), explains=("registration-needs-token",), decisive=True)
def registration_endpoint_missing(asked: Seen[RegistrationRequest], scene: Scene, published: ProviderMetadata | None) -> Iterator[Found]:
    """There is no registration at the URL that the client sent its registration to."""
    if not is_refused(asked, scene) or asked.reply.status not in (404, 405, 501):
        return
    named = published.registration_endpoint if published is not None else None
    if named == asked.url:
        return
    where = f"the metadata names `{named[:120]}`" if named else "the provider does not seem to support dynamic client registration"
    yield Found(
        cause=f"The registration went to `{asked.url[:120]}`, where the server answers {asked.reply.status}: {where}.",
        help="In the client, register at the `registration_endpoint` of the metadata."
        if named
        else f"{_BY_HAND}; or let the provider offer a `registration_endpoint` in its metadata.",
        evidence=(asked.evidence("request.url", expected=(named or "a registration endpoint")[:200], got=asked.url[:200]),),
        certainty=Certainty.CERTAIN if named else Certainty.LIKELY,
    )


@rule(Section("RFC 7591", "3.2.2"), explains=("registration-needs-token", "registration-redirect-uri-refused"))
def registration_host_not_trusted(asked: Seen[RegistrationRequest], scene: Scene) -> Iterator[Found]:
    """The provider's policy lets only trusted hosts register clients."""
    if not is_refused(asked, scene) or not says(asked, _TRUST):
        return
    yield Found(
        cause="The provider's policy for anonymous client registration refuses the request: the caller's address, or the host of its "
        "redirect URI, is not among the trusted hosts.",
        help="At the provider, add the host to the `Trusted Hosts` policy of client registration (and check which address it sees behind a "
        "proxy), or register with an initial access token, or create the client by hand.",
        evidence=(asked.evidence("response.body.error_description", got=asked.reply.description[:200]),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 7591", "3"), Section("RFC 7591", "1.2"))
def registration_needs_token(asked: Seen[RegistrationRequest], scene: Scene) -> Iterator[Found]:
    """Registration asks for an initial access token."""
    if not is_refused(asked, scene) or asked.reply.status not in (401, 403) or says(asked, _TRUST):
        return
    sent = asked.request_header("authorization")
    wrong = "the initial access token that was sent is not accepted" if sent else "the request has none"
    yield Found(
        cause=f"The provider registers clients only for who shows an initial access token, and {wrong}.",
        help="Get an initial access token from the provider's administrator and send it as `Authorization: Bearer` with the registration, "
        "or create the client by hand; anonymous registration must be enabled at the provider.",
        evidence=(
            asked.evidence("request.headers.Authorization", expected="Bearer and an initial access token", got=sent[:20] or "missing"),
        ),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 7591", "3.2.2"))
def registration_redirect_uri_refused(asked: Seen[RegistrationRequest], scene: Scene) -> Iterator[Found]:
    """The provider doesn't register this redirect URI."""
    if not is_refused(asked, scene) or not (asked.reply.error == "invalid_redirect_uri" or says(asked, r"redirect.?uris?")):
        return
    uris = asked.sent.redirect_uris or ()
    if not uris:
        yield Found(
            cause="The registration has no redirect URI (`redirect_uris` is missing or empty), and the provider demands one of this "
            "client.",
            help="In the client, register with `redirect_uris`, a JSON array of the callback addresses; a client without a "
            "browser's sign-in "
            "registers only grants that need none (`grant_types`).",
            evidence=(asked.evidence("request.body.redirect_uris", "a redirect URI", "missing"),),
            certainty=Certainty.LIKELY,
        )
        return
    # What a server says of localhost can't be about addresses that are public.
    is_public = bool(uris) and all(uri.startswith("https://") and not is_internal_host(host_of(uri)) for uri in uris)
    rules = "exclude the host or the path, or hold for another registration" if is_public else "exclude the scheme, host or port"
    yield Found(
        cause=f"The provider refuses to register the redirect URI `{', '.join(uris)[:200]}`: its rules for redirect_uris {rules}.",
        help="At the provider, let the registration policy allow this redirect URI's host, or register one that it allows in the client."
        if is_public
        else "In the client, register a redirect URI that the provider allows (https; for a native app http on 127.0.0.1 or a private "
        "scheme, with `application_type` `native`), or let the provider's registration policy allow this one.",
        evidence=(asked.evidence("request.body.redirect_uris", got=", ".join(uris)[:200] or "missing"),),
        certainty=Certainty.CERTAIN if asked.reply.error == "invalid_redirect_uri" and not is_public else Certainty.LIKELY,
    )


@rule(Section("RFC 7591", "3.2.2"), explains=("registration-redirect-uri-refused",))
def registration_metadata_refused(asked: Seen[RegistrationRequest], scene: Scene, published: ProviderMetadata | None) -> Iterator[Found]:
    """The provider doesn't take what the client says of itself."""
    if not is_refused(asked, scene) or asked.reply.error not in ("invalid_client_metadata", "invalid_software_statement"):
        return
    if says(asked, r"redirect.?uris?") and not says(asked, r"grant.?type|response.?type|auth.?method|scope|logo|jwks"):
        return
    flaw = refused_member(asked, published)
    if flaw is not None:
        cause = f"The provider refuses the registration for its `{flaw.name}`: {flaw.what}."
        help_ = f"In the client, register with {flaw.instead}; or let the provider take this value."
        place = f"request.body.{flaw.name}"
    else:
        named = [name for name, _ in asked.sent.fields if name in asked.reply.words]
        which = f"`{', '.join(named[:4])[:120]}`" if named else "a member"
        cause = (
            f"The provider refuses the registration for what the client says of itself: {which} of its metadata has a value that the "
            "provider does not take."
        )
        help_ = (
            "In the client, register with values that the provider's metadata lists (`grant_types_supported`, `response_types_supported`, "
            "`token_endpoint_auth_methods_supported`, `scopes_supported`), and leave out what it does not need."
        )
        place = "response.body.error_description"
    yield Found(
        cause=cause,
        help=help_,
        evidence=(asked.evidence(place, got=(asked.reply.description or asked.reply.error)[:200]),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 7591", "3.2.1"), explains=("client-auth-method-mismatch", "client-secret-wrong", "confidential-client-without-secret"))
def registration_changed_auth_method(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The client doesn't authenticate as its registration's answer says."""
    proof = proof_of(seen)
    registered = registration_of(proof.client_id, scene)
    if registered is None or not is_refused(seen, scene) or not (refuses_client(seen) or seen.reply.error == "invalid_request"):
        return
    asked, back = registered
    # Source: RFC 7591 section 2: the default is client_secret_basic.
    method = back.token_endpoint_auth_method or ("client_secret_basic" if back.client_secret else "none")
    used = proof.methods[0] if proof.methods else "none"
    if method in proof.methods or method not in METHOD_WORDS or (method == "none" and used == "none"):
        return
    wish = asked.sent.token_endpoint_auth_method
    changed = f", where the client had asked for `{wish}`" if wish and wish != method else ""
    yield Found(
        cause=f"The registration's answer gives the client the method {METHOD_WORDS[method]}{changed}, but the token request "
        f"authenticates with {METHOD_WORDS.get(used, used)}.",
        help="In the client, take the registration response as what holds, and authenticate by its `token_endpoint_auth_method`, "
        f"`{method}`.",
        evidence=(
            asked.evidence("response.body.token_endpoint_auth_method", got=method),
            seen.evidence("request", expected=method, got=used),
        ),
    )


@rule(Section("RFC 7591", "3.2.1"), severity=Severity.NOTE)
def registration_secret_expiry_missing(asked: Seen[RegistrationRequest], given: Given) -> Iterator[Found]:
    """The registration's answer has a secret, but not when it ends."""
    back = asked.back
    if not isinstance(back, RegistrationResponse) or not back.client_secret or "client_secret_expires_at" in back or asked.reply.failed:
        return
    yield Found(
        cause="The registration succeeded, but its answer has a `client_secret` without `client_secret_expires_at`, which must stand next "
        "to it: a strict client rejects the response.",
        help="Let the authorization server add `client_secret_expires_at` (0 means never); let the client go on without it, or give it a "
        "client that was registered by hand.",
        evidence=(asked.evidence("response.body.client_secret_expires_at", expected="a time, or 0", got="missing"),),
        severity=Severity.ERROR if "client_secret_expires_at" in given.local_error else None,
    )
