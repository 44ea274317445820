"""`oauthctl call`: an API call with the profile's token.

Here: the command, refreshing once, naming what would help. Not here: the call itself (`flows.api_call`), signing in (`stepping_up`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from oauthctl.cli.client_options import Dpop
from oauthctl.cli.options import DryRun, ProfileName, Trace, in_seconds, output_of

if TYPE_CHECKING:
    from oauthctl.cli.body_sink import BodySink
    from oauthctl.cli.output import Output
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import Settings
    from oauthctl.cli.stepping_up import When
    from oauthctl.flows.api_call import Called
    from oauthctl.http import Request
    from oauthctl.store.tokens import TokenSet

NO_ARGS_IS_HELP = True


def command(
    ctx: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="[METHOD] URL", help="Method (default: GET, POST with a body) and URL")],
    header: Annotated[list[str] | None, typer.Option("--header", "-H", metavar="'NAME: VALUE'", help="Header, repeatable")] = None,
    data: Annotated[str | None, typer.Option("--data", "-d", metavar="TEXT|@FILE", help="Body: text, `@FILE`, or `@-` for stdin")] = None,
    json: Annotated[str | None, typer.Option("--json", metavar="JSON|@FILE", help="JSON body, sent as application/json")] = None,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Where the answer's body goes, be it an error's")] = "-",
    include: Annotated[bool, typer.Option("--include", "-i", help="Print status and headers before the body")] = False,
    step_up: Annotated[
        Literal["ask", "auto", "never"],
        typer.Option("--step-up", metavar="WHEN", help="Sign in again when the API wants a stronger or fresher sign-in: ask, auto, never"),
    ] = "ask",
    profile: ProfileName = "",
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", help="How long the API may take", callback=in_seconds(0.001))
    ] = 60.0,
    dpop: Dpop = False,
    dry_run: DryRun = False,
    trace: Trace = False,
) -> int:
    """Call an API with the access token.

    \b
      oauthctl call https://api.example.com/items
      oauthctl call https://api.example.com/items --json '{"name": "tea"}'
      oauthctl call DELETE https://api.example.com/items/7 -i

    A 401 `invalid_token` is answered with one refresh and one more try. Where the API wants a stronger or a more recent sign-in
    (RFC 9470), or more scopes, you are asked whether to sign in for it, and the call is made once more; without a terminal nobody is asked.
    The token goes to https or to this machine only, and never along a redirect. The file of `--output` is replaced when the answer is
    complete, the body of an error too; until then it is written beside it as FILE.part, which stays when the answer breaks off. Exit 0 for
    a status below 400, 4 for the others.
    """
    from oauthctl.cli.api_request import api_request
    from oauthctl.cli.body_sink import BodySink
    from oauthctl.cli.holding import held
    from oauthctl.cli.profile_of_call import refuse_anothers_server
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import UNATTENDED, settings
    from oauthctl.errors import ConfigError

    out = output_of(ctx)
    sink = BodySink(out, output, include=include)
    request = api_request(out, words, header=tuple(header or ()), data=data, json=json)
    chosen = settings(out, profile=profile, flags={"dpop": "ES256"} if dpop else {})
    if not profile and "OAUTHCTL_PROFILE" not in out.terminal.environ:
        refuse_anothers_server(out, chosen, request.url)
    if dpop and chosen.profile.grant not in UNATTENDED:
        raise ConfigError(
            "`--dpop` is for a token that is asked for anew, and this profile holds a person's",
            slug="option-in-vain",
            help=f"sign in for a bound one: `oauthctl login {chosen.name} --dpop`",
        )
    if dry_run:
        return _dry_run(out, chosen, request)
    is_own = chosen.profile.grant in UNATTENDED
    tokens = None if is_own else held(out, chosen)
    with Session(out, "call", issuer=chosen.profile.issuer, trace=trace, timeout_seconds=timeout) as session:
        tokens = tokens or _own_token(session, chosen)
        session.issuer = tokens.issuer
        with sink.kept_on_error():
            called = _call(session, chosen, tokens, request=request, sink=sink)
            if not is_own:
                called = _stepped_up(session, chosen, called, request=request, when=step_up)
            return _report(session, chosen, called, tokens=tokens, sink=sink)


def _own_token(session: Session, chosen: Settings) -> TokenSet:
    from oauthctl.cli.own_tokens import own_token

    return own_token(session, chosen, min_ttl=0)


def _call(session: Session, chosen: Settings, tokens: TokenSet, *, request: Request, sink: BodySink) -> Called:
    """One call; after a 401 that a fresh token may mend, one refresh and one more."""
    from oauthctl.cli.holding import is_fresh
    from oauthctl.cli.presenting import present_for_tokens
    from oauthctl.cli.proving import prove
    from oauthctl.cli.refreshing import refreshed
    from oauthctl.errors import ConfigError
    from oauthctl.flows.api_call import call

    session.world.stream_to = sink
    prove(session, tokens)
    present_for_tokens(session, chosen, tokens, {request.url: request.url})
    called = session.run(call(request, tokens.access_token, token_type=tokens.token_type))
    if called.wants_bound_token:
        # A refresh brings another bearer token.
        return called
    # A challenge that gives no reason is taken for `invalid_token` where our own clock says that the token has ended.
    has_ended = called.has_bare_challenge and not is_fresh(tokens, session.world.now(), 0)
    if not (called.wants_fresh_token or has_ended) or not tokens.refresh_token:
        return called
    try:
        fresh = refreshed(session, chosen, stale=tokens)
    except ConfigError as error:
        session.out.warn(f"the token was refused, and no fresh one is to be had: {session.cleaned(error).message}")
        return called
    session.out.say("the token was refused with 401; refreshed, and trying once more")
    return session.run(call(request, fresh.access_token, token_type=fresh.token_type))


def _stepped_up(session: Session, chosen: Settings, called: Called, *, request: Request, when: When) -> Called:
    """The same answer, or that of one more call after a sign-in that the API asked for."""
    from oauthctl.cli.holding import stored
    from oauthctl.cli.presenting import present_for_tokens
    from oauthctl.cli.proving import prove
    from oauthctl.cli.stepping_up import tried, wanted
    from oauthctl.flows.api_call import call

    want = wanted(session, chosen, called)
    fresh = tried(session, chosen, want, before=stored(session.out, chosen), when=when) if want else None
    if fresh is None:
        return called
    session.out.say("signed in again, and trying once more")
    prove(session, fresh)
    present_for_tokens(session, chosen, fresh, {request.url: request.url})
    return session.run(call(request, fresh.access_token, token_type=fresh.token_type))


def _report(session: Session, chosen: Settings, called: Called, *, tokens: TokenSet, sink: BodySink) -> int:
    """Print the body of an answer that was not streamed, and what would help after a refusal."""
    out, response = session.out, called.exchange.response
    if response is None or 200 <= called.status < 300:
        sink.done()
        return 0
    sink(response)(response.body)
    sink.done()
    if called.status < 400:
        location = response.headers.get("location")
        leads = f": it redirects to {session.without_secrets(location)}; the token is not sent along a redirect" if location else ""
        out.say(f"status {called.status}{leads}")
        return 0
    out.say(f"status {called.status} from {called.exchange.request.url.partition('?')[0]} (exchange {called.exchange.id})")
    for line in _advice(session, chosen, called, tokens=tokens):
        out.say(line)
    out.conclusion = session.conclusion()
    out.conclude()
    return 4


def _advice(session: Session, chosen: Settings, called: Called, *, tokens: TokenSet) -> tuple[str, ...]:
    from oauthctl.cli.settings import UNATTENDED
    from oauthctl.cli.stepping_up import Wanted, command_for, wanted

    challenge = called.challenge
    said = challenge.get("error_description") if challenge else ""
    # An API may echo the header that it refuses.
    lines = (f"the API says: {session.without_secrets(said)}",) if said else ()
    if called.wants_bound_token:
        how = "add `--dpop`" if chosen.profile.grant in UNATTENDED else f"sign in for one with `oauthctl login {chosen.name} --dpop`"
        return (*lines, f"help: the API takes no bearer tokens, but such as are bound to a key (DPoP, RFC 9449 section 7.1): {how}")
    if chosen.profile.grant in UNATTENDED:
        return lines
    want = wanted(session, chosen, called) or (Wanted(scope=chosen.profile.scope) if called.lacking_scope is not None else None)
    if want is not None:
        return (*lines, f"help: sign in for it with `{command_for(chosen, want)}`")
    if called.status == 401:
        note = () if not tokens.refresh_token or _has_asked_for_tokens(session) else (_why_not_refreshed(chosen),)
        again = f"help: sign in again with `oauthctl login {chosen.name}`, or look at the token with `oauthctl decode`"
        return (*lines, *note, again)
    return lines


def _has_asked_for_tokens(session: Session) -> bool:
    return any(exchange.purpose == "token" for exchange in session.world.recording.exchanges)


def _why_not_refreshed(chosen: Settings) -> str:
    return (
        "note: this 401 does not say `invalid_token` (RFC 6750 section 3.1), so the token was not refreshed and the call not repeated; "
        f"`oauthctl refresh --profile {chosen.name}` gets a fresh token by hand"
    )


def _dry_run(out: Output, chosen: Settings, request: Request) -> int:
    """The curl line of the call, the token masked."""
    from oauthctl.flows.api_call import call
    from oauthctl.flows.dry_run import dry_run
    from oauthctl.shell.world import utc_now
    from oauthctl.views.curl import curl_command

    planned = dry_run(call(request, "token"), issuer=chosen.profile.issuer, started_at=utc_now())
    for exchange in planned.recording.exchanges:
        out.data(curl_command(exchange.request))
    out.say("nothing was sent")
    return 0
