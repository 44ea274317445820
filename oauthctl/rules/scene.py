"""`Scene`: all that the rules may look at, put in order once.

Here: which exchanges belong together, by kind, attempt, token; which failure a later answer made good for. Not here: reading one
exchange as a message (`reading`), judging (the modules of the subjects).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from typing import Any, TypeVar, cast

from oauthctl.http import origin
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.record.exchange import Recording
from oauthctl.record.tokens import HeldToken, tokens_of
from oauthctl.record.transaction import KeySet
from oauthctl.rules.attempts import Attempt, attempts_of
from oauthctl.rules.given import Given
from oauthctl.rules.made_good import Successes
from oauthctl.rules.order import Order
from oauthctl.rules.reading import Reader
from oauthctl.rules.seen import Seen

T = TypeVar("T", bound=Message)
R = TypeVar("R")


@dataclass(frozen=True)
class Scene:
    """The evidence: a redacted recording, facts that were worked out before, what is given, the clock.

    `pasted` are tokens that came without an exchange; `pasted_facts` tell of them, in the same order.
    """

    recording: Recording
    now: datetime
    given: Given = field(default_factory=Given)
    facts: Mapping[int, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    pasted: tuple[HeldToken, ...] = ()
    pasted_facts: tuple[Mapping[str, Any], ...] = ()

    @cached_property
    def seen(self) -> tuple[Seen[Message], ...]:
        """Every exchange through the lens, in order; a redirect to an authorization endpoint counts as its request if that was not seen."""
        return Reader(self.recording, self.facts).seen()

    def each(self, kind: type[T]) -> tuple[Seen[T], ...]:
        """The exchanges whose request is of this kind."""
        known = self._by_kind.get(kind)
        if known is None:
            known = self._by_kind[kind] = tuple(seen for seen in self.seen if seen.as_(kind) is not None)
        return cast("tuple[Seen[T], ...]", known)

    @cached_property
    def _by_kind(self) -> dict[type[Message], tuple[Seen[Message], ...]]:
        return {}

    @cached_property
    def attempts(self) -> tuple[Attempt, ...]:
        """The sign-ins."""
        return attempts_of(self.seen)

    def attempt_of(self, exchange: int | None) -> Attempt | None:
        """The attempt that an exchange belongs to; for others the last one that began before it; the only one for what was pasted."""
        if exchange is None:
            return self.attempts[0] if len(self.attempts) == 1 else None
        if exchange in self._attempt_of_exchange:
            return self._attempt_of_exchange[exchange]
        starts, attempts = self._attempt_starts
        return attempts[at - 1] if (at := bisect_left(starts, exchange)) else None

    @cached_property
    def _attempt_of_exchange(self) -> dict[int, Attempt]:
        return {exchange: attempt for attempt in reversed(self.attempts) for exchange in attempt.ids()}

    @cached_property
    def _attempt_starts(self) -> tuple[list[int], list[Attempt]]:
        """Where attempts begin, in ascending order, and of each the last attempt in the list that begins there or before."""
        known = sorted((min(attempt.ids()), at) for at, attempt in enumerate(self.attempts))
        last = accumulate((at for _, at in known), max)
        return [first for first, _ in known], [self.attempts[at] for at in last]

    def is_in_attempt(self, exchange: int) -> bool:
        """Whether an exchange belongs to a sign-in."""
        return exchange in self._attempt_of_exchange

    def outside(self, kind: type[T]) -> tuple[Seen[T], ...]:
        """The exchanges of this kind that belong to no sign-in."""
        known = self._outside.get(kind)
        if known is None:
            known = self._outside[kind] = tuple(seen for seen in self.each(kind) if not self.is_in_attempt(seen.id))
        return cast("tuple[Seen[T], ...]", known)

    @cached_property
    def _outside(self) -> dict[type[Message], tuple[Seen[Message], ...]]:
        return {}

    @cached_property
    def tokens(self) -> tuple[tuple[HeldToken, Mapping[str, Any]], ...]:
        """All tokens with the facts about them, pasted ones first."""
        found = list(zip(self.pasted, self.pasted_facts or ({},) * len(self.pasted), strict=True))
        for seen in self.seen:
            if seen.is_direct:
                known = seen.facts.get("tokens")
                known = known if isinstance(known, dict) else {}
                found += [(held, known.get(held.place) or {}) for held in tokens_of(seen.exchange, seen.purpose)]
        return tuple(found)

    def tokens_in(self, exchange: int) -> tuple[tuple[HeldToken, Mapping[str, Any]], ...]:
        """The tokens of one exchange with the facts about them."""
        return self._tokens_by_exchange.get(exchange, ())

    @cached_property
    def _tokens_by_exchange(self) -> dict[int | None, tuple[tuple[HeldToken, Mapping[str, Any]], ...]]:
        found: dict[int | None, list[tuple[HeldToken, Mapping[str, Any]]]] = {}
        for one in self.tokens:
            found.setdefault(one[0].exchange, []).append(one)
        return {exchange: tuple(ones) for exchange, ones in found.items()}

    @cached_property
    def metadata(self) -> tuple[tuple[ProviderMetadata, Seen[Message]], ...]:
        """The providers' metadata documents that were read."""
        return tuple((seen.back, seen) for seen in self.seen if isinstance(seen.back, ProviderMetadata) and seen.back.raw("issuer"))

    def metadata_for(self, url: str) -> ProviderMetadata | None:
        """The document that names an endpoint at this URL's origin, or whose issuer is there; the only one there is otherwise."""
        found = self._metadata_at.get(origin(url))
        return found or (self.metadata[0][0] if len(self.metadata) == 1 else None)

    @cached_property
    def _metadata_at(self) -> dict[str, ProviderMetadata]:
        """The first document that names a place there, by origin."""
        return {
            origin(value): document
            for document, _ in reversed(self.metadata)
            for name, value in document.fields
            if name.endswith(("endpoint", "uri", "issuer")) and isinstance(value, str)
        }

    @cached_property
    def key_sets(self) -> tuple[tuple[KeySet, Seen[Message]], ...]:
        """The key sets that were read."""
        return tuple((seen.back, seen) for seen in self.seen if isinstance(seen.back, KeySet))

    def before(self, exchange: int, kind: type[T]) -> tuple[Seen[T], ...]:
        """The exchanges of this kind that began before another one."""
        return tuple(self.order.before(self.each(kind), exchange))

    def after(self, exchange: int, kind: type[T]) -> tuple[Seen[T], ...]:
        """The exchanges of this kind that began after another one."""
        return tuple(self.order.after(self.each(kind), exchange))

    def issued_by(self, token: str, name: str) -> Seen[TokenRequest] | None:
        """The token request whose answer brought this token under this name (`refresh_token`, `access_token`), the last of them."""
        return self._issued.get((name, token)) if token else None

    @cached_property
    def _issued(self) -> dict[tuple[str, str], Seen[TokenRequest]]:
        return {
            (name, value): seen
            for seen in self.each(TokenRequest)
            if isinstance(seen.back, TokenResponse)
            for name, value in seen.back.fields
            if isinstance(value, str)
        }

    def is_made_good(self, seen: Seen[Message]) -> bool:
        """Whether the same request, or the one that it was a try for, was answered well later: its failure needs no explanation."""
        return self._successes.make_good(seen)

    @cached_property
    def _successes(self) -> Successes:
        return Successes.among(self.seen)

    @cached_property
    def failures(self) -> tuple[Seen[Message], ...]:
        """The exchanges that failed and that nothing made good for, in order."""
        return tuple(seen for seen in self.seen if seen.is_direct and seen.reply.failed and seen.purpose and not self.is_made_good(seen))

    @cached_property
    def failed(self) -> frozenset[int]:
        """The numbers of the exchanges that failed and that nothing made good for."""
        return frozenset(seen.id for seen in self.failures)

    def direct(self, exchange: int | None) -> Seen[Message] | None:
        """The exchange with this number; None when there is none."""
        return self.order.recorded.get(exchange)

    @cached_property
    def order(self) -> Order:
        """The exchanges by number, URL and redirect."""
        return Order(self.seen)

    def once(self, work: Callable[[Scene], R]) -> R:
        """What this works out of the scene, worked out once for all that ask."""
        if work not in self._done:
            self._done[work] = work(self)
        return cast("R", self._done[work])

    @cached_property
    def _done(self) -> dict[Callable[[Scene], object], object]:
        return {}
