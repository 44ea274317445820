"""`ScriptedUser`: somebody who signs in on the real pages without being there.

Here: a browser small enough to read (cookies, redirects, forms), on this machine alone. Not here: the pages, the listener that gets the
callback, a person's own browser (`browser`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

from oauthctl.errors import BadAnswer, ConfigError
from oauthctl.http import Headers, Params, Request, Response, form_request, get_request, is_loopback, origin
from oauthctl.shell.world import Sender

MOST_REQUESTS = 12
"""After so many, pages that ask for one thing go in circles."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a browser would send of a form: its fields with their values, and the first button, which Enter presses.

    `hidden` are the names of the fields that nobody can type into.
    """

    action: str
    fields: Params
    button: tuple[str, str] | None = None
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as the user sees it: its title, and its first form if it has one."""

    title: str
    form: Form | None = None


class ScriptedUser:
    """Signs in with this name and password, and says yes to what is asked. `pages` are the titles of the pages that were answered.

    `code` is typed where a second factor is asked for. Cookies are kept from one walk to the next.

    Goes nowhere but to this machine, unless `may_visit` says otherwise.
    """

    def __init__(
        self,
        username: str,
        password: str,
        *,
        sender: Sender,
        code: str = "",
        timeout_seconds: float = 10.0,
        may_visit: Callable[[str], bool] = is_loopback,
    ) -> None:
        self._typed = {"username": username, "password": password, **({"code": code} if code else {})}
        self._decision, self._signs_in = "", False
        self._sender = sender
        self._may_visit = may_visit
        self._timeout_seconds = timeout_seconds
        self._cookies: dict[str, dict[str, str]] = {}
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None
        self.pages: tuple[str, ...] = ()
        self.last_page = ""
        self.last_status = 0

    def visit(self, url: str) -> None:
        """Begin at this URL, in the background: the callback's page is held until the run is over."""
        self._thread = threading.Thread(target=self._run, args=(url,), name="scripted user", daemon=True)
        self._thread.start()

    def walk(
        self, url: str, *, decision: str = "", signs_in: bool = False, user_code: str = "", most_requests: int = MOST_REQUESTS
    ) -> None:
        """Begin at this URL, and come back from the last page.

        `decision` is the value of the button of that name that is pressed, else it is the first; with `signs_in` that is for the pages
        after the one with the password. `user_code` is typed where a device's code is asked for.

        Raises: BadAnswer, when there is no end after `most_requests`, or a page comes again that refuses what was typed.
        """
        self._decision, self._signs_in = decision, signs_in
        self._typed = self._typed | ({"user_code": user_code} if user_code else {})
        self._walk(get_request(url, accept="text/html"), most_requests=most_requests)

    def leave(self) -> None:
        """Wait until the last page was read. Raises what went wrong on the way."""
        if self._thread is not None:
            self._thread.join(self._timeout_seconds)
        self._sender.close()
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _run(self, url: str) -> None:
        try:
            self.walk(url)
        except Exception as failure:  # noqa: BLE001 - whatever it is, `leave` raises it where it is seen
            self._failure = failure

    def _walk(self, request: Request, *, most_requests: int) -> None:
        answered = ""
        for _ in range(most_requests):
            response = self._sent(request)
            location = response.headers.get("location")
            if location and 300 <= response.status < 400:
                request = get_request(urljoin(request.url, location), accept="text/html")
                continue
            sheet = read_sheet(response.text)
            if response.status >= 400 and sheet.form is not None and sheet.title == answered:
                raise BadAnswer(f"the page `{sheet.title}` comes again: it does not take what was typed", slug="sign-in-in-circles")
            self.last_page, self.last_status = sheet.title, response.status
            if sheet.form is None:
                return
            self.pages, answered = (*self.pages, sheet.title), sheet.title
            request = self._submitted(sheet.form, request.url)
        raise BadAnswer(f"the pages go in circles: after {most_requests} requests at `{self.last_page}`", slug="sign-in-in-circles")

    def _sent(self, request: Request) -> Response:
        if not self._may_visit(request.url):
            raise ConfigError(f"the scripted user does not leave this machine for `{origin(request.url)}`", slug="not-loopback")
        cookies = self._cookies.setdefault(origin(request.url), {})
        if cookies:
            pairs = "; ".join(f"{name}={value}" for name, value in cookies.items())
            request = Request(request.method, request.url, request.headers.with_("Cookie", pairs), request.body)
        response, _ = self._sender.send(request, timeout_seconds=self._timeout_seconds)
        for cookie in response.headers.all("set-cookie"):
            name, _, rest = cookie.partition("=")
            cookies[name.strip()] = rest.partition(";")[0].strip()
        return response

    def _submitted(self, form: Form, page_url: str) -> Request:
        # A posted answer has a `code` of its own, which is none to type.
        filled = tuple((name, value if name in form.hidden else self._typed.get(name, value)) for name, value in form.fields)
        is_decided = bool(self._decision) and not (self._signs_in and "password" in form.fields)
        button = ("decision", self._decision) if is_decided and form.button and form.button[0] == "decision" else form.button
        pressed = (button,) if button and button[0] else ()
        headers = Headers((("Origin", origin(page_url)), ("Accept", "text/html")))
        return form_request(urljoin(page_url, form.action), Params((*filled, *pressed)), headers=headers)


def read_sheet(html: str) -> Sheet:
    """The title and the first form of a page; forms without an action go to the page itself."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    form = (
        Form(reader.action or "", Params(tuple(reader.fields)), reader.button, frozenset(reader.hidden))
        if reader.action is not None
        else None
    )
    return Sheet(" ".join("".join(reader.title).split()), form)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.title: list[str] = []
        self.action: str | None = None
        self.fields: list[tuple[str, str]] = []
        self.hidden: set[str] = set()
        self.button: tuple[str, str] | None = None
        self._is_in_title = False
        self._is_in_form = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "title":
            self._is_in_title = True
        elif tag == "form" and self.action is None:
            self.action, self._is_in_form = given.get("action", ""), True
        elif tag == "input" and self._is_in_form and given.get("name"):
            self.fields.append((given["name"], given.get("value", "")))
            if given.get("type", "").lower() == "hidden":
                self.hidden.add(given["name"])
        elif tag == "button" and self._is_in_form and self.button is None:
            self.button = (given.get("name", ""), given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._is_in_title = False
        elif tag == "form":
            self._is_in_form = False

    def handle_data(self, data: str) -> None:
        if self._is_in_title:
            self.title.append(data)
