"""Facts that a file brings along hold for the claims of which they were said, and for no others."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest

from oauthctl.record.facts import facts
from oauthctl.record.facts.kept import kept_facts
from oauthctl.record.har import facts_of, from_har, to_har
from oauthctl.record.redact import redact
from oauthctl.record.seal import SEAL
from oauthctl.rules.evidence import key_finder
from tests.record.played import played

PLACE = "response.body.id_token"


def shared() -> dict[str, Any]:
    """The run without its secrets, its ID token's signature said to be right."""
    recording = played()
    known = facts(recording, keys=key_finder(recording, ()))
    known[7]["tokens"][PLACE]["signature"] = "pass"  # type: ignore[index]
    known[7]["at_hash_matches"] = True
    document: dict[str, Any] = json.loads(json.dumps(to_har(redact(recording, salt=b"a salt of a test, thirty-two oct"), facts=known)))
    return document


def entry(document: dict[str, Any], number: int) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["log"]["entries"] if one["_oauthctl"]["id"] == number)
    return found


def forge(document: dict[str, Any]) -> None:
    """Another person's `sub` in the ID token."""
    content = entry(document, 7)["response"]["content"]
    body = json.loads(content["text"])
    header, payload, signature = body["id_token"].split(".")
    claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4))) | {"sub": "somebody-else"}
    body["id_token"] = ".".join((header, urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("="), signature))
    content["text"] = json.dumps(body)


def kept(document: dict[str, Any]) -> dict[str, Any]:
    return kept_facts(from_har(document), facts_of(document))[7]


def test_facts_of_an_untouched_file_are_kept_as_they_are() -> None:
    document = shared()
    assert kept_facts(from_har(document), facts_of(document)) == facts_of(document)
    assert kept(document)["tokens"][PLACE]["signature"] == "pass"


def test_changed_claims_lose_what_was_said_of_the_old_ones() -> None:
    document = shared()
    forge(document)
    told = kept(document)
    assert "signature" not in told["tokens"][PLACE]
    assert "at_hash_matches" not in told
    # What the token itself still shows is told anew.
    assert told["tokens"][PLACE]["kind"] == "JWS"


@pytest.mark.parametrize("seal", [None, "", "00" * 16, 7, ["x"]])
def test_a_missing_or_a_strange_digest_vouches_for_nothing(seal: object) -> None:
    document = shared()
    tokens = entry(document, 7)["_oauthctl"]["facts"]["tokens"]
    if seal is None:
        del tokens[PLACE][SEAL]
    else:
        tokens[PLACE][SEAL] = seal
    assert "signature" not in kept(document)["tokens"][PLACE]


def test_sharing_a_changed_file_once_more_does_not_make_it_right() -> None:
    document = shared()
    forge(document)
    recording = from_har(document)
    again = to_har(recording, facts=kept_facts(recording, facts_of(document)))
    assert "signature" not in kept(again)["tokens"][PLACE]


def test_other_facts_of_the_exchange_stay() -> None:
    document = shared()
    forge(document)
    assert kept(document)["pkce_matches"] is True
