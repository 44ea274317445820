"""Faults of a server that lets pass what it must refuse, or refuses what is right: codes, verifiers, redirect URIs, refresh tokens.

Here: what the server checks of them. Not here: refusals for other reasons (`token_answer`, `refresh`).
"""

from __future__ import annotations

from dataclasses import replace

from oauthctl.http import Params
from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import document_of, with_known_code
from oauthctl.provider.faults.registry import Call, fault
from oauthctl.provider.moment import base64url, digest
from oauthctl.provider.remembered import with_item, without_items


@fault("token", rule="code-reuse-accepted", flow="code-used-twice")
def lax_code_reuse(call: Call) -> Answer | None:
    """A code is good as often as it comes."""
    return with_known_code(call, is_used=False)


@fault("token", rule="code-verifier-not-checked", flow="other-verifier")
def lax_verifier(call: Call) -> Answer | None:
    """PKCE is ignored: any verifier is good."""
    return with_known_code(call, code_challenge=call.request.form.get("code_verifier") or "", code_challenge_method="plain")


@fault("token", rule="redirect-uri-not-checked", flow="other-redirect-uri")
def lax_redirect_uri(call: Call) -> Answer | None:
    """The token request's redirect URI is not compared with that of the authorization request."""
    return with_known_code(call, redirect_uri=call.request.form.get("redirect_uri") or "")


@fault("authorize", "pushed", rule="unregistered-redirect-uri-accepted", flow="not-the-registered-uri")
def lax_registered_redirect_uri(call: Call) -> Answer | None:
    """A redirect URI is not compared with those that the client registered: any is good."""
    asked = Params((*call.request.query, *call.request.form))
    client, redirect_uri = call.state.clients.get(asked.get("client_id") or ""), asked.get("redirect_uri")
    if client is None or not redirect_uri or client.may_redirect_to(redirect_uri):
        return None
    opened = replace(client, redirect_uris=(*client.redirect_uris, redirect_uri))
    return call.under(clients={**call.state.clients, client.id: opened})


@fault("token", rule="token-request-refused")
def verifier_hashed_wrongly(call: Call) -> Answer | None:
    """The server hashes verifiers wrongly, so that every right one is refused."""
    return with_known_code(call, code_challenge=base64url(b"the hash of something else, 32 B"))


@fault("token", rule="refresh-token-reuse-accepted", flow="refresh-token-used-twice")
def lax_refresh_reuse(call: Call) -> Answer | None:
    """Refresh tokens are replaced, and the old ones stay good."""
    key = digest(call.request.form.get("refresh_token") or "")
    known = call.state.refresh_tokens.get(key)
    if known is None or not known.is_used:
        return None
    again = replace(known, is_used=False, used_at=None)
    return call.then(replace(call.state, refresh_tokens=with_item(call.state.refresh_tokens, key, again)), call.request, call.moment)


@fault("token", rule="token-request-refused", flow="refresh-chain")
def refresh_lost_after_rotation(call: Call) -> Answer | None:
    """The new refresh token of a rotation is not kept: the next refresh is refused."""
    if call.request.form.get("grant_type") != "refresh_token":
        return None
    state, response = call.answered()
    new = str((document_of(response) or {}).get("refresh_token") or "")
    return (replace(state, refresh_tokens=without_items(state.refresh_tokens, (digest(new),))), response) if new else None
