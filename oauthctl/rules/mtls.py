"""Tokens that are bound to a client certificate.

Here: RFC 8705 section 3. Not here: the certificate as the client's proof at the token endpoint (`client_auth`), TLS itself (`transport`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.rules.presented import refusing
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_BOUND = Section("RFC 8705", "3.1")
_OF_CERTIFICATE = re.compile(r"certificate|x5t|thumbprint|\bmtls\b|mutual|\bcnf\b|proof.of.possession|sender.constrained", re.IGNORECASE)


def _thumbprint(jwt: Jwt) -> str:
    confirmed = jwt.claims.get("cnf")
    value = confirmed.get("x5t#S256") if isinstance(confirmed, dict) else None
    return value if isinstance(value, str) else ""


@rule(_BOUND, decisive=True, explains=("api-call-refused", "certificate-not-forwarded"))
def certificate_binding_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token is bound to another client certificate than the one that is presented."""
    bound, presented = _thumbprint(jwt), scene.given.text("presented_cert_sha256_b64url").rstrip("=")
    seen = refusing(jwt, scene)
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
    if not bound or seen is None or scene.given.text("presented_cert_sha256_b64url"):
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
