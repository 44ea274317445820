"""The key to which tokens are bound (DPoP): made for a sign-in, kept with its tokens, used wherever they are.

Here: between store and flows. Not here: the proofs (`flows.dpop`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauthctl.errors import BadAnswer, CheckFailed

if TYPE_CHECKING:
    from oauthctl.cli.session import Session
    from oauthctl.jose.jwk import Jwk
    from oauthctl.store.tokens import TokenSet

ALGS = ("ES256", "ES384", "EdDSA", "RS256", "PS256")


def is_unbound_in_vain(session: Session, tokens: TokenSet, *, before: TokenSet | None = None) -> bool:
    """Whether a bearer token came although a key was proved; a refresh of one that was taken (`before`) may bring another.

    Source: RFC 9449 section 5: `token_type` says so.
    """
    is_bearer = bool(tokens.access_token) and tokens.token_type.strip().lower() in ("", "bearer")
    was_bound = before is None or before.token_type.strip().lower() == "dpop"
    return session.proof_key is not None and is_bearer and was_bound


def new_key(alg: str) -> Jwk | None:
    """A fresh private key for this algorithm; none where no binding is wished."""
    from oauthctl.jose.jwk import generate

    return generate(alg) if alg else None


def prove(session: Session, tokens: TokenSet) -> None:
    """Let the session's requests be proved with the key of these tokens. Raises `BadAnswer` for a bound token whose key is not here."""
    from oauthctl.jose.jwk import Jwk

    if tokens.dpop_key:
        session.proof_key = Jwk.from_dict(tokens.dpop_key)
    elif tokens.token_type.strip().lower() == "dpop":
        raise BadAnswer(
            "the access token is bound to a key (DPoP) that is not here",
            slug="dpop-key-missing",
            spec="RFC 9449 section 7.1",
            help="sign in again with `oauthctl login --dpop`, which makes a key and keeps it",
        )


def tell_of_binding(session: Session, tokens: TokenSet) -> None:
    """Whether the server did with a key what nobody asked for. Source: RFC 9449 section 5: `token_type` says so."""
    if tokens.token_type.strip().lower() == "dpop" and not tokens.dpop_key:
        session.out.warn("the access token is bound to a key (`token_type` is `DPoP`) that was not asked for: nobody can use it")


def check_binding(session: Session, tokens: TokenSet, *, before: TokenSet | None = None) -> None:
    """Let no token pass that is not bound to the key that was proved; `before` are those that a refresh replaces.

    Raises: `CheckFailed` for a bearer token, `BadAnswer` for one that says that it is bound to another key: nobody here can use it.
    Source: RFC 9449 section 5: a client "MUST discard the response" if the binding is important to it, and asking for it says so;
    section 6.1.
    """
    from oauthctl.jose.jwt import take_apart

    if session.proof_key is None:
        return
    if is_unbound_in_vain(session, tokens, before=before):
        raise CheckFailed(
            "the server ignored the DPoP proof: the access token is a bearer token, good for whoever holds it",
            slug="dpop-proof-ignored",
            sent="a `DPoP` proof",
            got=f"`token_type` `{tokens.token_type[:40]}`",
            spec="RFC 9449 section 5",
            help="it was not kept; without `--dpop` a bearer token is taken, else let the provider bind this client's tokens",
        )
    confirmed = (take_apart(tokens.access_token).claims or {}).get("cnf")
    bound = confirmed.get("jkt") if isinstance(confirmed, dict) else None
    own = session.proof_key.thumbprint()
    if isinstance(bound, str) and bound != own:
        raise BadAnswer(
            "the access token is bound to another key (`cnf.jkt`) than the one that was proved",
            slug="dpop-token-bound-elsewhere",
            sent=own,
            got=bound[:100],
            spec="RFC 9449 section 6.1",
            help="it was not kept; sign in again, and tell the provider if it comes again",
        )
