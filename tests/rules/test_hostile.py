"""Whatever a recording holds, a diagnosis comes about, and no secret is in it."""

from __future__ import annotations

import copy
import json
import random
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oauthctl.record.har import from_har, to_har
from oauthctl.record.material import Material
from oauthctl.rules.diagnosis import Diagnosis, diagnose
from oauthctl.rules.evidence import scene_of
from oauthctl.rules.pages import page, slugs
from oauthctl.views.diagnosed import diagnosed_lines
from oauthctl.views.diagnosis_document import diagnosis_document
from oauthctl.views.diagnosis_markdown import diagnosis_markdown
from oauthctl.views.lines import plain
from tests.rules.pages import play

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
SECRET = "Zx9-this-must-be-seen-nowhere-7Qp"
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 10**400, "", " ", "\x00", "\x1b[2J", "\u202e", "\ud800", "é" * 3, "a" * 5000,
    [], {}, [[]], [{}], {"a": []}, "2026-13-45T99:99:99Z", "http://[::1", "https://idp.example.com:99999/", "%", "%zz", "?&=&=", "#",
    "Bearer", "Bearer ", "Basic !!!", "Basic Og==", "eyJ", "eyJhbGciOiJub25lIn0.e30.", "a.b.c", "..", "....",
    '{"keys": [1, null, {"kty": 1}]}', '{"error": {"a": 1}}', '{"error": []}', "[" * 500,
)  # fmt: skip


@cache
def documents() -> tuple[dict[str, Any], ...]:
    """The recordings of all pages as HAR documents."""
    return tuple(to_har(play(found.sections["Fires"]).recording) for found in (page(slug) for slug in slugs()) if found is not None)


def _spoiled(document: dict[str, Any], seed: int, *, changes: int) -> dict[str, Any]:
    """The document with some of its values replaced by odd ones."""
    chosen = random.Random(seed)
    spoiled = copy.deepcopy(document)
    for _ in range(changes):
        places = list(_places(spoiled["log"]["entries"]))
        if places:
            holder, key = chosen.choice(places)
            holder[key] = _spoil(holder[key], chosen)
    return spoiled


def _spoil(value: Any, chosen: random.Random) -> Any:
    if isinstance(value, str) and value and chosen.random() < 0.6:
        cut = chosen.randrange(len(value))
        odd = chosen.choice([one for one in ODD if isinstance(one, str)])
        return chosen.choice((value[:cut], value[cut:], value[:cut] + odd + value[cut:], value + value, value.replace("=", "=" + odd, 1)))
    return copy.deepcopy(chosen.choice(ODD))


def _places(value: Any) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from _places(inner)


def _all_forms(document: object, *, width: int = 80, **known: Any) -> tuple[Diagnosis, str]:
    scene = scene_of(Material("har", from_har(document)), now=NOW, salt=b"salt", given=known)
    diagnosis = diagnose(scene)
    text = "\n".join(plain(line) for line in diagnosed_lines(diagnosis, scene.recording, width=width, is_verbose=True))
    return diagnosis, text + json.dumps(diagnosis_document(diagnosis, {"kind": "har"})) + diagnosis_markdown(diagnosis, "a capture")


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 6))
def test_a_spoiled_recording_is_diagnosed_all_the_same(which: int, seed: int, changes: int) -> None:
    document = documents()[which % len(documents())]
    _, text = _all_forms(_spoiled(document, seed, changes=changes))
    assert not any(ord(character) < 32 and character not in "\n\t" for character in text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
GIVEN_NAMES = (
    "issuer", "audience", "algorithms", "client_id", "client_secret", "registered_redirect_uris", "jwks", "jwks_cached",
    "jwks_cached_at", "refresh_token_issued_at", "expected_nonce", "local_error", "clock_tolerance", "listener", "app_type",
    "store_events", "app_seen_headers",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.dictionaries(st.sampled_from(GIVEN_NAMES), JSON, max_size=5))
def test_whatever_is_given_is_read_leniently(which: int, known: dict[str, Any]) -> None:
    _all_forms(documents()[which % len(documents())], **known)


SECRET_PLACES = (
    ("form", "client_secret"), ("form", "code"), ("form", "code_verifier"), ("form", "refresh_token"), ("form", "password"),
    ("form", "assertion"), ("form", "device_code"), ("query", "code"), ("query", "access_token"), ("query", "id_token_hint"),
    ("body", "access_token"), ("body", "refresh_token"), ("body", "client_secret"), ("body", "registration_access_token"),
    ("header", "Authorization"), ("header", "DPoP"), ("header", "Cookie"),
)  # fmt: skip


# So many diagnoses for each page, each with several places of different kinds: with every place by itself they would take minutes.
TOGETHER = 4


def _secret(where: str, name: str) -> str:
    return f"{SECRET}{SECRET_PLACES.index((where, name)):02}"


@pytest.mark.parametrize("first", range(TOGETHER))
def test_no_secret_is_in_any_form_of_a_diagnosis(first: int) -> None:
    """Each page's exchanges with more secrets in each request or answer, echoed in the description of every error."""
    places = SECRET_PLACES[first::TOGETHER]
    for document in documents():
        changed = copy.deepcopy(document)
        for entry in changed["log"]["entries"]:
            for where, name in places:
                _put(entry, where, name, _secret(where, name))
        # Lines are broken at spaces alone, and a secret has none.
        _, text = _all_forms(changed, width=0, client_secret=_secret(*places[0]))
        assert SECRET not in text, [place for place in places if _secret(*place) in text]


def _put(entry: dict[str, Any], where: str, name: str, secret: str) -> None:
    request, response = entry["request"], entry["response"]
    content = response["content"]
    match where:
        case "form":
            post = request.setdefault(
                "postData", {"mimeType": "application/x-www-form-urlencoded", "text": "grant_type=authorization_code"}
            )
            post["text"] = f"{name}={secret}&{post['text']}"
            request["method"] = "POST"
        case "query":
            joint = "&" if "?" in request["url"] else "?"
            request["url"] += f"{joint}{name}={secret}"
        case "header":
            value = f"Bearer {secret}" if name == "Authorization" else f"session={secret}" if name == "Cookie" else secret
            request["headers"].append({"name": name, "value": value})
        case _:
            if content["text"].startswith("{"):
                content["text"] = f'{{"{name}": "{secret}", ' + content["text"][1:].lstrip()
    content["text"] = content["text"].replace('"error_description": "', f'"error_description": "{secret} ')
