"""What the endpoints answer with: JSON, redirects, errors.

Here: the shapes that several endpoints share. Not here: HTML (`pages`), nor when an answer is due.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias
from urllib.parse import unquote_plus

from oauthctl.http import FORM, JSON, Headers, Params, Request, Response
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState

Answer: TypeAlias = tuple[ProviderState, Response]
Endpoint: TypeAlias = Callable[[ProviderState, Request, Moment], Answer]

NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
CLIENT_DOCUMENT = "client document"
"""What the log calls the reading of a client's own document."""
UNTOLD = ", but "
"""What stands behind it in a reason is for the log alone: how other machines answer is nothing for whoever names their URL."""
CORS = (("Access-Control-Allow-Origin", "*"),)


class Denied(Exception):
    """An endpoint says no. `state` is the state to go on with when the refusal itself changed it."""

    def __init__(
        self,
        error: str,
        description: str,
        *,
        status: int = 400,
        headers: tuple[tuple[str, str], ...] = (),
        state: ProviderState | None = None,
    ) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
        self.headers = headers
        self.state = state


def json_answer(
    document: Mapping[str, Any] | Sequence[Any], status: int = 200, *, headers: tuple[tuple[str, str], ...] = NO_STORE
) -> Response:
    """A JSON object or array."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return Response(status, Headers((("Content-Type", JSON), *headers)), body)


def redirect(url: str, *, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """A redirect that the browser follows with GET.

    Source: RFC 9700 section 4.12: 303 is the status that never sends a form's credentials on.
    """
    return Response(303, Headers((("Location", url), *NO_STORE, *headers)))


def refuse(state: ProviderState, request: Request, denied: Denied, *, endpoint: str, moment: Moment) -> Answer:
    """The JSON error of RFC 6749 section 5.2, and the log's line about it."""
    state = (denied.state or state).logged(moment, endpoint, claimed_client(request), error=denied.error, reason=denied.description)
    document = {"error": denied.error, "error_description": ascii_description(denied.description)}
    return state, json_answer(document, denied.status, headers=(*NO_STORE, *denied.headers))


def unknown_client(state: ProviderState, client_id: str, **more: Any) -> Denied:
    """The refusal of a client that nobody knows. Where its identifier is a URL, it says why the document there made no client.

    `more` is the status and the headers of `Denied`.
    """
    tried = next((event for event in reversed(state.log) if event.endpoint == CLIENT_DOCUMENT and event.who == client_id), None)
    why = f": {tried.reason.partition(UNTOLD)[0]}" if tried is not None and tried.error else ""
    return Denied("invalid_client", f"no client with this client_id is registered here{why}", **more)


def ascii_description(text: str) -> str:
    """Only what an `error_description` may hold: %x20-21 / %x23-5B / %x5D-7E (RFC 6749 section 5.2)."""
    return "".join(char if " " <= char <= "~" and char not in '"\\' else "'" if char == '"' else "?" for char in text)


def single_form(request: Request) -> Params:
    """The body's parameters; a wrong content type or a parameter given twice is refused.

    Source: RFC 6749 section 3.2: parameters must not be included more than once; those without a value are treated as omitted.
    """
    require_form(request)
    return without_duplicates(request.form)


def require_form(request: Request) -> None:
    """`Denied` for a body that does not say that it is a form."""
    content_type = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if content_type != FORM:
        raise Denied("invalid_request", f"the body has to be {FORM}")


def without_duplicates(params: Params, *, may_repeat: tuple[str, ...] = ("resource",)) -> Params:
    """The parameters that have a value; one that is given twice is refused."""
    seen = set[str]()
    for name, _ in params:
        if name in seen and name not in may_repeat:
            raise Denied("invalid_request", f"the parameter {name} is given more than once")
        seen.add(name)
    return Params(tuple((name, value) for name, value in params if value))


def basic_pair(request: Request) -> tuple[str, str] | None:
    """Client id and secret of HTTP Basic, form-decoded; None without such a header. `Denied` when it can't be read.

    Source: RFC 6749 section 2.3.1.
    """
    scheme, _, credentials = (request.headers.get("authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, colon, secret = b64decode(credentials.strip(), validate=True).decode().partition(":")
    except ValueError as error:
        raise Denied("invalid_client", "the Basic credentials can't be decoded", status=401) from error
    if not colon:
        raise Denied("invalid_client", "the Basic credentials have no colon", status=401)
    return unquote_plus(client_id), unquote_plus(secret)


def claimed_client(request: Request) -> str:
    """Who the request says it comes from, unproven; for the log."""
    try:
        pair = basic_pair(request)
    except Denied:
        pair = None
    if pair is not None:
        return pair[0]
    is_form = request.method == "POST" and not (request.headers.get("content-type") or "").startswith(JSON)
    return request.query.get("client_id") or (request.form.get("client_id") if is_form else None) or ""


def with_headers(response: Response, headers: tuple[tuple[str, str], ...]) -> Response:
    """The response with more header fields."""
    return replace(response, headers=Headers((*response.headers.pairs, *headers)))
