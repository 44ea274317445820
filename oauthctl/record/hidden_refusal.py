"""A no that comes with status 200: GraphQL says it in the body, gRPC in a header or trailer.

Here: what status an answer means. Not here: what to make of it (the rules).
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

from oauthctl.http import Request, Response

_LIMIT = 64 * 1024
# Source: https://www.apollographql.com/docs/apollo-server/data/errors; Hasura, Hot Chocolate and AppSync have words of their own.
_UNAUTHENTICATED = re.compile(
    r"^(?:unauthenticated|unauthori[sz]ed(?:exception)?|auth_not_authenticated|not_authenticated|invalid-(?:jwt|headers)"
    r"|jwt-[a-z-]+|authentication_error|401)$",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(r"^(?:forbidden|auth_not_authorized|not_authorized|access-denied|permission_denied|403)$", re.IGNORECASE)
_SAYS_SO = re.compile(
    r"^\W*(?:unauthori[sz]ed|unauthenticated|not (?:authenticated|logged in)|jwt (?:is )?expired|invalid (?:access |auth |bearer )?token"
    r"|(?:access )?token (?:has |is )?expired|could not verify jwt|authentication (?:is )?required)",
    re.IGNORECASE,
)
_GRPC = {"16": 401, "7": 403}
"""Source: https://grpc.io/docs/guides/status-codes."""
_TRAILER = re.compile(rb"grpc-status:\s*(\d{1,2})(?:[^\r\n]*\r?\n)?(?:grpc-message:\s*([^\r\n]{0,2000}))?", re.IGNORECASE)


def refusal_behind_200(request: Request, response: Response) -> tuple[int, str]:
    """401 or 403 where an answer with status 200 is a refusal, and gRPC's message; 0 otherwise."""
    if response.status != 200 or request.method != "POST":
        return 0, ""
    if "grpc" in (response.content_type or "") or "grpc-status" in response.headers:
        return _of_grpc(response)
    return _of_graphql(response.body), ""


def _of_grpc(response: Response) -> tuple[int, str]:
    status, message = response.headers.get("grpc-status") or "", response.headers.get("grpc-message") or ""
    if not status and (trailer := _TRAILER.search(response.body[-4096:])):
        status, message = trailer[1].decode(), (trailer[2] or b"").decode("utf-8", "replace")
    return _GRPC.get(status.strip(), 0), unquote(message)


def _of_graphql(body: bytes) -> int:
    """What a GraphQL answer without data says no with; one that brings some of the data is no refusal."""
    if b'"errors"' not in body[:_LIMIT] or len(body) > _LIMIT:
        return 0
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return 0
    errors = document.get("errors") if isinstance(document, dict) else None
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(errors, list) or (isinstance(data, dict) and any(value is not None for value in data.values())):
        return 0
    return next((status for one in errors[:10] if isinstance(one, dict) and (status := _status_of(one))), 0)


def _status_of(error: dict[str, Any]) -> int:
    inner = error.get("extensions")
    extensions = inner if isinstance(inner, dict) else {}
    codes = [str(value) for value in (extensions.get("code"), extensions.get("classification"), error.get("errorType")) if value]
    if any(_FORBIDDEN.search(code) for code in codes):
        return 403
    said = error.get("message")
    return 401 if any(_UNAUTHENTICATED.search(code) for code in codes) or (isinstance(said, str) and _SAYS_SO.search(said)) else 0
