"""What two servers answered: status, members, where a redirect leads.

Here: answers of the same message. Not here: their headers (`difference_headers`), tokens in them (`difference_tokens`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oauthctl.http import Response, split_url
from oauthctl.messages.answer import Fields, read_answer
from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.difference import Difference, Kind, Weight
from oauthctl.record.difference_fields import FieldsComparer
from oauthctl.record.difference_ground import Ground
from oauthctl.record.difference_headers import differences_of_answer_headers
from oauthctl.record.difference_metadata import differences_of_keys, differences_of_metadata
from oauthctl.record.difference_values import difference_of_prose, difference_of_texts
from oauthctl.record.exchange import Channel, Exchange
from oauthctl.record.purposes import fragment_of, query_of
from oauthctl.record.transaction import known_purpose, response_message
from oauthctl.specs import Section

_NOTABLE_SECONDS = 0.5
_NOTABLE_TIMES = 3
_SAID = ("error", "error_description", "error_codes", "suberror", "error_subcode", "message")


def differences_of_answers(a: Exchange, b: Exchange, ground: Ground) -> Iterator[Difference]:
    """What differs in the answers; one that was not seen on either side differs in nothing."""
    yield from _timing(a, b)
    if a.response is None and b.response is None:
        if (told := difference_of_prose(a.failure, b.failure)) is not None and a.failure and b.failure:
            yield Difference(
                "response", told.kind, f"no answer came, for another reason: {told.words}", a.failure, b.failure, None, Weight.STATUS
            )
        return
    if a.response is None or b.response is None:
        failure = a.failure if a.response is None else b.failure
        if failure:
            yield _unanswered(a, b)
        return
    # What our own listener replies to the browser is no part of the protocol.
    if Channel.CALLBACK in (a.channel, b.channel):
        return
    yield from _status(a.response, b.response)
    yield from _members(a, b, a.response, b.response, ground)
    yield from _redirects(a.response, b.response, ground)
    is_scripts = "origin" in a.request.headers or "origin" in b.request.headers
    for one in differences_of_answer_headers(a.response, b.response, ground):
        # To a program that is no page's script they say nothing.
        if is_scripts or not one.place.startswith("response.headers.Access-Control-"):
            yield one


def _unanswered(a: Exchange, b: Exchange) -> Difference:
    first, second = (one.response.status if one.response else one.failure for one in (a, b))
    name = "A" if a.response is None else "B"
    words = f"{name} got no answer: {a.failure if name == 'A' else b.failure}"
    return Difference(
        "response", Kind.MISSING if name == "B" else Kind.EXTRA, words, first, second, Section("RFC 9110", "15"), Weight.ANSWER
    )


def _status(a: Response, b: Response) -> Iterator[Difference]:
    # 302 and 303 lead a browser to the same place.
    redirects = (302, 303)
    if a.status != b.status and not (a.status in redirects and b.status in redirects):
        said = f"the status is {a.status} in A, {b.status} in B"
        yield Difference("response.status", Kind.VALUE, said, a.status, b.status, Section("RFC 9110", "15"), Weight.STATUS)


def _timing(a: Exchange, b: Exchange) -> Iterator[Difference]:
    less, more = sorted((a.seconds, b.seconds))
    if less <= 0 or more < _NOTABLE_SECONDS or more < _NOTABLE_TIMES * less or Channel.WIRE not in (a.channel, b.channel):
        return
    said = f"{'A' if a.seconds > b.seconds else 'B'} took {more / less:.0f} times as long"
    yield Difference("response", Kind.TIMING, said, round(a.seconds, 3), round(b.seconds, 3), None, Weight.TIMING)


def _members(a: Exchange, b: Exchange, first: Response, second: Response, ground: Ground) -> Iterator[Difference]:
    purpose = known_purpose(a)
    if not purpose or purpose == purposes.AUTHORIZATION or not first.body or not second.body:
        return
    answers = read_answer(first), read_answer(second)
    if answers[0].problem or answers[1].problem:
        if answers[0].problem != answers[1].problem:
            in_a, in_b = (one.problem or "an object" for one in answers)
            said = f"the body is {in_a} in A, {in_b} in B"
            yield Difference("response.body", Kind.FORM, said, in_a, in_b, Section("RFC 6749", "5.1"), Weight.ANSWER)
        return
    members = dict(answers[0].fields), dict(answers[1].fields)
    if ("error" in members[0]) != ("error" in members[1]) or first.status // 100 != second.status // 100:
        # What a success has and a refusal lacks follows from that.
        yield from _answer_comparer(a, b, ground).differences(_refusal(answers[0].fields), _refusal(answers[1].fields))
    elif purpose == purposes.DISCOVERY:
        yield from differences_of_metadata(*members, place="response.body", ground=ground)
    elif purpose == purposes.JWKS:
        yield from differences_of_keys(members[0].get("keys"), members[1].get("keys"), place="response.body.keys")
    elif purpose != purposes.API:
        yield from _answer_comparer(a, b, ground).differences(answers[0].fields, answers[1].fields)


def _refusal(fields: Fields) -> Fields:
    return tuple((name, value) for name, value in fields if name in _SAID)


def _answer_comparer(a: Exchange, b: Exchange, ground: Ground) -> FieldsComparer:
    messages: tuple[Message | None, ...] = (response_message(a), response_message(b))
    kind = next((type(one) for one in messages if one is not None), Message)
    return FieldsComparer(ground, "response.body", kind.params(), Weight.ANSWER)


def _redirects(a: Response, b: Response, ground: Ground) -> Iterator[Difference]:
    first, second = a.headers.get("location"), b.headers.get("location")
    if first is None or second is None:
        if first != second and a.status // 100 == b.status // 100:
            side = "A" if first is None else "B"
            said = f"`Location` (where the browser is sent): {side} lacks it"
            kind = Kind.EXTRA if side == "A" else Kind.MISSING
            shown = first and _bare(first), second and _bare(second)
            yield Difference("response.headers.Location", kind, said, *shown, Section("RFC 9110", "10.2.2"), Weight.ANSWER)
        return
    bare = _bare(first), _bare(second)
    told = difference_of_texts(*bare, ground.is_same)
    if told is not None:
        said = f"`Location` (where the browser is sent): {told.words}"
        yield Difference("response.headers.Location", told.kind, said, *bare, Section("RFC 9110", "10.2.2"), Weight.ANSWER)
        return
    yield from _redirect_parameters(first, second, ground=ground)


def _redirect_parameters(a: str, b: str, *, ground: Ground) -> Iterator[Difference]:
    asked: tuple[Fields, Fields] = query_of(a).pairs, query_of(b).pairs
    if any(name == "client_id" for name, _ in asked[0]) and any(name == "client_id" for name, _ in asked[1]):
        from oauthctl.messages.authorization import AuthorizationRequest

        comparer = FieldsComparer(ground, "response.headers.Location", AuthorizationRequest.params(), Weight.REQUEST)
        yield from comparer.differences(*asked)
        return
    places = _answer_place(a), _answer_place(b)
    if places[0] and places[1] and places[0] != places[1]:
        said = f"the answer stands in the {places[0]} in A, in the {places[1]} in B; a server never sees a fragment"
        yield Difference(
            "response.headers.Location", Kind.PLACE, said, *places, Section("OAuth Multiple Response Types", "2.1"), Weight.ANSWER
        )
    fields = _answer_fields(a), _answer_fields(b)
    if ("error" in dict(fields[0])) != ("error" in dict(fields[1])):
        fields = _refusal(fields[0]), _refusal(fields[1])
    comparer = FieldsComparer(ground, "response.headers.Location", AuthorizationResponse.params(), Weight.ANSWER)
    yield from comparer.differences(*fields)


def _answer_place(url: str) -> str:
    names = ("code", "error", "id_token", "access_token", "response")
    found: dict[str, Any] = {"query": query_of(url), "fragment": fragment_of(url)}
    return next((place for place, params in found.items() if any(name in params for name in names)), "")


def _answer_fields(url: str) -> Fields:
    place = _answer_place(url)
    # Other redirects, as between pages of a sign-in, carry what only their server understands.
    return (fragment_of(url) if place == "fragment" else query_of(url)).pairs if place else ()


def _bare(url: str) -> str:
    parts = split_url(url)
    return parts._replace(query="", fragment="").geturl()
