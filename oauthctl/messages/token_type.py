"""`token_type`: how an access token is to be used, and whether we know how.

Here: the types and what is to be said of the others. Not here: the header that is made of it (`flows.api_call`).
"""

from __future__ import annotations


def token_type_problem(token_type: str) -> str:
    """Why a token of this type can't be used here; empty for Bearer and DPoP, case ignored, and where the type is missing.

    Whether the key is there to which a DPoP token is bound, the caller has to see.

    Source: RFC 6749 section 7.1: "The client MUST NOT use an access token if it does not understand the token type."
    """
    match token_type.strip().lower():
        case "" | "bearer" | "dpop":
            return ""
        case "bot" | "user":
            # Slack says whose token it is, and takes both as Bearer tokens: https://docs.slack.dev/reference/methods/oauth.v2.access
            return ""
        case "n_a":
            return "`N_A` says that it is no access token to be used at an API (RFC 8693 section 2.2.1)"
        case _:
            return (
                f"`{token_type[:40]}` is a token type that oauthctl does not know, and such a token must not be used (RFC 6749 section 7.1)"
            )


def scheme_of(token_type: str) -> str:
    """The scheme of the `Authorization` header for a token of this type. Source: RFC 6750 section 2.1, RFC 9449 section 7.1."""
    return "DPoP" if token_type.strip().lower() == "dpop" else "Bearer"
