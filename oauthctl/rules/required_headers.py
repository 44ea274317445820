"""Headers that an API wants beside `Authorization`: which tenant, account, application or version a call is for.

Here: a table of providers, and what a refusal itself names. Not here: judging (`api_client`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from oauthctl.http import split_url
from oauthctl.rules.hosts import host_of
from oauthctl.rules.seen import ApiRequest, Seen

_NAMED = re.compile(
    r"(?:missing|required|provide|include|expected|without|lacks?|need)[^.'\"`]{0,60}?['\"`]?\b(?P<before>[A-Za-z]+(?:-[A-Za-z0-9]+)+)\b['\"`]?"
    r"[^.'\"`]{0,10}\bheader|\bheader\b[^.'\"`]{0,20}['\"`]?\b(?P<after>[A-Za-z]+(?:-[A-Za-z0-9]+)+)\b['\"`]?[^.]{0,20}"
    r"(?:missing|required|not (?:present|found|set|provided))"
    r"|['\"`]?\b(?P<first>[A-Za-z]+(?:-[A-Za-z0-9]+)+)\b['\"`]? (?:http |request )?header[^.]{0,20}"
    r"(?:missing|required|must be|not (?:present|found|set|provided))",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"^(?:www-authenticate|proxy-.*|content-.*|set-cookie|access-control-.*|non-.*|one-.*|well-.*|.*-formed|x-forwarded-.*)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class RequiredHeader:
    """A header, what it tells the API, and where its value comes from. `is_said`: the API's refusal names it."""

    name: str
    tells: str
    source: str
    is_said: bool = False


@dataclass(frozen=True, slots=True)
class _Provider:
    host: str
    header: RequiredHeader
    path: str = "/"
    without: str = ""


_TABLE = (
    _Provider(
        "api.xero.com",
        RequiredHeader("xero-tenant-id", "which organisation (tenant) the call is for", "a `tenantId` of `GET /connections`"),
        without="/connections",
    ),
    _Provider(
        "api.twitch.tv",
        RequiredHeader("Client-Id", "which application calls", "the client ID that the token was obtained with"),
        path="/helix",
    ),
    _Provider(
        "api.igdb.com", RequiredHeader("Client-ID", "which application calls", "the Twitch client ID that the token was obtained with")
    ),
    _Provider(
        "api.trakt.tv", RequiredHeader("trakt-api-key", "which application calls", "the client ID of the application"), without="/oauth"
    ),
    _Provider(
        "googleads.googleapis.com",
        RequiredHeader("developer-token", "which developer calls", "the developer token of the manager account's API centre"),
    ),
    _Provider(
        "api.harvestapp.com",
        RequiredHeader(
            "Harvest-Account-Id", "which account the call is for", "an account of `GET https://id.getharvest.com/api/v2/accounts`"
        ),
    ),
    _Provider(
        "desk.zoho.com",
        RequiredHeader("orgId", "which organisation the call is for", "an `id` of `GET /api/v1/organizations`"),
        path="/api",
        without="/api/v1/organizations",
    ),
    _Provider(
        "advertising-api.amazon.com",
        RequiredHeader("Amazon-Advertising-API-ClientId", "which application calls", "the client ID of Login with Amazon"),
    ),
    _Provider(
        "api.notion.com",
        RequiredHeader("Notion-Version", "which version of the API is meant", "a date that Notion's changelog lists"),
        without="/v1/oauth",
    ),
    _Provider(
        "api.sage.com",
        RequiredHeader("X-Business", "which business the call is for", "an `id` of `GET /businesses`"),
        without="/businesses",
    ),
)


def header_wanted(seen: Seen[ApiRequest]) -> RequiredHeader | None:
    """The header that this call needs beside the token: one that the refusal names, else one that the provider is known to want."""
    for match in _NAMED.finditer(seen.reply.words[:2000]):
        name = match["before"] or match["after"] or match["first"]
        if not _OTHERS.match(name) and not seen.request_header(name) and name.lower() != "authorization":
            return RequiredHeader(name, "what its documentation says of it", "its documentation tells the value", is_said=True)
    host, path = host_of(seen.url), split_url(seen.url).path
    for one in _TABLE:
        is_there = host == one.host or host.endswith(f".{one.host}")
        if is_there and path.startswith(one.path) and not (one.without and path.startswith(one.without)):
            return one.header if seen.exchange.request.headers.pairs and not seen.request_header(one.header.name) else None
    return None
