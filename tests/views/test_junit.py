from __future__ import annotations

from xml.etree import ElementTree

from oauthctl.views.junit import junit_document


def test_each_verdict_is_a_case_and_a_failure_says_why() -> None:
    suite = ElementTree.fromstring(
        junit_document("A careful client", [("first", "", ""), ("second", "it goes on", ""), ("third", "", "no nonce")])
    )[0]
    assert [suite.get(name) for name in ("tests", "failures", "skipped")] == ["3", "1", "1"]
    assert [case.get("name") for case in suite] == ["first", "second", "third"]
    assert suite[1][0].get("message") == "it goes on"
    assert (suite[2][0].tag, suite[2][0].get("message")) == ("skipped", "no nonce")


def test_what_xml_has_no_place_for_is_replaced() -> None:
    document = junit_document("<&\x00\x1b\"'>", [("a\ud800", "b\x08", "")])
    assert ElementTree.fromstring(document)[0].get("name") == "<&\ufffd\ufffd\"'>"
