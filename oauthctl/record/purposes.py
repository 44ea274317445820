"""What an exchange is for, told from its bytes where the recorder didn't say.

Here: the slugs of purposes, and guessing one for a request that another tool recorded. Not here: reading the messages (`transaction`).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from oauthctl.http import Params, Request, Response
from oauthctl.messages.answer import read_answer

DISCOVERY = "discovery"
RESOURCE_METADATA = "resource-metadata"
JWKS = "jwks"
AUTHORIZATION = "authorization"
CALLBACK = "callback"
TOKEN = "token"
USERINFO = "userinfo"
INTROSPECTION = "introspection"
REVOCATION = "revocation"
LOGOUT = "logout"
API = "api"

_WELL_KNOWN = {
    "/.well-known/openid-configuration": DISCOVERY,
    "/.well-known/oauth-authorization-server": DISCOVERY,
    "/.well-known/oauth-protected-resource": RESOURCE_METADATA,
}


def purpose_of(request: Request, response: Response | None) -> str:
    """The purpose of an exchange by its content; empty when it is none that OAuth knows, such as a picture of the sign-in page."""
    path = split_path(request.url)
    for place, purpose in _WELL_KNOWN.items():
        if place in path:
            return purpose
    sent, form = query_of(request.url), request.form if request.method == "POST" else Params()
    if ("response_type" in sent and "client_id" in sent) or ("request_uri" in sent and "client_id" in sent):
        return AUTHORIZATION
    if "grant_type" in form:
        return TOKEN
    if _is_answer(sent) or _is_answer(form) or _is_answer(fragment_of(request.url)):
        return CALLBACK
    if "id_token_hint" in sent or "post_logout_redirect_uri" in sent:
        return LOGOUT
    if "token" in form:
        return REVOCATION if "revo" in path else INTROSPECTION if "introspect" in path else ""
    if response is not None and _is_key_set(request, response):
        return JWKS
    if path.rstrip("/").lower().endswith("/userinfo"):
        return USERINFO
    scheme = (request.headers.get("authorization") or "").partition(" ")[0].lower()
    return API if scheme in ("bearer", "dpop") else ""


def query_of(url: str) -> Params:
    """The URL's query, decoded; empty for a URL that can't be taken apart."""
    try:
        return Params.parse(urlsplit(url).query)
    except ValueError:
        return Params()


def fragment_of(url: str) -> Params:
    """The URL's fragment, read as a form."""
    return Params.parse(url.partition("#")[2])


def split_path(url: str) -> str:
    """The URL's path; the whole text for a URL that can't be taken apart."""
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return url


def _is_answer(params: Params) -> bool:
    return "state" in params and any(name in params for name in ("code", "error", "id_token", "access_token", "response"))


def _is_key_set(request: Request, response: Response) -> bool:
    if request.method != "GET" or response.status != 200 or b'"keys"' not in response.body[:4096]:
        return False
    keys = next((value for name, value in read_answer(response).fields if name == "keys"), None)
    return isinstance(keys, list) and all(isinstance(key, dict) and "kty" in key for key in keys)
