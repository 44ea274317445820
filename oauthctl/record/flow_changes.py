"""What a flow does otherwise than another: messages that come and go, and what changes in those that stay.

Here: the difference of two rehearsals as it is told to somebody who learns the flow. Not here: two runs compared to find a fault
(`difference_recordings`), carrying the flows through, the lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from oauthctl.http import Request
from oauthctl.jose.jwt import Kind as TokenKind
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.challenge import bearer_challenge
from oauthctl.record import purposes
from oauthctl.record.difference import Difference, Kind, ranked
from oauthctl.record.difference_alignment import aligned, label_of
from oauthctl.record.difference_ground import Ground
from oauthctl.record.difference_messages import differences_of_messages
from oauthctl.record.difference_nature import Nature, nature_of
from oauthctl.record.difference_recordings import issuer_of
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.transaction import known_purpose, request_message, response_message
from oauthctl.specs import Section

_SHOWN = (Nature.PLAIN, Nature.WORDS, Nature.SPAN)
_LONGEST_VALUE = 60


class Sign(StrEnum):
    """Which way something differs from the other flow."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One parameter, header or member. `place` is spelled as in `record.difference.Difference`.

    `before` and `after` are values that say something, None where they are random, secret or long; of two lists `after` is what the new
    one has more. `contains` are the claims of a JWT that
    is new. `moved_to` says where a parameter stands that is gone: another message, or the JWT of a parameter.
    """

    sign: Sign
    place: str
    about: str = ""
    section: Section | None = None
    before: Any = None
    after: Any = None
    contains: tuple[str, ...] = ()
    is_encrypted: bool = False
    moved_to: str = ""
    is_moved: bool = False
    """Whether it stands elsewhere in the same message: `before` and `after` are the places."""

    @property
    def name(self) -> str:
        """The parameter's or the header's own name."""
        return self.place.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class ChangedMessage:
    """A message that only one flow has, with what it carries and brings; or one that both have, with its changes."""

    sign: Sign
    label: str
    request: str
    """Method and path."""
    number: int
    """Its number in the flow that has it; in the new one where both have it."""
    carries: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()
    refusal: str = ""
    """The status and the error of an answer that is a refusal, such as that of a poll that comes too early."""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowChanges:
    """All messages that differ, in the flow's order, and the names of those that don't."""

    messages: tuple[ChangedMessage, ...] = ()
    unchanged: tuple[str, ...] = ()


def changes_of_flow(plain: Recording, flow: Recording) -> FlowChanges:
    """What the flow does otherwise than the plain one."""
    ground = Ground(issuer_of(plain), issuer_of(flow), has_common_salt=True, tells_parameters=True)
    beside = aligned(plain.exchanges, flow.exchanges, ground)
    pairs = [(one, other) for one, other in beside if one is not None and other is not None]
    gone, new = [one for one, other in beside if one and not other], [other for one, other in beside if other and not one]
    for one, other in _same_in_another_way(gone, new):
        gone.remove(one)
        new.remove(other)
        pairs.append((one, other))
    added = [_lone(Sign.ADDED, one) for one in new]
    both = [_changed(other, ranked(differences_of_messages(one, other, ground)), added) for one, other in pairs]
    changed = [one for one in both if one.changes]
    told = (*(_lone(Sign.REMOVED, one) for one in gone), *sorted((*added, *changed), key=lambda message: message.number))
    return FlowChanges(told, tuple(one.label for one in both if not one.changes))


def _same_in_another_way(gone: list[Exchange], new: list[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """The token request of another grant is a token request all the same; of several it is the one that succeeds."""
    for one in tuple(gone):
        alike = [other for other in new if known_purpose(other) == known_purpose(one) == purposes.TOKEN]
        if alike:
            yield one, alike[-1]


def _lone(sign: Sign, exchange: Exchange) -> ChangedMessage:
    sent, back, response = request_message(exchange), response_message(exchange), exchange.response
    carries = tuple(dict.fromkeys(name for name, _ in sent.fields)) if sent is not None else ()
    brings = tuple(dict.fromkeys(name for name, _ in back.fields)) if back is not None else ()
    if known_purpose(exchange) == purposes.REQUEST_OBJECT and response is not None:
        brings = tuple(take_apart(response.text).claims or ())
    refusal = ""
    if response is not None and response.status >= 400:
        error = next((str(value) for name, value in back.fields if name == "error"), "") if back is not None else ""
        challenge = bearer_challenge(response)
        error = error or (challenge.get("error") if challenge is not None else "")
        refusal, brings = f"{response.status} {error}".strip(), ()
    request = exchange.request
    return ChangedMessage(sign, label_of(exchange), _place(request), exchange.id, carries, brings, refusal)


def _changed(exchange: Exchange, differences: Iterable[Difference], added: list[ChangedMessage]) -> ChangedMessage:
    changes = tuple(_change(one, exchange) for one in differences if _is_telling(one))
    changes = tuple(replace(one, moved_to=_moved(one, changes, added)) if one.sign is Sign.REMOVED else one for one in changes)
    return ChangedMessage(Sign.CHANGED, label_of(exchange), _place(exchange.request), exchange.id, changes=changes)


def _is_telling(found: Difference) -> bool:
    """Not what a token is like that was told of when it was given, nor how a value looks that is random: nobody chose that."""
    is_random = nature_of(found.place.rpartition(".")[2], is_declared=True) is Nature.RANDOM
    return not found.place.startswith("request.headers.Authorization.") and not (found.kind is Kind.FORM and is_random)


def _place(request: Request) -> str:
    return f"{request.method} {purposes.split_path(request.url)}"


def _change(found: Difference, exchange: Exchange) -> Change:
    sign = {Kind.EXTRA: Sign.ADDED, Kind.MISSING: Sign.REMOVED}.get(found.kind, Sign.CHANGED)
    value = _value_at(found.place, exchange) if sign is Sign.ADDED else ""
    token = take_apart(value) if value.startswith("ey") else None
    before, shown = (found.a, found.b) if found.kind is Kind.PLACE else (_shown(found.place, found.a), _shown(found.place, found.b))
    shown = None if token is not None else shown
    if isinstance(found.a, list) and isinstance(found.b, list):
        before, shown = None, [item for item in found.b if item not in found.a]
    contains = tuple(token.claims or ()) if token is not None else ()
    is_encrypted = token is not None and token.kind is TokenKind.JWE
    return Change(sign, found.place, found.about, found.section, before, shown, contains, is_encrypted, is_moved=found.kind is Kind.PLACE)


def _moved(gone: Change, changes: tuple[Change, ...], added: list[ChangedMessage]) -> str:
    if not gone.place.startswith("request."):
        return ""
    # What is in an encrypted JWT can't be seen, which is its purpose; it takes the place of what is gone.
    into = next((f"`{one.name}`" for one in changes if gone.name in one.contains or one.is_encrypted), "")
    return into or next((f"the {one.label}" for one in added if gone.name in (*one.carries, *one.brings)), "")


def _value_at(place: str, exchange: Exchange) -> str:
    """The text of a parameter, a header or a member, by its place."""
    side, part, *rest = place.split(".")
    if side == "request" and part == "headers":
        return exchange.request.headers.get(".".join(rest)) or ""
    message = request_message(exchange) if side == "request" else response_message(exchange)
    if message is None or len(rest) != 1:
        return ""
    return next((value for name, value in message.fields if name == rest[0] and isinstance(value, str)), "")


def _shown(place: str, value: Any) -> Any:
    """The value, if it says something to a reader."""
    if place.startswith("request.headers.DPoP") or nature_of(place.rpartition(".")[2], is_declared=True) not in _SHOWN:
        return None
    return value if not isinstance(value, dict) and 0 < len(str(value)) <= _LONGEST_VALUE else None
