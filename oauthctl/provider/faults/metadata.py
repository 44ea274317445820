"""Faults of the metadata document: it lies, or is none.

Here: discovery of the server. Not here: its keys (`keys`), the metadata of the API (`api`).
"""

from __future__ import annotations

from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import with_document, with_members
from oauthctl.provider.faults.registry import Call, fault


@fault("metadata", rule="metadata-issuer-trailing-slash")
def metadata_issuer_slash(call: Call) -> Answer | None:
    """The metadata's `issuer` ends with a slash that the issuer does not have."""
    return with_document(call, lambda document: {**document, "issuer": f"{document['issuer']}/"})


@fault("metadata", rule="metadata-issuer-differs")
def metadata_issuer_elsewhere(call: Call) -> Answer | None:
    """The metadata's `issuer` is another server."""
    return with_members(call, issuer="https://id.elsewhere.example")
