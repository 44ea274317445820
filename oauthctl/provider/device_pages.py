"""The pages of the device authorization grant: typing the code, and deciding.

Here: HTML with every value escaped. Not here: when a page is due (`device`).
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from oauthctl.http import Response
from oauthctl.provider.pages import heading, hidden, page


def code_page(server: str, *, action: str, csrf: str, problem: str = "", status: int = 200) -> Response:
    """The form for the code that a device shows."""
    alert = f'<p class="alert" role="alert">{escape(problem)}</p>' if problem else ""
    content = (
        heading(server, "Connect a device", "Type in the code that the device shows.")
        + alert
        + f'<form method="post" action="{escape(action)}">{hidden({"step": "code", "csrf": csrf})}'
        '<label for="user_code">Code</label><input id="user_code" name="user_code" autocomplete="off" autocapitalize="characters"'
        ' spellcheck="false" required autofocus>'
        '<div class="buttons"><button class="primary">Continue</button></div></form>'
    )
    return page(f"Connect a device \u2013 {server}", content, status=status)


def confirm_page(server: str, *, action: str, csrf: str, client: str, username: str, user_code: str, scopes: Mapping[str, str]) -> Response:
    """The question whether the device may have these scopes. It shows the code, so that the person compares it.

    Source: RFC 8628 sections 3.3.1 and 5.4.
    """
    rows = "".join(f"<li><span>{escape(meaning)}</span><code>{escape(scope)}</code></li>" for scope, meaning in scopes.items())
    lead = f"<strong>{escape(client)}</strong> on another device wants to use your account <strong>{escape(username)}</strong>"
    content = (
        heading(server, "Connect this device?", lead)
        + f"<p>It has to show the code <strong><code>{escape(user_code)}</code></strong>.</p>"
        + '<p class="alert">Say no when somebody sent you this code: they would get the access.</p>'
        + (f"<h2>It asks to</h2><ul>{rows}</ul>" if rows else "")
        + f'<form method="post" action="{escape(action)}">{hidden({"step": "decide", "csrf": csrf})}'
        '<div class="buttons"><button class="primary" name="decision" value="allow">Allow</button>'
        '<button name="decision" value="deny">Deny</button></div></form>'
    )
    return page(f"Connect this device? \u2013 {server}", content)
