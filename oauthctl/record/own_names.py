"""Requests of servers that have names of their own for what the RFCs name: Supabase's, WeChat's, TikTok's.

Here: telling such requests, and their parameters under the RFCs' names. Not here: what an exchange is for (`purposes`), the messages
(`transaction`).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from oauthctl.http import Params, Request
from oauthctl.messages.answer import Fields

_NAMES = {
    **{"auth_code": "code", "appid": "client_id", "client_key": "client_id", "secret": "client_secret"},
    # Source: https://docs.cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token.
    **{"grantType": "grant_type", "subjectToken": "subject_token", "subjectTokenType": "subject_token_type"},
    "requestedTokenType": "requested_token_type",
}
# The code of a sign-in with PKCE is redeemed by a grant of this name. Source: https://github.com/supabase/auth, `internal/api/token.go`.
_CODE_GRANTS = ("pkce",)
_SOCIAL_SIGN_IN = "/authorize"


def has_grant_beside_json(request: Request, query: Params) -> bool:
    """Whether the grant stands in the query and the rest in a JSON body, as servers of the GoTrue kind (Supabase) want it."""
    return "grant_type" in query and request.body.lstrip()[:1] == b"{" and _path(request.url).endswith("/token")


def is_named_as_in_scripts(request: Request) -> bool:
    """Whether a token request is JSON with names such as `grantType`, as Google Cloud's token service takes it."""
    return request.body.lstrip()[:1] == b"{" and b'"grantType"' in request.body[:65536]


def asks_for_social_sign_in(request: Request, query: Params) -> bool:
    """Whether a browser is sent to a server that signs people in by others, of the GoTrue kind: it names a provider and no client."""
    if request.method != "GET" or "provider" not in query or "client_id" in query or not _path(request.url).endswith(_SOCIAL_SIGN_IN):
        return False
    return "code_challenge" in query or "redirect_to" in query


def in_names_of_the_rfc(fields: Fields, query: Params) -> Fields:
    """The parameters of a token request under the names of RFC 6749; what has such a name already keeps it."""
    names = {name for name, _ in fields}
    told = [(_NAMES[name] if name in _NAMES and _NAMES[name] not in names else name, value) for name, value in fields]
    grant = query.get("grant_type")
    if grant and "grant_type" not in names:
        told.append(("grant_type", "authorization_code" if grant in _CODE_GRANTS else grant))
    return tuple(told)


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/").lower()
    except ValueError:
        return ""
