"""`Person`: a user of a practice provider, in a browser of their own.

Here: going to a page of the provider and answering what it asks. Not here: which pages there are (`practice_server`), how one is read and
filled in (`scripted_user`).
"""

from __future__ import annotations

from oauthctl.errors import BadAnswer
from oauthctl.http import Request
from oauthctl.provider.second_factor import CODE
from oauthctl.shell.doorway import Doorway
from oauthctl.shell.scripted_user import MOST_REQUESTS, ScriptedUser
from oauthctl.shell.serve import Server

_REQUESTS_PER_DECISION = 3
"""The form, the redirect back to the page, and one to spare."""


def is_inside(url: str, server: Server) -> bool:
    """Whether the server's provider answers at this URL."""
    return url.startswith(server.url)


class Person:
    """Somebody whose password is their username. The browser keeps its session from one page to the next."""

    def __init__(self, username: str, server: Server) -> None:
        self._server = server
        self._doorway = Doorway(server.handle, is_inside=lambda request: is_inside(request.url, server))
        self._user = ScriptedUser(username, username, sender=self._doorway, code=CODE, may_visit=lambda _: True)
        self._seen = 0

    def go(self, url: str, *, is_willing: bool, signs_in: bool = False, user_code: str = "", decisions: int = 1) -> Request | None:
        """Go to a page and say yes, or no, to what it asks; the request with which the browser leaves the provider, None where it stays.

        With `signs_in` the no comes after the password, not in its place. `user_code` is what a device shows. `decisions` are as many as
        the page asks for, one after another.

        Raises: BadAnswer, when a page comes again and again.
        """
        self._doorway.left = None
        self._seen = self._logged()
        most = MOST_REQUESTS + _REQUESTS_PER_DECISION * (decisions - 1)
        decision = "allow" if is_willing else "deny"
        try:
            self._user.walk(url, decision=decision, signs_in=signs_in, user_code=user_code, most_requests=most)
        except BadAnswer as error:
            raise BadAnswer(f"{error.message}; {self.told}", slug=error.slug) from error
        return self._doorway.left

    @property
    def is_refused(self) -> bool:
        """Whether the last page was an error's."""
        return self._user.last_status >= 400

    @property
    def told(self) -> str:
        """What the provider last said: in its log, if that is an error, else by the page that it shows."""
        last = self._server.state.log[-1] if self._logged() > self._seen else None
        if last is not None and last.error:
            return f"it says `{last.error}`, {last.reason}"
        return f"it shows the page `{self._user.last_page}`"

    def _logged(self) -> int:
        log = self._server.state.log
        return log[-1].number if log else 0
