"""The driver: carries out a flow's steps in a world and writes each one into the recording.

Here: one function for each kind of step. Not here: what the answers mean (the flow says), printing. Nothing is ever thrown into a flow.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from oauthctl.errors import BadAnswer, ConfigError, NoAnswer, OauthctlError, Unreachable
from oauthctl.flows.steps import Ask, AwaitPing, Draw, Drawn, Flow, Listen, Send, Show, Step, Visit, Wait
from oauthctl.http import Request, Response
from oauthctl.record import purposes
from oauthctl.record.exchange import Channel, Exchange
from oauthctl.shell.world import StreamTo, World

if TYPE_CHECKING:
    from oauthctl.shell.awaited import Refusal
    from oauthctl.shell.callback import CallbackListener
    from oauthctl.shell.callback_page import Page

T = TypeVar("T")


def run(flow: Flow[T], world: World) -> T:
    """What the flow returns. On a broken connection the failure is recorded, the flow is closed, and the error raised."""
    try:
        step = next(flow)
        while True:
            answer = carry_out(step, world)
            step = flow.send(answer)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        flow.close()


def carry_out(step: Step, world: World) -> Exchange | Drawn | str | None:
    """The answer that the flow gets for one step."""
    match step:
        case Send():
            return _send(step, world)
        case Visit():
            return _visit(step, world)
        case Listen():
            return _listen(step, world)
        case Wait():
            world.sleep(step.seconds)
            return None
        case Ask():
            return world.ask(step.question, step.secret)
        case Show():
            world.show(step)
            return None
        case AwaitPing():
            return _await_ping(step, world)
        case Draw():
            return Drawn(world.now(), world.token(32))


def finish(world: World, page: Page) -> None:
    """Tell the browser that still waits how it went, complete its exchange with our reply, stop listening.

    Called with the truth: `success_page` after the tokens were stored, `failure_page` for the error that came instead.
    """
    waiting, world.open_callback = world.open_callback, None
    if world.notifications is not None:
        for refusal in world.notifications.unreported():
            _record_notification(refusal.request, refusal.response, world)
    if world.listener is None:
        return
    if waiting is not None:
        reply = world.listener.reply(page)
        if reply is not None:
            seconds = (world.now() - waiting.started_at).total_seconds()
            world.record(replace(waiting, response=reply, seconds=seconds))
    world.listener.close()
    for refusal in world.listener.unreported():
        _record_refusal(refusal, world)


def _send(step: Send, world: World) -> Exchange:
    sender = world.certified if step.with_certificate else world.transport
    if sender is None:
        raise ConfigError("this request needs the client's certificate, and none is here", slug="no-certificate")
    exchange = _begun(world, step.purpose, Channel.WIRE, sender.completed(step.request))
    exchange = replace(exchange, certificate=world.certificate if step.with_certificate else "")
    world.on_begun(exchange)
    try:
        response, seconds = sender.send(
            step.request, timeout_seconds=world.timeout_seconds, stream_to=_of_success(world.stream_to) if step.stream else None
        )
    except OauthctlError as error:
        error.where = error.where or f"exchange {exchange.id}, {step.request.method} {urlsplit(step.request.url).path or '/'}"
        seconds = (world.now() - exchange.started_at).total_seconds()
        failed = world.record(replace(exchange, failure=error.message, seconds=seconds))
        if step.may_fail and isinstance(error, Unreachable | NoAnswer | BadAnswer):
            return failed
        raise
    return world.record(replace(exchange, response=response, seconds=seconds))


def _visit(step: Visit, world: World) -> Exchange:
    if step.offer is not None:
        if world.offers is None:
            raise ConfigError(f"nothing of ours listens at `{step.offer.uri}`", slug="no-request-listener")
        world.offers.offer(step.offer)
    exchange = world.record(_begun(world, step.purpose, Channel.BROWSER, Request("GET", step.url)))
    world.visit(step.url)
    return exchange


def _listen(step: Listen, world: World) -> Exchange:
    """Source: RFC 8252 section 7.3. Keeps connections open meanwhile, and takes what is pasted as well as what the browser brings."""
    for url in step.keep_open:
        world.transport.prepare(url)
    listener = _listener(step, world)
    listener.expect(step.state, step.response_mode, opened=step.opened)
    if world.paste is not None:
        world.paste.start(listener.deliver, redirect_uri=step.redirect_uri)
    mismatches: list[Exchange] = []

    def record(refusal: Refusal) -> None:
        exchange = _record_refusal(refusal, world)
        if refusal.slug == "state-mismatch":
            mismatches.append(exchange)

    try:
        request = listener.wait(world.callback_timeout_seconds, on_refused=record)
    except NoAnswer as error:
        if mismatches:
            _show_mismatch(error, mismatches[-1], step, world)
        raise
    finally:
        if world.paste is not None:
            world.paste.stop()
        _record_fetches(world)
    world.open_callback = world.record(_begun(world, "callback", Channel.CALLBACK, request))
    return world.open_callback


def _await_ping(step: AwaitPing, world: World) -> Exchange | None:
    """Source: OpenID Connect CIBA Core 1.0 section 10.2."""
    if world.notifications is None:
        raise ConfigError(f"nothing listens at `{step.place}`", slug="no-way-back", help="give `--notification-endpoint URL`")

    def refused(refusal: Refusal) -> None:
        _record_notification(refusal.request, refusal.response, world)

    request = world.notifications.wait(step.token, step.auth_req_id, step.seconds, on_refused=refused)
    return _record_notification(request, Response(204), world) if request is not None else None


def _record_notification(request: Request, response: Response | None, world: World) -> Exchange:
    return world.record(replace(_begun(world, purposes.NOTIFICATION, Channel.CALLBACK, request), response=response))


def _record_fetches(world: World) -> None:
    """What the server came for meanwhile. Source: RFC 9101 section 5.2.3."""
    for request, response in world.offers.fetched() if world.offers is not None else ():
        world.record(replace(_begun(world, purposes.REQUEST_OBJECT, Channel.CALLBACK, request), response=response))


def _listener(step: Listen, world: World) -> CallbackListener:
    if world.listener is None:
        from oauthctl.shell.callback import CallbackListener

        if world.paste is None:
            raise ConfigError(
                f"nothing listens at `{step.redirect_uri}`, and nobody can paste the address that the browser ends at",
                slug="no-way-back",
                help="use a redirect URI on this machine (`--redirect-uri http://127.0.0.1/callback`), or sign in at a terminal",
            )
        world.listener = CallbackListener(step.redirect_uri)
    return world.listener


def _record_refusal(refusal: Refusal, world: World) -> Exchange:
    return world.record(replace(_begun(world, "callback", Channel.CALLBACK, refusal.request), response=refusal.response))


def _show_mismatch(error: NoAnswer, refused: Exchange, step: Listen, world: World) -> None:
    """Lay the state that was sent beside the one that came, shortened."""
    request = refused.request
    params = request.form if request.method == "POST" else request.query
    visited = next((one.id for one in reversed(world.recording.exchanges) if one.channel is Channel.BROWSER), None)
    error.where = f"exchange {refused.id}, callback {request.method} {request.path}"
    error.sent = _shortened(step.state) + (f"  (exchange {visited})" if visited else "")
    error.got = next((_shortened(state) for state in params.all("state") if state != step.state), "")


def _shortened(secret: str) -> str:
    """Enough of it to tell two apart."""
    return f"{secret[:3]}…{secret[-2:]}" if len(secret) > 8 else "…"


def _of_success(stream_to: StreamTo | None) -> StreamTo | None:
    """Only the body of a success is streamed; an error's is read by the flow."""
    if stream_to is None:
        return None
    return lambda head: stream_to(head) if 200 <= head.status < 300 else None


def _begun(world: World, purpose: str, channel: Channel, request: Request) -> Exchange:
    return Exchange(world.recording.next_id, purpose, channel, request, world.now())
