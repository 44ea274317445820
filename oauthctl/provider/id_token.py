"""ID tokens.

Here: making an ID token and reading one that comes back as a hint. Not here: access tokens (`issue`), which
claims are told of a user (`user_claims`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oauthctl.messages.id_token_bindings import half_hash
from oauthctl.provider.api_parts import SECOND_FACTOR
from oauthctl.provider.claims_request import picked
from oauthctl.provider.moment import Moment
from oauthctl.provider.personas.claims import shaped_claims
from oauthctl.provider.records import Grant
from oauthctl.provider.sealing import key_for, sealed, signing_key
from oauthctl.provider.state import ProviderState
from oauthctl.provider.subject import subject_of, username_of
from oauthctl.provider.user_claims import claims_for

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk
__all__ = ["hint_claims", "id_token", "is_signed_by", "signing_key", "subject_of_hint"]


def id_token(state: ProviderState, grant: Grant, *, moment: Moment, access_token: str = "", code: str = "", request_state: str = "") -> str:
    """A signed ID token for this grant, encrypted where the client is registered so. It has the hash of what comes along with it.

    Source: OIDC Core section 2, section 3.1.3.6 for `at_hash`, section 3.3.2.11 for `c_hash`; FAPI 1.0 part 2 for `s_hash`.
    """
    client = state.clients[grant.client_id]
    alg = client.id_token_signed_response_alg
    encrypted = (client.id_token_encrypted_response_alg, client.id_token_encrypted_response_enc)
    beside = {"at_hash": access_token, "c_hash": code, "s_hash": request_state}
    user = state.users.get(grant.username)
    issued_at = int(moment.seconds)
    claims: dict[str, Any] = {
        "iss": state.issuer,
        "sub": subject_of(state, client.id, grant.username),
        "aud": client.id,
        "exp": issued_at + int(client.id_token_seconds),
        "iat": issued_at,
        "auth_time": grant.auth_time,
        "nonce": grant.nonce or None,
        "acr": grant.acr,
        # Source: RFC 8176 section 2.
        "amr": ["pwd", "otp", "mfa"] if grant.acr == SECOND_FACTOR else ["pwd"],
        "azp": client.id,
        "sid": grant.session_id,
        **{claim: half_hash(value, alg) for claim, value in beside.items() if value},
        **claims_for(state, "id_token", user, scopes=grant.scopes),
        **picked(grant.claims, "id_token", user.claims if user else {}),
    }
    present = {name: value for name, value in claims.items() if value is not None}
    present, _ = shaped_claims(state, "id_token", present, grant=grant, moment=moment)
    return sealed(state, client, present, alg=alg, encrypted=encrypted)


def hint_claims(state: ProviderState, token: str) -> dict[str, Any] | None:
    """The claims of an ID token of ours, `sub` being the person's username; None when it isn't one. An expired one is good enough.

    Source: OIDC RP-Initiated Logout section 2: the OP should accept ID tokens whose `exp` has passed.
    """
    from oauthctl.jose.jwt import take_apart

    apart = take_apart(token)
    claims = apart.claims
    audience = (claims or {}).get("aud")
    client = state.clients.get(audience) if isinstance(audience, str) else None
    if claims is None or client is None or claims.get("iss") != state.issuer:
        return None
    # Other JWTs have the same issuer, audience and key: a logout token says so by its type, an authorization response has no `sub`.
    if apart.typ not in ("", "jwt") or not isinstance(claims.get("sub"), str):
        return None
    alg = client.id_token_signed_response_alg
    keys = (key_for(state, client, alg),) if alg == "HS256" else state.keys
    if not is_signed_by(token, keys, alg):
        return None
    return {**claims, "sub": username_of(state, client.id, claims["sub"])} if client.subject_type == "pairwise" else claims


def subject_of_hint(state: ProviderState, token: str) -> str:
    """Whom an `id_token_hint` is about; empty when it can't be trusted."""
    subject = (hint_claims(state, token) or {}).get("sub")
    return subject if isinstance(subject, str) else ""


def is_signed_by(token: str, keys: tuple[Jwk, ...], alg: str) -> bool:
    """Whether one of these keys signed this token with this algorithm."""
    from oauthctl.findings import Outcome
    from oauthctl.jose.jwt import take_apart
    from oauthctl.jose.verify import check_signature

    return check_signature(take_apart(token), keys, allowed_algs=(alg,)).outcome is Outcome.PASS
