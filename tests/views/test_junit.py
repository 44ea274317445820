from __future__ import annotations

from xml.etree import ElementTree

from oauthctl.views.junit import JunitCase, junit_document


def test_each_verdict_is_a_case_and_a_failure_says_why() -> None:
    cases = [
        JunitCase("first", seconds=1.5),
        JunitCase("second", "it goes on"),
        JunitCase("third", skipped="no nonce"),
        JunitCase("fourth", error="no occasion", seconds=0.25),
    ]
    suite = ElementTree.fromstring(junit_document("A careful client", cases))[0]
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")] == ["4", "1", "1", "1", "1.750"]
    assert [case.get("name") for case in suite] == ["first", "second", "third", "fourth"]
    assert [case.get("time") for case in suite] == ["1.500", "0.000", "0.000", "0.250"]
    told = [(found.tag, found.get("message")) for case in suite for found in case]
    assert told == [("failure", "it goes on"), ("skipped", "no nonce"), ("error", "no occasion")]


def test_what_xml_has_no_place_for_is_replaced() -> None:
    document = junit_document("<&\x00\x1b\"'>", [JunitCase("a\ud800", "b\x08")])
    assert ElementTree.fromstring(document)[0].get("name") == "<&\ufffd\ufffd\"'>"
