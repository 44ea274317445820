"""Facts that needed the secrets, compared: does the verifier fit, does the signature hold.

Here: which facts tell, and in what words. Not here: working them out (`record.facts`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from oauthctl.record.difference import Difference, Kind, Weight
from oauthctl.specs import Section

_CODE = Section("RFC 6749", "4.1.3")
_PKCE = Section("RFC 7636", "4.6")
_VERIFIER = Section("RFC 7636", "4.1")
_BASIC = Section("RFC 6749", "2.3.1")
_REFRESH = Section("RFC 6749", "6")
# Name, place, what the fact says.
_FACTS: tuple[tuple[str, str, str, Section], ...] = (
    ("pkce_matches", "request.form.code_verifier", "whether the verifier fits the challenge that was sent", _PKCE),
    ("pkce_fit", "request.form.code_verifier", "by what the challenge was made from the verifier", _PKCE),
    ("code_verifier_is_unreserved", "request.form.code_verifier", "whether the verifier has allowed characters alone", _VERIFIER),
    ("code_changed", "request.form.code", "how the code differs from the one that was issued", _CODE),
    ("code_is_escaped", "request.form.code", "whether the code is percent-encoded once more", _CODE),
    ("code_has_blanks", "request.form.code", "whether there are blanks in the code", _CODE),
    ("refresh_token_changed", "request.form.refresh_token", "how the refresh token differs from the one that was issued", _REFRESH),
    ("refresh_token_is_placeholder", "request.form.refresh_token", "whether the refresh token is a word of a template", _REFRESH),
    ("secret_matches", "request.form.client_secret", "whether the secret is the one that was given", _BASIC),
    ("secret_is_uuid", "request.form.client_secret", "whether the secret looks like an id", _BASIC),
    ("secret_is_placeholder", "request.form.client_secret", "whether the secret is a word of a template", _BASIC),
    ("secret_has_blanks", "request.form.client_secret", "whether there are blanks or quotation marks around the secret", _BASIC),
)
_BASIC_FACTS: tuple[tuple[str, str], ...] = (
    ("has_secret", "whether there is a secret behind the colon"),
    ("is_encoded", "whether id and secret are percent-encoded"),
)
_TOKEN_FACTS: tuple[tuple[str, str, str, Section], ...] = (
    ("signature", "", "what became of the signature", Section("RFC 7515", "5.2")),
    ("signature_reason", ".header.kid", "why the signature doesn't hold", Section("RFC 7515", "5.2")),
    ("at_hash", ".claims.at_hash", "what the hash of the access token is", Section("OIDC Core", "3.1.3.6")),
    ("c_hash", ".claims.c_hash", "what the hash of the code is", Section("OIDC Core", "3.3.2.11")),
    ("ath_matches", ".claims.ath", "whether the proof goes with this access token", Section("RFC 9449", "4.2")),
    ("placeholder", "", "the word that stands in the token's place", Section("RFC 6750", "2.1")),
    ("wrapped", "", "what stands around the token", Section("RFC 6750", "2.1")),
    ("hmac", "", "the form of the secret that fits", Section("RFC 7518", "3.2")),
    ("is_der", "", "whether the signature is DER instead of two numbers", Section("RFC 7518", "3.4")),
)
_SHORTEST, _LONGEST = 43, 128


def differences_of_facts(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Difference]:
    """Facts that differ; one that a side lacks counts as unknown, unless the fact is that something is wrong."""
    for name, place, words, section in _FACTS:
        if name in ("code_changed", "code_is_escaped", "code_has_blanks") or name.startswith("refresh_token"):
            yield from _fact(a.get(name, False), b.get(name, False), place, words, section)
        elif name in a and name in b:
            yield from _fact(a[name], b[name], place, words, section)
    yield from _verifier_length(a, b)
    first, second = a.get("basic"), b.get("basic")
    if isinstance(first, dict) and isinstance(second, dict):
        is_another = first.get("needs_encoding") != second.get("needs_encoding")
        if is_another and "needs_encoding" in first and "needs_encoding" in second:
            yield _another_secret(first, second)
        for name, words in _BASIC_FACTS:
            # How it is written tells of one and the same secret alone.
            if name in first and name in second and not (is_another and name == "is_encoded"):
                yield from _fact(first[name], second[name], "request.headers.Authorization", words, _BASIC)
    yield from _of_tokens(a.get("tokens"), b.get("tokens"))


def _another_secret(a: Mapping[str, Any], b: Mapping[str, Any]) -> Difference:
    """Two secrets that can't be the same, whatever their fingerprints."""
    side = "A" if a["needs_encoding"] else "B"
    said = f"`Authorization`: another id or secret, since in {side} alone it has characters that must be percent-encoded"
    shown = ["with such characters" if one["needs_encoding"] else "without" for one in (a, b)]
    return Difference("request.headers.Authorization", Kind.VALUE, said, shown[0], shown[1], _BASIC, Weight.CREDENTIALS)


def _of_tokens(a: Any, b: Any) -> Iterator[Difference]:
    if not isinstance(a, dict) or not isinstance(b, dict):
        return
    for place in a:
        first, second = a[place], b.get(place)
        if isinstance(first, dict) and isinstance(second, dict):
            for name, member, words, section in _TOKEN_FACTS:
                is_flaw = name in ("placeholder", "wrapped", "is_der")
                if (name in first and name in second) or (is_flaw and (name in first or name in second)):
                    yield from _fact(first.get(name, False), second.get(name, False), f"{place}{member}", words, section)


def _verifier_length(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Difference]:
    first, second = a.get("code_verifier_characters"), b.get("code_verifier_characters")
    if isinstance(first, int) and isinstance(second, int) and _length_class(first) != _length_class(second):
        said = f"the verifier has {first} characters in A, {second} in B; 43 to 128 are allowed"
        yield Difference("request.form.code_verifier", Kind.FORM, said, first, second, _VERIFIER, Weight.RELATION)


def _length_class(characters: int) -> str:
    return "short" if characters < _SHORTEST else "long" if characters > _LONGEST else ""


def _fact(a: Any, b: Any, place: str, words: str, section: Section) -> Iterator[Difference]:
    if a != b:
        yield Difference(place, Kind.RELATION, f"{words}: {_said(a)} in A, {_said(b)} in B", a, b, section, Weight.RELATION)


def _said(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else f"`{value}`" if value != "" else "none"
