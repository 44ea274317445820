"""Each exchange of a recording as the message that it is.

Here: what an exchange is for in the light of the others (redirect URIs, states), and a redirect that stands for the request it leads to.
Not here: which exchanges belong together (`attempts`, `scene`), what one exchange is by itself (`record.transaction`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from oauthctl.http import origin, split_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.jwt_answer import opened
from oauthctl.record.purposes import asks_to_authorize, fragment_of, posted_fields, query_of
from oauthctl.record.transaction import is_asked_in_form, known_purpose, request_message, response_message
from oauthctl.rules.reply import Reply
from oauthctl.rules.seen import ApiRequest, KeySetRequest, MetadataRequest, PageRequest, Preflight, ResourceMetadataRequest, Seen

_REQUESTS: dict[str, type[Message]] = {
    purposes.DISCOVERY: MetadataRequest,
    purposes.RESOURCE_METADATA: ResourceMetadataRequest,
    purposes.JWKS: KeySetRequest,
    purposes.USERINFO: ApiRequest,
    purposes.API: ApiRequest,
    purposes.CLIENT_CONFIGURATION: ApiRequest,
}


@dataclass(frozen=True)
class Reader:
    """A redacted recording, and what was worked out of it before."""

    recording: Recording
    facts: Mapping[int, Mapping[str, Any]] = field(default_factory=dict, repr=False)

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
