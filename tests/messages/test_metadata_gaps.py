from __future__ import annotations

from typing import Any

import pytest

from oauthctl.findings import Severity
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.metadata_gaps import is_openid, metadata_gaps

ISSUER = "https://op.example"
WHOLE: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "revocation_endpoint": f"{ISSUER}/revoke",
    "introspection_endpoint": f"{ISSUER}/introspect",
    "jwks_uri": f"{ISSUER}/jwks",
    "scopes_supported": ["openid"],
    "response_types_supported": ["code"],
    "grant_types_supported": ["authorization_code"],
    "token_endpoint_auth_methods_supported": ["none"],
    "code_challenge_methods_supported": ["S256"],
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "authorization_response_iss_parameter_supported": True,
}
OPENID_ALONE = {"jwks_uri", "subject_types_supported", "id_token_signing_alg_values_supported", "scopes_supported"}


def metadata(*, without: set[str] | None = None, **changed: Any) -> ProviderMetadata:
    members = {name: value for name, value in (WHOLE | changed).items() if name not in (without or set())}
    return ProviderMetadata(tuple(members.items()), 1)


def test_nothing_is_missing_in_a_whole_document() -> None:
    assert metadata_gaps(metadata()) == ()


@pytest.mark.parametrize(
    ("name", "severity", "section"),
    [
        ("issuer", Severity.ERROR, "RFC 8414 section 2"),
        ("authorization_endpoint", Severity.ERROR, "RFC 8414 section 2"),
        ("token_endpoint", Severity.ERROR, "RFC 8414 section 2"),
        ("response_types_supported", Severity.ERROR, "RFC 8414 section 2"),
        ("jwks_uri", Severity.ERROR, "OIDC Discovery section 3"),
        ("subject_types_supported", Severity.ERROR, "OIDC Discovery section 3"),
        ("code_challenge_methods_supported", Severity.WARNING, "RFC 8414 section 2"),
        ("scopes_supported", Severity.NOTE, "RFC 8414 section 2"),
        ("revocation_endpoint", Severity.NOTE, "RFC 8414 section 2"),
        ("authorization_response_iss_parameter_supported", Severity.NOTE, "RFC 9207 section 3"),
    ],
)
def test_a_member_that_is_left_out_is_found(name: str, severity: Severity, section: str) -> None:
    [finding] = metadata_gaps(metadata(without={name}))
    assert (finding.severity, str(finding.sections[0])) == (severity, section)
    assert name in finding.message or name == "authorization_response_iss_parameter_supported"


def test_what_openid_requires_is_not_asked_of_plain_oauth() -> None:
    plain = metadata(without=OPENID_ALONE)
    assert (is_openid(metadata()), is_openid(plain)) == (True, False)
    assert [finding.severity for finding in metadata_gaps(plain)] == [Severity.NOTE]


@pytest.mark.parametrize(
    ("grants", "needless"),
    [(["client_credentials"], "authorization_endpoint"), (["implicit"], "token_endpoint")],
    ids=["machine", "implicit"],
)
def test_an_endpoint_that_no_grant_uses_is_not_required(grants: list[str], needless: str) -> None:
    assert metadata_gaps(metadata(without={needless}, grant_types_supported=grants)) == ()


def test_pkce_without_s256_is_a_warning() -> None:
    [finding] = metadata_gaps(metadata(code_challenge_methods_supported=["plain"]))
    assert (finding.rule, finding.severity, finding.message) == ("pkce-s256-missing", Severity.WARNING, "PKCE without S256: `plain`")


@pytest.mark.parametrize(("url", "found"), [("http://op.example/token", True), ("http://127.0.0.1:8080/token", False), (7, False)])
def test_an_endpoint_without_tls_is_an_error_unless_it_is_on_this_machine(url: object, found: bool) -> None:
    assert ("endpoint-without-tls" in [finding.rule for finding in metadata_gaps(metadata(token_endpoint=url))]) == found


def test_the_worst_comes_first() -> None:
    gaps = metadata_gaps(
        metadata(without={"scopes_supported", "code_challenge_methods_supported"}, token_endpoint="http://op.example/token")
    )
    assert [finding.severity for finding in gaps] == [Severity.ERROR, Severity.WARNING, Severity.NOTE]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "authorization_endpoint",
            "javascript:alert(1)",
            "is a URL of the scheme `javascript`, where an https one is due: javascript:alert(1)",
        ),
        ("userinfo_endpoint", "ftp://x", "is a URL of the scheme `ftp`, where an https one is due: ftp://x"),
        ("token_endpoint", "/token", "is no URL, where an https one is due: /token"),
        ("token_endpoint", "https://", "is no URL that can be asked, where an https one is due: https://"),
        ("token_endpoint", "http://op.example/token", "is plain http: http://op.example/token"),
        ("jwks_uri", ["x"], "is a list, where a URL is due"),
        ("token_endpoint", {"url": "x"}, "is an object, where a URL is due"),
        ("end_session_endpoint", 5, "is a number, where a URL is due"),
        ("end_session_endpoint", False, "is a boolean, where a URL is due"),
        ("userinfo_endpoint", "https://u:secret@op.example/me", "has user info before its host: https://…@op.example/me"),
        ("authorization_endpoint", "http://u@127.0.0.1:80/a", "has user info before its host: http://…@127.0.0.1:80/a"),
        ("token_endpoint", "https://op.example/t#f", "has a fragment, which it must not: https://op.example/t#f"),
        ("token_endpoint", "https://op.example/t#", "has a fragment, which it must not: https://op.example/t#"),
    ],
)
def test_a_member_that_is_no_https_url_is_an_error_that_says_what_it_is(name: str, value: object, message: str) -> None:
    [finding] = metadata_gaps(metadata(**{name: value}))
    assert (finding.severity, finding.message) == (Severity.ERROR, f"`{name}` {message}")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("grant_types_supported", "authorization_code", "is a string, where a list is due"),
        ("authorization_response_iss_parameter_supported", "true", "is a string, where a boolean is due"),
    ],
)
def test_a_member_of_another_type_is_a_warning(name: str, value: object, message: str) -> None:
    [finding] = metadata_gaps(metadata(**{name: value}))
    assert (finding.severity, finding.message) == (Severity.WARNING, f"`{name}` {message}")


@pytest.mark.parametrize(("value", "kind"), [([1, "code"], "a number"), (["code", None], "null"), ([["code"]], "a list")])
def test_a_list_that_holds_more_than_strings_is_an_error(value: object, kind: str) -> None:
    [finding] = metadata_gaps(metadata(response_types_supported=value))
    assert (finding.severity, finding.rule) == (Severity.ERROR, "metadata-member-type")
    assert finding.message == f"`response_types_supported` holds {kind}, where all members are to be strings"


def test_the_password_of_a_url_is_not_told() -> None:
    assert "secret" not in str(metadata_gaps(metadata(token_endpoint="https://u:secret@op.example/t")))
