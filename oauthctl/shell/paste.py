"""Takes the callback from the person's clipboard when the browser can't bring it: over SSH, in a container, at a registered https URI.

Here: reading what is pasted into the terminal, as a request like the one that the browser would have sent. Not here: whether it is the
right one (`callback`). What is pasted is never printed or logged.
"""

from __future__ import annotations

import select
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TextIO
from urllib.parse import urlsplit

from oauthctl.http import FORM, Headers, Params, Request, with_query

if TYPE_CHECKING:
    from oauthctl.shell.awaited import Refusal

LONGEST = 64 * 1024
_SHORTEST_CODE = 8
"""A guess must be hopeless (RFC 6749 section 10.10), so no provider gives shorter ones: such a word was meant for something else."""
_LOOK_SECONDS = 0.1
BARE_CODE = "X-Oauthctl-Pasted"
"""The header that marks a request made from a bare code: it has no `state`, and nothing proves whose answer it is."""


class Deliver(Protocol):
    """Takes an answer (`CallbackListener.deliver`)."""

    def __call__(self, request: Request, *, has_state: bool = True) -> Refusal | None:
        """None when it was the right one."""


class NotAnAnswer(ValueError):
    """What was pasted can't be a callback; the text says why and holds nothing of it."""


class Paste:
    """Reads lines from the terminal in the background until `stop`. A thread that waits for a line never keeps the program alive."""

    def __init__(self, stdin: TextIO, say: Callable[[str], None]) -> None:
        self._stdin = stdin
        self._say = say
        self._stopped = threading.Event()

    def start(self, deliver: Deliver, *, redirect_uri: str) -> None:
        """Give each answer that is pasted to `deliver`; tell the person why one is refused, and go on."""
        stopped = self._stopped = threading.Event()

        def read() -> None:
            while not stopped.is_set():
                line = self._next_line()
                if line == "" or (line is not None and stopped.is_set()):
                    return
                if line and line.strip() and self._take(line, deliver, redirect_uri):
                    return

        threading.Thread(target=read, name="pasted answer", daemon=True).start()

    def stop(self) -> None:
        """Take no more. A line that is typed later is the next reader's; where a terminal can't be watched, one is read away unseen."""
        self._stopped.set()

    def _next_line(self) -> str | None:
        """A line; None when none came for a moment, so that the thread can end; an empty string when none will come any more."""
        try:
            # Windows can't watch its terminal, and what is no terminal may have lines in Python's buffer: there reading blocks.
            if sys.platform != "win32" and self._stdin.isatty() and not select.select([self._stdin], [], [], _LOOK_SECONDS)[0]:
                return None
            return self._stdin.readline(LONGEST)
        except UnicodeDecodeError:
            self._say("not taken: that is no text")
            return None
        except (OSError, ValueError):
            return ""  # closed under our hands

    def _take(self, line: str, deliver: Deliver, redirect_uri: str) -> bool:
        try:
            request = read_pasted(line, redirect_uri)
        except NotAnAnswer as why:
            self._say(f"not taken: {why}")
            return False
        is_bare = BARE_CODE in request.headers
        refusal = deliver(request, has_state=not is_bare)
        if refusal is not None:
            self._say(f"not taken: {refusal.why}; still waiting")
            return False
        if is_bare:
            self._say("taken without a check of `state`: a bare code does not tell which request it answers")
        return True


def read_pasted(text: str, redirect_uri: str) -> Request:
    """The request that the browser would have sent: from the whole address, from its query, or from a bare code.

    Raises `NotAnAnswer`. An answer after a `#` becomes a POST, as the fragment page sends it.
    """
    pasted = "".join(text.split()).strip("\"'<>`")
    if "://" in pasted:
        return _from_address(pasted, redirect_uri)
    if "=" in pasted:
        params = Params.parse(pasted.lstrip("?#&"))
        has_tokens = "access_token" in params or "id_token" in params
        if has_tokens and not pasted.startswith("?"):
            # Tokens come behind a `#`, which was left out when this was copied.
            return handed_over(f"{redirect_uri}#{params.encode()}")
        if has_tokens or "code" in params or "error" in params or "response" in params:
            return Request("GET", with_query(redirect_uri, params))
    # An address may come broken over lines, a code is one word.
    is_a_word = pasted == text.strip().strip("\"'<>`") and pasted.isprintable()
    if not is_a_word or len(pasted) < _SHORTEST_CODE or "=" in pasted.rstrip("=") or pasted.startswith("/"):
        raise NotAnAnswer(f"neither the address that the browser ended at nor a code; paste the whole address, which begins {redirect_uri}")
    return Request("GET", with_query(redirect_uri, Params.of({"code": pasted})), Headers(((BARE_CODE, "a bare code, without state"),)))


def _from_address(pasted: str, redirect_uri: str) -> Request:
    try:
        parts, wanted = urlsplit(pasted), urlsplit(redirect_uri)
        same = (parts.scheme, parts.netloc.lower(), parts.path or "/") == (wanted.scheme, wanted.netloc.lower(), wanted.path or "/")
    except ValueError:
        raise NotAnAnswer("that is no address") from None
    if not same:
        raise NotAnAnswer(f"that address does not begin with the redirect URI {redirect_uri}; copy it after you signed in")
    return handed_over(pasted)


def handed_over(address: str) -> Request:
    """What comes to the redirect URI of an address at which a browser ended: what stands after its `#` is posted by the page there."""
    place, _, fragment = address.partition("#")
    if "=" not in fragment:
        return Request("GET", place)
    return Request("POST", place, Headers((("Content-Type", FORM),)), fragment.encode())
