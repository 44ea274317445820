from __future__ import annotations

from oauthctl.findings import Finding, Severity
from oauthctl.flows.discovery import Attempt, Discovered
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.specs import Section
from oauthctl.views.discovered import attempt_lines, finding_lines, metadata_table
from oauthctl.views.lines import plain

FOUND = Discovered(
    ProviderMetadata(
        (
            ("token_endpoint", "https://op.example/token"),
            ("x_vendor", {"deep": [1, 2], "on": True}),
            ("issuer", "https://op.example"),
            ("scopes_supported", []),
            ("response_types_supported", ["code", "code id_token"]),
            ("claims_parameter_supported", False),
        ),
        1,
    ),
    "https://op.example/.well-known/openid-configuration",
    (
        Attempt("https://op.example/.well-known/oauth-authorization-server", "status 404", 1),
        Attempt("https://op.example/.well-known/openid-configuration", "answered", 2),
    ),
)


def test_each_place_that_was_asked_stands_with_its_answer() -> None:
    assert [plain(one) for one in attempt_lines(FOUND)] == [
        "  – https://op.example/.well-known/oauth-authorization-server  status 404",
        "  ✓ https://op.example/.well-known/openid-configuration  answered",
    ]


def test_members_come_in_the_order_of_the_definition_and_unknown_ones_last() -> None:
    rows = [tuple(map(plain, row)) for row in metadata_table(FOUND).rows]
    assert [(name, value) for name, value, _ in rows] == [
        ("issuer", "https://op.example"),
        ("token_endpoint", "https://op.example/token"),
        ("scopes_supported", "(none)"),
        ("response_types_supported", "code, code id_token"),
        ("claims_parameter_supported", "no"),
        ("x_vendor", "deep=1 2 on=yes"),
    ]
    assert rows[1][2] == "where codes and refresh tokens are traded for tokens"
    assert rows[-1][2] == "not a member that the standards know"


def test_a_finding_stands_with_its_clause() -> None:
    finding = Finding("pkce-s256-missing", Severity.WARNING, "PKCE without S256: `plain`", sections=(Section("RFC 7636", "4.2"),))
    assert [plain(one) for one in finding_lines((finding,))] == ["warning: PKCE without S256: `plain`  RFC 7636 section 4.2"]


def test_a_narrow_terminal_gets_no_meanings() -> None:
    assert (metadata_table(FOUND, 100).columns, metadata_table(FOUND, 160).columns[2:]) == (("MEMBER", "VALUE"), ("MEANING",))
    assert {len(row) for row in metadata_table(FOUND, 100).rows} == {2}
