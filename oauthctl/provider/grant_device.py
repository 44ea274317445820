"""The device code grant: a device asks until its person has decided.

Here: RFC 8628, the polling. Not here: the codes and the person's page (`device`).
"""

from __future__ import annotations

from typing import Any

from oauthctl.provider.answers import Denied
from oauthctl.provider.asking import Asking
from oauthctl.provider.changing import changed
from oauthctl.provider.decision import answer_to_poll
from oauthctl.provider.grant_code import check_verifier
from oauthctl.provider.issue import issue
from oauthctl.provider.moment import Moment
from oauthctl.provider.resources import narrowed_audience
from oauthctl.provider.state import ProviderState


def device_code(state: ProviderState, asking: Asking, moment: Moment) -> tuple[ProviderState, dict[str, Any]]:
    """The token response once the person has said yes. Source: RFC 8628 section 3.5."""
    client, form = asking.client, asking.form
    value = form.get("device_code")
    if value is None:
        raise Denied("invalid_request", "the parameter device_code is missing")
    done, item = answer_to_poll(
        state.device_codes,
        value,
        client_id=client.id,
        what="device code",
        kept=lambda items: changed(state, device_codes=items),
        moment=moment,
    )
    check_verifier(item.code_challenge, item.code_challenge_method, form.get("code_verifier"))
    grant = done.grants[item.grant_id]
    audience = narrowed_audience(done, grant, form)
    return issue(done, grant, scopes=grant.scopes, audience=audience, moment=moment, confirmation=asking.confirmation)
