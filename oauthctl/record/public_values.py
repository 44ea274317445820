"""What a recording shows at a place of its own: values of parameters, ids of keys.

Here: whether a word is such a value. Hidden in a sentence it would still be seen there, and the sentence would lose its sense: `client
0oa1… is not allowed`. Not here: what is a secret (`redact` has replaced those before).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

from oauthctl.record.exchange import Exchange

_VALUE = re.compile(r"[?&#;][^=&#?;\s]{1,80}=([^&#\s]{1,400})")
_KEY_ID = re.compile(rb'"kid"\s{0,9}:\s{0,9}"([^"\\]{1,400})"')


class PublicValues:
    """The values that these exchanges show, gathered when the first is asked for."""

    def __init__(self, exchanges: tuple[Exchange, ...]) -> None:
        self._exchanges = exchanges
        self._known: frozenset[str] | None = None

    def holds(self, word: str) -> bool:
        """Whether the word is the whole of such a value."""
        if self._known is None:
            self._known = frozenset(value for exchange in self._exchanges for value in _values(exchange))
        return word in self._known


def _values(exchange: Exchange) -> Iterator[str]:
    request, response = exchange.request, exchange.response
    body = "" if request.body[:1] in (b"{", b"[") else "&" + request.body.decode("utf-8", "replace")
    for text in (request.url, body, (response.headers.get("location") if response else None) or ""):
        yield from (unquote_plus(value) for value in _VALUE.findall(text))
    if response is not None and b'"kid"' in response.body:
        yield from (name.decode("utf-8", "replace") for name in _KEY_ID.findall(response.body))
