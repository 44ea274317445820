"""TOML files that people write and name.

Here: reading one as a whole, and what is wrong with its text, in its line. Not here: places in it (`toml_place`), what it may say.
"""

from __future__ import annotations

import re
from typing import Any

from oauthctl.cli.toml_place import Place
from oauthctl.errors import ConfigError


def read_toml(path: str) -> tuple[Place, dict[str, Any]]:
    """What the file says, and the place that all of it stands in.

    Raises: ConfigError, when it can't be read, or is no TOML.
    """
    import tomllib

    from oauthctl.cli.token_input import read_bytes

    content = read_bytes(path)
    try:
        # Editors of Windows begin texts with a byte order mark.
        text = content.decode("utf-8-sig")
        return Place(path, text), tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unusable(path, line, "no UTF-8 text", help_="save it in the encoding UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        # The library tells the place in its sentence alone, as in "Invalid value (at line 2, column 8)".
        problem, _, at = str(error).rpartition(" (at ")
        found = re.fullmatch(r"line (\d+), column (\d+)\)", at)
        line, column = (int(found[1]), f", at column {found[2]}") if found else (text.count("\n") + 1, ", at the end")
        # A way of several names it writes as Python does: `('a', 'b')`.
        problem = re.sub(r"\('([^()]*?)',?\)", lambda way: f"'{way[1]}'".replace("', '", "."), problem)
        said = f"{problem[:1].lower()}{problem[1:]}".replace("'", "`")
        raise _unusable(path, line, f"no TOML: {said}{column}") from None


def _unusable(path: str, line: int, what: str, *, help_: str = "") -> ConfigError:
    return ConfigError(f"`{path}` is {what}", slug="serve-config-unusable", where=f"{path}, line {line}", help=help_)
