"""Answers that were pasted without their request: JSON documents, HTML pages, challenges.

Here: what kind of answer it is and which endpoint gives such. Not here: HTTP messages with a status line (`http_text`), judging (`rules`).
"""

from __future__ import annotations

import re
from typing import Any

from oauthctl.http import JSON, Headers, Request, Response
from oauthctl.messages.answer import read_answer
from oauthctl.messages.challenge import bearer_challenge
from oauthctl.record import purposes
from oauthctl.record.piece import REQUEST_UNSEEN, UNSEEN, Attempts, Piece
from oauthctl.record.plain_text import line_at

STATUS_UNSEEN = "the answer's status was not pasted: {status} was taken"

_HTML = re.compile(r"\s*(?:<!doctype html|<html|<head|<body|<h1|<title)\b", re.IGNORECASE)
_CHALLENGE = re.compile(
    r"[<*\s\"']{0,8}(?:(?:proxy-)?www-authenticate[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?P<value>\S[^\n]*)"
    r"|(?P<bare>(?:Bearer|DPoP)\s+(?:realm|error|error_description|scope|scopes|resource_metadata|authorization_uri|algs|trusted_issuers|as_uri)\s*=[^\n]*))",
    re.IGNORECASE,
)
_REGISTRATION_ERRORS = ("invalid_client_metadata", "invalid_redirect_uri", "invalid_software_statement", "unapproved_software_statement")
_API_ERRORS = {"invalid_token": 401, "insufficient_scope": 403, "use_dpop_nonce": 401}
_PAGE_ERRORS = ("login_required", "consent_required", "interaction_required", "account_selection_required", "unsupported_response_type")
_ERROR_MEMBERS = ("error", "error_description", "errorCode", "error_code", "errorSummary", "errors", "fault", "Error")
_LOG_MEMBERS = frozenset(("level", "lvl", "severity", "loglevel", "logger", "logger_name", "@timestamp", "ts", "timestamp", "time"))
_OF_TOKENS = re.compile(r"verif|authorization code|redirect_uri|client secret|matching code", re.IGNORECASE)
_SENTENCE = re.compile(r"^[A-Z][a-z]|\s")
_OF_GRANTS = re.compile(
    r"invalid_(?:grant|client|request|scope)|unsupported_|grant|refresh|authorization code|\bclient\b|client_|redirect", re.IGNORECASE
)
_OF_ACCESS = re.compile(r"access token|\bjwt\b|\"?authorization\"? header", re.IGNORECASE)
_UNREAD_LIMIT = 4096
_ANSWER_MEMBERS = ("access_token", "id_token", "refresh_token")


def read_json(text: str, at: int, attempts: Attempts) -> tuple[tuple[Piece, ...], int] | None:
    """The document that begins at this line, and where the text goes on; None when none does."""
    line, _ = line_at(text, at)
    begin = at + len(line) - len(line.lstrip())
    if text[begin : begin + 1] not in ("{", "[") or text[begin : begin + 2] in ("{ [", "[1", "[2"):
        return None
    found = attempts.decode(text, begin)
    if found is None:
        return None
    document, end = found
    pieces = of_document(document, text[begin:end])
    if not pieces and end - begin > _UNREAD_LIMIT:
        # What is inside will be tried as well, line by line.
        attempts.left -= 1
    return (pieces, end) if pieces else None


def of_document(document: Any, written: str) -> tuple[Piece, ...]:
    """What this document is in OAuth; empty when it is nothing, or a line of a log."""
    if isinstance(document, list):
        first = document[0] if len(document) == 1 else None
        # Salesforce answers an API call with a list of one error.
        return of_document(first, written) if isinstance(first, dict) and "errorCode" in first else ()
    if not isinstance(document, dict) or not document:
        return ()
    inner = document.get("response")
    if isinstance(inner, dict) and "data" in inner and isinstance(inner["data"], dict):
        # What axios and its kin print of a failure.
        document = inner
    if (kind := _kind(document)) is None:
        return ()
    slug, purpose, status = kind
    method = "GET" if purpose in (purposes.DISCOVERY, purposes.RESOURCE_METADATA, purposes.JWKS) else ""
    request = Request(method, _own_url(document, purpose)) if method else UNSEEN
    response = Response(status, Headers((("Content-Type", JSON),)), written.encode())
    notes = () if method else (REQUEST_UNSEEN, *((STATUS_UNSEEN.format(status=status),) if status >= 400 else ()))
    return (Piece(slug, request, response, purpose=purpose, notes=notes),)


def read_page(text: str, at: int) -> tuple[tuple[Piece, ...], int] | None:
    """The HTML page that begins at this line, and where the text goes on; None when none does."""
    if not _HTML.match(text, at):
        return None
    closing = re.compile("</html>", re.IGNORECASE).search(text, at)
    end = closing.end() if closing else len(text)
    response = Response(400, Headers((("Content-Type", "text/html"),)), text[at:end].strip().encode())
    notes = (REQUEST_UNSEEN, STATUS_UNSEEN.format(status=400))
    return (Piece("error-page", UNSEEN, response, purpose=purposes.AUTHORIZATION, notes=notes),), end


def read_challenge(text: str, at: int) -> tuple[tuple[Piece, ...], int] | None:
    """The `WWW-Authenticate` line that stands here, with or without its name, and where the text goes on; None when none does."""
    match = _CHALLENGE.match(text, at)
    if match is None:
        return None
    value = (match["value"] or match["bare"]).strip()
    if value[-1:] in "\"'" and value.count(value[-1]) % 2:
        value = value[:-1]
    headers = Headers((("WWW-Authenticate", value),))
    challenge = bearer_challenge(Response(401, headers))
    status = 403 if challenge is not None and challenge.get("error") == "insufficient_scope" else 401
    notes = (REQUEST_UNSEEN, STATUS_UNSEEN.format(status=status))
    piece = Piece("challenge", UNSEEN, Response(status, headers), purpose=purposes.API, notes=notes)
    return (piece,), line_at(text, at)[1] if "\n" not in match[0] else match.end()


def purpose_of_answer(request: Request, response: Response | None) -> str:
    """The purpose of an exchange whose request shows too little: told from the path, and from the answer."""
    if purpose := purposes.purpose_of(request, response):
        return purpose
    path = purposes.split_path(request.url).lower().rstrip("/")
    by_path = next((purpose for words, purpose in _PATHS if any(path.endswith(word) for word in words)), "") if request.url else ""
    if by_path and request.method != "OPTIONS":
        return by_path
    if response is None or request.method == "OPTIONS":
        return ""
    if response.headers.get("www-authenticate") and response.status in (401, 403):
        return purposes.API
    kind = _kind(dict(reversed(read_answer(response).fields)))
    if kind is not None and (
        not request.url or request.method == "POST" or kind[1] in (purposes.DISCOVERY, purposes.RESOURCE_METADATA, purposes.JWKS)
    ):
        return kind[1]
    if not request.url and response.status >= 400:
        return purposes.AUTHORIZATION if _HTML.match(response.text[:400]) else purposes.API
    return ""


_PATHS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("/introspect", "/introspection", "/token/introspect", "/introspect_token"), purposes.INTROSPECTION),
    (("/revoke", "/revocation", "/revoke_token"), purposes.REVOCATION),
    (("/userinfo",), purposes.USERINFO),
    (("/device/code", "/device_authorization", "/devicecode", "/device/authorize", "/auth/device"), purposes.DEVICE_AUTHORIZATION),
    (("/par", "/as/par.oauth2", "/pushed-authorization-request"), purposes.PUSHED_AUTHORIZATION),
    (("/jwks", "/jwks.json", "/certs", "/discovery/keys", "/oauth2/v1/keys", "/oauth2/v3/certs"), purposes.JWKS),
    (("/token", "/access_token", "/oauth.v2.access", "/oauth.access", "/accesstoken", "/oauth2/v4/token"), purposes.TOKEN),
    (("/authorize", "/oauth2/auth", "/oauth2/v2/auth", "/openid-connect/auth", "/as/authorization.oauth2"), purposes.AUTHORIZATION),
)


def _kind(document: dict[str, Any]) -> tuple[str, str, int] | None:
    """The kind's slug, the purpose, and the status that such an answer has."""
    if isinstance(document.get("data"), dict) and "status" in document:
        inner = _kind(document["data"])
        status = document["status"]
        return (inner[0], inner[1], status) if inner and isinstance(status, int) and 100 <= status < 600 else inner
    if isinstance(document.get("keys"), list):
        return ("key-set", purposes.JWKS, 200)
    if "resource" in document and ("authorization_servers" in document or "bearer_methods_supported" in document):
        return ("metadata", purposes.RESOURCE_METADATA, 200)
    if "token_endpoint" in document or "authorization_endpoint" in document or ("issuer" in document and "jwks_uri" in document):
        return ("metadata", purposes.DISCOVERY, 200)
    if any(name in document for name in _ERROR_MEMBERS):
        return _of_error(document)
    if any(isinstance(document.get(name), str) for name in _ANSWER_MEMBERS):
        return ("token-response", purposes.TOKEN, 200)
    if "device_code" in document and "user_code" in document:
        return ("answer", purposes.DEVICE_AUTHORIZATION, 200)
    if "request_uri" in document and "expires_in" in document:
        return ("answer", purposes.PUSHED_AUTHORIZATION, 201)
    if "redirect_uris" in document and "client_id" in document:
        return ("answer", purposes.REGISTRATION, 201)
    if isinstance(document.get("active"), bool):
        return ("answer", purposes.INTROSPECTION, 200)
    if "access_token" in document or (isinstance(document.get("token_type"), str) and "expires_in" in document and "aud" not in document):
        return ("token-response", purposes.TOKEN, 200)
    if isinstance(document.get("sub"), str) and not {"iss", "exp"} & set(document):
        return ("answer", purposes.USERINFO, 200)
    message = document.get("message") or document.get("msg") or document.get("detail") or document.get("title")
    return ("error-body", purposes.API, _status(document, 401)) if isinstance(message, str) and not _LOG_MEMBERS & set(document) else None


def _of_error(document: dict[str, Any]) -> tuple[str, str, int] | None:
    error = document.get("error")
    code = error if isinstance(error, str) else ""
    if code and {"level", "severity", "logger", "lvl"} & set(document):
        # A line of a structured log.
        return None
    if code in _REGISTRATION_ERRORS:
        return ("error-body", purposes.REGISTRATION, 400)
    if code in _API_ERRORS:
        return ("error-body", purposes.API, _status(document, _API_ERRORS[code]))
    if isinstance(error, dict) and error.get("type") == "OAuthException" and _OF_TOKENS.search(str(error.get("message"))[:1000]):
        # Facebook's token endpoint says no in the form of its API.
        return ("error-body", purposes.TOKEN, 400)
    said = document.get("errorCode")
    if isinstance(said, str) and said[:1].isupper():
        # `E0000011` of Okta's API, `INVALID_SESSION_ID` of Salesforce's; their token endpoints say `invalid_client`.
        return ("error-body", purposes.API, _status(document, 401))
    if isinstance(error, dict) or ({"status", "path"} <= set(document) and not code.islower()):
        # Google's and Microsoft's APIs say `{"error": {"code": …}}`; Spring says `{"status": 401, "error": "Unauthorized", "path": …}`.
        return ("error-body", purposes.API, _status(error if isinstance(error, dict) else document, 401))
    if code and _SENTENCE.search(code) and isinstance(document.get("message"), str):
        # Frameworks say `{"statusCode": 401, "message": "Unauthorized", "error": "…"}` in words of their own; OAuth's errors are one word.
        return ("error-body", purposes.API, _status(document, 401))
    if code == "access_denied" and _OF_ACCESS.search(str(document.get("hint"))[:400]):
        # League's server (Laravel Passport) tells in the same words what its API finds wrong with a token.
        return ("error-body", purposes.API, 401)
    listed = document.get("errors")
    if not error and isinstance(listed, list) and listed and not _OF_GRANTS.search(str(listed[:3])[:2000]):
        # A list of errors is how APIs and GraphQL answer; a token endpoint that does so speaks of what it was sent.
        return ("error-body", purposes.API, _status(document, 401))
    if code in _PAGE_ERRORS:
        return ("error-body", purposes.AUTHORIZATION, 400)
    if document.get("ok") is False:
        # Slack says no with 200.
        return ("error-body", purposes.TOKEN, 200)
    return ("error-body", purposes.TOKEN, _status(document, 401 if code == "invalid_client" else 400))


def _status(document: dict[str, Any], otherwise: int) -> int:
    for name in ("status", "statusCode", "code", "status_code", "httpStatus"):
        value = document.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 400 <= value < 600:
            return value
    return otherwise


def _own_url(document: dict[str, Any], purpose: str) -> str:
    """Where the document belongs by what it says of itself: no more than that is known."""
    issuer = document.get("issuer")
    if purpose == purposes.DISCOVERY and isinstance(issuer, str) and issuer.startswith(("http://", "https://")) and len(issuer) < 2048:
        return f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    return ""
