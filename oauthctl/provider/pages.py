"""The pages that a person sees.

Here: HTML with every value escaped, and the headers that keep it in its place. Not here: when a page is due.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from html import escape, unescape
from urllib.parse import urlsplit

from oauthctl.http import Headers, Params, Response
from oauthctl.provider.answers import NO_STORE
from oauthctl.provider.style import STYLE

FORM_POST_SCRIPT = b"document.forms[0].submit();\n"
_STYLE_HASH = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# Source: Content Security Policy Level 3 section 2.3.1: `host-source`.
_SOURCE_HOST = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]+)?")
# Source: Unicode Standard Annex #9 section 2: characters that change the direction of others; beside them the control characters.
_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
_FORM = re.compile(rf'<form method="post" action="(?P<action>[^"]*)">(?P<fields>(?:{_FIELD.pattern})*)')


def page(
    title: str,
    content: str,
    *,
    status: int = 200,
    form_targets: Iterable[str] = (),
    script: str = "",
    is_wide: bool = False,
    has_frames: bool = False,
    is_framed: bool = False,
    is_exact: bool = False,
) -> Response:
    """A whole page. `content` is HTML whose values are escaped already; `form_targets` are where its forms may lead, besides ourselves.

    `has_frames` lets it have frames of ours, and `is_framed` is for what stands in one. What can't be seen, or turns the text around it, is
    shown as U+FFFD; `is_exact` leaves that as it is, where a form has to post it so.
    """
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{_STYLE_HASH}'",
            "script-src 'self'" if script else "script-src 'none'",
            " ".join(("form-action 'self'", *form_targets)),
            *(("frame-src 'self'",) if has_frames else ()),
            "base-uri 'none'",
            "frame-ancestors 'self'" if is_framed else "frame-ancestors 'none'",
        )
    )
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", policy),
        ("X-Frame-Options", "SAMEORIGIN" if is_framed else "DENY"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        *NO_STORE,
    )
    tail = f'<script src="{escape(script)}"></script>' if script else ""
    kind = ' class="frame"' if is_framed else ' class="wide"' if is_wide else ""
    html = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body{kind}><main{kind}>{content}</main>{tail}</body></html>\n"
    )
    return Response(status, Headers(headers), (html if is_exact else _UNSEEN.sub("\ufffd", html)).encode("utf-8", "replace"))


def form_target(redirect_uri: str) -> str:
    """The redirect URI as a source of `form-action`, since browsers hold the redirect that answers a form against it as well."""
    parts = urlsplit(redirect_uri)
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme}:"
    # CSP knows no IPv6 literals: a source with one would never match. A host with a `;` would end the directive.
    return f"{parts.scheme}://{parts.netloc}" if _SOURCE_HOST.fullmatch(parts.netloc) else f"{parts.scheme}:"


def hidden(fields: Mapping[str, str] | Params) -> str:
    """Hidden fields of a form."""
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    return "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in pairs)


def heading(server: str, title: str, lead: str) -> str:
    """The head of a card: which server this is, what it wants. `lead` is HTML."""
    return f'<header><p class="server">{escape(server)}</p><h1>{escape(title)}</h1><p class="lead">{lead}</p></header>'


def literals(text: str) -> str:
    """What stands between backticks as code, all of it escaped."""
    return "".join(f"<code>{escape(part)}</code>" if at % 2 else escape(part) for at, part in enumerate(text.split("`")))


def sign_in_page(
    server: str,
    *,
    action: str,
    client: str,
    csrf: str,
    username: str = "",
    current: str = "",
    problem: str = "",
    may_sign_up: bool = False,
    form_targets: Iterable[str] = (),
) -> Response:
    """The sign-in form. `current` is who is signed in already and may go on with one click."""
    alert = f'<p class="alert" role="alert">{escape(problem)}</p>' if problem else ""
    fields = hidden({"step": "sign-in", "csrf": csrf})
    where = "" if username else " autofocus"
    then = " autofocus" if username else ""
    go_on = (
        f'<form method="post" action="{escape(action)}">{hidden({"step": "continue", "csrf": csrf})}'
        f'<button class="primary">Continue as {escape(current)}</button></form><p class="or">or use another account</p>'
        if current
        else ""
    )
    content = (
        heading(server, "Sign in", f"to continue to <strong>{escape(client)}</strong>")
        + alert
        + go_on
        + f'<form method="post" action="{escape(action)}">{fields}'
        f'<label for="username">Username</label><input id="username" name="username" value="{escape(username)}" autocomplete="username"'
        f' autocapitalize="none" spellcheck="false" required{where}>'
        '<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password"'
        f" required{then}>"
        '<div class="buttons"><button class="primary" name="decision" value="allow">Sign in</button>'
        '<button name="decision" value="deny" formnovalidate>Cancel</button></div>'
        + (
            '<p class="or">or, with a new username and password,</p><button name="decision" value="sign-up">Create an account</button>'
            if may_sign_up
            else ""
        )
        + "</form>"
    )
    return page(f"Sign in – {server}", content, status=403 if problem else 200, form_targets=form_targets)


def consent_page(
    server: str,
    *,
    action: str,
    client: str,
    csrf: str,
    username: str,
    scopes: Mapping[str, str],
    redirect_uri: str,
    details: Iterable[tuple[str, str]] = (),
    claims: Iterable[str] = (),
    form_targets: Iterable[str] = (),
) -> Response:
    """The question whether the client may have these scopes; `scopes` gives each one's meaning.

    `details` are objects of `authorization_details`, what the type means and the members as text; `claims` are wanted one by one.
    """
    rows = "".join(f"<li><span>{escape(meaning)}</span><code>{escape(scope)}</code></li>" for scope, meaning in scopes.items())
    rows += "".join(f"<li><span>{escape(meaning)}</span><pre>{escape(text)}</pre></li>" for meaning, text in details)
    rows += "".join(f"<li><span>Know this about you</span><code>{escape(name)}</code></li>" for name in claims)
    listed = f"<h2>It asks to</h2><ul>{rows}</ul>" if rows else "<p>It asks for nothing but to know that you agree.</p>"
    content = (
        heading(server, "Allow access?", f"<strong>{escape(client)}</strong> wants to use your account <strong>{escape(username)}</strong>")
        + listed
        + f'<p class="fine">The answer goes to <code>{escape(redirect_uri)}</code></p>'
        f'<form method="post" action="{escape(action)}">{hidden({"step": "consent", "csrf": csrf})}'
        '<div class="buttons"><button class="primary" name="decision" value="allow">Allow</button>'
        '<button name="decision" value="deny">Deny</button></div></form>'
    )
    return page(f"Allow access? – {server}", content, form_targets=form_targets)


def error_page(
    server: str, error: str, description: str, *, status: int = 400, facts: Mapping[str, tuple[str, ...]] | None = None, log: str = ""
) -> Response:
    """An error that must not be sent to the client, because nothing says that the client is who it claims to be.

    `facts` are what the request said, and what would have been right; `log` is where the log can be read.
    """
    logged = f'<a href="{escape(log)}">has logged the error</a>' if log else "has logged the error"
    rows = "".join(
        f"<dt>{escape(name)}</dt>" + "".join(f"<dd><code>{escape(value)}</code></dd>" for value in values)
        for name, values in (facts or {}).items()
        if values
    )
    content = (
        heading(server, "This request can't go on", "You were not sent back to the application, because its request can't be trusted.")
        + f'<p class="alert" role="alert">{escape(description[:1].upper() + description[1:])}. <code>{escape(error)}</code></p>'
        + (f"<dl>{rows}</dl>" if rows else "")
        + f'<p class="fine">Close this page and start again from the application. The provider {logged}.</p>'
    )
    return page(f"Error – {server}", content, status=status)


def missing_page(server: str, title: str, text: str, *, status: int, start: str) -> Response:
    """A page for an address, or a method, that does not exist; `start` is where the start page is."""
    back = f'<p><a href="{escape(start)}">Go to the start page</a></p>'
    return page(f"{title} – {server}", heading(server, title, escape(text)) + back, status=status)


def form_post_page(server: str, *, action: str, params: Params, script: str) -> Response:
    """The page that posts an answer to the client by itself.

    Source: OAuth 2.0 Form Post Response Mode section 2.
    """
    content = (
        heading(server, "Going back", "You are on your way back to the application.")
        + f'<form method="post" action="{escape(action)}">{hidden(params)}<button class="primary">Continue</button></form>'
    )
    return page(f"Going back – {server}", content, form_targets=(form_target(action),), script=script, is_exact=True)


def posted_by(response: Response, *, script: str) -> tuple[str, Params] | None:
    """Where a `form_post_page` leads, and what it posts; None of every other response."""
    html = response.body.decode("utf-8", "replace") if response.content_type == "text/html" else ""
    form = _FORM.search(html)
    if form is None or f'<script src="{escape(script)}"></script>' not in html:
        return None
    pairs = tuple((unescape(name), unescape(value)) for name, value in _FIELD.findall(form["fields"]))
    return unescape(form["action"]), Params(pairs)


def sign_out_page(server: str, *, action: str, client: str, csrf: str, form_targets: Iterable[str] = ()) -> Response:
    """The question whether the person wants to sign out."""
    lead = f"<strong>{escape(client)}</strong> asks to sign you out here." if client else "An application asks to sign you out here."
    content = (
        heading(server, "Sign out?", lead) + f'<form method="post" action="{escape(action)}">{hidden({"csrf": csrf})}'
        '<div class="buttons"><button class="primary" name="decision" value="allow">Sign out</button>'
        '<button name="decision" value="deny">Stay signed in</button></div></form>'
    )
    return page(f"Sign out? – {server}", content, form_targets=form_targets)


def notice_page(server: str, title: str, text: str) -> Response:
    """A page that only says something."""
    return page(f"{title} – {server}", heading(server, title, escape(text)))
