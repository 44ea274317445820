"""The registered values of parameters: grant types, response types and modes, client authentication, prompts, token types.

Here: values that a standard names. Not here: the parameters that carry them, and the values' errors (`error_codes`).
"""

from __future__ import annotations

from oauthctl.messages.word import Group, Word
from oauthctl.specs import Section

_CORE = Section("OIDC Core", "9")
_PROMPT = Section("OIDC Core", "3.1.2.1")
_TYPES = Section("OAuth Multiple Response Types", "3")


def _words(role: str, *rows: tuple[str, str, Section]) -> tuple[Word, ...]:
    return tuple(Word(name, Group.VALUE, role, meaning, section) for name, meaning, section in rows)


def _urns(role: str, prefix: str, *rows: tuple[str, str, Section]) -> tuple[Word, ...]:
    """Values that are URNs; their last part finds them too."""
    return tuple(Word(prefix + name, Group.VALUE, role, meaning, section, aliases=(name,)) for name, meaning, section in rows)


REGISTERED_VALUES: tuple[Word, ...] = (
    *_words(
        "grant type",
        ("authorization_code", "trade the code that the browser brought for tokens", Section("RFC 6749", "4.1.3")),
        ("refresh_token", "trade a refresh token for a new access token", Section("RFC 6749", "6")),
        ("client_credentials", "a client gets a token for itself; no person is involved", Section("RFC 6749", "4.4")),
        ("password", "trade a person's password for tokens; no longer to be used", Section("RFC 9700", "2.4")),
        ("implicit", "tokens straight from the authorization endpoint; no longer to be used", Section("RFC 9700", "2.1.2")),
    ),
    *_urns(
        "grant type",
        "urn:ietf:params:oauth:grant-type:",
        ("device_code", "a device polls while the person signs in elsewhere", Section("RFC 8628", "3.4")),
        ("token-exchange", "trade one token for another: for another API, or on behalf of somebody", Section("RFC 8693", "2.1")),
        ("jwt-bearer", "trade a signed JWT for a token", Section("RFC 7523", "2.1")),
        ("saml2-bearer", "trade a SAML assertion for a token", Section("RFC 7522", "2.1")),
    ),
    Word(
        "urn:openid:params:grant-type:ciba",
        Group.VALUE,
        "grant type",
        "poll while the person confirms on another device",
        Section("OIDC CIBA", "10.1"),
        aliases=("ciba grant",),
    ),
    *_words(
        "response type",
        ("code", "an authorization code comes back: the authorization code flow", Section("RFC 6749", "3.1.1")),
        ("token", "an access token comes back by the browser: the implicit flow, no longer to be used", Section("RFC 6749", "4.2.1")),
        ("id_token", "an ID token alone comes back by the browser", _TYPES),
        ("code id_token", "hybrid flow: a code, and an ID token by the browser", Section("OAuth Multiple Response Types", "5")),
        ("code token", "hybrid flow: a code, and an access token by the browser", Section("OAuth Multiple Response Types", "5")),
        ("code id_token token", "hybrid flow: a code and both tokens by the browser", Section("OAuth Multiple Response Types", "5")),
        ("id_token token", "implicit flow of OpenID Connect: both tokens by the browser", Section("OIDC Core", "3.2")),
        ("none", "nothing comes back but the confirmation", Section("OAuth Multiple Response Types", "4")),
    ),
    *_words(
        "response mode",
        ("query", "the answer stands in the query of the redirect URI", Section("OAuth Multiple Response Types", "2.1")),
        ("fragment", "the answer stands after `#`, where no server sees it", Section("OAuth Multiple Response Types", "2.1")),
        ("form_post", "the browser posts the answer as a form", Section("OAuth Form Post", "2")),
        ("jwt", "the answer is one signed JWT, sent the usual way for its response type", Section("OAuth JARM", "2.3.4")),
        ("query.jwt", "the answer is one signed JWT in the query", Section("OAuth JARM", "2.3.1")),
        ("fragment.jwt", "the answer is one signed JWT in the fragment", Section("OAuth JARM", "2.3.2")),
        ("form_post.jwt", "the answer is one signed JWT in a posted form", Section("OAuth JARM", "2.3.3")),
    ),
    *_words(
        "client authentication",
        ("none", "the client is public and only names itself", Section("RFC 7591", "2")),
        (
            "client_secret_basic",
            "the secret goes into an `Authorization: Basic` header, form-urlencoded first",
            Section("RFC 6749", "2.3.1"),
        ),
        ("client_secret_post", "the secret goes into the form", Section("RFC 6749", "2.3.1")),
        ("client_secret_jwt", "the client signs a JWT with its secret (HMAC); the secret is not sent", _CORE),
        ("private_key_jwt", "the client signs a JWT with its private key; the server has the public one", _CORE),
        ("tls_client_auth", "the client shows a certificate of a known authority (mutual TLS)", Section("RFC 8705", "2.1")),
        ("self_signed_tls_client_auth", "the client shows a certificate that it registered (mutual TLS)", Section("RFC 8705", "2.2")),
        (
            "attest_jwt_client_auth",
            "an attester vouches for the client's key, which signs a proof (a draft)",
            Section("OAuth Client Attestation"),
        ),
    ),
    *_words(
        "PKCE method",
        ("S256", "the challenge is the SHA-256 of the verifier; the one to use", Section("RFC 7636", "4.2")),
        ("plain", "the challenge is the verifier itself; no protection against who reads the request", Section("RFC 7636", "4.2")),
    ),
    *_words(
        "prompt",
        ("none", "show no page: answer at once or with an error", _PROMPT),
        ("login", "sign in again even if there is a session", _PROMPT),
        ("consent", "ask for consent even if it was given", _PROMPT),
        ("select_account", "let the person choose an account", _PROMPT),
        ("create", "offer to make an account", Section("OIDC Prompt Create", "4")),
    ),
    *_words(
        "scope",
        ("openid", "asks for an ID token: makes an OAuth request one of OpenID Connect", Section("OIDC Core", "3.1.2.1")),
        ("profile", "asks for name, picture, birthdate and their like", Section("OIDC Core", "5.4")),
        ("email", "asks for `email` and `email_verified`", Section("OIDC Core", "5.4")),
        ("address", "asks for `address`", Section("OIDC Core", "5.4")),
        ("phone", "asks for `phone_number` and `phone_number_verified`", Section("OIDC Core", "5.4")),
        ("offline_access", "asks for a refresh token that works while the person is away", Section("OIDC Core", "11")),
    ),
    *_words(
        "token type",
        ("Bearer", "whoever holds the token can use it; it is shown as `Authorization: Bearer …`", Section("RFC 6750", "2.1")),
        ("DPoP", "the token is bound to a key; each request proves possession of it", Section("RFC 9449", "7.1")),
        ("N_A", "token exchange: what was issued is no access token", Section("RFC 8693", "2.2.1")),
    ),
    *_urns(
        "token type of token exchange",
        "urn:ietf:params:oauth:token-type:",
        ("access_token", "an access token", Section("RFC 8693", "3")),
        ("refresh_token", "a refresh token", Section("RFC 8693", "3")),
        ("id_token", "an ID token", Section("RFC 8693", "3")),
        ("jwt", "any JWT", Section("RFC 8693", "3")),
        ("saml1", "a SAML 1.1 assertion", Section("RFC 8693", "3")),
        ("saml2", "a SAML 2.0 assertion", Section("RFC 8693", "3")),
        ("id-jag", "an assertion about a sign-in, for another authorization server", Section("OAuth ID-JAG", "OAuth URI Registration")),
    ),
    *_words(
        "subject type",
        ("public", "`sub` is the same for all clients", Section("OIDC Core", "8")),
        ("pairwise", "each client sees another `sub` for the same person", Section("OIDC Core", "8")),
    ),
    *_words(
        "authentication method (`amr`)",
        ("pwd", "a password", Section("RFC 8176", "2")),
        ("otp", "a one-time password", Section("RFC 8176", "2")),
        ("mfa", "several factors", Section("RFC 8176", "2")),
        ("hwk", "a key that hardware keeps", Section("RFC 8176", "2")),
        ("swk", "a key that software keeps", Section("RFC 8176", "2")),
        ("fpt", "a fingerprint", Section("RFC 8176", "2")),
        ("face", "a face", Section("RFC 8176", "2")),
        ("sms", "a message to a phone", Section("RFC 8176", "2")),
    ),
)
