"""SAML 2.0 assertions: the XML signature verified with a trusted key, and what the signed element says.

Here: the one file that imports signxml and lxml, which the extra `saml` brings; one assertion for practice. XML with a document type is
not read, nothing is fetched, and only what came out of the verification is looked at. Not here: whether an assertion is for us and not too
old (`provider`), packing one (`messages.assertion_grant`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from oauthctl.jose.algorithms import UnusableKey, key_object

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk

LONGEST = 64 * 1024
_SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_XML_SIGNATURE = b"http://www.w3.org/2000/09/xmldsig#"


class BadSaml(ValueError):
    """An assertion that can't be believed; the text says why, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How whoever brings the assertion is confirmed: where it may be brought, and until when."""

    recipient: str
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class SamlAssertion:
    """What a signed assertion says. Moments are aware; None where it says none. `confirmations` are those of the method bearer."""

    id: str
    issuer: str
    subject: str
    audiences: tuple[str, ...]
    begins_at: datetime | None
    ends_at: datetime | None
    confirmations: tuple[Confirmation, ...]
    signed_in_at: datetime | None = None


def is_available() -> bool:
    """Whether the packages of the extra `saml` are installed."""
    return _is_installed()


@cache
def _is_installed() -> bool:
    return find_spec("signxml") is not None


def practice_assertion(key: Jwk, *, id_: str, issuer: str, subject: str, audience: str, recipient: str, now: datetime) -> bytes:
    """An assertion for practice as an identity provider signs it, good for five minutes. `key` is a private RSA key.

    Source: RFC 7522 section 3; Assertions and Protocols for SAML 2.0 section 5.4: enveloped, exclusive canonicalization.
    """
    from lxml import etree
    from signxml.algorithms import CanonicalizationMethod
    from signxml.signer import XMLSigner

    begins, ends = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (now, now + timedelta(minutes=5)))
    root = etree.Element(f"{_SAML}Assertion", {"ID": id_, "Version": "2.0", "IssueInstant": begins}, nsmap={"saml": _SAML[1:-1]})
    etree.SubElement(root, f"{_SAML}Issuer").text = issuer
    about = etree.SubElement(root, f"{_SAML}Subject")
    etree.SubElement(about, f"{_SAML}NameID").text = subject
    confirmation = etree.SubElement(about, f"{_SAML}SubjectConfirmation", {"Method": _BEARER})
    etree.SubElement(confirmation, f"{_SAML}SubjectConfirmationData", {"Recipient": recipient, "NotOnOrAfter": ends})
    conditions = etree.SubElement(root, f"{_SAML}Conditions", {"NotBefore": begins, "NotOnOrAfter": ends})
    restriction = etree.SubElement(conditions, f"{_SAML}AudienceRestriction")
    etree.SubElement(restriction, f"{_SAML}Audience").text = audience
    etree.SubElement(root, f"{_SAML}AuthnStatement", {"AuthnInstant": begins})
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    return bytes(etree.tostring(signer.sign(root, key=key_object(key.as_dict()), reference_uri=id_, id_attribute="ID")))


def claimed_issuer(content: bytes) -> str:
    """The issuer that an assertion names, nothing of it proven: good for nothing but to find whose keys it needs. Raises `BadSaml`."""
    return _text_of(_parsed(content), "Issuer")


def verified_assertion(content: bytes, keys: tuple[Jwk, ...]) -> SamlAssertion:
    """What the signed assertion says. Raises `BadSaml` where none of these keys signed it, or it can't be read.

    Source: SAML Core 5.4 (enveloped signature, one reference to the assertion's own ID); XML Signature Best Practices 4, "see what is
    signed".
    """
    root = _parsed(content)
    signed = _signed_element(content, keys)
    if signed.tag != f"{_SAML}Assertion" or signed.get("ID") != root.get("ID"):
        raise BadSaml("what is signed is not the assertion itself")
    return _read(signed)


def _parsed(content: bytes) -> Any:
    from lxml import etree

    if len(content) > LONGEST:
        raise BadSaml(f"the assertion is larger than {LONGEST} bytes")
    if b"\x00" in content:
        raise BadSaml("the assertion is no XML in UTF-8")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise BadSaml("the assertion declares a document type")
    try:
        root = etree.fromstring(content, parser=_parser())
    except etree.XMLSyntaxError as error:
        raise BadSaml("the assertion is no XML") from error
    if root.tag != f"{_SAML}Assertion" or root.get("Version") != "2.0":
        raise BadSaml("the outermost element is no Assertion of SAML 2.0")
    if root.getroottree().docinfo.doctype:
        raise BadSaml("the assertion declares a document type")
    return root


def _parser() -> Any:
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False)


def _signed_element(content: bytes, keys: tuple[Jwk, ...]) -> Any:
    """The element that one of the keys signed, as it was digested: not the one that was brought."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from lxml.etree import LxmlError
    from signxml.algorithms import DigestAlgorithm, SignatureMethod
    from signxml.exceptions import SignXMLException
    from signxml.verifier import SignatureConfiguration, XMLVerifier

    if content.count(_XML_SIGNATURE) == 0:
        raise BadSaml("the assertion is not signed")
    digests = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
    strong = ("SHA256", "SHA384", "SHA512")
    methods = frozenset(one for one in SignatureMethod if one.name.startswith(("RSA_SHA", "ECDSA_SHA")) and one.name.endswith(strong))
    # A key that we trust needs no certificate, and its time is not the signature's: the library wants one, so it gets one made here.
    when = datetime(2020, 1, 1, tzinfo=UTC)
    expected = SignatureConfiguration(
        location="./", expect_references=1, signature_methods=methods, digest_algorithms=digests, verification_time=when
    )
    why: Exception | None = None
    for key in keys:
        try:
            carrier = _carrier(key_object(key.public().as_dict()), when)
            result = XMLVerifier().verify(content, x509_cert=carrier, parser=_parser(), expect_config=expected, id_attribute="ID")
        except (SignXMLException, LxmlError, UnsupportedAlgorithm, UnusableKey, ValueError, TypeError, KeyError, AttributeError) as error:
            # Whatever the library trips over in somebody's XML, the answer is the same: this key did not sign it.
            why = error
            continue
        if isinstance(result, list) or result.signed_xml is None:
            raise BadSaml("what is signed is no XML")
        return result.signed_xml
    raise BadSaml("the signature of the assertion is not good") from why


def _carrier(public: Any, when: datetime) -> Any:
    """A certificate that says nothing but this key: who signed it does not matter, since nobody follows it."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256

    name = x509.Name.from_rfc4514_string("CN=key")
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(public).serial_number(1)
    builder = builder.not_valid_before(when - timedelta(days=1)).not_valid_after(when + timedelta(days=1))
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), SHA256())


def _read(root: Any) -> SamlAssertion:
    conditions = root.find(f"{_SAML}Conditions")
    restrictions = [] if conditions is None else conditions.findall(f"{_SAML}AudienceRestriction")
    named = [tuple(_text(one) for one in restriction.findall(f"{_SAML}Audience")) for restriction in restrictions]
    # Source: SAML Core 2.5.1.4: each restriction has to hold, so that only an audience that is in all of them counts.
    audiences = tuple(dict.fromkeys(one for one in (named[0] if named else ()) if all(one in other for other in named)))
    subject = root.find(f"{_SAML}Subject")
    statement = root.find(f"{_SAML}AuthnStatement")
    return SamlAssertion(
        id=root.get("ID") or "",
        issuer=_text_of(root, "Issuer"),
        subject=_text_of(subject, "NameID") if subject is not None else "",
        audiences=audiences,
        begins_at=_moment(conditions, "NotBefore"),
        ends_at=_moment(conditions, "NotOnOrAfter"),
        confirmations=tuple(_confirmations(subject)) if subject is not None else (),
        signed_in_at=_moment(statement, "AuthnInstant"),
    )


def _confirmations(subject: Any) -> Iterator[Confirmation]:
    for one in subject.findall(f"{_SAML}SubjectConfirmation"):
        if one.get("Method") == _BEARER:
            data = one.find(f"{_SAML}SubjectConfirmationData")
            yield Confirmation((data.get("Recipient") or "") if data is not None else "", _moment(data, "NotOnOrAfter"))


def _text_of(parent: Any, name: str) -> str:
    found = parent.findall(f"{_SAML}{name}")
    if len(found) != 1:
        raise BadSaml(f"the assertion has {len(found)} elements {name} where one has to be")
    return _text(found[0])


def _text(element: Any) -> str:
    """The element's text. One with anything inside is refused: what comes after a comment is easily lost, and with it half a name."""
    if len(element):
        raise BadSaml("a name in the assertion has something else inside")
    return (element.text or "").strip()


def _moment(element: Any, name: str) -> datetime | None:
    value = element.get(name) if element is not None else None
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise BadSaml(f"{name} of the assertion is no time") from error
    # Source: SAML Core 1.3.3: times are in UTC, and say so.
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
