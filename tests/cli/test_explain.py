"""`oauthctl explain`: streams, exit codes, widths."""

from __future__ import annotations

import json

import pytest

from tests.cli.running import oauthctl


def run(*argv: str, columns: int = 0) -> tuple[int, str, str]:
    ran = oauthctl("explain", *argv, columns=columns)
    return ran.code, ran.out, ran.err


def test_an_error_code_is_explained_with_causes_and_what_to_do() -> None:
    code, out, err = run("invalid_grant")
    assert (code, err) == (0, "")
    assert out.startswith("invalid_grant  error code of the token endpoint\n")
    assert "    - `code_verifier` does not fit the `code_challenge`\n" in out
    assert "  What to do: sign in again with `oauthctl login`" in out
    assert out.endswith("  RFC 6749 section 5.2  https://www.rfc-editor.org/rfc/rfc6749#section-5.2\n")


def test_a_standard_names_its_words_and_may_be_typed_without_quotes() -> None:
    code, out, _ = run("RFC", "7636")
    assert code == 0
    assert "RFC 7636 defines: code_challenge, code_challenge_method, code_verifier" in out


def test_a_word_with_several_roles_shows_them_all() -> None:
    _, out, _ = run("Code")
    assert [one.partition("\n")[0] for one in out.split("\n\n")] == [
        "code  in the authorization response",
        "code  in the token request",
        "code  response type",
    ]


def test_an_unknown_word_is_a_usage_error_with_a_guess() -> None:
    code, out, err = run("invalid_grnt")
    assert (code, out) == (2, "")
    assert "error[unknown-word]: `invalid_grnt` is not a word" in err
    assert "did you mean `invalid_grant`" in err


def test_json_gives_every_role_with_its_source() -> None:
    code, out, _ = run("invalid_token", "--json")
    document = json.loads(out)
    assert code == 0
    assert document["word"] == "invalid_token"
    [entry] = document["entries"]
    assert entry["section"] == "RFC 6750 section 3.1"
    assert entry["url"] == "https://www.rfc-editor.org/rfc/rfc6750#section-3.1"
    assert entry["causes"][0] == "it has expired"


def test_json_of_an_unknown_word_is_an_error_document() -> None:
    code, out, err = run("nonsense-word", "--json")
    assert (code, out) == (2, "")
    assert json.loads(err)["error"]["slug"] == "unknown-word"


def test_without_a_word_a_pipe_gets_a_line_for_each() -> None:
    code, out, err = run()
    lines = out.splitlines()
    assert code == 0
    assert "explain one of them" in err
    assert len(lines) > 300
    assert all(line.count("\t") == 3 for line in lines)


def test_without_a_word_a_terminal_gets_groups() -> None:
    _, out, _ = run(columns=80)
    heads = [line.split("  ")[0] for line in out.splitlines() if line and not line.startswith(" ")]
    words = ["parameters", "claims", "metadata", "error codes", "errors of oauthctl", "values", "JOSE", "HTTP", "concepts", "standards"]
    assert heads == [*words, "flows"]


@pytest.mark.parametrize("columns", [40, 60, 120])
@pytest.mark.parametrize("word", ["", "invalid_grant", "state", "RFC 6749"])
def test_lines_fit_the_terminal(columns: int, word: str) -> None:
    _, out, _ = run(*([word] if word else []), columns=columns)
    too_long = [line for line in out.splitlines() if len(line) > columns and len(line.split()) > 1]
    assert too_long == []


def test_a_flow_is_drawn_and_its_messages_are_explained() -> None:
    code, out, err = run("code-flow", columns=100)
    assert code == 0
    assert out.startswith("code-flow  the authorization code flow with PKCE\n")
    diagram, *messages = out.split("\nexchange ")
    for said in ("1 discovery", "2 hands over the address", "4 callback  GET /callback", "5 token request (authorization_code)"):
        assert said in diagram
    assert len(messages) == 5
    assert "code_challenge" in messages[1]
    assert "(RFC 7636 section 4.3)" in messages[1]
    assert "UTC" not in "".join(one.partition("\n\n")[0] for one in messages)
    assert err == "drawn by the flow's own code with a practice provider in memory; nothing was sent\n"


def test_flows_are_listed() -> None:
    names = [row.partition("\t")[0] for row in run("flows")[1].splitlines()]
    assert {"code-flow", "refresh-flow", "client-credentials-flow", "revocation-flow", "logout-flow"} <= set(names)
    assert set(names) <= {row.partition("\t")[0] for row in run()[1].splitlines()}
    assert [word["word"] for word in json.loads(run("flows", "--json")[1])["flows"]] == names


def test_a_flow_as_json_names_its_messages_and_their_parameters() -> None:
    document = json.loads(run("refresh-flow", "--json")[1])
    (message,) = document["messages"]
    assert (document["flow"], document["section"]) == ("refresh-flow", "RFC 6749 section 6")
    assert message["message"] == "token request (refresh_token)"
    assert {"name": "refresh_token", "meaning": message["parameters"][1]["meaning"], "section": "RFC 6749 section 6"} in message[
        "parameters"
    ]
    assert message["answer"]["status"] == 200
    assert "access_token" in [member["name"] for member in message["answer"]["members"]]


def test_a_flow_that_is_nearly_spelled_right_is_guessed() -> None:
    assert "did you mean `code-flow`" in run("kode-flow")[2]


@pytest.mark.parametrize("columns", [60, 100, 200])
def test_a_diagram_fits_the_terminal(columns: int) -> None:
    rows = run("code-flow", columns=columns)[1].partition("\nexchange 1")[0].splitlines()
    assert max(len(row) for row in rows[2:]) < columns


FEATURES = (
    "par",
    "jar",
    "jarm",
    "rar",
    "dpop",
    "mtls",
    "private_key_jwt",
    "form_post",
    "resource",
    "claims",
    "device_code",
    "ciba",
    "RFC 9126",
)


@pytest.mark.parametrize("word", FEATURES)
def test_a_feature_by_its_common_name_tells_what_it_changes_of_the_code_flow(word: str) -> None:
    code, out, err = run(word, columns=80)
    assert code == 0
    assert "-flow beside code-flow  + added, - gone, ~ changed\n" in out
    assert "see it drawn, message by message, with `oauthctl explain " in err


def test_a_flow_begins_with_what_it_changes() -> None:
    _, out, _ = run("pushed-flow", columns=80)
    before = out.partition(" you ")[0]
    assert "pushed-flow beside code-flow" in before
    assert "  + pushed authorization request  POST /par\n" in before
    assert "        code_challenge_method: now in the pushed authorization request\n" in before
    assert "beside code-flow" not in run("code-flow")[1]


def test_a_feature_that_is_no_word_is_drawn() -> None:
    assert run("pushed")[1].startswith("pushed-flow  the code flow with a pushed authorization request (PAR)\n")


def test_json_tells_what_a_feature_changes() -> None:
    for word in ("par", "pushed-flow"):
        document = json.loads(run(word, "--json")[1])
        assert document["flow"] == "pushed-flow"
        changes = document["changes"]
        assert (changes["of"], changes["unchanged"]) == (
            "code-flow",
            ["discovery", "keys", "callback", "token request (authorization_code)"],
        )
        pushed, visited = changes["messages"]
        assert (pushed["change"], pushed["message"], pushed["request"]) == ("added", "pushed authorization request", "POST /par")
        state = next(one for one in visited["differences"] if one["place"] == "request.query.state")
        assert (state["change"], state["moved_to"]) == ("removed", "the pushed authorization request")
    assert json.loads(run("code-flow", "--json")[1])["changes"] is None


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("flow", ["pushed-flow", "dpop-flow", "token-exchange-flow"])
def test_what_changes_fits_the_terminal(columns: int, flow: str) -> None:
    changes = run(flow, columns=columns)[1].partition("beside code-flow")[2].partition("\n\n")[0].splitlines()
    assert [row for row in changes[1:] if len(row) > columns and len(row.split()) > 2] == []


@pytest.mark.parametrize("words", ["par", "ciba", "RFC 6749", "code-flow", "state-mismatch"])
def test_pages_are_wrapped_on_a_pipe(words: str) -> None:
    _, out, _ = run(*words.split())
    assert [row for row in out.splitlines() if len(row) > 110 and len(row.split()) > 2] == []


@pytest.mark.parametrize(
    ("word", "known_as"), [("saml", "SAML assertion"), ("opaque", "opaque token"), ("fapi2", "FAPI 2.0"), ("FAPI", "FAPI 2.0")]
)
def test_what_people_say_for_short_is_known(word: str, known_as: str) -> None:
    code, out, _ = run(word)
    assert code == 0
    assert out.startswith(known_as)
