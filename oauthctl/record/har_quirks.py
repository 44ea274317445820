"""HAR entries as browsers and proxies really write them, made into entries as the specification has them.

Here: one entry of Chrome, Edge, Firefox, Safari, mitmproxy, Charles, Fiddler, Postman, Insomnia, Proxyman, HTTP Toolkit. Nothing is made
up: what an entry doesn't say stays unsaid. Not here: the codec (`har`), which entries matter (`capture`).
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

from oauthctl.http import FORM, decimal
from oauthctl.record.content_coding import is_compressed, unpacked
from oauthctl.record.json_values import object_of, text_of

BODY_LIMIT = 2 * 1024 * 1024
"""Bytes of a body that are kept at most; a longer one is no message of the protocol."""

FORM_LIMIT = 64 * 1024
"""Characters of a request's body that are kept at most: no form of the protocol is as long."""

# The page went elsewhere, or a script changed its mind: the request did not fail.
_ABORTED = re.compile(r"ERR_ABORTED|NS_BINDING_ABORTED|NS_ERROR_ABORT|^\(?cancell?ed\)?$|^aborted$|load (?:was )?cancell?ed", re.IGNORECASE)
_FORM_TEXT = re.compile(r"(?:[A-Za-z0-9*._~+!'()-]|%[0-9A-Fa-f]{2})*")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
# Firefox once put the headers of the upload stream before a form's text.
_STREAM_HEADERS = re.compile(r"\A(?:[A-Za-z-]{1,40}: [^\r\n]{0,200}\r\n){1,8}\r\n")
# Brotli, Zstandard and their forms with a dictionary. Source: RFC 7932, RFC 8878, RFC 9842.
_NOT_UNPACKED = frozenset(("br", "zstd", "dcb", "dcz", "compress"))
_BODILESS = (204, 205)
_HEAD = 4096
_TEXT = re.compile("[^\x00-\x08\x0e-\x1f\x7f\ufffd]*")
_MILLISECONDS_FROM = 1e11
# A form of nothing but names takes that much longer to read than a page of the same length.
_FORM_WEIGHT = 16
_MOST_PAIRS = 200


def tidied(entry: dict[str, Any], *, with_body: bool = True) -> dict[str, Any]:
    """The entry with the members that `from_har` reads, in their right types. Never raises."""
    asked, answered = object_of(entry.get("request")), object_of(entry.get("response"))
    sent, back = _headers(asked.get("headers")), _headers(answered.get("headers"))
    response = _response(asked, answered, back)
    if not with_body:
        response["content"] = {}
    if response["status"] <= 0:
        response["_error"] = failure_of(entry)
    moment = moment_of_entry(entry)
    return {
        "startedDateTime": moment.isoformat() if moment else "",
        "time": entry.get("time"),
        "request": _request(asked, sent),
        "response": response,
        **({"pageref": entry["pageref"]} if isinstance(entry.get("pageref"), str) else {}),
    }


def was_aborted(entry: dict[str, Any]) -> bool:
    """Whether the browser gave the request up by itself, as when a page is left."""
    return _ABORTED.search(_said_failure(entry)) is not None


def failure_of(entry: dict[str, Any]) -> str:
    """Why no answer came, in the recorder's words; empty when nobody says, or when the request was given up."""
    said = _said_failure(entry)
    return "" if _ABORTED.search(said) else said


def status_of(entry: dict[str, Any]) -> int:
    """The answer's status; 0 when there is none."""
    status = object_of(entry.get("response")).get("status")
    if isinstance(status, str) and len(status) == 3:
        return decimal(status) or 0
    if isinstance(status, float) and status.is_integer() and 0 < status < 1000:
        return int(status)
    return status if isinstance(status, int) and not isinstance(status, bool) and 0 < status < 1000 else 0


def url_of(entry: dict[str, Any]) -> str:
    """The request's URL."""
    asked = object_of(entry.get("request"))
    url = asked.get("url")
    if isinstance(url, dict):
        url = url.get("raw")
    return _with_query(url, asked.get("queryString")) if isinstance(url, str) else ""


def _with_query(url: str, pairs: object) -> str:
    """The URL with the query that some tools, such as Insomnia, keep apart from it."""
    if "?" in url or not isinstance(pairs, list) or not pairs:
        return url
    kept = [
        (pair["name"], pair["value"])
        for pair in pairs[:_MOST_PAIRS]
        if isinstance(pair, dict) and isinstance(pair.get("name"), str) and isinstance(pair.get("value"), str) and not pair.get("disabled")
    ]
    address, mark, fragment = url.partition("#")
    query = urlencode(kept, quote_via=quote, safe="-._~", errors="surrogatepass")
    return f"{address}?{query}{mark}{fragment}" if query else url


def moment_of_entry(entry: dict[str, Any]) -> datetime | None:
    """When the request began: ISO text in any of its forms, the text of a mail's date, or a number; None when it isn't said."""
    value = entry.get("startedDateTime")
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value > _MILLISECONDS_FROM else value, UTC)
        if not isinstance(value, str) or not value or len(value) > 64:
            return None
        moment = datetime.fromisoformat(value) if value[0].isdigit() else parsedate_to_datetime(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None


def weight_of(entry: dict[str, Any]) -> int:
    """How many characters its bodies have."""
    post = object_of(entry.get("request")).get("postData")
    sent = post if isinstance(post, str) else text_of(object_of(post).get("text"))
    came = text_of(object_of(object_of(entry.get("response")).get("content")).get("text"))
    return min(len(sent), FORM_LIMIT) * _FORM_WEIGHT + min(len(came), BODY_LIMIT)


def packed_with(entry: dict[str, Any]) -> str:
    """The coding in which an answer's body was kept, if it is one that nothing here unpacks; empty when its text is there."""
    answered = object_of(entry.get("response"))
    codings = [one["value"] for one in _headers(answered.get("headers")) if one["name"].lower() == "content-encoding"]
    coding = codings[-1].rpartition(",")[2].strip().lower() if codings else ""
    content = object_of(answered.get("content"))
    if coding not in _NOT_UNPACKED or text_of(content.get("encoding")).lower() != "base64":
        return ""
    try:
        head = base64.b64decode(text_of(content.get("text"))[:_HEAD], validate=False)
    except (binascii.Error, ValueError):
        return ""
    # Most tools unpack the body and leave the header as it was.
    return "" if _TEXT.fullmatch(head.decode("utf-8", "replace").rstrip("\ufffd")) else coding


def lacks_body(entry: dict[str, Any]) -> bool:
    """Whether an answer had a body that the capture does not hold."""
    answered = object_of(entry.get("response"))
    content = object_of(answered.get("content"))
    text = content.get("text")
    if isinstance(text, str) and text:
        return False
    # Source: HAR 1.2, `content`: -1 stands for a size that nobody knows.
    if content.get("size") == -1 and answered.get("bodySize") != 0:
        method = text_of(object_of(entry.get("request")).get("method")).upper()
        return status_of(entry) >= 200 and status_of(entry) // 100 != 3 and status_of(entry) not in _BODILESS and method != "HEAD"
    return max(_size(content.get("size")), _size(answered.get("bodySize"))) > 0


def _request(asked: dict[str, Any], headers: list[dict[str, str]]) -> dict[str, Any]:
    post = asked.get("postData")
    post = {"text": post} if isinstance(post, str) else object_of(post)
    method = asked.get("method")
    request: dict[str, Any] = {
        "method": method.upper() if isinstance(method, str) else "",
        "url": url_of({"request": asked}),
        "headers": headers,
    }
    text, kind = post.get("text"), post.get("mimeType")
    if isinstance(text, str) and text:
        encoding = post.get("_encoding") or post.get("encoding")
        request["postData"] = {"text": _STREAM_HEADERS.sub("", text[:FORM_LIMIT]), "encoding": encoding}
    elif isinstance(post.get("params"), list):
        request["postData"] = _params(post["params"])
        kind = kind or FORM
    if isinstance(kind, str) and kind and "postData" in request and not any(one["name"].lower() == "content-type" for one in headers):
        request["headers"] = [*headers, {"name": "Content-Type", "value": kind}]
    return request


def _params(written: list[Any]) -> dict[str, Any]:
    """Parameters alone: some tools leave them percent-encoded, others don't; what needed encoding and has none tells."""
    pairs = [(one["name"], text_of(one.get("value"))) for one in written if isinstance(one, dict) and isinstance(one.get("name"), str)]
    parts = [part for pair in pairs for part in pair]
    if any(_ESCAPE.search(part) for part in parts) and all(_FORM_TEXT.fullmatch(part) for part in parts):
        return {"text": "&".join(f"{name}={value}" for name, value in pairs)}
    return {"params": [{"name": name, "value": value} for name, value in pairs]}


def _response(asked: dict[str, Any], answered: dict[str, Any], headers: list[dict[str, str]]) -> dict[str, Any]:
    entry = {"request": asked, "response": answered}
    status = status_of(entry)
    names = {one["name"].lower() for one in headers}
    target = answered.get("redirectURL")
    if 300 <= status < 400 and "location" not in names and isinstance(target, str) and target:
        headers = [*headers, {"name": "Location", "value": target}]
    content = object_of(answered.get("content"))
    is_packed = bool(packed_with(entry))
    if (is_packed or lacks_body(entry)) and "content-length" not in names:
        # Over HTTP/2 the header is often missing; without it nobody could tell an empty body from one that was not captured.
        size = max(_size(content.get("size")), _size(answered.get("bodySize")), 1)
        headers = [*headers, {"name": "Content-Length", "value": str(size)}]
    kind = content.get("mimeType")
    if isinstance(kind, str) and kind and "content-type" not in names and kind != "x-unknown" and status > 0:
        headers = [*headers, {"name": "Content-Type", "value": kind}]
    return {"status": status, "headers": headers, "content": {} if is_packed else _content(content)}


def _content(content: dict[str, Any]) -> dict[str, Any]:
    """The body, unpacked where a proxy kept it as it travelled."""
    text = text_of(content.get("text"))
    encoding = text_of(content.get("encoding")).lower()
    if encoding != "base64":
        return {"text": text[: BODY_LIMIT + 1]}
    if len(text) > BODY_LIMIT * 2:
        return {}
    try:
        body = base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return {"text": text, "encoding": encoding}
    if is_compressed(body):
        text = base64.b64encode(unpacked(body)).decode("ascii")
    return {"text": text, "encoding": "base64"}


def _headers(written: object) -> list[dict[str, str]]:
    """Headers from a list of pairs or an object; without HTTP/2's pseudo headers, which are no headers."""
    if isinstance(written, dict):
        pairs = [(name, value) for name, value in written.items() if isinstance(value, str)]
    elif isinstance(written, list):
        pairs = [(one["name"], text_of(one.get("value"))) for one in written if isinstance(one, dict) and isinstance(one.get("name"), str)]
    else:
        pairs = []
    return [{"name": name, "value": value} for name, value in pairs if name and not name.startswith(":")]


def _said_failure(entry: dict[str, Any]) -> str:
    answered = object_of(entry.get("response"))
    said = (answered.get("_error"), entry.get("_error"), answered.get("_errorText"), answered.get("comment"), entry.get("comment"))
    return next((value[:2000] for value in said if isinstance(value, str) and value), text_of(answered.get("statusText"))[:2000])


def _size(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 50 else 0
