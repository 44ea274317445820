"""Which names secrets have: of parameters, members, variables, keys of a store.

Here: telling such a name in the spelling of forms, of JavaScript and of headers. Not here: where secrets stand (`secret_places`,
`secret_assignments`).
"""

from __future__ import annotations

import re

from oauthctl.messages.every import MESSAGES
from oauthctl.messages.param import secret_names

_DECLARED = secret_names(*MESSAGES)
# What people and other programs send: sign-in forms, sessions, second factors, SAML, CAS, API keys, signatures of clouds, what opens a
# wallet or an account.
_UNDECLARED = frozenset(
    re.split(
        r"\s+",
        "pass passwd pwd passphrase passcode security_answer credential credentials auth bearer jwt pin ssn card_number cvv cvc"
        " otp totp hotp one_time_code mfa_code otp_code tfa_code sms_code two_factor_code security_code access_code verification_code"
        " backup_code backup_codes recovery_code recovery_codes auth_code seed seed_phrase mnemonic"
        " session_id sessionid phpsessid jsessionid csrf _csrf xsrf _xsrf login_verifier consent_verifier logout_token samlresponse ticket"
        " accesstoken refreshtoken idtoken tkn apikey connection_string connectionstring sig x_amz_signature x_goog_signature",
    )
)
_ENDINGS = ("password", "secret", "token")
# Not each key is a secret: `publicKey`, `partitionKey`.
_SECRET_KEY = re.compile(
    r"(?:.*_)?(?:api|hmac|license|dpop|access|secret|private|subscription|signing|encryption|client|master|account|shared|auth|session)_key"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-.]")
# Where the next page or the next changes begin: it opens nothing without a token. Names as APIs of Google, Microsoft and Amazon have them.
_CURSOR = re.compile(r"\$?(?:.*_)?(?:page|pagination|continuation|sync|delta|skip|cursor)_?token")
# Members of every error document in the world have these names too, hence a value must look like a secret there.
_AMBIGUOUS = frozenset(("code", "token", "response", "request", "ticket", "auth", "credentials", "seed", "sig"))
# So vague that only a single word without a plain meaning counts.
_VAGUE = frozenset(("auth", "credentials", "seed"))
_WORDS = re.compile(r"[A-Za-z_.\- ]*|\d{1,5}")
# An HTTP status, a country, a currency: no server makes so short a code.
_STATUS_OR_LAND = re.compile(r"[1-5]\d\d|[A-Z]{2,3}")


def is_secret_name(name: str) -> bool:
    """Whether a parameter of this name holds a secret: `client_secret`, `sessionToken`, `Subscription-Key`."""
    # As frameworks name a part of a form: `user[password]`.
    name = name[:-1].rpartition("[")[2] if name.endswith("]") else name
    lower = name.lower()
    words = in_words(name)
    if _CURSOR.fullmatch(words):
        return False
    if lower in _DECLARED or lower in _UNDECLARED or lower.endswith(_ENDINGS):
        return True
    return words in _DECLARED or words in _UNDECLARED or _SECRET_KEY.fullmatch(words) is not None


def in_words(name: str) -> str:
    """A name in small letters, its words apart by `_`: `accessToken` and `Access-Token` are `access_token`."""
    return _CAMEL.sub("_", name).lower()


def is_name_itself(text: str) -> bool:
    """Whether a text is itself the name of a parameter or the word that such names end with, and not only made like one."""
    lower = text.lower()
    return lower in _DECLARED or lower in _UNDECLARED or lower in _ENDINGS


def is_vague(name: str) -> bool:
    """Whether the name says too little: `auth` is a method, a document or a secret."""
    return name.lower() in _VAGUE


def is_ambiguous(name: str) -> bool:
    """Whether other things than secrets are called so, too: an error's `code`."""
    return name.lower() in _AMBIGUOUS


def is_status_or_land(name: str, value: str) -> bool:
    """Whether a query's `code` is what an API asks for by it: `?code=404`, `?code=DE`."""
    return name == "code" and _STATUS_OR_LAND.fullmatch(value) is not None


def says_nothing(name: str, value: str) -> bool:
    """Whether a value of this name is a word or a short number, such as an error's code, and no secret."""
    return is_ambiguous(name) and _WORDS.fullmatch(value) is not None
