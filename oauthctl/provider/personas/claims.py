"""Tokens in a persona's own shape.

Here: claims, and the text of a token that says nothing. Not here: the answers that carry them (`shaping`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.personas.persona import Shape
from oauthctl.provider.personas.words import filled, public_scopes, words_of
from oauthctl.provider.records import Grant

if TYPE_CHECKING:
    from oauthctl.provider.state import ProviderState


def shaped(shape: Shape, document: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """The document in this shape; its own members are words, too."""
    kept = {name: value for name, value in document.items() if (not shape.only or name in shape.only) and name not in shape.drop}
    told = {name: json.dumps(value) if name in shape.texts and not isinstance(value, str) else value for name, value in kept.items()}
    return {**told, **filled(shape.members, {**words, **document})}


def shaped_claims(
    state: ProviderState, kind: str, claims: Mapping[str, Any], *, grant: Grant, moment: Moment
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The claims of an `access_token` or `id_token`, and what its header says beside algorithm and key."""
    if state.persona is None:
        return dict(claims), {}
    scopes = tuple(str(claims["scope"]).split()) if "scope" in claims else None
    told = {**claims, "scope": " ".join(public_scopes(state, scopes))} if scopes is not None else dict(claims)
    shape = state.persona.shape_of(kind, is_for_app=not grant.username)
    if shape is None:
        return told, {}
    return shaped(shape, told, words_of(state, moment, grant, scopes=scopes)), dict(shape.header)


def token_text(state: ProviderState, moment: Moment) -> str:
    """An opaque access token as this provider writes it."""
    value, persona = moment.token("access token"), state.persona
    if persona is None:
        return value
    return persona.token_prefix + (digest(value)[: persona.token_length - len(persona.token_prefix)] if persona.token_length else value)
