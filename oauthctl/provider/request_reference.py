"""Request objects by reference: the browser brings a URL of the client's, and the object is fetched from there.

Here: RFC 9101 section 5.2, which object a request needs, and what becomes of it. As with the documents of clients, `handle` never fetches:
whoever serves asks `needed` first, fetches, and hands the answer to `fetched`. Not here: judging the object (`request_object`), references
of our own (`pushed`), fetching (`shell.client_requests`).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from urllib.parse import urlsplit

from oauthctl.http import Params, Request, Response, is_http_url, is_safe_for_secrets
from oauthctl.messages.request_object import MEDIA_TYPES
from oauthctl.provider.answers import Denied
from oauthctl.provider.changing import changed
from oauthctl.provider.client import Client
from oauthctl.provider.moment import Moment, base64url, digest
from oauthctl.provider.pushed import is_reference
from oauthctl.provider.records import FetchedRequest
from oauthctl.provider.remembered import with_item, without_items
from oauthctl.provider.state import ProviderState

ENDPOINT = "request_uri"
SECONDS = 300.0
"""How long an object is kept for the forms that follow, and for a client that hands it out only once."""
LONGEST = 512
"""Source: RFC 9101 section 5.2: the request_uri should not exceed 512 ASCII characters."""
OBJECTS = 1000
_HASH = re.compile(r"[A-Za-z0-9_-]{43}")


def is_request_uri(uri: str) -> bool:
    """Whether a client may register this: https, or http on this machine, with a path and perhaps a fragment."""
    address = uri.partition("#")[0]
    is_plain = uri.isascii() and len(uri) <= LONGEST and not any(char in uri for char in "@\\ ")
    return is_plain and is_http_url(address) and is_safe_for_secrets(address) and urlsplit(address).path not in ("", "/")


def needed(state: ProviderState, request: Request, moment: Moment) -> str:
    """The URL of the object that this request is about, fragment and all; empty where none is to be fetched.

    A form's answer is about the object that is known already; a page that is asked for may be about a new one at the same URL, unless the
    hash in the fragment says that it is the same. Source: OpenID Connect Core 1.0 section 6.2.
    """
    params = request.query
    uri, client = params.get("request_uri") or "", state.clients.get(params.get("client_id") or "")
    is_ours = request.path == state.base_path + state.endpoints.authorize
    if not is_ours or client is None or is_reference(params) or not _is_registered(client, uri):
        return ""
    kept = state.fetched_requests.get(_key(client.id, uri))
    if kept is None or not kept.is_good(moment.seconds):
        return uri
    is_same = not kept.problem and _HASH.fullmatch(uri.partition("#")[2])
    return "" if request.method == "POST" or is_same else uri


def fetched(state: ProviderState, request: Request, response: Response | None, moment: Moment) -> ProviderState:
    """The state that knows the object of this request, or why there is none. None: no answer came."""
    client_id, uri = request.query.get("client_id") or "", request.query.get("request_uri") or ""
    key, problem = _key(client_id, uri), _problem(uri, response)
    kept = state.fetched_requests.get(key)
    if response is None or problem:
        state = state.logged(moment, ENDPOINT, client_id, error="invalid_request_uri", reason=problem)
        if kept is not None and kept.is_good(moment.seconds):
            return state
    compact = "" if response is None or problem else response.text.strip()
    item = FetchedRequest(compact, problem, moment.seconds + SECONDS)
    return changed(state, fetched_requests=with_item(state.fetched_requests, key, item).newest(OBJECTS))


def looked_up(state: ProviderState, params: Params) -> Params:
    """The parameters with the object in the place of its URL. `Denied` where there is none that counts.

    Source: RFC 9101 section 5: `request` and `request_uri` must not be used together; section 7 for the error.
    """
    if not any(params.all("request_uri")) or is_reference(params):
        # Source: RFC 6749 section 3.1: parameters sent without a value must be treated as if they were omitted.
        return params
    if "request" in params:
        raise Denied("invalid_request", "request and request_uri can't be used together")
    if len(params.all("request_uri")) > 1 or len(params.all("client_id")) > 1:
        raise Denied("invalid_request", "request_uri and client_id have to be there once each")
    uri, client = params.get("request_uri") or "", state.clients.get(params.get("client_id") or "")
    if client is None:
        return params
    if not _is_registered(client, uri):
        raise _bad("the request_uri is not registered for the client")
    item = state.fetched_requests.get(_key(client.id, uri))
    if item is None or item.problem:
        raise _bad(item.problem if item is not None else "the request object was not fetched")
    return params.without("request_uri").with_("request", item.compact)


def used(state: ProviderState, params: Params) -> ProviderState:
    """The state in which the object of these parameters, if they name one, is fetched anew."""
    key = _key(params.get("client_id") or "", params.get("request_uri") or "")
    return changed(state, fetched_requests=without_items(state.fetched_requests, (key,)))


def _is_registered(client: Client, uri: str) -> bool:
    """Source: OpenID Connect Dynamic Client Registration 1.0 section 2: a fragment that is registered is that of the file, for good."""
    return is_request_uri(uri) and (uri in client.request_uris or uri.partition("#")[0] in client.request_uris)


def _problem(uri: str, response: Response | None) -> str:
    """Why an answer gives no request object; empty when it does."""
    if response is None:
        return "the request object could not be fetched from the request_uri"
    content_type = (response.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if response.status != 200:
        return f"the request_uri answered with the status {response.status}"
    if content_type not in MEDIA_TYPES:
        return f"what the request_uri leads to is {content_type[:60] or 'of no content type'}, not {MEDIA_TYPES[0]}"
    expected, found = uri.partition("#")[2], base64url(hashlib.sha256(response.body).digest())
    # Source: OpenID Connect Core 1.0 section 6.2: a fragment may be the hash of the contents.
    if _HASH.fullmatch(expected) and not hmac.compare_digest(expected, found):
        return "the fragment of the request_uri is not the SHA-256 hash of what it leads to"
    return ""


def _key(client_id: str, uri: str) -> str:
    return digest(f"{client_id} {uri}")


def _bad(description: str) -> Denied:
    return Denied("invalid_request_uri", description)
