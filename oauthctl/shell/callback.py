"""`CallbackListener`: waits at the redirect URI for the one answer that carries the right `state`.

Here: which request is that answer, and what every other one is told. Not here: sockets (`loopback_server`), what the pages look like
(`callback_page`), what the answer means (`messages`, `rules`).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import TypeAlias

from oauthctl.errors import NoAnswer
from oauthctl.flows.steps import Opened, unopened
from oauthctl.http import FORM, Headers, Params, Request, Response
from oauthctl.jose.jwt import Kind, take_apart
from oauthctl.messages.response_modes import carrier, is_in_jwt
from oauthctl.shell.awaited import Awaited, Refusal
from oauthctl.shell.callback_page import Page, ended_page, error_page, fragment_page, refused_page, render, used_page
from oauthctl.shell.loopback_server import PREFETCH_HEADERS, SLOW_SECONDS, LoopbackServer
from oauthctl.shell.loopback_sockets import bind
from oauthctl.shell.redirect_uri import RedirectUri, read_redirect_uri

_ANSWERING = frozenset(("state", "code", "error", "response", "id_token", "access_token"))
"""What an answer has at least one of. Canaille puts `iss` into the query of an answer whose other parameters stand in the fragment."""
_Problem: TypeAlias = tuple[str, str]


class CallbackListener:
    """Listens on this machine alone, for one answer alone. Without `open` it takes what is delivered by hand (pasted) and nothing else.

    `open` binds; `expect` says what the right answer carries (requests that come before wait for it); `wait` gives that answer and leaves
    the browser waiting; `reply` tells the browser how it went; `close` leaves no port open.
    """

    def __init__(self, redirect_uri: str, *, slow_seconds: float = SLOW_SECONDS) -> None:
        self._uri: RedirectUri | None = None
        self._slow_seconds = slow_seconds
        self._awaited = Awaited()
        self._server: LoopbackServer | None = None
        self._hosts: frozenset[str] = frozenset()
        self._expected: tuple[str, str] | None = None
        self._opened: Opened = unopened
        self._final: Response | None = None
        self._is_pasted = False
        self._has_ended = False
        self.redirect_uri = redirect_uri

    def open(self) -> str:
        """Bind, begin to listen, and give the redirect URI with its port."""
        uri = read_redirect_uri(self.redirect_uri)
        sockets = bind(uri)
        port = sockets[0].getsockname()[1]
        self._uri, self._hosts = uri, uri.hosts(port)
        self.redirect_uri = uri.at(port) if uri.port == 0 else self.redirect_uri
        self._server = LoopbackServer(sockets, self._judge, error_page, slow_seconds=self._slow_seconds)
        self._server.start()
        return self.redirect_uri

    def expect(self, state: str, response_mode: str = "query", *, opened: Opened = unopened) -> None:
        """Say what the right answer carries; an empty `state` means that none was sent. `opened` looks into an encrypted answer."""
        with self._awaited.lock:
            self._expected, self._opened = (state, response_mode), opened
        self._reconsider()

    def wait(self, timeout_seconds: float, *, on_refused: Callable[[Refusal], None] | None = None) -> Request:
        """The request that carries the right state. `on_refused` is told of every other one meanwhile; `NoAnswer` when the time is over."""
        accepted = self._awaited.wait(timeout_seconds, on_refused=on_refused)
        if accepted is None:
            raise no_callback(tuple(self.refused), self.redirect_uri, timeout_seconds)
        return accepted

    @property
    def refused(self) -> list[Refusal]:
        """The requests that were not the answer."""
        return self._awaited.refused

    def unreported(self) -> tuple[Refusal, ...]:
        """The refusals that nobody was told of yet; each is given once."""
        return self._awaited.unreported()

    def deliver(self, request: Request, *, has_state: bool = True) -> Refusal | None:
        """Take an answer that came by another way (pasted); a refusal when it is not the right one or one has come already.

        A bare code has no `state` to compare; the person at this terminal vouches for it.
        """
        params = request.form if request.method == "POST" else request.query
        with self._awaited.lock:
            if self._awaited.accepted is not None:
                problem: _Problem | None = ("already-answered", "an answer has come already")
            else:
                problem = self._state_problem(params) if has_state else None
            if problem is not None:
                return self._awaited.refuse(Refusal(request, None, *problem))
            self._is_pasted = True
            self._awaited.accept(request)
            return None

    def reply(self, page: Page) -> Response | None:
        """Tell the browser how it went; later copies of the same request are told the same. None when no browser waits (pasted)."""
        response = render(page)
        with self._awaited.lock:
            self._final = response
        self._reconsider()
        return None if self._is_pasted else response

    def close(self) -> None:
        """Stop listening. A browser that still waits is told that the run ended."""
        server, self._server = self._server, None
        if server is None:
            return
        with self._awaited.lock:
            self._final = self._final or render(ended_page())
            self._has_ended = True
        server.reconsider()
        server.close()

    def _reconsider(self) -> None:
        if self._server is not None:
            self._server.reconsider()

    def _judge(self, request: Request) -> Response | None:
        """The answer to a request, or None to hold it. Called in the server's thread, again for every request that is held."""
        with self._awaited.lock:
            if not self._is_for_us(request):
                return self._refuse(request, _page("it was sent to another host", 421), "wrong-host", "its `Host` is not ours")
            refusal = self._check_form(request)
            if refusal is not None:
                return refusal
            if self._has_ended:
                return self._final
            if self._expected is None:
                return None
            params = request.query if request.method == "GET" else request.form
            is_asking = request.method == "GET" and _ANSWERING.isdisjoint(name for name, _ in params)
            if carrier(self._expected[1]) == "fragment" and is_asking:
                return fragment_page()
            if self._awaited.accepted is not None:
                if _same(request, self._awaited.accepted):
                    return self._final
                return self._refuse(request, used_page(), "already-answered", "an answer has come already")
            problem = self._state_problem(params)
            if problem is not None:
                return self._refuse(request, _page(problem[1], 400), *problem)
            self._awaited.accept(request)
            return self._final

    def _check_form(self, request: Request) -> Response | None:
        """The answer to what can't be a callback at all: another path or method, a look ahead."""
        path = self._uri.requested_path if self._uri is not None else ""
        if request.path != path:
            why = f"it went to `{request.path}`, and the redirect URI's path is `{path}`"
            if not _ANSWERING.isdisjoint(name for name, _ in request.query):
                return self._refuse(request, _page(why, 404), "wrong-path", why)
            return render(_page("nothing is at this address", 404))
        if request.method == "HEAD":
            return Response(200, Headers.of({"Cache-Control": "no-store"}))
        looked_ahead = [value for name in PREFETCH_HEADERS for value in request.headers.all(name)]
        if any(word in value.lower() for value in looked_ahead for word in ("prefetch", "prerender", "preview")):
            why = "the browser only looked ahead (prefetch)"
            return self._refuse(request, _page(why, 503), "prefetch", why)
        mode = carrier(self._expected[1]) if self._expected else ""
        if request.method == "POST" and mode in ("", "form_post", "fragment"):
            kind = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
            why = f"it is a POST of `{kind[:80]}`, no form"
            return None if kind == FORM else self._refuse(request, _page(why, 415), "wrong-content-type", why)
        if request.method != "GET":
            why = f"it is a {request.method[:20]}, and `response_mode={mode}` comes as a GET"
            return self._refuse(request, _page(why, 405), "wrong-method", why)
        return None

    def _state_problem(self, params: Params) -> _Problem | None:
        state, mode = self._expected or ("", "")
        given = _states_of(params, mode, self._opened)
        if given is None:
            return "token-encrypted", "it is encrypted, and no key of this client opens it (`--client-key FILE` gives one)"
        if not params:
            return "state-missing", "it carries nothing (what stands after a `#` is not sent; `--response-mode fragment` fetches it)"
        if state and not given:
            return "state-missing", "it carries no `state`"
        if all(hmac.compare_digest(one.encode(), state.encode()) for one in given):
            return None
        if len(given) > 1:
            return "state-mismatch", "it carries `state` more than once, and not all are the one that was sent"
        return "state-mismatch", "its `state` is not the one that was sent"

    def _is_for_us(self, request: Request) -> bool:
        """Whether the Host header, and the authority of an absolute URL, name this listener (else: DNS rebinding)."""
        authority = request.url.partition("://")[2].partition("/")[0].partition("?")[0]
        hosts = request.headers.all("host")
        return len(hosts) == 1 and hosts[0].lower() in self._hosts and authority.lower() in self._hosts

    def _refuse(self, request: Request, page: Page, slug: str, why: str) -> Response:
        response = render(page)
        self._awaited.refuse(Refusal(request, response, slug, why))
        return response


def no_callback(refused: tuple[Refusal, ...], redirect_uri: str, timeout_seconds: float) -> NoAnswer:
    """The error when the right answer did not come: it names the wrong ones that did."""
    counts = {refusal.why: sum(1 for other in refused if other.why == refusal.why) for refusal in refused}
    notes = tuple(f"refused {'a callback' if count == 1 else f'{count} callbacks'}: {why}" for why, count in counts.items())
    if any(refusal.slug == "state-mismatch" for refusal in refused):
        return NoAnswer(
            f"no callback with the right `state` came within {timeout_seconds:g} s",
            slug="state-mismatch",
            notes=notes,
            spec="RFC 6749 section 10.12",
            help="sign in from the address that this run printed; answers to other requests are not redeemed",
        )
    if any(refusal.slug == "token-encrypted" for refusal in refused):
        return NoAnswer(
            f"no callback that this client can open came within {timeout_seconds:g} s",
            slug="token-encrypted",
            notes=notes,
            spec="JARM section 2.1",
            help="give the private key to whose public half the server encrypts, with `--client-key FILE`",
        )
    return NoAnswer(
        f"nobody came back to `{redirect_uri}` within {timeout_seconds:g} s",
        slug="no-callback",
        notes=notes,
        help="see in the browser what the server says; `--timeout SECONDS` waits longer",
    )


def _states_of(params: Params, response_mode: str, opened: Opened) -> tuple[str, ...] | None:
    """The states that an answer carries, unproven: here it is only told from answers to other requests. None: no key opens it.

    Source: JARM section 2.1: of an answer in a JWT the state is inside, and where that is encrypted, behind the client's key.
    """
    given = params.all("state")
    response = params.get("response") if is_in_jwt(response_mode) else None
    if response is None:
        return given
    token = take_apart(response)
    if token.kind is Kind.JWE:
        inside = opened(token.compact)
        if not inside:
            return None
        token = take_apart(inside)
    return (*given, token.claim_text("state"))


def _page(why: str, status: int) -> Page:
    return refused_page(why, status=status)


def _same(request: Request, accepted: Request) -> bool:
    """Whether a request is a copy of the right one (the browser tried again), or that one itself."""
    return (request.method, request.url.partition("?")[2], request.body) == (accepted.method, accepted.url.partition("?")[2], accepted.body)
