"""The words of token exchange: its grant type, and the types of token that are traded.

Here: short names for the URNs, and what an answer's types must be to fit. Not here: the exchange (`flows.token_exchange`), the parameters
(`messages.token`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SAML2_BEARER = "urn:ietf:params:oauth:grant-type:saml2-bearer"
NOT_APPLICABLE = "N_A"
"""The `token_type` of what is no access token. Source: RFC 8693 section 2.2.1."""
ID_JAG_TYPE = "oauth-id-jag+jwt"
"""The `typ` of an identity assertion authorization grant."""
_PREFIX = "urn:ietf:params:oauth:token-type:"
TOKEN_TYPES = ("access_token", "refresh_token", "id_token", "saml1", "saml2", "jwt", "id-jag")
"""By their short names. Source: RFC 8693 section 3; draft-ietf-oauth-identity-assertion-authz-grant for the last."""
_NO_ACCESS_TOKENS = ("refresh_token", "id_token", "saml1", "saml2", "id-jag")


@dataclass(frozen=True, slots=True)
class Traded:
    """A token that is given in exchange, and of what type it is, as a URI."""

    token: str = field(repr=False)
    token_type: str


def token_type_uri(name: str) -> str:
    """The URI of a token type: that of a short name, else what was given. `_` and `-` are the same in short names."""
    wanted = name.lower().replace("_", "-")
    return next((_PREFIX + known for known in TOKEN_TYPES if known.replace("_", "-") == wanted), name)


def short_token_type(uri: str) -> str:
    """The type as people call it: `id_token` for the URN that ends so; other URIs as they are."""
    return uri.removeprefix(_PREFIX)


def usual_type(token: str) -> str:
    """The URI of the type that a token most likely has, by its form alone."""
    from oauthctl.jose.jwt import take_apart

    apart = take_apart(token) if token.startswith("ey") else None
    if apart is None or not apart.is_jwt:
        return _PREFIX + "access_token"
    kind = str((apart.header or {}).get("typ", "")).lower().removeprefix("application/")
    if kind == "at+jwt":
        return _PREFIX + "access_token"
    return _PREFIX + ("id-jag" if kind == ID_JAG_TYPE else "jwt")


def issued_type_problem(requested: str, issued: str) -> str:
    """Why an answer's `issued_token_type` does not fit what was asked for; empty where it does, or where nothing was asked for.

    `jwt` and `access_token` pass for each other: an access token may be a JWT, and RFC 8693 section 3 leaves it to the request which of
    the two words is used for it.
    """
    if not requested or not issued or requested == issued:
        return ""
    both = {short_token_type(requested), short_token_type(issued)}
    if both == {"jwt", "access_token"}:
        return ""
    return f"asked for was `{short_token_type(requested)}`, issued is `{short_token_type(issued)}`"


def token_type_problem(issued: str, token_type: str) -> str:
    """Why `token_type` contradicts `issued_token_type`; empty where both fit.

    Source: RFC 8693 section 2.2.1: `N_A` is for what is no access token and can't be used as one, another type for what is.
    """
    name, is_none = short_token_type(issued), token_type.strip().lower() == NOT_APPLICABLE.lower()
    if name == "access_token" and is_none:
        return "an access token was issued, and `token_type` is `N_A`, which says that it is none"
    if name in _NO_ACCESS_TOKENS and token_type.strip() and not is_none:
        return (
            f"a token of the type `{name}` was issued, which is no access token, and `token_type` is `{token_type[:40]}` instead of `N_A`"
        )
    return ""
