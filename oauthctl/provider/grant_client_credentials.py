"""The client credentials grant: a token for the client itself.

Here: when a client gets one. Not here: who the client is (`client_auth`), what a token looks like (`issue`).
"""

from __future__ import annotations

from typing import Any

from oauthctl.provider.answers import Denied
from oauthctl.provider.asking import Asking
from oauthctl.provider.changing import changed
from oauthctl.provider.details import read_details
from oauthctl.provider.issue import issue
from oauthctl.provider.moment import Moment
from oauthctl.provider.records import Grant
from oauthctl.provider.remembered import with_item
from oauthctl.provider.request import read_scopes
from oauthctl.provider.resources import audience_of
from oauthctl.provider.state import ProviderState


def client_credentials(state: ProviderState, asking: Asking, moment: Moment) -> tuple[ProviderState, dict[str, Any]]:
    """The token response for a confidential client, without a refresh token. Source: RFC 6749 section 4.4."""
    client, form = asking.client, asking.form
    if client.is_public:
        raise Denied("unauthorized_client", "a public client can't get tokens for itself")
    scopes = read_scopes(state, client, form.get("scope") or "")
    if "openid" in scopes or state.offline_scope in scopes:
        raise Denied("invalid_scope", "there is no user whom openid or offline access could be about")
    details = read_details(state, client, form)
    grant = Grant(moment.token("grant"), client.id, "", scopes, audience_of(state, form), details=details)
    state = changed(state, grants=with_item(state.grants, grant.id, grant))
    return issue(state, grant, scopes=scopes, audience=grant.audience, moment=moment, confirmation=asking.confirmation)
