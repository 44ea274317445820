from __future__ import annotations

from typing import Any

import pytest

from oauthctl.errors import BadAnswer, OauthctlError, Refused
from oauthctl.flows.token_exchange import token_exchange
from oauthctl.http import Params
from oauthctl.messages.client_auth import Client
from oauthctl.messages.token_exchange import TOKEN_EXCHANGE, Traded, token_type_uri
from tests.played import Played, play, response

ENDPOINT = "https://as.example.com/as/token.oauth2"
CLIENT = Client("rs08", "long-secure-random-secret", "client_secret_basic")
URN = "urn:ietf:params:oauth:token-type:"
SUBJECT = Traded("accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC", f"{URN}access_token")
RFC8693_SECTION_2_3 = {
    "access_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6IjllciJ9.eyJhdWQiOiJodHRwczovL2JhY2tlbmQuZXhhbXBsZS5jb20iLCJpc3MiOiJodHRwczovL2FzLmV4YW1"
    "wbGUuY29tIiwiZXhwIjoxNDQxOTE3NTkzLCJpYXQiOjE0NDE5MTc1MzMsInN1YiI6ImJkY0BleGFtcGxlLmNvbSIsInNjb3BlIjoiYXBpIn0.40y3ZgQedw6rxf59WlwHDD9jry"
    "FOr0_Wh3CGozQBihNBhnXEQgU85AI9x3KmsPottVMLPIWvmDCMy5-kdXjwhw",
    "issued_token_type": f"{URN}access_token",
    "token_type": "Bearer",
    "expires_in": 60,
}
RFC8693_APPENDIX_A_2_1_SUBJECT = (
    "eyJhbGciOiJFUzI1NiIsImtpZCI6IjE2In0.eyJhdWQiOiJodHRwczovL2FzLmV4YW1wbGUuY29tIiwiaXNzIjoiaHR0cHM6Ly9vcmlnaW5hbC1pc3N1ZXIuZXhhbXBsZS5uZXQi"
    "LCJleHAiOjE0NDE5MTAwNjAsInNjb3BlIjoic3RhdHVzIGZlZWQiLCJzdWIiOiJ1c2VyQGV4YW1wbGUubmV0IiwibWF5X2FjdCI6eyJzdWIiOiJhZG1pbkBleGFtcGxlLm5ldCJ9"
    "fQ.4rPRSWihQbpMIgAmAoqaJojAxj-p2X8_fAtAGTXrvMxU-eEZHnXqY0_AOZgLdxw5DyLzua8H_I10MCcckF-Q_g"
)
RFC8693_APPENDIX_A_2_1_ACTOR = (
    "eyJhbGciOiJFUzI1NiIsImtpZCI6IjE2In0.eyJhdWQiOiJodHRwczovL2FzLmV4YW1wbGUuY29tIiwiaXNzIjoiaHR0cHM6Ly9vcmlnaW5hbC1pc3N1ZXIuZXhhbXBsZS5uZXQi"
    "LCJleHAiOjE0NDE5MTAwNjAsInN1YiI6ImFkbWluQGV4YW1wbGUubmV0In0.7YQ-3zPfhUvzje5oqw8COCvN5uP6NsKik9CVV6cAOf4QKgM-tKfiOwcgZoUuDL2tEs6tqPlcBlMj"
    "iSzEjm3yBg"
)
RFC8693_APPENDIX_A_2_3 = {
    "access_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6IjcyIn0.eyJhdWQiOiJ1cm46ZXhhbXBsZTpjb29wZXJhdGlvbi1jb250ZXh0In0.c2ln",
    "issued_token_type": f"{URN}jwt",
    "token_type": "N_A",
    "expires_in": 3600,
}


def trade(answer: Any, *, status: int = 200, **options: Any) -> Played[Any]:
    return play(token_exchange(ENDPOINT, CLIENT, options.pop("subject", SUBJECT), **options), [response(status, answer)])


def answer(issued: str, token_type: str = "Bearer") -> dict[str, Any]:
    return {"access_token": "at-1", "issued_token_type": token_type_uri(issued), "token_type": token_type}


def test_the_example_of_the_standard() -> None:
    """RFC 8693 section 2.3."""
    played = trade(RFC8693_SECTION_2_3, resource=("https://backend.example.com/api",))
    (request,) = played.requests
    assert request.headers.get("authorization") == "Basic cnMwODpsb25nLXNlY3VyZS1yYW5kb20tc2VjcmV0"
    assert request.form.pairs == (
        ("grant_type", TOKEN_EXCHANGE),
        ("resource", "https://backend.example.com/api"),
        ("subject_token", "accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC"),
        ("subject_token_type", f"{URN}access_token"),
    )
    assert (played.result.response.access_token, played.result.remarks) == (RFC8693_SECTION_2_3["access_token"], ())


def test_the_delegation_of_the_appendix() -> None:
    """RFC 8693 appendix A.2: a subject and an actor, and a JWT that is no access token."""
    played = trade(
        RFC8693_APPENDIX_A_2_3,
        subject=Traded(RFC8693_APPENDIX_A_2_1_SUBJECT, f"{URN}jwt"),
        actor=Traded(RFC8693_APPENDIX_A_2_1_ACTOR, f"{URN}jwt"),
        audience=("urn:example:cooperation-context",),
    )
    assert played.requests[0].form.pairs == (
        ("grant_type", TOKEN_EXCHANGE),
        ("audience", "urn:example:cooperation-context"),
        ("subject_token", RFC8693_APPENDIX_A_2_1_SUBJECT),
        ("subject_token_type", f"{URN}jwt"),
        ("actor_token", RFC8693_APPENDIX_A_2_1_ACTOR),
        ("actor_token_type", f"{URN}jwt"),
    )
    (remark,) = played.result.remarks
    assert "no access token" in remark
    assert "can't be used" not in remark


def test_several_resources_and_audiences_are_each_a_parameter_of_their_own() -> None:
    played = trade(
        answer("access_token"),
        resource=("https://a.example", "https://b.example"),
        audience=("one", "two"),
        scope=("x", "y", "x"),
        requested=token_type_uri("access_token"),
        params=Params((("organization", "org-1"),)),
    )
    form = played.requests[0].form
    assert (form.all("resource"), form.all("audience")) == (("https://a.example", "https://b.example"), ("one", "two"))
    assert (form.get("scope"), form.get("requested_token_type"), form.get("organization")) == ("x y", f"{URN}access_token", "org-1")


@pytest.mark.parametrize(
    ("requested", "document", "slug"),
    [
        ("id_token", answer("access_token"), "exchange-issued-type-differs"),
        ("access_token", answer("refresh_token", "N_A"), "exchange-issued-type-differs"),
        ("id-jag", answer("access_token"), "exchange-issued-type-differs"),
        ("", answer("access_token", "N_A"), "exchange-token-type-contradicts"),
        ("id-jag", answer("id-jag"), "exchange-token-type-contradicts"),
        ("saml2", answer("saml2", "Bearer"), "exchange-token-type-contradicts"),
    ],
)
def test_a_wrong_type_is_refused_under_its_rule(requested: str, document: dict[str, Any], slug: str) -> None:
    played = trade(document, requested=requested and token_type_uri(requested))
    with pytest.raises(BadAnswer) as caught:
        _ = played.result
    assert caught.value.slug == slug
    assert "at-1" not in f"{caught.value.message} {caught.value.got} {caught.value.notes}"


@pytest.mark.parametrize("changes", [{}, *({"issued_token_type": one} for one in (None, "", " ", 5, True, [f"{URN}access_token"], {}))])
@pytest.mark.parametrize("requested", ["", f"{URN}access_token"])
def test_an_answer_that_names_no_type_is_refused(changes: dict[str, Any], requested: str) -> None:
    with pytest.raises(BadAnswer, match="of what type") as caught:
        _ = trade({"access_token": "at-1", "token_type": "Bearer", **changes}, requested=requested).result
    assert caught.value.slug == "exchange-issued-type-missing"


@pytest.mark.parametrize(
    ("code", "slug"),
    [
        ("invalid_target", "exchange-target-unknown"),
        ("unauthorized_client", "token-exchange-disabled"),
        ("unsupported_grant_type", "token-exchange-disabled"),
        ("invalid_request", ""),
    ],
)
def test_a_refusal_has_the_slug_of_its_rule_where_the_code_tells(code: str, slug: str) -> None:
    played = trade({"error": code}, status=400)
    with pytest.raises(Refused) as caught:
        _ = played.result
    assert caught.value.slug == slug


def test_a_type_that_is_not_supported_is_named_by_its_rule() -> None:
    words = "the requested_token_type is unsupported here"
    played = trade({"error": "invalid_request", "error_description": words}, status=400)
    with pytest.raises(Refused) as caught:
        _ = played.result
    assert caught.value.slug == "exchange-type-unsupported"


def test_a_server_that_repeats_the_token_does_not_get_it_into_the_error() -> None:
    played = trade({"error": "invalid_request", "error_description": f"bad token {SUBJECT.token}"}, status=400)
    with pytest.raises(OauthctlError) as caught:
        _ = played.result
    assert SUBJECT.token not in " ".join(caught.value.notes)
