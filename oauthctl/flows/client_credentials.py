"""Client credentials: a token for the client itself, without a person.

Here: RFC 6749 section 4.4. Not here: client authentication (`messages.client_auth`).
"""

from __future__ import annotations

from oauthctl.flows.granted_scope import scope_remarks
from oauthctl.flows.steps import Flow
from oauthctl.flows.token_endpoint import Granted, grant, with_warnings
from oauthctl.http import Params
from oauthctl.messages.client_auth import Client


def client_credentials(
    token_endpoint: str, client: Client, *, scope: tuple[str, ...] = (), resource: tuple[str, ...] = (), params: Params | None = None
) -> Flow[Granted]:
    """Ask for a token in the client's own name. Source: RFC 6749 section 4.4.2. Raises as `token_endpoint.grant` does."""
    wanted = " ".join(dict.fromkeys(scope)) or None
    own = Params.of((("grant_type", "client_credentials"), ("scope", wanted), *(("resource", one) for one in resource)))
    granted = yield from grant(token_endpoint, Params((*own.pairs, *(params or Params()).pairs)), client)
    return with_warnings(granted, *scope_remarks(scope, granted.response))
