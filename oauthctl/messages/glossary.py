"""Concepts and standards in plain words.

Here: what a person looks up who reads about OAuth. Not here: names that stand in messages (they are declared with their message).
"""

from __future__ import annotations

from oauthctl.messages.word import Group, Word
from oauthctl.specs import Section, documents

_SHORT: dict[str, tuple[str, tuple[str, ...]]] = {
    "RFC 2617": ("the older text on Basic, which RFC 6749 cites; now RFC 7617", ()),
    "RFC 3986": ("what a URI is and how two are compared", ("URI",)),
    "RFC 6265": ("cookies", ("cookie",)),
    "RFC 7522": ("a SAML assertion as a grant, and as client authentication", ("SAML bearer",)),
    "RFC 7617": ("name and password in a header", ("Basic", "basic authentication")),
    "RFC 7797": ("signed content that is not base64url-encoded", ()),
    "RFC 8037": ("Ed25519 and Ed448 in JOSE", ("OKP",)),
    "RFC 8259": ("JSON itself", ("JSON",)),
    "RFC 8812": ("secp256k1 in JOSE", ()),
    "RFC 9110": ("HTTP itself: methods, status codes, challenges", ("HTTP",)),
    "RFC 9864": ("algorithm names that leave nothing open, such as `Ed25519` for `EdDSA`", ()),
    "OIDC Prompt Create": ("`prompt=create` opens the page that makes an account", ()),
    "OIDC Unmet Requirements": ("an error code for a sign-in that can't be as strong as asked", ()),
    "RFC 6749": ("the basis: roles, grants, endpoints, errors", ("OAuth", "OAuth 2.0", "OAuth2")),
    "RFC 6750": ("how an access token is shown to an API, and how the API refuses it", ("bearer token usage",)),
    "RFC 6819": ("what can go wrong, and what helps; continued by RFC 9700", ("threat model",)),
    "RFC 7009": ("how a client makes a token worthless", ("revocation", "token revocation")),
    "RFC 7515": ("signed content in three parts with dots between", ("JWS",)),
    "RFC 7516": ("encrypted content in five parts with dots between", ("JWE",)),
    "RFC 7517": ("keys as JSON, and sets of them", ("JWK", "JWKS", "key set")),
    "RFC 7518": ("the algorithms of signatures and encryption", ("JWA",)),
    "RFC 7519": ("claims in a signed or encrypted token", ("JWT", "JSON Web Token")),
    "RFC 7521": ("assertions as grants and as client authentication", ("assertion framework",)),
    "RFC 7523": ("a JWT as a grant, and as client authentication", ("JWT bearer", "client assertion")),
    "RFC 7591": ("a client registers itself", ("DCR", "dynamic client registration")),
    "RFC 7592": ("a client reads, changes and deletes its registration", ("DCRM",)),
    "RFC 7636": (
        "protects the code: the client sends a hash beforehand and shows the secret when it redeems the code",
        ("PKCE", "Proof Key for Code Exchange"),
    ),
    "RFC 7638": ("a name for a key that is computed from it", ("JWK thumbprint", "thumbprint")),
    "RFC 7662": ("an API asks the authorization server whether a token is good", ("introspection", "token introspection")),
    "RFC 7800": ("a token says which key its holder must have (`cnf`)", ("proof of possession", "PoP")),
    "RFC 8176": ("names for ways of signing in (`amr`)", ("AMR values",)),
    "RFC 8252": ("apps on a device: the system's browser, loopback redirects, PKCE", ("native apps", "AppAuth")),
    "RFC 8414": ("where a server publishes its endpoints and abilities", ("server metadata", "authorization server metadata")),
    "RFC 8417": ("a signed JWT that tells of an event, such as a sign-out", ("SET", "security event token")),
    "RFC 8628": ("signing in on a device without a browser, by a code typed elsewhere", ("device flow", "device authorization grant")),
    "RFC 8693": ("one token for another: impersonation, delegation, another API", ("token exchange", "STS")),
    "RFC 8705": ("the client shows a certificate, and tokens are bound to it", ("mTLS", "mutual TLS")),
    "RFC 8707": ("the client names the API for which it wants a token", ("resource indicators",)),
    "RFC 8725": ("how to use JWTs safely", ("JWT BCP",)),
    "RFC 9068": ("what a JWT access token contains (`at+jwt`)", ("JWT access token", "at+jwt")),
    "RFC 9101": ("the authorization request as a signed JWT", ("JAR", "request object")),
    "RFC 9126": (
        "the request is sent from server to server first; the browser carries a reference",
        ("PAR", "pushed authorization request"),
    ),
    "RFC 9207": ("the callback says which server answers (`iss`)", ("issuer identification", "mix-up defence")),
    "RFC 9396": ("permissions as structured JSON instead of scopes", ("RAR", "rich authorization requests")),
    "RFC 9449": (
        "each request proves that its sender has the key to which the token is bound",
        ("DPoP", "demonstrating proof of possession"),
    ),
    "RFC 9470": ("an API demands a stronger or fresher sign-in", ("step-up", "step up authentication")),
    "RFC 9700": ("what is safe today and what is not; obsoletes parts of RFC 6749", ("security BCP", "OAuth BCP")),
    "RFC 9701": ("introspection answers as signed JWTs", ("JWT introspection response",)),
    "RFC 9728": ("an API publishes which authorization servers it trusts", ("protected resource metadata", "resource metadata")),
    "RFC 9901": ("a token whose holder chooses which claims to show", ("SD-JWT", "selective disclosure")),
    "OAuth 2.1": ("RFC 6749 with all that was learnt: PKCE for everybody, no implicit, no password grant", ("OAuth2.1",)),
    "OIDC Core": ("sign-in on top of OAuth: the ID token and userinfo", ("OIDC", "OpenID Connect", "OpenID")),
    "OIDC Discovery": ("where an OpenID provider publishes its endpoints", ("discovery", "openid-configuration")),
    "OIDC Registration": ("a client registers itself at an OpenID provider", ("OIDC DCR",)),
    "OIDC RP-Initiated Logout": ("an app sends the browser to the provider to sign out", ("RP-initiated logout", "end session")),
    "OIDC Session": ("a page watches whether the person is still signed in; third-party cookies end it", ("session management",)),
    "OIDC Front-Channel Logout": ("the provider tells apps of a sign-out by the browser", ("front-channel logout",)),
    "OIDC Back-Channel Logout": ("the provider tells apps of a sign-out from server to server", ("back-channel logout", "logout token")),
    "OIDC CIBA": ("an app asks for a sign-in that the person confirms on another device", ("CIBA",)),
    "OAuth Multiple Response Types": ("response types with several words, and response modes", ("hybrid response types",)),
    "OAuth Form Post": ("the answer comes as a posted form", ("form post",)),
    "OAuth JARM": ("the authorization response as a signed JWT", ("JARM",)),
    "OAuth CIMD": (
        "a client is known by the URL of a JSON document about it, unregistered",
        ("CIMD", "client ID metadata document"),
    ),
    "OAuth ID-JAG": (
        "a sign-in at one server becomes an assertion that another server takes",
        ("ID-JAG", "cross-app access", "identity assertion authorization grant"),
    ),
    "OAuth Identity Chaining": (
        "a token is exchanged for an assertion that a server of another domain takes",
        ("identity chaining",),
    ),
    "FAPI 2.0": ("a strict profile for banks and health: PAR, PKCE, bound tokens", ("FAPI", "FAPI2")),
    "MCP Authorization": ("how clients of MCP servers get tokens: OAuth 2.1 with PKCE and a resource", ("MCP", "Model Context Protocol")),
}

_CONCEPTS: tuple[tuple[str, str, Section, tuple[str, ...]], ...] = (
    ("authorization code flow", "the browser brings a code, the client trades it for tokens", Section("RFC 6749", "4.1"), ("code flow",)),
    ("implicit flow", "tokens come by the browser; no longer to be used", Section("RFC 9700", "2.1.2"), ()),
    ("hybrid flow", "a code, and an ID token by the browser", Section("OIDC Core", "3.3"), ()),
    ("authorization code", "a short-lived word that works once and is worth tokens", Section("RFC 6749", "1.3.1"), ()),
    ("access token", "what an API is shown; made for the API, not for the client to read", Section("RFC 6749", "1.4"), ("AT",)),
    (
        "SAML assertion",
        "an identity provider's signed statement about a person, in XML; a client can trade one for a token",
        Section("RFC 7522", "1"),
        ("SAML", "SAML 2.0"),
    ),
    ("refresh token", "gets new access tokens without the person; kept by the client alone", Section("RFC 6749", "1.5"), ("RT",)),
    ("ID token", "says to the client who signed in, when and how; never sent to an API", Section("OIDC Core", "2"), ("IDT",)),
    ("authorization server", "signs people in and issues tokens", Section("RFC 6749", "1.1"), ("AS", "IdP", "identity provider")),
    ("OpenID provider", "an authorization server that says who the person is", Section("OIDC Core", "1.2"), ("OP",)),
    ("relying party", "a client that wants to know who the person is", Section("OIDC Core", "1.2"), ("RP",)),
    ("resource server", "the API that takes access tokens", Section("RFC 6749", "1.1"), ("RS", "API")),
    ("resource owner", "the person whose data it is", Section("RFC 6749", "1.1"), ("RO",)),
    ("client", "the program that wants tokens", Section("RFC 6749", "1.1"), ()),
    ("public client", "a client that can't keep a secret: an app, a page, a command line tool", Section("RFC 6749", "2.1"), ()),
    ("confidential client", "a client that can keep a secret: it runs on a server", Section("RFC 6749", "2.1"), ()),
    (
        "redirect URI",
        "where the browser brings the answer; compared letter by letter",
        Section("RFC 9700", "4.1"),
        ("callback", "callback URL"),
    ),
    ("consent", "the person allows what the client asked for", Section("RFC 6749", "1.2"), ()),
    ("opaque token", "a token that only its server can read", Section("RFC 7662", "1"), ("opaque",)),
    ("claim", "one statement in a token: a name and a value", Section("RFC 7519", "2"), ()),
    ("back channel", "from server to server, unseen by the browser", Section("RFC 9700", "2.1.1"), ("backchannel",)),
    ("front channel", "by redirects of the browser, where others may read and change it", Section("RFC 9700", "2.1"), ("frontchannel",)),
    ("refresh token rotation", "each refresh gives a new refresh token and ends the old", Section("RFC 9700", "4.14.2"), ("rotation",)),
    ("reuse detection", "an old refresh token or code that comes again ends all its tokens", Section("RFC 9700", "4.14.2"), ("replay",)),
    (
        "sender-constrained token",
        "useless to a thief: it is bound to a key (DPoP, mutual TLS)",
        Section("RFC 9700", "2.2.1"),
        ("bound token",),
    ),
    ("mix-up attack", "a client is led to send one server's code to another; `iss` stops it", Section("RFC 9700", "4.4"), ("mix-up",)),
    ("code injection", "a stolen code is put into the attacker's session; PKCE and nonce stop it", Section("RFC 9700", "4.5"), ()),
    ("CSRF", "a person is made to use the attacker's answer; state and PKCE stop it", Section("RFC 9700", "4.7"), ()),
    ("open redirector", "an endpoint that forwards anywhere, and leaks codes by it", Section("RFC 9700", "4.11"), ()),
    ("algorithm confusion", "an RSA public key is used as an HMAC secret; fix the algorithm beforehand", Section("RFC 8725", "2.1"), ()),
    ("key rotation", "a provider changes its keys; fetch them again when `kid` is unknown", Section("OIDC Core", "10.1.1"), ()),
    ("loopback redirect", "a native app listens on 127.0.0.1 and any port", Section("RFC 8252", "7.3"), ("loopback",)),
    ("scopes", "words for what a token allows; the API gives them their meaning", Section("RFC 6749", "3.3"), ()),
    ("single logout", "signing out here signs out everywhere", Section("OIDC Back-Channel Logout", "1"), ("SLO",)),
    ("userinfo", "the endpoint that gives claims about the person for an access token", Section("OIDC Core", "5.3"), ()),
)


def glossary() -> tuple[Word, ...]:
    """The concepts, and every document that oauthctl cites."""
    concepts = tuple(Word(name, Group.CONCEPT, "concept", meaning, section, aliases) for name, meaning, section, aliases in _CONCEPTS)
    return concepts + tuple(_standard(document) for document in documents())


def _standard(document: str) -> Word:
    section = Section(document)
    meaning, aliases = _SHORT.get(document, (section.title, ()))
    return Word(document, Group.STANDARD, section.title, meaning, section, aliases)
