"""What happens to the text of `state` between the two ends: characters that a URL decodes, cuts or rewrites.

Here: how a value was changed, and a `+` that both ends read differently. Not here: a `state` of another sign-in (`callback`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus

from oauthctl.http import split_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.rules.cookies import is_refused
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

# What encoders of standard base64 make.
_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}={0,2}")
_ENDS = {"&": "the `&` in it, which was not percent-encoded", "#": "the `#` in it, which was not percent-encoded", ";": "the `;` in it"}


@rule(Section("RFC 6749", "B"), explains=("cookie-not-returned", "request-refused", "state-mismatch"))
def state_plus_becomes_space(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The state has a `+` that was not percent-encoded, and is read as a space."""
    if not is_refused(returned) or not returned.sent.state or " " not in returned.sent.state:
        return
    asked = next((one for one in reversed(scene.before(returned.id, AuthorizationRequest)) if one.sent.state == returned.sent.state), None)
    if asked is None or not asked.is_direct:
        return
    sent, got = _as_written(asked.url), _as_written(returned.url)
    if "+" not in sent or "%20" in sent:
        return
    meant, decoded = unquote(sent), unquote_plus(sent)
    is_base64 = _BASE64.fullmatch(meant) is not None and (len(meant) % 4 == 0 or "=" not in meant)
    yield Found(
        cause=f"The `state` was sent as `{sent[:120]}`, its `+` not percent-encoded: in a query a `+` stands for a space, so the callback "
        f"reads `{decoded[:120]}` where the application had kept `{meant[:120]}`, and the two do not match. It strikes whenever a random "
        "value happens to have a `+`.",
        help="In the application, make `state` of characters that need no escape (base64url or hex), or percent-encode it (`+` as `%2B`) "
        "when the authorization URL is built.",
        evidence=(asked.evidence(".state", expected="no `+`, or `%2B`", got=sent), returned.evidence(".state", expected=sent, got=got)),
        certainty=Certainty.CERTAIN if is_base64 and "+" not in got else Certainty.LIKELY,
    )


def damage(sent: str, got: str) -> str:
    """How the value was changed on its way, if it is the same value; empty when it is another one."""
    if sent.replace("+", " ") == got:
        return "its `+` became a space, since it was not percent-encoded"
    if html.unescape(got) == sent or html.unescape(html.unescape(got)) == sent:
        return "it was escaped for HTML (`&amp;` for `&`) and put into the URL like that"
    decoded = {unquote_plus(sent), unquote(sent), unquote(unquote(sent)), unquote_plus(unquote_plus(sent))}
    if got in decoded:
        return "it was decoded once too often"
    if sent in {unquote_plus(got), unquote(got), unquote(unquote(got))}:
        return "it was encoded twice"
    if len(got) >= 4 and sent.startswith(got):
        mark = _ENDS.get(sent[len(got)], "")
        if not sent[len(got) :].strip("="):
            return "the `=` at its end was lost"
        return f"it was cut off at {mark}" if mark else f"it was cut off after {len(got)} characters"
    if got.strip("\"' \t\r\n") == sent or sent.strip() == got:
        return "quotes or blanks around it were added or lost"
    if len(got) >= 8 and got.startswith(sent) and len(sent) >= 4:
        return "other text was added to its end"
    return "upper and lower case were changed" if sent.lower() == got.lower() else ""


def _as_written(url: str) -> str:
    """The `state` of a URL's query before it is decoded."""
    query = split_url(url).query
    return next((part.partition("=")[2] for part in query.split("&") if part.partition("=")[0] == "state"), "")
