"""Scopes that were asked for, held against those that were granted.

Here: sentences on the difference. Not here: whether an API takes a token of them (`rules`).
"""

from __future__ import annotations

from oauthctl.flows.token_endpoint import bounded
from oauthctl.messages.scope_names import bare_name
from oauthctl.messages.token import TokenResponse

_SCOPES_NAMED = 40


def scope_remarks(asked: tuple[str, ...], response: TokenResponse, *, tells_lacking: bool = True) -> tuple[str, ...]:
    """Sentences on what was asked for and not granted, and the other way round; none where the server says nothing of scopes."""
    given = response.scope
    if given is None:
        return ()
    # GitHub joins with commas what was asked for with spaces, Slack wants commas in the request, too.
    names, wanted = (tuple(dict.fromkeys(name for word in words for name in word.split(",") if name)) for words in (given, asked))
    lacking = _beyond(wanted, names) if tells_lacking else []
    more = _beyond(names, wanted) if asked else []
    said = (("asked for and not granted", lacking), ("granted and not asked for", more))
    return tuple(f"{what}: {', '.join(f'`{bounded(name, 60)}`' for name in some[:_SCOPES_NAMED])}" for what, some in said if some)


def _beyond(names: tuple[str, ...], others: tuple[str, ...]) -> list[str]:
    """Those of the names that the others lack in every spelling: Google tells `email` as a URL."""
    known = {bare_name(name) for name in others}
    return [name for name in names if bare_name(name) not in known]
