"""`oauthctl call`: an API call with the profile's token.

Here: the command, refreshing once, naming what would help. Not here: the call itself (`flows.api_call`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oauthctl.cli.options import DryRun, ProfileName, Trace, in_seconds, output_of

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import Settings
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
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Where the answer's body goes")] = "-",
    include: Annotated[bool, typer.Option("--include", "-i", help="Print status and headers before the body")] = False,
    profile: ProfileName = "",
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", help="How long the API may take", callback=in_seconds(0.001))
    ] = 60.0,
    dry_run: DryRun = False,
    trace: Trace = False,
) -> int:
    """Call an API with the access token.

    \b
      oauthctl call https://api.example.com/items
      oauthctl call https://api.example.com/items --json '{"name": "tea"}'
      oauthctl call DELETE https://api.example.com/items/7 -i

    A 401 `invalid_token` is answered with one refresh and one more try. The token goes to https or to this machine only, and never along a
    redirect. Exit 0 for a status below 400, 4 for the others.
    """
    from oauthctl.cli.body_sink import check_place
    from oauthctl.cli.holding import held
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import settings

    out = output_of(ctx)
    check_place(output)
    request = _request(out, words, header=tuple(header or ()), data=data, json=json)
    chosen = settings(out, profile=profile)
    if dry_run:
        return _dry_run(out, chosen, request)
    is_own = chosen.profile.grant == "client_credentials"
    tokens = None if is_own else held(out, chosen)
    with Session(out, "call", issuer=chosen.profile.issuer, trace=trace, timeout_seconds=timeout) as session:
        tokens = tokens or _own_token(session, chosen)
        session.issuer = tokens.issuer
        called = _call(session, chosen, tokens, request=request, output=output, include=include)
        return _report(out, session, chosen, called, output=output, include=include)


def _own_token(session: Session, chosen: Settings) -> TokenSet:
    from oauthctl.cli.refreshing import own_token

    return own_token(session, chosen, min_ttl=0)


def _request(out: Output, words: list[str], *, header: tuple[str, ...], data: str | None, json: str | None) -> Request:
    from oauthctl.errors import ConfigError
    from oauthctl.http import Headers, Request, is_http_url

    if len(words) > 2:
        raise ConfigError(f"too many words: `{' '.join(words[2:])}`", help="write `oauthctl call [METHOD] URL`")
    given = json if data is None else data
    if data is not None and json is not None:
        raise ConfigError("`--data` and `--json` can't both be the body")
    url = words[-1]
    if not is_http_url(url):
        raise ConfigError(f"`{url}` is no http or https URL", help="write it in full: `https://api.example.com/items`")
    # An empty body is one, too: `-d ''` means POST.
    body = b"" if given is None else _body(out, given)
    if json is not None and not json.startswith("@"):
        _check_json(body)
    method = words[0].upper() if len(words) == 2 else ("GET" if given is None else "POST")
    pairs = [_header(one) for one in header]
    names = {name.lower() for name, _ in pairs}
    if "authorization" in names:
        raise ConfigError("`Authorization` is what `oauthctl call` adds", help="leave that header out, or use another tool")
    if given is not None and "content-type" not in names:
        pairs.append(("Content-Type", "application/json" if json is not None else "application/x-www-form-urlencoded"))
    if "accept" not in names:
        pairs.append(("Accept", "application/json, */*;q=0.5"))
    return Request(method, url, Headers(tuple(pairs)), body)


def _header(text: str) -> tuple[str, str]:
    from oauthctl.errors import ConfigError

    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise ConfigError(f"`-H {text}` has no `:`", help="write `-H 'Name: value'`")
    if name.strip().lower() in ("content-length", "transfer-encoding"):
        raise ConfigError(f"`{name.strip()}` follows from the body", help="leave that header out")
    if not value.isascii():
        raise ConfigError(f"the value of `{name.strip()}` has characters that no header can carry", spec="RFC 9110 section 5.5")
    return name.strip(), value.strip()


def _check_json(body: bytes) -> None:
    """A debugger may send broken JSON, but not by a mistake in the quoting: a file, and `--data`, go out as they are."""
    import json

    from oauthctl.errors import ConfigError

    try:
        json.loads(body)
    except (ValueError, RecursionError) as error:
        where = f" at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
        raise ConfigError(
            f"the body of `--json` is no JSON{where}",
            help="mend it, or send it as it is with `--data` and `-H 'Content-Type: application/json'`",
        ) from None


def _body(out: Output, given: str) -> bytes:
    if not given.startswith("@"):
        return given.encode("utf-8", "surrogateescape")
    from oauthctl.cli.token_input import read_bytes

    if given == "@-":
        stream = out.terminal.stdin
        buffer = getattr(stream, "buffer", None)
        return bytes(buffer.read()) if buffer is not None else stream.read().encode()
    return read_bytes(given[1:])


def _call(session: Session, chosen: Settings, tokens: TokenSet, *, request: Request, output: str, include: bool) -> Called:
    """One call; after a 401 that a fresh token may mend, one refresh and one more."""
    from oauthctl.cli.body_sink import sink_for
    from oauthctl.cli.refreshing import refreshed
    from oauthctl.errors import ConfigError
    from oauthctl.flows.api_call import call

    session.world.stream_to = sink_for(session.out, output, include=include)
    called = session.run(call(request, tokens.access_token, token_type=tokens.token_type))
    if not called.wants_fresh_token or not tokens.refresh_token:
        return called
    try:
        fresh = refreshed(session, chosen, stale=tokens)
    except ConfigError as error:
        session.out.warn(f"the token was refused, and no fresh one is to be had: {error.message}")
        return called
    session.out.say("the token was refused with 401; refreshed, and trying once more")
    return session.run(call(request, fresh.access_token, token_type=fresh.token_type))


def _report(out: Output, session: Session, chosen: Settings, called: Called, *, output: str, include: bool) -> int:
    """Print the body of an answer that was not streamed, and what would help after a refusal."""
    from oauthctl.cli.body_sink import sink_for

    response = called.exchange.response
    if response is None or called.status < 300:
        return 0
    sink = sink_for(out, output, include=include)(response)
    sink(response.body)
    if called.status < 400:
        location = response.headers.get("location")
        leads = f": it redirects to {location}; the token is not sent along a redirect" if location else ""
        out.say(f"status {called.status}{leads}")
        return 0
    out.say(f"status {called.status} from {called.exchange.request.url.partition('?')[0]} (exchange {called.exchange.id})")
    for line in _advice(chosen, called):
        out.say(line)
    out.conclusion = session.conclusion()
    out.conclude()
    return 4


def _advice(chosen: Settings, called: Called) -> tuple[str, ...]:
    challenge = called.challenge
    said = challenge.get("error_description") if challenge else ""
    # An API may echo the header that it refuses.
    token = (called.exchange.request.headers.get("authorization") or "").partition(" ")[2]
    lines = (f"the API says: {said.replace(token, '[secret]') if token else said}",) if said else ()
    if chosen.profile.grant == "client_credentials":
        return lines
    scopes = called.lacking_scope
    if scopes is not None:
        from shlex import quote

        wanted = dict.fromkeys((*chosen.profile.scope, *scopes))
        return (*lines, f"help: sign in for it with `oauthctl login {chosen.name} --scope {quote(' '.join(wanted))}`")
    if called.status == 401:
        return (*lines, f"help: sign in again with `oauthctl login {chosen.name}`, or look at the token with `oauthctl decode`")
    return lines


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
