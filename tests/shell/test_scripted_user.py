from __future__ import annotations

from collections.abc import Callable

import pytest

from oauthctl.errors import BadAnswer, ConfigError, OauthctlError
from oauthctl.http import Headers, Params, Request, Response
from oauthctl.shell.scripted_user import Form, ScriptedUser, Sheet, read_sheet
from oauthctl.shell.world import StreamTo

START = "http://127.0.0.1:9000/start"
SIGN_IN = """<html><head><title>Sign
 in</title></head><body>
<form method="post" action="/answer?a=1&amp;b=2"><input type="hidden" name="csrf" value="x&quot;y"><input name="username">
<input name="password" type="password"><button name="decision" value="allow">Go</button><button name="decision" value="deny">No</button>
</form><form action="/other"><input name="other" value="1"></form></body></html>"""


class Answers:
    """A sender that answers from a function, and keeps what it was asked."""

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self.asked: list[Request] = []
        self.is_closed = False
        self._answer = answer

    def completed(self, request: Request) -> Request:
        return request

    def send(self, request: Request, *, timeout_seconds: float, stream_to: StreamTo | None = None) -> tuple[Response, float]:
        self.asked.append(request)
        return self._answer(request), 0.0

    def prepare(self, url: str) -> None:
        raise AssertionError(url)

    def close(self) -> None:
        self.is_closed = True


def redirect(url: str, *cookies: str) -> Response:
    return Response(303, Headers((("Location", url), *(("Set-Cookie", cookie) for cookie in cookies))))


def walk(answer: Callable[[Request], Response]) -> tuple[ScriptedUser, Answers]:
    sender = Answers(answer)
    user = ScriptedUser("alice", "wonder land", sender=sender)
    user.visit(START)
    user.leave()
    assert sender.is_closed
    return user, sender


@pytest.mark.parametrize(
    ("html", "sheet"),
    [
        ("", Sheet("")),
        ("<title>You are signed in – oauthctl</title><p>Done", Sheet("You are signed in – oauthctl")),
        ("<form></form>", Sheet("", Form("", Params()))),
        ("<input name=outside><form action=/a><input value=nameless></form><button name=after>", Sheet("", Form("/a", Params()))),
        (
            SIGN_IN,
            Sheet(
                "Sign in",
                Form(
                    "/answer?a=1&b=2",
                    Params((("csrf", 'x"y'), ("username", ""), ("password", ""))),
                    ("decision", "allow"),
                    frozenset({"csrf"}),
                ),
            ),
        ),
    ],
)
def test_a_page_is_read_as_a_browser_would(html: str, sheet: Sheet) -> None:
    assert read_sheet(html) == sheet


def test_it_fills_the_form_in_presses_the_first_button_and_keeps_cookies_to_their_server() -> None:
    def answer(request: Request) -> Response:
        match request.path:
            case "/start":
                return redirect("/page", "session=abc; HttpOnly; Path=/")
            case "/page":
                return Response(200, body=SIGN_IN.encode())
            case "/answer":
                return redirect("http://127.0.0.1:9001/callback?code=c")
            case _:
                return Response(200, body=b"<title>Back</title>")

    user, sender = walk(answer)
    asked = {request.path: request for request in sender.asked}
    assert asked["/answer"].form == Params((("csrf", 'x"y'), ("username", "alice"), ("password", "wonder land"), ("decision", "allow")))
    assert asked["/answer"].headers.get("cookie") == "session=abc"
    assert asked["/callback"].query.get("code") == "c"
    assert "cookie" not in asked["/callback"].headers
    assert (user.pages, user.last_page) == (("Sign in",), "Back")


@pytest.mark.parametrize(
    ("answer", "error", "slug"),
    [
        (lambda _: redirect("https://example.com/elsewhere?code=c"), ConfigError, "not-loopback"),
        (lambda _: Response(200, body=SIGN_IN.encode()), BadAnswer, "sign-in-in-circles"),
        (lambda _: redirect("/again"), BadAnswer, "sign-in-in-circles"),
    ],
)
def test_what_goes_wrong_is_told_where_somebody_hears_it(
    answer: Callable[[Request], Response], error: type[OauthctlError], slug: str
) -> None:
    with pytest.raises(error) as caught:
        walk(answer)
    assert caught.value.slug == slug
    assert "code=c" not in caught.value.message


def test_what_stands_in_a_hidden_field_is_not_typed_over() -> None:
    posted = '<form method="post" action="/callback"><input type="hidden" name="code" value="SplxlOBeZQQYbYS6WxSbIA"></form>'
    sender = Answers(lambda request: Response(200) if request.path == "/callback" else Response(200, body=posted.encode()))
    ScriptedUser("alice", "alice", sender=sender, code="123456").walk(START)
    assert sender.asked[1].form.get("code") == "SplxlOBeZQQYbYS6WxSbIA"
