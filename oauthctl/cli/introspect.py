"""`oauthctl introspect`: what the server itself knows of a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oauthctl.cli.options import AsJson, ProfileName, Timeout, TokenHint, Trace, output_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from oauthctl.messages.token import IntrospectionResponse
    from oauthctl.record.exchange import Recording
    from oauthctl.store.tokens import TokenSet


def command(
    ctx: typer.Context,
    token: Annotated[
        str, typer.Argument(metavar="[TOKEN|@FILE|-]", show_default=False, help="Token, or where it is (default: the profile's)")
    ] = "",
    refresh_token: Annotated[bool, typer.Option("--refresh-token", help="The profile's refresh token, not its access token")] = False,
    hint: TokenHint = None,
    any_issuer: Annotated[bool, typer.Option("--any-issuer", help="Ask also about a token that names another issuer")] = False,
    signed: Annotated[bool, typer.Option("--signed", help="Ask for a signed answer, and believe no other (RFC 9701)")] = False,
    profile: ProfileName = "",
    timeout: Timeout = 30.0,
    trace: Trace = False,
    json: AsJson = False,
) -> int:
    """Ask the server whether a token is good.

    \b
      oauthctl introspect                       the profile's access token
      oauthctl introspect --refresh-token
      pbpaste | oauthctl introspect - --json | jq .scope

    The client proves itself as the introspection endpoint wants it (RFC 7662). Exit 1 when the token is not active.
    """
    from oauthctl.cli.own_keys import own_keys
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import settings
    from oauthctl.cli.token_in_question import Question, asker, given_token, held_token, refuse_foreign
    from oauthctl.flows.answer_jwt import Party
    from oauthctl.flows.endpoints import endpoint, key_set_uri
    from oauthctl.flows.introspection import introspect
    from oauthctl.views.introspected import introspected_lines, introspected_table

    out = output_of(ctx)
    chosen = settings(out, profile=profile)
    question = (
        Question(given_token(out, token, command="introspect"))
        if token
        else held_token(out, chosen, is_refresh=refresh_token or hint == "refresh_token")
    )
    if token and not any_issuer:
        refuse_foreign(chosen, question.token)
    with Session(out, "introspect", issuer=chosen.profile.issuer, trace=trace, timeout_seconds=timeout) as session:
        metadata, client = asker(session, chosen, "introspection", tokens=question.held)
        url = endpoint(metadata, "introspection_endpoint")
        party, algs = None, tuple(metadata.introspection_signing_alg_values_supported or ())
        if signed:
            issuer = chosen.profile.expect_issuer or metadata.issuer or chosen.profile.issuer
            party = Party(issuer, client.client_id, key_set_uri(metadata), client.secret, own_keys(out, chosen))
        answer = session.run(introspect(url, question.token, client, hint=hint or question.hint, party=party, algs=algs))
        _check_active(answer)
        if json:
            out.json(dict(answer.fields))
        else:
            out.lines(introspected_lines(answer))
            out.table(introspected_table(answer, now=session.world.now()))
        if signed:
            out.say(_verified(session.world.recording))
        for remark in _remarks(answer, now=session.world.now(), held=question.held if question.hint == "access_token" else None):
            out.warn(session.without_secrets(remark))
    return 0 if answer.active else 1


def _verified(recording: Recording) -> str:
    """What made the answer one to believe: `introspect` gives no other. Source: RFC 9701 section 5."""
    from oauthctl.jose.jwt import Kind, take_apart
    from oauthctl.record import purposes

    answer = next(one.response for one in reversed(recording.exchanges) if one.purpose == purposes.INTROSPECTION)
    token = take_apart(answer.text.strip() if answer is not None else "")
    how = f"encrypted ({token.alg}), and signed inside" if token.kind is Kind.JWE else f"signed ({token.alg})"
    return f"the answer is {how}; verified: signature, type, issuer, audience, times"


def _check_active(answer: IntrospectionResponse) -> None:
    """Raises `BadAnswer` for a record that does not say whether the token is active. Source: RFC 7662 section 2.2: it is REQUIRED."""
    from oauthctl.errors import BadAnswer

    if answer.active is None:
        raise BadAnswer(
            "the introspection endpoint does not say whether the token is active: `active` is missing, or no boolean",
            slug="answer-unusable",
            where=f"exchange {answer.exchange}, response.active" if answer.exchange else "",
            spec="RFC 7662 section 2.2",
            help="take the token for no good; the answer is in `oauthctl trace show`",
        )


def _remarks(answer: IntrospectionResponse, *, now: datetime, held: TokenSet | None) -> Iterator[str]:
    """What is odd about an active token's record. Source: RFC 7662 section 2.2."""
    if not answer.active:
        if answer.active is not None and len(answer.fields) > 1:
            yield "the token is not active, and the server tells of it all the same, which it SHOULD NOT (RFC 7662 section 2.2)"
        return
    if answer.exp is not None and answer.exp <= now:
        yield "the token is said to be active, and its `exp` has passed: one of the two is wrong, or the clocks differ"
    if answer.nbf is not None and answer.nbf > now:
        yield "the token is said to be active, and its `nbf` has not come: one of the two is wrong, or the clocks differ"
    if held is not None and answer.client_id and answer.client_id != held.client_id:
        yield f"`client_id` is `{answer.client_id}`, and the profile's token was issued to `{held.client_id}`"
    if held is not None and answer.sub and held.subject and answer.sub != held.subject:
        yield f"`sub` is `{answer.sub}`, and the ID token of the sign-in says `{held.subject}`"
