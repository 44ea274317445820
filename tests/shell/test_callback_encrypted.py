"""Encrypted answers: the right one is the one that this client's key opens and that holds the state."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from oauthctl.errors import NoAnswer
from oauthctl.flows.answer_jwt import Party
from oauthctl.jose.jwe import encrypt
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.sign import sign
from oauthctl.messages.response_modes import IN_JWT
from oauthctl.shell.callback import CallbackListener
from tests.shell.test_callback import DONE, STATE, Browser, status

OWN = generate("ES256").with_(use="enc", alg="ECDH-ES")
ANOTHER = generate("ES256").with_(use="enc", alg="ECDH-ES")
SIGNER = generate("ES256")
GARBAGE = "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTEyOEdDTSJ9..AA.AA.AA"


def encrypted(state: str, key: Jwk = OWN) -> str:
    return encrypt(sign({"code": "c1", "state": state}, SIGNER), key.public(), alg="ECDH-ES")


@pytest.fixture(params=IN_JWT)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def listener(mode: str) -> Iterator[CallbackListener]:
    made = CallbackListener("http://127.0.0.1/callback", slow_seconds=0.15)
    made.open()
    yield made
    made.close()


@pytest.fixture
def browser(listener: CallbackListener) -> Iterator[Browser]:
    made = Browser(urlsplit(listener.redirect_uri).port or 0)
    yield made
    listener.close()
    made.join()


def brought(browser: Browser, mode: str, response: str) -> bytes:
    if mode == "form_post.jwt":
        return browser.post(f"response={response}")
    return browser.get(f"/callback?response={response}")


@pytest.mark.parametrize("keys", [(), (OWN,)], ids=["without a key", "with a key"])
@pytest.mark.parametrize("response", [GARBAGE, encrypted(STATE, ANOTHER)], ids=["garbage", "for another key"])
def test_what_no_key_opens_is_refused_and_the_waiting_goes_on(
    listener: CallbackListener, browser: Browser, mode: str, response: str, keys: tuple[Jwk, ...]
) -> None:
    listener.expect(STATE, mode, opened=Party("https://op.example", "web", keys=keys).opened)
    assert status(brought(browser, mode, response)) == 400
    assert [refusal.slug for refusal in listener.refused] == ["token-encrypted"]
    browser.later(lambda: brought(browser, mode, sign({"code": "c1", "state": STATE}, SIGNER)))
    assert listener.wait(5)
    listener.reply(DONE)


def test_the_state_inside_decides(listener: CallbackListener, browser: Browser, mode: str) -> None:
    listener.expect(STATE, mode, opened=Party("https://op.example", "web", keys=(OWN,)).opened)
    assert status(brought(browser, mode, encrypted("of-another-request"))) == 400
    assert status(brought(browser, mode, encrypt("no token", OWN.public(), alg="ECDH-ES"))) == 400
    assert [refusal.slug for refusal in listener.refused] == ["state-mismatch", "state-mismatch"]
    answers = browser.later(lambda: brought(browser, mode, encrypted(STATE)))
    assert listener.wait(5)
    listener.reply(DONE)
    browser.join()
    assert status(answers[0]) == 200


def test_a_page_of_another_origin_does_not_end_a_sign_in() -> None:
    listener = CallbackListener("http://127.0.0.1/callback", slow_seconds=0.15)
    browser = Browser(urlsplit(listener.open()).port or 0)
    listener.expect(STATE, "form_post.jwt")
    body = f"response={GARBAGE}"
    headers = ("Origin: https://evil.example", "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}")
    assert status(browser.get("/callback", method="POST", headers=headers, body=body.encode())) == 400
    listener.close()


def test_who_has_no_key_at_the_end_of_the_waiting_is_told_which_option_gives_one(
    listener: CallbackListener, browser: Browser, mode: str
) -> None:
    listener.expect(STATE, mode)
    brought(browser, mode, encrypted(STATE))
    with pytest.raises(NoAnswer) as told:
        listener.wait(0)
    assert told.value.slug == "token-encrypted"
    assert "--client-key" in (told.value.help or "")
