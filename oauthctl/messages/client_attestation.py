"""Client attestation: somebody whom the server trusts vouches for a client's key, and the client proves to hold it.

Here: the two headers, the proof, reading an attestation. Not here: sending them (`flows.client_attestation`), judging them (`provider`,
`rules`). The document is a draft: what is here follows its revision 12.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from oauthctl.http import Response
from oauthctl.jose.jwt import Token, take_apart
from oauthctl.messages.answer import read_answer
from oauthctl.messages.client_auth import ATTESTING

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk

METHOD = ATTESTING
ATTESTATION_HEADER = "OAuth-Client-Attestation"
PROOF_HEADER = "OAuth-Client-Attestation-PoP"
CHALLENGE_HEADER = "OAuth-Client-Attestation-Challenge"
ATTESTATION_TYPE = "oauth-client-attestation+jwt"
PROOF_TYPE = "oauth-client-attestation-pop+jwt"


@dataclass(frozen=True, slots=True)
class Attestation:
    """An attestation, and the private key that it is about."""

    compact: str = field(repr=False)
    key: Jwk = field(repr=False)

    @property
    def token(self) -> Token:
        """The attestation taken apart."""
        return take_apart(self.compact)


def attested_key(token: Token) -> Jwk | None:
    """The public key that an attestation is about; None where it names none that is usable. Source: RFC 7800 section 3.2."""
    from oauthctl.jose.jwk import Jwk

    confirmed = (token.claims or {}).get("cnf")
    members = confirmed.get("jwk") if isinstance(confirmed, dict) else None
    key = Jwk.from_dict(members) if isinstance(members, dict) else None
    return key if key is not None and key.thumbprint() else None


def attestation_proof(key: Jwk, *, audience: str, now: datetime, jti: str, challenge: str = "") -> str:
    """The proof that goes with an attestation in one request; `audience` is the server's issuer.

    Source: draft-ietf-oauth-attestation-based-client-auth, "Client Attestation PoP JWT".
    """
    from oauthctl.jose.sign import sign

    claims: dict[str, Any] = {"aud": audience, "jti": jti, "iat": int(now.timestamp())}
    return sign({**claims, **({"challenge": challenge} if challenge else {})}, key, header={"typ": PROOF_TYPE, "kid": None})


def wants_challenge(response: Response) -> bool:
    """Whether the answer refuses a proof because the server's challenge is not in it, and gives one."""
    if response.status not in (400, 401) or not response.headers.get(CHALLENGE_HEADER):
        return False
    return dict(read_answer(response).fields).get("error") == "use_attestation_challenge"
