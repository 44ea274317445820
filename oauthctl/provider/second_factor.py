"""The second factor: a code beside the password, for who asks for the level `second-factor`.

Here: when it is due, its page, its answer, the level that a sign-in reached. Not here: passwords (`signin`), who needs the level (`api`).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import replace
from html import escape

from oauthctl.http import Response
from oauthctl.provider.api_parts import SECOND_FACTOR
from oauthctl.provider.claims_request import values_of
from oauthctl.provider.moment import Moment
from oauthctl.provider.pages import form_target, heading, hidden, page
from oauthctl.provider.records import BrowserSession
from oauthctl.provider.request import Asked
from oauthctl.provider.state import ProviderState

ENDPOINT = "sign-in"
CODE = "123456"
"""The same for everybody, and on the page: nothing is to be kept safe here, only practised."""


def is_due(state: ProviderState, session: BrowserSession, asked: Asked) -> bool:
    """Whether the first level that is wanted, and known here, is the one that this sign-in has not reached.

    Source: OpenID Connect Core 1.0 section 3.1.2.1: `acr_values` are in order of preference.
    """
    first = next((value for value in wanted(asked) if value in state.acr_values), "")
    return first == SECOND_FACTOR and session.acr != SECOND_FACTOR


def reached(state: ProviderState, session: BrowserSession, asked: Asked) -> str:
    """The `acr` of the answer: the first that is wanted and was reached, else what was reached."""
    known = [value for value in state.acr_values if value != SECOND_FACTOR or session.acr == SECOND_FACTOR]
    return next((value for value in wanted(asked) if value in known), session.acr or state.acr_values[0])


def wanted(asked: Asked) -> tuple[str, ...]:
    """The levels that are asked for, the dearest first."""
    named = (*values_of(asked.claims, "id_token", "acr"), *asked.get("acr_values").split())
    # Source: OpenID Connect Dynamic Client Registration 1.0 section 2: what a request says overrides what was registered.
    return named or asked.client.default_acr_values


def code_page(server: str, *, action: str, csrf: str, client: str, problem: str = "", form_targets: Iterable[str] = ()) -> Response:
    """The form for the code."""
    alert = f'<p class="alert" role="alert">{escape(problem)}</p>' if problem else ""
    content = (
        heading(server, "One more step", f"<strong>{escape(client)}</strong> asks for a stronger sign-in.")
        + alert
        + f"<p>This is for practice: the code is <strong><code>{CODE}</code></strong>.</p>"
        + f'<form method="post" action="{escape(action)}">{hidden({"step": "second-factor", "csrf": csrf})}'
        '<label for="code">Code</label><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus>'
        '<div class="buttons"><button class="primary" name="decision" value="allow">Continue</button>'
        '<button name="decision" value="deny" formnovalidate>Cancel</button></div></form>'
    )
    return page(f"One more step \u2013 {server}", content, status=403 if problem else 200, form_targets=form_targets)


def code_form(state: ProviderState, asked: Asked, *, action: str, csrf: str, problem: str = "") -> Response:
    """The page for this request."""
    return code_page(
        state.name,
        action=action,
        csrf=csrf,
        client=asked.client.name or asked.client.id,
        problem=problem,
        form_targets=(form_target(asked.target.redirect_uri),),
    )


def with_code(state: ProviderState, key: str, code: str, *, client_id: str, moment: Moment) -> tuple[ProviderState, bool]:
    """The state in which this session has reached the level, and whether the code was right."""
    session = state.sessions[key]
    if not hmac.compare_digest(code.strip().encode("utf-8", "surrogatepass"), CODE.encode()):
        reason = f"wrong code, for {client_id}"
        return state.logged(moment, ENDPOINT, session.username, error="access_denied", reason=reason), False
    state = state.with_session(key, replace(session, acr=SECOND_FACTOR))
    return state.logged(moment, ENDPOINT, session.username, reason=f"gave the second factor for {client_id}"), True
