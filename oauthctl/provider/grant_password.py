"""The password grant, for a provider that is told to speak what is legacy.

Here: when a password gives tokens. Not here: what a token looks like (`issue`).
"""

from __future__ import annotations

from typing import Any

from oauthctl.provider.answers import Denied
from oauthctl.provider.asking import Asking
from oauthctl.provider.changing import changed
from oauthctl.provider.issue import issue
from oauthctl.provider.moment import Moment
from oauthctl.provider.password_form import checked
from oauthctl.provider.records import Grant
from oauthctl.provider.remembered import with_item
from oauthctl.provider.request import read_scopes
from oauthctl.provider.resources import audience_of
from oauthctl.provider.state import ProviderState


def password(state: ProviderState, asking: Asking, moment: Moment) -> tuple[ProviderState, dict[str, Any]]:
    """The token response for a name and a password. Source: RFC 6749 section 4.3."""
    form = asking.form
    username, secret = form.get("username"), form.get("password")
    if username is None or secret is None:
        raise Denied("invalid_request", "the parameters username and password have to be given")
    state, problem = checked(state, username, secret, moment=moment)
    if problem:
        raise Denied("invalid_grant", problem, state=state)
    scopes = read_scopes(state, asking.client, form.get("scope") or "")
    grant = Grant(
        id=moment.token("grant"),
        client_id=asking.client.id,
        username=username,
        scopes=scopes,
        audience=audience_of(state, form),
        auth_time=int(moment.seconds),
        acr=state.acr_values[0],
    )
    state = changed(state, grants=with_item(state.grants, grant.id, grant))
    return issue(state, grant, scopes=scopes, audience=grant.audience, moment=moment, confirmation=asking.confirmation)
