from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from oauthctl.findings import Outcome, Verdict
from oauthctl.record.protection import Protection
from oauthctl.views.lines import plain
from oauthctl.views.signed_in import check_lines, person_shown, protection_lines, summary_lines

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ISSUER = "https://op.example"


def summary(
    *, who: str = "alice", scope: tuple[str, ...] = ("openid", "email"), seconds: float | None = 3600, refresh: bool = True
) -> list[str]:
    expires_at = None if seconds is None else NOW + timedelta(seconds=seconds)
    lines = summary_lines(who=who, issuer=ISSUER, scope=scope, expires_at=expires_at, now=NOW, has_refresh_token=refresh)
    return [plain(one) for one in lines]


def test_who_where_for_what_and_until_when() -> None:
    assert summary() == [
        "✓ signed in as alice at https://op.example",
        "  scopes        openid email",
        "  access token  expires in 1 hour",
        "  refresh token kept",
    ]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (summary(who="")[0], "✓ signed in at https://op.example"),
        (summary(scope=())[1], "  scopes        (none named)"),
        (summary(seconds=None)[2], "  access token  no expiry given"),
        (summary(seconds=-120)[2], "  access token  expires 2 minutes ago"),
        (summary(refresh=False)[3], "  refresh token none: when the access token ends, sign in again"),
        (summary(who="a\x1b[2J")[0], "✓ signed in as a\\x1b[2J at https://op.example"),
    ],
)
def test_what_is_not_there_is_said(line: str, shown: str) -> None:
    assert line == shown


def test_a_sign_in_for_an_id_token_alone_has_nothing_to_say_of_scopes_and_ends() -> None:
    lines = summary_lines(who="alice", issuer=ISSUER, scope=(), expires_at=None, now=NOW, has_refresh_token=False, has_access_token=False)
    assert [plain(one) for one in lines] == [
        "✓ signed in as alice at https://op.example",
        "  access token  none: the response type asks for an ID token alone",
    ]


def verdict(check: str, outcome: Outcome) -> Verdict:
    return Verdict(check, outcome, f"why {check}")


def test_what_passed_is_one_line_and_what_is_unclear_has_its_own() -> None:
    verdicts = (
        verdict("signature", Outcome.PASS),
        verdict("at_hash", Outcome.UNCLEAR),
        verdict("expiry", Outcome.PASS),
        verdict("c_hash", Outcome.SKIPPED),
    )
    assert [plain(one) for one in check_lines(verdicts)] == [
        "  ID token      ✓ signature, expiry",
        "  ID token      ? at hash: why at_hash",
    ]


def test_without_checks_nothing_is_said() -> None:
    assert check_lines(()) == ()
    assert check_lines((verdict("c_hash", Outcome.SKIPPED),)) == ()


@pytest.mark.parametrize(
    ("protection", "told"),
    [
        (Protection(("PKCE S256", "PAR", "DPoP"), "private_key_jwt (ES256)"), "PKCE S256, PAR, DPoP; client by private_key_jwt (ES256)"),
        (Protection(("PKCE S256",), "none"), "PKCE S256; a public client"),
        (Protection((), "client_secret_basic"), "client by client_secret_basic"),
        (Protection(), "nothing that shows"),
        (Protection((), "none"), "nothing that shows; a public client"),
    ],
)
def test_what_protected_the_sign_in_is_one_line(protection: Protection, told: str) -> None:
    assert [plain(one) for one in protection_lines(protection)] == [f"  protected by  {told}"]


@pytest.mark.parametrize(
    ("claims", "who"),
    [
        ({"sub": "u-1", "preferred_username": "alice", "email": "a@example.com"}, "alice (a@example.com)"),
        ({"sub": "u-1", "name": "Alice Adams", "email": "a@example.com"}, "Alice Adams (a@example.com)"),
        ({"sub": "u-1", "email": "a@example.com"}, "u-1 (a@example.com)"),
        ({"sub": "a@example.com", "email": "a@example.com"}, "a@example.com"),
        ({"sub": "u-1"}, "u-1"),
        ({}, ""),
    ],
)
def test_an_address_is_no_name(claims: dict[str, str], who: str) -> None:
    assert person_shown(claims) == who
