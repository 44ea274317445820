"""Where secrets stand: which parameters and headers hold them, and rewriting a text at exactly those places.

Here: places in queries, forms, JSON, HTML, multipart and headers. Every other byte stays. Not here: what a secret is replaced by, which
names secrets have (`secret_names`), scripts and any other text (`secret_assignments`), finding a secret again at places that nobody knows
(`sweep`). `state` and `nonce` are no secrets once they were used: they stay.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from typing import Any
from urllib.parse import quote, unquote_plus

from oauthctl.record.content_coding import is_compressed_text
from oauthctl.record.json_secrets import rewrite_below_names
from oauthctl.record.named_values import rewrite_named_values
from oauthctl.record.secret_assignments import Substitute, is_error_code, looks_like_a_secret, rewrite_assignments
from oauthctl.record.secret_columns import rewrite_columns
from oauthctl.record.secret_names import is_secret_name, is_status_or_land, is_vague, says_nothing
from oauthctl.record.secret_texts import in_base64, rewrite_texts
from oauthctl.record.url_secrets import rewrite_fragment, rewrite_links, rewrite_path_tokens, rewrite_user_part, without_passwords
from oauthctl.record.word_values import is_misplaced

# What stands behind the last colon is the secret; that it was pushed has to stay visible. Source: RFC 9126 section 2.2.
_REFERENCE = re.compile(r"(?P<before>urn:(?:[^:\s]+:)+)(?P<secret>[^:\s]+)", re.IGNORECASE)
_PRIVATE_KEY_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "k")

_PAIR = re.compile(r"(?P<before>(?:^|[?&#;])(?P<name>[^=&#?;\s\"'<>]{1,80})=)(?P<value>[^&#\s\"'<>]+)")
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^\s?#]*[?#@]\S*")
# Addresses whose query opens what they name, whatever the parameter is called. Source: RFC 7592 section 3, RFC 8628 section 3.3.1.
_URLS_WITH_SECRETS = {"registration_client_uri": "registration_access_token", "verification_uri_complete": "user_code"}
_ANY_PAIR = re.compile(r"(?P<before>[?&#](?!client_id=)[^=&#?;\s]{1,80}=)(?P<value>[^&#\s]+)")
_MEMBER = re.compile(r'(?P<before>"(?P<name>(?:[^"\\]|\\.){1,80}+)"\s*+:\s*+)(?:"(?P<text>(?:[^"\\]++|\\.)*+)"|(?P<number>-?\d[\d.eE+-]*))')
# What stands beside the code of an error. Source: RFC 9457 section 3.1, and the error documents of providers.
_OF_A_FAULT = re.compile(r'"(?:errors?|error_?[a-z]{0,20}|message|errmsg|detail|faults?|status(?:_?code)?)"\s*+:', re.IGNORECASE)
# URLs and base64: the strings of a list that can hold more than they show.
_IN_LIST = re.compile(
    r'(?<=[\[,\s])"(?P<text>[a-zA-Z][a-zA-Z0-9+.-]{0,30}:\\?/\\?/(?:[^"\\]|\\.){1,4096}+|(?:[A-Za-z0-9+/_-]|\\/){16,}+={0,2})"(?=\s*[\],])'
)
_INPUT = re.compile(r"<input\b[^<>]{0,4096}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""(?<![\w:.-])(?P<name>name|value|type)\s{0,9}=\s{0,9}(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>[^\s"'<>=`]++))""",
    re.IGNORECASE,
)
_PART = re.compile(
    r'\bname=(?:"(?P<name>[^"\r\n]{0,200}+)"|(?P<token>[^\s;"]{1,200}+))[^\r\n]{0,1000}+\r?\n(?:[^\r\n]{1,1000}+\r?\n){0,9}+\r?\n',
    re.IGNORECASE,
)
# The number of an error, in the address of the page that explains it: `https://login.microsoftonline.com/error?code=700025`.
_OF_AN_ERROR_PAGE = re.compile(r"/errors?\?(?:[^?#\s\"'<>]{0,200}&)?$", re.IGNORECASE)
_ERROR_NUMBER = re.compile(r"\d{4,8}")
_WORD = re.compile(r"[\w+/~.=-]+")
_DEEPEST = 8
_LONGEST_PROTOCOL = 40
_SECRET_HEADER = re.compile(
    r"x-identity-header|x-auth-.+|x-session-id|.*(?:token|secret|password|passphrase|apikey|assertion|-auth|-credentials?|-oidc-data)"
    r"|.*-signature(?:-\d+)?|x-[cx]srf-.+|authentication-info|(?:.+-)?key"
)
# Keys that open nothing. Source: RFC 6455 section 4.1; `Idempotency-Key`; what caches go by.
_KEYS_OF_NOTHING = re.compile(r"sec-.*|.*\b(?:idempotency|surrogate|cache|partition|public|routing)-key")


def rewrite_url(url: str, substitute: Substitute) -> str:
    """The URL with the secrets of its user part, query and fragment replaced."""
    url = rewrite_fragment(rewrite_user_part(without_passwords(url, substitute), substitute), substitute)
    return rewrite_pairs(rewrite_path_tokens(rewrite_links(url, substitute), substitute), substitute)


def rewrite_pairs(text: str, substitute: Substitute, *, depth: int = 0) -> str:
    """A form, or any text that holds URLs, with the values of secret parameters replaced."""

    def replaced(match: re.Match[str]) -> str:
        name, value = unquote_plus(match["name"]), unquote_plus(match["value"])
        if name == "code" and _ERROR_NUMBER.fullmatch(value) and _is_of_error_page(text, match.start("name")):
            return match[0]
        new = None if is_status_or_land(name, value) else _new_value(name, value, substitute)
        if new is None and name.lower() == "key" and looks_like_a_secret(value):
            new = substitute("api_key", value)
        if new is None and depth == _DEEPEST and "=" in value:
            # No URL stands in as many others: nobody looks for what is in it.
            new = substitute("nested", value)
        if new is None and "?" in match["value"] and "=" in match["value"]:
            # A URL that is not encoded, as in `Refresh: 0;url=https://…?code=…`: what is in it is encoded once, and not twice.
            return match["before"] + rewrite_pairs(match["value"], substitute, depth=depth + 1)
        if new is None:
            # A URL can stand in another's parameter: `?continue=https%3A%2F%2F…%3Fcode%3D…`; and so can JSON.
            new = rewrite_fragment(value, substitute) if "#" in value else value
            new = rewrite_pairs(new, substitute, depth=depth + 1) if "=" in value else new
            new = rewrite_assignments(new, substitute) if '"' in new else new
            new = rewrite_texts(new, substitute) if "PRIVATE KEY" in new else new
            # And so can either in base64.
            new = in_base64(new, lambda inner: rewrite_body(inner, "", substitute))
        return match["before"] + (quote(new, safe="-._~") if new != value else match["value"])

    return _PAIR.sub(replaced, text)


def _is_of_error_page(text: str, at: int) -> bool:
    """Whether the parameter that begins here is in the query of a path that ends with `error`."""
    return _OF_AN_ERROR_PAGE.search(text, max(0, at - 250), at) is not None


def rewrite_json(text: str, substitute: Substitute) -> str:
    """JSON with the values of secret members replaced, at any depth, the rest as it was written."""
    tells_a_fault = _OF_A_FAULT.search(text) is not None

    def replaced(match: re.Match[str]) -> str:
        name, written = _unescaped(match["name"]), match["text"]
        value = match["number"] if written is None else _unescaped(written)
        if not value or says_nothing(name, value) or (tells_a_fault and name == "code" and is_error_code(value)):
            return match[0]
        new = _new_value(name, value, substitute)
        if new is None:
            new = _inside(name, value, substitute)
        return match["before"] + json.dumps(new) if new != value else match[0]

    text = _IN_LIST.sub(lambda match: _listed(match, substitute), _MEMBER.sub(replaced, text))
    return _private_keys(text, substitute)


def _listed(match: re.Match[str], substitute: Substitute) -> str:
    value = _unescaped(match["text"])
    new = _inside("", value, substitute)
    return match[0] if new == value else json.dumps(new)


def _inside(name: str, value: str, substitute: Substitute) -> str:
    """A text of JSON without the secrets of the URL, or of the body in base64, that it is."""
    return in_base64(_inner_url(name, value, substitute), lambda inner: rewrite_body(inner, "", substitute))


def _new_value(name: str, value: str, substitute: Substitute) -> str | None:
    """What stands in the place of a parameter's value when that is a secret, else None."""
    if name.lower() == "request_uri" and (reference := _REFERENCE.fullmatch(value)):
        return reference["before"] + substitute("request_uri", reference["secret"])
    if is_vague(name) and not (_WORD.fullmatch(value) and looks_like_a_secret(value)):
        return None
    return substitute(name.lower(), value) if is_secret_name(name) or is_misplaced(name, value) else None


def _inner_url(name: str, value: str, substitute: Substitute) -> str:
    """A member's value with the secrets of the URL that it is."""
    if not _URL.fullmatch(value):
        return value
    if name.lower() in _URLS_WITH_SECRETS:
        return _ANY_PAIR.sub(
            lambda match: match["before"] + quote(substitute(_URLS_WITH_SECRETS[name.lower()], unquote_plus(match["value"])), safe="-._~"),
            rewrite_url(value, substitute),
        )
    return rewrite_url(value, substitute)


def rewrite_html(text: str, substitute: Substitute) -> str:
    """HTML with the values of secret inputs, of links' secret parameters and of JSON in scripts replaced."""

    def replaced(match: re.Match[str]) -> str:
        found = {attribute["name"].lower(): attribute for attribute in _ATTRIBUTE.finditer(match[0])}
        name, value, kind = found.get("name"), found.get("value"), found.get("type")
        old = "" if value is None else _attribute_text(value)
        named = _attribute_text(name) if name else ""
        if kind is not None and _attribute_text(kind).lower() == "password" and not is_secret_name(named):
            named = "password"
        new = _new_value(named, old, substitute) if named and old else None
        if value is None or new is None:
            return match[0]
        new = html.escape(new)
        return match[0][: value.start()] + f'value="{new}"' + match[0][value.end() :]

    return rewrite_pairs(rewrite_json(_INPUT.sub(replaced, text), substitute), substitute)


def rewrite_body(text: str, content_type: str, substitute: Substitute) -> str:
    """A body, read as what it looks like rather than as what it is labelled."""
    if is_compressed_text(text):
        # What could not be unpacked can't be searched either: no more than its first mark stays.
        return text[:2]
    text = without_passwords(text, substitute)
    text = in_base64(text, lambda inner: rewrite_body(inner, content_type, substitute))
    text = rewrite_columns(text, substitute)
    by_its_form = _by_its_form(rewrite_texts(text, substitute), content_type, substitute)
    return rewrite_named_values(rewrite_assignments(by_its_form, substitute), substitute)


def _by_its_form(text: str, content_type: str, substitute: Substitute) -> str:
    start = text.lstrip("\ufeff \r\n\t")[:1]
    if start in ("{", "["):
        return rewrite_below_names(rewrite_json(text, substitute), substitute)
    if "multipart/" in content_type.lower():
        return _parts(text, substitute)
    if start == "<":
        return rewrite_html(text, substitute)
    # An event, a script or a call can have JSON behind its first word.
    head, mark, rest = text.partition('{"')
    text = head + rewrite_below_names(mark + rest, substitute)
    return rewrite_pairs(text, substitute)


def rewrite_header(name: str, value: str, substitute: Substitute) -> str:
    """A header's value with its secrets replaced; schemes, user names and cookies' names stay."""
    match name.lower():
        case lower if lower in ("authorization", "authentication") or lower.endswith("-authorization"):
            return _authorization(value, substitute)
        case "sec-websocket-protocol":
            return _offered_protocols(value, substitute)
        case "cookie" | "cookie2":
            return "; ".join(_cookie(part, substitute) for part in re.split(r";\s*", value)) if value else value
        case "set-cookie" | "set-cookie2":
            cookie, semicolon, attributes = value.partition(";")
            return _cookie(cookie, substitute) + semicolon + attributes
        case "oauth-client-attestation" | "oauth-client-attestation-pop":
            return substitute("attestation", value) if value else value
        case "dpop":
            return substitute("dpop_proof", value) if value else value
        case lower if _SECRET_HEADER.fullmatch(lower) and not _KEYS_OF_NOTHING.fullmatch(lower):
            return substitute("api_key", value) if value else value
        case _:
            value = rewrite_assignments(rewrite_url(value, substitute), substitute)
            return in_base64(value, lambda inner: rewrite_body(inner, "", substitute))


def _authorization(value: str, substitute: Substitute) -> str:
    scheme, space, rest = value.strip().partition(" ")
    if not space:
        return substitute("credentials", value) if value else value
    if scheme.lower() == "basic":
        return f"{scheme} {_basic(rest.strip(), substitute)}"
    kind = "access_token" if scheme.lower() in ("bearer", "dpop", "token", "oauth") else "credentials"
    return f"{scheme} {substitute(kind, rest.strip())}" if rest.strip() else value


def _basic(written: str, substitute: Substitute) -> str:
    try:
        user, colon, password = base64.b64decode(written, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return substitute("credentials", written)
    if not colon:
        return substitute("credentials", written)
    if not password:
        return written
    # Source: RFC 6749 section 2.3.1: the secret is form-encoded first; not everybody does so, hence its equal in a form may be either.
    secret = unquote_plus(password)
    new = substitute("client_secret", secret)
    if new == secret:
        return written
    return base64.b64encode(f"{user}:{new}".encode()).decode("ascii")


def _cookie(part: str, substitute: Substitute) -> str:
    name, equals, value = part.partition("=")
    return name + equals + substitute("cookie", value) if value.strip() else part


def _offered_protocols(value: str, substitute: Substitute) -> str:
    """Names of protocols, among which browsers hide a token, since they let a script set no other header."""
    parts = value.split(",")
    is_next = False
    for number, part in enumerate(parts):
        name = part.strip()
        if name and (is_next or looks_like_a_secret(name) or len(name) >= _LONGEST_PROTOCOL):
            parts[number] = part.replace(name, substitute("access_token", name))
        is_next = name.lower() in ("bearer", "token", "jwt", "authorization", "access_token", "access-token")
    return ",".join(parts)


def _parts(text: str, substitute: Substitute) -> str:
    """A multipart body with the values of its secret parts replaced, up to the next boundary or where the text was cut off."""
    pieces, at, end = [], 0, 0
    for match in _PART.finditer(text):
        # What is in a part names none.
        if match.start() < end:
            continue
        end = text.find("\n--", match.end() - 1)
        end = end if end >= 0 else len(text)
        value = text[match.end() : end].removesuffix("\r")
        new = _new_value(match["name"] or match["token"] or "", value, substitute) if value else None
        if new is not None:
            pieces += [text[at : match.end()], new]
            at = match.end() + len(value)
    return "".join((*pieces, text[at:]))


def _private_keys(text: str, substitute: Substitute) -> str:
    """Private members of JWKs: names of one letter, which are secrets only next to `kty`."""
    if '"kty"' not in text:
        return text
    try:
        found = [*_key_secrets(json.loads(text))]
    except (ValueError, RecursionError):
        return text
    for secret in found:
        text = text.replace(json.dumps(secret), json.dumps(substitute("private_key", secret)))
    return text


def _key_secrets(value: Any) -> list[str]:
    if isinstance(value, list):
        return [secret for item in value for secret in _key_secrets(item)]
    if not isinstance(value, dict):
        return []
    own = [value[name] for name in _PRIVATE_KEY_MEMBERS if isinstance(value.get(name), str) and value[name]] if "kty" in value else []
    return own + [secret for item in value.values() for secret in _key_secrets(item)]


def _unescaped(written: str) -> str:
    if "\\" not in written:
        return written
    try:
        return str(json.loads(f'"{written}"', strict=False))
    except ValueError:
        return written


def _attribute_text(match: re.Match[str]) -> str:
    return html.unescape(match[match.lastgroup or "bare"])
