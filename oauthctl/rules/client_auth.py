"""How a client proves who it is: by which method, and whether the proof arrives.

Here: methods. Not here: what the `Authorization` header holds (`client_auth_header`), the secret itself (`client_secret`), assertions
(`client_assertion`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.token import ClientCredentials, IntrospectionRequest, TokenRequest
from oauthctl.record import purposes
from oauthctl.rules.client_auth_header import SAYS_NO_PROOF
from oauthctl.rules.client_proof import METHOD_WORDS, Proof, proof_of, registration_of, wants_basic
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused, refuses_client, says
from oauthctl.specs import Section

_OTHER_METHOD = {"client_secret_basic": "client_secret_post", "client_secret_post": "client_secret_basic"}
_METHOD = re.compile(
    r"client_secret_basic|client_secret_post|client_secret_jwt|private_key_jwt|self_signed_tls_client_auth|tls_client_auth"
)
_WANTS_NONE = re.compile(r"\b(?:with|by|using|is|method|only) [`'\"]?none[`'\"]?(?:,| ?\(|;|\.|$| (?:and )?not\b)")
_CERTIFICATE = r"client.?cert|certificate (is )?(required|missing|not)|no certificate|\bmtls\b|mutual.?tls"
_NO_ASSERTION = r"client_assertion(_type)?\b.{0,40}(missing|required|not (found|provided|present))|(missing|no)\b.{0,30}client_assertion"
_PUBLIC = r"public client|client is public|is a public|(must|should|can) ?not (be )?(present|send|include|contain|use)\w*.{0,40}secret"


@rule(Section("RFC 6749", "2.3"), Section("RFC 7591", "2"), explains=("client-secret-wrong",), decisive=True)
def client_auth_method_mismatch(
    seen: Seen[ClientCredentials], scene: Scene, given: Given, published: ProviderMetadata | None
) -> Iterator[Found]:
    """The client proves who it is by another method than the one it is registered for."""
    proof = proof_of(seen)
    if not is_refused(seen, scene) or not refuses_client(seen) or not proof.methods or registration_of(proof.client_id, scene):
        return
    used = proof.methods[0]
    wanted, certainty = _wanted_method(seen, proof, given, published)
    if not wanted or {used, wanted} == {"private_key_jwt", "client_secret_jwt"}:
        return
    yield Found(
        cause=f"The client authenticates with {METHOD_WORDS[used]}, but the server takes {METHOD_WORDS.get(wanted, wanted)} from it.",
        help=f"In the client, set its authentication method (`token_endpoint_auth_method`) to {wanted}, or change the method in the "
        f"client's registration at the provider to `{used}`.",
        evidence=(seen.evidence(_place_of(used), expected=wanted, got=used),),
        certainty=certainty,
    )


_REQUESTS = {
    purposes.TOKEN: "token request",
    purposes.REVOCATION: "revocation request",
    purposes.INTROSPECTION: "introspection request",
    purposes.DEVICE_AUTHORIZATION: "device authorization request",
    purposes.PUSHED_AUTHORIZATION: "pushed authorization request",
    purposes.BACKCHANNEL_AUTHENTICATION: "backchannel authentication request",
}


@rule(Section("RFC 6749", "3.2.1"), decisive=True)
def client_auth_missing(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found]:
    """The token request doesn't say which client it comes from."""
    proof = proof_of(seen)
    if proof.methods or seen.request_header("authorization") or not is_refused(seen, scene):
        return
    if not (refuses_client(seen) or says(seen, r"client")) or seen.sent.raw("assertion") or _trades_foreign_token(seen):
        return
    name = _REQUESTS.get(seen.purpose, "request")
    yield Found(
        cause=f"The {name} names no client: it has neither a `client_id` parameter nor an "
        "`Authorization` header, so there is no "
        "client authentication at all.",
        help="In the client, send its `client_id`, and its credentials by the method that it is registered for (an `Authorization: Basic` "
        "header, or `client_id` and `client_secret` in the form body).",
        evidence=(seen.evidence(".client_id", expected="the client's identifier", got="missing"),),
        title=f"The {name} doesn't say which client it comes from",
    )


@rule(Section("RFC 6749", "2.1"), Section("RFC 8252", "8.4"), decisive=True)
def confidential_client_without_secret(seen: Seen[ClientCredentials], scene: Scene, given: Given) -> Iterator[Found]:
    """A public client redeems a grant that is registered for a confidential one."""
    if (
        proof_of(seen).methods != ("none",)
        or seen.exchange.certificate
        or not is_refused(seen, scene)
        or says(seen, _CERTIFICATE)
        or seen.sent.raw("assertion")
        # Who may introspect is no public client in any registration (`introspection`).
        or isinstance(seen.sent, IntrospectionRequest)
    ):
        return
    is_known = given.text("client_type") == "confidential" or given.flag("public_client") is False
    is_named = is_known or says(seen, SAYS_NO_PROOF + r"|confidential")
    if not is_named and not refuses_client(seen):
        return
    native = "registered for a web platform, or with a secret"
    is_basic = wants_basic(seen.url) or says(seen, r"authorization header|\bbasic\b")
    how = (
        "in an `Authorization: Basic` header, as this provider wants them" if is_basic else "(an `Authorization: Basic` header or the form)"
    )
    yield Found(
        cause="The request has a `client_id` and no credentials, as a public client sends it, while the provider has this client down as "
        f"confidential ({native}) and demands `client_secret` or an assertion.",
        help="In the provider's registration, make it a public client: list the redirect URI under the platform `Mobile and desktop` or "
        "`Single-page application` instead of `Web`, or allow public client flows (authentication method `none`). Only if it is an "
        f"application on a server, let it send its credentials {how}.",
        evidence=(seen.evidence(".client_secret", expected="credentials", got="missing"),),
        certainty=Certainty.LIKELY if is_named else Certainty.POSSIBLE,
        candidates=(
            Candidate("The client is registered as confidential.", "Register it as a public client, or send its credentials."),
            Candidate("The `client_id` is unknown to this server.", "Compare it with the provider's console."),
        )
        if not is_named
        else (),
        probe="" if is_named else "Look up the client in the provider's console: its type, and its identifier.",
    )


@rule(
    Section("RFC 6749", "2.3"),
    explains=("confidential-client-without-secret", "token-request-refused", "client-auth-method-mismatch"),
)
def client_auth_not_repeated(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The client proved who it is in an earlier request, and doesn't in this one."""
    proof = proof_of(seen)
    if proof.methods != ("none",) or not is_refused(seen, scene) or not (refuses_client(seen) or says(seen, SAYS_NO_PROOF)):
        return
    before = scene.once(_first_proofs).get(proof.client_id)
    if before is None or before.id >= seen.id:
        return
    method = METHOD_WORDS[proof_of(before).methods[0]]
    grant = (seen.sent.grant_type or "token")[:60]
    yield Found(
        cause=f"The `{grant}` request carries no client authentication, although the same client got its tokens in exchange {before.id} "
        "with "
        f"{method}: a confidential client must authenticate in every request to the token endpoint, refresh token requests among them.",
        help="In the client, send the same credentials with each request to the token endpoint, also when it refreshes.",
        evidence=(
            before.evidence(_place_of(proof_of(before).methods[0]), got=proof_of(before).methods[0]),
            seen.evidence(".client_secret", expected="the same credentials", got="missing"),
        ),
    )


def _first_proofs(scene: Scene) -> dict[str, Seen[TokenRequest]]:
    """By the client: the first request with credentials that was granted."""
    proofs = ((proof_of(one), one) for one in reversed(scene.each(TokenRequest)) if not one.reply.failed)
    return {proof.client_id: one for proof, one in proofs if proof.methods not in ((), ("none",))}


@rule(Section("RFC 6749", "2.3"), explains=("client-secret-wrong",), decisive=True)
def client_auth_twice(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found]:
    """The client proves who it is by two methods at once."""
    methods = proof_of(seen).methods
    if len(methods) < 2 or not is_refused(seen, scene) or not (refuses_client(seen) or seen.reply.error == "invalid_request"):
        return
    is_said = says(seen, r"multiple|more than one|\bboth\b|\btwice\b|only one|at most one")
    yield Found(
        cause=f"The request uses two methods of client authentication at once, {' and '.join(METHOD_WORDS[one] for one in methods[:2])}: a "
        "client must use no more than one.",
        help="In the client, keep the method that it is registered for and drop the other; look for a library that adds the header by "
        "itself.",
        evidence=tuple(seen.evidence(_place_of(one), got=one) for one in methods),
        certainty=Certainty.CERTAIN if is_said else Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "2.1"), explains=("client-secret-wrong",))
def public_client_sends_secret(seen: Seen[ClientCredentials], scene: Scene, given: Given) -> Iterator[Found | Refuted]:
    """A client that is registered as public sends credentials."""
    proof = proof_of(seen)
    if proof.methods == ("none",):
        yield Refuted()
        return
    if not proof.methods or proof.methods == ("none",) or not is_refused(seen, scene):
        return
    is_known = given.text("token_endpoint_auth_method") == "none" or given.flag("public_client") is True
    if not is_known and (not says(seen, _PUBLIC) or says(seen, r"service account|grant|client_credentials|retrieve")):
        return
    yield Found(
        cause="The request carries client credentials, but the provider has this client down as public: a public client has no secret, and "
        "must not send one.",
        help="In the client, remove `client_secret` (or the assertion) and rely on PKCE; or register it as a confidential client at the "
        "provider, if it runs on a server.",
        evidence=(seen.evidence(_place_of(proof.methods[0]), expected="no credentials", got=proof.methods[0]),),
        certainty=Certainty.CERTAIN if is_known and refuses_client(seen) else Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "2.1"), decisive=True)
def cross_origin_redemption(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """Where the code is redeemed, in the browser or on a server, doesn't fit the kind of client that is registered."""
    from_browser = seen.request_header("origin")
    if not is_refused(seen, scene) or not says(seen, r"cross.?origin (token )?re(demption|quest)"):
        return
    if not from_browser and says(seen, r"request origin|permitted only for"):
        return
    if from_browser:
        cause = (
            f"A script in the browser (`Origin: {from_browser[:80]}`) redeems the code, but the redirect URI is registered under the `Web` "
            "platform: only the client type `Single-page application` may redeem codes across origins."
        )
        todo = (
            "In the provider's registration, move the redirect URI to the platform `Single-page application` (which has no secret), or "
            "redeem the code on the server."
        )
    else:
        cause = (
            "The code is redeemed by a server (no `Origin` header), but the redirect URI is registered under the platform `Single-page "
            "application` (SPA), whose tokens are issued to scripts in the browser alone."
        )
        todo = "In the provider's registration, move the redirect URI to the platform `Web`, or redeem the code in the browser."
    yield Found(
        cause=cause,
        help=todo,
        evidence=(seen.evidence("request.headers.Origin", got=from_browser[:200] or "missing"),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 8705", "2"), Section("RFC 8705", "5"), explains=("confidential-client-without-secret", "client-auth-method-mismatch"))
def client_certificate_missing(
    seen: Seen[ClientCredentials], scene: Scene, given: Given, published: ProviderMetadata | None
) -> Iterator[Found | Refuted]:
    """No client certificate reached the token endpoint."""
    if not is_refused(seen, scene) or "client_secret_post" in proof_of(seen).methods or "client_secret_basic" in proof_of(seen).methods:
        return
    alias = _mtls_alias(seen, published)
    if alias == seen.url or seen.exchange.certificate or given.text("presented_cert_sha256_b64url"):
        yield Refuted()
        return
    is_elsewhere = alias is not None and refuses_client(seen) and proof_of(seen).methods == ("none",)
    is_said = says(seen, _CERTIFICATE)
    if not is_said and (not is_elsewhere or _names_other_proof(seen)):
        return
    called = (
        f"The request went to `{seen.url[:120]}`, while the metadata's `mtls_endpoint_aliases` name `{str(alias)[:120]}` for mutual TLS"
        if is_elsewhere
        else "The server found no client certificate on the connection: the client presented none, or a load balancer ended TLS before it"
    )
    yield Found(
        cause=f"{called}: no client certificate reached the token endpoint, and this client authenticates by mTLS.",
        help="In the client, call the token endpoint of `mtls_endpoint_aliases` and present the client certificate; behind a load balancer "
        "that terminates TLS, let it ask for the certificate and forward it in the header that the server trusts.",
        evidence=(seen.evidence("request.url", expected=str(alias)[:200] if is_elsewhere else "", got=seen.url[:200]),),
        certainty=Certainty.CERTAIN if is_elsewhere and is_said else Certainty.LIKELY,
    )


def _mtls_alias(seen: Seen[ClientCredentials], published: ProviderMetadata | None) -> str | None:
    """The address for mutual TLS of the endpoint that was asked. Source: RFC 8705 section 5."""
    aliases = published.mtls_endpoint_aliases if published is not None else None
    if published is None or not isinstance(aliases, dict):
        return None
    name = next((one for one in aliases if published.raw(one) == seen.url), "token_endpoint" if seen.purpose == purposes.TOKEN else "")
    alias = aliases.get(name)
    return alias if isinstance(alias, str) else None


def _names_other_proof(seen: Seen[ClientCredentials]) -> bool:
    """Whether the server's words ask for a secret, or for another method than a certificate."""
    return says(seen, r"\bsecret\b") or any("tls" not in method for method in _METHOD.findall(seen.reply.words))


def _wanted_method(seen: Seen[ClientCredentials], proof: Proof, given: Given, published: ProviderMetadata | None) -> tuple[str, Certainty]:
    """The method that the server wants instead, and how sure that is; empty when nothing says so."""
    registered = given.text("token_endpoint_auth_method")
    if registered:
        return (registered if registered not in proof.methods else "", Certainty.CERTAIN)
    used_body = proof.methods == ("client_secret_post",)
    said = _METHOD.findall(seen.reply.words)
    named = [one for one in said if one not in proof.methods]
    is_wanted = any(says(seen, rf"(supports?|expects?|requires?|must use|registered|accepts?)[^.]{{0,60}}{one}") for one in proof.methods)
    if _WANTS_NONE.search(seen.reply.words) and "none" not in proof.methods:
        return "none", Certainty.LIKELY
    if named and not (is_wanted and said and said[0] in proof.methods):
        return named[0], Certainty.LIKELY
    if said and not named and says(seen, r"(?:not|n't) (?:be |been )?(?:allow|support|permit|regist|accept|enabl|configur)"):
        return _OTHER_METHOD.get(proof.methods[0], "another method"), Certainty.LIKELY
    if says(seen, _NO_ASSERTION) and proof.has_secret:
        return "private_key_jwt", Certainty.LIKELY
    if used_body and wants_basic(seen.url):
        return "client_secret_basic", Certainty.LIKELY
    if not said and proof.methods != ("none",) and says(seen, r"authentication.?(method|scheme)"):
        return "another method", Certainty.LIKELY
    announced = published.token_endpoint_auth_methods_supported if published is not None else None
    if announced and proof.methods != ("none",) and not set(announced) & set(proof.methods):
        return announced[0], Certainty.LIKELY
    return "", Certainty.LIKELY


def _place_of(method: str) -> str:
    places = {
        "client_secret_basic": "request.headers.Authorization",
        "attest_jwt_client_auth": "request.headers.OAuth-Client-Attestation",
        "none": ".client_id",
    }
    return ".client_assertion" if method.endswith("_jwt") else places.get(method, ".client_secret")


def _trades_foreign_token(seen: Seen[ClientCredentials]) -> bool:
    """Whether the token that is traded says who calls, as in a cloud's workload identity federation."""
    return bool(seen.sent.raw("subject_token")) and re.search(r"^//|workloadIdentity", str(seen.sent.raw("audience") or "")) is not None
