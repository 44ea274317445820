"""The token that `oauthctl token` prints: its forms, and what is to be said beside it.

Here: one line for stdout, notes. Not here: getting the token (`token`), which must start fast: nothing heavy is imported here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.cli.settings import Settings
    from oauthctl.store.tokens import TokenSet


def formatted(tokens: TokenSet, form: str) -> str:
    """One line. Raises `BadAnswer` for a token that is none, and for one of a type that nobody here understands, unless the type is printed
    beside it: scripts put tokens into headers and commands."""
    if not (tokens.access_token.isascii() and tokens.access_token.isprintable() and tokens.token_type.isprintable()):
        from oauthctl.errors import BadAnswer

        raise BadAnswer(
            "the access token holds characters that no header can carry",
            slug="access-token-unusable",
            spec="RFC 6749 appendix A.12",
            help="sign in again with `oauthctl login`; if it comes again, the provider is at fault",
        )
    if form != "json":
        require_known_type(tokens)
    scheme = "Bearer" if tokens.token_type.lower() == "bearer" else tokens.token_type
    match form:
        case "header":
            return f"Authorization: {scheme} {tokens.access_token}"
        case "env":
            from shlex import quote

            return f"ACCESS_TOKEN={quote(tokens.access_token)}"
        case "json":
            import json

            from oauthctl.messages.claim_values import utc_text

            expires_at = utc_text(tokens.expires_at) if tokens.expires_at else None
            members = {"access_token": tokens.access_token, "token_type": scheme, "expires_at": expires_at, "scope": list(tokens.scope)}
            return json.dumps(members)
        case _:
            return tokens.access_token


def require_known_type(tokens: TokenSet) -> None:
    """Raises `BadAnswer` for an access token of a type that nobody here understands. What an exchange gave instead of one passes.

    Source: RFC 6749 section 7.1; RFC 8693 section 2.2.1 (`N_A`).
    """
    is_no_access_token = tokens.token_type.strip().lower() == "n_a" and bool(tokens.extra.get("issued_token_type"))
    if tokens.token_type.strip().lower() not in ("", "bearer", "dpop") and not is_no_access_token:
        from oauthctl.flows.token_endpoint import check_usable

        check_usable(tokens.access_token, tokens.token_type)


def tell_of_short_life(out: Output, tokens: TokenSet, min_ttl: float) -> None:
    """A fresh token that is too old already: every call asks the server, and nobody sees why it is slow."""
    from datetime import UTC, datetime

    from oauthctl.cli.holding import is_fresh

    if tokens.expires_at is None or is_fresh(tokens, datetime.now(UTC), min_ttl):
        return
    lasts = (tokens.expires_at - tokens.obtained_at).total_seconds()
    out.say(
        f"note: this server's tokens last {lasts:g} s, less than `--min-ttl {min_ttl:g}`, so that each call asks it for a new one; "
        "take what is left with a smaller `--min-ttl SECONDS`"
    )


def tell_of_lost_key(out: Output, chosen: Settings, tokens: TokenSet) -> None:
    """A bound token that is printed and not kept: its key goes with this process, and nobody can use it."""
    from oauthctl.messages.token_type import scheme_of
    from oauthctl.store import tokens as store

    if not tokens.dpop_key or scheme_of(tokens.token_type) != "DPoP":
        return
    kept = store.read(chosen.locations, chosen.name, warn=out.warn) if chosen.name else None
    if kept is None or kept.access_token != tokens.access_token:
        out.warn("the token is bound to a key (DPoP) that is kept nowhere: use both at once with `oauthctl call --dpop`")
