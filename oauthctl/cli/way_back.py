"""How the answer of a sign-in comes back: to a listener, by a pasted address, or from another device.

Here: who can be waited for, and what the person is told meanwhile. Not here: the order of a login (`signing_in`), the listener
(`shell.callback`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from oauthctl.cli.planning import CIBA, DEVICE, PASSWORD, Wishes
from oauthctl.cli.settings import Settings
from oauthctl.errors import ConfigError
from oauthctl.http import is_loopback

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.shell.world import World


def refuse_without_person(out: Output, wishes: Wishes) -> None:
    """Nobody is waited for who can't come: none is to be asked, or the page's address reaches nobody. Raises `ConfigError`."""
    from oauthctl.shell.browser import why_no_browser

    if out.terminal.stdin.isatty():
        return
    why = ""
    if out.terminal.no_input or out.terminal.in_ci:
        why = "no terminal, and `--no-input` or CI"
    elif _is_thrown_away(out.terminal.stderr) and (wishes.no_browser or why_no_browser(out.terminal.environ)):
        why = "no terminal, no browser that opens, and the page's address would be written to a stderr that nobody reads"
    if why:
        raise ConfigError(
            f"signing in needs a person, and none is here: {why}",
            slug="no-person",
            help="use `oauthctl token --grant client_credentials` with `OAUTHCTL_ISSUER`, `OAUTHCTL_CLIENT_ID`, `OAUTHCTL_CLIENT_SECRET`",
        )


def _is_thrown_away(stream: TextIO) -> bool:
    """Whether the stream is the null device, as far as the system can tell."""
    import os
    from pathlib import Path

    try:
        return os.path.samestat(os.fstat(stream.fileno()), Path(os.devnull).stat())
    except (OSError, ValueError):
        return False


def _open_listener(world: World, out: Output, chosen: Settings, wishes: Wishes) -> None:
    """Listen at the redirect URI, or take a pasted address where nothing of ours can listen."""
    from oauthctl.shell.browser import open_url, ssh_hint, why_no_browser
    from oauthctl.shell.callback import CallbackListener
    from oauthctl.shell.paste import Paste
    from oauthctl.shell.redirect_uri import DEFAULT_REDIRECT_URI, can_listen
    from oauthctl.views.lines import line

    wanted = chosen.profile.redirect_uri or DEFAULT_REDIRECT_URI
    if can_listen(wanted):
        world.listener = CallbackListener(wanted)
        world.listener.open()
    elif not out.terminal.can_ask:
        raise ConfigError(
            f"nothing listens at `{wanted}`, and nobody is here to paste the address at which the browser ends",
            slug="no-way-back",
            help="use a redirect URI on this machine (`--redirect-uri http://127.0.0.1/callback`), or sign in at a terminal",
        )
    if chosen.profile.pkce not in ("", "S256"):
        out.warn(f"PKCE is `{chosen.profile.pkce}`: whoever sees the request or the code may use it")
    environ = out.terminal.environ
    why_not = "`--no-browser`" if wishes.no_browser else why_no_browser(environ)
    if out.terminal.can_ask:
        world.paste = Paste(out.terminal.stdin, out.say)
    world.callback_timeout_seconds = wishes.timeout_seconds

    def visit(url: str) -> None:
        out.say("open this page to sign in:")
        # The URL stands alone on its line and is printed even with --quiet: without it nobody can sign in.
        out.terminal.stderr.write(f"\n{url}\n\n")
        out.terminal.stderr.flush()
        opened = not why_not and open_url(url, environ)
        if opened:
            out.say("a browser was opened with it")
        elif world.listener is not None:
            out.say_prose((line(f"no browser opens by itself: {why_not or 'none could be started'}"),))
            hint = ssh_hint(world.listener.redirect_uri, environ)
            if hint:
                out.say("from another machine, first: ", hint)
        if world.paste is not None:
            out.say_prose((line("or paste the address at which the browser ends, or the code:"),))
        out.say_prose((line(_waiting(out, wishes)),))

    world.visit = visit


def _waiting(out: Output, wishes: Wishes) -> str:
    """That it waits and for how long; where perhaps nobody watches, also how it would not."""
    if out.terminal.stdin.isatty():
        return f"waiting up to {wishes.timeout_seconds:g} s …"
    return (
        f"waiting up to {wishes.timeout_seconds:g} s for the browser, without a terminal: "
        "`--timeout SECONDS` waits less, `--no-input` not at all"
    )


def way_back(world: World, out: Output, chosen: Settings, wishes: Wishes) -> str:
    """The redirect URI, with somebody listening there; none where the person signs in on another device."""
    if chosen.profile.grant == PASSWORD:
        return ""
    if chosen.profile.grant == CIBA:
        from oauthctl.views.lines import line

        shown = f"; the other device has to show `{wishes.binding_message}`" if wishes.binding_message else ""
        out.say_prose((line(f"the provider is to ask `{wishes.login_hint}` on another device{shown}; waiting for the answer …"),))
        if is_loopback(chosen.profile.issuer):
            from oauthctl.provider.records import Endpoints

            # There is no other device where a provider is run for practice.
            out.say(f"if that is `oauthctl serve`: it asks at {chosen.profile.issuer.rstrip('/')}{Endpoints().approvals}")
        if wishes.notification_endpoint:
            from oauthctl.shell.notification import NotificationListener

            world.notifications = NotificationListener(wishes.notification_endpoint)
            world.notifications.open()
        return ""
    if chosen.profile.grant == DEVICE:
        from oauthctl.cli.device_login import shower

        world.show = shower(out)
        return ""
    _open_listener(world, out, chosen, wishes)
    return world.listener.redirect_uri if world.listener is not None else chosen.profile.redirect_uri
