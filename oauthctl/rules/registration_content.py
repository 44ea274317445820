"""What a registration says, and how: its format, its scopes, its statement, the policies that read it, and the token for it afterwards.

Here: RFC 7591 sections 2 and 3, RFC 7592. Not here: whether registration is offered (`registration`), redirect URIs (`registration_form`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.http import split_url
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message, words
from oauthctl.messages.registration import RegistrationRequest, RegistrationResponse
from oauthctl.record import purposes
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.rules.token_refused import is_refused, says
from oauthctl.specs import Section

_FOLDED = ("registration-metadata-refused", "registration-needs-token", "registration-redirect-uri-refused", "request-refused")
_POLICY = re.compile(r"policy ['\"]?([\w ./-]{3,60}?)['\"]? rejected[^.]{0,120}\.?(?: details?:? ?([^\"}]{0,160}))?", re.IGNORECASE)
_STATEMENT = r"software.?statement|\bSSA\b"


@rule(Section("RFC 7591", "3.1"), explains=(*_FOLDED, "registration-redirect-uri-malformed"))
def registration_not_json(asked: Seen[RegistrationRequest], scene: Scene) -> Iterator[Found]:
    """The registration is not sent as JSON."""
    if not is_refused(asked, scene) or asked.reply.status not in (400, 415, 422, 500):
        return
    kind = asked.request_header("content-type").partition(";")[0].strip().lower()
    body = asked.exchange.request.body.lstrip()[:1]
    if not body or (body == b"{" and (kind.endswith("json") or not kind)):
        return
    is_label_alone = body == b"{"
    what = f"labelled `{kind[:60]}`" if is_label_alone else "a form (`client_name=…&redirect_uris=…`)"
    yield Found(
        cause=f"The registration is {what}, and a registration must be a JSON document: the server reads no client metadata out of a form.",
        help="In the client, send the members as one JSON object (`redirect_uris` an array) with `Content-Type: application/json`.",
        evidence=(asked.evidence("request.headers.Content-Type", "application/json", kind or "missing"),),
        certainty=Certainty.LIKELY if is_label_alone else Certainty.CERTAIN,
    )


@rule(Section("RFC 7591", "2"), explains=_FOLDED)
def registration_scope_refused(asked: Seen[RegistrationRequest], scene: Scene, published: ProviderMetadata | None) -> Iterator[Found]:
    """The provider registers no client with these scopes."""
    if not is_refused(asked, scene) or not says(asked, r"\bscopes?\b") or _POLICY.search(asked.reply.words):
        return
    asked_for = words(asked.sent.raw("scope")) or ()
    supported = (published.scopes_supported or ()) if published is not None else ()
    named = [one for one in asked_for if re.search(rf"(?<![\w.:/-]){re.escape(one)}(?![\w/-])", asked.reply.words)]
    wrong = named or [one for one in asked_for if supported and one not in supported]
    if not asked_for or (not wrong and asked.reply.error not in ("invalid_scope", "invalid_client_metadata")):
        return
    which = ", ".join(f"`{one[:80]}`" for one in (wrong or asked_for)[:5])
    why = ", which `scopes_supported` of its metadata does not list" if supported and not set(wrong) & set(supported) and wrong else ""
    yield Found(
        cause=f"The provider refuses the registration for its `scope`: it gives a client that registers itself no {which}{why}.",
        help=f"In the client, register without {which} (or without `scope`, which takes the provider's default), and ask for what "
        "it grants; "
        "or let the provider allow that scope to registered clients.",
        evidence=(asked.evidence("request.body.scope", expected=" ".join(supported)[:200], got=" ".join(asked_for)[:200]),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 7591", "2.3"), explains=_FOLDED)
def software_statement_wanted(asked: Seen[RegistrationRequest], scene: Scene) -> Iterator[Found]:
    """The provider wants a software statement with the registration, or another one."""
    coded = asked.reply.error in ("invalid_software_statement", "unapproved_software_statement")
    if not is_refused(asked, scene) or not (coded or says(asked, _STATEMENT)):
        return
    has = bool(asked.sent.raw("software_statement"))
    state = "does not accept the one that came (signature, issuer or lifetime)" if has else "got none"
    if asked.reply.error == "unapproved_software_statement":
        state = "has not approved the one that came"
    yield Found(
        cause="The provider registers only clients that show a software statement, a signed JWT about the software, and it "
        f"{state} (`software_statement`).",
        help="Get a software statement from whom the provider trusts (in open banking: the directory), and send it as `software_statement` "
        "while it is fresh; or have the client created by hand.",
        evidence=(asked.evidence("request.body.software_statement", "a statement that is trusted", "refused" if has else "missing"),),
        certainty=Certainty.CERTAIN if not has and coded else Certainty.LIKELY,
    )


@rule(Section("RFC 7591", "3.2.2"), explains=(*_FOLDED, "scope-insufficient"))
def registration_policy_refuses(asked: Seen[RegistrationRequest], scene: Scene) -> Iterator[Found]:
    """A policy of the provider's client registration refuses the client."""
    said = _POLICY.search(asked.reply.words) if is_refused(asked, scene) else None
    if said is None or re.search(r"trusted hosts?", said[1], re.IGNORECASE):
        return
    details = f": {said[2].strip().rstrip('.')}" if said[2] else ""
    of_scope = " It is about a scope that the registration asks for, not about a token." if "scope" in said[0].lower() else ""
    yield Found(
        cause=f"The registration policy `{said[1]}` of the provider refuses this client{details}.{of_scope}",
        help=f"At the provider, open the policies of client registration (Keycloak: *Clients*, *Client registration*, anonymous "
        "access) and "
        f"let `{said[1]}` allow what the registration asks for; or leave that out in the client, or register with an initial access token.",
        evidence=(asked.evidence("response.body.error_description", got=said[0][:200]),),
        certainty=Certainty.LIKELY,
    )


_OF_ITS_TOKEN = ("registration-token-refused", "api-call-refused", "request-fault-named")


@rule(Section("RFC 7592", "2"), Section("RFC 7592", "3"), explains=(*_OF_ITS_TOKEN, "token-not-sent"))
def registration_token_differs(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """A registration is managed with another token than the one that was issued for it."""
    if seen.reply.status not in (401, 403) or seen.id not in scene.failed or not seen.purpose:
        return
    for asked in scene.before(seen.id, RegistrationRequest):
        back = asked.back
        if not isinstance(back, RegistrationResponse) or not back.raw("registration_client_uri"):
            continue
        place = split_url(str(back.raw("registration_client_uri")))
        if (place.netloc, place.path) != (split_url(seen.url).netloc, split_url(seen.url).path):
            continue
        scheme, _, sent = seen.request_header("authorization").partition(" ")
        if sent.strip() == str(back.raw("registration_access_token") or ""):
            return
        what = "has no token" if not scheme else "has another token" if isinstance(seen.sent, ApiRequest) else f"has `{scheme[:20]}`"
        yield Found(
            cause=f"The client's registration (exchange {asked.id}) is read or changed at its `registration_client_uri`, and the request "
            f"{what} than the `registration_access_token` that was issued for it."
            if scheme
            else f"The client's registration (exchange {asked.id}) is read or changed at its `registration_client_uri` without the "
            "`registration_access_token` that was issued for it.",
            help="In the client, keep the `registration_access_token` of the registration's answer (and of every later one, which may "
            "replace it), and send it as `Authorization: Bearer` there; the initial access token is for registering alone.",
            evidence=(
                seen.evidence("request.headers.Authorization", "the registration access token", "another" if scheme else "missing"),
                asked.evidence("response.body.registration_access_token", got="issued"),
            ),
        )
        return


_NO_LONGER = (
    Candidate(
        "The server gave another `registration_access_token` with a later answer (a read or an update), and that one was not kept here.",
        "Use the newest token, from wherever the registration was read or changed last.",
    ),
    Candidate(
        "The client was deleted at the server, or the server lost its registrations.",
        "Register the client anew, and put its new `client_id` in the place of the old one.",
    ),
)


@rule(Section("RFC 7592", "2"), explains=("api-call-refused", "request-fault-named"))
def registration_token_refused(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The server refuses the token with which a registration is read or changed."""
    if seen.purpose != purposes.CLIENT_CONFIGURATION or seen.reply.status not in (401, 403) or seen.id not in scene.failed:
        return
    yield Found(
        cause="The server refuses the `registration_access_token` at the `registration_client_uri`: it was replaced by a later answer, or "
        "the client is deleted there.",
        help="Use the newest `registration_access_token`; where the client is gone, register it anew.",
        evidence=(
            seen.evidence("request.headers.Authorization", "the newest registration access token", "refused"),
            seen.evidence("response.status", "200", str(seen.reply.status)),
        ),
        certainty=Certainty.POSSIBLE,
        candidates=_NO_LONGER,
        probe="Whether the client can still be used: an authorization request with its `client_id`.",
    )
