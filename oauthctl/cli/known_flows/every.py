"""Every flow that is explained, and finding one by its name.

Here: the list. Not here: the flows (`sign_ins`, `proofs`, `front_channel`, `grants`, `services`).
"""

from __future__ import annotations

from oauthctl.cli.known_flows.flow import KnownFlow
from oauthctl.cli.known_flows.front_channel import FRONT_CHANNEL
from oauthctl.cli.known_flows.grants import GRANTS
from oauthctl.cli.known_flows.proofs import PROOFS
from oauthctl.cli.known_flows.services import SERVICES
from oauthctl.cli.known_flows.sign_ins import SIGN_INS
from oauthctl.messages.word import Word

FLOWS = (*SIGN_INS, *PROOFS, *FRONT_CHANNEL, *GRANTS, *SERVICES)

_BASE = ("RFC 6749", "OIDC Core")


def flow_named(text: str) -> KnownFlow | None:
    """The flow of this name; upper and lower case, spaces and `_` don't matter."""
    wanted = "-".join(text.lower().replace("_", " ").replace("-", " ").split())
    return next((flow for flow in FLOWS if wanted in (flow.name, *flow.aliases)), None)


def flow_about(text: str, words: tuple[Word, ...] = ()) -> KnownFlow | None:
    """The flow that shows what this is about: `par`, `form_post`, or one of these words, as a standard by one of its other names."""
    names = (text, *(name for word in words for name in (word.word, *word.aliases)))
    return next((flow for name in names if (flow := flow_named(f"{name} flow") or flow_named(name)) is not None), None)


def siblings(flow: KnownFlow) -> tuple[KnownFlow, ...]:
    """Other features of the same document, unless it is one of those that everything is in."""
    document = flow.section.document
    return () if document in _BASE else tuple(one for one in FLOWS if one is not flow and one.section.document == document)
