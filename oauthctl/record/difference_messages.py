"""The same message in two recordings: what was sent, what came back.

Here: request, parameters, tokens, facts of one pair of exchanges. Not here: which exchanges make a pair (`difference_alignment`), what a
value has to do with those before it (`difference_relations`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from oauthctl.http import Request, split_url
from oauthctl.messages.answer import Fields
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.difference import Difference, Kind, Weight
from oauthctl.record.difference_answers import differences_of_answers
from oauthctl.record.difference_clients import with_clients
from oauthctl.record.difference_facts import differences_of_facts
from oauthctl.record.difference_fields import FieldsComparer
from oauthctl.record.difference_ground import Ground
from oauthctl.record.difference_headers import differences_of_request_headers
from oauthctl.record.difference_tokens import differences_of_tokens
from oauthctl.record.difference_values import difference_of_texts
from oauthctl.record.exchange import Exchange
from oauthctl.record.purposes import fragment_of, posted_fields, query_of
from oauthctl.record.tokens import tokens_of
from oauthctl.record.transaction import is_asked_in_form, known_purpose, request_message
from oauthctl.specs import Section

_Facts = Mapping[str, Any]


def differences_of_messages(a: Exchange, b: Exchange, ground: Ground, *, facts: tuple[_Facts, _Facts] = ({}, {})) -> Iterator[Difference]:
    """Everything in which two exchanges differ, as far as it tells."""
    ground = replace(ground, moments=(a.started_at.timestamp(), b.started_at.timestamp()))
    yield from with_clients((*_request(a, b, ground), *differences_of_facts(*facts)), a, b, ground, facts=facts)
    yield from _tokens(a, b, ground)
    yield from differences_of_answers(a, b, ground)


def _request(a: Exchange, b: Exchange, ground: Ground) -> Iterator[Difference]:
    first, second = a.request, b.request
    if not first.url or not second.url:
        # Only the answer was seen.
        return
    if first.method != second.method:
        said = f"the method is `{first.method}` in A, `{second.method}` in B"
        yield Difference("request.method", Kind.VALUE, said, first.method, second.method, Section("RFC 9110", "9"))
    urls = _bare(first.url), _bare(second.url)
    told = difference_of_texts(*urls, ground.is_same)
    if told is not None:
        yield Difference("request.url", told.kind, f"the URL: {told.words}", *urls, Section("RFC 3986", "6.2"), Weight.CREDENTIALS)
    if bool(a.certificate) != bool(b.certificate):
        about, kind = "the client's TLS certificate, shown in the handshake", Kind.EXTRA if b.certificate else Kind.MISSING
        said = f"{about}: {'A' if b.certificate else 'B'} shows none"
        shown = "shown" if a.certificate else None, "shown" if b.certificate else None
        yield Difference("request.certificate", kind, said, *shown, Section("RFC 8705", "2"), Weight.CREDENTIALS, about=about)
    yield from _parameters(a, b, ground)
    yield from _body_form(first, second)
    yield from differences_of_request_headers(first.headers, second.headers, ground)


def _bare(url: str) -> str:
    return split_url(url)._replace(query="", fragment="").geturl()


def _parameters(a: Exchange, b: Exchange, ground: Ground) -> Iterator[Difference]:
    purpose = known_purpose(a) or known_purpose(b)
    if not purpose:
        return
    kind = next((type(one) for one in (request_message(a), request_message(b)) if one is not None), Message)
    sent = _by_place(a, purpose), _by_place(b, purpose)
    moved = set[str]()
    for place in dict.fromkeys((*sent[0], *sent[1])):
        comparer = FieldsComparer(ground, f"request.{place}", kind.params())
        fields = sent[0].get(place, ()), sent[1].get(place, ())
        for name in dict.fromkeys((*(name for name, _ in fields[0]), *(name for name, _ in fields[1]))):
            places = _places_of(name, sent[0]), _places_of(name, sent[1])
            if places[0] and places[1] and places[0] != places[1]:
                if name not in moved:
                    moved.add(name)
                    said = f"`{name}` stands in the {' and the '.join(places[0])} in A, in the {' and the '.join(places[1])} in B"
                    where = next((one for one in (*places[1], *places[0]) if one == "query"), place)
                    weight = Weight.REQUEST if len(moved) == 1 else Weight.SPELLING
                    shown = " ".join(places[0]), " ".join(places[1])
                    yield Difference(f"request.{where}.{name}", Kind.PLACE, said, *shown, Section("RFC 6749", "3.2"), weight)
                continue
            values = tuple(tuple(value for key, value in side if key == name) for side in fields)
            yield from comparer.of_parameter(name, *values)


def _places_of(name: str, sent: Mapping[str, Fields]) -> tuple[str, ...]:
    return tuple(place for place, fields in sent.items() if any(key == name for key, _ in fields))


def _by_place(exchange: Exchange, purpose: str) -> dict[str, Fields]:
    """The parameters by where they stand: query, form (or the JSON body of a registration), fragment."""
    request = exchange.request
    posted = posted_fields(request)
    if purpose == purposes.AUTHORIZATION and not is_asked_in_form(request):
        posted = ()
    form = "body" if purpose == purposes.REGISTRATION else "form"
    found: dict[str, Fields] = {"query": query_of(request.url).pairs, form: posted}
    if purpose == purposes.CALLBACK:
        # A server never sees the fragment, yet a browser's capture shows it.
        found["fragment"] = fragment_of(request.url).pairs
    return {place: fields for place, fields in found.items() if fields}


def _body_form(a: Request, b: Request) -> Iterator[Difference]:
    forms = _form(a), _form(b)
    if forms[0] != forms[1] and all(forms):
        said = f"the body is {forms[0]} in A, {forms[1]} in B"
        yield Difference("request.body", Kind.FORM, said, *forms, Section("RFC 6749", "4.1.3"))


def _form(request: Request) -> str:
    start = request.body.lstrip()[:1]
    return "" if not start else "JSON" if start in (b"{", b"[") else "XML" if start == b"<" else "a form"


def _tokens(a: Exchange, b: Exchange, ground: Ground) -> Iterator[Difference]:
    held = tuple({one.place: one for one in tokens_of(exchange, known_purpose(exchange))} for exchange in (a, b))
    for place in held[0]:
        if place in held[1]:
            yield from differences_of_tokens(held[0][place].token, held[1][place].token, place=place, ground=ground)
