"""What a flow changes of another, as lines and as a document."""

from __future__ import annotations

from oauthctl.record.flow_changes import Change, ChangedMessage, FlowChanges, Sign
from oauthctl.specs import Section
from oauthctl.views.flow_changes import flow_changes_document, flow_changes_lines
from oauthctl.views.lines import plain

CHANGES = FlowChanges(
    (
        ChangedMessage(Sign.REMOVED, "callback", "GET /callback", 4, carries=("code",)),
        ChangedMessage(Sign.ADDED, "token request (device_code)", "POST /token", 3, ("grant_type",), refusal="400 authorization_pending"),
        ChangedMessage(
            Sign.CHANGED,
            "token request",
            "POST /token",
            5,
            changes=(
                Change(Sign.ADDED, "request.headers.DPoP", "the proof", Section("RFC 9449", "4.1"), contains=("htm", "htu")),
                Change(Sign.CHANGED, "response.body.token_type", "how it is used", Section("RFC 6749", "7.1"), "Bearer", "DPoP"),
                Change(Sign.REMOVED, "request.form.code", "the code", moved_to="`request`"),
                Change(Sign.REMOVED, "request.form.state", "the state", moved_to="`request`"),
                Change(Sign.REMOVED, "response.body.id_token.claims.nonce"),
                Change(Sign.CHANGED, "request.form.iss", before="query", after="form", is_moved=True),
                Change(Sign.ADDED, "request.query.request", "the request", is_encrypted=True),
                Change(Sign.CHANGED, "response.body.amr", after=["otp"]),
                Change(Sign.ADDED, "request.certificate", "the certificate", after="shown"),
            ),
        ),
    ),
    ("keys", "discovery", "keys"),
)


def lines(width: int = 0) -> list[str]:
    return [plain(one) for one in flow_changes_lines(CHANGES, flow="new-flow", of="code-flow", width=width)]


def test_what_is_gone_stands_together_and_what_is_new_says_what_it_is() -> None:
    assert lines() == [
        "new-flow beside code-flow  + added, - gone, ~ changed",
        "  - callback  GET /callback",
        "  + token request (device_code)  POST /token",
        "      with grant_type",
        "      answered 400 authorization_pending",
        "  ~ token request  POST /token",
        "      - code, state: now in `request`",
        "      - id_token's nonce",
        "      ~ iss: from the query to the form",
        "      ~ answer's token_type: Bearer -> DPoP (RFC 6749 section 7.1)",
        "      ~ answer's amr: adds otp",
        "      + header DPoP: the proof (RFC 9449 section 4.1)",
        "        a JWT with htm, htu",
        "      + request: the request",
        "        an encrypted JWT: who has no key to it sees its header alone",
        "      + TLS certificate: the certificate",
        "  = as before: keys, discovery",
    ]


def test_lines_are_broken_at_spaces_and_stay_under_their_head() -> None:
    narrow = lines(40)
    assert max(map(len, narrow[1:])) <= 40
    assert all(row.startswith("  ") for row in narrow[1:])


def test_the_document_has_signs_as_words_and_leaves_out_what_is_empty() -> None:
    document = flow_changes_document(CHANGES, of="code-flow")
    assert (document["of"], document["unchanged"]) == ("code-flow", ["keys", "discovery"])
    gone, early, changed = document["messages"]
    assert gone == {
        "change": "removed",
        "message": "callback",
        "request": "GET /callback",
        "number": 4,
        "parameters": ["code"],
        "answer": [],
    }
    assert early["refusal"] == "400 authorization_pending"
    proof, kind, code, *_ = changed["differences"]
    assert proof["contains"] == ["htm", "htu"]
    assert (kind["before"], kind["after"], kind["section"]) == ("Bearer", "DPoP", "RFC 6749 section 7.1")
    assert code == {
        "change": "removed",
        "place": "request.form.code",
        "meaning": "the code",
        "section": None,
        "before": None,
        "after": None,
        "moved_to": "request",
    }
