"""The way back to the client: an authorization response taken apart, for the faults.

Here: which parameters the browser brings, in a redirect's query or fragment or in a form, and the same answer with others. Not here: what
is wrong with them (`callback`, `front_channel`, `answer_jwt`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from oauthctl.http import Headers, Params, Response, split_url, with_query
from oauthctl.provider.answers import redirect
from oauthctl.provider.back import SCRIPT_PATH
from oauthctl.provider.pages import form_post_page, posted_by
from oauthctl.provider.state import ProviderState

Carrier: TypeAlias = Literal["query", "fragment", "form_post"]


@dataclass(frozen=True, slots=True)
class WayBack:
    """An authorization response: where it leads, with which parameters, and how they travel."""

    response: Response
    server: str
    script: str
    redirect_uri: str
    params: Params
    carrier: Carrier

    def carrying(self, params: Params, *, carrier: Carrier | None = None) -> Response:
        """The response with these parameters in place of its own."""
        match carrier or self.carrier:
            case "form_post":
                page = form_post_page(self.server, action=self.redirect_uri, params=params, script=self.script)
                return replace(self.response, body=page.body)
            case "fragment":
                return self._leading_to(f"{self.redirect_uri}#{params.encode()}")
            case _:
                return self._leading_to(with_query(self.redirect_uri, params))

    def _leading_to(self, url: str) -> Response:
        if self.response.headers.get("location"):
            headers = self.response.headers
            return replace(
                self.response, headers=Headers(tuple((name, url if name.lower() == "location" else old) for name, old in headers))
            )
        there = redirect(url)
        cookies = tuple(pair for pair in self.response.headers if pair[0].lower() == "set-cookie")
        return replace(there, headers=Headers((*there.headers, *cookies)))


def way_back(state: ProviderState, response: Response) -> WayBack | None:
    """The authorization response that this is; None of pages, and of redirects to them."""
    script = f"{state.base_path}{SCRIPT_PATH}"
    posted = posted_by(response, script=script)
    if posted is not None:
        return WayBack(response, state.name, script, *posted, "form_post")
    location = response.headers.get("location") or ""
    if not location or location.startswith((state.origin + "/", "/")):
        return None
    bare, _, fragment = location.partition("#")
    if fragment:
        return WayBack(response, state.name, script, bare, Params.parse(fragment), "fragment")
    return WayBack(response, state.name, script, bare.partition("?")[0], Params.parse(split_url(location).query), "query")
