"""How the exchanges of a browser's capture are put together into sign-ins."""

from __future__ import annotations

from oauthctl.record import purposes
from oauthctl.record.exchange import Recording
from oauthctl.record.material import Material
from oauthctl.rules.evidence import scene_of
from oauthctl.rules.scene import Scene
from tests.rules.pages import SALT, play

ASKED = (
    "https://idp.example.com/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&state=s-1&nonce=n-1"
)
BACK = "https://app.example.com/cb?code=c-1&state=s-1"


def scene(*exchanges: str) -> Scene:
    """The scene of these, each written as in a page of the rules."""
    played = play("".join(f"```http\n{exchange}\n```\n" for exchange in exchanges))
    return scene_of(Material("har", played.recording), now=played.now, salt=SALT)


def test_a_sign_in_page_that_posts_to_the_authorization_endpoint_is_one_attempt() -> None:
    """As many servers have it: a page for the password, one for consent, and back to where it began."""
    seen = scene(
        f"GET {ASKED}\n\n=> 200\nContent-Type: text/html\n\n<form></form>",
        f"POST {ASKED}\nContent-Type: application/x-www-form-urlencoded\n\nusername=alice&password=x\n\n=> 303\nLocation: {ASKED}",
        f"GET {ASKED}\n\n=> 200\nContent-Type: text/html\n\n<form></form>",
        f"POST {ASKED}\nContent-Type: application/x-www-form-urlencoded\n\ndecision=allow\n\n=> 303\nLocation: {BACK}",
        f"GET {BACK}\n\n=> 302\nLocation: /",
    )
    assert len(seen.attempts) == 1
    attempt = seen.attempts[0]
    assert attempt.asked is not None
    assert attempt.returned is not None
    assert (attempt.asked.id, attempt.asked.place, attempt.asked.sent.client_id) == (1, "request.query", "web")
    assert (attempt.returned.id, attempt.returned.purpose) == (5, purposes.CALLBACK)


def test_the_same_state_in_a_second_sign_in_is_another_attempt() -> None:
    seen = scene(f"GET {ASKED}\n\n=> 303\nLocation: {BACK}", f"GET {ASKED}\n\n=> 303\nLocation: {BACK.replace('c-1', 'c-2')}")
    assert len(seen.attempts) == 2


def test_another_verifier_makes_another_attempt() -> None:
    seen = scene(*(f"GET {ASKED}&code_challenge={one}\n\n=> 200\nContent-Type: text/html\n\n<form></form>" for one in ("a", "b")))
    assert len(seen.attempts) == 2


def test_an_authorization_request_in_a_form_is_read_from_there() -> None:
    form = ASKED.partition("?")[2]
    seen = scene(
        "POST https://idp.example.com/authorize\nContent-Type: application/x-www-form-urlencoded\n\n"
        + form
        + f"\n\n=> 303\nLocation: {BACK}"
    )
    asked = seen.attempts[0].asked
    assert asked is not None
    assert (asked.place, asked.sent.client_id) == ("request.form", "web")


def test_a_pushed_request_and_the_reference_to_it_are_one_attempt() -> None:
    reference = "urn:ietf:params:oauth:request_uri:r-1"
    seen = scene(
        "POST https://idp.example.com/par\nContent-Type: application/x-www-form-urlencoded\n\n"
        + ASKED.partition("?")[2]
        + f'\n\n=> 201\nContent-Type: application/json\n\n{{"request_uri": "{reference}", "expires_in": 60}}',
        f"GET https://idp.example.com/authorize?client_id=web&request_uri={reference}\n\n=> 303\nLocation: {BACK}",
        f"GET {BACK}\n\n=> 302\nLocation: /",
    )
    (attempt,) = seen.attempts
    assert attempt.ids() == {1, 2, 3}
    assert attempt.asked is not None
    assert attempt.asked.sent.state == "s-1"


def test_a_beacon_with_a_code_and_a_state_of_its_own_is_no_callback() -> None:
    seen = scene(
        f"GET {ASKED}\n\n=> 303\nLocation: {BACK}",
        f"GET {BACK}\n\n=> 302\nLocation: /",
        "GET https://app.example.com/stats?code=APP-1&state=active\n\n=> 204\nServer: x",
    )
    assert [one.purpose for one in seen.seen] == [purposes.AUTHORIZATION, purposes.CALLBACK, ""]


def test_an_answer_with_another_state_at_the_redirect_uri_stays_a_callback() -> None:
    seen = scene(f"GET {ASKED}\n\n=> 303\nLocation: {BACK}", "GET https://app.example.com/cb/?code=c-1&state=other\n\n=> 400\nServer: x")
    assert seen.seen[1].purpose == purposes.CALLBACK


def test_an_answer_that_went_astray_with_its_state_stays_a_callback() -> None:
    seen = scene(f"GET {ASKED}\n\n=> 303\nLocation: {BACK}", "GET https://localhost/elsewhere?code=c-1&state=s-1\n\n=> 404\nServer: x")
    assert seen.seen[1].purpose == purposes.CALLBACK


def test_a_flag_called_error_is_no_answer_of_a_provider() -> None:
    assert [one.purpose for one in scene("GET https://weather.example.org/map?state=CA&error=0\n\n=> 200\nServer: x").seen] == [""]
    assert [one.purpose for one in scene("GET https://app.example.com/cb?state=CA&error=access_denied\n\n=> 200\nServer: x").seen] == [
        "callback"
    ]


def test_a_request_object_beside_a_client_id_is_an_authorization_request() -> None:
    request = "https://idp.example.com/authorize?client_id=web&request=eyJhbGciOiJub25lIn0.eyJzY29wZSI6Im9wZW5pZCJ9."
    other = "https://shop.example.com/widget?client_id=web&request=colours"
    assert [one.purpose for one in scene(*(f"GET {url}\n\n=> 302\nLocation: /" for url in (request, other))).seen] == ["authorization", ""]


def test_how_the_run_ended_is_what_the_client_said() -> None:
    recording = Recording(error="the issuer has no `token_endpoint`")
    scene = scene_of(Material("recording", recording), now=None, salt=SALT)
    assert scene.given.local_error == "the issuer has no `token_endpoint`"


def test_what_a_person_gives_goes_before_how_the_run_ended() -> None:
    scene = scene_of(Material("recording", Recording(error="ours")), now=None, salt=SALT, given={"local_error": "theirs"})
    assert scene.given.local_error == "theirs"
