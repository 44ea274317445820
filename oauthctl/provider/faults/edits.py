"""Ways to spoil an answer, for the faults.

Here: JSON, tokens, redirects and requests, changed in one place each. Not here: which change is a fault. Every function gives None where
there is nothing to change, which makes the request no occasion.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from oauthctl.http import Headers, Params, Request, Response, with_query
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign
from oauthctl.provider.answers import Answer, json_answer
from oauthctl.provider.faults.registry import Call
from oauthctl.provider.faults.way_back import way_back
from oauthctl.provider.id_token import signing_key
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.remembered import with_item
from oauthctl.provider.state import ProviderState

Document: TypeAlias = dict[str, Any]
Edit: TypeAlias = Callable[[Document], Document]


def document_of(response: Response) -> Document | None:
    """The JSON object of a success; None of everything else, and of what an earlier fault has made unreadable."""
    if not (200 <= response.status < 300 and response.content_type == "application/json"):
        return None
    try:
        value = json.loads(response.body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def with_document(call: Call, edit: Edit) -> Answer | None:
    """The answer with another JSON object."""
    state, response = call.answered()
    before = document_of(response)
    if before is None:
        return None
    after = edit(dict(before))
    return (state, with_body(response, json.dumps(after, ensure_ascii=False).encode())) if after != before else None


def with_members(call: Call, **changes: Any) -> Answer | None:
    """The answer with these members in its JSON; None takes one away."""
    return with_document(call, lambda document: {name: value for name, value in {**document, **changes}.items() if value is not None})


def with_body(response: Response, body: bytes, *, content_type: str = "") -> Response:
    """The response with another body."""
    headers = response.headers.with_("Content-Type", content_type) if content_type else response.headers
    return replace(response, body=body, headers=headers)


def with_claims(
    call: Call,
    edit: Edit,
    *,
    member: str = "id_token",
    header: Mapping[str, Any] | None = None,
    resign: Callable[[Document], str] | None = None,
) -> Answer | None:
    """The token answer in which this token has other claims (or `header` members), signed again by the provider's own key or by `resign`.

    An access token stays one that the API takes for the same grant.
    """
    state, response = call.answered()
    before = document_of(response)
    token = take_apart(str((before or {}).get(member) or ""))
    if before is None or token.claims is None or token.header is None:
        return None
    claims = edit(dict(token.claims))
    made = resign(claims) if resign is not None else resigned(state, token.header, claims, header=header)
    if member == "access_token":
        known = state.access_tokens[digest(str(before[member]))]
        state = replace(state, access_tokens=with_item(state.access_tokens, digest(made), known))
    return state, with_body(response, json.dumps({**before, member: made}).encode())


def resigned(state: ProviderState, old: Mapping[str, Any], claims: Mapping[str, Any], *, header: Mapping[str, Any] | None = None) -> str:
    """A token of the provider with these claims, by the key that it had."""
    return sign(claims, signing_key(state, str(old["alg"])), header={"typ": old.get("typ"), **(header or {})})


def with_callback(call: Call, edit: Callable[[Params], Params]) -> Answer | None:
    """The way back to the client with other parameters, where the answer is one, however they travel."""
    state, response = call.answered()
    found = way_back(state, response)
    after = edit(found.params) if found is not None else None
    return (state, found.carrying(after)) if found is not None and after is not None and after != found.params else None


def with_other_scheme(url: str) -> str:
    """The URL with http for https, and the other way round: a practice provider seldom has TLS."""
    scheme, _, rest = url.partition("://")
    return f"{'http' if scheme == 'https' else 'https'}://{rest}"


def with_other_end(url: str) -> str:
    """The URL without the slash at its end, or with one where it has none."""
    return url.removesuffix("/") if url.endswith("/") else f"{url}/"


def with_known_code(call: Call, **changes: Any) -> Answer | None:
    """What the provider answers if it knew this of the code that comes; None where none comes that it knows."""
    key = digest(call.request.form.get("code") or "")
    known = call.state.codes.get(key)
    if known is None:
        return None
    return call.then(replace(call.state, codes=with_item(call.state.codes, key, replace(known, **changes))), call.request, call.moment)


def with_query_params(request: Request, edit: Callable[[Params], Params]) -> Request:
    """The request with another query."""
    bare = request.url.partition("?")[0]
    return replace(request, url=with_query(bare, edit(request.query)))


def error_answer(call: Call, error: str, description: str = "", *, status: int = 400, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """An OAuth error in place of whatever the provider would have said; the log says that it was a fault.

    A provider that wears a persona says it in that one's own form.
    """
    said = json_answer({"error": error, **({"error_description": description} if description else {})}, status, headers=headers)

    def refuse(state: ProviderState, _request: Request, moment: Moment) -> Answer:
        return state.logged(moment, "fault", "", error=error, reason=description or "on purpose"), said

    if call.state.persona is None:
        return refuse(call.state, call.request, call.moment)
    # Not before there is one: the quirks of personas are made of these edits, too.
    from oauthctl.provider.personas.wearing import worn

    return worn(call.state, call.request, call.moment, then=refuse)


def text_answer(call: Call, status: int, body: str | bytes, *, content_type: str, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Any other answer in place of the provider's."""
    state = call.state.logged(call.moment, "fault", "", error=f"status_{status}", reason="on purpose")
    octets = body if isinstance(body, bytes) else body.encode()
    return state, Response(status, Headers((("Content-Type", content_type), *headers)), octets)
