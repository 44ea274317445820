"""Failures that a later answer made good for: they need no explanation.

Here: an index of what succeeded, so that each failure is looked up once. Not here: what a failure is (`reply`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from urllib.parse import urljoin

from oauthctl.http import origin, split_url
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest
from oauthctl.record import purposes
from oauthctl.rules.seen import Seen

_FETCHES = (purposes.DISCOVERY, purposes.RESOURCE_METADATA, purposes.JWKS)
_GRANTS = ("grant_type", "code", "refresh_token", "device_code", "assertion")


@dataclass(frozen=True, slots=True)
class Successes:
    """By what a request was a try for: the number of the last exchange that was answered well."""

    last: dict[Hashable, int]

    @classmethod
    def among(cls, exchanges: Iterable[Seen[Message]]) -> Successes:
        """What succeeded in a recording."""
        return cls({_try(seen): seen.id for seen in exchanges if seen.is_direct and not seen.reply.failed})

    def make_good(self, failed: Seen[Message]) -> bool:
        """Whether one of them makes good for a failure.

        A challenge is made good by an authorized call to the same place; so is a metadata URL by another that answered, be it before; a
        redirect by the place that it leads to, as from http to https. A refused sign-in stays one.
        """
        if failed.purpose in (purposes.AUTHORIZATION, purposes.CALLBACK):
            return False
        target = _target(failed)
        if target and self.last.get((failed.purpose, origin(target)), 0) > failed.id:
            return True
        last = self.last.get(_try(failed))
        return last is not None and (last > failed.id or failed.purpose in _FETCHES)


def _target(seen: Seen[Message]) -> str:
    """Where a redirect leads that answers a fetch; empty when none does."""
    location = seen.reply.header("location")
    if seen.purpose not in _FETCHES or seen.reply.status // 100 != 3 or not location:
        return ""
    try:
        return urljoin(seen.url, location)
    except ValueError:
        return ""


def _try(seen: Seen[Message]) -> Hashable:
    """What a request tries to get: equal for a request and the one that tries again."""
    if seen.purpose in _FETCHES:
        return (seen.purpose, origin(seen.url))
    if isinstance(seen.sent, TokenRequest):
        return (seen.purpose, *(str(seen.sent.raw(name)) for name in _GRANTS))
    return (seen.purpose, seen.exchange.request.method, origin(seen.url), split_url(seen.url).path)
