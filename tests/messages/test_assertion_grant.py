from __future__ import annotations

from base64 import b64encode, urlsafe_b64decode
from contextlib import suppress
from datetime import UTC, datetime
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.errors import ConfigError
from oauthctl.findings import Outcome
from oauthctl.jose.jwk import generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.messages.assertion_grant import jwt_grant, saml_grant

KEY = generate("ES256").with_(kid="16")
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
# Source: the assertion that RFC 7522 section 4 describes: its issuer, subject, audience and recipient.
RFC7522_SECTION_4 = b"""<Assertion IssueInstant="2010-10-01T20:07:34.619Z"
    ID="ef1xsbZxPV2oqjd7HTLRLIBlBb7"
    Version="2.0"
    xmlns="urn:oasis:names:tc:SAML:2.0:assertion">
 <Issuer>https://saml-idp.example.com</Issuer>
 <Subject>
  <NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">brian@example.com</NameID>
  <SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
   <SubjectConfirmationData NotOnOrAfter="2010-10-01T20:12:34.619Z" Recipient="https://authz.example.net/token.oauth2"/>
  </SubjectConfirmation>
 </Subject>
 <Conditions>
  <AudienceRestriction><Audience>https://saml-sp.example.net</Audience></AudienceRestriction>
 </Conditions>
</Assertion>"""


def test_the_claims_of_an_assertion() -> None:
    """RFC 7523 section 3."""
    token = take_apart(jwt_grant(KEY, issuer="me", subject="mike", audience="https://jwt-rp.example.net", now=NOW, jti="j-1"))
    assert token.claims == {
        "iss": "me",
        "sub": "mike",
        "aud": "https://jwt-rp.example.net",
        "jti": "j-1",
        "iat": 1767323045,
        "exp": 1767323105,
    }
    assert (token.header or {})["kid"] == "16"
    assert check_signature(token, (KEY.public(),)).outcome is Outcome.PASS


def test_further_claims_are_added_replace_and_take_away() -> None:
    more = {"scope": "a b", "exp": 1767326645, "jti": "", "http://claims.example.com/member": True}
    claims = take_apart(jwt_grant(KEY, issuer="me", subject="me", audience="https://a.example", now=NOW, jti="j", claims=more)).claims
    assert claims is not None
    assert (claims["scope"], claims["exp"], claims["http://claims.example.com/member"]) == ("a b", 1767326645, True)
    assert "jti" not in claims


@pytest.mark.parametrize(
    "content",
    [RFC7522_SECTION_4, b"\n" + RFC7522_SECTION_4 + b"\n", b64encode(RFC7522_SECTION_4), b"\xef\xbb\xbf" + RFC7522_SECTION_4],
)
def test_a_saml_assertion_is_packed_as_it_is(content: bytes) -> None:
    packed = saml_grant(content)
    assert "=" not in packed
    assert urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).removeprefix(b"\xef\xbb\xbf") == RFC7522_SECTION_4


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "neither XML nor base64"),
        (b"ey.not.xml", "neither XML nor base64"),
        (b"<Assertion>", "no XML that can be read"),
        (b"<Assertion/>", "outermost element is `Assertion`"),
        (b'<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol"/>', "outermost element is `Response`"),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "document type"),
        (b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>', "document type"),
        (b'<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion"/>', "no SAML 2.0 assertion"),
    ],
)
def test_what_is_no_saml_assertion_is_told_before_it_is_sent(content: bytes, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        saml_grant(content)
    assert words in caught.value.message
    assert caught.value.slug == "saml-unusable"


@given(st.binary(max_size=200))
def test_any_file_gives_an_assertion_or_a_sentence(content: bytes) -> None:
    with suppress(ConfigError):
        assert set(saml_grant(content)) <= set(ascii_letters + digits + "-_")
