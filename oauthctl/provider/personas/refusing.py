"""Errors of the standard in a persona's own words.

Here: finding the words for one error, and saying it at the callback, in an answer, to a person. Not here: the words (`table.toml`), the
shapes of successes (`shaping`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oauthctl.http import JSON, Request, Response
from oauthctl.provider.answers import claimed_client
from oauthctl.provider.moment import Moment
from oauthctl.provider.personas.persona import Refusal
from oauthctl.provider.personas.quirk import PAGES
from oauthctl.provider.personas.words import filled, words_of

if TYPE_CHECKING:
    from oauthctl.provider.state import ProviderState

_TEXT = "text/plain; charset=utf-8"
_NAMED = re.compile(r"\b(?:parameter|scope|prompt) ([^\s,;]+)")
"""What one of our descriptions is about, by name."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as the standard has it, and the request that met it."""

    state: ProviderState
    request: Request
    moment: Moment
    error: str
    description: str

    def refusal(self, place: str) -> Refusal | None:
        """How the persona says it at this place: the first of its refusals that fits; None where it has no words of its own."""
        known = self.state.persona.refusals if self.state.persona is not None else ()
        at_place = (one for one in known if one.at == place and one.when in ("", self.error))
        return next((one for one in at_place if re.search(one.about, self.description)), None)

    def put(self, template: Any) -> Any:
        """A refusal's template with its words put in.

        Whom and what it is about say the request and our own description; what they don't say is empty.
        """
        named = _NAMED.search(self.description)
        about = {
            "error": self.error,
            "description": self.description,
            "named": named[1] if named is not None else "",
            "grant_type": self.request.form.get("grant_type") or "",
            "client_id": claimed_client(self.request),
            "asked_scope": self.request.query.get("scope") or "",
            "redirect_uri": self.request.query.get("redirect_uri") or "",
        }
        return filled(template, {**words_of(self.state, self.moment), **about})


def refused_params(failure: Failure, params: Mapping[str, str]) -> dict[str, Any]:
    """The authorization response with these parameters in the persona's words."""
    refusal = failure.refusal("authorize")
    if refusal is None:
        return dict(params)
    return {**failure.put(refusal.body), **{name: value for name, value in params.items() if not name.startswith("error")}}


def refused_answer(failure: Failure, response: Response, *, place: str) -> Response:
    """The JSON error that an endpoint answered with, in the persona's words."""
    refusal, persona = failure.refusal(place), failure.state.persona
    if refusal is None or persona is None:
        return response
    status = refusal.status or response.status
    headers = response.headers if status == 401 else response.headers.without("WWW-Authenticate")
    if refusal.challenge:
        headers = headers.without("WWW-Authenticate").with_("WWW-Authenticate", refusal.challenge)
    if isinstance(refusal.body, str):
        return Response(status, headers.with_("Content-Type", _TEXT), str(failure.put(refusal.body)).encode())
    further = {} if place in ("userinfo", PAGES) else persona.always_refused
    said = failure.put({**refusal.body, **further})
    return Response(status, headers.with_("Content-Type", JSON), json.dumps(said, ensure_ascii=False).encode())


def words_on_page(failure: Failure) -> dict[str, tuple[str, ...]]:
    """What the real provider tells a person who can't be sent back, by its name; empty where there is no persona or nothing is known."""
    refusal, persona = failure.refusal("page"), failure.state.persona
    return {f"{persona.title} says": (str(failure.put(refusal.body)),)} if refusal is not None and persona is not None else {}
