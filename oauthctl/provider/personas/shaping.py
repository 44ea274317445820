"""Answers and errors of the standard in a persona's own shape.

Here: applying what the table says of them. Not here: the table, tokens (`claims`), behaviours that need more than data (`answers`).
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
from oauthctl.provider.personas.persona import Refusal, Shape
from oauthctl.provider.personas.words import filled, words_of
from oauthctl.provider.records import Grant

if TYPE_CHECKING:
    from oauthctl.provider.personas.persona import Persona
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
        return _way_back(state, persona, response, moment)
    document = _object(response)
    if document is None:
        return response
    if response.status >= 400 or "error" in document:
        return _refused(state, persona, response, document, place=place, moment=moment)
    scopes = tuple(str(document["scope"]).split()) if "scope" in document else None
    words = words_of(state, moment, _grant_of(state, request, document), scopes=scopes)
    if scopes is not None:
        document["scope"] = words["scope"]
    if "expires_in" in document:
        words["expires_at"] = int(moment.seconds) + int(document["expires_in"])
    return replace(response, body=_json(shaped(persona.shapes.get(place, _AS_IT_IS), document, words)))


def _way_back(state: ProviderState, persona: Persona, response: Response, moment: Moment) -> Response:
    found = way_back(state, response)
    if found is None:
        return response
    params = dict(found.params)
    if "error" in params:
        refusal = _refusal(persona, "authorize", params["error"], params.get("error_description", ""))
        words = {**words_of(state, moment), "error": params["error"], "description": params.get("error_description", "")}
        said = filled(refusal.body, words) if refusal is not None else {name: params[name] for name in params if name.startswith("error")}
        kept = {name: value for name, value in params.items() if not name.startswith("error")}
        params = shaped(_CALLBACK, {**said, **kept}, {})
    else:
        code = state.codes.get(digest(params.get("code", "")))
        grant = state.grants.get(code.grant_id) if code is not None else None
        params = shaped(persona.shapes.get("callback", _CALLBACK), params, words_of(state, moment, grant))
    return found.carrying(Params(tuple((name, str(value)) for name, value in params.items())))


def _refused(
    state: ProviderState, persona: Persona, response: Response, document: Mapping[str, Any], *, place: str, moment: Moment
) -> Response:
    error, description = str(document.get("error") or "no_token"), str(document.get("error_description") or "")
    refusal = _refusal(persona, place, error, description)
    if refusal is None:
        return response
    status = refusal.status or response.status
    headers = response.headers if status == 401 else response.headers.without("WWW-Authenticate")
    words = {**words_of(state, moment), "error": error, "description": description}
    said = filled({**refusal.body, **persona.always_refused}, words)
    return Response(status, headers.with_("Content-Type", JSON), _json(said))


def _refusal(persona: Persona, place: str, error: str, description: str) -> Refusal | None:
    """The first that fits."""
    fits = (one for one in persona.refusals if one.at == place and one.when in ("", error) and one.about in description)
    return next(fits, None)


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
