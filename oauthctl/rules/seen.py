"""`Seen`: one exchange as the rules see it, and the kinds of request that no message of the protocol stands for.

Here: the lens. Not here: how exchanges belong together (`scene`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar, cast

from oauthctl.findings import Evidence
from oauthctl.messages.param import Message
from oauthctl.record.exchange import Exchange
from oauthctl.rules.reply import Reply

M_co = TypeVar("M_co", bound=Message, covariant=True)
T = TypeVar("T", bound=Message)


class MetadataRequest(Message):
    """A request for the provider's metadata. Source: RFC 8414 section 3.1."""

    title: ClassVar[str] = "metadata request"


class ResourceMetadataRequest(Message):
    """A request for an API's metadata. Source: RFC 9728 section 3.1."""

    title: ClassVar[str] = "resource metadata request"


class KeySetRequest(Message):
    """A request for the provider's keys."""

    title: ClassVar[str] = "key set request"


class ApiRequest(Message):
    """A request to an API, userinfo among them: `scheme` and `token` of its `Authorization`, where it has one.

    Source: RFC 6750 section 2.
    """

    title: ClassVar[str] = "API call"


class Preflight(Message):
    """A browser's question whether a script may send a request elsewhere. Source: Fetch Standard, CORS protocol."""

    title: ClassVar[str] = "preflight"


class PageRequest(Message):
    """Any other request, such as for a page of the application."""

    title: ClassVar[str] = "request"


@dataclass(frozen=True)
class Seen(Generic[M_co]):
    """One exchange: `sent` is its request as a message, `back` its answer as one, `reply` what came back in general.

    `place` is where the message stands: `request.query`, `request.form`, or `response.headers.Location` for an authorization request that
    was only seen in the redirect that leads to it (then `reply` tells nothing of it). `facts` are what was worked out before redaction.
    """

    exchange: Exchange
    purpose: str
    sent: M_co
    back: Message | None
    reply: Reply
    place: str
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> int:
        """The exchange's number."""
        return self.exchange.id

    @property
    def url(self) -> str:
        """The request's URL as it was written."""
        return self.exchange.request.url

    @property
    def is_direct(self) -> bool:
        """Whether the message's own exchange was recorded, and not just a redirect to it."""
        return not self.place.startswith("response.")

    def request_header(self, name: str) -> str:
        """A request header; empty when it is missing."""
        return self.exchange.request.headers.get(name) or ""

    def evidence(self, place: str, expected: str = "", got: str = "") -> Evidence:
        """Evidence in this exchange. A place that begins with a dot is a parameter of the message: `.state`."""
        return Evidence(self.id, f"{self.place}{place}" if place.startswith(".") else place, expected, got)

    def as_(self, kind: type[T]) -> Seen[T] | None:
        """The same, known to carry this message; None when it carries another."""
        return cast("Seen[T]", self) if isinstance(self.sent, kind) else None
