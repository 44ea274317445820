"""The words of logs: which of them speak of trouble, of a connection, of an error code; and words without their secrets.

Here: vocabulary. Not here: what a line tells (`log_text`), what a provider means by its words (`rules.dialects`).
"""

from __future__ import annotations

import re

from oauthctl.record.secret_places import is_secret_name

TROUBLE = re.compile(
    r"\b(?:error\w*|\w{0,60}Exception|\w{1,60}Error|fail(?:ed|ure|s)?|invalid|expired|unauthori[sz]ed|forbidden|denied|refused|mismatch\w*"
    r"|malformed|unable|cannot|can't|could not|couldn't|unsupported|rejected|missing|time[d]? ?out|too (?:big|large|many)|reset by peer"
    r"|traceback|fatal|panic|IDX\d{5}|AADSTS\d{4,8}|x509|not (?:valid|found|allowed|trusted|match\w*|verified|registered|supported|active"
    r"|permitted)|does(?:n't| not) match|no (?:such|matching)|untrusted|bad (?:request|gateway|credentials)|blocked|warn(?:ing)?)\b",
    re.IGNORECASE,
)
"""What makes a line one that somebody pastes for its words."""

TRANSPORT = re.compile(
    r"x509: |tls: |certificate verify failed|CERTIFICATE_VERIFY_FAILED|self[- _]signed certificate|SELF_SIGNED_CERT|PKIX path"
    r"|CERT_HAS_EXPIRED|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPROTO|ERR_TLS_CERT|connection refused|no such host"
    r"|Name or service not known|nodename nor servname|Temporary failure in name resolution|getaddrinfo|UNABLE_TO_(?:VERIFY|GET)"
    r"|certificate has expired|SSLError|unable to (?:verify the first|get local issuer) certificate|i/o timeout|deadline exceeded"
    r"|SSLHandshakeException|UnknownHostException|ConnectException|handshake[_ ]failure|connection timed out|connect timed out"
    r"|Read timed out|SSL_ERROR|WRONG_VERSION_NUMBER|socket hang up|server gave HTTP response to HTTPS client|connection reset by peer"
    r"|The SSL connection could not be established|RemoteCertificate|No route to host"
    r"|ERR_CERT_\w+|ERR_CONNECTION_\w+|ERR_NAME_NOT_RESOLVED",
    re.IGNORECASE,
)
"""What only a connection that came to nothing is told with."""

CODES = re.compile(
    r"(?<![\w-])(?:"
    r"(?P<token>invalid_grant|invalid_client|unsupported_grant_type|bad_verification_code|incorrect_client_credentials|unauthorized_client"
    r"|invalid_dpop_proof|expired_token|invalid_refresh_token|bad_client_secret|invalid_client_id|invalid_code|AADSTS54005|AADSTS70008"
    r"|AADSTS7000\d{3}|AADSTS700(?!016)\d{2,3}|AADSTS50148|AADSTS9002313|AADSTS90023)"
    r"|(?P<registration>invalid_client_metadata|invalid_software_statement|unapproved_software_statement)"
    r"|(?P<api>invalid_token|insufficient_scope)"
    r"|(?P<authorization>redirect_uri_mismatch|invalid_redirect_uri|access_denied|login_required|consent_required|interaction_required"
    r"|invalid_scope|unsupported_response_type|admin_policy_enforced|org_internal|disallowed_useragent|invalid_request_uri"
    r"|invalid_request_object|invalid_target|AADSTS\d{4,8}|authError|temporarily_unavailable|request_not_supported"
    r"|account_selection_required|invalid_request|server_error)"
    r")(?![\w-])"
)
"""The error codes of the protocol and its providers, each under the purpose of the exchange that answers with it."""

_TOKEN = re.compile(r"(?<![\w.-])e[wy][\w-]{8,}\.[\w-]*\.?[\w.~-]*", re.ASCII)
_CREDENTIALS = re.compile(r"\b(Bearer|Basic|DPoP|Token) [A-Za-z0-9._~+/-]{12,}=*", re.IGNORECASE)
_NAME = re.compile(r"(?<![\w-])([A-Za-z_][\w-]{1,60})\\{0,3}[\"']?\s{0,2}(=>|=|:|%3D)\s{0,2}\\{0,3}[\"']?")
_VALUE_START = re.compile(r"[^\s\"'&,;<>\\]{4,200}")
_VALUE = re.compile(r"[^\s\"'&,;<>\\]*")
_USERINFO = re.compile(r"(//[^/?#@:\s]{0,200}:)[^/?#@\s]{1,200}@")
_AMBIGUOUS = frozenset(("code", "token", "response", "request"))


def hidden(text: str) -> str:
    """The text with `…` for whatever looks like a secret in it."""
    text = _CREDENTIALS.sub(r"\1 …", _TOKEN.sub("…", text))
    parts: list[str] = []
    at = 0
    for match in _NAME.finditer(text):
        if match.start() < at or not is_secret_name(match[1]):
            continue
        # A value that turns out to be words is looked at again from the next name on, hence only so far.
        begin = _VALUE_START.match(text, match.end())
        if begin and _is_secret(match[1], match[2], begin[0]):
            parts += (text[at : match.end()], "…")
            rest = _VALUE.match(text, begin.end())
            at = rest.end() if rest else begin.end()
    return _USERINFO.sub(r"\1…@", "".join((*parts, text[at:])))


def _is_secret(name: str, sign: str, value: str) -> bool:
    if len(value) >= 12 and any(character.isdigit() for character in value):
        return True
    # `token: expired` and `code=400` are words of the log.
    return sign != ":" and (name.lower() not in _AMBIGUOUS or len(value) >= 8)
