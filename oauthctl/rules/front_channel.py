"""What an authorization request was refused with, wherever the provider said so: a page, a redirect, JSON, the callback.

Here: telling a refusal from a sign-in page, and its words. Not here: what the refusal means (the rules of the subjects).
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from oauthctl.findings import Evidence
from oauthctl.http import split_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.rules.dialects import said_for_rule
from oauthctl.rules.registry import Certainty, Found
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen

# Entra writes the sentence of its error page into a script; Google packs it into the address of its error page.
_IN_SCRIPT = re.compile(r"(?:AADSTS|AADB2C)\d+:[^\"<\\]{0,400}")
_PRINTABLE = re.compile(r"[ -~]{4,}")
_ERROR_PAGE = re.compile(
    r"\b(error|oops|sorry|mismatch|access blocked|bad request|can.?t be completed|went wrong)\b"
    r"|invalid[ _](parameter|request|redirect|client)|AADSTS|AADB2C"
    r"|\b(not|n.t) (match|whitelisted|registered|allowed|valid|approved|supported|found)|\bblocked\b|failed because|can.?t load",
    re.IGNORECASE,
)
_PAGE_LIMIT = 64 * 1024
# What makes a sentence of a parameter's value: `the redirect_uri https://… is not registered`.
_GOES_ON = r"(?!\W{0,3}(?:is|was|are|does|did|has|must|should|can|could|may|not|isn|doesn|mismatch)\b)"
_RESTATED = ("client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "response_mode", "prompt", "code_challenge")


_OF_THE_STATUS = re.compile(
    r"\b(?:4\d\d|5\d\d|bad request|invalid[ _]request|unauthori[sz]ed|forbidden|not found|access denied|internal server error|errors?"
    r"|http|nginx|oops)\b|something went wrong|[\W_]+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal: the exchange where it was seen, and what was said; `words` is empty where nothing was, or where it went unseen."""

    seen: Seen[Message]
    words: str

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Whether the words match."""
        return pattern.search(self.words) is not None

    @property
    def place(self) -> str:
        """Where it stands in its exchange."""
        if self.seen.purpose == purposes.CALLBACK:
            return f"{self.seen.place}.error"
        return "response.headers.Location" if self.seen.reply.status // 100 == 3 else "response.body"

    @property
    def says_nothing(self) -> bool:
        """Whether it is no more than a status in words: `Bad Request`, `400 Bad Request nginx`."""
        return not _OF_THE_STATUS.sub(" ", self.words).strip()

    @property
    def evidence(self) -> Evidence:
        """What was said, as evidence."""
        return self.seen.evidence(self.place, got=self.words[:200])


def refusal_of(asked: Seen[AuthorizationRequest] | None, returned: Seen[AuthorizationResponse] | None = None) -> Refusal | None:
    """The provider's no to a request: in its own answer, else in the callback of the same sign-in."""
    for seen in (asked, returned):
        found = refusal_in(seen) if seen is not None else None
        if found is not None:
            return found
    return None


def refusal_in(seen: Seen[Message]) -> Refusal | None:
    """The provider's no that one exchange shows; None when it shows none."""
    reply = seen.reply
    if isinstance(seen.sent, AuthorizationResponse):
        return Refusal(seen, f"{reply.error or seen.sent.error or ''} {_said(seen)}".strip()) if seen.sent.error else None
    if not seen.is_direct or not isinstance(seen.sent, AuthorizationRequest) or not reply.has_answer or reply.asks_person_again:
        return None
    if reply.status >= 400:
        return Refusal(seen, _without_restated(f"{spoken_words(seen)} {_script_words(seen)}".strip(), seen.sent))
    if reply.status // 100 == 3:
        hidden = _packed(reply.location.get("authError", ""))
        if hidden or reply.location.get("error") or reply.location.get("errorCode"):
            return Refusal(seen, f"{reply.error} {_said(seen)} {hidden}".strip())
        return None
    words = _without_restated(f"{reply.words} {_script_words(seen)}".strip(), seen.sent)
    return Refusal(seen, words) if reply.failed or (reply.status == 200 and _is_error_page(seen, words)) else None


def spoken_words(seen: Seen[Message]) -> str:
    """What an answer says, without the names of a JSON document's members."""
    texts = " ".join(_texts(list(seen.reply.members.values()), 3))
    return texts if texts.strip() and len(texts) < _PAGE_LIMIT else seen.reply.words


def as_provider_says(seen: Seen[Message], slug: str) -> Iterator[Found]:
    """What the provider's own phrase means, for a rule whose evidence neither shows the cause nor speaks against it."""
    for entry, phrase in said_for_rule(seen, slug)[:1]:
        yield Found(entry.means, entry.help, (seen.evidence("response", got=phrase),), Certainty.LIKELY)


def goes_back(seen: Seen[Message]) -> bool:
    """Whether an answer redirects to the `redirect_uri` of its own request, error or not: the provider accepted that one."""
    if not isinstance(seen.sent, AuthorizationRequest) or seen.reply.status // 100 != 3:
        return False
    wanted = (seen.sent.redirect_uri or "").partition("?")[0].rstrip("/")
    return bool(wanted) and base_of(seen.reply.header("location")).rstrip("/") == wanted


def was_tried_again(asked: Seen[AuthorizationRequest], scene: Scene) -> bool:
    """Whether a silent request (`prompt=none`) was followed by one that may show pages: its refusal was an ordinary answer then."""
    if "none" not in (asked.sent.prompt or ()):
        return False
    later = scene.after(asked.id, AuthorizationRequest)
    return any(one.sent.client_id == asked.sent.client_id and "none" not in (one.sent.prompt or ()) for one in later)


def base_of(url: str) -> str:
    """A URL without query and fragment."""
    return url.partition("#")[0].partition("?")[0]


def host_of(url: str) -> str:
    """A URL's host, lower case; empty when it has none."""
    return (split_url(url).hostname or "").lower()


def _said(seen: Seen[Message]) -> str:
    given = seen.reply.location
    names = ("error_description", "error_reason", "error_message", "error_code", "errorCode", "error_subcode", "error_hint", "error_debug")
    own = dict(reversed(seen.sent.fields)) if isinstance(seen.sent, AuthorizationResponse) else {}
    said = " ".join(str(own.get(name) or given.get(name, "")) for name in names)
    # LinkedIn escapes its sentence for HTML, and does it twice.
    return html.unescape(html.unescape(said))


def _without_restated(words: str, asked: AuthorizationRequest) -> str:
    """The words without the list of the request's parameters that some error pages show: it says nothing of what is wrong."""
    found = []
    for name in _RESTATED:
        value = asked.raw(name)
        if isinstance(value, str) and value and name in words and value in words:
            found.append(rf"\b{name}\b[\s:=\"'`]{{1,6}}{re.escape(value[:2000])}(?![\w/-]){_GOES_ON}")
    pattern = re.compile("|".join(found))
    return pattern.sub(" ", words) if len({match[0] for match in pattern.finditer(words)}) > 1 else words


def _texts(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one, depth - 1)


def _is_error_page(seen: Seen[Message], words: str) -> bool:
    # A sign-in page has much text and a form; a page that only says no is short, or names its code.
    body = seen.exchange.response.body[:_PAGE_LIMIT].lower() if seen.exchange.response else b""
    return bool(_ERROR_PAGE.search(words)) and (b"aadsts" in body or b"aadb2c" in body or b'type="password"' not in body)


def _script_words(seen: Seen[Message]) -> str:
    body = seen.exchange.response.body[:_PAGE_LIMIT].decode("utf-8", "replace") if seen.exchange.response else ""
    return " ".join(dict.fromkeys(_IN_SCRIPT.findall(body)))


def _packed(packed: str) -> str:
    """The printable parts of a base64 value."""
    try:
        octets = base64.urlsafe_b64decode(packed[:8192] + "=" * (-len(packed[:8192]) % 4))
    except (binascii.Error, ValueError):
        return ""
    return " ".join(_PRINTABLE.findall(octets.decode("latin-1")))
