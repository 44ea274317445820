"""The authorization request: who asks, what it asks for, how its URL is written.

Here: parameters but for the redirect URI (`redirect_uri`) and the scope (`scope`). Not here: requests that travel by reference or as a JWT
(`authorization_by_reference`), the person in front of it (`authorization_person`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.http import Params
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.purposes import query_of, split_path
from oauthctl.rules.front_channel import as_provider_says, refusal_of
from oauthctl.rules.given import Given
from oauthctl.rules.missed_endpoints import says_no_route
from oauthctl.rules.registry import Candidate, Certainty, Found, rule
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Asked = Seen[AuthorizationRequest]
Returned = Seen[AuthorizationResponse]

_SAYS_CLIENT = re.compile(
    r"(unknown|invalid|unrecogni[sz]ed|unregistered|no such|cannot find|can.?t find|could ?n.?t find|not find|missing)"
    r"[\s_:\"'`-]{1,3}(the )?(oauth2?(\.0)? )?(client|app(lication)?)([_ ]?id(entifier)?)?\b(?!.{0,3}secret)"
    r"|\b(client|app(lication)?)([_ ]?id)?\b[^.]{0,90}"
    r"(not|n't|isn.t|never)( be)? (found|exist|registered|known|recogni[sz]ed|valid|available)"
    r"|\b(client|app(lication)?)([_ ]?id)?\b[\"'`]?[^.]{0,60}\b(unknown|deleted|disappeared|does ?n.?t exist|is invalid)"
    r"|\bno (registered |known |such |matching |enabled |active )?(oauth2?(\.0)? )?(client|app(lication)?)\b"
    r"(?! ?(id|identifier)\b ?(was |is |has been )?(given|sent|provided|specified|supplied)| ?(secret|cert|auth|cred|assert|grant))"
    r"|invalid_client(?!.{0,5}secret)|AADSTS700016",
    re.IGNORECASE,
)
_OF_THE_PROOF = re.compile(r"invalid[ _]client\b( or invalid client credentials)?", re.I)
_SAYS_OTHER = re.compile(
    r"redirect|callback|response.?type|grant|scope|secret|disabled|not allowed|insecure|multi-?tenant|pkce|challenge", re.I
)
_PLACEHOLDER = re.compile(
    r"(undefined|null|none|nan|\$\{.*|\{\{.*|<.*>|%[A-Z_]+%|(your|my|the)[_ -].*(id|client).*|client[_-]?id|xxx+|changeme|todo)", re.I
)
_SAYS_TYPE = re.compile(r"response.?type|unsupported_response|AADSTS700054|AADSTS7000?51", re.I)
_SAYS_STATE = re.compile(
    r"\bstate\b[\"'`]?[^.]{0,60}(missing|required|too short|at least|enough|entropy|invalid|must|empty)"
    r"|(missing|required|no|invalid)\b[^.]{0,40}\bstate\b",
    re.IGNORECASE,
)
_SAYS_NONCE = re.compile(r"\bnonce\b", re.I)
_SAYS_TWICE = re.compile(r"duplicat|repeated|more than once|multiple (values|times)|several times|twice", re.I)
_MAY_REPEAT = ("resource", "audience")
_TYPES = ("code", "token", "id_token", "none")
_ENDPOINT = re.compile(r"/(authorize|authorization|auth|oauth2?|authorise|dialog/oauth)/?$", re.I)


@rule(Section("RFC 6749", "4.1.2.1"), explains=("authorization-refused",), decisive=True)
def client_unknown(asked: Asked, returned: Returned | None, given: Given) -> Iterator[Found]:
    """The provider knows no client of this client_id."""
    refusal = refusal_of(asked, returned)
    sent = asked.sent.client_id or ""
    if refusal is None or not sent:
        return
    if refusal.seen.reply.status == 404 and refusal.seen is asked and not refusal.says(_SAYS_CLIENT):
        if not says_no_route(asked):
            yield _not_there(asked)
        return
    broken = _flaw_of(sent)
    differs = bool(given.client_id) and given.client_id != sent
    # Where the client is to prove who it is, this is about the proof.
    words = _OF_THE_PROOF.sub(" ", refusal.words) if asked.purpose == purposes.PUSHED_AUTHORIZATION else refusal.words
    said = _SAYS_CLIENT.search(words) is not None and not _SAYS_OTHER.search(_SAYS_CLIENT.sub(" ", words.replace(sent, " ")))
    if not (said or (broken and not _SAYS_OTHER.search(refusal.words)) or (differs and refusal.says(_SAYS_CLIENT))):
        yield from as_provider_says(refusal.seen, "client-unknown")
        return
    if differs:
        yield Found(
            cause=f"The request's `client_id` is `{sent}`, but the client is registered as `{given.client_id}`: the provider does not "
            f"find it.",
            help=f"In the client's configuration, set `client_id` to `{given.client_id}`.",
            evidence=(asked.evidence(".client_id", expected=given.client_id, got=sent), refusal.evidence),
        )
        return
    yield Found(
        cause=f"The provider knows no client with the `client_id` `{sent}`{broken}.",
        help="In the client's configuration, set the `client_id` as the provider's registration shows it, and use the issuer (tenant, "
        "realm, "
        "environment) in which this client is registered.",
        evidence=(asked.evidence(".client_id", expected="a registered client", got=sent), refusal.evidence),
        certainty=Certainty.CERTAIN if broken else Certainty.LIKELY,
        candidates=()
        if broken
        else (
            Candidate("The client is registered in another tenant, realm or environment.", "Use that one's authorization endpoint."),
            Candidate("The `client_id` is misspelt, or that of a deleted client.", "Copy it from the registration."),
        ),
    )


@rule(Section("RFC 6749", "3.1.1"), explains=("authorization-refused",), decisive=True)
def response_type_unsupported(asked: Asked, returned: Returned | None, metadata: ProviderMetadata | None) -> Iterator[Found]:
    """The response_type is none that the provider offers to this client."""
    sent = " ".join(asked.sent.response_type or ())
    refusal = refusal_of(asked, returned)
    if refusal is None or not sent:
        return
    if not refusal.says(_SAYS_TYPE):
        yield from as_provider_says(refusal.seen, "response-type-unsupported")
        return
    offered = tuple(metadata.response_types_supported or ()) if metadata is not None else ()
    unlisted = bool(offered) and not any(set(one.split()) == set(sent.split()) for one in offered)
    unknown = [part for part in sent.split() if part not in _TYPES]
    if unlisted:
        why = f"the provider's metadata lists {', '.join(f'`{one}`' for one in offered)} alone"
    elif unknown:
        why = f"`{unknown[0]}` is no response type; the names are lower case"
    else:
        why = "the provider does not support it, or it is not enabled for this client"
    yield Found(
        cause=f"The request's `response_type` is `{sent}`, and that is refused: {why}.",
        help="In the client, send `response_type=code` (the authorization code flow); only if another one is needed, enable it for the "
        "client in "
        "the provider's registration.",
        evidence=(asked.evidence(".response_type", expected=", ".join(offered) or "code", got=sent), refusal.evidence),
        certainty=Certainty.CERTAIN if unlisted or unknown else Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "10.12"), explains=("authorization-refused",), decisive=True)
def state_missing(asked: Asked, returned: Returned | None) -> Iterator[Found]:
    """The authorization request has no state, or one that is too short for the provider."""
    refusal = refusal_of(asked, returned)
    sent = asked.sent.state or ""
    if refusal is None or len(sent) >= 8 or asked.sent.request or asked.sent.request_uri:
        return
    if not refusal.says(_SAYS_STATE):
        yield from as_provider_says(refusal.seen, "state-missing")
        return
    what = f"a `state` that is too short, of only {len(sent)} characters" if sent else "no `state` (it is missing)"
    yield Found(
        cause=f"The authorization request has {what}, and this provider wants one with enough entropy: it protects the callback against "
        f"forgery.",
        help="In the client, send a random `state` of at least 16 characters with each authorization request, and compare it in the "
        "callback.",
        evidence=(asked.evidence(".state", expected="a random value", got=sent or "missing"), refusal.evidence),
        certainty=Certainty.CERTAIN if not sent else Certainty.LIKELY,
    )


@rule(Section("OIDC Core", "3.2.2.1"), explains=("authorization-refused",), decisive=True)
def nonce_missing(asked: Asked, returned: Returned | None) -> Iterator[Found]:
    """An ID token is asked for by the browser, and no nonce is sent."""
    refusal = refusal_of(asked, returned)
    if refusal is None or asked.sent.nonce or asked.sent.request or asked.sent.request_uri:
        return
    if not refusal.says(_SAYS_NONCE):
        yield from as_provider_says(refusal.seen, "nonce-missing")
        return
    in_browser = "id_token" in (asked.sent.response_type or ())
    why = "with an ID token in the `response_type` it is required" if in_browser else "this provider requires it"
    yield Found(
        cause=f"The authorization request has no `nonce`: {why}.",
        help="In the client, send a random `nonce` with each authorization request, keep it, and compare it with the ID token's.",
        evidence=(asked.evidence(".nonce", expected="a random value", got="missing"), refusal.evidence),
        certainty=Certainty.CERTAIN if in_browser else Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "3.1"), explains=("authorization-refused", "redirect-uri-not-registered", "scope-unknown"), decisive=True)
def authorization_parameter_duplicated(asked: Asked, returned: Returned | None) -> Iterator[Found]:
    """A parameter is in the authorization request more than once."""
    names = [name for name in asked.sent.duplicated() if name not in _MAY_REPEAT]
    refusal = refusal_of(asked, returned)
    if (
        not names
        or refusal is None
        or not (refusal.says(_SAYS_TWICE) or "invalid_request" in refusal.words or refusal.says(_either(names)))
    ):
        return
    name = names[0]
    values = [str(value) for value in asked.sent.all(name)]
    same = "with the same value" if len(set(values)) == 1 else "with different values"
    yield Found(
        cause=f"The authorization request has the parameter `{name}` {len(values)} times, {same}; each parameter may be there only once.",
        help=f"In the client, send `{name}` once. It is often set by the library and added again by hand, or part of the configured "
        f"endpoint URL.",
        evidence=(asked.evidence(f".{name}", expected="one value", got=" and ".join(values)), refusal.evidence),
    )


@rule(
    Section("RFC 6749", "3.1"), explains=("authorization-refused", "request-refused", "redirect-uri-missing", "redirect-uri-not-registered")
)
def authorization_url_mangled(seen: Seen[Message]) -> Iterator[Found]:
    """The authorization URL was damaged on its way to the browser."""
    query = query_of(seen.url)
    names = [name for name, _ in query]
    known = AuthorizationRequest.params()
    escaped = [name for name in names if name.startswith("amp;") and name[4:] in known]
    if escaped and ("client_id" in names or "response_type" in names):
        yield Found(
            cause=f"The authorization URL has `&amp;` where `&` belongs: it was escaped for HTML and used as it is, so that the provider "
            f"sees "
            f"parameters such as `{escaped[0]}`.",
            help="In the client, escape the URL for HTML only when it is written into HTML; copy and redirect to the plain one.",
            evidence=(seen.evidence("request.url", expected=f"&{escaped[0][4:]}=", got=f"&{escaped[0]}="),),
        )
        return
    cut = names in (["client_id"], ["response_type"]) and seen.reply.status >= 400 and _ENDPOINT.search(split_path(seen.url)) is not None
    if cut and seen.exchange.request.method == "GET":
        yield Found(
            cause=f"The authorization URL ends after its first parameter, `{names[0]}`: it was cut at the first `&`, as a shell or `cmd "
            f"/c start` "
            "does with a URL without quotes.",
            help='In the client, hand the URL to the browser without a shell, or put it in quotes (on Windows, `start "" "URL"`).',
            evidence=(seen.evidence("request.url", expected="all parameters", got=f"only {names[0]}"),),
            certainty=Certainty.LIKELY,
        )
        return
    odd = _with_blanks(query)
    if odd and isinstance(seen.sent, AuthorizationRequest) and (refusal := refusal_of(seen.as_(AuthorizationRequest))) is not None:
        value = str(query.get(odd) or "")
        name, is_name = odd.strip(), odd != odd.strip()
        kind = "a line break" if re.search(r"[\r\n]", odd if is_name else value) else "a blank (space)"
        side = "start" if (odd if is_name else value)[:1].isspace() else "end"
        harm = ", which counts as a part of it, so that it matches no registered one" if name == "redirect_uri" and not is_name else ""
        yield Found(
            cause=f"The {'name' if is_name else 'value'} of `{name}` in the authorization request has {kind} at its {side}{harm}: it was "
            "wrapped, or copied or configured with it.",
            help=f"In the client's configuration, remove the blanks around `{name}` (strip what is read from files and variables).",
            evidence=(
                seen.evidence(f".{odd}", expected=repr((odd if is_name else value).strip())[:200], got=repr(value)[:200]),
                refusal.evidence,
            ),
            title=f"The `{name}` of the authorization request has blanks around it",
        )


def _not_there(asked: Asked) -> Found:
    """A provider that answers 404 to an authorization request, as GitHub does for a client that it does not know."""
    return Found(
        cause=f"The authorization endpoint answers 404: the provider knows no client with the `client_id` `{asked.sent.client_id}`, or the "
        "endpoint's URL is wrong.",
        help="In the client's configuration, compare the `client_id` with the provider's registration, and the endpoint with its metadata.",
        evidence=(asked.evidence(".client_id", expected="a registered client", got=asked.sent.client_id or ""),),
        certainty=Certainty.POSSIBLE,
        candidates=(
            Candidate("The `client_id` is unknown: some providers answer 404 then.", "Copy it from the registration."),
            Candidate("The authorization endpoint is at another URL.", "Take it from the provider's metadata."),
        ),
        probe="Open the endpoint without parameters: a page that misses `client_id` shows that the URL is right.",
    )


def _flaw_of(client_id: str) -> str:
    if _PLACEHOLDER.fullmatch(client_id.strip()):
        return ": it is a placeholder that was never filled in"
    if client_id != client_id.strip() or any(character in client_id for character in "\r\n\t\"'"):
        return ": it has blanks, quotes or a line break around it"
    return ""


def _with_blanks(query: Params) -> str:
    """The first parameter whose name or value has blanks at its ends."""
    for name, value in query:
        if name != name.strip() or (name not in ("scope", "client_id") and value != value.strip()):
            return name
    return ""


def _either(names: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(name) for name in names), re.IGNORECASE)
