"""A dry run as a person reads it: the steps in order, each with what it would send.

Here: lines and a JSON document. Not here: making the steps (`flows.dry_run`).
"""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from oauthctl.flows.dry_run import DryRun
from oauthctl.flows.steps import Ask, AwaitPing, Draw, Listen, Send, Show, Step, Visit, Wait
from oauthctl.http import FORM, Headers, Request, split_url
from oauthctl.record.secret_places import rewrite_body
from oauthctl.views.curl import curl_command
from oauthctl.views.lines import Line, Span, line
from oauthctl.views.masked import masked, masked_header, masked_url

_PLACEHOLDER = re.compile(r"<[A-Za-z0-9_ ]{1,40}>")
# Encoded, a place holder looks like a value that could be pasted somewhere.
_ENCODED = re.compile(r"%3C(?:[A-Za-z0-9_]|%20|\+){1,60}%3E")


def dry_run_lines(planned: DryRun, places: tuple[str, ...] = (), *, show_secrets: bool = False) -> tuple[Line, ...]:
    """Each step under its number; secrets are masked unless they are to be shown.

    `places` are all URLs that discovery would ask, in its order.
    """
    lines: list[Line] = []
    for number, step in enumerate(planned.steps, 1):
        lines += [
            line(Span(f"{number}. ", "dim"), Span(_title(step), "bold")),
            *_details(step, show_secrets=show_secrets),
            *_further(step, places),
            line(""),
        ]
    return tuple(lines)


def dry_run_document(planned: DryRun, places: tuple[str, ...] = (), *, show_secrets: bool = False) -> dict[str, Any]:
    """`{"steps": [{"step", "purpose", "method", "url", "headers", "form"}]}`, in order; secrets are masked unless they are to be shown.

    `headers` and `form` are lists of `{"name", "value"}`, since names may repeat. The step of a discovery has the other places as `then`.
    """
    return {"steps": [{"step": type(step).__name__.lower()} | _members(step, places, show_secrets=show_secrets) for step in planned.steps]}


def _title(step: Step) -> str:
    match step:
        case Send(purpose=purpose):
            return f"send: {purpose}"
        case Visit():
            return "hand the browser this page"
        case Listen(redirect_uri=redirect_uri, response_mode=mode):
            return f"listen for the answer ({mode}) at {redirect_uri}"
        case Wait(seconds=seconds):
            return f"wait {seconds:g} s"
        case Ask(question=question):
            return f"ask: {question}"
        case Show(verification_uri=verification_uri, user_code=user_code):
            return f"show the person the page {verification_uri} and the code {user_code}"
        case AwaitPing(place=place):
            return f"wait for the provider's notification at {place}"
        case Draw():
            return "draw the time and a random value"


def _details(step: Step, *, show_secrets: bool) -> tuple[Line, ...]:
    match step:
        case Send(request=request, with_certificate=certified):
            command = _readable(curl_command(_shown(request, show_secrets=show_secrets), show_secrets=True))
            shown = tuple(line("   ", Span(text, "literal")) for text in command.splitlines())
            return (
                (line("   with the client's certificate, at the address in `mtls_endpoint_aliases`, if any"), *shown)
                if certified
                else shown
            )
        case Visit(url=url, offer=offer):
            parts = split_url(_readable(url))
            head = line("   ", Span(f"{parts.scheme}://{parts.netloc}{parts.path}", "literal"))
            there = (line("   the server fetches the request object from ", Span(offer.uri, "literal")),) if offer is not None else ()
            return (head, *(line("     ", Span(pair, "literal")) for pair in parts.query.split("&") if pair), *there)
        case _:
            return ()


def _further(step: Step, places: tuple[str, ...]) -> tuple[Line, ...]:
    """The places that are asked where the first has no metadata."""
    others = _others(step, places)
    if not others:
        return ()
    return (line("   where that gives no metadata, then in this order:"), *(line("     ", Span(url, "literal")) for url in others))


def _others(step: Step, places: tuple[str, ...]) -> tuple[str, ...]:
    is_first = bool(places) and isinstance(step, Send) and step.purpose == "discovery" and step.request.url == places[0]
    return places[1:] if is_first else ()


def _members(step: Step, places: tuple[str, ...], *, show_secrets: bool) -> dict[str, Any]:
    match step:
        case Send(request=request, purpose=purpose, with_certificate=certified):
            shown = _shown(request, show_secrets=show_secrets)
            is_form = (request.headers.get("content-type") or "").partition(";")[0] == FORM
            form = {"form": [{"name": name, "value": value} for name, value in shown.form]} if is_form else {}
            others = _others(step, places)
            then = {"then": list(others)} if others else {}
            headers = [{"name": name, "value": value} for name, value in shown.headers]
            with_certificate = {"with_certificate": True} if certified else {}
            url = _readable(shown.url)
            return {"purpose": purpose, "method": request.method, "url": url, **with_certificate, **then, "headers": headers, **form}
        case Visit(url=url, purpose=purpose, offer=offer):
            offered = {"offers": {"url": offer.uri, "content_type": offer.content_type}} if offer is not None else {}
            return {"purpose": purpose, "method": "GET", "url": _readable(url), **offered}
        case Listen(redirect_uri=redirect_uri, response_mode=mode):
            return {"redirect_uri": redirect_uri, "response_mode": mode}
        case Wait(seconds=seconds):
            return {"seconds": seconds}
        case Ask(question=question):
            return {"question": question}
        case Show(verification_uri=verification_uri, user_code=user_code):
            return {"verification_uri": verification_uri, "user_code": user_code}
        case AwaitPing(place=place):
            return {"place": place}
        case Draw():
            return {}


def _shown(request: Request, *, show_secrets: bool) -> Request:
    """The request with its secrets masked unless they are to be shown, and place holders as they are: they are none."""
    headers = Headers(tuple((name, _header(name, value, show_secrets=show_secrets)) for name, value in request.headers))
    if show_secrets:
        return replace(request, headers=headers)
    kind = request.headers.get("content-type") or ""
    body = rewrite_body(request.body.decode("utf-8", "replace"), kind, _mask).replace("%E2%80%A6", "…")
    return replace(request, url=masked_url(request.url), headers=headers, body=body.encode())


def _header(name: str, value: str, *, show_secrets: bool) -> str:
    """As `masked_header`, or as it is; the place holder of a client secret stays, encoded as it is in there."""
    otherwise = value if show_secrets else masked_header(name, value)
    scheme, _, rest = value.partition(" ")
    if name.lower() == "authorization" and scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(rest, validate=True).decode("utf-8").partition(":")
        except ValueError:
            return otherwise
        if _PLACEHOLDER.fullmatch(unquote(password)):
            return f"{scheme} base64({user}:{unquote(password)})"
    return otherwise


def _mask(_kind: str, value: str) -> str:
    return value if _PLACEHOLDER.fullmatch(value) else masked(value)


def _readable(text: str) -> str:
    return _ENCODED.sub(lambda match: unquote(match[0]), text)
