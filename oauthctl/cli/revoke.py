"""`oauthctl revoke`: a token made worthless, and the proof of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oauthctl.cli.options import AsJson, ProfileName, Timeout, TokenHint, Trace, output_of
from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import Settings
    from oauthctl.cli.token_in_question import Question


def command(
    ctx: typer.Context,
    token: Annotated[str, typer.Argument(metavar="[TOKEN|@FILE|-]", show_default=False, help="Token, or where it is")] = "",
    access_token: Annotated[bool, typer.Option("--access-token", help="The profile's access token")] = False,
    refresh_token: Annotated[bool, typer.Option("--refresh-token", help="The profile's refresh token, and what hangs on it")] = False,
    hint: TokenHint = None,
    any_issuer: Annotated[bool, typer.Option("--any-issuer", help="Revoke also a token that names another issuer")] = False,
    profile: ProfileName = "",
    timeout: Timeout = 30.0,
    trace: Trace = False,
    json: AsJson = False,
) -> int:
    """Make a token worthless, and prove that it is.

    \b
      oauthctl revoke --access-token            the next command refreshes
      oauthctl revoke --refresh-token
      oauthctl revoke @leaked.txt --profile work

    A server says 200 also of a token that it does not know (RFC 7009), so the token is asked about afterwards: by introspection, else at
    the userinfo endpoint. Exit 1 when it is still good. `logout` revokes all that the profile holds.
    """
    from contextlib import nullcontext

    from oauthctl.cli.refreshing import LOCK_SECONDS
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import settings
    from oauthctl.store import tokens as store

    out = output_of(ctx)
    named = bool(token) + access_token + refresh_token
    if named != 1:
        raise ConfigError(
            "more than one token is named" if named else "it is not said which token is to be revoked",
            help="give one: TOKEN, `@FILE`, `-`, `--access-token` or `--refresh-token`; `oauthctl logout` takes all of the profile's",
        )
    chosen = settings(out, profile=profile)
    is_own = not token
    # Under the lock: a refresh that is under way would bring the tokens back.
    with store.lock(chosen.locations, chosen.name, timeout_seconds=LOCK_SECONDS) if is_own and chosen.name else nullcontext():
        question = _question(out, chosen, token, is_refresh=refresh_token, any_issuer=any_issuer)
        with Session(out, "revoke", issuer=chosen.profile.issuer, trace=trace, timeout_seconds=timeout) as session:
            return _revoke(session, chosen, question, hint=hint or question.hint, json=json)


def _question(out: Output, chosen: Settings, token: str, *, is_refresh: bool, any_issuer: bool) -> Question:
    from oauthctl.cli.token_in_question import Question, given_token, held_token, refuse_foreign

    if not token:
        return held_token(out, chosen, is_refresh=is_refresh)
    question = Question(given_token(out, token, command="revoke"))
    if not any_issuer:
        refuse_foreign(chosen, question.token)
    return question


def _revoke(session: Session, chosen: Settings, question: Question, *, hint: str, json: bool) -> int:
    from oauthctl.cli.revoking import Asked, opened_before, proof, revoked
    from oauthctl.cli.token_in_question import asker

    out = session.out
    metadata, client = asker(session, chosen, "revocation", tokens=question.held)
    asked = Asked(session, chosen, metadata, client, question.held)
    opens_userinfo = opened_before(asked, question.token, hint=hint)
    revoked(asked, question.token, hint=hint)
    out.say("the server answered that the token is revoked")
    if question.held is not None:
        out.say(_forgotten(chosen, question))
    shown = proof(asked, question.token, hint=hint, is_for_userinfo=opens_userinfo)
    if json:
        out.json({"revoked": True, "hint": hint or None, "proven": shown.holds, "evidence": shown.evidence})
    if shown.holds is False:
        out.warn(f"not proven: {shown.evidence}")
        return 1
    out.say(f"{'proven' if shown.holds else 'not proven'}: {shown.evidence}")
    return 0


def _forgotten(chosen: Settings, question: Question) -> str:
    """What becomes of the profile's tokens; told in a sentence."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from oauthctl.store import tokens as store

    tokens = question.held
    if tokens is None:
        return ""
    if question.hint == "refresh_token":
        store.write(chosen.locations, chosen.name, replace(tokens, refresh_token="", refresh_began_at=None))
        return "the profile's refresh token is forgotten; its access token may have gone with it (RFC 7009 section 2.1)"
    if tokens.refresh_token:
        store.write(chosen.locations, chosen.name, replace(tokens, expires_at=datetime.now(UTC)))
        return "the profile's access token counts as expired: the next command refreshes"
    store.delete(chosen.locations, chosen.name)
    return "the profile's tokens are forgotten: it held no refresh token"
