"""What is hidden in a value that somebody is told to write somewhere: it stands for another text there.

Here: the note on it. Not here: what is hidden (`record.redact`).
"""

from __future__ import annotations

from oauthctl.record.redact import FINGERPRINT


def with_note_on_hidden(advice: str) -> str:
    """The advice; with a note when a value in it is not whole, for nobody may copy it as it is."""
    found = FINGERPRINT.search(advice)
    if found is None:
        return advice
    return f"{advice} A part of it is hidden here: `{found[0]}` stands for what the client really sends, so do not copy that."
