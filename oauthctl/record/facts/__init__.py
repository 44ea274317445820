"""Facts that need the secrets: worked out before redaction takes them away, and kept in the HAR.

Here: comparisons and lengths, never a secret itself; one module per subject. Not here: judging them (`rules`).
"""

from __future__ import annotations

from collections.abc import Mapping

from oauthctl.record.exchange import Recording
from oauthctl.record.facts.answer import answer_facts
from oauthctl.record.facts.client import client_facts
from oauthctl.record.facts.copies import copy_facts
from oauthctl.record.facts.flow import flow_facts
from oauthctl.record.facts.token import KeyFinder, no_keys, token_facts
from oauthctl.record.facts.written import written_facts

__all__ = ["facts"]

_NOTHING: Mapping[str, object] = {}


def facts(recording: Recording, *, given: Mapping[str, object] = _NOTHING, keys: KeyFinder = no_keys) -> dict[int, dict[str, object]]:
    """By the exchange's id: what the modules of this package tell of it.

    `given` is what is known of the client beyond the recording, `keys` finds the keys that a token must be signed with.
    """
    found: dict[int, dict[str, object]] = {}
    subjects = (
        flow_facts(recording),
        client_facts(recording, given),
        token_facts(recording, keys, given),
        answer_facts(recording),
        written_facts(recording),
        copy_facts(recording),
    )
    for told in subjects:
        for exchange, values in told.items():
            found.setdefault(exchange, {}).update(values)
    return found
