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
from oauthctl.rules.seen import ApiRequest, Seen

_FETCHES = (purposes.DISCOVERY, purposes.RESOURCE_METADATA, purposes.JWKS)
_WELL_KNOWN = "/.well-known/oauth-protected-resource"
_GRANTS = ("grant_type", "code", "refresh_token", "device_code", "assertion")


@dataclass(frozen=True, slots=True)
class Successes:
    """By what a request was a try for: the number of the last exchange that was answered well; and the last that brought tokens."""

    last: dict[Hashable, int]
    signed_in: int = 0
    authorized: tuple[Seen[Message], ...] = ()

    @classmethod
    def among(cls, exchanges: Iterable[Seen[Message]]) -> Successes:
        """What succeeded in a recording."""
        good = tuple(seen for seen in exchanges if seen.is_direct and not seen.reply.failed)
        signed_in = max((seen.id for seen in good if isinstance(seen.sent, TokenRequest)), default=0)
        authorized = tuple(seen for seen in good if isinstance(seen.sent, ApiRequest) and seen.request_header("authorization"))
        return cls({_try(seen): seen.id for seen in good}, signed_in, authorized)

    def make_good(self, failed: Seen[Message]) -> bool:
        """Whether one of them makes good for a failure.

        A challenge is made good by an authorized call to the same place; so is a metadata URL by another that answered, be it before; a
        redirect by the place that it leads to, as from http to https. A challenge that says how to begin is made good by the sign-in that
        it led to, or a call to the same resource, whatever its method. A refused sign-in stays one.
        """
        if failed.purpose in (purposes.AUTHORIZATION, purposes.CALLBACK):
            return False
        target = _target(failed)
        if target and self.last.get((failed.purpose, origin(target)), 0) > failed.id:
            return True
        if is_first_contact(failed) and self._answer(failed):
            return True
        last = self.last.get(_try(failed))
        return last is not None and (last > failed.id or failed.purpose in _FETCHES)

    def _answer(self, challenged: Seen[Message]) -> bool:
        """Whether tokens came after a first challenge, or a call with one to the resource that it speaks of."""
        called = any(one.id > challenged.id and _is_of_resource(one, challenged) for one in self.authorized)
        return called or self.signed_in > challenged.id


def is_first_contact(seen: Seen[Message]) -> bool:
    """Whether an API only says where a client may get a token: so it answers everybody's first call. Source: RFC 9728 section 5."""
    challenge = seen.reply.challenge
    is_bare = seen.reply.status == 401 and not seen.request_header("authorization")
    return is_bare and challenge is not None and bool(challenge.get("resource_metadata"))


def _is_of_resource(seen: Seen[Message], challenged: Seen[Message]) -> bool:
    """Whether a call is for the resource whose metadata the challenge names. Source: RFC 9728 section 3.1."""
    challenge = challenged.reply.challenge
    named = split_url(challenge.get("resource_metadata") if challenge else "").path
    path = named.partition(_WELL_KNOWN)[2].rstrip("/")
    return origin(seen.url) == origin(challenged.url) and f"{split_url(seen.url).path}/".startswith(f"{path}/")


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
