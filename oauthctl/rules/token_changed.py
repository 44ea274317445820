"""An access token that is not sent as it was issued.

Here: what the recording itself shows, the token on both of its ways. Not here: tokens of which one copy alone was seen (`token_form`),
refresh tokens (`refresh_token_sent`), codes (`code`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.rules.presented import lacks_scope
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section

_FOLDED = (
    *("token-opaque", "token-truncated", "token-not-base64url", "signature-invalid", "token-altered", "api-call-refused"),
    *("api-rejects-valid-token", "token-expired", "request-fault-named", "token-with-blanks", "scope-unknown", "token-wrapped"),
)
# These are told in the same words for tokens of which one copy alone is there.
_TOLD_ELSEWHERE = ("wrapped", "placeholder")


def changed_how(way: str, sent: int = 0, issued: int = 0) -> str:
    """What became of a token on its way through the client, as a sentence ends: `it was …`."""
    lengths = f" after {sent} of {issued} characters" if sent and issued else f" after {sent} characters" if sent else ""
    return {
        "encoded": "percent-encoded once more than it was issued (URL-encoded twice)",
        "plus": "sent with a space in the place of a `+` (put into a form without percent-encoding)",
        "decoded": "decoded once too often",
        "cut": f"cut off (truncated){lengths}",
        "front": "cut off at its beginning: the first characters are missing",
        "quotes": "put in quotes, which became part of it",
        "json": "put in a JSON text, of which it is only a part",
        "fragment": "followed by other text (from a `#` on)",
        "more": "followed by other text",
        "before": "preceded by other text",
        "case": "changed to other letters in case",
        "blanks": "changed by blanks or line breaks (white space)",
        "escaped-blanks": "sent with an escaped line break or blank at its start or end (such as `%0A` or `\\n`)",
    }[way]


@rule(Section("RFC 6750", "2.1"), explains=_FOLDED)
def access_token_mangled(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The access token was changed between its arrival and its use."""
    way = seen.facts.get("access_token_changed")
    if not isinstance(way, str) or seen.id not in scene.failed or seen.reply.verdict not in (400, 401, 403, 422) or lacks_scope(seen):
        return
    known = next((facts for held, facts in scene.tokens_in(seen.id) if held.place.startswith("request.headers.Authorization")), {})
    if any(name in known for name in _TOLD_ELSEWHERE):
        return
    first = seen.facts.get("access_token_issued")
    counts = seen.facts.get("access_token_characters")
    sent, issued = (int(counts[0]), int(counts[1])) if isinstance(counts, list) and len(counts) == 2 else (0, 0)
    what = changed_how(way, sent, issued)
    source = scene.direct(first if isinstance(first, int) else None)
    whence = f"issued in exchange {first}" if isinstance(first, int) else "issued"
    yield Found(
        cause=f"The access token that is sent is not as it was {whence}: it was {what} on its way through the client.",
        help="In the client, store and pass on the token untouched: look for quotes (take the parsed string of the JSON), for white space "
        "that a file or `echo` adds, for encoding on the way, and for a column, cookie or variable that is too short.",
        evidence=(
            *((source.evidence("response.body.access_token", got=f"{issued} characters"),) if source is not None and issued else ()),
            seen.evidence("request.headers.Authorization", "the token as it was issued", f"{sent} characters: {what}" if sent else what),
        ),
    )
