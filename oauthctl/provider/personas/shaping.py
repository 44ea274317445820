"""Answers of the standard in a persona's own shape.

Here: applying what the table says of them. Not here: the table, errors' words (`refusing`), tokens (`claims`), behaviours that need more
than data (`answers`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oauthctl.http import JSON, Params, Request, Response
from oauthctl.provider.faults.way_back import way_back
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.personas.claims import shaped
from oauthctl.provider.personas.persona import Shape
from oauthctl.provider.personas.quirk import PAGES
from oauthctl.provider.personas.refusing import Failure, refused_answer, refused_params
from oauthctl.provider.personas.words import words_of
from oauthctl.provider.records import Grant

if TYPE_CHECKING:
    from oauthctl.provider.state import ProviderState

_AS_IT_IS = Shape()
_CALLBACK = Shape(drop=("iss",))
"""RFC 9207 is young: few name themselves in the authorization response."""


def reshaped(state: ProviderState, request: Request, response: Response, *, place: str, moment: Moment) -> Response:
    """An endpoint's answer in the persona's shape: a success by the shape of that name, an error by its refusals."""
    persona = state.persona
    if persona is None or persona.endpoints is None:
        return response
    if place == "authorize":
        return _way_back(state, request, response, moment=moment)
    document = _object(response)
    if document is None:
        return response
    # The standard's error is a text; the object of that name in a provider's own page may say that all is well.
    if response.status >= 400 or isinstance(document.get("error"), str):
        error, description = str(document.get("error") or "no_token"), str(document.get("error_description") or "")
        return refused_answer(Failure(state, request, moment, error, description), response, place=place)
    if place == PAGES:
        # Its members are the provider's own already, though some have the standard's names.
        return response
    scopes = tuple(str(document["scope"]).split()) if "scope" in document else None
    grant = _grant_of(state, request, document)
    words = words_of(state, moment, grant, scopes=scopes)
    if scopes is not None:
        document["scope"] = words["scope"]
    if "expires_in" in document:
        words["expires_at"] = int(moment.seconds) + int(document["expires_in"])
    shape = persona.shape_of(place, is_for_app=grant is not None and not grant.username)
    return replace(response, body=_json(shaped(shape or _AS_IT_IS, document, words)))


def _way_back(state: ProviderState, request: Request, response: Response, *, moment: Moment) -> Response:
    found, persona = way_back(state, response), state.persona
    if found is None or persona is None:
        return response
    params = dict(found.params)
    if "error" in params:
        failure = Failure(state, request, moment, params["error"], params.get("error_description", ""))
        # An error has those members that a success has beside the code, but for what is set there.
        params = shaped(Shape(drop=persona.shapes.get("callback", _CALLBACK).drop), refused_params(failure, params), {})
    else:
        code = state.codes.get(digest(params.get("code", "")))
        grant = state.grants.get(code.grant_id) if code is not None else None
        params = shaped(persona.shapes.get("callback", _CALLBACK), params, words_of(state, moment, grant))
    return found.carrying(Params(tuple((name, str(value)) for name, value in params.items())))


def _grant_of(state: ProviderState, request: Request, document: Mapping[str, Any]) -> Grant | None:
    """What the token stands for that the answer brings, or that the request came with."""
    shown = (request.headers.get("authorization") or "").partition(" ")[2].strip()
    item = state.access_tokens.get(digest(str(document.get("access_token") or shown)))
    return state.grants.get(item.grant_id) if item is not None else None


def _object(response: Response) -> dict[str, Any] | None:
    if response.content_type != JSON:
        return None
    value = json.loads(response.body)
    return value if isinstance(value, dict) else None


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()
