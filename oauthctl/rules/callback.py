"""The authorization response as it came to the client: whose it is, and whether it belongs to what was asked.

Here: the answer's parameters against the request's. Not here: how the callback is reached (`callback_listener`, `callback_server`),
callbacks that come again (`callback_repeats`), cookies (`cookie_attributes`, `cookie_absent`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs

from oauthctl.http import split_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message
from oauthctl.record.purposes import fragment_of, query_of
from oauthctl.record.tokens import Role
from oauthctl.rules.cookies import SAYS_STATE, cookies_of, is_refused, sent_cookies, start_of
from oauthctl.rules.front_channel import as_provider_says, base_of
from oauthctl.rules.registry import Certainty, Evidence, Found, Severity, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.second_thoughts import signed_in_later
from oauthctl.rules.seen import Seen
from oauthctl.rules.state_text import damage
from oauthctl.specs import Section

Returned = Seen[AuthorizationResponse]
Asked = Seen[AuthorizationRequest]

_DENIED = ("access_denied", "user_denied", "user_cancelled_login", "user_cancelled_authorize", "consent_denied", "authorization_declined")
# Words by which a provider says that it, not the person, refused.
_NOT_THE_PERSON = re.compile(
    r"AADSTS|AADB2C|polic|admin|not assigned|not (been )?(granted|allowed|authori[sz]ed|permitted|verified|approved)"
    r"|\bverif|tester|block|\brule\b|tenant|organi[sz]ation|scope\b|domain|suspend|disabled|locked|configur|unauthori[sz]ed|conditional"
    r"|audience|service not found|license",
    re.IGNORECASE,
)
_BY_THE_PERSON = re.compile(
    r"(AADSTS\d+: |AADB2C\d+: )?\b(the )?user\b[^.]{0,30}(denied|declined|cancel|refus|reject)|(denied|cancel\w*|declined|refused) by"
    r"|resource owner( or authorization server)?",
    re.IGNORECASE,
)
_OTHER_ISSUER = re.compile(
    r"\biss(?:uer)?\b.{0,60}(?:mismatch|match|differ|unexpected|wrong)|(?:unexpected|wrong|other) iss(?:uer)?\b", re.I
)
_ANSWER = ("code", "id_token", "access_token", "response")


@rule(Section("RFC 6749", "4.1.2.1"), explains=("authorization-refused", "request-refused"))
def user_denied(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The person said no, or went back."""
    answer = next((one for one in (seen.sent, seen.back) if isinstance(one, AuthorizationResponse)), None)
    if answer is None or not seen.is_direct:
        return
    error = answer.error or ""
    said = " ".join(str(answer.raw(name) or "") for name in ("error_description", "error_reason", "error_message", "error_subtype"))
    if error not in _DENIED or (_NOT_THE_PERSON.search(_BY_THE_PERSON.sub(" ", said)) and "user_denied" not in said):
        return
    yield Found(
        cause=f"The user (the resource owner) denied the request or cancelled the sign-in: the provider sent them back with `{error}`.",
        help="In the client, show a friendly page with a way to try again; nothing is misconfigured.",
        evidence=(seen.evidence(".error" if answer is seen.sent else "response.headers.Location", got=f"{error} {said}".strip()[:200]),),
        certainty=Certainty.LIKELY,
        # Whoever signs in after all has changed their mind.
        severity=Severity.NOTE if signed_in_later(seen, scene) else None,
    )


@rule(Section("RFC 6749", "10.12"), explains=("request-refused", "cookie-not-returned"), decisive=True)
def state_mismatch(asked: Asked, scene: Scene) -> Iterator[Found]:
    """The callback's state is not the one that was sent."""
    returned = _answer_to(asked, scene)
    if returned is None:
        return
    sent, got = asked.sent.state or "", returned.sent.state or ""
    if not sent or not got or sent == got:
        return
    why = damage(sent, got)
    yield Found(
        cause=f"The `state` of the callback, `{got}`, does not match the one of the authorization request, `{sent}`: {why or _FOREIGN}.",
        help="In the client, encode `state` exactly once and compare what comes back decoded once; letters, digits, `-` and `_` need no "
        "escape."
        if why
        else "Do not redeem its code. In the client, keep one `state` for each sign-in; start the sign-in again in a single window.",
        evidence=(asked.evidence(".state", got=sent), returned.evidence(".state", expected=sent, got=got)),
    )


@rule(Section("RFC 6749", "10.12"), explains=("state-mismatch", "cookie-not-returned", "request-refused"), decisive=True)
def parallel_sign_ins(returned: Returned, scene: Scene) -> Iterator[Found]:
    """Two sign-ins ran at the same time, and the second overwrote the first one's state."""
    if not is_refused(returned):
        return
    own = start_of(returned, scene)
    asked = [one for one in scene.each(AuthorizationRequest) if one.id < returned.id and one.sent.state]
    mine = next((one for one in asked if one.sent.state == returned.sent.state), None)
    # The page that begins a sign-in tells the order: the provider may be asked in another one.
    begun = _begun(scene)
    at = begun.get(mine.sent.state or "", mine.id) if mine is not None else 0
    later = next(
        (one for one in reversed(asked) if mine is not None and begun.get(one.sent.state or "", one.id) > at and _is_alike(one, mine)), None
    )
    if not asked:
        yield from as_provider_says(returned, "parallel-sign-ins")
    if mine is None or later is None:
        return
    if any(one.is_direct and one.sent.state == later.sent.state for one in scene.before(returned.id, AuthorizationResponse)):
        return
    # The redirect that begins a sign-in and the request that it leads to are two exchanges of one state.
    ids = {one.id for one in asked if one.sent.state == later.sent.state}
    second = [one for one in scene.seen if one.id < returned.id and (one.id in ids or later.sent.state in _leads_with(one))]
    sent = sent_cookies(returned)
    shared = [cookie for one in second for cookie in cookies_of(one) if sent.get(cookie.name) == cookie.value]
    overwritten = [one.name for one in shared if own is not None and any(old.name == one.name for old in cookies_of(own))]
    if not overwritten and not SAYS_STATE.search(f"{returned.reply.words} {returned.reply.header('location')}"):
        return
    evidence = [mine.evidence(".state", got=mine.sent.state or ""), later.evidence(".state", got=later.sent.state or "")]
    evidence.append(returned.evidence(".state", expected=later.sent.state or "", got=returned.sent.state or ""))
    cookie = ""
    if overwritten:
        evidence.append(returned.evidence("request.headers.Cookie", expected=f"{overwritten[0]} of the first", got="that of the second"))
        cookie = f" (cookie `{overwritten[0]}`)"
    yield Found(
        cause=f"Two sign-ins were started in parallel, as in two tabs: the second one overwrote the state that the application "
        f"keeps{cookie}, "
        "and so the callback of the first no longer matches.",
        help="In the application, keep the state of each sign-in by itself (one cookie or entry per `state`); the person starts again in a "
        "single tab.",
        evidence=tuple(evidence),
        certainty=Certainty.CERTAIN if overwritten else Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "4.1.2"), decisive=True)
def state_not_returned(asked: Asked, scene: Scene) -> Iterator[Found]:
    """The answer lacks the state that was sent."""
    returned = _answer_to(asked, scene)
    if returned is None or not asked.sent.state or returned.sent.state or returned.sent.response:
        return
    if not any(name in returned.sent for name in ("code", "error", "id_token", "access_token")):
        return
    yield Found(
        cause="The authorization request had a `state`, and the answer comes without: the provider, or something between it and the "
        "client, "
        "lost it, so the client can't tell which request it belongs to.",
        help="Have the provider return `state` unchanged (its redirect must keep it); in the client do not go on without it.",
        evidence=(asked.evidence(".state", got=asked.sent.state), returned.evidence(".state", expected=asked.sent.state, got="missing")),
        # Where an error came back, that error is the trouble.
        severity=Severity.WARNING if returned.sent.error else None,
    )


@rule(Section("RFC 9207", "2.4"), decisive=True, explains=("callback-failed",))
def issuer_mixed_up(asked: Asked, scene: Scene) -> Iterator[Found]:
    """The answer comes from another issuer than the request went to."""
    returned = _answer_to(asked, scene)
    if returned is None:
        return
    got = returned.sent.iss or ""
    documents = [one for one, _ in scene.metadata if base_of(one.authorization_endpoint or "") == base_of(_url(asked))]
    known = documents[0].issuer or "" if documents else ""
    expected = known or _issuer_of_id_token(asked, scene) or _issuer_refused(asked, returned)
    if not got or not expected or got == expected:
        return
    slash = " They differ by the slash at the end." if got.rstrip("/") == expected.rstrip("/") else ""
    yield Found(
        cause=f"The answer names the issuer `{got}` (`iss`), but the request went to `{expected}`: this code is another server's, and "
        f"must not be "
        f"redeemed here.{slash}",
        help="In the client, keep the issuer with each sign-in and compare it with `iss`; give each provider a redirect_uri of its own. "
        "If the "
        "provider is right, correct the issuer in its configuration.",
        evidence=(returned.evidence(".iss", expected=expected, got=got),),
        certainty=Certainty.CERTAIN if known else Certainty.LIKELY,
    )


def _issuer_of_id_token(asked: Asked, scene: Scene) -> str:
    """Whom the ID token of the same sign-in names; what both name must be one. Source: RFC 9207 section 2.4."""
    attempt = next((one for one in scene.attempts if one.asked is not None and one.asked.id == asked.id), None)
    redeemed = attempt.redeemed if attempt is not None else ()
    held = [one for seen in redeemed for one, _ in scene.tokens_in(seen.id) if one.role is Role.ID_TOKEN]
    return next((one.token.claim_text("iss") for one in held if one.place.startswith("response.")), "")


def _issuer_refused(asked: Asked, returned: Returned) -> str:
    """Where the request went, when the application says that the issuer is another one."""
    if not _OTHER_ISSUER.search(returned.reply.words):
        return ""
    origin, got = base_of(_url(asked)), returned.sent.iss or ""
    parts = split_url(origin)
    host = f"{parts.scheme}://{parts.netloc}"
    return got.rstrip("/") if got.rstrip("/") != got and origin.startswith(got.rstrip("/")) else host if host not in got else ""


@rule(Section("RFC 9207", "2.4"), decisive=True)
def issuer_not_returned(asked: Asked, scene: Scene, metadata: ProviderMetadata) -> Iterator[Found]:
    """The provider promises an iss with each answer, and this one has none."""
    returned = _answer_to(asked, scene)
    if returned is None:
        return
    sent = returned.sent
    promised = metadata.raw("authorization_response_iss_parameter_supported") is True
    if not promised or sent.iss or sent.id_token or sent.response or base_of(metadata.authorization_endpoint or "") != base_of(_url(asked)):
        return
    if not (sent.code or sent.error):
        return
    yield Found(
        cause="The provider's metadata promises `iss` in every authorization response (`authorization_response_iss_parameter_supported`), "
        "yet "
        "this one has none: a client must refuse it.",
        help="At the provider, send `iss` with codes and errors alike, or take the promise out of the metadata; look for a proxy that "
        "drops it.",
        evidence=(returned.evidence(".iss", expected=metadata.issuer or "the issuer", got="missing"),),
    )


@rule(Section("OAuth Multiple Response Types", "2.1"), explains=("request-refused", "state-not-returned", "state-mismatch"), decisive=True)
def response_in_fragment(returned: Returned, scene: Scene) -> Iterator[Found]:
    """The answer came in the fragment, which the server never sees."""
    if returned.sent.fields or returned.exchange.request.method != "GET" or query_of(returned.url).pairs or returned.reply.status < 400:
        return
    place = base_of(returned.url)
    before = [
        one for one in scene.before(returned.id, AuthorizationRequest) if _leads_by_fragment(one, place) or _wants_fragment(one, place)
    ]
    if not before:
        return
    asked = before[-1]
    is_seen = _leads_by_fragment(asked, place)
    mode = asked.sent.response_mode or ""
    kind = " ".join(asked.sent.response_type or ())
    because = f"`response_mode={mode}`" if mode == "fragment" else f"`response_type={kind}`"
    evidence = [asked.evidence(".response_mode" if mode else ".response_type", expected="query", got=mode or kind)]
    if is_seen:
        evidence.append(Evidence(asked.id, "response.headers.Location", "parameters behind `?`", "parameters behind `#`"))
    evidence.append(returned.evidence("request.url", expected="code and state", got="no parameters"))
    yield Found(
        cause=f"The answer came in the URL's fragment (behind `#`), which browsers never send to a server: the request asked for that by "
        f"{because}.",
        help="In the client, ask for `response_type=code` with `response_mode=query` (or `form_post`) where a server handles the callback; "
        "only a script in the page can read a fragment.",
        evidence=tuple(evidence),
        certainty=Certainty.CERTAIN if is_seen else Certainty.LIKELY,
    )


_FOREIGN = "the answer belongs to another request, of another tab or another person"


def _answer_to(asked: Asked, scene: Scene) -> Returned | None:
    """The answer of the same sign-in: the callback, else the redirect to it; also one that differs from it in what should tie them."""
    attempt = next(
        (one for one in scene.attempts if one.asked is not None and one.asked.id == asked.id and one.asked.place == asked.place), None
    )
    known = attempt.returned if attempt is not None else None
    if known is None or not known.place.startswith("response."):
        return known if known is not None and _is_answer_to(known, asked) else None
    taken = {one.returned.id for one in scene.attempts if one.asked is not None and one.returned is not None and one is not attempt}
    code = known.sent.code
    for later in scene.after(asked.id, AuthorizationResponse):
        if later.id not in taken and code and later.sent.code == code and _is_answer_to(later, asked):
            return later
    return known if _is_answer_to(known, asked) else None


def _is_answer_to(returned: Returned, asked: Asked) -> bool:
    """Whether the answer came to where this request wanted it: others may have begun before the recording did."""
    wanted = base_of(asked.sent.redirect_uri or "")
    place = returned.reply.header("location") if returned.place.startswith("response.") else returned.url
    return not wanted or base_of(place).rstrip("/") == wanted.rstrip("/")


def _leads_with(seen: Seen[Message]) -> list[str]:
    """The `state` of the request that a redirect leads to."""
    return parse_qs(split_url(seen.reply.header("location")).query).get("state", [])


def _begun(scene: Scene) -> dict[str, int]:
    """By their `state` where sign-ins begin: the first exchange that leads to them."""
    found: dict[str, int] = {}
    for one in scene.seen:
        for state in _leads_with(one) if one.is_direct else ():
            found.setdefault(state, one.id)
    return found


def _is_alike(one: Asked, other: Asked) -> bool:
    return (
        one.sent.client_id == other.sent.client_id
        and one.sent.redirect_uri == other.sent.redirect_uri
        and one.sent.state != other.sent.state
    )


def _url(asked: Asked) -> str:
    return asked.url if asked.is_direct else asked.exchange.response.headers.get("location") or "" if asked.exchange.response else ""


def _leads_by_fragment(asked: Asked, place: str) -> bool:
    location = asked.reply.header("location") if asked.is_direct else ""
    return base_of(location) == place and any(name in fragment_of(location) for name in _ANSWER)


def _wants_fragment(asked: Asked, place: str) -> bool:
    if asked.is_direct and asked.reply.header("location"):
        return False
    types = asked.sent.response_type or ()
    mode = asked.sent.response_mode or ("fragment" if "id_token" in types or "token" in types else "query")
    return mode == "fragment" and base_of(asked.sent.redirect_uri or "") == place
