"""What came back to a request, read leniently: did it fail, and what does it say about it?

Here: one answer. Not here: whether a later answer made good for it (`scene`).
"""

from __future__ import annotations

import base64
import html
import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote_plus

from oauthctl.http import split_url
from oauthctl.messages.answer import Answer, read_answer
from oauthctl.messages.challenge import Challenge, bearer_challenge
from oauthctl.record import purposes
from oauthctl.record.exchange import Channel, Exchange, is_body_unseen
from oauthctl.record.hidden_refusal import refusal_behind_200
from oauthctl.record.jwt_answer import opened
from oauthctl.record.page_answer import answer_in_page
from oauthctl.record.purposes import fragment_of, query_of
from oauthctl.record.transaction import is_asked_in_form

_TEXT_LIMIT = 64 * 1024
_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^<>]{0,2000}>", re.IGNORECASE | re.DOTALL)
_BLANKS = re.compile(r"\s+")
_ESCAPED = re.compile(r"\\(?:u00([2-7][0-9a-fA-F])|([\"/\\nrt]))")
# What the token endpoint says to a device that polls as it should. Source: RFC 8628 section 3.5.
PENDING = ("authorization_pending",)
# Error pages come with status 200, too. Entra's has its message in a script, Google's in the redirect that leads to it.
_ERROR_PAGE = re.compile(
    r"AADSTS\d{5,7}\b|redirect_uri did not match any configured URIs"
    r"|URL Blocked: This redirect failed|Can't Load URL: The domain of this URL|App not active: This app is not accessible"
    r"|We couldn't log in with TikTok"
)
_ERROR_PATH = re.compile(r"/(?:\w*error\w*|oops)(?:[/.]|$)", re.IGNORECASE)
_ERROR_WORD = re.compile(r"\b(?:error|sorry|oops|invalid|went wrong|failed|unauthorized_client)\b|invalid_", re.IGNORECASE)
# Fields for what only the person knows: a password, the code of a second factor.
_OF_PERSON = re.compile(rb"<input\b[^>]{0,400}(?:\btype=[\"']?password\b|\bautocomplete=[\"']?one-time-code\b)", re.IGNORECASE)
_TITLE = re.compile(rb"<title[^>]{0,80}>([^<]{1,200})</title", re.IGNORECASE)
_FAILED_SIGN_IN = re.compile(
    r"(?:log-?in|sign-?in|logon|authentication|authori[sz]ation|sso)[ :-]{1,3}(?:failed|failure|error|unsuccessful)"
    r"|(?:failed|unable|could not|couldn't|error)[^<]{0,30}(?:log(?:ging)? ?in|sign(?:ing)? ?in|authenticat)",
    re.IGNORECASE,
)
_MESSAGE_IN_SCRIPT = re.compile(r'"strServiceExceptionMessage":\s*("(?:[^"\\]|\\.){1,4000}")')
_PRINTABLE = re.compile(r"[\x20-\x7e]{4,}")
_MESSAGE_NAMES = ("error_description", "errorSummary", "error_message", "message", "detail", "title", "msg", "errmsg", "reason")
# Where platforms say by a number why there is no token, with the status 200. Source: https://developers.weixin.qq.com/doc/oplatform.
_NUMBERS, _BESIDE_NUMBER = ("errcode", "err_code", "error_code", "code"), ("errmsg", "err_msg", "msg", "message")


@dataclass(frozen=True)
class Reply:
    """One answer. `has_answer` is False where none was seen: a connection failed (`failure`), or only the request was recorded."""

    exchange: Exchange
    purpose: str

    @property
    def has_answer(self) -> bool:
        """Whether an HTTP answer was seen."""
        return self.exchange.response is not None

    @property
    def failure(self) -> str:
        """Why no answer came; empty when one came, or when nobody knows."""
        return self.exchange.failure if self.exchange.response is None else ""

    @property
    def status(self) -> int:
        """The HTTP status; 0 without an answer."""
        return self.exchange.response.status if self.exchange.response else 0

    @cached_property
    def verdict(self) -> int:
        """The status that the answer means: 401 or 403 where a 200 hides a no, as with GraphQL and gRPC."""
        return self._hidden[0] or self.status

    @cached_property
    def _hidden(self) -> tuple[int, str]:
        if self.purpose not in (purposes.API, purposes.USERINFO) or self.exchange.response is None:
            return 0, ""
        return refusal_behind_200(self.exchange.request, self.exchange.response)

    def header(self, name: str) -> str:
        """A response header; empty when it is missing."""
        return (self.exchange.response.headers.get(name) or "") if self.exchange.response else ""

    @cached_property
    def answer(self) -> Answer:
        """The body's members, or the problem with it."""
        return read_answer(self.exchange.response) if self.exchange.response else Answer(problem="no answer")

    @cached_property
    def members(self) -> dict[str, Any]:
        """The body's members by name, the first of each name."""
        return dict(reversed(self.answer.fields))

    @cached_property
    def challenge(self) -> Challenge | None:
        """The bearer challenge of `WWW-Authenticate`."""
        return bearer_challenge(self.exchange.response) if self.exchange.response else None

    @cached_property
    def location(self) -> dict[str, str]:
        """The parameters of the redirect's query and fragment, and of a callback's own URL."""
        where = self.exchange.request.url if self.purpose == purposes.CALLBACK else self.header("location")
        pairs = (*query_of(where).pairs, *fragment_of(where).pairs)
        if self.purpose == purposes.CALLBACK:
            pairs = (*pairs, *(self.exchange.request.form.pairs if self.exchange.request.method == "POST" else ()))
        if self.purpose == purposes.AUTHORIZATION and self.exchange.response is not None:
            pairs = (*pairs, *answer_in_page(self.exchange.response))
        return {name: str(value) for name, value in reversed(opened(pairs))}

    @cached_property
    def error(self) -> str:
        """The error code: of the body, of the redirect, or of the challenge; empty when there is none."""
        value = self.members.get("error")
        if isinstance(value, dict):
            value = value.get("status") or value.get("code") or value.get("message") or ""
        said = value if isinstance(value, str) else ""
        code = self.members.get("errorCode") or self.members.get("error_code")
        said = said or (code if isinstance(code, str) else "") or self._number
        if not said and (self.status // 100 == 3 or self.purpose in (purposes.CALLBACK, purposes.AUTHORIZATION)):
            said = self.location.get("error", "")
        return said or (self.challenge.get("error") if self.challenge else "")

    @cached_property
    def _number(self) -> str:
        """The number of an error that comes with status 200, beside a sentence and without a token."""
        if self.purpose != purposes.TOKEN or self.status != 200 or "access_token" in self.members:
            return ""
        if not any(isinstance(self.members.get(name), str) for name in _BESIDE_NUMBER):
            return ""
        numbers = (self.members.get(name) for name in _NUMBERS)
        return next((str(number) for number in numbers if isinstance(number, int) and not isinstance(number, bool) and number), "")

    @cached_property
    def description(self) -> str:
        """What the server says in words."""
        for name in _MESSAGE_NAMES:
            value = self.members.get(name)
            if isinstance(value, str) and value:
                return value
        inner = self.members.get("error")
        if isinstance(inner, dict) and isinstance(inner.get("message"), str):
            return str(inner["message"])
        if self.status // 100 == 3 or self.purpose == purposes.CALLBACK:
            return self.location.get("error_description", "")
        return self.challenge.get("error_description") if self.challenge else ""

    @cached_property
    def words(self) -> str:
        """All that the server says, as one bounded line of text: body without tags, the redirect's parameters, challenges, the failure."""
        parts = [self.failure, *(self.exchange.response.headers.all("www-authenticate") if self.exchange.response else ())]
        parts += [f"{name}={value}" for name, value in self.location.items() if name not in ("code", "state")]
        if self.exchange.response:
            body = self.exchange.response.body[:_TEXT_LIMIT].decode("utf-8", "replace")
            body = _without_escapes(body)
            parts.append(_TAG.sub(" ", body) if "<" in body else body)
            parts += [_unquoted(text) for text in _MESSAGE_IN_SCRIPT.findall(body)]
        parts.append(self._hidden[1])
        parts.append(_inside_base64(self.location.get("authError", "")))
        if self.status // 100 == 3:
            parts.append(unquote_plus(self.header("location")[:_TEXT_LIMIT]))
        said = html.unescape(html.unescape(" ".join(part for part in parts if part)))
        # Pages are set in type, and what they are searched for is not.
        return _BLANKS.sub(" ", said.replace("’", "'"))

    @property
    def is_body_unseen(self) -> bool:
        """Whether the answer had a body that the recording does not hold: nobody knows then what it said."""
        return is_body_unseen(self.exchange)

    @cached_property
    def tells_of_failed_sign_in(self) -> bool:
        """Whether it is a page, of whatever status, with a title that tells of a sign-in that failed."""
        if self.exchange.response is None or "html" not in self.header("content-type"):
            return False
        match = _TITLE.search(self.exchange.response.body[:_TEXT_LIMIT])
        return match is not None and _FAILED_SIGN_IN.search(match[1].decode("utf-8", "replace")) is not None

    @property
    def is_own_error_page(self) -> bool:
        """Whether it is the page that a provider keeps for errors: by its path, its words, and that nobody can sign in there."""
        if _ERROR_PATH.search(split_url(self.exchange.request.url).path) is None or "html" not in self.header("content-type"):
            return False
        body = self.exchange.response.body[:_TEXT_LIMIT].lower() if self.exchange.response else b""
        return _ERROR_WORD.search(self.words) is not None and b'type="password"' not in body

    @property
    def asks_person_again(self) -> bool:
        """Whether what a person filled in at the authorization endpoint is answered with a page that asks once more, be its status 4xx.

        A mistyped password refuses nothing of the authorization request.
        """
        request, response = self.exchange.request, self.exchange.response
        if self.purpose != purposes.AUTHORIZATION or response is None or request.method != "POST" or is_asked_in_form(request):
            return False
        return "html" in self.header("content-type") and _OF_PERSON.search(response.body[:_TEXT_LIMIT]) is not None

    @cached_property
    def failed(self) -> bool:
        """Whether this is a no, or no usable answer at all."""
        if self.purpose == purposes.CALLBACK and self.error:
            return True
        if not self.has_answer:
            return bool(self.failure) and self.exchange.channel is not Channel.BROWSER
        if self.error in PENDING or self.asks_person_again:
            return False
        if self.verdict >= 400:
            return True
        if self.status == 304 or (self.status < 300 and self.is_body_unseen):
            return False
        if self.purpose == purposes.AUTHORIZATION:
            if self.status // 100 == 3 or "error" in self.location:
                return "error" in self.location or "authError" in self.location
            return _ERROR_PAGE.search(self.words) is not None or self.is_own_error_page
        if self.purpose in (purposes.TOKEN, purposes.DEVICE_AUTHORIZATION, purposes.PUSHED_AUTHORIZATION, purposes.REGISTRATION):
            return bool(self.answer.problem) or bool(self.error) or self.members.get("ok") is False
        if self.purpose in (purposes.DISCOVERY, purposes.RESOURCE_METADATA, purposes.JWKS):
            return bool(self.answer.problem)
        return False


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return ""


def _without_escapes(body: str) -> str:
    """JSON with its quotes, slashes and letters as they are read: `claim \\"groups\\"`, `audience \\u0027api\\u0027`."""
    if body.lstrip()[:1] not in ("{", "[") or "\\" not in body:
        return body
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)) if match[1] else match[2] if match[2] in '"/\\' else " ", body)


def _inside_base64(text: str) -> str:
    """The readable pieces of a base64 text, such as the message in the address of Google's error page."""
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_")
    except ValueError:
        return ""
    return " ".join(_PRINTABLE.findall(decoded.decode("latin-1")))
