"""A request as a curl command, quoted for a POSIX shell.

Here: the command's text. Not here: sending.
"""

from __future__ import annotations

import base64
from shlex import quote

from oauthctl.http import Request
from oauthctl.views.masked import masked_body, masked_header, masked_url

_GLOBS = frozenset("[]{}")


def curl_command(request: Request, *, show_secrets: bool = False) -> str:
    """The command on several lines, each but the last ending in a backslash; secrets are masked unless `show_secrets`."""
    kind = request.headers.get("content-type") or ""
    url = request.url if show_secrets else masked_url(request.url)
    words = ["curl", *_method(request)]
    if _GLOBS & set(url):
        words.append("--globoff")
    lines = [" ".join((*words, _url(url)))]
    for name, value in request.headers:
        shown = value if show_secrets else masked_header(name, value)
        # `Name;` is how curl is told to send a header without a value.
        lines.append(f"-H {quote(f'{name}: {shown}' if shown.strip() else f'{name};')}")
    if not request.body:
        return " \\\n  ".join(lines)
    if not kind:
        # Without this curl labels every body as a form.
        lines.append("-H 'Content-Type:'")
    text = _text(request.body)
    if text is None:
        encoded = base64.b64encode(request.body).decode("ascii")
        return f"printf %s {quote(encoded)} | base64 -d | " + " \\\n  ".join((*lines, "--data-binary @-"))
    lines.append(f"--data-raw {quote(text if show_secrets else masked_body(text, kind))}")
    return " \\\n  ".join(lines)


def _method(request: Request) -> tuple[str, ...]:
    if request.method == "HEAD" and not request.body:
        return ("--head",)
    usual = "POST" if request.body else "GET"
    return () if request.method == usual else ("-X", quote(request.method))


def _url(url: str) -> str:
    return f"--url {quote(url)}" if url.startswith("-") else quote(url)


def _text(body: bytes) -> str | None:
    """The body as an argument of a command; None for bytes that no argument can hold."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
