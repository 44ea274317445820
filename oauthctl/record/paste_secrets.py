"""The secrets that a pasted text itself gives a name, wherever in it, so that they are known wherever else they stand.

Here: `?client_secret=…` of a URL in a log, `CLIENT_SECRET: …` on a line that tells nothing else. Not here: which parts of the text are
evidence (`pasted`), hiding them (`redact`).
"""

from __future__ import annotations

from oauthctl.record.loose_secrets import rewrite_marked
from oauthctl.record.prose import rewrite_labelled
from oauthctl.record.secret_assignments import rewrite_bare_values
from oauthctl.record.secret_names import is_secret_name
from oauthctl.record.secret_places import rewrite_body
from oauthctl.record.sweep import SHORTEST_SWEPT

_MOST = 1000
# A text is searched at about a second for each million characters.
_LIMIT = 1024 * 1024


def named_secrets(text: str) -> tuple[tuple[str, str], ...]:
    """The secrets and the names that they have in the text, each secret once, so many at most, of the first million characters."""
    found: dict[str, str] = {}

    def met(kind: str, secret: str) -> str:
        if is_secret_name(kind) and len(secret) >= SHORTEST_SWEPT and len(found) < _MOST:
            found.setdefault(secret, kind)
        return secret

    rewrite_marked(rewrite_bare_values(rewrite_labelled(rewrite_body(text[:_LIMIT], "", met), met), met), met)
    return tuple((kind, secret) for secret, kind in found.items())
