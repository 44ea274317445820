"""What can go wrong, told apart by what the person can do about it.

Here: the error kinds and their exit codes, the question that many a `help` asks. Not here: how an error is printed (`cli/output.py`), and
OAuth's own `error` values, which are data and never classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes, the same for all commands."""

    DONE = 0
    NO = 1
    USAGE = 2
    UNKNOWN = 3
    REFUSED = 4
    BUG = 70
    INTERRUPTED = 130


class OauthctlError(Exception):
    """A failure that the person is told about in full sentences, without a traceback.

    `message` is lower case, without a full stop, literals in backticks; it never holds a secret. `slug` names the root cause
    (`state-mismatch`), `where` the exchange and place (`exchange 3, callback GET /callback`), `sent` and `got` are shown under it,
    `spec` is the clause (`RFC 6749 section 10.12`), `notes` are the context, `help` is what to type next, `data` more facts for `--json`.
    """

    exit_code: ExitCode = ExitCode.BUG

    def __init__(
        self,
        message: str,
        *,
        slug: str = "",
        where: str = "",
        sent: str = "",
        got: str = "",
        spec: str = "",
        notes: tuple[str, ...] = (),
        help: str = "",  # noqa: A002 - the word that the person reads
        data: dict[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.slug = slug
        self.where = where
        self.sent = sent
        self.got = got
        self.spec = spec
        self.notes = notes
        self.help = help
        self.data = data or {}


class ConfigError(OauthctlError):
    """The command line, the environment or a profile asks for something that cannot be."""

    exit_code = ExitCode.USAGE


class StoreError(OauthctlError):
    """A file of ours can't be read or written."""

    exit_code = ExitCode.USAGE


class Unreachable(OauthctlError):
    """No connection came about: refused, reset, name unknown, TLS not trusted."""

    exit_code = ExitCode.UNKNOWN


class NoAnswer(OauthctlError):
    """Nobody answered in time: a server, or the person at the browser."""

    exit_code = ExitCode.UNKNOWN


class BadAnswer(OauthctlError):
    """An answer came and can't be used: HTML for JSON, a wrong issuer, a forged ID token."""

    exit_code = ExitCode.UNKNOWN


class NothingToCheck(OauthctlError):
    """There is nothing yet that could be judged."""

    exit_code = ExitCode.UNKNOWN


class Refused(OauthctlError):
    """The server answered with a clear no."""

    exit_code = ExitCode.REFUSED


class CheckFailed(OauthctlError):
    """A check was made and its answer is no."""

    exit_code = ExitCode.NO


def did_you_mean(names: Sequence[str]) -> str:
    """The question for a `help`, with these names in it; empty without any."""
    return f"did you mean {' or '.join(f'`{name}`' for name in names)}?" if names else ""
