"""Fresh secrets for requests that are sent again: the profile's, and what earlier answers of the replay brought.

Here: where they come from, and to which server each may go. Not here: their places in a request (`record.replaying`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauthctl.errors import ConfigError, OauthctlError
from oauthctl.http import origin
from oauthctl.record import purposes
from oauthctl.record.replaying import Need, Refill, host_of, needs_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oauthctl.cli.output import Output
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import Settings
    from oauthctl.flows.steps import Flow
    from oauthctl.flows.token_endpoint import Granted
    from oauthctl.http import Request
    from oauthctl.record.exchange import Exchange
    from oauthctl.record.replaying import Rules


_NO_PROFILE = "no-profile"
_USED = "its refresh token was used already, and a second use can end the sign-in"


class Secrets:
    """The secrets of one replay. `is_ours` tells whether this tool itself made the recording."""

    def __init__(self, out: Output, profile: str, *, issuer: str, rules: Rules, is_ours: bool) -> None:
        self._out = out
        self._flag = profile
        self._issuer = issuer
        self._hosts = rules.hosts
        self._spent = rules.spent
        self._is_ours = is_ours
        self._chosen: Settings | None = None
        self._fresh: dict[Need, str] = {}
        self._issued: dict[str, str] = {}
        self._awaited: frozenset[str] = frozenset()

    def prepare(self, exchanges: tuple[Exchange, ...]) -> dict[int, str]:
        """Gather what these requests need, and ask for what nobody knows. Raises `ConfigError` before anything is sent.

        By number those that are left out, and why: their refresh token can be read and is used up, and no profile has a fresh one; or there
        is no profile at all, and nobody to ask.
        """
        self._awaited = frozenset(value for one in exchanges for value in _brought(one))
        left_out = {}
        for exchange in exchanges:
            needs = self._needs(exchange, dict.fromkeys(self._awaited, ""))
            is_readable = Need.REFRESH_TOKEN in needs and Need.REFRESH_TOKEN not in needs_of(exchange)
            try:
                for need in sorted(needs):
                    self._settle(need, exchange)
            except OauthctlError as error:
                if is_readable:
                    left_out[exchange.id] = f"{_USED}; for a fresh one: {error}"
                elif error.slug == _NO_PROFILE:
                    left_out[exchange.id] = str(error)
                else:
                    raise
        return left_out

    def _needs(self, exchange: Exchange, issued: Mapping[str, str]) -> frozenset[Need]:
        return needs_of(exchange, issued, spent=self._spent)

    def missing_for(self, exchange: Exchange) -> str:
        """Why it can't be sent after all: an earlier answer did not bring its token again."""
        needs = self._needs(exchange, self._issued) - set(self._fresh)
        return "the token that it presents was not issued again" if needs - {Need.REFRESH_TOKEN} else ""

    def send(self, session: Session, exchange: Exchange) -> Exchange:
        """The request once more, with its answer."""
        from oauthctl.flows.steps import send

        if Need.REFRESH_TOKEN in self._needs(exchange, self._issued):
            answer = self._refreshed(session, exchange)
        else:
            answer = session.run(send(self._refilled(exchange), exchange.purpose, may_fail=True))
        self._keep_issued(exchange, answer)
        return answer

    def _settle(self, need: Need, exchange: Exchange) -> None:
        from oauthctl.cli.clock import clock
        from oauthctl.cli.holding import held, is_fresh
        from oauthctl.cli.settings import client_secret, prompt

        chosen = self._settings()
        if chosen is None:
            self._settle_without_profile(need, exchange)
            return
        self._check_server(need, exchange, chosen)
        if need in self._fresh:
            return
        if need is Need.CLIENT_SECRET:
            self._fresh[need] = client_secret(self._out, chosen, ask=True) or prompt(self._out, "`OAUTHCTL_CLIENT_SECRET`")(
                "client secret", True
            )
            return
        tokens = held(self._out, chosen)
        if need is Need.ACCESS_TOKEN and not is_fresh(tokens, clock(""), 0):
            self._out.warn(f"the access token of `{chosen.name}` has expired: get a fresh one with `oauthctl refresh`")
        self._fresh[need] = tokens.access_token if need is Need.ACCESS_TOKEN else tokens.refresh_token
        if not self._fresh[need]:
            raise ConfigError(
                f"the profile `{chosen.name}` holds no {need.value.replace('_', ' ')}", slug=f"no-{need.value.replace('_', '-')}"
            )

    def _settings(self) -> Settings | None:
        """The profile's, or what the environment says; None where neither names a server."""
        from oauthctl.cli.settings import settings

        if self._chosen is None:
            try:
                self._chosen = settings(self._out, profile=self._flag)
            except ConfigError as error:
                if error.slug != _NO_PROFILE or self._flag:
                    raise
        return self._chosen

    def _settle_without_profile(self, need: Need, exchange: Exchange) -> None:
        """The client's secret, which a person or the environment knows. A recording's file could name any server: a person sees which one,
        and the environment's secret goes to none but those that `--host` names and those of recordings that this tool made.
        """
        from oauthctl.cli.settings import SECRET_VARIABLE, prompt, variable_text

        server = origin(exchange.request.url)
        environ = self._out.terminal.environ
        if need is not Need.CLIENT_SECRET:
            raise ConfigError(f"no profile holds a fresh {need.value.replace('_', ' ')} for `{server}`", slug=_NO_PROFILE)
        if need in self._fresh:
            return
        if environ.get(SECRET_VARIABLE) and (self._is_ours or host_of(server) in self._hosts):
            self._fresh[need] = variable_text(environ, SECRET_VARIABLE)
        elif self._out.terminal.can_ask:
            self._fresh[need] = prompt(self._out)(f"client secret for {server}", True)
        else:
            raise ConfigError(
                f"no profile has the client's secret for `{server}`; `{SECRET_VARIABLE}` together with `--host {host_of(server)}` gives it",
                slug=_NO_PROFILE,
            )

    def _check_server(self, need: Need, exchange: Exchange, chosen: Settings) -> None:
        """A recording names the servers, and must not lead the profile's secrets to one that the profile does not know."""
        profile, url = chosen.profile, exchange.request.url
        known = {origin(one) for one in (profile.issuer, *(value for _, value in profile.endpoints)) if one}
        if origin(url) in known:
            return
        is_same = bool(self._issuer) and self._issuer.rstrip("/") == profile.issuer.rstrip("/")
        is_api = exchange.purpose in (purposes.API, purposes.USERINFO)
        if need is Need.ACCESS_TOKEN and is_api and is_same and (self._is_ours or host_of(url) in self._hosts):
            return
        raise ConfigError(
            f"exchange {exchange.id} went to `{origin(url)}`, which {_named(chosen)} does not know",
            slug="profile-mismatch",
            notes=(f"it needs a fresh {need.value.replace('_', ' ')}, and what is known here is for `{profile.issuer}`",),
            help="name the profile that it was recorded with: `--profile NAME`",
        )

    def _refilled(self, exchange: Exchange) -> Request:
        return Refill(self._fresh, self._issued, self._spent).request(exchange.request)

    def _refreshed(self, session: Session, exchange: Exchange) -> Exchange:
        """The refresh, with the token that the profile holds; what comes for it is kept there, since the old one may be used up."""
        from oauthctl.cli.holding import held
        from oauthctl.cli.refreshing import LOCK_SECONDS, token_set
        from oauthctl.cli.under_way import under_way
        from oauthctl.messages.metadata import ProviderMetadata
        from oauthctl.shell.interruption import finishing
        from oauthctl.store import tokens as store

        chosen = self._chosen
        if chosen is None:
            raise ConfigError("no profile holds a refresh token for this", slug=_NO_PROFILE)
        with store.lock(chosen.locations, chosen.name, timeout_seconds=LOCK_SECONDS):
            tokens = held(self._out, chosen)
            self._fresh[Need.REFRESH_TOKEN] = tokens.refresh_token
            count = len(session.world.recording.exchanges)
            with finishing(session.out.warn, "the refresh that is under way"):
                try:
                    with under_way(chosen, tokens, now=session.world.now()):
                        granted = session.run(_traded(self._refilled(exchange)))
                except OauthctlError:
                    # That it was refused is an answer, which is compared; that nothing could be sent is not.
                    if len(session.world.recording.exchanges) == count:
                        raise
                else:
                    metadata = ProviderMetadata((("token_endpoint", tokens.token_endpoint or exchange.request.url),))
                    fresh = token_set(granted, chosen.profile, metadata, before=tokens)
                    store.write(chosen.locations, chosen.name, fresh)
                    self._fresh[Need.ACCESS_TOKEN] = fresh.access_token
        return session.world.recording.exchanges[-1]

    def _keep_issued(self, old: Exchange, new: Exchange) -> None:
        """The new access token in the place of the old one. Refresh tokens are the profile's business, which knows the newest."""
        before, after = _brought(old), _brought(new)
        if before and after:
            self._issued[before[0]] = after[0]


def _named(chosen: Settings) -> str:
    return f"the profile `{chosen.name}`" if chosen.name else "the environment (`OAUTHCTL_ISSUER`)"


def _brought(exchange: Exchange) -> tuple[str, ...]:
    """The access token that an answer brought."""
    from oauthctl.messages.token import TokenResponse
    from oauthctl.record.transaction import response_message

    message = response_message(exchange) if exchange.purpose == purposes.TOKEN else None
    return (message.access_token,) if isinstance(message, TokenResponse) and message.access_token else ()


def _traded(request: Request) -> Flow[Granted]:
    from oauthctl.flows.steps import send
    from oauthctl.flows.token_endpoint import granted

    return granted((yield from send(request, purposes.TOKEN)))
