"""HAR 1.2, the file format of recordings: a `Recording` to a document and back.

Here: the codec. Raw URLs, header order, case and duplicates, and bodies survive byte for byte; our own fields are members named
`_oauthctl`. Not here: hiding secrets (`redact`), files (`store.recordings`). Reading takes what other tools write, and leaves out what
can't be read. Source: http://www.softwareishard.com/blog/har-12-spec/
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from oauthctl.errors import ConfigError
from oauthctl.http import FORM, Headers, Params, Request, Response
from oauthctl.record.content_coding import unpacked
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.json_values import object_of, text_of
from oauthctl.record.purposes import purpose_of
from oauthctl.record.seal import sealed

OURS = "_oauthctl"
_CREATOR = "oauthctl"
_UNKNOWN_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)

PHRASES = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    421: "Misdirected Request",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
"""What a status says in words. Source: RFC 9110 section 15, RFC 6585."""

Facts: TypeAlias = Mapping[int, Mapping[str, object]]
"""What is known of exchanges beyond their bytes, by the exchange's id: `{4: {"pkce_matches": True}}`."""


def to_har(recording: Recording, *, facts: Facts | None = None) -> dict[str, Any]:
    """The recording as a HAR document, ready for `json.dumps`."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": _CREATOR, "version": recording.tool_version},
            "pages": [],
            "entries": [_entry(exchange, (facts or {}).get(exchange.id, {})) for exchange in recording.exchanges],
            OURS: {
                "issuer": recording.issuer,
                "command": recording.command,
                **({"error": recording.error} if recording.error else {}),
            },
        }
    }


def from_har(document: object) -> Recording:
    """The recording that a HAR document holds; entries that can't be read at all are left out.

    Raises `ConfigError` when the document is no HAR.
    """
    log = object_of(object_of(document).get("log"))
    entries = log.get("entries")
    if not isinstance(entries, list):
        raise ConfigError(
            "this is no HAR document: it has no list `log.entries`",
            slug="not-a-har",
            help="save it in the browser's network panel with `Save all as HAR`, or name a recording of `oauthctl trace list`",
        )
    creator, ours = object_of(log.get("creator")), object_of(log.get(OURS))
    exchanges: list[Exchange] = []
    taken: set[int] = set()
    pages: dict[str, int] = {}
    for entry in entries:
        if isinstance(entry, dict):
            exchanges.append(_exchange(entry, taken, pages))
            taken.add(exchanges[-1].id)
    return Recording(
        tuple(exchanges),
        tool_version=text_of(creator.get("version")) if creator.get("name") == _CREATOR else "",
        issuer=text_of(ours.get("issuer")),
        command=text_of(ours.get("command")),
        error=text_of(ours.get("error")),
    )


def is_ours(document: object) -> bool:
    """Whether this tool wrote the document: then its secrets are gone, and facts tell what they told."""
    return object_of(object_of(object_of(document).get("log")).get("creator")).get("name") == _CREATOR


def facts_of(document: object) -> dict[int, dict[str, object]]:
    """The facts that a HAR document of ours holds, by the exchange's id."""
    log = object_of(object_of(document).get("log"))
    entries = log.get("entries")
    found: dict[int, dict[str, object]] = {}
    for entry in entries if isinstance(entries, list) else []:
        ours = object_of(object_of(entry).get(OURS))
        facts = ours.get("facts")
        if isinstance(facts, dict) and facts and _is_id(ours.get("id")):
            found[ours["id"]] = facts
    return found


def _entry(exchange: Exchange, facts: Mapping[str, object]) -> dict[str, Any]:
    milliseconds = exchange.seconds * 1000
    return {
        "startedDateTime": exchange.started_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "time": milliseconds,
        "request": _request_document(exchange.request),
        "response": _response_document(exchange.response, exchange.failure),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        OURS: {
            "id": exchange.id,
            "purpose": exchange.purpose,
            "channel": exchange.channel.value,
            "seconds": exchange.seconds,
            "answered": exchange.response is not None,
            "failure": exchange.failure,
            **({"certificate": exchange.certificate} if exchange.certificate else {}),
            **({"page": exchange.page} if exchange.page else {}),
            **({"facts": sealed(exchange, facts)} if facts else {}),
        },
    }


def _request_document(request: Request) -> dict[str, Any]:
    document: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(request.headers.pairs),
        "queryString": _pairs(Params.parse(_query(request.url)).pairs),
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        document["postData"] = _post_data(request)
    return document


def _post_data(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type") or ""
    text = _as_text(request.body)
    if text is None:
        # HAR 1.2 has no place for binary request bodies; `_encoding` is ours.
        return {"mimeType": kind, "text": base64.b64encode(request.body).decode("ascii"), "_encoding": "base64"}
    is_form = kind.partition(";")[0].strip().lower() == FORM
    # Browsers write both although the specification calls `params` and `text` mutually exclusive; `text` alone keeps the bytes.
    return {"mimeType": kind, "text": text, **({"params": _pairs(request.form.pairs)} if is_form else {})}


def _response_document(response: Response | None, failure: str) -> dict[str, Any]:
    answer = response or Response(0)
    text = _as_text(answer.body)
    encoded = {"text": base64.b64encode(answer.body).decode("ascii"), "encoding": "base64"} if text is None else {"text": text}
    document = {
        "status": answer.status,
        "statusText": answer.reason if answer.http_version else PHRASES.get(answer.status, ""),
        "httpVersion": answer.http_version,
        "cookies": [],
        "headers": _pairs(answer.headers.pairs),
        "content": {"size": len(answer.body), "mimeType": answer.headers.get("content-type") or "", **encoded},
        "redirectURL": answer.headers.get("location") or "",
        "headersSize": -1,
        "bodySize": len(answer.body) if response else -1,
    }
    return document | ({"_error": failure} if failure else {})


def _page(entry: dict[str, Any], ours: dict[str, Any], pages: dict[str, int]) -> int:
    """The number of the page that sent it: browsers give pages names of their own."""
    if "page" in ours:
        return ours["page"] if _is_id(ours["page"]) else 0
    name = text_of(entry.get("pageref"))
    return pages.setdefault(name, len(pages) + 1) if name else 0


def _exchange(entry: dict[str, Any], taken: set[int], pages: dict[str, int]) -> Exchange:
    ours = object_of(entry.get(OURS))
    request, response = _request(object_of(entry.get("request"))), _response(entry, ours)
    return Exchange(
        id=ours["id"] if _is_id(ours.get("id")) and ours["id"] not in taken else max(taken, default=0) + 1,
        purpose=text_of(ours.get("purpose")) if "purpose" in ours else purpose_of(request, response),
        channel=_channel(ours.get("channel")),
        request=request,
        started_at=_moment(entry.get("startedDateTime")),
        seconds=_seconds(ours.get("seconds"), entry.get("time")),
        response=response,
        failure=text_of(ours.get("failure")) or (text_of(object_of(entry.get("response")).get("_error")) if response is None else ""),
        certificate=text_of(ours.get("certificate")),
        page=_page(entry, ours, pages),
    )


def _request(document: dict[str, Any]) -> Request:
    post = object_of(document.get("postData"))
    if text_of(post.get("text")):
        body = _bytes(post, post.get("_encoding") or post.get("encoding"))
    else:
        # Some tools write the form's parameters alone.
        body = Params(_unpaired(post.get("params"))).encode().encode("utf-8", "surrogatepass")
    return Request(text_of(document.get("method")), text_of(document.get("url")), Headers(_unpaired(document.get("headers"))), body)


def _response(entry: dict[str, Any], ours: dict[str, Any]) -> Response | None:
    document = object_of(entry.get("response"))
    status = document.get("status")
    status = status if isinstance(status, int) and not isinstance(status, bool) else 0
    # Other tools write 0 or -1 for a request that got no answer.
    answered = ours.get("answered")
    if not (answered if isinstance(answered, bool) else status > 0):
        return None
    content = object_of(document.get("content"))
    version = text_of(document.get("httpVersion"))
    # Without a version the answer was not seen on the wire, and the words are those that go with its status.
    reason = text_of(document.get("statusText")) if version else ""
    headers = Headers(_unpaired(document.get("headers")))
    body = _bytes(content, content.get("encoding"))
    # A capture can hold the body as it travelled; what is in it must be found and hidden like any other.
    body = unpacked(body) if "content-encoding" in headers else body
    return Response(status, headers, body, http_version=version, reason=reason)


def _bytes(document: dict[str, Any], encoding: object) -> bytes:
    text = text_of(document.get("text"))
    if isinstance(encoding, str) and encoding.lower() == "base64":
        # Some write the alphabet of URLs, some leave out the padding.
        text = text.translate({ord("-"): "+", ord("_"): "/"})
        text += "=" * (-len(text.rstrip("=")) % 4) if not text.endswith("=") else ""
        try:
            return base64.b64decode(text, validate=False)
        except (binascii.Error, ValueError):
            pass
    return text.encode("utf-8", "surrogatepass")


def _as_text(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _pairs(pairs: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _unpaired(documents: object) -> tuple[tuple[str, str], ...]:
    items = documents if isinstance(documents, list) else []
    return tuple(
        (item["name"], text_of(item.get("value"))) for item in items if isinstance(item, dict) and isinstance(item.get("name"), str)
    )


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _channel(value: object) -> Channel:
    try:
        return Channel(value) if isinstance(value, str) else Channel.WIRE
    except ValueError:
        return Channel.WIRE


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(text_of(value))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return _UNKNOWN_MOMENT


def _seconds(seconds: object, milliseconds: object) -> float:
    for value, unit in ((seconds, 1.0), (milliseconds, 1000.0)):
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12:
            return float(value) / unit
    return 0.0


def _query(url: str) -> str:
    try:
        return urlsplit(url).query
    except ValueError:
        return ""
