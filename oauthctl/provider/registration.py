"""Clients that register themselves, and look after their registration later.

Here: RFC 7591 and RFC 7592, the server's side. Not here: judging what a client says of itself (`client_metadata`).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from oauthctl.http import JSON, Headers, Params, Request, Response, with_query
from oauthctl.provider.answers import NO_STORE, Answer, Denied, json_answer, refuse
from oauthctl.provider.changing import changed
from oauthctl.provider.client_metadata import SECRET_METHODS, client_of, read_metadata, read_object
from oauthctl.provider.client_references import keys_of
from oauthctl.provider.local_clients import check_registrant
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.records import DeviceCode, Pushed, Registration
from oauthctl.provider.remembered import with_item, without_items
from oauthctl.provider.state import ProviderState

ENDPOINT = "register"
REGISTRATIONS = 1000
# RFC 7592 section 2.2: what the server alone decides must not be in an update.
_SERVERS_OWN = ("registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at")


@dataclass(frozen=True, slots=True)
class _Known:
    """A registration that its client may look after."""

    client_id: str
    item: Registration
    token: str


def register(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """A new client, or what RFC 7592 does with one that is registered: read, update, delete."""
    try:
        if request.method == "POST":
            return _create(state, request, moment)
        known = _authorized(state, request)
        if request.method == "PUT":
            return _update(state, request, known, moment)
        if request.method == "DELETE":
            return _delete(state, known.client_id, moment)
        return state, json_answer(_told(state, known.client_id, known.item, known.token))
    except Denied as denied:
        return refuse(state, request, denied, endpoint=ENDPOINT, moment=moment)


def _create(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """Source: RFC 7591 section 3.1."""
    if not state.takes_registrations:
        raise Denied("access_denied", "no client can register itself here", status=403)
    if len(state.registrations) >= REGISTRATIONS:
        raise Denied("temporarily_unavailable", "there are too many registered clients", status=503)
    metadata = read_metadata(state, _object(request))
    check_registrant(request, metadata)
    client_id, token = moment.token("client_id")[:22], moment.token("registration access token")
    secret = moment.token("client secret") if metadata["token_endpoint_auth_method"] in SECRET_METHODS else ""
    item = Registration(digest(token), int(moment.seconds), metadata)
    state = _kept(state, client_id, item, secret=secret)
    state = state.logged(moment, ENDPOINT, client_id, reason=f"registered {metadata.get('client_name') or 'a client without a name'}")
    return state, json_answer(_told(state, client_id, item, token), 201)


def _update(state: ProviderState, request: Request, known: _Known, moment: Moment) -> Answer:
    """What is left out goes. Source: RFC 7592 section 2.2."""
    given = _object(request)
    client = state.clients[known.client_id]
    own = next((name for name in _SERVERS_OWN if name in given), None)
    if own is not None:
        raise Denied("invalid_client_metadata", f"{own} is not the client's to set")
    if given.get("client_id") != known.client_id:
        raise Denied("invalid_client_metadata", "client_id has to be that of the registration")
    if "client_secret" in given and not client.has_secret(str(given["client_secret"])):
        raise Denied("invalid_client_metadata", "client_secret is not the one that was given out")
    metadata = read_metadata(state, given)
    check_registrant(request, metadata)
    needs_secret = metadata["token_endpoint_auth_method"] in SECRET_METHODS
    item = replace(known.item, metadata=metadata)
    state = _kept(state, known.client_id, item, secret=(client.secret or moment.token("client secret")) if needs_secret else "")
    state = state.logged(moment, ENDPOINT, known.client_id, reason="changed its registration")
    return state, json_answer(_told(state, known.client_id, item, known.token))


def _delete(state: ProviderState, client_id: str, moment: Moment) -> Answer:
    """The client and all that it was given are gone. Source: RFC 7592 section 2.3."""
    state = state.with_grants_revoked([grant.id for grant in state.grants.values() if grant.client_id == client_id])
    state = changed(
        state,
        clients=without_items(state.clients, (client_id,)),
        registrations=without_items(state.registrations, (client_id,)),
        device_codes=without_items(state.device_codes, _keys_of(state.device_codes, client_id)),
        pushed=without_items(state.pushed, _keys_of(state.pushed, client_id)),
        posted=without_items(state.posted, _keys_of(state.posted, client_id)),
    )
    return state.logged(moment, ENDPOINT, client_id, reason="took its registration back"), Response(204, Headers(NO_STORE))


def _keys_of(items: Mapping[str, DeviceCode] | Mapping[str, Pushed], client_id: str) -> list[str]:
    return [key for key, one in items.items() if one.client_id == client_id]


def _authorized(state: ProviderState, request: Request) -> _Known:
    """Source: RFC 7592 section 2: 401 for a wrong token, and for a client that is gone alike."""
    scheme, _, token = (request.headers.get("authorization") or "").partition(" ")
    client_id = request.query.get("client_id") or ""
    item = state.registrations.get(client_id)
    is_good = item is not None and hmac.compare_digest(digest(token.strip()), item.token_digest)
    if scheme.lower() != "bearer" or item is None or not is_good:
        challenge = (("WWW-Authenticate", 'Bearer error="invalid_token"' if scheme else "Bearer"),)
        raise Denied("invalid_token", "the registration access token is not that of this client", status=401, headers=challenge)
    return _Known(client_id, item, token.strip())


def _kept(state: ProviderState, client_id: str, item: Registration, *, secret: str) -> ProviderState:
    client = client_of(client_id, item.metadata, secret=secret, keys=keys_of(state, item.metadata))
    return changed(
        state,
        clients=with_item(state.clients, client_id, client),
        registrations=with_item(state.registrations, client_id, item),
    )


def _told(state: ProviderState, client_id: str, item: Registration, token: str) -> dict[str, Any]:
    """Source: RFC 7591 section 3.2.1; RFC 7592 section 3."""
    secret = state.clients[client_id].secret
    return {
        "client_id": client_id,
        "client_id_issued_at": item.issued_at,
        **({"client_secret": secret, "client_secret_expires_at": 0} if secret else {}),
        "registration_access_token": token,
        "registration_client_uri": with_query(state.url(state.endpoints.register), Params((("client_id", client_id),))),
        **item.metadata,
    }


def _object(request: Request) -> Mapping[str, Any]:
    content_type = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if content_type != JSON:
        raise Denied("invalid_client_metadata", f"the body has to be {JSON}")
    return read_object(request.body, "the body")
