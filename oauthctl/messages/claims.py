"""The claims of JWTs, each declared once with its meaning.

Here: the claims of IANA's JWT registry that OAuth and OpenID Connect use. Not here: the header (`messages.jose_header`), judging them.
"""

from __future__ import annotations

from typing import ClassVar

from oauthctl.messages.param import Message, Param, anything, boolean, members, moment, number, text, texts, words
from oauthctl.specs import Section

_JWT = "RFC 7519"
_OIDC = "OIDC Core"


class RegisteredClaims(Message):
    """The claims that RFC 7519 itself defines."""

    title: ClassVar[str] = "JWT claims"

    iss = Param(text, Section(_JWT, "4.1.1"), "issuer: who made and signed the token")
    sub = Param(text, Section(_JWT, "4.1.2"), "subject: whom the token is about, unique at the issuer")
    aud = Param(texts, Section(_JWT, "4.1.3"), "audience: who may accept the token; everybody else must refuse it")
    exp = Param(moment, Section(_JWT, "4.1.4"), "expiration time: from this moment on the token must be refused")
    nbf = Param(moment, Section(_JWT, "4.1.5"), "not before: until this moment the token must be refused")
    iat = Param(moment, Section(_JWT, "4.1.6"), "issued at: when the token was made")
    jti = Param(text, Section(_JWT, "4.1.7"), "id of this token, never used twice, so that a replay is noticed")


class UserClaims(Message):
    """What OpenID Connect tells of a user, in ID tokens and at the userinfo endpoint."""

    title: ClassVar[str] = "user claims"

    name = Param(text, Section(_OIDC, "5.1"), "the user's full name, as it is shown")
    given_name = Param(text, Section(_OIDC, "5.1"), "the user's first names")
    family_name = Param(text, Section(_OIDC, "5.1"), "the user's last names")
    middle_name = Param(text, Section(_OIDC, "5.1"), "the user's middle names")
    nickname = Param(text, Section(_OIDC, "5.1"), "what the user is called by friends")
    preferred_username = Param(text, Section(_OIDC, "5.1"), "the name the user likes to sign in with; may change and is not unique")
    profile = Param(text, Section(_OIDC, "5.1"), "URL of the user's profile page")
    picture = Param(text, Section(_OIDC, "5.1"), "URL of the user's picture")
    website = Param(text, Section(_OIDC, "5.1"), "URL of the user's own page")
    email = Param(text, Section(_OIDC, "5.1"), "the user's e-mail address; may change and is no identifier")
    email_verified = Param(boolean, Section(_OIDC, "5.1"), "whether the provider made sure that the address is the user's")
    gender = Param(text, Section(_OIDC, "5.1"), "the user's gender")
    birthdate = Param(text, Section(_OIDC, "5.1"), "the user's birthday, `YYYY-MM-DD`; the year 0000 keeps it private")
    zoneinfo = Param(text, Section(_OIDC, "5.1"), "the user's time zone: `Europe/Paris`")
    locale = Param(text, Section(_OIDC, "5.1"), "the user's language: `en-US`")
    phone_number = Param(text, Section(_OIDC, "5.1"), "the user's telephone number: `+1 (425) 555-1212`")
    phone_number_verified = Param(boolean, Section(_OIDC, "5.1"), "whether the provider made sure that the number is the user's")
    address = Param(members, Section(_OIDC, "5.1.1"), "the user's postal address: `formatted`, `street_address`, `locality` and more")
    updated_at = Param(moment, Section(_OIDC, "5.1"), "when the user's data last changed")
    claims_names = Param(members, Section(_OIDC, "5.6.2"), "which claims are found elsewhere", wire_name="_claim_names")
    claims_sources = Param(members, Section(_OIDC, "5.6.2"), "where the claims of `_claim_names` are found", wire_name="_claim_sources")


class AuthenticationClaims(Message):
    """What an ID token tells of the sign-in."""

    title: ClassVar[str] = "sign-in claims"

    nonce = Param(text, Section(_OIDC, "2"), "the request's `nonce` returned, which ties the token to that request")
    auth_time = Param(moment, Section(_OIDC, "2"), "when the user signed in; may be long before the token was made")
    acr = Param(text, Section(_OIDC, "2"), "authentication context class: how strong the sign-in was, in the provider's words")
    amr = Param(texts, Section(_OIDC, "2"), "authentication methods: `pwd`, `otp`, `mfa`, `hwk` and their like")
    azp = Param(text, Section(_OIDC, "2"), "authorized party: the client to which the token was issued")
    at_hash = Param(text, Section(_OIDC, "3.1.3.6"), "half the hash of the access token that came along")
    c_hash = Param(text, Section(_OIDC, "3.3.2.11"), "half the hash of the authorization code that came along")
    s_hash = Param(text, Section(_OIDC, "3.3.2.11"), "half the hash of the request's `state` (FAPI 1.0 part 2), calculated as `c_hash` is")
    sid = Param(text, Section("OIDC Front-Channel Logout", "3"), "id of the user's session at the provider, named again at logout")
    sub_jwk = Param(members, Section(_OIDC, "7.4"), "the public key of a self-issued provider")


class AuthorizationClaims(Message):
    """What an access token tells of what its holder may do, and who the holder is."""

    title: ClassVar[str] = "authorization claims"

    scope = Param(words, Section("RFC 8693", "4.2"), "what the token allows, names separated by spaces")
    client_id = Param(text, Section("RFC 8693", "4.3"), "the client that asked for the token")
    act = Param(members, Section("RFC 8693", "4.1"), "actor: who acts for the subject; the outermost one is the present one")
    may_act = Param(members, Section("RFC 8693", "4.4"), "who may become the actor for the subject")
    cnf = Param(members, Section("RFC 7800", "3.1"), "the key that the sender must prove to have (`jkt`: DPoP, `x5t#S256`: mutual TLS)")
    authorization_details = Param(anything, Section("RFC 9396", "9.1"), "what the token allows, in detail: objects with a `type`")
    roles = Param(anything, Section("RFC 9068", "2.2.3.1"), "the user's roles (as in SCIM)")
    groups = Param(anything, Section("RFC 9068", "2.2.3.1"), "the user's groups (as in SCIM)")
    entitlements = Param(anything, Section("RFC 9068", "2.2.3.1"), "what the user is entitled to (as in SCIM)")
    active = Param(boolean, Section("RFC 7662", "2.2"), "whether the token is valid now (introspection)")
    username = Param(text, Section("RFC 7662", "2.2"), "the user's name for people to read (introspection)")
    token_type = Param(text, Section("RFC 7662", "2.2"), "how the token is presented: `Bearer`, `DPoP`")
    token_introspection = Param(members, Section("RFC 9701", "5"), "the introspection answer inside its signed form")
    htm = Param(text, Section("RFC 9449", "4.2"), "DPoP proof: the method of the request that it belongs to")
    htu = Param(text, Section("RFC 9449", "4.2"), "DPoP proof: the URL of that request, without query and fragment")
    ath = Param(text, Section("RFC 9449", "4.2"), "DPoP proof: the hash of the access token that it goes with")


class OtherClaims(Message):
    """Claims of logout and event tokens, of credentials and of software statements."""

    title: ClassVar[str] = "other claims"

    events = Param(members, Section("RFC 8417", "2.2"), "security events, by their URI; a logout token has the logout event here")
    toe = Param(moment, Section("RFC 8417", "2.2"), "when the event happened")
    txn = Param(text, Section("RFC 8417", "2.2"), "id of the transaction that this belongs to")
    sub_id = Param(members, Section("RFC 9493", "4"), "the subject as an object with a `format`")
    software_id = Param(text, Section("RFC 7591", "2"), "id of the client's software, the same for all its installations")
    software_version = Param(text, Section("RFC 7591", "2"), "version of the client's software")
    redirect_uris = Param(texts, Section("RFC 7591", "2"), "where a client's answers may be sent")
    expires_in = Param(number, Section("RFC 6749", "5.1"), "seconds until it expires; in a JWT `exp` says this")
    vc = Param(members, Section("RFC 7519", "4.2"), "a verifiable credential of W3C's model")
    vp = Param(members, Section("RFC 7519", "4.2"), "a presentation of verifiable credentials")
    vct = Param(text, Section("RFC 9901", "1"), "the type of a credential in SD-JWT form")
    sd = Param(texts, Section("RFC 9901", "4.2.4.1"), "hashes of the claims that the holder may disclose", wire_name="_sd")
    sd_alg = Param(text, Section("RFC 9901", "4.1.1"), "the hash of `_sd`", wire_name="_sd_alg")


class Claims(RegisteredClaims, AuthenticationClaims, AuthorizationClaims, UserClaims, OtherClaims):
    """All claims that oauthctl knows, whatever token they are in."""

    title: ClassVar[str] = "claims"
