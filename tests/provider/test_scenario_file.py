from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.errors import ConfigError
from oauthctl.provider.scenario_file import read_scenario, shipped, shipped_text
from oauthctl.provider.scenario_pattern import Pattern
from oauthctl.provider.switched import Switched

ONE = '[[case]]\n[[case.steps]]\nendpoint = "token"\n'


@pytest.mark.parametrize("name", shipped())
def test_what_comes_with_the_package_can_be_read(name: str) -> None:
    scenario = read_scenario(shipped_text(name))
    assert scenario.title
    # What a patient client meets is over at the next try: it goes on.
    assert name.startswith("patient-") or all(case.refuses for case in scenario.cases if any(step.faults for step in case.steps))
    assert all(case.refuses for case in scenario.cases if case.steps[-1].faults)


def test_what_the_readme_shows_can_be_read_and_has_as_many_cases_as_it_says() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    shown = [text for text in re.findall(r"```toml\n(.*?)```", readme, re.DOTALL) if "[[case]]" in text]
    assert [len(read_scenario(text).cases) for text in shown] == [3]
    assert f"my-client-{len(read_scenario(shipped_text('careful-client')).cases)}-times" in readme


def test_a_step_says_what_has_to_come_and_what_is_answered() -> None:
    text = ONE + (
        'needs = { grant_type = "refresh_token", refresh_token = true, scope = { pattern = "openid.*" } }\n'
        'lacks = ["client_secret"]\nheader_needs = { DPoP = true }\n'
        'answer = { status = 503, headers = { Retry-After = "1" }, json = { error = "temporarily_unavailable" } }\n'
    )
    (case,) = read_scenario(text).cases
    (step,) = case.steps
    assert step.needs == {"grant_type": "refresh_token", "refresh_token": True, "scope": Pattern("openid.*")}
    assert (step.lacks, step.header_needs) == (("client_secret",), {"DPoP": True})
    assert step.reply is not None
    assert (step.reply.status, step.reply.headers) == (503, (("Retry-After", "1"),))
    assert step.reply.body == '{"error": "temporarily_unavailable"}'


def test_a_case_of_a_fault_takes_the_steps_of_all_and_strikes_at_the_last() -> None:
    steps = '[[steps]]\nendpoint = "authorize"\n[[steps]]\nendpoint = "token"\n'
    text = f'refuses = ["userinfo"]\n{steps}[[case]]\nfault = "signature-none:times=1"\n'
    (case,) = read_scenario(text).cases
    assert case.title == "signature-none"
    assert case.refuses == ("userinfo",)
    assert [step.faults for step in case.steps] == [(), (Switched("signature-none", times=1),)]


def test_faults_are_a_case_each_after_those_that_are_written() -> None:
    steps = '[[steps]]\nendpoint = "authorize"\n[[steps]]\nendpoint = "token"\n'
    text = (
        f'about = "sign in"\nfaults = ["signature-none", "code-spent:times=1"]\nrefuses = ["api"]\n{steps}[[case]]\nthen = ["userinfo"]\n'
    )
    scenario = read_scenario(text)
    assert scenario.about == "sign in"
    assert [(case.title, len(case.steps), case.refuses) for case in scenario.cases] == [
        ("case 1", 3, ()),
        ("signature-none", 2, ("api",)),
        ("code-spent", 2, ("api",)),
    ]


def test_a_fault_is_on_from_each_of_several_steps() -> None:
    steps = '[[steps]]\nendpoint = "authorize"\n[[steps]]\nendpoint = "token"\n'
    (case,) = read_scenario(f'{steps}[[case]]\nfault = "keys-empty"\nat = ["authorize", "token"]\n').cases
    assert [step.faults for step in case.steps] == [(Switched("keys-empty"),)] * 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[case]", "no TOML"),
        ("", r"no `\[\[case\]\]`"),
        ('titel = "x"\n' + ONE, "`titel` means nothing"),
        ("seconds = 0\n" + ONE, "`seconds`"),
        ("[[case]]\n", "no steps"),
        ('faults = ["signature-none"]\n', "none of its steps"),
        (ONE + "wait_seconds = -1\n", "`wait_seconds` of step 1 of case 1"),
        ('[[case]]\n[[case.steps]]\nendpoint = "tokens"\n', "no endpoint: `tokens`"),
        ("[[case]]\n[[case.steps]]\n", "step 1 of case 1 has no `endpoint`"),
        (ONE + "needs = { scope = 1 }\n", "`scope`"),
        (ONE + 'needs = { scope = { pattern = "(" } }\n', "no regular expression"),
        (ONE + 'needs = { scope = { pattern = "[b" } }\n', "step 1 of case 1 is no regular expression"),
        (ONE + 'fault = "signature-nine"\n', "step 1 of case 1: there is no fault `signature-nine`"),
        (ONE + "answer = { status = 99 }\n", "`status`"),
        (ONE + 'answer = { body = "x", json = {} }\n', "beside it"),
        (ONE + 'answer = { headers = { A = "x\\ny" } }\n', "printable"),
        ('[[steps]]\nendpoint = "token"\n[[case]]\nfault = "signature-none"\nat = "userinfo"\n', "none of its steps"),
    ],
)
def test_what_can_not_be_meant_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_scenario(text)


_BOTH = '[[steps]]\nendpoint = "authorize"\n[[steps]]\nendpoint = "token"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'faults = ["callback-state-changed"]\nrefuses = ["api"]\n{_BOTH}', "it spoils authorize, and is on from the step token"),
        (f'faults = ["metadata-issuer-elsewhere"]\nrefuses = ["api"]\n{_BOTH}', "it spoils metadata, and is on from the step token"),
        (f'refuses = ["api"]\n{_BOTH}[[case]]\nfault = "id-token-expired"\nat = "authorize"\n', "is on from the step authorize"),
        (f'faults = ["userinfo-other-subject"]\nrefuses = ["userinfo"]\n{_BOTH}', "to which the client must not go"),
        (f'faults = ["id-token-expired"]\n{_BOTH}', "nothing is asked of the client after the fault `id-token-expired`"),
        (ONE + 'fault = "token-error"\nanswer = { status = 500 }\n', "has an `answer` of its own"),
        (f'{_BOTH}[[case]]\nfault = ["id-token-expired", "callback-denied"]\nrefuses = "api"\n', "`callback-denied` can't strike"),
    ],
)
def test_a_case_that_says_nothing_of_a_client_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as refused:
        read_scenario(text)
    assert refused.value.help


@pytest.mark.parametrize(
    ("fault", "steps"),
    [
        ("keys-stale", ("token",)),
        ("userinfo-other-subject", ("token",)),
        ("id-token-expired", ("authorize",)),
        ("callback-state-changed", ("metadata",)),
        ("resource-elsewhere", ("api",)),
    ],
)
def test_a_fault_may_strike_at_an_endpoint_to_which_the_client_comes_by_itself(fault: str, steps: tuple[str, ...]) -> None:
    text = "".join(f'[[steps]]\nendpoint = "{step}"\n' for step in steps)
    assert read_scenario(f'faults = ["{fault}"]\nrefuses = ["revoke"]\n{text}').cases


def test_a_slip_in_a_faults_name_is_answered_with_what_was_meant() -> None:
    with pytest.raises(ConfigError) as refused:
        read_scenario(f'faults = ["signature-nine"]\n[[steps]]\nendpoint = "token"\n{ONE}')
    assert refused.value.message.startswith("case 2: ")
    assert "`signature-none`" in refused.value.help


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ConfigError):
        assert read_scenario(text).cases
