"""Secrets in sentences: `password=… wrong for alice`, `token … is expired`.

Here: values behind the words that announce a secret, in what servers and logs say. Not here: parameters, members and headers
(`secret_places`). A value must look like a secret: error codes, numbers and words of the language stay, for they tell what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from oauthctl.record.server_words import is_server_word

_OPEN = r"(?:\\?[\"'`]|[\[(<\u201c\u2018])?"
_VALUE = r"(?P<value>[A-Za-z0-9+/_~!$*-](?:[A-Za-z0-9+/_~!$*.-]{0,4095}[A-Za-z0-9+/_~!$*-])?={0,2})"
_ANNOUNCED = re.compile(
    r"(?P<before>(?<![A-Za-z0-9])(?P<name>password|passwd|passphrase|pwd|secret|token|code|assertion"
    r"|(?:api|access|secret|shared|private|subscription)[_ -]?key)"
    rf"(?P<between>\s?[=:]\s?|\s(?:(?:is|was|value)\s)?){_OPEN}){_VALUE}",
    re.IGNORECASE,
)
_PASSWORDS = ("password", "passwd", "passphrase", "pwd")
_LEAST, _LEAST_OF_A_PASSWORD = 12, 6
_HEX = re.compile(r"[0-9a-fA-F]{24,}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# A token or a code may have such an id beside it; a secret is never called by one.
_OPENING = ("secret", "api", "access", "private", "subscription", "shared", *_PASSWORDS)


def rewrite_prose(text: str, substitute: Callable[[str, str], str]) -> str:
    """The sentences with the secrets that they spell out replaced."""

    def replaced(match: re.Match[str]) -> str:
        name, value = match["name"].lower(), match["value"]
        if not (_is_secret(value, is_assigned_password=match["between"] in ("=", ":") and name in _PASSWORDS) or _is_opening(name, value)):
            return match[0]
        return match["before"] + substitute(name.replace(" ", "_").replace("-", "_"), value)

    return _ANNOUNCED.sub(replaced, text)


def _is_secret(value: str, *, is_assigned_password: bool) -> bool:
    # A JWT loses its signature elsewhere, and keeps what can be decoded.
    if value.startswith("redacted-") or (value.startswith("ey") and "." in value):
        return False
    if is_assigned_password:
        return len(value) >= _LEAST_OF_A_PASSWORD and not is_server_word(value) and any(one.isalnum() for one in value)
    if _HEX.fullmatch(value):
        return any(one.isdigit() for one in value)
    return len(value) >= _LEAST and _is_mixed(value)


def _is_opening(name: str, value: str) -> bool:
    """Whether it is what opens something, right behind the word for that: short ones, and ids that serve as a secret, too."""
    if not name.startswith(_OPENING):
        return False
    return _UUID.fullmatch(value) is not None or (len(value) >= _LEAST_OF_A_PASSWORD and _is_mixed(value) and value.isalnum())


def _is_mixed(value: str) -> bool:
    """Whether small and capital letters and digits stand in it as in no word or name: `Zx9kQ2…`, and not `AADSTS50011`."""
    kinds = (any(one.islower() for one in value), any(one.isupper() for one in value), any(one.isdigit() for one in value))
    return all(kinds) and "://" not in value and not value.startswith("/")
