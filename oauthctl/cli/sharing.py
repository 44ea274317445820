"""Material as a HAR document that is safe to share: its facts are worked out, then its secrets go.

Here: the order of these two. Not here: hiding secrets (`record.redact`) and claims (`record.redact_claims`), the codec (`record.har`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oauthctl.record.material import Material


def shared_har(material: Material, *, show_secrets: bool = False, drop_claims: bool = False, only: int = 0) -> dict[str, Any]:
    """The HAR document; `only` leaves one exchange in it. What oauthctl recorded lost its secrets before, and keeps its facts."""
    from secrets import token_bytes

    from oauthctl.record.facts import facts
    from oauthctl.record.har import to_har
    from oauthctl.record.redact import redact
    from oauthctl.rules.evidence import key_finder

    recording = material.recording
    # Facts that were worked out while the secrets were there are better than those of their fingerprints.
    known = material.facts or facts(recording, keys=key_finder(recording, ()))
    shared = recording if show_secrets else redact(recording, salt=token_bytes(32))
    if drop_claims:
        from oauthctl.record.redact_claims import without_claims

        shared = without_claims(shared, salt=token_bytes(32))
    if only:
        shared = replace(shared, exchanges=tuple(one for one in shared.exchanges if one.id == only))
    return to_har(shared, facts=known)
