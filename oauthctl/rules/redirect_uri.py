"""The redirect URI against those that the provider's console lists.

Here: in what it differs from them. Not here: forms that a provider refuses whatever its list says (`redirect_uri_form`), the two legs of a
sign-in against each other (`redirect_uri_legs`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from oauthctl.http import is_loopback, is_loopback_host, origin
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.messages.registration import RegistrationRequest
from oauthctl.messages.token import TokenRequest
from oauthctl.record import purposes
from oauthctl.rules.front_channel import Refusal, as_provider_says, base_of, goes_back, host_of, refusal_in
from oauthctl.rules.given import Given
from oauthctl.rules.redirect_uri_parts import (
    Difference,
    differences,
    in_words,
    is_covered,
    is_loopback_pair,
    is_private_host,
    misplaced_wildcard,
    nearest,
)
from oauthctl.rules.registry import Candidate, Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

# How providers call it: redirect_uri, redirect URL, callback URL, reply URL, redirect_mismatch, "the domain of this URL".
SAYS_REDIRECT = re.compile(
    r"(?:redirect(?:ion)?|callback|reply|return)[\s_'\"`/-]*(?:ur[il]s?\b|address|mismatch)|redirect_?uri|url.blocked|domain of this url",
    re.IGNORECASE,
)
_SAYS_OTHER = re.compile(
    r"user.?agent|web.?view|private ip|device_id|insecure|must (?:use|be) https"
    r"|(?:missing(?! or invalid)|required)[^.]{0,30}redirect.?ur[il]"
    r"|redirect.?ur[il][\"'`]?\s*(?:is |parameter )*(?:missing$|required|must be (?:present|provided|specified))",
    re.IGNORECASE,
)
_CLAUSE = Section("RFC 6749", "3.1.2.3")


@dataclass(frozen=True, slots=True)
class _Mismatch:
    """A request whose redirect URI isn't on the list, the entry that is nearest, and how they differ."""

    seen: Seen[Message]
    sent: str
    registered: str
    found: tuple[Difference, ...]

    def only(self, part: str) -> Difference | None:
        return self.found[0] if len(self.found) == 1 and self.found[0].part == part else None

    def report(self, cause: str, advice: str) -> Found:
        return Found(cause, advice, (self.seen.evidence(".redirect_uri", expected=self.registered, got=self.sent),))


@rule(_CLAUSE, decisive=True)
def redirect_uri_not_registered(seen: Seen[Message], given: Given, scene: Scene) -> Iterator[Found]:
    """The redirect_uri is none of those that are registered for the client."""
    if _is_of_nobody(seen):
        return
    mismatch = _mismatch(seen, given)
    if mismatch is not None:
        if not _is_special(mismatch, given):
            yield mismatch.report(
                f"The `redirect_uri` `{mismatch.sent}` is not registered for this client: the nearest registered one is "
                f"`{mismatch.registered}`, and {in_words(mismatch.found)}. The provider wants a match character for character.",
                f"Add exactly `{mismatch.sent}` to the redirect URIs (callback URLs) allowed for this client in the provider's "
                f"registration, or make the client send `{mismatch.registered}`.",
            )
        return
    sent = _sent(seen)
    refusal = _refusal_for_redirect(seen)
    if sent and (is_covered(sent, _registered(seen, given)) or _was_accepted(seen, sent, scene)):
        return
    if refusal is None:
        if not goes_back(seen) and not _SAYS_OTHER.search(seen.reply.words):
            yield from as_provider_says(seen, "redirect-uri-not-registered")
        return
    shown = f"`{sent}`" if sent else "of the request"
    yield Found(
        cause=f"The provider refuses the `redirect_uri` {shown}: it does not match, character for character, one of those that "
        "are registered for this client.",
        help=f"Compare it with the list of redirect URIs (callback URLs) in the provider's registration of this very client, and add "
        f"{'exactly ' + shown if sent else 'the one that is sent'} there or change what the client sends.",
        evidence=(
            *((seen.evidence(".redirect_uri", expected="a registered one", got=sent),) if sent else ()),
            refusal.seen.evidence(refusal.place, got=refusal.words[:200]),
        ),
        certainty=Certainty.LIKELY,
        candidates=_candidates(sent),
        probe="Give the registered ones (`--given`, member `registered_redirect_uris`), or compare the two strings by hand.",
    )


def _is_of_nobody(seen: Seen[Message]) -> bool:
    """Whether there is no client yet whose redirect URIs could be compared: it registers only now, or the request names none."""
    sent = seen.sent
    is_unnamed = seen.is_direct and isinstance(sent, AuthorizationRequest) and seen.purpose == purposes.AUTHORIZATION
    return isinstance(sent, RegistrationRequest) or (is_unnamed and not any(map(sent.raw, ("client_id", "request", "request_uri"))))


@rule(_CLAUSE, decisive=True)
def redirect_uri_scheme_differs(seen: Seen[Message], given: Given) -> Iterator[Found]:
    """The redirect_uri differs from the registered one in its scheme alone."""
    mismatch = _mismatch(seen, given)
    scheme = mismatch.only("scheme") if mismatch else None
    if mismatch is None or scheme is None:
        return
    if (scheme.sent, scheme.other) == ("http", "https"):
        yield mismatch.report(
            f"The `redirect_uri` `{mismatch.sent}` is sent with the scheme http, but registered is `{mismatch.registered}` with https. An "
            "application that builds the URI from the request it sees does so behind a proxy that terminates TLS.",
            "In the application, trust the proxy's X-Forwarded-Proto and X-Forwarded-Host headers, or set its external base URL to https; "
            "do not register the http URI.",
        )
        return
    yield mismatch.report(
        f"The `redirect_uri` `{mismatch.sent}` has the scheme {scheme.sent}, but registered is `{mismatch.registered}` with the scheme "
        f"{scheme.other}.",
        f"Make the client send `{mismatch.registered}`, or register `{mismatch.sent}` too.",
    )


@rule(_CLAUSE, decisive=True, explains=("redirect-uri-not-registered",))
def redirect_uri_trailing_slash(seen: Seen[Message], given: Given) -> Iterator[Found]:
    """The redirect_uri differs from the registered one in the slash at its end alone."""
    mismatch = _mismatch(seen, given)
    if mismatch is not None and mismatch.only("slash"):
        yield mismatch.report(
            f"The `redirect_uri` `{mismatch.sent}` differs from the registered `{mismatch.registered}` by its trailing slash; the two "
            "must match as strings.",
            f"Make the client send `{mismatch.registered}`, or register `{mismatch.sent}` too.",
        )


@rule(Section("RFC 8252", "7.3"), decisive=True)
def redirect_uri_loopback_name(seen: Seen[Message], given: Given) -> Iterator[Found]:
    """The redirect_uri and the registered one name this machine differently."""
    mismatch = _mismatch(seen, given)
    host = next((one for one in mismatch.found if one.part == "host"), None) if mismatch else None
    if mismatch is None or host is None or not is_loopback_pair(host.sent, host.other) or not _parts(mismatch) <= {"host", "port", "slash"}:
        return
    yield mismatch.report(
        f"The `redirect_uri` `{mismatch.sent}` has the host `{host.sent}`, but registered is `{mismatch.registered}` with "
        f"`{host.other}`: to the provider these are two different hosts, although both mean this machine.",
        f"Use `{host.other}` on both sides: make the client send `{mismatch.registered}`. Its listener may still bind the loopback "
        "address.",
    )


@rule(Section("RFC 8252", "7.3"), decisive=True)
def redirect_uri_port_differs(seen: Seen[Message], given: Given) -> Iterator[Found]:
    """The redirect_uri differs from the registered one in its port alone."""
    mismatch = _mismatch(seen, given)
    port = mismatch.only("port") if mismatch else None
    if mismatch is None or port is None:
        return
    loopback = " This provider does not ignore the port of a loopback URI as RFC 8252 asks for." if is_loopback(mismatch.sent) else ""
    yield mismatch.report(
        f"The `redirect_uri` `{mismatch.sent}` has port {port.sent}, but registered is `{mismatch.registered}` with port "
        f"{port.other}.{loopback}",
        f"Make the client use the registered port (`{mismatch.registered}`), or register `{mismatch.sent}` too.",
    )


@rule(Section("RFC 3986", "6.2.1"), decisive=True)
def redirect_uri_case_differs(seen: Seen[Message], given: Given) -> Iterator[Found]:
    """The redirect_uri differs from the registered one in upper and lower case alone."""
    mismatch = _mismatch(seen, given)
    if mismatch is not None and mismatch.only("case"):
        yield mismatch.report(
            f"The `redirect_uri` `{mismatch.sent}` differs from the registered `{mismatch.registered}` in upper and lower case; "
            "a path is case sensitive.",
            f"Write it alike on both sides: make the client send `{mismatch.registered}`.",
        )


@rule(_CLAUSE, decisive=True)
def redirect_uri_wildcard_misplaced(seen: Seen[Message], given: Given) -> Iterator[Found]:
    """The registered redirect URI has a wildcard where the provider does not honour it."""
    mismatch = _mismatch(seen, given)
    pattern = misplaced_wildcard(mismatch.sent, given.registered_redirect_uris) if mismatch else ""
    if mismatch is None or not pattern:
        return
    yield Found(
        cause=f"The `redirect_uri` `{mismatch.sent}` would only match the registered pattern `{pattern}` if its wildcard were honoured "
        "there: providers take `*` at the very end of a valid redirect URI, if at all, never in the host.",
        help=f"Register `{mismatch.sent}` itself, one entry for each host.",
        evidence=(seen.evidence(".redirect_uri", expected=pattern, got=mismatch.sent),),
    )


def _mismatch(seen: Seen[Message], given: Given) -> _Mismatch | None:
    """A request that was refused, or whose answer nobody saw, with a redirect URI that is known not to be registered."""
    sent, registered = _sent(seen), _registered(seen, given)
    if not isinstance(seen.sent, AuthorizationRequest) or not sent or not registered or is_covered(sent, registered):
        return None
    if not _could_be_redirect(seen):
        return None
    near = nearest(sent, registered)
    return _Mismatch(seen, sent, near, differences(sent, near))


def _could_be_redirect(seen: Seen[Message]) -> bool:
    if not seen.is_direct or not seen.reply.has_answer:
        return True
    refusal = refusal_in(seen)
    if refusal is None or (goes_back(seen) and not refusal.says(SAYS_REDIRECT)):
        return False
    return refusal.says(SAYS_REDIRECT) or not refusal.says(_SAYS_OTHER)


def _registered(seen: Seen[Message], given: Given) -> tuple[str, ...]:
    """What the console lists; else where the provider sent the refusal, which is the registered one (GitHub)."""
    if given.registered_redirect_uris:
        return given.registered_redirect_uris
    refusal = refusal_in(seen) if isinstance(seen.sent, AuthorizationRequest) else None
    if refusal is None or seen.reply.status // 100 != 3 or not refusal.says(SAYS_REDIRECT):
        return ()
    target = base_of(seen.reply.header("location"))
    return (target,) if target and origin(target) != origin(seen.url) and target.startswith(("http://", "https://")) else ()


def _refusal_for_redirect(seen: Seen[Message]) -> Refusal | None:
    if isinstance(seen.sent, TokenRequest):
        refused = seen.reply.failed and seen.sent.redirect_uri is not None
        refusal = Refusal(seen, f"{seen.reply.error} {seen.reply.description}") if refused else None
        # One text for six causes, as some write it, is no evidence.
        if refusal is not None and refusal.words.lower().count(" or ") + refusal.words.count(",") > 2:
            return None
    else:
        refusal = refusal_in(seen)
    if refusal is None or not refusal.says(SAYS_REDIRECT) or refusal.says(_SAYS_OTHER):
        return None
    return refusal if isinstance(seen.sent, AuthorizationRequest | AuthorizationResponse | TokenRequest) else None


def _was_accepted(seen: Seen[Message], sent: str, scene: Scene) -> bool:
    """Whether the provider sent a code to this very URI before: then it is registered."""
    attempt = scene.attempt_of(seen.id) if isinstance(seen.sent, TokenRequest) else None
    return attempt is not None and attempt.returned is not None and attempt.asked is not None and attempt.asked.sent.redirect_uri == sent


def _sent(seen: Seen[Message]) -> str:
    return (seen.sent.redirect_uri or "") if isinstance(seen.sent, AuthorizationRequest | TokenRequest) else ""


def _parts(mismatch: _Mismatch) -> set[str]:
    return {one.part for one in mismatch.found}


def _is_special(mismatch: _Mismatch, given: Given) -> bool:
    """Whether another rule of this module names the one difference."""
    host = next((one for one in mismatch.found if one.part == "host"), None)
    loopback = host is not None and is_loopback_pair(host.sent, host.other) and _parts(mismatch) <= {"host", "port", "slash"}
    alone = any(mismatch.only(part) for part in ("scheme", "slash", "port", "case"))
    return loopback or alone or bool(misplaced_wildcard(mismatch.sent, given.registered_redirect_uris))


def _candidates(sent: str) -> tuple[Candidate, ...]:
    host = host_of(sent)
    found = [
        Candidate(
            "No registered URI equals it: another host, port or path, a slash at the end, upper and lower case.",
            "Copy the URI from the request into the provider's registration.",
        )
    ]
    if sent.startswith("http://") and host and not is_loopback_host(host) and not is_private_host(host):
        found.insert(
            0,
            Candidate(
                "Registered is https, and the application builds http behind a proxy that terminates TLS.",
                "Trust X-Forwarded-Proto in the application, or set its external base URL.",
            ),
        )
    if is_loopback_host(host):
        found.append(
            Candidate(
                "Registered is another spelling of this machine (`localhost`, `127.0.0.1`, `[::1]`), or another port.",
                "Use one on both sides.",
            )
        )
    if sent.startswith("http://"):
        found.append(Candidate("It is listed, but plain http is only taken in development mode, or from a native client.", "Use https."))
    found.append(
        Candidate("The `client_id` is that of another registration, such as of another environment.", "Compare the `client_id`, too.")
    )
    return tuple(found)
