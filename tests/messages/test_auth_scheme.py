from __future__ import annotations

import pytest

from oauthctl.messages.auth_scheme import known_scheme


@pytest.mark.parametrize("word", ["Bearer", "bearer", "Bearer:", "DPoP", "Token", "AWS4-HMAC-SHA256", "SSWS"])
def test_a_scheme_is_known_however_it_is_written(word: str) -> None:
    assert known_scheme(word) == word


@pytest.mark.parametrize("word", ["", "2YotnFZFEjr1zCsicMWpAA", "Bearer2YotnFZFEjr1zCsicMWpAA", "hunter2", "Bearer::"])
def test_a_word_that_may_be_a_credential_is_none(word: str) -> None:
    assert known_scheme(word) == ""
