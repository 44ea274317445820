"""Assertions as grants: a signed JWT, or a SAML assertion, that is traded for an access token.

Here: making the one and packing the other. Not here: assertions that prove the client (`client_assertion`), the request (`flows`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from oauthctl.errors import ConfigError
from oauthctl.jose.jwk import Jwk

GRANT_SECONDS = 60
"""How long an assertion of ours is good for: it is used at once."""
_SAML = "urn:oasis:names:tc:SAML:2.0:assertion"


def jwt_grant(
    key: Jwk, *, issuer: str, subject: str, audience: str, now: datetime, jti: str, claims: Mapping[str, Any] | None = None
) -> str:
    """The compact JWT. `claims` are further ones and replace ours; one whose value is None or empty is left out.

    Raises `ConfigError` for a key that can't sign. Source: RFC 7523 section 3.
    """
    from oauthctl.jose.key_file import assertion_header
    from oauthctl.jose.sign import sign

    issued_at = int(now.timestamp())
    own: dict[str, Any] = {"iss": issuer, "sub": subject, "aud": audience, "jti": jti, "iat": issued_at, "exp": issued_at + GRANT_SECONDS}
    return sign(
        {name: value for name, value in (own | dict(claims or {})).items() if value not in (None, "")}, key, header=assertion_header(key)
    )


def saml_grant(content: bytes) -> str:
    """A SAML 2.0 assertion as the parameter `assertion` wants it: base64url without padding. XML and base64 of it are read.

    Raises `ConfigError` for what is no XML, declares a document type or entities (they are never resolved), or is no lone Assertion.
    Whether its signature is good, the server has to see. Source: RFC 7522 section 2.1.
    """
    text = content.strip()
    if not text.startswith((b"<", b"\xef\xbb\xbf<")):
        text = _decoded(text)
    root = _root_of(text)
    if root != f"{_SAML} Assertion":
        name = root.rpartition(" ")[2]
        raise ConfigError(
            f"the file holds no SAML 2.0 assertion: its outermost element is `{name[:60]}`",
            slug="saml-unusable",
            spec="RFC 7522 section 2.1",
            help="cut the element `Assertion` out of it, its signature included"
            if name == "Response"
            else "give the element `Assertion` alone",
        )
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _decoded(text: bytes) -> bytes:
    packed = b"".join(text.split()).translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    try:
        found = base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True).strip()
    except (binascii.Error, ValueError):
        found = b""
    if not found.startswith(b"<"):
        raise ConfigError("the file is neither XML nor base64 of XML", slug="saml-unusable", spec="RFC 7522 section 2.1")
    return found


def _root_of(text: bytes) -> str:
    """Namespace and name of the outermost element; the whole text is read, to see that it is XML."""
    from xml.parsers import expat

    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def declared(*_arguments: object) -> None:
        raise ConfigError("the XML declares a document type, which no assertion has: its entities are not resolved", slug="saml-unusable")

    def started(name: str, _attributes: dict[str, str]) -> None:
        if not names:
            names.append(name)

    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = started
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise ConfigError(
            "the file is no XML that can be read", slug="saml-unusable", notes=(f"line {error.lineno}: {expat.ErrorString(error.code)}",)
        ) from None
    return names[0]
