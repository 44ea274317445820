"""Providers that judge a program by its `User-Agent`.

Here: calls that are refused for it. Not here: web views of a person's browser (`authorization_person`), firewalls (`firewall`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.param import Message
from oauthctl.record.transaction import describe
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_SAYS = re.compile(
    r"(?:set|send|provide|include|specify|have|need|requires?|missing|invalid|bad|no|unique|descriptive|default|generic|empty|blocked|banned)"
    r"\b[^.]{0,40}\buser[- ]?agent\b"
    r"|\buser[- ]?agent\b[^.]{0,40}(?:missing|required|invalid|not (?:set|allowed|permitted|provided)|must|blocked|banned|empty|denied)",
    re.IGNORECASE,
)
# What HTTP libraries send of themselves.
_DEFAULT = re.compile(
    r"^(?:python-(?:requests|urllib3|httpx)|aiohttp|httpx|curl|wget|go-http-client|okhttp|java|apache-httpclient|axios|node(?:-fetch)?"
    r"|got|undici|ruby|faraday|guzzlehttp|libwww-perl|postmanruntime|restsharp|dart|dio|python/)\b",
    re.IGNORECASE,
)
# Who throttles such clients at once. Source: https://github.com/reddit-archive/reddit/wiki/API, https://musicbrainz.org/doc/MusicBrainz_API.
_STRICT = ("reddit.com", "musicbrainz.org", "discogs.com", "wikimedia.org", "wikipedia.org")
_STATUSES = (400, 403, 412, 429)


@rule(
    Section("RFC 9110", "10.1.5"),
    explains=("rate-limited", "request-throttled-by-provider", "token-request-refused", "api-call-refused", "token-answer-is-html"),
)
def user_agent_refused(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The server refuses the client for its User-Agent."""
    headers = seen.exchange.request.headers.pairs
    if seen.reply.status not in _STATUSES or seen.id not in scene.failed or not headers:
        return
    agent = seen.request_header("user-agent").strip()
    is_plain = not agent or _DEFAULT.match(agent) is not None
    said = _SAYS.search(seen.reply.words[:4000])
    host = host_of(seen.url)
    is_strict = seen.reply.status in (403, 429) and any(host == one or host.endswith(f".{one}") for one in _STRICT)
    if not is_plain or not (said or (is_strict and not _was_busy(seen, scene))):
        return
    sends = f"the HTTP library's default `User-Agent`, `{agent[:80]}`" if agent else "no `User-Agent` header"
    yield Found(
        cause=f"The {describe(seen.exchange)} is refused with {seen.reply.status} for who sends it: the client sends {sends}, and `{host}` "
        "wants one that names the application.",
        help="In the client, set a unique, descriptive `User-Agent` of its own for all requests to this provider, the token request among "
        "them, such as `myapp/1.2 (by /u/somebody)` or with an address to write to.",
        evidence=(
            seen.evidence("request.headers.User-Agent", "one that names the application", agent[:200] or "missing"),
            seen.evidence("response", got=said[0][:200] if said else str(seen.reply.status)),
        ),
        certainty=Certainty.LIKELY,
    )


def _was_busy(seen: Seen[Message], scene: Scene) -> bool:
    """Whether so many requests went to the host before that a limit may be meant."""
    return sum(1 for one in scene.seen if one.is_direct and one.id < seen.id and host_of(one.url) == host_of(seen.url)) > 10
