"""The person's browser: whether there is one here, opening it, and the way around when there is none.

Here: reading the surroundings, starting the browser. Not here: what it brings back (`callback`).
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from oauthctl.errors import ConfigError
from oauthctl.shell.redirect_uri import read_redirect_uri

_CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")
_NO_BROWSER = frozenset({"none", "false", "true", "/bin/true", "/bin/false", "/usr/bin/true", "/usr/bin/false", ":"})


def why_no_browser(environ: Mapping[str, str], platform: str = sys.platform, *, root: Path = Path("/")) -> str:
    """Why no browser can be opened here (`this is an SSH session`), or an empty string.

    `BROWSER` says that there is one, unless it is `none`. `root` is where the marks of a container are looked for.
    """
    named = environ.get("BROWSER", "").strip()
    if named:
        return f"`BROWSER` is `{named}`" if named.lower() in _NO_BROWSER else ""
    if environ.get("CI", "").lower() not in ("", "0", "false"):
        return "this is a CI job"
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return "this is an SSH session"
    if environ.get("KUBERNETES_SERVICE_HOST"):
        return "this is a Kubernetes pod"
    if not platform.startswith("linux") or is_wsl(environ) or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return ""
    in_container = environ.get("container") or any((root / mark.lstrip("/")).exists() for mark in _CONTAINER_MARKS)
    return "this is a container" if in_container else "there is no display"


def is_wsl(environ: Mapping[str, str]) -> bool:
    """Whether this is Linux within Windows, whose browser can be opened from here."""
    return bool(environ.get("WSL_DISTRO_NAME") or environ.get("WSL_INTEROP"))


def open_url(url: str, environ: Mapping[str, str]) -> bool:
    """Start the browser with this URL; false when none could be started. Returns at once.

    A process between us and the browser has no terminal: nothing that it prints reaches ours, and a text browser can't take it from us.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        return False
    try:
        process = subprocess.Popen(
            _command(url, environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in environ.items() if not name.startswith("OAUTHCTL_")},
            start_new_session=True,
        )
    except OSError:
        return False
    # Whether it worked is known late or never (some browsers run as long as their window); the URL stands on the terminal anyway.
    threading.Thread(target=process.wait, name="browser", daemon=True).start()
    return True


def _command(url: str, environ: Mapping[str, str]) -> list[str]:
    if is_wsl(environ) and not environ.get("BROWSER"):
        return ["rundll32.exe", "url.dll,FileProtocolHandler", url]
    # Isolated (-I), so that a file called webbrowser.py in this folder is not run in place of the real one.
    return [sys.executable, "-I", "-c", "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))", url]


def ssh_hint(redirect_uri: str, environ: Mapping[str, str]) -> str:
    """The command that, typed on the person's own machine, brings the browser's answer here; empty when it would be of no use.

    The user and host are what the SSH session itself tells (`SSH_CONNECTION` holds the address that the person connected to).
    """
    try:
        uri = read_redirect_uri(redirect_uri)
    except ConfigError:
        return ""
    if not uri.port:
        return ""
    there = f"[{uri.addresses[0]}]" if ":" in uri.addresses[0] else uri.addresses[0]
    parts = environ.get("SSH_CONNECTION", "").split()
    host = parts[2] if len(parts) == 4 else environ.get("HOSTNAME", "") or "HOST"
    user = environ.get("USER") or environ.get("LOGNAME") or "USER"
    ssh_port = f" -p {parts[3]}" if len(parts) == 4 and parts[3] != "22" else ""
    return f"ssh -N -L {uri.port}:{there}:{uri.port}{ssh_port} {user}@{host}"
