"""Two sign-ins at once: what belongs to which, by evidence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import permutations
from urllib.parse import quote

import pytest

from oauthctl.http import Headers, Request, Response
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.material import Material
from oauthctl.record.purposes import purpose_of
from oauthctl.rules.evidence import scene_of
from oauthctl.rules.scene import Scene
from oauthctl.views.chapters import chapters
from oauthctl.views.labels import labels_of
from tests.record.played import AT

OP, APP = "https://op.example", "https://app.example"
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
JSON = (("Content-Type", "application/json"),)


@dataclass
class Tab:
    """One sign-in in a tab of its own, message by message."""

    name: str
    page: int = 0
    cookie: str = "session=one-for-both-tabs-1234"
    sent: list[tuple[Request, Response]] = field(default_factory=list)

    @property
    def asked(self) -> str:
        redirect = quote(f"{APP}/cb", safe="")
        return (
            f"{OP}/authorize?response_type=code&client_id=app&redirect_uri={redirect}&scope=openid&state=state-of-tab-{self.name}"
            f"&nonce=nonce-of-tab-{self.name}&code_challenge={self.name * 43}&code_challenge_method=S256"
        )

    @property
    def back(self) -> str:
        return f"{APP}/cb?code=code-of-the-tab-{self.name}&state=state-of-tab-{self.name}"

    def messages(self) -> tuple[tuple[str, Request, Response], ...]:
        """A page of the application, metadata, the sign-in with its pages and redirects, the token, a call."""
        cookie = (("Cookie", self.cookie),)
        page = Response(200, Headers((("Content-Type", "text/html"),)), b"<form>")
        granted = f'{{"access_token": "access-token-of-tab-{self.name}", "token_type": "Bearer"}}'.encode()
        form = f"grant_type=authorization_code&code=code-of-the-tab-{self.name}&client_id=app&code_verifier={self.name * 43}".encode()

        flow, bearer = f"{OP}/login?flow={self.name}", f"Bearer access-token-of-tab-{self.name}"

        def leads(to: str) -> Response:
            return Response(302, Headers((("Location", to),)))

        return (
            ("page", Request("GET", f"{APP}/", Headers(cookie)), page),
            ("metadata", Request("GET", f"{OP}/.well-known/openid-configuration"), Response(200, Headers(JSON), b'{"issuer": "https://op.example"}')),
            ("asked", Request("GET", self.asked, Headers(cookie)), leads(f"/login?flow={self.name}")),
            ("login page", Request("GET", flow, Headers(cookie)), page),
            ("login", Request("POST", flow, Headers((*cookie, *FORM)), b"username=alice"), leads(f"{OP}/consent/{self.name}")),
            ("consent", Request("GET", f"{OP}/consent/{self.name}", Headers(cookie)), leads(self.asked)),
            ("asked again", Request("GET", self.asked, Headers(cookie)), leads(self.back)),
            ("callback", Request("GET", self.back, Headers(cookie)), page),
            ("token", Request("POST", f"{OP}/token", Headers(FORM), form), Response(200, Headers(JSON), granted)),
            ("call", Request("GET", f"{APP}/api/me", Headers((("Authorization", bearer),))), Response(200)),
        )  # fmt: skip


def woven(order: str, *, pages: bool) -> tuple[Scene, dict[str, list[tuple[int, str]]]]:
    """A capture of both tabs, one message of the named tab after the other; by tab the ids and names of its messages."""
    tabs = {name: iter(Tab(name).messages()) for name in "ab"}
    exchanges: list[Exchange] = []
    told: dict[str, list[tuple[int, str]]] = {"a": [], "b": []}
    for number, tab in enumerate(order, 1):
        name, request, response = next(tabs[tab])
        purpose = purpose_of(request, response)
        made = Exchange(number, purpose, Channel.WIRE, request, AT + timedelta(seconds=number), 0.1, response)
        exchanges.append(replace(made, page="ab".index(tab) + 1) if pages else made)
        told[tab].append((number, name))
    return scene_of(Material("har", Recording(tuple(exchanges))), now=None, salt=b"x"), told


ORDERS = ("ab" * 10, "aaabbb" + "ab" * 7, "aaa" + "b" * 10 + "a" * 7, "a" * 10 + "b" * 10, "aaaabbbbbbaaabbaabba", "aaabbbbaaaabbbabbbaa")


@pytest.mark.parametrize("order", ORDERS)
def test_with_pages_every_exchange_stands_with_its_own_sign_in(order: str) -> None:
    scene, told = woven(order, pages=True)
    expected = sorted(tuple(number for number, _ in told[tab]) for tab in "ab")
    assert sorted(chapter.exchanges for chapter in chapters(scene)) == expected


@pytest.mark.parametrize("order", ORDERS)
def test_without_pages_what_shows_where_it_belongs_is_never_torn_apart(order: str) -> None:
    scene, told = woven(order, pages=False)
    found = chapters(scene)
    for tab in "ab":
        # What leads in to a sign-in, and a form that names none, has nothing in it that tells.
        sure = {number for number, name in told[tab] if name not in ("page", "metadata", "login")}
        assert [chapter for chapter in found if sure <= set(chapter.exchanges)], f"{tab} in {found}"


def test_what_leads_in_to_the_second_sign_in_is_not_the_firsts() -> None:
    scene, told = woven("aaabbb" + "ab" * 7, pages=False)
    second = next(chapter for chapter in chapters(scene) if told["b"][2][0] in chapter.exchanges)
    assert {number for number, _ in told["b"][:3]} <= set(second.exchanges)


def test_later_visits_of_the_endpoint_are_called_what_they_are() -> None:
    scene, told = woven("ab" * 10, pages=True)
    labels = labels_of(scene.recording.exchanges)
    named = {name: labels[number] for number, name in told["a"]}
    assert named["asked"] == "authorization request"
    assert named["asked again"] == "authorization request, continued"


def test_the_form_of_the_sign_in_page_at_the_endpoint_is_no_authorization_request() -> None:
    tab = Tab("a")
    posted = Request("POST", tab.asked, Headers(FORM), b"step=sign-in&username=alice")
    exchange = Exchange(1, "authorization", Channel.WIRE, posted, AT)
    assert labels_of([exchange])[1] == "form of the sign-in page"
    asked = Request("POST", f"{OP}/authorize", Headers(FORM), tab.asked.partition("?")[2].encode())
    assert labels_of([replace(exchange, request=asked)])[1] == "authorization request"


def test_every_exchange_is_in_one_chapter_whatever_the_order() -> None:
    for order in {"".join(one) for one in permutations("aabbab")}:
        scene, told = woven(order, pages=False)
        shown = sorted(number for chapter in chapters(scene) for number in chapter.exchanges)
        assert shown == sorted(number for tab in told.values() for number, _ in tab)
