"""Authorization requests whose answer nobody saw: a URL that was pasted, or the last line of a capture.

Here: telling them, and the flaws that no provider lets pass: what is missing, repeated, never filled in, broken. Not here: values that are
written wrongly (`unanswered_values`), requests that were refused (`authorization`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.record import purposes
from oauthctl.record.purposes import query_of, split_path
from oauthctl.rules.front_channel import host_of, refusal_of
from oauthctl.rules.registry import Certainty, Found, Severity, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Asked = Seen[AuthorizationRequest]
Returned = Seen[AuthorizationResponse]

_WORDS = re.compile(
    r"undefined|null|none|nan|\[object \w+\]|false|true|\(null\)|nil|(?:your|my|insert|replace|enter|put)[_ -](?:[a-z]+[_ -]){0,3}"
    r"(?:id|client|secret|uri|url|here|domain|tenant|scope|state)|(?:client|tenant|realm)[_-]?(?:id|name)[_-]?(?:here|goes[_-]here)?"
    r"|client_id|redirect_uri|changeme|change[_-]me|todo|placeholder|<[^<>]{1,60}>",
    re.IGNORECASE,
)
_UNFILLED = re.compile(
    r"\$\{[^}]{0,80}\}|\{\{[^}]{0,80}\}\}|<%[^%]{0,80}%>|%[A-Z][A-Z0-9_]{2,60}%|\$[A-Z][A-Z0-9_]{2,60}|process\.env\.\w+"
)
_PATH_WORDS = re.compile(
    r"(?:undefined|null|\[object \w+\]|none|\{[\w -]{1,40}\}|<[\w -]{1,40}>|:\w{2,30}|your[_-](?:tenant|realm|domain)\S*)", re.I
)
# What people write over a value before they show it to somebody.
_HIDDEN = re.compile(r"redact|remov|mask|hidden|hide|anonym|secret|snip|xxx|\*\*\*|\.\.\.|…", re.IGNORECASE)
_FREE = ("prompt", "display", "access_type", "state", "claims", "include_granted_scopes", "force_verify", "show_dialog")
"""Parameters in which words such as `none` and `true` are what they say."""
_SPECIAL = ("undefined", "[object Object]")
_REPEATABLE = ("resource", "audience")


def is_without_a_word(asked: Asked, scene: Scene) -> bool:
    """Whether what became of this request was not seen, or is a no that says nothing but that."""
    if is_unanswered(asked, scene):
        return True
    attempt = scene.attempt_of(asked.id)
    refusal = refusal_of(asked, attempt.returned if attempt is not None else None)
    return refusal is not None and refusal.says_nothing


def is_unanswered(asked: Asked, scene: Scene) -> bool:
    """Whether what became of this request was not seen."""
    if asked.purpose != purposes.AUTHORIZATION and asked.is_direct:
        return False
    if asked.is_direct and (asked.reply.has_answer or asked.reply.failure):
        return False
    attempt = scene.attempt_of(asked.id)
    if attempt is not None and attempt.returned is not None and attempt.asked is not None and attempt.asked.id == asked.id:
        return False
    return not any(one.is_direct and one.id > asked.id and one.sent.fields == asked.sent.fields for one in scene.each(AuthorizationRequest))


@rule(Section("RFC 6749", "4.1.1"), explains=("redirect-uri-not-absolute", "tenant-unknown", "callback-never-came"))
def request_has_placeholder(asked: Asked, scene: Scene) -> Iterator[Found]:
    """A value of the authorization request was never filled in."""
    if not is_unanswered(asked, scene):
        return
    found = _placeholder(asked)
    if found is None:
        return
    name, value = found
    # `<client-id>` and `YOUR_CLIENT_ID` may have been put in for whoever reads this.
    is_sure = not re.match(r"<|your[_ -]|my[_ -]|insert|replace|enter|put[_ -]", value, re.IGNORECASE)
    what = f"The `{name}` of the authorization request" if name != "path" else "A part of the authorization endpoint's path (tenant, realm)"
    yield Found(
        cause=f"{what} is `{value[:120]}`: a placeholder that was never filled in, or a variable that was not set when the URL was built"
        f"{'' if is_sure else ' (unless it was written over the value before the URL was shown)'}.",
        help="In the client's configuration or environment set the value (look for the variable's name, a build that runs without it, a "
        "template that is not rendered, an object where its field is meant), and build the URL again.",
        evidence=(asked.evidence("request.url" if name == "path" else f".{name}", expected="a value", got=value[:200]),),
        certainty=Certainty.CERTAIN if is_sure else Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "4.1.1"), explains=("callback-never-came",))
def request_parameter_missing(asked: Asked, scene: Scene) -> Iterator[Found]:
    """The authorization request lacks a parameter that every provider needs."""
    sent = asked.sent
    if not is_unanswered(asked, scene) or sent.request or sent.request_uri:
        return
    is_oidc = "openid" in (sent.scope or ()) or bool(sent.nonce)
    lacking = ""
    if not (sent.raw("client_id") or ""):
        lacking = "client_id"
    elif not (sent.raw("response_type") or "") and ("response_type" in query_of(asked.url) or is_oidc):
        # GitHub, Slack and others need none; where it is sent empty, or OpenID Connect is spoken, it is missing.
        lacking = "response_type"
    elif "redirect_uri" in query_of(asked.url) and not (sent.raw("redirect_uri") or ""):
        lacking = "redirect_uri"
    if not lacking:
        return
    how = "is empty" if lacking in query_of(asked.url) else "is missing"
    advice = {
        "client_id": "set the `client_id` that the provider's registration shows; an empty one mostly is a variable that is not set.",
        "response_type": "send `response_type=code` (the authorization code flow).",
        "redirect_uri": "send the registered `redirect_uri`, or leave the parameter out where just one is registered.",
    }[lacking]
    yield Found(
        cause=f"The `{lacking}` of the authorization request {how}: there is no `{lacking}` for the provider to go by, so it shows an "
        "error "
        "page of its own.",
        help=f"In the client, {advice}",
        evidence=(asked.evidence(f".{lacking}", expected="a value", got="empty" if "empty" in how else "missing"),),
    )


@rule(Section("RFC 6749", "3.1"), explains=("callback-never-came",))
def request_parameter_repeated(asked: Asked, scene: Scene) -> Iterator[Found]:
    """A parameter stands in the authorization URL more than once."""
    if not is_unanswered(asked, scene):
        return
    names = [name for name in asked.sent.duplicated() if name not in _REPEATABLE]
    if not names:
        return
    values = [str(value) for value in asked.sent.all(names[0])]
    same = "with the same value" if len(set(values)) == 1 else "with different values"
    yield Found(
        cause=f"The authorization URL has the parameter `{names[0]}` {len(values)} times, {same}; each may be there only once, and strict "
        "providers refuse more than one.",
        help=f"In the client, send `{names[0]}` once: it is often part of the configured endpoint URL and added again by the library.",
        evidence=(asked.evidence(f".{names[0]}", expected="one value", got=" and ".join(values)[:200]),),
    )


@rule(Section("OIDC Core", "3.2.2.1"), Section("OIDC Core", "3.3.2.11"), explains=("callback-never-came",))
def nonce_left_out(asked: Asked, scene: Scene) -> Iterator[Found]:
    """An ID token is asked for by the browser, without a nonce."""
    types = asked.sent.response_type or ()
    if "id_token" not in types or asked.sent.nonce or asked.sent.request or asked.sent.request_uri or not is_unanswered(asked, scene):
        return
    yield Found(
        cause=f"The request asks for an ID token by the browser (`response_type={' '.join(types)}`) and has no `nonce`, which is required "
        "then: providers refuse it, and clients can't tell an old token from a new one.",
        help="In the client, send a random `nonce` with each authorization request, keep it, and compare it with the ID token's.",
        evidence=(asked.evidence(".nonce", expected="a random value", got="missing"),),
    )


@rule(Section("RFC 6749", "3.1"), Section("RFC 3986", "2"), explains=("request-parameter-missing", "callback-never-came"))
def request_url_broken(asked: Asked, scene: Scene) -> Iterator[Found]:
    """The authorization URL is not written as a URL must be."""
    if not is_unanswered(asked, scene):
        return
    url, _, fragment = asked.url.partition("#")
    known = AuthorizationRequest.params()
    lost = [name for name in (piece.partition("=")[0] for piece in re.split(r"[&?]", fragment)) if name in known]
    if lost:
        yield Found(
            cause="The authorization URL has a raw `#` in it: everything behind it is the URL's fragment, which the browser never "
            "sends, so "
            f"the request is cut there and `{lost[0]}` does not reach the provider.",
            help="In the client, percent-encode each value (`#` as `%23`); and take a redirect_uri without `#`, since a fragment is not "
            "allowed in it.",
            evidence=(asked.evidence("request.url", expected="%23", got=f"#{fragment[:100]}"),),
        )
        return
    escaped = next((name for name, _ in query_of(url) if name.startswith("amp;") and name[4:] in known), "")
    if escaped:
        yield Found(
            cause=f"The authorization URL has `&amp;` where `&` belongs: it was escaped for HTML, so the provider sees a parameter "
            f"`{escaped}`.",
            help="In the client, escape the URL for HTML only when it is written into HTML; copy and redirect to the plain one.",
            evidence=(asked.evidence("request.url", expected=f"&{escaped[4:]}=", got=f"&{escaped}="),),
        )
        return
    around = next((name for name, value in query_of(url) if name in known and name != "scope" and value != value.strip()), "")
    if around:
        value = str(asked.sent.raw(around) or "")
        kind = "a line break" if re.search(r"[\r\n]", value) else "a blank (space)"
        yield Found(
            cause=f"The `{around}` of the authorization request has {kind} at its start or end: it was copied or read from a file "
            "with it, and "
            "the provider compares it character by character.",
            help=f"In the client's configuration remove the blank from `{around}` (strip what is read from files and variables).",
            evidence=(asked.evidence(f".{around}", expected=value.strip()[:200], got=repr(value)[:200]),),
        )
        return
    if " " in url:
        yield Found(
            cause="The authorization URL has raw spaces (blanks) in it: a URL has none. Browsers mend that, other programs cut the "
            "URL at the "
            "first one or refuse it, and so do some servers.",
            help="In the client, percent-encode each value (a space as `%20` or `+`), and join the scopes by one such.",
            evidence=(asked.evidence("request.url", expected="%20", got="a space"),),
            certainty=Certainty.LIKELY,
            severity=Severity.WARNING,
        )


def _placeholder(asked: Asked) -> tuple[str, str] | None:
    """The first parameter whose value is a placeholder, and the value; `path` for one in the endpoint's own path."""
    for name, value in query_of(asked.url.partition("#")[0]):
        plain = value.strip()
        is_word = _WORDS.fullmatch(plain) is not None and (name not in _FREE or plain in _SPECIAL or plain.startswith("[object"))
        if plain and name != "claims" and not _HIDDEN.search(plain) and (is_word or _UNFILLED.search(plain)):
            return name, plain
    for part in split_path(asked.url).split("/"):
        if _PATH_WORDS.fullmatch(unquote(part)) and not _HIDDEN.search(unquote(part)):
            return "path", unquote(part)
    return ("path", host_of(asked.url)) if _UNFILLED.search(unquote(host_of(asked.url))) else None
