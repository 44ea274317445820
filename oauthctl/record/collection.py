"""What the people's HTTP clients save: collections of Postman, exports of Insomnia. Requests, some of them with the answers they got.

Here: finding requests and saved answers in these documents, filling in their variables. Not here: their HAR files (`har_quirks`), text
(`pasted`).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oauthctl.http import FORM, JSON, Headers, Params, Request, Response
from oauthctl.record import purposes
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.har_quirks import BODY_LIMIT, FORM_LIMIT
from oauthctl.record.json_values import object_of, objects_of, text_of
from oauthctl.record.material import Material
from oauthctl.record.pasted_answer import purpose_of_answer
from oauthctl.record.piece import Piece

POSTMAN, INSOMNIA = "postman-collection", "insomnia-export"

_LIMIT = 2000
_DEPTH = 16
_POSTMAN_SCHEMA = re.compile(r"getpostman\.com/json/collection/|schema\.postman\.com/")
_VARIABLE = re.compile(r"\{\{\s{0,4}(?:_\.)?([\w.$ -]{1,100}?)\s{0,4}\}\}|\{%.{0,400}?%\}")
_URL_VARIABLE = re.compile(r"\A\{\{[^{}]{1,100}\}\}")
_SECRETS = {"bearer": "Bearer", "oauth2": "Bearer"}


@dataclass(frozen=True, slots=True)
class _Saved:
    """One request as it was saved, and one of the answers that were saved with it."""

    request: Request
    response: Response | None = None
    is_template: bool = False


@dataclass(frozen=True, slots=True)
class _Values:
    """What the document says of its variables; the others are somebody's environment, of which it holds nothing."""

    known: Mapping[str, str] = field(repr=False)

    def filled(self, text: str) -> str:
        """The text with known values for their names, `…` for what is unknown."""
        for _ in range(3):
            new = _VARIABLE.sub(lambda match: self.known.get(match[1] or "", match[0]), text)
            if new == text:
                break
            text = new[:BODY_LIMIT]
        return _VARIABLE.sub("…", text)

    def url(self, text: str) -> str:
        """The same of a URL, whose beginning keeps the variable's name if that is all that is known of the server."""
        for _ in range(3):
            text = _VARIABLE.sub(lambda match: self.known.get(match[1] or "", match[0]), text)[:FORM_LIMIT]
        start = _URL_VARIABLE.match(text)
        at = start.end() if start else 0
        return text[:at] + _VARIABLE.sub("…", text[at:])


def looks_like_collection(text: str) -> bool:
    """Whether a text may be such a document, told without reading it whole."""
    head = text[:64].lstrip()
    return head[:1] == "{" and (
        ('"item"' in text and _POSTMAN_SCHEMA.search(text) is not None) or ('"resources"' in text and '"__export_format"' in text)
    )


def read_collection(document: object, *, now: datetime) -> Material | None:
    """The requests of a collection that OAuth is about, with their saved answers; None when the document is no collection. Never raises."""
    if not isinstance(document, dict):
        return None
    info = document.get("info")
    if isinstance(document.get("item"), list) and isinstance(info, dict) and _POSTMAN_SCHEMA.search(text_of(info.get("schema"))):
        kind, saved = POSTMAN, _of_postman(document)
    elif isinstance(document.get("resources"), list) and "__export_format" in document:
        kind, saved = INSOMNIA, _of_insomnia(document["resources"])
    else:
        return None
    found: list[_Saved] = []
    left_out = 0
    for one in saved:
        if len(found) >= _LIMIT:
            break
        if one.response is not None or purpose_of_answer(one.request, None):
            found.append(one)
        else:
            left_out += 1
    return Material(kind, Recording(_exchanges(found, now)), notes=tuple(_notes(found, left_out)))


def _exchanges(found: list[_Saved], now: datetime) -> tuple[Exchange, ...]:
    moments = [Piece("", one.request, one.response).answered_at for one in found]
    latest = next((moment for moment in moments if moment is not None), now)
    exchanges: list[Exchange] = []
    for number, (one, moment) in enumerate(zip(found, moments, strict=True), 1):
        latest = moment or latest
        purpose = purpose_of_answer(one.request, one.response)
        channel = Channel.BROWSER if purpose == purposes.AUTHORIZATION and one.response is None else Channel.WIRE
        exchanges.append(Exchange(number, purpose, channel, one.request, latest, 0.0, one.response))
    return tuple(exchanges)


def _notes(found: list[_Saved], left_out: int) -> Iterator[str]:
    open_ = [number for number, one in enumerate(found, 1) if one.response is None]
    if open_:
        shown = ", ".join(str(number) for number in open_[:10]) + (" and more" if len(open_) > 10 else "")
        yield f"exchange{'s' if len(open_) > 1 else ''} {shown}: no answer was saved with the request, hence nobody knows how it ended"
    if left_out:
        yield f"{left_out} request{'s' if left_out > 1 else ''} without a saved answer {'have' if left_out > 1 else 'has'} nothing of OAuth"
    if any(one.is_template for one in found):
        yield "variables whose values the file does not hold stand as `…`: nothing about them was checked"
    if len(found) >= _LIMIT:
        yield f"only the first {_LIMIT} requests were read"


# Postman. Source: https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html


def _of_postman(document: dict[str, Any]) -> Iterator[_Saved]:
    values = _Values(
        {text_of(one.get("key")) or text_of(one.get("id")): _plain(one.get("value")) for one in objects_of(document.get("variable"))}
    )
    yield from _of_items(document["item"], values, auth=document.get("auth"), depth=0)


def _of_items(items: object, values: _Values, *, auth: object, depth: int) -> Iterator[_Saved]:
    for item in objects_of(items):
        own = item.get("auth") or auth
        if isinstance(item.get("item"), list) and depth < _DEPTH:
            yield from _of_items(item["item"], values, auth=own, depth=depth + 1)
        if "request" not in item:
            continue
        answers = objects_of(item.get("response"))
        for answer in answers:
            asked = answer.get("originalRequest") or item["request"]
            yield _saved(_postman_request(asked, values, own), _postman_response(answer))
        if not answers:
            yield _saved(_postman_request(item["request"], values, own), None)


def _postman_request(written: object, values: _Values, auth: object) -> Request:
    if isinstance(written, str):
        return Request("GET", values.url(written))
    request = object_of(written)
    headers = [(values.filled(name), values.filled(value)) for name, value in _pairs(request.get("header"), "key")]
    body, kind = _postman_body(object_of(request.get("body")), values)
    if kind and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", kind))
    credentials = _authorization(object_of(request.get("auth") or auth), values)
    if credentials and not any(name.lower() == "authorization" for name, _ in headers):
        headers.append(("Authorization", credentials))
    url = request.get("url")
    raw = url if isinstance(url, str) else text_of(object_of(url).get("raw"))
    return Request(text_of(request.get("method")).upper() or "GET", values.url(raw[:FORM_LIMIT]), Headers(tuple(headers)), body)


def _postman_body(body: dict[str, Any], values: _Values) -> tuple[bytes, str]:
    match body.get("mode"):
        case "urlencoded" if isinstance(body.get("urlencoded"), list):
            pairs = tuple((values.filled(name), values.filled(value)) for name, value in _pairs(body["urlencoded"], "key"))
            return Params(pairs).encode().encode("utf-8", "surrogatepass"), FORM
        case "urlencoded" | "raw":
            text = values.filled(text_of(body.get("raw")) or text_of(body.get("urlencoded")))[:FORM_LIMIT]
            language = object_of(object_of(body.get("options")).get("raw")).get("language")
            return text.encode("utf-8", "surrogatepass"), FORM if body["mode"] == "urlencoded" else JSON if language == "json" else ""
        case "formdata":
            return b"", "multipart/form-data"
        case _:
            return b"", ""


def _postman_response(answer: dict[str, Any]) -> Response | None:
    code = answer.get("code")
    if not isinstance(code, int) or isinstance(code, bool) or not 100 <= code < 600:
        return None
    body = text_of(answer.get("body"))[:BODY_LIMIT].encode("utf-8", "surrogatepass")
    return Response(code, Headers(tuple(_pairs(answer.get("header"), "key"))), body)


# Insomnia. Source: https://developer.konghq.com/insomnia/import-export/, the format of number 4.


def _of_insomnia(resources: list[Any]) -> Iterator[_Saved]:
    known: dict[str, str] = {}
    for one in objects_of(resources):
        if one.get("_type") == "environment" and isinstance(one.get("data"), dict):
            known |= {name: _plain(value) for name, value in one["data"].items() if isinstance(name, str)}
    values = _Values(known)
    answers: dict[str, list[dict[str, Any]]] = {}
    for one in objects_of(resources):
        if one.get("_type") == "response":
            answers.setdefault(text_of(one.get("parentId")), []).append(one)
    for one in objects_of(resources):
        if one.get("_type") == "request":
            request = _insomnia_request(one, values)
            saved = [_insomnia_response(answer) for answer in answers.get(text_of(one.get("_id")), ())] or [None]
            for response in saved:
                yield _saved(request, response)


def _insomnia_request(one: dict[str, Any], values: _Values) -> Request:
    headers = [(values.filled(name), values.filled(value)) for name, value in _pairs(one.get("headers"), "name")]
    body = object_of(one.get("body"))
    kind = text_of(body.get("mimeType"))
    if isinstance(body.get("params"), list) and "multipart" not in kind:
        pairs = tuple((values.filled(name), values.filled(value)) for name, value in _pairs(body["params"], "name"))
        content = Params(pairs).encode().encode("utf-8", "surrogatepass")
    else:
        content = values.filled(text_of(body.get("text"))[:FORM_LIMIT]).encode("utf-8", "surrogatepass")
    if kind and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", kind))
    credentials = _authorization(object_of(one.get("authentication")), values)
    if credentials and not any(name.lower() == "authorization" for name, _ in headers):
        headers.append(("Authorization", credentials))
    url = values.url(text_of(one.get("url"))[:FORM_LIMIT])
    query = Params(tuple((values.filled(name), values.filled(value)) for name, value in _pairs(one.get("parameters"), "name"))).encode()
    url = f"{url}{'&' if '?' in url else '?'}{query}" if query else url
    return Request(text_of(one.get("method")).upper() or "GET", url, Headers(tuple(headers)), content)


def _insomnia_response(answer: dict[str, Any]) -> Response | None:
    code = answer.get("statusCode")
    if not isinstance(code, int) or isinstance(code, bool) or not 100 <= code < 600:
        return None
    body = text_of(answer.get("body"))[:BODY_LIMIT].encode("utf-8", "surrogatepass")
    return Response(code, Headers(tuple(_pairs(answer.get("headers"), "name"))), body)


def _authorization(auth: dict[str, Any], values: _Values) -> str:
    """The header that the program makes of what was typed into its form; empty when it makes none, or nothing is known of the token."""
    kind = text_of(auth.get("type"))
    if auth.get("disabled") is True:
        return ""
    inner = auth.get(kind)
    told = dict(_pairs(inner, "key")) if isinstance(inner, list) else {**object_of(inner), **auth}
    if kind in _SECRETS:
        token = values.filled(text_of(told.get("token")) or text_of(told.get("accessToken")))
        prefix = text_of(told.get("prefix")) or text_of(told.get("headerPrefix")).strip() or _SECRETS[kind]
        return f"{prefix} {token}" if token else ""
    if kind == "basic" and (told.get("username") or told.get("password")):
        pair = f"{values.filled(text_of(told.get('username')))}:{values.filled(text_of(told.get('password')))}"
        return "" if "…" in pair else f"Basic {base64.b64encode(pair.encode('utf-8', 'surrogatepass')).decode('ascii')}"
    return ""


def _saved(request: Request, response: Response | None) -> _Saved:
    texts = (request.url, *(value for _, value in request.headers), request.body.decode("utf-8", "replace"))
    return _Saved(request, response, any("…" in text or "%E2%80%A6" in text or "{{" in text for text in texts))


def _pairs(written: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(written, dict):
        written = [{name: key, "value": value} for key, value in written.items()]
    for one in objects_of(written):
        if isinstance(one.get(name), str) and one[name] and one.get("disabled") is not True:
            yield one[name], _plain(one.get("value"))


def _plain(value: object) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
