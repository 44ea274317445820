"""What the scripts of two pages do at once, for a browser that runs none.

Here: the page that hands a fragment over, the page that posts itself. Not here: the pages of a sign-in (`person`).
"""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from oauthctl.http import Params, Response
from tests.interop.pages import Page, visible_text
from tests.provider.world import last_form


def fragment_posted(page: Page) -> Page:
    """Post what stands behind the `#`, and the query, to the page's own path."""
    assert "Handing the answer over" in page.text, page.text
    parts = urlsplit(page.url)
    given = dict((*Params.parse(parts.query), *Params.parse(parts.fragment)))
    response = httpx.post(page.url.partition("#")[0].partition("?")[0], data=given, trust_env=False)
    return Page(str(response.url), response.status_code, response.text, visible_text(response.text))


def form_posted(page: Page) -> Page:
    """Submit the form."""
    action, hidden = last_form(Response(page.status, body=page.html.encode()))
    response = httpx.post(action, data=dict(hidden), trust_env=False)
    return Page(str(response.url), response.status_code, response.text, visible_text(response.text))
