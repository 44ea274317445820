"""SAML 2.0 assertions for tokens (RFC 7522): what is signed counts, and nothing else."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest

pytest.importorskip("signxml", reason="the extra `saml` is not installed")

from lxml import etree
from signxml import CanonicalizationMethod, SignatureMethod, XMLSigner

from oauthctl.http import Response
from oauthctl.jose.algorithms import key_object
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.saml import practice_assertion, verified_assertion
from tests.provider.world import ISSUER, SECRET, START, World, claims_of, document, practice_state

IDP = "https://idp.example"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
RSA, EC, OTHER = generate("RS256"), generate("ES256"), generate("ES256")


def at(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def unsigned(**changed: str) -> str:
    values = {
        "id": "_a1",
        "issuer": IDP,
        "name": "alice",
        "audience": ISSUER,
        "recipient": f"{ISSUER}/token",
        "begins": at(-30),
        "ends": at(300),
        "confirmed": at(200),
        "method": "urn:oasis:names:tc:SAML:2.0:cm:bearer",
        "more": "",
        **changed,
    }
    return (
        '<saml:Assertion xmlns:saml="{saml}" ID="{id}" Version="2.0" IssueInstant="{begins}"><saml:Issuer>{issuer}</saml:Issuer>'
        '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="placeholder"></ds:Signature>'
        '<saml:Subject><saml:NameID>{name}</saml:NameID><saml:SubjectConfirmation Method="{method}">'
        '<saml:SubjectConfirmationData Recipient="{recipient}" NotOnOrAfter="{confirmed}"/></saml:SubjectConfirmation></saml:Subject>'
        '<saml:Conditions NotBefore="{begins}" NotOnOrAfter="{ends}"><saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience>'
        '</saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{begins}"/>{more}</saml:Assertion>'
    ).format(saml=SAML, **values)


def signed(text: str, key: Jwk = RSA) -> bytes:
    """The assertion as an identity provider signs it: enveloped, exclusive canonicalization, a reference to its own ID."""
    method = SignatureMethod.RSA_SHA256 if key.kty == "RSA" else SignatureMethod.ECDSA_SHA256
    signer = XMLSigner(signature_algorithm=method, c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    root = etree.fromstring(text.encode())
    return bytes(etree.tostring(signer.sign(root, key=key_object(key.as_dict()), reference_uri=root.get("ID"), id_attribute="ID")))


def there(**changes: Any) -> World:
    return World(practice_state(trusted_issuers={IDP: (RSA.public(), EC.public())}, **changes))


def ask(world: World, assertion: bytes, **form: str) -> Response:
    packed = urlsafe_b64encode(assertion).rstrip(b"=").decode()
    body = {"grant_type": "urn:ietf:params:oauth:grant-type:saml2-bearer", "assertion": packed, "scope": "items.read", **form}
    return world.token_request(dict(body), client_id="service", secret=SECRET)


@pytest.mark.parametrize("key", [RSA, EC], ids=["RSA", "EC"])
def test_an_assertion_of_a_trusted_issuer_gets_a_token_for_its_person(key: Jwk) -> None:
    answer = ask(there(), signed(unsigned(), key))
    assert answer.status == 200, answer.text
    claims = claims_of(document(answer)["access_token"])
    assert (claims["sub"], claims["client_id"], claims["scope"]) == ("alice", "service", "items.read")
    assert claims["auth_time"] == int((START - timedelta(seconds=30)).timestamp())
    assert "refresh_token" not in document(answer)


def test_no_refresh_token_comes_of_it_whoever_the_client_is() -> None:
    """RFC 7521 section 4.1: the assertion is what brings the next access token."""
    world = there()
    service = world.state.clients["service"]
    greedy = replace(service, grant_types=(*service.grant_types, "refresh_token"), always_gets_refresh_token=True)
    world.state = replace(world.state, clients={**world.state.clients, service.id: greedy})
    answer = ask(world, signed(unsigned()))
    assert (answer.status, "refresh_token" in document(answer)) == (200, False)


def test_an_assertion_for_practice_says_what_it_was_given_and_is_signed() -> None:
    name = 'alice</saml:NameID> & "co"'
    made = practice_assertion(RSA, id_="_p1", issuer=IDP, subject=name, audience=ISSUER, recipient=f"{ISSUER}/token", now=START)
    read = verified_assertion(made, (RSA.public(),))
    assert (read.issuer, read.subject, read.audiences) == (IDP, name, (ISSUER,))
    assert document(ask(there(), made))["error_description"] == "the assertion is about nobody who is known here (NameID)"


def test_it_works_once() -> None:
    world, assertion = there(), signed(unsigned())
    assert ask(world, assertion).status == 200
    assert document(ask(world, assertion))["error_description"] == "the assertion was used before (ID)"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"issuer": "https://stranger.example"}, "issuer of the assertion is not trusted"),
        ({"audience": "https://other.example"}, "audience"),
        ({"recipient": "https://other.example/token"}, "Recipient"),
        ({"method": "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"}, "Recipient"),
        ({"ends": at(-300), "confirmed": at(-300)}, "expired"),
        ({"confirmed": at(-300)}, "expired"),
        ({"ends": at(90000), "confirmed": at(90000)}, "good for more than"),
        ({"begins": at(300)}, "from the future"),
        ({"begins": "yesterday"}, "is no time"),
        ({"name": "nobody"}, "nobody who is known"),
        ({"name": "alice<saml:x/>"}, "something else inside"),
    ],
)
def test_a_signed_assertion_that_is_not_for_us_is_refused(changed: dict[str, str], said: str) -> None:
    answer = ask(there(), signed(unsigned(**changed)))
    assert (answer.status, document(answer)["error"]) == (400, "invalid_grant")
    assert said in document(answer)["error_description"]


def wrapped() -> bytes:
    """The signed assertion moved into another one, which has its signature and says somebody else."""
    honest = etree.fromstring(signed(unsigned()))
    evil = etree.fromstring(unsigned(id="_evil", name="bob").encode())
    signature = honest.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    placeholder = evil.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    evil.replace(placeholder, signature)
    advice = etree.SubElement(evil, f"{{{SAML}}}Advice")
    advice.append(honest)
    return bytes(etree.tostring(evil))


def same_id() -> bytes:
    return wrapped().replace(b'ID="_evil"', b'ID="_a1"')


def commented() -> bytes:
    """A name of the attacker's own, in which a comment that no digest covers leaves another one at its beginning."""
    return signed(unsigned(name="alicebob")).replace(b"<saml:NameID>alicebob<", b"<saml:NameID>alice<!-- -->bob<")


def with_doctype(entity: str) -> bytes:
    return f"<!DOCTYPE a [<!ENTITY x {entity}>]>".encode() + unsigned(name="&x;").encode()


@pytest.mark.parametrize(
    "assertion",
    [
        unsigned().encode(),
        signed(unsigned(), OTHER),
        signed(unsigned()).replace(b">alice<", b">bob<"),
        wrapped(),
        same_id(),
        commented(),
        with_doctype('"alice"'),
        with_doctype('SYSTEM "file:///etc/passwd"'),
        with_doctype('SYSTEM "http://127.0.0.1:1/"'),
        signed(unsigned()).replace(b"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", b"http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        signed(unsigned()).replace(b"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", b"http://www.w3.org/2000/09/xmldsig#hmac-sha1"),
        b"<Response/>",
        b"nonsense",
        signed(unsigned()).decode().encode("utf-16"),
        signed(unsigned(more="<saml:Advice>" + "x" * 70000 + "</saml:Advice>")),
    ],
    ids=(
        *("unsigned", "another key", "changed", "wrapped", "same ID", "comment", "entity", "file", "network", "SHA-1", "HMAC"),
        *("a Response", "no XML", "UTF-16", "huge"),
    ),
)
def test_what_is_not_signed_by_the_issuer_is_never_believed(assertion: bytes) -> None:
    answer = ask(there(), assertion)
    assert (answer.status, document(answer)["error"]) == (400, "invalid_grant"), answer.text
    assert "access_token" not in answer.text


@pytest.mark.parametrize("packed", ["not base64!", "é", None])
def test_what_is_not_packed_as_it_has_to_be_is_refused(packed: str | None) -> None:
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:saml2-bearer", "assertion": packed}
    answer = there().token_request(form, client_id="service", secret=SECRET)
    assert answer.status == 400


def test_the_metadata_says_so() -> None:
    told = document(there().get("/.well-known/openid-configuration"))
    assert "urn:ietf:params:oauth:grant-type:saml2-bearer" in told["grant_types_supported"]


@pytest.mark.parametrize(
    ("assertion", "said"),
    [(b"\x00\x00\x00", "no XML"), (b"nonsense", "no XML"), (with_doctype('"alice"'), "document type"), (b"<Response/>", "no Assertion")],
)
def test_what_is_no_assertion_is_called_what_it_is(assertion: bytes, said: str) -> None:
    assert said in document(ask(there(), assertion))["error_description"]
