"""Cells below a secret's name, and no others."""

from __future__ import annotations

import pytest

from oauthctl.record.secret_columns import rewrite_columns


def substitute(kind: str, secret: str) -> str:
    return secret if secret.startswith("redacted-") else f"redacted-{kind}-{len(secret):08x}"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_cell_below_a_secrets_name_goes(separator: str, line_end: str) -> None:
    password = '"hunter, two"' if separator == "," else "hunter2"
    rows = (("user", "password", "api_key", "role"), ("jane", password, "k9", "admin"), ("max", "", "k8"))
    text = line_end.join(separator.join(row) for row in rows)
    after = rewrite_columns(text, substitute)
    assert "hunter" not in after
    assert "k9" not in after
    assert after.count("redacted-password-") == 1
    assert [row.count(separator) for row in after.split(line_end)][::2] == [3, 2]
    assert rewrite_columns(after, substitute) == after


@pytest.mark.parametrize(
    "text",
    [
        "id,name,status\n1,password,ok\n",
        "password\nhunter2\n",
        '{"password": 1,\n"b": 2}',
        "Please give a password, then go on:\nit is asked once",
        "password,role",
        "",
    ],
)
def test_what_is_no_table_of_secrets_stays(text: str) -> None:
    assert rewrite_columns(text, substitute) == text
