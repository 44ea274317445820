"""`Ground`: what A and B may differ in without being different, such as the names of two tenants.

Here: telling a tenant's own parts of URLs from those that all tenants of a product share. Not here: comparing values
(`difference_values`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import quote

from oauthctl.record.difference_values import is_same_listener, parts_of

# A shorter segment, such as `v2`, would be found in the middle of other URLs.
_SHORTEST_SEGMENT = 3
# A name begins where a word does, or after a percent-encoded character.
_BEGIN = "(?:(?<![A-Za-z0-9.-])|(?<=%[0-9A-Fa-f]{2}))"
_IN_PLACE_OF_TENANT = "\ue000{}\ue000"


@dataclass(frozen=True)
class Ground:
    """The issuers of both sides (empty where unknown), and whether one secret has one fingerprint on both."""

    issuer_a: str = ""
    issuer_b: str = ""
    has_common_salt: bool = False
    moments: tuple[float, float] = field(default=(0.0, 0.0))
    """When the messages that are compared were sent, in seconds since the epoch; 0 where nobody knows."""
    tells_parameters: bool = False
    """Whether each parameter of another client authentication is told, and not the method alone: to learn from, not to find a fault."""

    def is_same(self, a: str, b: str) -> bool:
        """Whether two texts are the same for their own sides: the same endpoint of two tenants, the listener of two runs."""
        if a == b or is_same_listener(a, b):
            return True
        return bool(self._tenants) and self._without_tenant(a, 0) == self._without_tenant(b, 1)

    @cached_property
    def _tenants(self) -> tuple[tuple[str, str], ...]:
        """What differs between two issuers that are made alike: `("tenant-a.example", "tenant-b.example")`, the path's segments."""
        first, second = parts_of(self.issuer_a), parts_of(self.issuer_b)
        if first is None or second is None or not first.netloc or not second.netloc:
            return ()
        segments = [first.path.strip("/").split("/"), second.path.strip("/").split("/")]
        if len(segments[0]) != len(segments[1]):
            pairs = [
                (f"{first.netloc}{first.path.rstrip('/')}", f"{second.netloc}{second.path.rstrip('/')}"),
                (first.netloc, second.netloc),
            ]
        else:
            pairs = [(first.netloc, second.netloc), *zip(*segments, strict=True)]
        if first.scheme != second.scheme and first.netloc != second.netloc:
            # A practice server speaks plain http; of one host and the same that would be worth a line.
            pairs.insert(0, (f"{first.scheme}://{pairs[0][0]}", f"{second.scheme}://{pairs[0][1]}"))
        pairs = [pair for pair in pairs if pair[0] != pair[1] and min(map(len, pair)) >= _SHORTEST_SEGMENT]
        return tuple(pairs)

    @cached_property
    def _patterns(self) -> tuple[tuple[tuple[re.Pattern[str], str], ...], ...]:
        def pattern(text: str) -> re.Pattern[str]:
            spelled = "|".join(re.escape(one) for one in dict.fromkeys((text, quote(text, safe=""))))
            return re.compile(rf"{_BEGIN}(?:{spelled})(?![A-Za-z0-9-]|\.[A-Za-z0-9])")

        return tuple(
            tuple((pattern(pair[side]), _IN_PLACE_OF_TENANT.format(number)) for number, pair in enumerate(self._tenants)) for side in (0, 1)
        )

    def _without_tenant(self, text: str, side: int) -> str:
        for pattern, replacement in self._patterns[side]:
            text = pattern.sub(replacement, text)
        return text
