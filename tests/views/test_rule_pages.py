"""Pages of rules and providers' codes, as `explain` prints them."""

from __future__ import annotations

import json

from tests.cli.running import oauthctl


def test_a_rule_is_explained_by_its_page() -> None:
    ran = oauthctl("explain", "code-verifier-mismatch", columns=80)
    assert ran.code == 0
    assert ran.out.startswith("code-verifier-mismatch: The code_verifier is not the one")
    for heading in ("What", "Why", "Fires", "Quiet", "What to do", "Section"):
        assert f"\n{heading}\n" in ran.out
    assert "    => 400\n" in ran.out
    assert "```" not in ran.out


def test_a_page_is_json_too() -> None:
    document = json.loads(oauthctl("explain", "code-verifier-mismatch", "--json").out)
    assert document["rule"] == "code-verifier-mismatch"
    assert document["sections"]["Section"] == "RFC 7636 section 4.6"


def test_all_rules_are_listed_one_a_line() -> None:
    lines = oauthctl("explain", "rules").out.splitlines()
    assert all(len(line.split("\t")) == 3 for line in lines)
    assert "code-verifier-mismatch" in [line.split("\t")[0] for line in lines]


def test_a_mistyped_rule_is_guessed() -> None:
    ran = oauthctl("explain", "code-verifier-mismatsch")
    assert ran.code == 2
    assert "`code-verifier-mismatch`" in ran.err


def test_a_word_that_no_file_could_be_named_by_is_unknown() -> None:
    for word in ("a" * 5000, "../pages", "a/b", "\x00"):
        assert oauthctl("explain", word).code == 2
