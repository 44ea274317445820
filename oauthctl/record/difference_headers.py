"""Headers of two requests and two answers.

Here: which headers matter, credentials by their scheme. Not here: cookies (`difference_cookies`), tokens (`difference_tokens`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

from oauthctl.http import Headers, Response
from oauthctl.messages.challenge import read_challenges
from oauthctl.record.difference import Difference, Kind, Weight
from oauthctl.record.difference_cookies import differences_of_cookies, differences_of_set_cookies
from oauthctl.record.difference_fields import FieldsComparer
from oauthctl.record.difference_ground import Ground
from oauthctl.record.difference_values import Told, difference_of_lists, difference_of_prose, difference_of_texts
from oauthctl.specs import Section

# Another one with each program, connection or moment; what they say is told elsewhere or means nothing to OAuth.
_NOISE = frozenset(
    re.split(
        r"\s+",
        "user-agent content-length date connection accept-encoding accept-language host cookie authorization dpop content-encoding"
        " if-none-match if-modified-since etag upgrade-insecure-requests priority pragma te dnt sec-gpc x-request-id traceparent"
        " tracestate x-correlation-id client-request-id keep-alive referer expect cache-control transfer-encoding proxy-connection"
        " save-data accept sec-fetch-user x-requested-with sec-purpose",
    )
)
_NOISY_BEGINNINGS = ("sec-ch-", "x-b3-", "x-amzn-", "cf-", ":", "x-client-")
# Of an answer only what OAuth or a browser acts on.
_ACTED_ON = tuple(
    re.split(
        r"\s+",
        "access-control-allow-origin access-control-allow-credentials access-control-allow-headers access-control-allow-methods"
        " content-type cache-control x-frame-options content-security-policy referrer-policy retry-after dpop-nonce"
        " cross-origin-opener-policy proxy-authenticate access-control-expose-headers refresh",
    )
)
_MEANINGS = {
    "content-type": ("how the body is written", Section("RFC 6749", "4.1.3")),
    "origin": ("which page's script asks; servers treat those as public clients", Section("RFC 6749", "2.1")),
    "access-control-allow-origin": ("whose scripts may read the answer", None),
    "access-control-allow-headers": ("which headers a script may send", None),
    "access-control-allow-credentials": ("whether a script may send cookies", None),
    "cache-control": ("answers with tokens must not be stored", Section("RFC 6749", "5.1")),
    "dpop-nonce": ("what the next proof must contain", Section("RFC 9449", "8")),
    "oauth-client-attestation": ("that somebody vouches for the client's key", Section("OAuth Client Attestation")),
    "oauth-client-attestation-pop": ("the proof that the client has the key", Section("OAuth Client Attestation")),
    "retry-after": ("how long to wait", Section("RFC 9110", "10.2.3")),
    "x-frame-options": ("whether the page may stand in a frame", None),
    "content-security-policy": ("what a page may load, and where it may send forms", None),
}
# Another one each time.
_FRESH = frozenset(("dpop-nonce", "oauth-client-attestation", "oauth-client-attestation-pop"))
_SPELLED = {
    "www-authenticate": "WWW-Authenticate",
    "dpop-nonce": "DPoP-Nonce",
    "oauth-client-attestation": "OAuth-Client-Attestation",
    "oauth-client-attestation-pop": "OAuth-Client-Attestation-PoP",
}
_TAKES_JSON = re.compile(r"json|\*/\*|application/\*", re.IGNORECASE)


def differences_of_request_headers(a: Headers, b: Headers, ground: Ground) -> Iterator[Difference]:
    """Headers that a client chose; cookies by name."""
    yield from _authorization(a.get("authorization"), b.get("authorization"), ground)
    names = dict.fromkeys(name.lower() for name, _ in (*a, *b))
    for name in names:
        if name not in _NOISE and not name.startswith(_NOISY_BEGINNINGS):
            yield from _header(name, a, b, place="request", ground=ground)
    if ("dpop" in a) != ("dpop" in b):
        kind = Kind.MISSING if "dpop" in a else Kind.EXTRA
        about = "the proof that the sender has the token's key"
        said = f"`DPoP` ({about}): {'B' if 'dpop' in a else 'A'} lacks it"
        shown, section = (_present("dpop" in a), _present("dpop" in b)), Section("RFC 9449", "4.1")
        yield Difference("request.headers.DPoP", kind, said, *shown, section, Weight.CREDENTIALS, about=about)
    yield from _accepted(a, b)
    yield from differences_of_cookies(a, b)


def differences_of_answer_headers(a: Response, b: Response, ground: Ground) -> Iterator[Difference]:
    """Headers that a client or a browser acts on; `Location` is read as a message elsewhere."""
    for name in _ACTED_ON:
        # A refusal is as storable as a page: what matters is told by the status.
        if name == "cache-control" and a.status != b.status:
            continue
        yield from _header(name, a.headers, b.headers, place="response", ground=ground)
    yield from differences_of_set_cookies(a.headers, b.headers)
    yield from _challenges(a, b, ground)


def _header(name: str, a: Headers, b: Headers, *, place: str, ground: Ground) -> Iterator[Difference]:
    one, other = a.get(name), b.get(name)
    spelled = next((written for written, _ in (*a, *b) if written.lower() == name), name)
    place = f"{place}.headers.{_titled(spelled)}"
    if (one is None) != (other is None):
        told: Told | None = Told(Kind.MISSING if other is None else Kind.EXTRA, f"{'B' if other is None else 'A'} lacks it")
    elif one is None or other is None or name in _FRESH:
        return
    elif name in ("content-type", "cache-control") or "," in one + other:
        told = difference_of_lists(_list(name, one), _list(name, other))
    elif name == "retry-after":
        return
    else:
        told = difference_of_texts(one, other, ground.is_same)
    if told is not None:
        meaning, section = _MEANINGS.get(name, ("", None))
        label = f"`{_titled(spelled)}`" + (f" ({meaning})" if meaning else "")
        weight = Weight.REQUEST if name in ("content-type", "origin") and place.startswith("request") else Weight.HEADER
        yield Difference(place, told.kind, f"{label}: {told.words}", one, other, section, weight, about=meaning)


def _list(name: str, value: str) -> list[str]:
    if name == "content-type":
        # `charset=utf-8` is what everybody means anyway.
        return [value.partition(";")[0].strip().lower()]
    return [part.strip().lower() for part in value.split(",")]


def _titled(name: str) -> str:
    return _SPELLED.get(name.lower(), "-".join(part.capitalize() for part in name.split("-")))


def _present(is_there: bool) -> str | None:
    return "present" if is_there else None


def _authorization(a: str | None, b: str | None, ground: Ground) -> Iterator[Difference]:
    """The scheme, and of `Basic` the client's id; whether two secrets are one where fingerprints can tell."""
    place, section = "request.headers.Authorization", Section("RFC 6749", "2.3.1")
    if a is None and b is None:
        return
    if a is None or b is None:
        kind, side = (Kind.EXTRA, "A") if a is None else (Kind.MISSING, "B")
        about = "who asks, or the token"
        said = f"`Authorization` ({about}): {side} lacks it"
        yield Difference(place, kind, said, _scheme(a), _scheme(b), Section("RFC 9110", "11.6.2"), Weight.CREDENTIALS, about=about)
        return
    if _scheme(a) != _scheme(b):
        said = f"`Authorization`: the scheme is `{_scheme(a)}` in A, `{_scheme(b)}` in B"
        yield Difference(place, Kind.SCHEME, said, _scheme(a), _scheme(b), Section("RFC 9110", "11.4"), Weight.CREDENTIALS)
        return
    if (_scheme(a) or "").lower() == "basic":
        users = _basic(a), _basic(b)
        if users[0] is None or users[1] is None:
            if (users[0] is None) != (users[1] is None):
                side = "A" if users[0] is None else "B"
                yield Difference(
                    place, Kind.FORM, f"`Authorization`: {side} holds no base64 of `id:secret`", _scheme(a), _scheme(b), section
                )
            return
        if users[0][0] != users[1][0]:
            said = "`Authorization`: another client id"
            yield Difference(place, Kind.VALUE, said, users[0][0], users[1][0], section, Weight.CREDENTIALS)
        elif ground.has_common_salt and users[0][1][-8:] != users[1][1][-8:]:
            said = "`Authorization`: another secret for the same client"
            yield Difference(place, Kind.VALUE, said, users[0][1], users[1][1], section, Weight.CREDENTIALS)
    elif len(a.split()) != len(b.split()):
        said = "`Authorization`: one has more words after the scheme than the other, such as a scheme that stands twice"
        yield Difference(place, Kind.FORM, said, len(a.split()), len(b.split()), Section("RFC 6750", "2.1"), Weight.CREDENTIALS)


def _scheme(value: str | None) -> str | None:
    if value is None:
        return None
    scheme, space, _ = value.strip().partition(" ")
    return scheme if space else "(none)"


def _basic(value: str) -> tuple[str, str] | None:
    try:
        user, colon, secret = base64.b64decode(value.strip().partition(" ")[2].strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return None
    return (unquote_plus(user), secret) if colon else None


def _accepted(a: Headers, b: Headers) -> Iterator[Difference]:
    """Whether JSON is asked for: some servers answer in a form, or refuse, where it is not."""
    asked = a.get("accept") or "*/*", b.get("accept") or "*/*"
    takes = tuple(bool(_TAKES_JSON.search(one)) for one in asked)
    if takes[0] != takes[1]:
        said = f"`Accept` (which form of answer is asked for): {'B' if takes[0] else 'A'} does not ask for JSON"
        yield Difference("request.headers.Accept", Kind.VALUE, said, *asked, Section("RFC 9110", "12.5.1"), Weight.REQUEST)


def _challenges(a: Response, b: Response, ground: Ground) -> Iterator[Difference]:
    """`WWW-Authenticate` of two refusals, parameter by parameter."""
    first, second = read_challenges(a), read_challenges(b)
    place, section = "response.headers.WWW-Authenticate", Section("RFC 6750", "3")
    schemes = sorted(one.scheme.lower() for one in first), sorted(one.scheme.lower() for one in second)
    if schemes[0] != schemes[1]:
        told = difference_of_lists(*schemes) or Told(Kind.VALUE, "other challenges")
        said = f"`WWW-Authenticate` (how the API wants to be asked): {told.words}"
        kind = Kind.MISSING if not second else Kind.EXTRA if not first else told.kind
        yield Difference(place, kind, said, schemes[0] or None, schemes[1] or None, section, Weight.ANSWER)
        return
    comparer = FieldsComparer(ground, place, weight=Weight.ANSWER)
    for one, other in zip(first, second, strict=True):
        for found in comparer.differences(one.params.pairs, other.params.pairs):
            if not (found.place.endswith(".error_description") and difference_of_prose(str(found.a), str(found.b)) is None):
                yield found
