"""To which sign-in an exchange belongs that is none of its messages: pages, forms, metadata, calls.

Here: the evidence, the strongest first: a token that a sign-in brought, where a redirect leads, a sign-in's own values, the whole address
in `Referer`, the browser's page, and at last the time. Not here: the messages of a sign-in (`rules.attempts`), headings (`chapters`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urldefrag, urljoin

from oauthctl.record import purposes
from oauthctl.record.exchange import Exchange
from oauthctl.record.purposes import query_of
from oauthctl.record.tokens import tokens_of
from oauthctl.rules.attempts import Attempt
from oauthctl.rules.scene import Scene

_LEADING_IN = ("", purposes.DISCOVERY, purposes.RESOURCE_METADATA, purposes.PUSHED_AUTHORIZATION, purposes.REQUEST_OBJECT, purposes.JWKS)
_OWN = ("state", "nonce", "code", "request_uri", "login_challenge", "consent_challenge")
_SHORTEST = 8


def owners_of(scene: Scene) -> dict[int, int]:
    """By id the number of the sign-in that an exchange belongs to; those that belong to none are left out."""
    exchanges = tuple(seen.exchange for seen in scene.seen if seen.is_direct)
    owners = {exchange: number for number, attempt in reversed([*enumerate(scene.attempts, 1)]) for exchange in attempt.ids()}
    spans = {number: (min(attempt.ids()), max(attempt.ids())) for number, attempt in enumerate(scene.attempts, 1)}
    own = _own_values(scene.attempts)
    links = _redirects(exchanges)
    _by_links(owners, links)
    by_address: dict[str, int] = {}
    brought: dict[str, int] = {}
    for exchange in exchanges:
        if exchange.id not in owners:
            found = _by_token(exchange, brought) or _by_value(exchange, own) or _by_referer(exchange, by_address)
            if found is not None:
                owners[exchange.id] = found
        if (owner := owners.get(exchange.id)) is not None:
            by_address[_address(exchange.request.url)] = owner
            held = tokens_of(exchange, exchange.purpose)
            brought |= {one.token.compact: owner for one in held if one.place.startswith("response")}
    _by_links(owners, links)
    _by_page_or_time(owners, exchanges, spans)
    return owners


def _own_values(attempts: tuple[Attempt, ...]) -> dict[str, int | None]:
    """What a sign-in alone has: its `state` and the like; None for a value that several have."""
    found: dict[str, int | None] = {}
    for number, attempt in enumerate(attempts, 1):
        messages = (attempt.asked, attempt.referred, attempt.returned)
        for value in (one.sent.raw(name) for one in messages if one is not None for name in _OWN):
            if isinstance(value, str) and len(value) >= _SHORTEST:
                found[value] = number if found.get(value, number) == number else None
    return found


def _redirects(exchanges: tuple[Exchange, ...]) -> list[tuple[int, int]]:
    """Exchanges whose redirect leads to a later one, the next that asks for that address."""
    waiting: dict[str, int] = {}
    found: list[tuple[int, int]] = []
    for exchange in exchanges:
        if (before := waiting.pop(_address(exchange.request.url), None)) is not None:
            found.append((before, exchange.id))
        location = exchange.response.headers.get("location") if exchange.response is not None else None
        if location:
            waiting[_address(_joined(exchange.request.url, location))] = exchange.id
    return found


def _by_links(owners: dict[int, int], links: list[tuple[int, int]]) -> None:
    """What leads to a sign-in's message belongs to it, and what that leads to."""
    for before, after in reversed(links):
        if after in owners:
            owners.setdefault(before, owners[after])
    for before, after in links:
        if before in owners:
            owners.setdefault(after, owners[before])


def _by_token(exchange: Exchange, brought: Mapping[str, int]) -> int | None:
    held = tokens_of(exchange, exchange.purpose)
    presented = (brought.get(one.token.compact) for one in held if one.place.startswith("request"))
    return next((number for number in presented if number is not None), None)


def _by_value(exchange: Exchange, own: Mapping[str, int | None]) -> int | None:
    sent = (value for name, value in query_of(exchange.request.url).pairs if name in _OWN)
    return next((number for value in sent if (number := own.get(value)) is not None), None)


def _by_referer(exchange: Exchange, by_address: Mapping[str, int]) -> int | None:
    referer = exchange.request.headers.get("referer") or ""
    # The bare origin is all that most pages tell, and says nothing.
    return by_address.get(_address(referer)) if "?" in referer or referer.rstrip("/").count("/") > 2 else None


def _by_page_or_time(owners: dict[int, int], exchanges: tuple[Exchange, ...], spans: Mapping[int, tuple[int, int]]) -> None:
    """What nothing else tells of: the sign-in of the same page, else the only one that was under way."""
    pages: dict[int, list[int]] = {}
    for exchange in exchanges:
        if exchange.page and exchange.id in owners and owners[exchange.id] not in pages.setdefault(exchange.page, []):
            pages[exchange.page].append(owners[exchange.id])
    following = _following(owners, exchanges)
    for exchange in exchanges:
        if exchange.id in owners:
            continue
        found = _on_page(exchange.id, pages.get(exchange.page, []), spans) if exchange.page else _under_way(exchange, spans, following)
        if found is not None:
            owners[exchange.id] = found


def _on_page(number: int, candidates: list[int], spans: Mapping[int, tuple[int, int]]) -> int | None:
    """The sign-in of this page that was under way, else the next that begins there, else the last."""
    around = [one for one in candidates if spans[one][0] < number < spans[one][1]]
    later = [one for one in candidates if spans[one][0] > number]
    return next(iter(around or later or candidates[-1:]), None)


def _under_way(exchange: Exchange, spans: Mapping[int, tuple[int, int]], following: Mapping[int, int]) -> int | None:
    around = [number for number, (first, last) in spans.items() if first < exchange.id < last]
    if len(around) != 1:
        return None
    # What leads in to the next sign-in comes right before it.
    leads_to = following.get(exchange.id)
    return leads_to if leads_to is not None and exchange.purpose in _LEADING_IN else around[0]


def _following(owners: Mapping[int, int], exchanges: Iterable[Exchange]) -> dict[int, int]:
    """Of exchanges without an owner the sign-in that begins with the next one that has an owner."""
    found: dict[int, int] = {}
    begun: set[int] = set()
    waiting: list[int] = []
    for exchange in exchanges:
        owner = owners.get(exchange.id)
        if owner is None:
            waiting.append(exchange.id)
            continue
        if owner not in begun:
            found |= dict.fromkeys(waiting, owner)
        begun.add(owner)
        waiting = []
    return found


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError:
        return location


def _address(url: str) -> str:
    try:
        return urldefrag(url).url
    except ValueError:
        return url
