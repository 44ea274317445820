"""Secrets that stand in a URL, wherever the URL itself stands: the password of its user part, the values of its fragment,
the end of a link that was sent by mail, a token among the parts of its path.

Here: what tells them by their place in a URL. Not here: parameters whose names say that they are secrets (`secret_places`).
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, unquote_plus

from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.token import TokenResponse
from oauthctl.record.loose_secrets import looks_random
from oauthctl.record.secret_assignments import Substitute, looks_like_a_secret
from oauthctl.record.token_marks import marked

# Each mark of a URL as it is, as JSON escapes it, or percent-encoded, that once or often.
_ESCAPE = r"%(?:25){0,6}"
_SLASH, _COLON, _AT = rf"(?:\\?/|{_ESCAPE}2[Ff])", rf"(?::|{_ESCAPE}3[Aa])", rf"(?:@|{_ESCAPE}40)"
_END = rf"[/?#\\\s\"'<>]|&|{_ESCAPE}(?:2[Ff]|3[Ff]|23|26)"
_IN_TEXT = re.compile(
    rf"(?P<before>{_COLON}{_SLASH}{{2}}(?:(?!{_END}|{_COLON}|{_AT}).){{0,256}}{_COLON})(?P<value>(?:(?!{_END}).){{1,1024}})(?={_AT})",
    re.DOTALL,
)
# Of a URL that stands by itself an ampersand ends nothing, but where a parameter follows.
_IN_URL = re.compile(r"(?P<before>//[^/?#@:\s]*:)(?P<value>(?:(?!&[\w.-]{1,80}=)[^/?#\s\"<>])+)(?=@)")
# Links that are sent by mail: whoever has one may do what it says.
_LINK = re.compile(
    r"(?P<before>/(?:(?:re)?set|verify|confirm|activate|invite|join|magic|unlock|reset[_-]?password|password[_-]?reset|verify[_-]?email"
    r"|confirm[_-]?email|magic[_-]?link|one[_-]?time|confirmation|invitations?|invites)/)(?P<value>[A-Za-z0-9_~.-]{16,})(?=[/?#]|$)",
    re.IGNORECASE,
)
# Where programs post messages, with no other credential. Source: https://core.telegram.org/bots/api#making-requests,
# https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, https://docs.discord.com/developers/resources/webhook.
_POSTED_TO = re.compile(
    rf"(?P<before>/(?:bot(?=\d{{5,15}}(?::|{_ESCAPE}3[Aa])|[^/?#]{{24}}[^?#]{{0,200}}/[A-Za-z]+(?:[?#]|$))"
    r"|services/[TE][A-Z0-9]{6,14}/B[A-Z0-9]{6,14}/|webhooks/\d{15,22}/))"
    r"(?P<value>[A-Za-z0-9_%:~-]{20,128})(?=[/?#]|$)"
)
_SEGMENT = re.compile(r"(?<=[^/:]/)[^/?#\s\"'<>]{20,4096}")
# Ids of records begin with some providers' marks, too: `00D5g000004XYZabcEAA`.
_SHORTEST_IN_PATH = 24
# A token in the place of the user's name, as programs that fetch code write it.
_TOKEN_AS_USER = re.compile(r"(?P<before>[A-Za-z][A-Za-z0-9+.-]{0,30}://)(?P<value>(?=[^/?#@:\s]*\d)[A-Za-z0-9_.~-]{20,})(?=@)")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,40}:[^\s\"'<>]*")
_PAIR = re.compile(r"(?P<before>(?:^|[&?;])(?P<name>[^=&?;]{1,80})=)(?P<value>[^&]+)")
_NAMES = frozenset(name for message in (AuthorizationRequest, AuthorizationResponse, TokenResponse) for name in message.params()) | {
    *("session_state", "authuser", "hd")
}
# What opens nothing, whatever it is called.
_PLAIN = re.compile(r"true|false|null|undefined|redacted-[a-z_]+-[0-9a-f]{7,8}|\d{1,5}")


def without_passwords(text: str, substitute: Substitute) -> str:
    """Any text with the passwords of all URLs that stand in it replaced."""
    if "@" not in text and "40" not in text:
        return text
    return _IN_TEXT.sub(lambda match: _replaced(match, "password", substitute), text)


def rewrite_user_part(url: str, substitute: Substitute) -> str:
    """The URL without the secret of its user part."""
    url = _IN_URL.sub(lambda match: _replaced(match, "password", substitute), url)
    return _TOKEN_AS_USER.sub(lambda match: _replaced(match, "password", substitute), url)


def rewrite_links(url: str, substitute: Substitute) -> str:
    """The URL without the secret in its path by which a person resets a password, confirms an address or accepts an invitation."""
    return _LINK.sub(
        lambda match: match["before"] + (substitute("link", match["value"]) if looks_like_a_secret(match["value"]) else match["value"]), url
    )


def rewrite_path_tokens(url: str, substitute: Substitute) -> str:
    """The URL without tokens in its path: those with a provider's mark, and those of a bot's or a webhook's address."""

    def replaced(match: re.Match[str]) -> str:
        value = unquote(match["value"])
        return match["before"] + (quote(substitute("token", value), safe="") if looks_like_a_secret(value) else match["value"])

    def without_marked(match: re.Match[str]) -> str:
        value = unquote(match[0])
        is_token = any(found[0] == value for found in marked(value)) and len(value) >= _SHORTEST_IN_PATH and looks_random(value)
        return quote(substitute("token", value), safe="") if is_token else match[0]

    path = re.split(r"[?#]", url, maxsplit=1)[0]
    return _SEGMENT.sub(without_marked, _POSTED_TO.sub(replaced, path)) + url[len(path) :]


def rewrite_fragment(url: str, substitute: Substitute) -> str:
    """The URL with the values of its fragment replaced, but for those that the protocol has there. Routes of an application stay."""
    head, mark, fragment = url.partition("#")
    if "=" not in fragment or fragment[:1] in "/!?" or not _URL.fullmatch(url):
        return url

    def replaced(match: re.Match[str]) -> str:
        value = unquote_plus(match["value"])
        if unquote_plus(match["name"]).lower() in _NAMES or _PLAIN.fullmatch(value):
            return match[0]
        return match["before"] + quote(substitute("fragment", value), safe="-._~")

    return head + mark + _PAIR.sub(replaced, fragment)


def _replaced(match: re.Match[str], kind: str, substitute: Substitute) -> str:
    value = match["value"]
    while (plain := unquote(value)) != value:
        value = plain
    return match["before"] + quote(substitute(kind, value), safe="")
