"""JWTs that no careful server would make, and that those who read one have to bear."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any


def unsound_jwt(claims: Mapping[str, Any], header: Mapping[str, Any]) -> str:
    """A compact JWT with an empty signature; numbers that JSON does not know stand in it as Python writes them: `NaN`, `Infinity`."""
    parts = (base64.urlsafe_b64encode(json.dumps(dict(part)).encode()).rstrip(b"=").decode() for part in (header, claims))
    return ".".join((*parts, ""))
