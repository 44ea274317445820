"""`oauthctl demo`: a whole OAuth story on this machine, drawn as it happens.

Here: the options, the embedded provider, the user, the drawing. Not here: the story itself (`demo_story`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oauthctl.cli.options import in_seconds, output_of
from oauthctl.errors import ConfigError, OauthctlError

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.cli.session import Session
    from oauthctl.record.exchange import Exchange
    from oauthctl.shell.scripted_user import ScriptedUser
    from oauthctl.views.lines import Style

_WIDTH_OF_A_PIPE = 100
_SCRIPTED_SECONDS = 10.0
_USERNAME = "alice"


def command(
    ctx: typer.Context,
    browser: Annotated[bool, typer.Option("--browser", help="Sign in yourself, in your browser (default: a scripted user does)")] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", help="How long to wait for you with `--browser`", callback=in_seconds(1))
    ] = 300.0,
) -> int:
    """Watch a whole sign-in, from the first 401 to revocation.

    \b
      oauthctl demo
      oauthctl demo --browser        with real pages in your browser: alice, password alice
      oauthctl trace show            every message of it, explained

    Nothing needs to be set up: an authorization server and an API run inside this command, on this machine alone, and go away with it.
    Every step is a real HTTP exchange whose outcome is checked. The recording is kept, its secrets redacted.
    """
    out = output_of(ctx)
    if browser and (out.terminal.no_input or out.terminal.in_ci):
        raise ConfigError("`--browser` needs a person, and `--no-input` or CI says that none is here", slug="no-person")
    _play(out, wait_seconds=timeout if browser else 0)
    return 0


def _play(out: Output, *, wait_seconds: float) -> None:
    """The story with everything that it needs; `wait_seconds` 0 stands for the scripted user."""
    from time import monotonic

    from oauthctl.cli.demo_story import Clock, Story, story_state
    from oauthctl.cli.session import Session
    from oauthctl.shell.serve import Server
    from oauthctl.shell.world import utc_now

    began = monotonic()
    clock = Clock(utc_now)
    with Server(story_state, clock=clock.now) as server, Session(out, "demo", issuer=server.issuer) as session:
        session.world.now = clock.now
        user = None if wait_seconds else _scripted_user()
        drawing = _Drawing(out, user)
        story = Story(session, clock, issuer=server.issuer, note=drawing.note, is_scripted=user is not None)
        drawing.chapters = story.chapters
        session.world.on_exchange = drawing.exchange
        _listen(session, out, user, wait_seconds=wait_seconds)
        out.lines(drawing.diagram.head())
        try:
            story.play()
        except OauthctlError:
            if user is not None:
                # What went wrong at the browser is the cause, that nobody came back its consequence.
                user.leave()
            raise
        if user is not None:
            user.leave()
    _tell(out, session, seconds=0 if wait_seconds else monotonic() - began)


def _scripted_user() -> ScriptedUser:
    from oauthctl.shell.scripted_user import ScriptedUser
    from oauthctl.shell.transport import Transport

    # Everybody's password is the name.
    return ScriptedUser(_USERNAME, _USERNAME, sender=Transport(), timeout_seconds=_SCRIPTED_SECONDS)


def _listen(session: Session, out: Output, user: ScriptedUser | None, *, wait_seconds: float) -> None:
    """Open the redirect URI, and say who goes to the sign-in page."""
    from oauthctl.shell.browser import open_url, why_no_browser
    from oauthctl.shell.callback import CallbackListener
    from oauthctl.shell.redirect_uri import DEFAULT_REDIRECT_URI

    world = session.world
    world.listener = CallbackListener(DEFAULT_REDIRECT_URI)
    world.listener.open()
    world.callback_timeout_seconds = wait_seconds or _SCRIPTED_SECONDS
    if user is not None:
        world.visit = user.visit
        return

    def visit(url: str) -> None:
        environ = out.terminal.environ
        why_not = why_no_browser(environ) or ("" if open_url(url, environ) else "none could be started")
        # Without the URL nobody can sign in, so `--quiet` does not keep it back.
        out.terminal.stderr.write(f"\n{url}\n\n")
        out.terminal.stderr.flush()
        out.say(f"open this page yourself: {why_not}" if why_not else "your browser was opened at this page")
        out.say(f"sign in as `{_USERNAME}` with the password `{_USERNAME}`; waiting up to {wait_seconds:g} s")

    world.visit = visit


class _Drawing:
    """Draws each message at the moment at which it is known."""

    def __init__(self, out: Output, user: ScriptedUser | None) -> None:
        from oauthctl.views.glyphs import glyphs_of
        from oauthctl.views.sequence import SequenceDiagram

        self.diagram = SequenceDiagram(out.width or _WIDTH_OF_A_PIPE, glyphs=glyphs_of(out.terminal.stdout))
        self.chapters: dict[str, str] = {}
        self._out = out
        self._user = user
        self._drawn: set[int] = set()

    def note(self, text: str, style: Style) -> None:
        self._out.lines(self.diagram.note(text, style))

    def exchange(self, exchange: Exchange) -> None:
        from oauthctl.record.exchange import Channel

        # A callback is told twice, when it came and when it was answered.
        if exchange.id in self._drawn:
            self._out.lines(self.diagram.answered(exchange))
            return
        self._drawn.add(exchange.id)
        if exchange.purpose == "callback" and self._user is not None:
            pages = ", ".join(f"`{title.partition(' – ')[0]}`" for title in self._user.pages)
            self.note(f"A scripted user acts for you as {_USERNAME} on the real pages: {pages}", "success")
        chapter = self.chapters.pop(exchange.purpose, "")
        if chapter:
            self.note(chapter, "bold")
        is_held = exchange.channel is Channel.CALLBACK and exchange.response is None
        self._out.lines(self.diagram.asked(exchange) if is_held else self.diagram.exchange(exchange))


def _tell(out: Output, session: Session, *, seconds: float) -> None:
    from oauthctl.views.lines import Span

    count = len(session.world.recording.exchanges)
    took = f", in {seconds:.1f} s" if seconds else ""
    out.say(Span("✓ ", "success"), f"{count} exchanges, every one as it has to be{took}")
    shown = session.recording_id
    next_steps = (
        *(((f"oauthctl trace show {shown}", "every message, explained"),) if shown else ()),
        ("oauthctl explain PKCE", "a word from it, with its source"),
        ("oauthctl serve", "the same server, for your own app"),
    )
    if shown:
        out.say(f"recorded as {shown}")
    out.say("next:")
    width = max(len(typed) for typed, _ in next_steps)
    for typed, what in next_steps:
        out.say("  ", Span(typed.ljust(width), "literal"), f"  {what}")
