"""`Moment`: the time and the randomness of one request, and who is at the other end of the connection, brought by hand.

Here: the value and the tokens that are derived from it. Not here: where time and randomness come from (`shell.running_provider`).
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """When a request is handled, in aware UTC, and 32 bytes of entropy that no other request gets.

    `certificate` is the one (DER) that the other side showed and proved in the TLS handshake; empty without one. It stands here and not in
    the request, since a request is what anybody may write.
    """

    now: datetime
    entropy: bytes = field(repr=False)
    certificate: bytes = field(default=b"", repr=False)

    def token(self, purpose: str) -> str:
        """An unguessable text of 43 characters, another one for each purpose; the same purpose gives the same text again."""
        return base64url(hmac.digest(self.entropy, purpose.encode(), "sha256"))

    @property
    def seconds(self) -> float:
        """The time as a JWT writes it, seconds since the epoch."""
        return self.now.timestamp()


def base64url(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def digest(text: str) -> str:
    """What the state keeps in place of a code, a token or a cookie: its SHA-256.

    Looking up a digest says nothing about the secret by its timing, and a state that is printed gives no secret away.
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
