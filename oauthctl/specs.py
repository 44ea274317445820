"""The cited documents: a `Section` knows its title and its address.

Here: the names of the standards that oauthctl cites. Not here: what they say.
"""

from __future__ import annotations

from dataclasses import dataclass

_RFC_TITLES = {
    2617: "HTTP Authentication: Basic and Digest Access Authentication",
    3986: "Uniform Resource Identifier (URI): Generic Syntax",
    5280: "Internet X.509 Public Key Infrastructure Certificate and Certificate Revocation List (CRL) Profile",
    6066: "Transport Layer Security (TLS) Extensions: Extension Definitions",
    6265: "HTTP State Management Mechanism",
    6585: "Additional HTTP Status Codes",
    6749: "The OAuth 2.0 Authorization Framework",
    6750: "The OAuth 2.0 Authorization Framework: Bearer Token Usage",
    6797: "HTTP Strict Transport Security (HSTS)",
    6819: "OAuth 2.0 Threat Model and Security Considerations",
    7009: "OAuth 2.0 Token Revocation",
    7034: "HTTP Header Field X-Frame-Options",
    7239: "Forwarded HTTP Extension",
    7515: "JSON Web Signature (JWS)",
    7516: "JSON Web Encryption (JWE)",
    7517: "JSON Web Key (JWK)",
    7518: "JSON Web Algorithms (JWA)",
    7519: "JSON Web Token (JWT)",
    7521: "Assertion Framework for OAuth 2.0 Client Authentication and Authorization Grants",
    7522: "SAML 2.0 Profile for OAuth 2.0 Client Authentication and Authorization Grants",
    7523: "JSON Web Token (JWT) Profile for OAuth 2.0 Client Authentication and Authorization Grants",
    7591: "OAuth 2.0 Dynamic Client Registration Protocol",
    7592: "OAuth 2.0 Dynamic Client Registration Management Protocol",
    7617: "The 'Basic' HTTP Authentication Scheme",
    7636: "Proof Key for Code Exchange by OAuth Public Clients",
    7638: "JSON Web Key (JWK) Thumbprint",
    7643: "System for Cross-domain Identity Management: Core Schema",
    7662: "OAuth 2.0 Token Introspection",
    7797: "JSON Web Signature (JWS) Unencoded Payload Option",
    7800: "Proof-of-Possession Key Semantics for JSON Web Tokens (JWTs)",
    8037: "CFRG Elliptic Curve Diffie-Hellman (ECDH) and Signatures in JSON Object Signing and Encryption (JOSE)",
    8176: "Authentication Method Reference Values",
    8200: "Internet Protocol, Version 6 (IPv6) Specification",
    8252: "OAuth 2.0 for Native Apps",
    8259: "The JavaScript Object Notation (JSON) Data Interchange Format",
    8414: "OAuth 2.0 Authorization Server Metadata",
    8417: "Security Event Token (SET)",
    8446: "The Transport Layer Security (TLS) Protocol Version 1.3",
    8628: "OAuth 2.0 Device Authorization Grant",
    8693: "OAuth 2.0 Token Exchange",
    8705: "OAuth 2.0 Mutual-TLS Client Authentication and Certificate-Bound Access Tokens",
    8707: "Resource Indicators for OAuth 2.0",
    8725: "JSON Web Token Best Current Practices",
    8812: "COSE and JOSE Registrations for Web Authentication (WebAuthn) Algorithms",
    9068: "JSON Web Token (JWT) Profile for OAuth 2.0 Access Tokens",
    9101: "The OAuth 2.0 Authorization Framework: JWT-Secured Authorization Request (JAR)",
    9110: "HTTP Semantics",
    9111: "HTTP Caching",
    9126: "OAuth 2.0 Pushed Authorization Requests",
    9207: "OAuth 2.0 Authorization Server Issuer Identification",
    9278: "JWK Thumbprint URI",
    9396: "OAuth 2.0 Rich Authorization Requests",
    9449: "OAuth 2.0 Demonstrating Proof of Possession (DPoP)",
    9470: "OAuth 2.0 Step Up Authentication Challenge Protocol",
    9493: "Subject Identifiers for Security Event Tokens",
    9700: "Best Current Practice for OAuth 2.0 Security",
    9701: "JSON Web Token (JWT) Response for OAuth Token Introspection",
    9728: "OAuth 2.0 Protected Resource Metadata",
    9864: "Fully-Specified Algorithms for JSON Object Signing and Encryption (JOSE) and CBOR Object Signing and Encryption (COSE)",
    9901: "Selective Disclosure for JSON Web Tokens",
}

_OPENID_DOCUMENTS = {
    "OIDC Core": ("OpenID Connect Core 1.0", "https://openid.net/specs/openid-connect-core-1_0.html"),
    "OIDC Discovery": ("OpenID Connect Discovery 1.0", "https://openid.net/specs/openid-connect-discovery-1_0.html"),
    "OIDC Registration": (
        "OpenID Connect Dynamic Client Registration 1.0",
        "https://openid.net/specs/openid-connect-registration-1_0.html",
    ),
    "OIDC RP-Initiated Logout": (
        "OpenID Connect RP-Initiated Logout 1.0",
        "https://openid.net/specs/openid-connect-rpinitiated-1_0.html",
    ),
    "OIDC Session": (
        "OpenID Connect Session Management 1.0",
        "https://openid.net/specs/openid-connect-session-1_0.html",
    ),
    "OIDC Front-Channel Logout": (
        "OpenID Connect Front-Channel Logout 1.0",
        "https://openid.net/specs/openid-connect-frontchannel-1_0.html",
    ),
    "OIDC Back-Channel Logout": (
        "OpenID Connect Back-Channel Logout 1.0",
        "https://openid.net/specs/openid-connect-backchannel-1_0.html",
    ),
    "OAuth Multiple Response Types": (
        "OAuth 2.0 Multiple Response Type Encoding Practices",
        "https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html",
    ),
    "OAuth Form Post": (
        "OAuth 2.0 Form Post Response Mode",
        "https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html",
    ),
    "OIDC Prompt Create": (
        "Initiating User Registration via OpenID Connect 1.0",
        "https://openid.net/specs/openid-connect-prompt-create-1_0.html",
    ),
    "OIDC Unmet Requirements": (
        "OpenID Connect Core Error Code unmet_authentication_requirements 1.0",
        "https://openid.net/specs/openid-connect-unmet-authentication-requirements-1_0.html",
    ),
    "OIDC CIBA": (
        "OpenID Connect Client-Initiated Backchannel Authentication Flow - Core 1.0",
        "https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html",
    ),
    "OAuth JARM": (
        "JWT Secured Authorization Response Mode for OAuth 2.0 (JARM)",
        "https://openid.net/specs/oauth-v2-jarm.html",
    ),
    "OAuth CIMD": (
        "OAuth Client ID Metadata Document (draft)",
        "https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/",
    ),
    "OAuth Client Attestation": (
        "OAuth 2.0 Attestation-Based Client Authentication (draft)",
        "https://datatracker.ietf.org/doc/draft-ietf-oauth-attestation-based-client-auth/",
    ),
    "OAuth ID-JAG": (
        "Identity Assertion JWT Authorization Grant (draft)",
        "https://datatracker.ietf.org/doc/draft-ietf-oauth-identity-assertion-authz-grant/",
    ),
    "OAuth Identity Chaining": (
        "OAuth Identity and Authorization Chaining Across Domains (draft)",
        "https://datatracker.ietf.org/doc/draft-ietf-oauth-identity-chaining/",
    ),
    "FAPI 2.0": (
        "FAPI 2.0 Security Profile",
        "https://openid.net/specs/fapi-security-profile-2_0-final.html",
    ),
    "Fetch": (
        "Fetch Standard, CORS protocol",
        "https://fetch.spec.whatwg.org/#http-cors-protocol",
    ),
    "Content Security Policy": ("Content Security Policy Level 3", "https://www.w3.org/TR/CSP3/"),
    "Mixed Content": ("Mixed Content", "https://www.w3.org/TR/mixed-content/"),
    "SMART App Launch": ("HL7 FHIR, SMART App Launch 2.2", "https://hl7.org/fhir/smart-app-launch/app-launch.html"),
    "Service Workers": ("Service Workers", "https://www.w3.org/TR/service-workers/"),
    "HTML": ("HTML Standard", "https://html.spec.whatwg.org/"),
    "MCP Authorization": (
        "Model Context Protocol, Authorization (2025-11-25)",
        "https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization",
    ),
    "OAuth 2.1": (
        "The OAuth 2.1 Authorization Framework (draft)",
        "https://datatracker.ietf.org/doc/draft-ietf-oauth-v2-1/",
    ),
}


@dataclass(frozen=True, slots=True)
class Section:
    """One clause of one document: `Section("RFC 6749", "4.1.3")`; an empty number means the whole document."""

    document: str
    number: str = ""

    def __str__(self) -> str:
        return f"{self.document} section {self.number}" if self.number else self.document

    @property
    def title(self) -> str:
        """The document's title; `KeyError` when the document is not one that oauthctl cites."""
        if self.document.startswith("RFC "):
            return _RFC_TITLES[int(self.document[4:])]
        return _OPENID_DOCUMENTS[self.document][0]

    @property
    def url(self) -> str:
        """Where to read the clause."""
        if self.document.startswith("RFC "):
            page = f"https://www.rfc-editor.org/rfc/rfc{self.document[4:]}"
            return f"{page}#section-{self.number}" if self.number else page
        page = _OPENID_DOCUMENTS[self.document][1]
        if self.number and not self.number[0].isdigit():
            # A document whose clauses have headings alone.
            return f"{page}#{self.number.lower().replace(' ', '-')}"
        return f"{page}#rfc.section.{self.number}" if self.number else page


def documents() -> tuple[str, ...]:
    """The short names of all documents that can be cited."""
    return (*(f"RFC {number}" for number in _RFC_TITLES), *_OPENID_DOCUMENTS)
