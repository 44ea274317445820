"""Assertions as grants: whose they are, and for whom they were made.

Here: the JWT that is traded for a token at a server that did not issue it. Not here: its times, key and audience, which it shares with
assertions that prove a client (`client_assertion`, `assertion_claims`), token exchange (`token_exchange`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.token import TokenRequest
from oauthctl.messages.token_exchange import ID_JAG_TYPE
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_exchange import OF_TRUST
from oauthctl.rules.token_refused import grant_of, is_refused, says
from oauthctl.specs import Section

_GRANT = "jwt-bearer"
_OF_DELEGATION = r"delegation[^.]{0,60}(?:not|missing|denied|disabled)|not (?:allowed|authori[sz]ed|permitted) to (?:act for|impersonate)"
_FOLDED = (
    "token-request-refused",
    "client-secret-in-ignored-header",
    "client-unknown",
    "client-secret-wrong",
    "assertion-key-unknown",
    "assertion-issuer-not-client",
    "request-fault-named",
)


def _assertion(seen: Seen[TokenRequest], scene: Scene) -> Jwt | None:
    """The assertion of a refused request, if it can be read."""
    if grant_of(seen.sent) != _GRANT or not is_refused(seen, scene) or seen.reply.status >= 500:
        return None
    return next(
        (
            Jwt(held, facts)
            for held, facts in scene.tokens
            if held.exchange == seen.id and held.place.endswith(".assertion") and held.token.claims
        ),
        None,
    )


@rule(Section("RFC 7523", "3"), explains=_FOLDED)
def assertion_issuer_not_trusted(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The provider does not trust the issuer of the traded assertion."""
    assertion = _assertion(seen, scene)
    issuer = assertion.held.token.claim_text("iss")[:160] if assertion is not None else ""
    if assertion is None or not issuer or issuer == proof_of(seen).client_id or not says(seen, OF_TRUST):
        return
    yield Found(
        cause=f"The assertion was issued by `{issuer}` (`iss`), which the provider does not trust: it takes assertions of issuers that are "
        "registered with it, and of clients whose keys it knows.",
        help=f"At the provider, register `{issuer}` as a trusted issuer, its `iss` letter by letter and its keys (or `jwks_uri`).",
        evidence=(assertion.evidence(".claims.iss", "a trusted issuer", issuer),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "5.2"), explains=(*_FOLDED, "grant-not-allowed"))
def delegation_not_granted(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The service account is not allowed to act for users."""
    assertion = _assertion(seen, scene)
    if assertion is None or not says(seen, _OF_DELEGATION):
        return
    subject, client = assertion.held.token.claim_text("sub")[:80], assertion.held.token.claim_text("iss")[:80]
    yield Found(
        cause=f"The assertion asks for a token in the name of `{subject}` (`sub`), and nobody allowed `{client}` to act for users: "
        "delegation is not granted to it.",
        help=f"At the provider, grant `{client}` delegation (domain-wide delegation) with exactly these scopes; or leave the user out, so "
        "that the token is for the service itself (oauthctl: without `--assertion-subject`).",
        evidence=(assertion.evidence(".claims.sub", f"{client}, the client itself", subject),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("OAuth ID-JAG"), explains=_FOLDED)
def assertion_of_another_client(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The identity assertion was made for another client than the one that redeems it."""
    assertion, client = _assertion(seen, scene), proof_of(seen).client_id
    if assertion is None or not client or assertion.held.token.typ != ID_JAG_TYPE:
        return
    named = assertion.held.token.claim_text("client_id")
    # "The authenticated client is not authorized to use this authorization grant type" (RFC 6749 section 5.2): it looked no further.
    is_about_grant = seen.reply.error == "unauthorized_client" and not says(seen, r"client_id|another client|other client|assertion")
    if named == client or is_about_grant:
        return
    yield Found(
        cause=f"The ID-JAG was made for the client `{named[:80]}` (`client_id`), and `{client[:80]}` redeems it: the server takes it from "
        "the client for which it was made alone."
        if named
        else f"The ID-JAG names no client (`client_id`), and `{client[:80]}` redeems it: the server can't tell for whom it was made.",
        help="At the identity provider, register for the requesting application the `client_id` that it has at this server, so that this "
        "one stands in the ID-JAG; in the application, use the same registration for both requests.",
        evidence=(assertion.evidence(".claims.client_id", client, named or "missing"),),
    )
