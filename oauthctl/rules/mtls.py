"""Tokens that are bound to a client certificate.

Here: RFC 8705 section 3. Not here: the certificate as the client's proof at the token endpoint (`client_auth`), TLS itself (`transport`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from oauthctl.findings import Candidate, Certainty
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.presented import refusing
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused, refuses_client
from oauthctl.specs import Section

_BOUND = Section("RFC 8705", "3.1")
_SUBJECT = re.compile(
    r"(?:subject|\bDN\b|distinguished name|\bSAN\b|common name|\bCN\b)[^.]{0,120}"
    r"(?:match|differ|mismatch|expected|not (?:the|found|allowed|trusted))"
    r"|(?:match|differ|mismatch|unexpected|invalid)\w*[^.]{0,80}(?:subject|\bDN\b|\bSAN\b)",
    re.IGNORECASE,
)
_UNREGISTERED = re.compile(
    r"certificate[^.]{0,80}(?:not (?:match|registered|found|known|among)|does ?n[o']t match|unknown|mismatch)"
    r"[^.]{0,60}(?:jwks|keys?\b|register|client|thumbprint)"
    r"|certificate (?:is )?(?:not registered|unknown)"
    r"|(?:no|unknown|unregistered) (?:matching |registered )?(?:client )?certificate (?:found|for)",
    re.IGNORECASE,
)
_NOT_BOUND = re.compile(
    r"not (?:bound|constrained|certificate.bound)|(?:must|should|needs? to|required to) be (?:bound|certificate.bound|sender.constrained)"
    r"|(?:no|missing|without|lacks?)[^.]{0,30}(?:\bcnf\b|confirmation|x5t)|unbound",
    re.IGNORECASE,
)
_OF_CERTIFICATE = re.compile(r"certificate|x5t|thumbprint|\bmtls\b|mutual|\bcnf\b|proof.of.possession|sender.constrained", re.IGNORECASE)


def _thumbprint(jwt: Jwt) -> str:
    confirmed = jwt.claims.get("cnf")
    value = confirmed.get("x5t#S256") if isinstance(confirmed, dict) else None
    return value if isinstance(value, str) else ""


def _presented(seen: Seen[Any] | None, scene: Scene) -> str:
    """The thumbprint of the certificate that went with the call, where that is known."""
    own = seen.exchange.certificate if seen is not None else ""
    return (scene.given.text("presented_cert_sha256_b64url") or own).rstrip("=")


def _may_be_unseen(bound: str, seen: Seen[Any]) -> bool:
    """Whether the right certificate was not presented, or was and may have got lost on the way."""
    return seen.exchange.certificate in ("", bound)


@rule(_BOUND)
def certificate_token_bound_elsewhere(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The access token is bound to another certificate than the token request presented."""
    presented = _presented(seen, scene)
    issued = (Jwt(held, facts) for held, facts in scene.tokens_in(seen.id) if held.place == "response.body.access_token")
    bound = next((_thumbprint(jwt) for jwt in issued), "")
    if not presented or not bound or bound.rstrip("=") == presented.rstrip("="):
        return
    yield Found(
        cause=f"The access token is bound to the certificate with the thumbprint `{bound[:80]}` (`cnf`, `x5t#S256`), and the token request "
        f"presented the certificate `{presented}`: the client can't use the token, or it is somebody else's.",
        help="At the provider, look at what the TLS terminator in front of the token endpoint forwards as the client's certificate: it "
        "must be that of this very connection.",
        evidence=(seen.evidence("response.body.access_token.claims.cnf", presented, bound[:80]),),
    )


@rule(_BOUND, decisive=True, explains=("api-call-refused", "certificate-not-forwarded"))
def certificate_binding_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token is bound to another client certificate than the one that is presented."""
    bound, seen = _thumbprint(jwt), refusing(jwt, scene)
    presented = _presented(seen, scene)
    if not bound or not presented or bound.rstrip("=") == presented or (seen is None and jwt.held.exchange is not None):
        return
    is_hex = len(bound) > 60
    of_hex = " The token's value is longer than a SHA-256 thumbprint: the issuer hashed or encoded its hexadecimal form." if is_hex else ""
    yield Found(
        cause=f"The access token is bound to the client certificate with the thumbprint `{bound}` (`cnf`, `x5t#S256`), and the API "
        f"call presents the certificate `{presented}`.{of_hex}",
        help="In the client present the certificate with which the token was fetched at the token endpoint, or fetch a new token after the "
        "certificate was renewed; let the TLS terminator forward the client's certificate to the API.",
        evidence=(jwt.evidence(".claims.cnf", bound, presented),),
    )


@rule(_BOUND, explains=("api-call-refused", "api-rejects-valid-token"))
def certificate_not_forwarded(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A token that is bound to a certificate is refused, and no certificate is known to have been presented."""
    bound, seen = _thumbprint(jwt), refusing(jwt, scene)
    if not bound or seen is None or scene.given.text("presented_cert_sha256_b64url") or not _may_be_unseen(bound, seen):
        return
    if not _OF_CERTIFICATE.search(seen.reply.words):
        return
    yield Found(
        cause=f"The access token is bound to a client certificate (`cnf`, `x5t#S256` `{bound}`), and the API did not see that "
        "certificate: the client presented none or another one, or the proxy that ends TLS did not forward it.",
        help="In the client present the certificate of the token request with the API call, too; at the TLS terminator forward it (such as "
        "`X-Forwarded-Client-Cert`, `X-SSL-Client-Cert`) and let the API read that header.",
        evidence=(jwt.evidence(".claims.cnf", "the presented certificate's thumbprint", bound),),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("The client presents no certificate to the API.", "Configure the client's TLS for the API's host, too."),
            Candidate("The proxy in front of the API keeps the certificate to itself.", "Let it forward the certificate in a header."),
        ),
        probe="Compare `x5t#S256` with base64url of the SHA-256 hash of the certificate (DER) that the API's proxy logs.",
    )


@rule(_BOUND, explains=("api-call-refused", "api-rejects-valid-token", "audience-differs"))
def token_not_certificate_bound(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The API wants a token that is bound to a client certificate, and this one is not."""
    seen = refusing(jwt, scene)
    if seen is None or jwt.held.token.claims is None or jwt.claims.get("cnf"):
        return
    if not _NOT_BOUND.search(seen.reply.words) or not _OF_CERTIFICATE.search(seen.reply.words):
        return
    yield Found(
        cause="The API takes only tokens that are bound to a client certificate, and this one has no `cnf` claim (`x5t#S256`): when it was "
        "issued, no certificate was presented at the token endpoint, or the client is not set up for bound tokens.",
        help="In the client, fetch the token over mutual TLS (the token endpoint of `mtls_endpoint_aliases`, with the client certificate), "
        "and at the provider register the client with `tls_client_certificate_bound_access_tokens`; then call the API with the same "
        "certificate.",
        evidence=(jwt.evidence(".claims.cnf", "x5t#S256", "missing"),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 8705", "2.1"), explains=("client-certificate-missing", "client-unknown", "token-request-refused", "client-secret-wrong"))
def certificate_subject_differs(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The client certificate's subject is not the one that is registered."""
    if not is_refused(seen, scene) or not _OF_CERTIFICATE.search(seen.reply.words):
        return
    said = _SUBJECT.search(seen.reply.words)
    if said is None:
        return
    yield Found(
        cause="The server saw a client certificate whose subject (DN, or alternative name) is not the one that is registered for "
        "this client "
        "(`tls_client_auth_subject_dn`, `tls_client_auth_san_…`).",
        help="Present the certificate that was made for this client, or at the provider register the subject as the certificate has "
        "it now: "
        "after a renewal the order and spelling of its parts may be others (compare `openssl x509 -subject -nameopt RFC2253`).",
        evidence=(seen.evidence("response.body", got=said[0][:200]),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 8705", "2.2"), explains=("client-certificate-missing", "client-unknown", "token-request-refused", "client-secret-wrong"))
def certificate_not_registered(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The client certificate is none of those that are registered for the client."""
    if not is_refused(seen, scene) or _SUBJECT.search(seen.reply.words):
        return
    said = _UNREGISTERED.search(seen.reply.words)
    if said is None:
        if seen.exchange.certificate and refuses_client(seen) and proof_of(seen).methods == ("none",):
            yield _refused_without_a_word(seen)
        return
    yield Found(
        cause="The server saw a client certificate, and it is none of those that are registered for this client: no key of the client's "
        "`jwks` (or `jwks_uri`) has it (`x5c`, `self_signed_tls_client_auth`).",
        help="At the provider, register the certificate that the client presents now (its key with `x5c` in `jwks`, or at the client's "
        "`jwks_uri`), or let the client present the registered one: after a renewal the old one is still on record.",
        evidence=(seen.evidence("response.body", got=said[0][:200]),),
        certainty=Certainty.LIKELY,
    )


def _refused_without_a_word(seen: Seen[TokenRequest]) -> Found:
    return Found(
        cause="The client presented a TLS client certificate and nothing else, and the server does not take it for this client's: it is "
        "not registered (its key with `x5c` in the client's `jwks`), or its subject is another than the registered one "
        "(`tls_client_auth_subject_dn`).",
        help="Compare the thumbprint (`openssl x509 -noout -fingerprint -sha256`) and the subject of the certificate with the client's "
        "registration at the provider, and present the registered one.",
        evidence=(seen.evidence("request.certificate", expected="the client's registered certificate", got=seen.exchange.certificate),),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("The certificate is another client's, or a renewed one.", "Present the registered one, or register this one."),
            Candidate("The registered subject is spelled differently.", "Register it as the certificate has it."),
            Candidate("The proxy in front of the server does not forward the certificate.", "Let it forward it in the header it trusts."),
            Candidate("The `client_id` is unknown to this server.", "Compare it with the provider's console."),
        ),
        probe="Look up the client in the provider's console: its authentication method, and its certificate or subject.",
    )
