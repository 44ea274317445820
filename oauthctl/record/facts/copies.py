"""Whether an access token is sent as it was issued.

Here: comparing what is shown to an API with what the token endpoint, or the browser, brought. Not here: refresh tokens and codes
(`facts.flow`), the form of a single token (`facts.token`).
"""

from __future__ import annotations

from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.facts.challenge import change
from oauthctl.record.facts.masked import is_masked
from oauthctl.record.purposes import query_of
from oauthctl.record.tokens import Role, tokens_of
from oauthctl.record.transaction import known_purpose

_MOST = 200
# Of shorter ones the beginning of one may be another one by chance.
_SHORTEST = 12
_SCHEMES = ("bearer", "dpop", "token")


def copy_facts(recording: Recording) -> dict[int, dict[str, object]]:
    """By the exchange's id: `access_token_changed` (in which way the token that it sends differs from one that was issued before),
    `access_token_issued` (in which exchange that was), `access_token_characters` (how many it has and had).
    """
    found: dict[int, dict[str, object]] = {}
    issued: dict[str, int] = {}
    for exchange in recording.exchanges:
        sent = _sent(exchange)
        if len(sent) >= _SHORTEST and sent not in issued and not is_masked(sent) and len(issued) <= _MOST:
            for one, number in reversed(issued.items()):
                if way := change(sent, (one,)):
                    found[exchange.id] = {
                        "access_token_changed": way,
                        "access_token_issued": number,
                        "access_token_characters": [len(sent), len(one)],
                    }
                    break
        for held in tokens_of(exchange, known_purpose(exchange)):
            is_issued = held.place.startswith(("response.", "request.fragment"))
            if is_issued and held.role is Role.ACCESS_TOKEN and not is_masked(held.token.compact):
                issued[held.token.compact] = exchange.id
    return found


def _sent(exchange: Exchange) -> str:
    """The token that a request shows, with whatever stands around it."""
    scheme, blank, credentials = (exchange.request.headers.get("authorization") or "").partition(" ")
    if blank and scheme.lower() in _SCHEMES:
        return credentials
    return query_of(exchange.request.url).get("access_token") or ""
