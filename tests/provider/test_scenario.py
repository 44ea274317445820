from __future__ import annotations

import pytest

from oauthctl.http import Request, Response
from oauthctl.provider.handle import handle
from oauthctl.provider.moment import Moment
from oauthctl.provider.scenario import Verdict
from oauthctl.provider.scenario_file import read_scenario
from oauthctl.provider.scenario_progress import Progress, advanced, finished, is_through
from oauthctl.provider.state import ProviderState
from tests.provider.world import SECRET, World

SIGN_IN = """
refuses = ["userinfo"]
[[steps]]
endpoint = "authorize"
needs = { state = true, code_challenge_method = "S256" }
[[steps]]
endpoint = "token"
needs = { code_verifier = true }
"""
REFUSE = SIGN_IN + '[[case]]\nfault = "id-token-nonce-wrong"\n[[case]]\nfault = "signature-none"\n'


class Followed(World):
    """A world whose provider follows a scenario."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scenario = read_scenario(text)
        self.progress = Progress()

    def handled(self, state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
        self.progress, answer = advanced(self.scenario, self.progress, state, request, moment, then=handle)
        return answer

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return finished(self.scenario, self.progress)

    def userinfo(self, token: str) -> None:
        self.get("/userinfo", Authorization=f"Bearer {token}")


def test_a_client_that_stops_has_done_well() -> None:
    world = Followed(REFUSE)
    for _ in range(2):
        world.redeem(world.code())
    assert [verdict.why for verdict in world.verdicts] == ["", ""]
    assert [verdict.title for verdict in world.verdicts] == ["id-token-nonce-wrong", "signature-none"]


def test_a_client_that_goes_on_with_what_it_should_have_refused_has_failed() -> None:
    world = Followed(REFUSE)
    world.userinfo(world.tokens()["access_token"])
    world.redeem(world.code())
    assert [bool(verdict.why) for verdict in world.verdicts] == [True, False]
    assert "goes on to userinfo" in world.verdicts[0].why


def test_each_case_has_its_own_fault() -> None:
    world = Followed(REFUSE)
    assert not world.tokens()["id_token"].endswith(".")
    assert world.tokens()["id_token"].endswith(".")


def test_what_has_to_be_sent_and_is_not_is_named_without_its_value() -> None:
    world = Followed(SIGN_IN + "[[case]]\n")
    world.redeem(world.code(state=None))
    assert world.verdicts == (Verdict("case 1", "authorize: the parameter state is missing"),)


def test_a_sign_in_that_never_came_is_a_failure() -> None:
    world = Followed(REFUSE)
    world.redeem(world.code())
    assert [verdict.why for verdict in world.verdicts] == ["", "no request to authorize came"]


def test_requests_in_another_order_are_told() -> None:
    world = Followed(SIGN_IN + "[[case]]\n")
    world.redeem("a-code-of-nobody")
    assert world.verdicts[0].why == "a request to token came, and one to authorize was due"


def test_an_answer_that_is_written_goes_out_in_place_of_the_providers() -> None:
    text = '[[case]]\n[[case.steps]]\nendpoint = "token"\nanswer = { status = 503, json = { error = "temporarily_unavailable" } }\n'
    world = Followed(text + '[[case.steps]]\nendpoint = "token"\n')
    form: dict[str, str | None] = {"grant_type": "client_credentials"}
    answers = [world.token_request(form, client_id="service", secret=SECRET).status for _ in range(2)]
    assert answers == [503, 200]
    assert world.verdicts[0].why == ""


def test_a_callback_case_ends_with_the_next_request_of_a_person() -> None:
    text = (
        'refuses = ["token"]\n[[steps]]\nendpoint = "authorize"\n[[case]]\nfault = "callback-state-changed"\n'
        '[[case]]\nfault = "callback-state-dropped"\n'
    )
    world = Followed(text)
    assert world.answer(state="first-state").get("state") == "a-state-of-another-sign-in"
    assert world.answer(state="second-state").get("state") is None
    assert [verdict.why for verdict in world.verdicts] == ["", ""]


def test_a_code_that_is_redeemed_after_a_wrong_callback_is_a_failure() -> None:
    world = Followed('refuses = ["token"]\n[[steps]]\nendpoint = "authorize"\n[[case]]\nfault = "callback-state-changed"\n')
    world.redeem(world.code())
    assert "goes on to token" in world.verdicts[0].why


def test_a_fault_that_the_client_gave_no_occasion_says_nothing_of_it() -> None:
    world = Followed(SIGN_IN + '[[case]]\nfault = "front-nonce-wrong"\nat = "authorize"\n')
    world.redeem(world.code())
    (verdict,) = world.verdicts
    assert (verdict.why, verdict.is_good) == ("", False)
    assert verdict.no_occasion == "the fault front-nonce-wrong found no occasion: the client asked for nothing that it spoils"


def test_a_client_that_goes_on_is_not_blamed_before_something_was_wrong() -> None:
    world = Followed(SIGN_IN + '[[case]]\nfault = "front-nonce-wrong"\nat = "authorize"\n')
    world.userinfo(world.tokens()["access_token"])
    assert is_through(world.scenario, world.progress)
    assert world.verdicts[0].why == ""
    assert world.verdicts[0].no_occasion.endswith("nothing that it spoils before it went on to userinfo")


def test_a_fault_ends_where_an_answer_is_written() -> None:
    text = '[[case]]\n[[case.steps]]\nendpoint = "token"\nfault = "token-error"\n[[case.steps]]\nendpoint = "token"\nanswer = {}\n'
    world = Followed(text)
    form: dict[str, str | None] = {"grant_type": "client_credentials"}
    assert [world.token_request(form, client_id="service", secret=SECRET).status for _ in range(3)] == [500, 200, 200]


def test_a_case_lasts_from_its_first_request_to_its_last() -> None:
    world = Followed(SIGN_IN + "[[case]]\n[[case]]\n")
    code = world.code()
    world.wait(3)
    world.redeem(code)
    world.wait(2)
    world.get("/jwks")
    world.code()
    assert [verdict.seconds for verdict in world.verdicts] == [3, 0]


def test_the_run_waits_for_the_person_at_the_pages_of_the_last_case() -> None:
    world = Followed('[[case]]\nfault = "callback-state-changed"\nrefuses = "token"\n[[case.steps]]\nendpoint = "authorize"\n')
    page = world.ask()
    assert not is_through(world.scenario, world.progress)
    world.allow(world.sign_in(page))
    assert is_through(world.scenario, world.progress)


def test_a_sign_in_that_asks_the_same_as_the_last_one_is_another_one() -> None:
    world = Followed(SIGN_IN + "[[case]]\n[[case]]\n")
    for _ in range(2):
        world.redeem(world.code())
    assert [verdict.why for verdict in world.verdicts] == ["", ""]


@pytest.mark.parametrize(("seconds", "why"), [(5, ""), (1, "token: the request came after 1.0 seconds, and had to wait 5")])
def test_a_client_waits_as_long_as_it_is_told_to(seconds: float, why: str) -> None:
    answer = 'answer = { status = 429, headers = { Retry-After = "5" } }\n'
    world = Followed(f'[[case]]\n[[case.steps]]\nendpoint = "token"\n{answer}[[case.steps]]\nendpoint = "token"\nwait_seconds = 5\n')
    world.redeem("code")
    world.wait(seconds)
    world.redeem("code")
    assert world.verdicts[0].why == why
