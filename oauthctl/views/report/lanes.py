"""Who takes part in a recording, and which arrow goes from whom to whom: the same for every drawn diagram.

Here: participants and arrows as values. Not here: drawing them (`sequence_svg`, `views.mermaid`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from oauthctl.http import origin
from oauthctl.record import purposes
from oauthctl.record.exchange import Channel, Exchange
from oauthctl.record.transaction import describe
from oauthctl.rules.scene import Scene
from oauthctl.views.hints import duration, is_waiting, status_of
from oauthctl.views.labels import host_of, labels_of
from oauthctl.views.person_elsewhere import begins_elsewhere, part_of

Tone: TypeAlias = Literal["", "success", "error"]
Key: TypeAlias = Literal["you", "browser", "oauthctl", "client", "app", "server", "api"]
_API_PURPOSES = (purposes.API, purposes.RESOURCE_METADATA)
_MOST_PLACES = 2


@dataclass(frozen=True, slots=True)
class Lane:
    """One participant; `hosts` are where it was found, none for a person."""

    key: Key
    name: str
    hosts: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The hosts in a few words: one or two, or the first and how many more."""
        more = f" +{len(self.hosts) - _MOST_PLACES}" if len(self.hosts) > _MOST_PLACES else ""
        return ", ".join(self.hosts[:_MOST_PLACES]) + more


@dataclass(frozen=True, slots=True)
class Arrow:
    """One arrow of an exchange. `is_unseen` is for what the browser does out of our sight, `is_lost` for an answer that never came.

    `is_answer` is for what comes with the answer; of that a person's part on another device, `is_aside`, is no answer itself.
    """

    exchange: int
    source: int
    target: int
    label: str
    detail: str = ""
    is_answer: bool = False
    is_unseen: bool = False
    is_lost: bool = False
    is_aside: bool = False
    tone: Tone = ""
    host: str = ""
    """Who is asked, where the lane stands for several."""

    @property
    def is_reply(self) -> bool:
        """Whether it is drawn as an answer."""
        return self.is_answer and not self.is_aside


_NAMES: dict[Key, str] = {
    "you": "you, in a browser",
    "browser": "browser",
    "oauthctl": "oauthctl",
    "client": "client",
    "app": "application",
    "server": "authorization server",
    "api": "API",
}
KEYS: tuple[Key, ...] = tuple(_NAMES)
"""All participants, from left to right."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The participants of some exchanges, from left to right, and who answers at which origin."""

    lanes: tuple[Lane, ...]
    roles: tuple[tuple[str, Key], ...]
    is_capture: bool
    is_pinged: bool = False
    """Whether the server tells of a person's decision by itself."""
    labels: Mapping[int, str] = field(default_factory=dict)
    """What messages are called that are called otherwise than by themselves."""

    def arrows(self, exchange: Exchange) -> tuple[Arrow, ...]:
        """The arrows of one exchange, in the order of time, with what a person does on another device."""
        arrows = self._arrows(exchange)
        part = part_of(exchange, is_pinged=self.is_pinged) if any(lane.key == "you" for lane in self.lanes) else None
        if part is None:
            return arrows
        ends = {"shown": ("oauthctl", "you"), "asked": ("server", "you"), "decided": ("you", "server")}
        source, target = (next(at for at, lane in enumerate(self.lanes) if lane.key == key) for key in ends[part.kind])
        is_late = exchange.channel is not Channel.CALLBACK
        aside = Arrow(exchange.id, source, target, part.text, is_answer=is_late, is_unseen=part.kind != "shown", is_aside=True)
        before = [arrow for arrow in arrows if is_late and not arrow.is_answer]
        after = [arrow for arrow in arrows if not (is_late and not arrow.is_answer)]
        return (*before, aside, *after) if part.is_first else (*arrows, aside)

    def label(self, exchange: Exchange) -> str:
        """What the message is called in this diagram."""
        return self.labels.get(exchange.id) or label_of(exchange)

    def _place(self, exchange: Exchange) -> str:
        """What was asked; also where, when it is one of several hosts."""
        return _place(exchange, has_host=self._is_one_of_several(exchange))

    def _is_one_of_several(self, exchange: Exchange) -> bool:
        return exchange.channel is not Channel.CALLBACK and len(self.lanes[self._target(exchange)].hosts) > 1

    def _arrows(self, exchange: Exchange) -> tuple[Arrow, ...]:
        match exchange.channel:
            case Channel.BROWSER:
                handed = Arrow(exchange.id, self._at("oauthctl"), self._at("you"), "hands over the address", "opens the browser")
                followed = Arrow(
                    exchange.id, self._at("you"), self._target(exchange), self.label(exchange), self._place(exchange), is_unseen=True
                )
                return (handed, followed) if handed.source != handed.target else (followed,)
            case Channel.CALLBACK if exchange.purpose in purposes.FROM_SERVER:
                return self._pair(exchange, self._at("server"), self._at("oauthctl"))
            case Channel.CALLBACK:
                return self._pair(exchange, self._at("you"), self._at("oauthctl"))
            case Channel.WIRE:
                sender = next((at for at, lane in enumerate(self.lanes) if lane.key in ("oauthctl", "browser", "client")), 0)
                return self._pair(exchange, sender, self._target(exchange))

    def _pair(self, exchange: Exchange, source: int, target: int) -> tuple[Arrow, ...]:
        host = host_of(exchange) if self._is_one_of_several(exchange) else ""
        asked = Arrow(exchange.id, source, target, self.label(exchange), self._place(exchange), host=host)
        said = status_of(exchange)
        if not said:
            return (asked,)
        took = duration(exchange.seconds) if exchange.seconds else ""
        is_lost = exchange.response is None
        return (asked, Arrow(exchange.id, target, source, said, took, is_answer=True, is_lost=is_lost, tone=tone_of(exchange)))

    def _target(self, exchange: Exchange) -> int:
        return self._at(_role(exchange, dict(self.roles), is_capture=self.is_capture))

    def _at(self, key: Key) -> int:
        return next((at for at, lane in enumerate(self.lanes) if lane.key == key), len(self.lanes) - 1)


def cast_of(scene: Scene, exchanges: Iterable[Exchange]) -> Cast:
    """Who takes part in these exchanges of the scene."""
    shown = tuple(exchanges)
    every = tuple(seen.exchange for seen in scene.seen if seen.is_direct)
    is_capture = bool(every) and not scene.recording.tool_version
    roles = _roles(every, is_capture=is_capture)
    targets = {one.id: _role(one, roles, is_capture=is_capture) for one in shown if one.channel is not Channel.CALLBACK}
    left = _left(every, shown, is_capture=is_capture)
    found: list[Key] = [key for key in KEYS if key in targets.values()]
    # Without a browser there is no application that it could visit: what it calls is a server of some kind.
    right: list[Key] = [key for key in found if key != "app" or "client" not in left] or ["server"]
    lanes = tuple(_lane(key, [one for one in shown if targets.get(one.id) == key]) for key in (*left, *right))
    is_pinged = any(one.purpose == purposes.NOTIFICATION for one in shown)
    return Cast(lanes, tuple(roles.items()), is_capture, is_pinged, labels_of(one for one in shown if one.purpose))


def _left(every: tuple[Exchange, ...], shown: tuple[Exchange, ...], *, is_capture: bool) -> list[Key]:
    """Who asks: the person and oauthctl, a browser whose capture it is, or a program whose log it is."""
    if not is_capture:
        by_browser = any(one.channel is not Channel.WIRE and one.purpose not in purposes.FROM_SERVER for one in shown)
        return ["you", "oauthctl"] if by_browser or any(map(begins_elsewhere, shown)) else ["oauthctl"]
    visits = (purposes.AUTHORIZATION, purposes.CALLBACK, purposes.LOGOUT, "")
    return ["browser"] if any(one.purpose in visits for one in every) else ["client"]


def label_of(exchange: Exchange) -> str:
    """What it is in a few words. What the scene took for no message of the protocol's is none, whatever its parameters are called."""
    return describe(exchange) if exchange.purpose else _method_and_path(exchange)


def tone_of(exchange: Exchange) -> Tone:
    """Whether an exchange went well; neither, where that can't be said."""
    if exchange.response is None:
        return "error" if exchange.failure else ""
    status = exchange.response.status
    return "success" if 200 <= status < 300 else "error" if status >= 400 and not is_waiting(exchange) else ""


def origin_of(url: str) -> str:
    """The URL's origin; empty when it has none."""
    try:
        return origin(url)
    except ValueError:
        return ""


def _roles(exchanges: tuple[Exchange, ...], *, is_capture: bool) -> dict[str, Key]:
    """By origin who answers there. Where a host is several things at once, what OAuth names goes first."""
    found: dict[str, Key] = {}
    for exchange in exchanges:
        place = origin_of(exchange.request.url)
        if exchange.purpose == purposes.CALLBACK and is_capture:
            found.setdefault(place, "app")
        elif exchange.purpose in _API_PURPOSES:
            found.setdefault(place, "api")
        elif exchange.purpose and exchange.purpose != purposes.CALLBACK:
            found[place] = "server"
    return found


def _role(exchange: Exchange, roles: dict[str, Key], *, is_capture: bool) -> Key:
    if exchange.purpose == purposes.CALLBACK and is_capture:
        return "app"
    if exchange.purpose in _API_PURPOSES:
        return "api"
    if exchange.purpose:
        return "server"
    return roles.get(origin_of(exchange.request.url), "server")


def _lane(key: Key, exchanges: list[Exchange]) -> Lane:
    hosts = tuple(dict.fromkeys(host_of(exchange) for exchange in exchanges))
    return Lane(key, _NAMES[key], tuple(host for host in hosts if host) if key in ("app", "server", "api") else ())


def _place(exchange: Exchange, *, has_host: bool) -> str:
    """Method and path, with the host where there are several; nothing where the label says no more than that."""
    request = exchange.request
    place = f"{request.method} {host_of(exchange) if has_host else ''}{purposes.split_path(request.url)}" if request.url else ""
    return "" if place == label_of(exchange) else place


def _method_and_path(exchange: Exchange) -> str:
    return f"{exchange.request.method} {purposes.split_path(exchange.request.url)}"
