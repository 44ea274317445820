"""Here: a browser small enough to read, for sign-in pages without scripts. Not here: which pages a server has.

It keeps cookies, follows redirects and submits forms, all on loopback; a redirect URI is visited as any other page, so
whoever listens there gets the callback.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

from tests.interop.forms import Button, Form, Recipe

MOST_PAGES = 12
MOST_REDIRECTS = 15
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Page:
    """The page on which a walk ended."""

    url: str
    status: int
    html: str
    text: str


@dataclass(slots=True)
class _HtmlForm:
    id: str = ""
    action: str = ""
    method: str = "get"
    values: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


def browse(url: str, recipe: Recipe, *, client: httpx.Client | None = None) -> Page:
    """Go to a URL and act on each page as the recipe says; gives the first page on which no form of it fits.

    With a `client` the cookies of an earlier walk are kept: a second sign-in meets the session of the first.
    """
    if client is None:
        with browser() as fresh:
            return browse(url, recipe, client=fresh)
    response = _follow(client, client.build_request("GET", url))
    for _ in range(MOST_PAGES):
        submission = _next_submission(client, response, recipe)
        if submission is None:
            return Page(str(response.url), response.status_code, response.text, visible_text(response.text))
        response = _follow(client, submission)
    raise AssertionError(f"the pages go in circles: after {MOST_PAGES} forms at {response.url}\n{visible_text(response.text)[:1000]}")


def browser() -> httpx.Client:
    """A browser with an empty cookie jar, to be closed by its user."""
    headers = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "User-Agent": "Mozilla/5.0 (interop)"}
    return httpx.Client(timeout=20, trust_env=False, headers=headers)


def visible_text(html: str) -> str:
    """The words of a page without its markup, one space between them."""
    reader = _Reader()
    reader.feed(html)
    return " ".join(" ".join(reader.words).split())


def _follow(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    for _ in range(MOST_REDIRECTS):
        assert request.url.host in LOOPBACK, f"a page leads off loopback, to {request.url}"
        response = client.send(request)
        if response.next_request is None:
            return response
        fragment = request.url.fragment
        request = response.next_request
        if fragment and not request.url.fragment:
            request.url = request.url.copy_with(fragment=fragment)
    raise AssertionError(f"more than {MOST_REDIRECTS} redirects, the last to {request.url}")


def _next_submission(client: httpx.Client, response: httpx.Response, recipe: Recipe) -> httpx.Request | None:
    if "html" not in response.headers.get("content-type", ""):
        return None
    reader = _Reader()
    reader.feed(response.text)
    for wanted in recipe:
        for found in reader.forms:
            if _fits(wanted, found):
                return _submit(client, str(response.url), found, wanted)
    return None


def _fits(wanted: Form, found: _HtmlForm) -> bool:
    return wanted.fields.keys() <= found.values.keys() and (wanted.button is None or _pressed(wanted.button, found) is not None)


def _pressed(button: Button, found: _HtmlForm) -> tuple[str, str] | None:
    return next((pair for pair in found.buttons if pair[0] == button.name and button.value in {None, pair[1]}), None)


def _submit(client: httpx.Client, page_url: str, found: _HtmlForm, wanted: Form) -> httpx.Request:
    values = found.values | dict(wanted.fields)
    pressed = _pressed(wanted.button, found) if wanted.button else next(iter(found.buttons), None)
    if pressed and pressed[0]:
        values[pressed[0]] = pressed[1]
    target = urljoin(page_url, found.action) if found.action else page_url
    # Browsers name the page that a form was on; Django and Flask-WTF compare it with their own origin.
    page = urlsplit(page_url)
    headers = {"Referer": page_url, "Origin": f"{page.scheme}://{page.netloc}"}
    if found.method == "post":
        return client.build_request("POST", target, data=values, headers=headers)
    return client.build_request("GET", target, params=values, headers=headers)


class _Reader(HTMLParser):
    """Collects forms as a browser would submit them, and the words between the tags."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_HtmlForm] = []
        self.words: list[str] = []
        self._form: _HtmlForm | None = None
        self._hidden = 0
        self._textarea: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in {"script", "style"}:
            self._hidden += 1
        elif tag == "form":
            self._form = _HtmlForm(attributes.get("id", ""), attributes.get("action", ""), attributes.get("method", "get").lower())
            self.forms.append(self._form)
        else:
            # A control may stand outside of its form and name it, as the buttons of oidc-provider's logout page do.
            named = next((form for form in self.forms if form.id and form.id == attributes.get("form")), self._form)
            if named is not None:
                self._control(tag, attributes, named)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "form":
            self._form = None
        elif tag == "textarea":
            self._textarea = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None and self._form is not None:
            self._form.values[self._textarea] += data
        if not self._hidden:
            self.words.append(data)

    def _control(self, tag: str, attributes: dict[str, str], form: _HtmlForm) -> None:
        name, value = attributes.get("name", ""), attributes.get("value", "")
        kind = attributes.get("type", "submit" if tag == "button" else "text").lower()
        if "disabled" in attributes:
            return
        if tag in {"input", "button"} and kind == "submit":
            form.buttons.append((name, value))
        elif tag == "input" and name and kind not in {"button", "image", "reset", "file"}:
            if kind not in {"checkbox", "radio"}:
                form.values[name] = value
            elif "checked" in attributes:
                form.values[name] = attributes.get("value", "on")
        elif tag == "textarea" and name:
            self._textarea = name
            form.values[name] = ""
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select and ("selected" in attributes or self._select not in form.values):
            form.values[self._select] = value
