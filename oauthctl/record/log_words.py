"""The words of logs: which of them speak of trouble, of a connection, of an error code; and words without their secrets.

Here: vocabulary. Not here: what a line tells (`log_text`), what a provider means by its words (`rules.dialects`).
"""

from __future__ import annotations

import re

from oauthctl.record.secret_names import is_secret_name
from oauthctl.record.server_words import is_server_word

TROUBLE = re.compile(
    r"\b(?:error\w*|\w{0,60}Exception|\w{1,60}Error|fail(?:ed|ure|s)?|invalid|expired|unauthori[sz]ed|forbidden|denied|refused|mismatch\w*"
    r"|malformed|unable|cannot|can't|could not|couldn't|unsupported|rejected|missing|time[d]? ?out|too (?:big|large|many)|reset by peer"
    r"|traceback|fatal|panic|IDX\d{5}|AADSTS\d{4,8}|x509|not (?:valid|found|allowed|trusted|match\w*|verified|registered|supported|active"
    r"|configured|permitted)|does(?:n't| not) (?:match|contain|have|support|exist)|no (?:such|matching)|untrusted"
    r"|bad (?:request|gateway|credentials)|blocked|aren't|isn't|wasn't|warn(?:ing)?|unexpected|unknown|wrong|incorrect|violates"
    r"|not (?:yet|in the form|connected|well)|unsuccessful|[45]\d\d [45]\.\d{1,3}\.\d{1,3}|\w{1,60}ObjectsReturned"
    r"|no (?:applicable|suitable|state|token|session|access|refresh|(?:\w+ )?keys?)|too (?:early|old|late)"
    r"|must (?:use|utilize|be)|premature|detected"
    r"|different (?:provider|from)|expecting|not (?:in|logged)|weak\w*|not secure"
    r"|\w{1,60}_(?:not_found|mismatch)|too long ago"
    r"|before the nbf|Client\.Timeout|awaiting headers|EOF|Mixed Content|in the future|more than \d{1,9} (?:seconds|minutes)"
    r"|\w{1,60}(?:NotFound|Mismatch|Invalid|Timeout|Expired|Malformed|Missing|Denied|Forbidden|NoMatchingKey))\b",
    re.IGNORECASE,
)
"""What makes a line one that somebody pastes for its words."""

TRANSPORT = re.compile(
    r"x509: |tls: |certificate verify failed|CERTIFICATE_VERIFY_FAILED|self[- _]signed certificate|SELF_SIGNED_CERT|PKIX path"
    r"|CERT_HAS_EXPIRED|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPROTO|ERR_TLS_CERT|connection refused|no such host"
    r"|Name or service not known|nodename nor servname|Temporary failure in name resolution|getaddrinfo|UNABLE_TO_(?:VERIFY|GET)"
    r"|certificate has expired|SSLError|unable to (?:verify the first|get local issuer) certificate|i/o timeout|deadline exceeded"
    r"|Client\.Timeout exceeded|awaiting (?:response )?headers|\": EOF\b"
    r"|SSLHandshakeException|UnknownHostException|ConnectException|handshake[_ ]failure|connection timed out|connect timed out"
    r"|Read timed out|SSL_ERROR|WRONG_VERSION_NUMBER|socket hang up|server gave HTTP response to HTTPS client|connection reset by peer"
    r"|The SSL connection could not be established|RemoteCertificate|No route to host"
    r"|ERR_CERT_\w+|ERR_CONNECTION_\w+|ERR_NAME_NOT_RESOLVED|EHOSTUNREACH|ENETUNREACH|Network is unreachable"
    r"|ERR_ADDRESS_UNREACHABLE|ERR_INTERNET_DISCONNECTED",
    re.IGNORECASE,
)
"""What only a connection that came to nothing is told with."""

CODES = re.compile(
    r"(?<![\w/-])(?:"
    r"(?P<token>invalid_grant|invalid_client|unsupported_grant_type|bad_verification_code|incorrect_client_credentials|unauthorized_client"
    r"|invalid_dpop_proof|expired_token|invalid_refresh_token|bad_client_secret|invalid_client_id|invalid_code|AADSTS54005|AADSTS70008"
    r"|AADSTS7000\d{3}|AADSTS700(?!016)\d{2,3}|AADSTS50148|AADSTS9002313|AADSTS90023)"
    r"|(?P<registration>invalid_client_metadata|invalid_software_statement|unapproved_software_statement)"
    r"|(?P<api>invalid_token|insufficient_scope)"
    r"|(?P<authorization>redirect_uri_mismatch|invalid_redirect_uri|access_denied|login_required|consent_required|interaction_required"
    r"|invalid_scope|unsupported_response_type|admin_policy_enforced|org_internal|disallowed_useragent|invalid_request_uri"
    r"|invalid_request_object|invalid_target|AADSTS\d{4,8}|authError|temporarily_unavailable|request_not_supported|request_uri_not_supported"
    r"|account_selection_required|invalid_request|server_error)"
    r")(?![\w/-]|\.\w)"
)
"""The error codes of the protocol and its providers, each under the purpose of the exchange that answers with it."""

_TOKEN = re.compile(r"(?<![\w.-])e[wy][\w-]{8,}\.[\w-]*\.?[\w.~-]*", re.ASCII)
_CREDENTIALS = re.compile(
    r"\b(Bearer|Basic|DPoP|Authorization\\{0,3}[\"']?\s{0,2}[:=]\s{0,2}\\{0,3}[\"']?Token)( |%20|\+)[A-Za-z0-9._~+/-]{8,}=*", re.IGNORECASE
)
# `for code 4/0AX4…`: a value right behind its name that no word looks like.
_BESIDE = re.compile(r"\b(code|token|secret|password|key) ([\"']?)(?=[^\s\"']{0,200}\d)([^\s\"',;]{12,2000})", re.IGNORECASE)
_COOKIES = re.compile(r"\b((?:Set-)?Cookie\\{0,3}[\"']?\s{0,2}[:=]\s{0,2})([^\r\n]{1,8000})", re.IGNORECASE)
_COOKIE = re.compile(r"([^\s=;,\"']{1,80}=)([^\s;,\"']{4,4000})")
_NAME = re.compile(r"(?<![\w-])([A-Za-z_][\w-]{1,60})\\{0,3}[\"']?\s{0,2}(=>|=|:|%3D)\s{0,2}(\\{0,3}[\"'])?")
_VALUE = re.compile(r"[^\s\"'<>\\;,]{1,4000}")
_NEXT_PAIR = re.compile(r"&(?:amp;)?[\w.-]{1,60}=")
_PLAIN_WORD = re.compile(r"[a-z]{1,14}(?:[_ -][a-z]{1,14}){0,5}[.:!]?|\d{1,5}|…")
# `jsonwebtoken: Error(ImmatureSignature)`: a program's name and what it says.
_OUTCOME = re.compile(r"(?:\w{0,40}(?:Error|Exception)|Err|Some|None)(?:\([A-Za-z_]{0,60}\)?)?:?")
_USERINFO = re.compile(r"(//[^/?#@:\s]{0,200}:)[^/?#@\s]{1,200}@")
_AMBIGUOUS = frozenset(("code", "token", "response", "request", "jwt", "bearer", "credential", "pin"))
_SECRET_HEADERS = frozenset(("x-api-key", "api-key", "x-auth-token", "x-access-token", "x-csrf-token", "private-token"))
_LONGEST = 4000


_DETAILS = re.compile(r"(?<=\w)\{([A-Z][^\s{}]{1,200})\}")


def with_spaces(text: str) -> str:
    """The text with a proxy's details as the sentences that they are: `access_denied{Jwt_is_expired}` has no spaces for the columns' sake.

    Source: Envoy, response code details.
    """
    return _DETAILS.sub(lambda match: f"{{{match[1].replace('_', ' ')}}}", text)


def hidden(text: str) -> str:
    """The text with `…` for whatever looks like a secret in it."""
    text = _BESIDE.sub(r"\1 \2…", text)
    text = _COOKIES.sub(lambda match: match[1] + _COOKIE.sub(r"\1…", match[2]), _CREDENTIALS.sub(r"\1\2…", _TOKEN.sub("…", text)))
    parts: list[str] = []
    at = 0
    for match in _NAME.finditer(text):
        if match.start() < at or not (is_secret_name(match[1]) or match[1].lower() in _SECRET_HEADERS):
            continue
        value = _quoted(text, match.end(), match[3]) if match[3] else _bare(text, match.end())
        if value and _is_secret(match[1], match[2], value, is_quoted=bool(match[3])):
            parts += (text[at : match.end()], "…")
            at = match.end() + len(value)
    return _USERINFO.sub(r"\1…@", "".join((*parts, text[at:])))


def _quoted(text: str, start: int, quote: str) -> str:
    """What stands up to the same quote again; the rest of the line where there is none."""
    line_end = text.find("\n", start, start + _LONGEST)
    stop = min(start + _LONGEST, len(text)) if line_end < 0 else line_end
    end = text.find(quote, start, stop)
    return text[start : end if end >= 0 else stop]


def _bare(text: str, start: int) -> str:
    """What stands up to a blank, a quote or the next pair of a form."""
    match = _VALUE.match(text, start)
    if match is None:
        return ""
    following = _NEXT_PAIR.search(match[0])
    return match[0][: following.start()] if following else match[0]


def _is_secret(name: str, sign: str, value: str, *, is_quoted: bool) -> bool:
    if value.startswith('{"'):
        # A token that was taken apart, or a whole answer: its own members are looked at one by one.
        return False
    if len(value) >= 12 and any(character.isdigit() for character in value):
        return True
    if sign == ":" and not is_quoted and (_OUTCOME.fullmatch(value) or is_server_word(value)):
        return False
    # `token: expired` and `code=400` are words of the log, and so is `password: incorrect`.
    if _PLAIN_WORD.fullmatch(value) and (name.lower() in _AMBIGUOUS or (sign == ":" and not is_quoted)):
        return False
    return name.lower() not in _AMBIGUOUS or (sign != ":" and len(value) >= 8) or (is_quoted and len(value) >= 8)
