"""Answers and errors of the standard in a persona's own shape.

Here: applying what the table says of them. Not here: the table, tokens (`claims`), behaviours that need more than data (`answers`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oauthctl.http import JSON, Params, Request, Response
from oauthctl.provider.answers import claimed_client
from oauthctl.provider.faults.way_back import way_back
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.personas.claims import shaped
from oauthctl.provider.personas.persona import Refusal, Shape
from oauthctl.provider.personas.quirk import PAGES
from oauthctl.provider.personas.words import filled, words_of
from oauthctl.provider.records import Grant

if TYPE_CHECKING:
    from oauthctl.provider.personas.persona import Persona
    from oauthctl.provider.state import ProviderState

_AS_IT_IS = Shape()
_TEXT = "text/plain; charset=utf-8"
_CALLBACK = Shape(drop=("iss",))
"""RFC 9207 is young: few name themselves in the authorization response."""
_NAMED = re.compile(r"\b(?:parameter|scope|prompt) ([^\s,;]+)")
"""What one of our descriptions is about, by name."""


def reshaped(state: ProviderState, request: Request, response: Response, *, place: str, moment: Moment) -> Response:
    """An endpoint's answer in the persona's shape: a success by the shape of that name, an error by its refusals."""
    persona = state.persona
    if persona is None or persona.endpoints is None:
        return response
    if place == "authorize":
        return _way_back(state, persona, request, response, moment=moment)
    document = _object(response)
    if document is None:
        return response
    # The standard's error is a text; the object of that name in a provider's own page may say that all is well.
    if response.status >= 400 or isinstance(document.get("error"), str):
        return _refused(state, persona, request, response, document, place=place, moment=moment)
    scopes = tuple(str(document["scope"]).split()) if "scope" in document else None
    grant = _grant_of(state, request, document)
    words = words_of(state, moment, grant, scopes=scopes)
    if scopes is not None:
        document["scope"] = words["scope"]
    if "expires_in" in document:
        words["expires_at"] = int(moment.seconds) + int(document["expires_in"])
    shape = persona.shape_of(place, is_for_app=grant is not None and not grant.username)
    return replace(response, body=_json(shaped(shape or _AS_IT_IS, document, words)))


def _way_back(state: ProviderState, persona: Persona, request: Request, response: Response, *, moment: Moment) -> Response:
    found = way_back(state, response)
    if found is None:
        return response
    params = dict(found.params)
    if "error" in params:
        error, description = params["error"], params.get("error_description", "")
        refusal = _refusal(persona, "authorize", error, description)
        words = _words_of_refusal(state, request, moment, error=error, description=description)
        said = filled(refusal.body, words) if refusal is not None else {name: params[name] for name in params if name.startswith("error")}
        kept = {name: value for name, value in params.items() if not name.startswith("error")}
        # An error has those members that a success has beside the code, but for what is set there.
        params = shaped(Shape(drop=persona.shapes.get("callback", _CALLBACK).drop), {**said, **kept}, {})
    else:
        code = state.codes.get(digest(params.get("code", "")))
        grant = state.grants.get(code.grant_id) if code is not None else None
        params = shaped(persona.shapes.get("callback", _CALLBACK), params, words_of(state, moment, grant))
    return found.carrying(Params(tuple((name, str(value)) for name, value in params.items())))


def _refused(
    state: ProviderState, persona: Persona, request: Request, response: Response, document: Mapping[str, Any], *, place: str, moment: Moment
) -> Response:
    error, description = str(document.get("error") or "no_token"), str(document.get("error_description") or "")
    refusal = _refusal(persona, place, error, description)
    if refusal is None:
        return response
    status = refusal.status or response.status
    headers = response.headers if status == 401 else response.headers.without("WWW-Authenticate")
    if refusal.challenge:
        headers = headers.without("WWW-Authenticate").with_("WWW-Authenticate", refusal.challenge)
    words = _words_of_refusal(state, request, moment, error=error, description=description)
    if isinstance(refusal.body, str):
        return Response(status, headers.with_("Content-Type", _TEXT), str(filled(refusal.body, words)).encode())
    further = {} if place in ("userinfo", PAGES) else persona.always_refused
    said = filled({**refusal.body, **further}, words)
    return Response(status, headers.with_("Content-Type", JSON), _json(said))


def words_on_page(state: ProviderState, request: Request, moment: Moment, *, error: str, description: str) -> dict[str, tuple[str, ...]]:
    """What the real provider tells a person who can't be sent back, with its name; empty where there is no persona or nothing is known."""
    persona = state.persona
    refusal = _refusal(persona, "page", error, description) if persona is not None else None
    if persona is None or refusal is None:
        return {}
    words = _words_of_refusal(state, request, moment, error=error, description=description)
    return {f"{persona.title} says": (str(filled(refusal.body, words)),)}


def _words_of_refusal(state: ProviderState, request: Request, moment: Moment, *, error: str, description: str) -> dict[str, Any]:
    """The words of an error: whom and what it is about, as far as the request and our own description say; else they are empty."""
    named = _NAMED.search(description)
    about = {
        "error": error,
        "description": description,
        "named": named[1] if named is not None else "",
        "grant_type": request.form.get("grant_type") or "",
        "client_id": claimed_client(request),
        "asked_scope": request.query.get("scope") or "",
        "redirect_uri": request.query.get("redirect_uri") or "",
    }
    return {**words_of(state, moment), **about}


def _refusal(persona: Persona, place: str, error: str, description: str) -> Refusal | None:
    """The first that fits."""
    fits = (one for one in persona.refusals if one.at == place and one.when in ("", error) and re.search(one.about, description))
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
