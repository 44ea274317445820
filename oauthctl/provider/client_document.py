"""Clients whose identifier is the URL of what they say of themselves (Client ID Metadata Documents).

Here: which document a request needs, and what becomes of it. `handle` stays pure, since it never needs the document in mid-request: whoever
serves asks `needed` first, fetches, and hands the answer to `learned`. Not here: fetching (`shell.client_requests`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from oauthctl.http import JSON, Request, Response, is_http_url, is_loopback, is_loopback_host, origin
from oauthctl.provider.answers import CLIENT_DOCUMENT, UNTOLD, Denied, claimed_client
from oauthctl.provider.changing import changed
from oauthctl.provider.client import Client
from oauthctl.provider.client_bounds import CHARACTERS
from oauthctl.provider.client_metadata import SECRET_METHODS, client_of, read_metadata, read_object
from oauthctl.provider.client_references import keys_of
from oauthctl.provider.local_clients import local_origins
from oauthctl.provider.moment import Moment
from oauthctl.provider.remembered import changes, with_item, without_items
from oauthctl.provider.state import ProviderState

ENDPOINT = CLIENT_DOCUMENT
SECONDS = 300.0
SECONDS_AFTER_FAILURE = 10.0
DOCUMENTS = 1000
"""How many are remembered: of more those that were asked for last."""


def needed(state: ProviderState, request: Request, moment: Moment) -> str:
    """The URL of the document without which the client of this request is not known, or not any more; empty when there is none."""
    paths = state.endpoints
    asking = (paths.authorize, paths.pushed, paths.token, paths.device_authorization)
    if not state.takes_registrations or request.path not in {state.base_path + path for path in asking}:
        return ""
    url = claimed_client(request)
    is_fresh = state.client_documents.get(url, 0.0) > moment.seconds
    is_registered = url not in state.client_documents and url in state.clients
    if is_fresh or is_registered or not is_document_url(url):
        return ""
    return url


def is_document_url(url: str) -> bool:
    """Whether this can be such an identifier: https, or http on this machine, with a path, and nothing that could be read in two ways.

    Source: draft-ietf-oauth-client-id-metadata-document section 3.
    """
    if len(url) > CHARACTERS or not url.startswith(("https://", "http://")) or not is_http_url(url) or any(char in url for char in "#@\\ "):
        return False
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or is_loopback_host(parts.hostname or "")
    return is_safe and parts.path not in ("", "/") and not {".", ".."} & set(parts.path.split("/"))


def learned(state: ProviderState, url: str, response: Response | None, moment: Moment) -> ProviderState:
    """The state that knows the client of this document, or that there is none for now. None: no answer came."""
    try:
        if response is None and is_loopback(url) and origin(url) not in local_origins(state):
            raise _bad(f"the document is on this machine, where it is not fetched unless --local-client {origin(url)} allows it")
        metadata = read_metadata(state, _document(url, response))
        client = client_of(url, metadata, secret="", keys=keys_of(state, metadata))
    except Denied as denied:
        state = _with_document(state, url, None, moment.seconds + SECONDS_AFTER_FAILURE)
        told, but, untold = denied.description.partition(UNTOLD)
        reason = f"{told} (it is asked again after {SECONDS_AFTER_FAILURE:g} seconds){but}{untold}"
        return state.logged(moment, ENDPOINT, url, error=denied.error, reason=reason)
    state = _with_document(state, url, client, moment.seconds + SECONDS)
    return state.logged(moment, ENDPOINT, url, reason="read what the client says of itself")


def _with_document(state: ProviderState, url: str, client: Client | None, until: float) -> ProviderState:
    """The state that knows this document until then, and of its client what that says; clients of forgotten documents are forgotten."""
    known = with_item(state.client_documents, url, until)
    kept = known.newest(DOCUMENTS)
    clients = without_items(state.clients, changes(known, kept).gone)
    clients = clients.without((url,)) if client is None else clients.with_(url, client)
    return changed(state, clients=clients, client_documents=kept)


def _document(url: str, response: Response | None) -> Mapping[str, Any]:
    """Source: the same draft, section 4: the document names its own URL, and holds no secret."""
    if response is None:
        raise _bad("the document could not be fetched")
    content_type = (response.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if response.status != 200 or not (content_type == JSON or content_type.endswith("+json")):
        raise _bad(f"the document's answer is not 200 {JSON}{UNTOLD}{response.status} {content_type[:60]}")
    value = read_object(response.body, "the document")
    if value.get("client_id") != url:
        raise _bad("client_id in the document is not the document's URL")
    if "client_secret" in value or value.get("token_endpoint_auth_method") in SECRET_METHODS:
        raise _bad("a client with a public document can't have a secret")
    return {"token_endpoint_auth_method": "none", **value}


def _bad(description: str) -> Denied:
    return Denied("invalid_client_metadata", description)
