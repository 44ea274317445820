"""The page of approvals: what clients ask a person who is elsewhere.

Here: HTML with every value escaped. Not here: when a page is due (`backchannel`).
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from oauthctl.http import Response
from oauthctl.provider.pages import heading, hidden, page
from oauthctl.provider.records import BackchannelRequest


def approvals_page(
    server: str,
    *,
    action: str,
    csrf: str,
    username: str,
    requests: tuple[tuple[BackchannelRequest, str], ...],
    meanings: Mapping[str, str],
) -> Response:
    """Each request with its client's name, binding message and scopes, and two buttons. Source: CIBA Core section 7.1."""
    listed = "".join(_request(action, csrf, item, client, meanings) for item, client in requests)
    content = heading(server, "Waiting for your answer", f"Signed in as <strong>{escape(username)}</strong>") + (
        listed or "<p>Nothing waits for you. Load this page again when an application says that it asked you.</p>"
    )
    return page(f"Waiting for your answer \u2013 {server}", content)


def _request(action: str, csrf: str, item: BackchannelRequest, client: str, meanings: Mapping[str, str]) -> str:
    rows = "".join(f"<li><span>{escape(meanings.get(scope, scope))}</span><code>{escape(scope)}</code></li>" for scope in item.scopes)
    message = item.binding_message
    shown = f"<p>The other device has to show <strong><code>{escape(message)}</code></strong>.</p>" if message else ""
    return (
        f"<h2>{escape(client)} asks to</h2><ul>{rows}</ul>{shown}"
        f'<form method="post" action="{escape(action)}">{hidden({"step": "decide", "csrf": csrf, "number": item.number})}'
        '<div class="buttons"><button class="primary" name="decision" value="allow">Allow</button>'
        '<button name="decision" value="deny">Deny</button></div></form>'
    )
