"""What is to be compared of a value, told by the name of its parameter.

Here: which names stand for values that are random by nature, moments, spans of time, lists of words. Not here: comparing
(`difference_values`).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from oauthctl.record.secret_names import is_secret_name


class Nature(StrEnum):
    """What of a value may tell: all of it, or less."""

    PLAIN = "plain"
    RANDOM = "random"
    """Another one each time: only whether it is there, and its form."""
    SECRET = "secret"
    """Another one each time, and hidden."""
    LASTING_SECRET = "lasting-secret"
    """Hidden, and the same each time: fingerprints tell whether it is."""
    MOMENT = "moment"
    SPAN = "span"
    WORDS = "words"
    """Words apart by spaces, whose order means nothing."""
    PROSE = "prose"
    """Words for people, with numbers of incidents in them."""


_RANDOM = frozenset(
    re.split(
        r"\s+",
        "state nonce code_challenge jti sid session_state user_code verification_uri_complete auth_req_id at_hash c_hash s_hash ath"
        " trace_id correlation_id request_id uti rh aio xms_st tx_id txn kid jwk request_uri client-request-id x-client-request-id"
        " session_id sub_jwk x5t x5t#s256 cnf interaction flow iv tag epk p2s apu apv execution tab_id session_code auth_session_id"
        " relaystate dpop-nonce _csrf client_data signed_metadata samlrequest registration_client_uri client_info x-ms-request-id",
    )
)
_MOMENTS = frozenset(
    re.split(
        r"\s+",
        "exp iat nbf auth_time updated_at toe client_id_issued_at client_secret_expires_at expires_at expires_on not_before issued_at"
        " timestamp last_updated created_at",
    )
)
_SPANS = frozenset(("expires_in", "ext_expires_in", "refresh_token_expires_in", "refresh_expires_in"))
_WORDS = frozenset(("scope", "scp", "prompt", "ui_locales", "claims_locales", "response_type"))
# Set once and the same in every run.
_LASTING = frozenset(("client_secret", "password", "passwd", "pwd", "api_key", "apikey"))
_LIKE_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_\-~+/=%.]{16,}")


def nature_of(name: str, *, is_declared: bool, values: tuple[Any, ...] = ()) -> Nature:
    """What is to be compared of a parameter of this name; one that nobody declared is random when all its values look so."""
    lower = name.lower()
    if lower in _LASTING:
        return Nature.LASTING_SECRET
    if is_secret_name(name):
        return Nature.SECRET
    if lower in _RANDOM:
        return Nature.RANDOM
    if lower in _MOMENTS:
        return Nature.MOMENT
    if lower in _SPANS:
        return Nature.SPAN
    if lower in _WORDS:
        return Nature.WORDS
    if lower.endswith("description"):
        return Nature.PROSE
    if not is_declared and values and all(isinstance(value, str) and _LIKE_RANDOM.fullmatch(value) for value in values):
        return Nature.RANDOM
    return Nature.PLAIN


_ESCAPED = re.compile(r"%(?:25)?[0-9A-Fa-f]{2}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_HEX = re.compile(r"[0-9a-fA-F]{16,}")


def form_of(value: str) -> str:
    """The form of a value that is random: what may tell although the value does not."""
    if not value:
        return "empty"
    if value != value.strip() or any(character.isspace() for character in value):
        return "with blanks"
    if _HEX.fullmatch(value):
        return "hexadecimal"
    if _BASE64.fullmatch(value) and ("=" in value or "+" in value or "/" in value):
        return "base64 with `+`, `/` or `=`"
    if _ESCAPED.search(value):
        return "percent-encoded"
    return "plain"


def length_class(value: str) -> str:
    """Roughly how long a random value is; one that is short can be guessed."""
    return "short" if len(value) < 8 else "long"
