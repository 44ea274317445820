"""The CIBA grant in poll mode: a client asks for the outcome until the person has decided.

Here: the polling. Not here: the request and the person's page (`backchannel`).
"""

from __future__ import annotations

from typing import Any

from oauthctl.provider.answers import Denied
from oauthctl.provider.asking import Asking
from oauthctl.provider.changing import changed
from oauthctl.provider.decision import answer_to_poll
from oauthctl.provider.issue import issue
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState


def ciba(state: ProviderState, asking: Asking, moment: Moment) -> tuple[ProviderState, dict[str, Any]]:
    """The token response once the person has said yes. Source: OpenID Connect CIBA Core 1.0 sections 10.1 and 11."""
    value = asking.form.get("auth_req_id")
    if value is None:
        raise Denied("invalid_request", "the parameter auth_req_id is missing")
    done, item = answer_to_poll(
        state.backchannel_requests,
        value,
        client_id=asking.client.id,
        what="auth_req_id",
        kept=lambda items: changed(state, backchannel_requests=items),
        moment=moment,
    )
    grant = done.grants[item.grant_id]
    return issue(done, grant, scopes=grant.scopes, audience=grant.audience, moment=moment, confirmation=asking.confirmation)
