"""What an exchange is for, told from its bytes where the recorder didn't say.

Here: the slugs of purposes, and guessing one for a request that another tool recorded. Not here: reading the messages (`transaction`).
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from oauthctl.http import Params, Request, Response
from oauthctl.messages.answer import Fields, read_answer
from oauthctl.messages.challenge import bearer_challenge
from oauthctl.messages.request_object import MEDIA_TYPES
from oauthctl.record.content_coding import is_compressed
from oauthctl.record.handed_over import hands_token_over
from oauthctl.record.hidden_refusal import refusal_behind_200
from oauthctl.record.jwt_answer import is_jwt_answer
from oauthctl.record.own_names import asks_for_social_sign_in, has_grant_beside_json

DISCOVERY = "discovery"
RESOURCE_METADATA = "resource-metadata"
JWKS = "jwks"
AUTHORIZATION = "authorization"
CALLBACK = "callback"
PUSHED_AUTHORIZATION = "pushed-authorization"
REQUEST_OBJECT = "request-object"
"""The server fetches a request object from the client."""
DEVICE_AUTHORIZATION = "device-authorization"
BACKCHANNEL_AUTHENTICATION = "backchannel-authentication"
NOTIFICATION = "notification"
"""The provider's word to a client that a person has decided (CIBA)."""
FROM_SERVER = (NOTIFICATION, REQUEST_OBJECT)
"""What servers come to the client for by themselves, past the browser."""
REGISTRATION = "registration"
CHALLENGE = "challenge"
"""A challenge for the proof of a client's attestation."""
CLIENT_CONFIGURATION = "client-configuration"
"""A client looks after its registration: reads, changes or deletes it."""
TOKEN = "token"
USERINFO = "userinfo"
INTROSPECTION = "introspection"
REVOCATION = "revocation"
PROOF = "proof-of-revocation"
"""A request that is to be refused, since its token was revoked."""
LOGOUT = "logout"
API = "api"

# A form that is longer is a file that somebody uploads.
_FORM_LIMIT = 1024 * 1024
_REGISTRATION = ("/register", "/registration", "/reg", "/clients-registrations/openid-connect", "/clients")
_CONFIGURATION = ("/register", "/registration", "/reg", "/clients-registrations/openid-connect")
# Where providers keep their keys: for requests that failed, whose answer tells nothing.
_KEY_SET_PATH = re.compile(
    r"/(?:\.well-known/)?jwks(?:\.json|_uri)?$|/protocol/openid-connect/certs$|/(?:discovery|oauth2?|openid|oidc)(?:/v?[0-9.]+)?/(?:keys"
    r"|certs)$"
    r"|/discovery/v[0-9.]+/keys$|/oauth2/v[0-9]+/(?:keys|certs)$|/dex/keys$|/discovery/keys$"
)
_ENDPOINT_PATH = re.compile(
    r"/(?:token|userinfo|introspect|introspection|revoke|revocation|par|register|device_authorization|access_token)$"
)
_AUTHORIZATION_PATH = re.compile(r"/(?:oauth2?|login/oauth|oauth/v\d)(?:/[\w.-]+)?/authori[sz]e$|/dialog/oauth$|/o?auth/authori[sz]e$")
_TOKEN = ("/token", "/access_token")
_TOKEN_HEADER = re.compile(r"^(?:x-)?(?:auth|access|jwt|id|bearer|user)?[-_]?(?:token|jwt|authorization)$", re.IGNORECASE)
# How an API says that it saw no token: one that came in its header of choice it would have judged.
_SAW_NONE = re.compile(rb"missing|not (?:provided|found|present)|no (?:auth|token|jwt|bearer|credential)|required", re.IGNORECASE)
_PUSHED = "urn:ietf:params:oauth:request_uri:"
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
    if request.method == "OPTIONS":
        # A preflight asks whether a script may; it is no message of OAuth's, and whoever wants it finds it by its method.
        return ""
    sent, form = _names(query_of(request.url)), {name for name, _ in posted_fields(request)}
    if request.method == "POST" and (purpose := _purpose_of_form(path.lower(), form, sent)):
        return purpose
    if request.method == "POST" and has_grant_beside_json(request, query_of(request.url)):
        return TOKEN
    if "grant_type" in sent or _redeems(sent):
        # It does not belong there, and yet that is what it is for.
        return TOKEN if not form else ""
    if response is not None and response.content_type == MEDIA_TYPES[0]:
        return REQUEST_OBJECT
    if "client_id" in sent and (sent & {"response_type", "request_uri"} or _has_request_object(request.url)):
        return AUTHORIZATION
    if {"response_type", "redirect_uri"} <= sent:
        # `client_id` belongs there, too; that it is missing is what a rule finds.
        return AUTHORIZATION
    if (query_of(request.url).get("request_uri") or "").startswith(_PUSHED):
        return AUTHORIZATION
    if request.method == "GET" and (asks_to_authorize(request.url) or asks_for_social_sign_in(request, query_of(request.url))):
        return AUTHORIZATION
    if any(_is_answer(fields) for fields in (query_of(request.url).pairs, posted_fields(request), fragment_of(request.url).pairs)):
        return CALLBACK
    if "id_token_hint" in sent or "post_logout_redirect_uri" in sent or _is_logout(path, sent):
        return LOGOUT
    if "token" in form and ("revo" in path or "introspect" in path):
        return REVOCATION if "revo" in path else INTROSPECTION
    if _is_key_set(request, response):
        return JWKS
    if _is_client_configuration(request, path):
        return CLIENT_CONFIGURATION
    if path.rstrip("/").lower().endswith("/userinfo"):
        return USERINFO
    if request.method == "POST" and not request.body and path.rstrip("/").lower().endswith(_TOKEN) and _is_token_answer(response):
        # Captures can lack the request's body.
        return TOKEN
    return API if _is_api_call(request, response) or _refuses_redirect_uri(request, response) else ""


def posted_fields(request: Request) -> Fields:
    """What a POST says, be it a form, or a JSON object where a form is due; empty for other methods and for uploads."""
    body = request.body
    if request.method != "POST" or not body or len(body) > _FORM_LIMIT:
        return ()
    if body.lstrip()[:1] == b"{":
        return read_answer(Response(200, request.headers, body)).fields
    return request.form.pairs


def query_of(url: str) -> Params:
    """The URL's query, decoded; empty for a URL that can't be taken apart."""
    try:
        return Params.parse(urlsplit(url).query)
    except ValueError:
        return Params()


def asks_to_authorize(url: str) -> bool:
    """Whether a URL asks for an authorization without saying what for, as it is usual at GitHub, Slack, HubSpot and Shopify."""
    names = _names(query_of(url))
    if "client_id" not in names or names & {"code", "error", "client_secret"}:
        return False
    return bool(names & {"redirect_uri", "scope", "state"}) and _AUTHORIZATION_PATH.search(split_path(url).rstrip("/").lower()) is not None


def fragment_of(url: str) -> Params:
    """The URL's fragment, read as a form."""
    return Params.parse(url.partition("#")[2])


def split_path(url: str) -> str:
    """The URL's path; the whole text for a URL that can't be taken apart."""
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return url


def _purpose_of_form(path: str, form: set[str], query: set[str]) -> str:
    if form & {"grant_type", "grantType"} or ("grant_type" in query and not form):
        return TOKEN
    if _redeems(form) or ("code" in form and "redirect_uri" in form and "state" not in form):
        return TOKEN
    if "response_type" in form and form & {"client_id", "client_assertion", "request"}:
        return PUSHED_AUTHORIZATION if _is_pushed(path, form) else AUTHORIZATION
    if "device" in path and "client_id" in form and "user_code" not in form:
        return DEVICE_AUTHORIZATION
    if form & {"login_hint", "login_hint_token", "id_token_hint"} and "scope" in form:
        return BACKCHANNEL_AUTHENTICATION
    if "auth_req_id" in form:
        return NOTIFICATION
    if "redirect_uris" in form or ("client_name" in form and path.rstrip("/").endswith(_REGISTRATION)):
        return REGISTRATION
    return ""


def _is_pushed(path: str, form: set[str]) -> bool:
    """Whether an authorization request in a form goes past the browser: by the path (Keycloak's is `/ext/par/request`), or by a proof."""
    return path.rstrip("/").endswith(("/par", "/par/request")) or "pushed" in path or bool(form & {"client_assertion", "client_secret"})


def _redeems(names: set[str]) -> bool:
    """Whether a code is redeemed, be it without a grant type: GitHub and Slack do without."""
    return "code" in names and bool(names & {"client_secret", "code_verifier"})


def is_endpoint_path(path: str) -> bool:
    """Whether a path ends like an endpoint of OAuth's, as most servers name them, or like a document of theirs."""
    path = path.lower().rstrip("/")
    return "/.well-known/" in path or _ENDPOINT_PATH.search(path) is not None or _KEY_SET_PATH.search(path) is not None


def _names(params: Params) -> set[str]:
    return {name for name, _ in params}


def _is_logout(path: str, sent: set[str]) -> bool:
    """Whether a browser is sent to sign out, by the names of Auth0 (`returnTo`) and Cognito (`logout_uri`)."""
    return path.lower().rstrip("/").endswith("/logout") and "client_id" in sent and bool(sent & {"returnTo", "logout_uri"})


def _is_api_call(request: Request, response: Response | None) -> bool:
    scheme = (request.headers.get("authorization") or "").partition(" ")[0].lower()
    if scheme in ("bearer", "dpop"):
        return True
    if response is None:
        return False
    if response.status == 200:
        return refusal_behind_200(request, response)[0] > 0
    is_refused = response.status in (400, 401, 403, 422) and request.method == "POST"
    if is_refused and hands_token_over(posted_fields(request), query_of(request.url).pairs):
        # A cloud's token service, a secrets store, an application's own server refuses what says who calls.
        return True
    if response.status not in (401, 403):
        return False
    return bearer_challenge(response) is not None or (_has_token_elsewhere(request) and _SAW_NONE.search(response.body[:4096]) is not None)


def _is_client_configuration(request: Request, path: str) -> bool:
    """Whether a client looks after its registration: at the place for registering, with its identifier. Source: RFC 7592 section 2."""
    if request.method not in ("GET", "PUT", "DELETE") or not (request.headers.get("authorization") or "").lower().startswith("bearer "):
        return False
    where = path.rstrip("/").lower()
    named = "client_id" in query_of(request.url) and where.endswith(_CONFIGURATION)
    return named or where.rpartition("/")[0].endswith(_CONFIGURATION)


def _has_token_elsewhere(request: Request) -> bool:
    """Whether a JWT travels in a header of another name than `Authorization`."""
    return any(
        value.startswith("ey") and value.count(".") == 2 and _TOKEN_HEADER.search(name) is not None for name, value in request.headers.pairs
    )


def _refuses_redirect_uri(request: Request, response: Response | None) -> bool:
    """Whether a server that begins sign-ins for others, such as a secrets store, was handed a redirect URI in JSON and refuses it."""
    if response is None or response.status not in (400, 403) or len(request.body) > _FORM_LIMIT:
        return False
    return b'"redirect_uri"' in request.body and b"redirect_uri" in response.body[:65536]


def _has_request_object(url: str) -> bool:
    """Whether all parameters travel in a JWT, beside which nothing but `client_id` is needed. Source: RFC 9101 section 5."""
    value = query_of(url).get("request") or ""
    return value.startswith("ey") and value.count(".") in (2, 4)


def _is_answer(fields: Fields) -> bool:
    names = {name for name, _ in fields}
    if is_jwt_answer(fields):
        return True
    if "state" not in names:
        return False
    if names & {"code", "id_token", "access_token", "response"}:
        return True
    return any(name == "error" and isinstance(value, str) and _is_error_code(value) for name, value in fields)


def _is_error_code(value: str) -> bool:
    """Whether it is a word, and not a flag or a number of some application. Source: RFC 6749 section 4.1.2.1."""
    return len(value) > 3 and value[0].isalpha() and value.lower() not in ("true", "false", "none", "null")


def _is_token_answer(response: Response | None) -> bool:
    return response is not None and any(name in ("access_token", "error") for name, _ in read_answer(response).fields)


def _is_key_set(request: Request, response: Response | None) -> bool:
    if request.method != "GET":
        return False
    if response is None or response.status >= 400 or response.content_type == "text/html" or is_compressed(response.body):
        return _KEY_SET_PATH.search(split_path(request.url).rstrip("/")) is not None
    if response.status == 200 and response.body.strip() == b"{}":
        return _KEY_SET_PATH.search(split_path(request.url).rstrip("/")) is not None
    if response.status != 200 or b'"keys"' not in response.body[:4096]:
        return False
    keys = next((value for name, value in read_answer(response).fields if name == "keys"), None)
    return isinstance(keys, list) and all(isinstance(key, dict) and "kty" in key for key in keys)
