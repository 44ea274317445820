"""JSON that is not written in plain UTF-8.

Here: the octets of an answer's body. Not here: JSON that is broken otherwise (`token_response`, `metadata`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Severity
from oauthctl.messages.param import Message
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_TRIPPED = re.compile(r"json|\bbom\b|byte order|feff|unexpected (?:token|character)|utf-?8|decod|parse", re.IGNORECASE)


@rule(Section("RFC 8259", "8.1"), severity=Severity.WARNING, explains=("token-answer-unreadable", "metadata-unreadable"))
def json_not_plain_utf_8(seen: Seen[Message], given: Given) -> Iterator[Found]:
    """A JSON answer is not plain UTF-8."""
    said = next((one for one in seen.reply.answer.departures if "8.1" in one), "") if seen.purpose and seen.is_direct else ""
    if not said:
        return
    has_mark = "byte order mark" in said
    what = (
        "begins with a byte order mark (BOM, the octets EF BB BF), which JSON must not: many parsers refuse it at the first character"
        if has_mark
        else "is not UTF-8 (it holds octets that UTF-8 never has, as ISO 8859-1 writes letters with accents): many parsers refuse it"
    )
    todo = "write the answer as UTF-8 without BOM" if has_mark else "encode the answer in UTF-8, whatever encoding its texts are stored in"
    yield Found(
        cause=f"The JSON that came from `{seen.url.partition('?')[0][:200]}` {what}.",
        help=f"On the server, {todo} (an editor that saved a file, a template, a text writer set up with another encoding); in the client, "
        "nothing is to be changed but for tolerance.",
        evidence=(seen.evidence("response.body", "JSON in UTF-8", "a byte order mark" if has_mark else "another encoding"),),
        severity=Severity.ERROR if _TRIPPED.search(given.local_error) else None,
    )
