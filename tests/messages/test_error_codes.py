"""The list of error codes: complete for the standards that it covers, and useful."""

from __future__ import annotations

import pytest

from oauthctl.messages.error_codes import ERROR_CODES, error_codes

# Each standard's own list.
RFC6749_SECTION_4_1_2_1 = {
    "invalid_request",
    "unauthorized_client",
    "access_denied",
    "unsupported_response_type",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
}
RFC6749_SECTION_5_2 = {
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
}
RFC6750_SECTION_3_1 = {"invalid_request", "invalid_token", "insufficient_scope"}
RFC8628_SECTION_3_5 = {"authorization_pending", "slow_down", "access_denied", "expired_token"}
RFC7591_SECTION_3_2_2 = {"invalid_redirect_uri", "invalid_client_metadata", "invalid_software_statement", "unapproved_software_statement"}
OIDC_CORE_3_1_2_6 = {
    "interaction_required",
    "login_required",
    "account_selection_required",
    "consent_required",
    "invalid_request_uri",
    "invalid_request_object",
    "request_not_supported",
    "request_uri_not_supported",
    "registration_not_supported",
}


@pytest.mark.parametrize(
    ("document", "number", "expected"),
    [
        ("RFC 6749", "4.1.2.1", RFC6749_SECTION_4_1_2_1),
        ("RFC 6749", "5.2", RFC6749_SECTION_5_2),
        ("RFC 6750", "3.1", RFC6750_SECTION_3_1),
        ("RFC 8628", "3.5", RFC8628_SECTION_3_5),
        ("RFC 7591", "3.2.2", RFC7591_SECTION_3_2_2),
        ("OIDC Core", "3.1.2.6", OIDC_CORE_3_1_2_6),
    ],
)
def test_every_code_of_a_standard_is_there(document: str, number: str, expected: set[str]) -> None:
    assert {one.code for one in ERROR_CODES if (one.section.document, one.section.number) == (document, number)} == expected


def test_a_code_of_two_senders_has_two_meanings() -> None:
    found = error_codes("unauthorized_client")
    assert len(found) == 2
    assert len({one.meaning for one in found}) == 2
    assert error_codes("no_such_code") == ()


def test_every_code_names_a_cause_and_what_to_do() -> None:
    for one in ERROR_CODES:
        assert one.causes, one.code
        assert all(one.causes), one.code
        assert one.help, one.code
        assert not one.help.endswith("."), one.code
        assert one.meaning.count("`") % 2 == 0, one.code
