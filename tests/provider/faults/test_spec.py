from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.errors import ConfigError
from oauthctl.provider.faults.registry import all_faults
from oauthctl.provider.faults.spec import read_fault, written
from oauthctl.provider.switched import Switched


def test_a_fault_by_its_name_alone_strikes_always() -> None:
    assert read_fault("code-expired") == Switched("code-expired")


def test_settings_say_when_it_strikes() -> None:
    read = read_fault("code-expired:after=2,times=1,rate=0.5,client=web")
    assert read == Switched("code-expired", after=2, times=1, rate=0.5, client="web")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("code-expird", "there is no fault"),
        ("code-expired:", "no setting"),
        ("code-expired:often=1", "no setting"),
        ("code-expired:after=1,after=2", "no setting"),
        ("code-expired:after=-1", "no count"),
        ("code-expired:times=\u0661", "no count"),
        ("code-expired:rate=0", "no chance"),
        ("code-expired:rate=nan", "no chance"),
        ("keys-empty:client=web", "can't be for one client"),
        (f"code-expired:client={'a' * 2001}", "no identifier: `aaa"),
    ],
)
def test_what_can_not_be_meant_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_fault(text)


def test_a_slip_is_answered_with_what_was_meant() -> None:
    with pytest.raises(ConfigError) as refused:
        read_fault("code-expird")
    assert "code-expired" in refused.value.help


@pytest.mark.parametrize("text", ["code-expired,", "code-expired,keys-empty"])
def test_a_comma_between_faults_is_named(text: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_fault(text)
    assert "a comma parts the settings of one fault" in refused.value.help


@given(
    st.builds(
        Switched,
        st.sampled_from([slug for slug, fault in all_faults().items() if fault.places == ("token",)]),
        st.integers(0, 999),
        st.none() | st.integers(0, 999),
        st.sampled_from([0.25, 0.5, 1.0]),
        st.sampled_from(["", "web"]),
    )
)
def test_what_is_written_reads_as_the_same(switched: Switched) -> None:
    assert read_fault(written(switched)) == switched
