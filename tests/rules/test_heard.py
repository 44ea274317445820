"""A sentence of a log is heard by itself, whether or not it has a word of complaint in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.findings import Certainty
from oauthctl.record.pasted import read_pasted
from oauthctl.rules.diagnosis import Diagnosis, diagnose
from oauthctl.rules.evidence import scene_of
from oauthctl.rules.heard import heard

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)


def _diagnosis(text: str) -> Diagnosis:
    return diagnose(scene_of(heard(read_pasted(text, now=NOW), text), now=NOW, salt=b"s"))


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        (
            'did not find expected authorization request details in session, req.session["oidc:op.example"] is undefined',
            "cookie-not-returned",
        ),
        ("Jwt is missing", "token-not-sent"),
        ("oidc: email not verified", "email-unverified-in-token"),
        ("checks.state argument is missing", "cookie-not-returned"),
    ],
)
def test_a_known_sentence_is_heard_by_itself(text: str, slug: str) -> None:
    assert [one.rule for one in _diagnosis(text).findings][:1] == [slug]


@pytest.mark.parametrize("text", ["hello there", "the sign-in page is blue", "user dora signed in, session begins"])
def test_other_sentences_are_not(text: str) -> None:
    assert heard(read_pasted(text, now=NOW), text).kind == "unknown"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Unable to connect to the server: getting credentials: exec: executable kubelogin failed with exit code 1", "exit code 1"),
        ('getting credentials: exec: exec: "aws-iam-authenticator": executable file not found in $PATH', "not installed"),
        ("Unable to connect to the server: getting credentials: exec: executable gke-gcloud-auth-plugin not found", "not installed"),
    ],
)
def test_a_login_plugin_that_fails_is_named(text: str, word: str) -> None:
    first = _diagnosis(text).findings[0]
    assert first.rule == "cluster-login-plugin-failed"
    assert word in first.cause


@pytest.mark.parametrize(
    "text",
    [
        "error: You must be logged in to the server (Unauthorized)",
        "error: You must be logged in to the server (the server has asked for the client to provide credentials)",
        "E1120 10:00:00 memcache.go:265] couldn't get current server API group list: the server has asked for the client to provide "
        "credentials",
        "Error: Kubernetes cluster unreachable: the server has asked for the client to provide credentials",
    ],
)
def test_a_cluster_that_gives_no_reason_leaves_several(text: str) -> None:
    first = _diagnosis(text).findings[0]
    assert (first.rule, first.certainty) == ("cluster-login-refused", Certainty.POSSIBLE)
    assert len(first.candidates) >= 3
