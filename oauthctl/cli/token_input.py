"""The token that a command looks at: an argument, `@FILE`, or stdin.

Here: getting the text. Not here: finding the tokens in it (`jose.paste`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.output import Output

LIMIT = 16 * 1024 * 1024
"""Characters that are read at most."""


def token_text(out: Output, given: str, *, command: str) -> str:
    """The text that was given: as it is, from a file (`@FILE`), or from stdin (`-`, or nothing when stdin is no terminal).

    Raises `ConfigError` where there is nothing to read from: a person at a terminal who gave no argument is not kept waiting.
    """
    if given.startswith("@"):
        return read_text(given[1:])
    if given and given != "-":
        return given
    stdin = out.terminal.stdin
    if not given and stdin.isatty():
        raise ConfigError(
            "no token was given",
            help=f"pipe it in (`pbpaste | oauthctl {command}`), name a file (`oauthctl {command} @FILE`), or type "
            f"`oauthctl {command} -`, paste it and end with {'Ctrl-Z Enter' if _is_windows() else 'Ctrl-D'}",
        )
    return _bounded(_read_stdin(out), "stdin")


def read_text(path: str) -> str:
    """The text of a file; bytes that are no UTF-8 become U+FFFD."""
    return read_bytes(path).decode("utf-8-sig", "replace")


def read_bytes(path: str, *, limit: int = LIMIT) -> bytes:
    """The bytes of what a person named: a file, or what a pipe or a device gives, such as `<(command)` of a shell."""
    from pathlib import Path

    try:
        with Path(path).open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise ConfigError(f"`{path}` can't be read: {(error.strerror or 'unknown reason').lower()}") from None
    if len(content) > limit:
        raise ConfigError(f"`{path}` holds more than {limit // 1024 // 1024} MiB")
    return content


def _read_stdin(out: Output) -> str:
    stdin = out.terminal.stdin
    # Whatever bytes come: a locale's encoding must not make them an error.
    buffer = getattr(stdin, "buffer", None)
    if buffer is None:
        return stdin.read(LIMIT + 1)
    octets: bytes = buffer.read(LIMIT + 1)
    return octets.decode("utf-8-sig", "replace")


def _bounded(text: str, name: str) -> str:
    if len(text) > LIMIT:
        raise ConfigError(f"{name} gives more than {LIMIT // 1024 // 1024} MiB")
    return text


def _is_windows() -> bool:
    import sys

    return sys.platform == "win32"
