"""`Scene`: all that the rules may look at, put in order once.

Here: exchanges read as messages, which of them belong together, which failure a later answer made good for. Not here: judging (the
modules of the subjects).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from typing import Any, TypeVar, cast
from urllib.parse import urljoin

from oauthctl.http import origin, split_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.record import purposes
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.jwt_answer import opened
from oauthctl.record.purposes import asks_to_authorize, fragment_of, posted_fields, query_of
from oauthctl.record.tokens import HeldToken, tokens_of
from oauthctl.record.transaction import KeySet, is_asked_in_form, known_purpose, request_message, response_message
from oauthctl.rules.attempts import Attempt, attempts_of
from oauthctl.rules.given import Given
from oauthctl.rules.made_good import Successes
from oauthctl.rules.order import Order
from oauthctl.rules.reply import Reply
from oauthctl.rules.seen import (
    ApiRequest,
    KeySetRequest,
    MetadataRequest,
    PageRequest,
    Preflight,
    ResourceMetadataRequest,
    Seen,
)

T = TypeVar("T", bound=Message)
R = TypeVar("R")

_REQUESTS: dict[str, type[Message]] = {
    purposes.DISCOVERY: MetadataRequest,
    purposes.RESOURCE_METADATA: ResourceMetadataRequest,
    purposes.JWKS: KeySetRequest,
    purposes.USERINFO: ApiRequest,
    purposes.API: ApiRequest,
}


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
        redirect_uris = self._redirect_uris
        found: list[Seen[Message]] = []
        urls = {exchange.request.url for exchange in self.recording.exchanges}
        for exchange in self.recording.exchanges:
            own = self._with_error_page(self._own(exchange, redirect_uris))
            found.append(own)
            location = exchange.response.headers.get("location") if exchange.response else None
            if location and location not in urls and own.purpose != purposes.AUTHORIZATION:
                query = query_of(location)
                if "client_id" in query and ("response_type" in query or "request_uri" in query or asks_to_authorize(location)):
                    sent = AuthorizationRequest(query.pairs, exchange.id)
                    found.append(replace(own, purpose=purposes.AUTHORIZATION, sent=sent, back=None, place="response.headers.Location"))
        return tuple(found)

    def _with_error_page(self, own: Seen[Message]) -> Seen[Message]:
        """An authorization endpoint that redirects to an error page of its own, such as IdentityServer's, answers with that page."""
        location = own.reply.header("location")
        if own.purpose != purposes.AUTHORIZATION or not location:
            return own
        try:
            target = urljoin(own.url, location).partition("#")[0]
        except ValueError:
            return own
        page = self._by_url.get(target) if origin(target) == origin(own.url) else None
        if page is None or page.id <= own.id:
            return own
        reply = Reply(replace(page, purpose=purposes.AUTHORIZATION), purposes.AUTHORIZATION)
        return replace(own, reply=reply) if reply.is_own_error_page and reply.failed else own

    @cached_property
    def _by_url(self) -> dict[str, Exchange]:
        return {exchange.request.url: exchange for exchange in self.recording.exchanges}

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

    @cached_property
    def _redirect_uris(self) -> frozenset[str]:
        found = set()
        for exchange in self.recording.exchanges:
            location = (exchange.response.headers.get("location") if exchange.response else None) or ""
            for url in (exchange.request.url, location):
                for name in ("redirect_uri", "redirect_to"):
                    if f"{name}=" in url and (redirect_uri := query_of(url).get(name)):
                        found.add(redirect_uri)
        return frozenset(found)

    def _own(self, exchange: Exchange, redirect_uris: frozenset[str]) -> Seen[Message]:
        purpose = known_purpose(exchange)
        # Its refusal is what was hoped for, and its success was told by who tried.
        purpose = "" if purpose == purposes.PROOF else purpose
        is_target = exchange.request.url.partition("#")[0].partition("?")[0] in redirect_uris
        if is_target and purpose in ("", purposes.API):
            purpose = purposes.CALLBACK
        elif purpose == purposes.CALLBACK and self._is_somebody_elses(exchange, redirect_uris):
            purpose = ""
        exchange = replace(exchange, purpose=purpose)
        # Without a purpose it is nobody's message, whatever its parameters are called.
        sent = (request_message(exchange) if purpose else None) or self._kind_of(exchange)
        back = response_message(exchange) if purpose else None
        is_form = exchange.request.method == "POST" and bool(exchange.request.body)
        if purpose == purposes.AUTHORIZATION:
            is_form = is_asked_in_form(exchange.request)
        sent, back = _opened(sent), _opened(back) if back is not None else None
        place = "request.form" if is_form else "request.query"
        return Seen(exchange, purpose, sent, back, Reply(exchange, purpose), place, self.facts.get(exchange.id, {}))

    def _is_somebody_elses(self, exchange: Exchange, redirect_uris: frozenset[str]) -> bool:
        """Whether `code` and `state` mean something else here, as in analytics: it came to no redirect URI's path, with no known state."""
        if not redirect_uris or _path_of(exchange.request.url) in {_path_of(redirect_uri) for redirect_uri in redirect_uris}:
            return False
        places = (query_of(exchange.request.url), fragment_of(exchange.request.url), posted_fields(exchange.request))
        sent = {str(value) for fields in places for name, value in opened(fields) if name == "state"}
        return not sent & self._states

    @cached_property
    def _states(self) -> frozenset[str]:
        found: set[str] = set()
        for exchange in self.recording.exchanges:
            location = (exchange.response.headers.get("location") if exchange.response else None) or ""
            for url in (exchange.request.url, location):
                query = query_of(url) if "state=" in url else None
                if query is not None and "client_id" in query:
                    found.update(query.all("state"))
            if exchange.request.method == "POST" and b"state=" in exchange.request.body[:65536]:
                found.update(exchange.request.form.all("state") if "client_id" in exchange.request.form else ())
        return frozenset(found)

    @staticmethod
    def _kind_of(exchange: Exchange) -> Message:
        if exchange.request.method == "OPTIONS":
            return Preflight(exchange=exchange.id)
        kind = _REQUESTS.get(exchange.purpose, PageRequest)
        if kind is ApiRequest:
            scheme, _, token = (exchange.request.headers.get("authorization") or "").strip().partition(" ")
            return ApiRequest((("scheme", scheme), ("token", token.strip())) if scheme else (), exchange.id)
        return kind(exchange=exchange.id)


def _opened(message: Message) -> Message:
    """An authorization response with what its JWT holds."""
    return replace(message, fields=opened(message.fields)) if isinstance(message, AuthorizationResponse) else message


def _path_of(url: str) -> str:
    """The path, so far as redirect URIs are told apart by it: without case and slash at the end."""
    return split_url(url).path.rstrip("/").casefold()
