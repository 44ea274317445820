"""Where an application keeps its session, when it says itself that this went wrong: cookies that overflow.

Here: what its log or page says. Not here: cookies that the exchanges show to be lost (`cookie_absent`), keys that
changed (`application_log`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty, Evidence
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_OVERFLOW = re.compile(
    r"CookieOverflow|cookie \S{0,60} ?overflow\w*[^\n]{0,60}|cookie (?:value )?(?:is )?too (?:large|big|long)"
    r"|cookies?[^.\n]{0,60}(?:exceed\w*|larger than|greater than|is over)[^.\n]{0,30}(?:409\d|4 ?kB|4 ?KiB|size limit|\d+ bytes)",
    re.IGNORECASE,
)


@rule(Section("RFC 6265", "6.1"), explains=("callback-failed", "server-error", "sign-in-loop", "cookie-not-returned"))
def session_cookie_overflows(scene: Scene) -> Iterator[Found]:
    """The application can't put its session into a cookie: it is too large."""
    match = _OVERFLOW.search(scene.given.local_error)
    if match is None or re.search(r"header", match[0], re.IGNORECASE):
        return
    yield Found(
        cause="The application keeps its whole session in a cookie, and what the sign-in puts there (state, verifier, the page to "
        "return to, "
        f"tokens) makes the cookie too large: browsers keep 4096 bytes at most (`{match[0].strip()[:100]}`).",
        help="In the application, keep sessions on the server (a database, Redis) with only their identifier in the cookie; put no tokens "
        "and no long URLs into the session, and remove the entries of unfinished sign-ins.",
        evidence=(Evidence(None, "given.local_error", "4096 bytes at most", match[0][:160]),),
        certainty=Certainty.LIKELY,
    )
