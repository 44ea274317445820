"""Userinfo and introspection: the form in which they are asked and answered.

Here: a signed answer that is read as JSON, an introspection request that is no form, a token asked about under another address than it was
issued under. Not here: what userinfo says of the person (`userinfo`), who may ask (`introspection`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.http import origin, split_url
from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.messages.token import IntrospectionRequest
from oauthctl.record import purposes
from oauthctl.rules.hosts import host_of, is_internal_host
from oauthctl.rules.registry import Evidence, Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section

_UNREADABLE = re.compile(
    r"json|unexpected (?:token|character|end)|parse|decod|invalid character|unmarshal|expecting value|content.?type|malformed",
    re.IGNORECASE,
)
_OF_INTROSPECTION = re.compile(
    r"introspect\w*[^\n]{0,80}(?:respon\w+|return\w*|fail\w*|status|answer\w*|code)[^\n]{0,60}\b(?:401|403|unauthori[sz]ed|invalid_client)\b",
    re.IGNORECASE,
)
_JWT = re.compile(rb"\s*eyJ[\w-]+\.[\w-]+\.[\w-]*(?:\.[\w-]+\.[\w-]+)?\s*$")


@rule(Section("OIDC Core", "5.3.2"), explains=("callback-failed", "token-exchange-failed"))
def userinfo_is_signed(asked: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """Userinfo answers with a JWT, and the client reads it as plain JSON."""
    response = asked.exchange.response
    if asked.purpose != purposes.USERINFO or response is None or response.status != 200:
        return
    kind = (asked.reply.header("content-type").partition(";")[0]).strip().lower()
    if kind != "application/jwt" and not _JWT.match(response.body[:65536]):
        return
    is_said = _UNREADABLE.search(scene.given.local_error) is not None
    # Whoever can read it goes on; here the callback, which waits for the answer, fails.
    failed = [one for one in scene.each(AuthorizationResponse) if one.is_direct and one.sent.code and one.reply.status >= 500]
    if not is_said and not failed:
        return
    is_encrypted = response.body.strip().count(b".") == 4
    what = "encrypted" if is_encrypted else "signed"
    yield Found(
        cause=f"The userinfo endpoint answers with a {what} JWT (`{kind or 'no content type'}`), and the client parses the body as plain "
        "JSON.",
        help=f"In the client, take `application/jwt`: {'decrypt it, then ' if is_encrypted else ''}verify its signature, `iss` and "
        "`aud`, and "
        "read the claims from the payload; or at the provider, set the client's `userinfo_signed_response_alg` "
        "(the userinfo response's signing) to none, so that plain JSON comes.",
        evidence=(asked.evidence("response.headers.Content-Type", "application/json", kind or "missing"),),
        certainty=Certainty.CERTAIN if is_said else Certainty.LIKELY,
    )


@rule(
    Section("RFC 7662", "2.1"),
    Section("RFC 7009", "2.1"),
    explains=("request-refused", "request-fault-named", "client-auth-missing", "method-not-allowed"),
)
def token_question_not_form(scene: Scene) -> Iterator[Found]:
    """The token to introspect or revoke is not sent as a form."""
    for seen in scene.seen:
        request = seen.exchange.request
        if not seen.is_direct or not seen.reply.has_answer or seen.reply.status not in (400, 401, 405, 411, 415, 422):
            continue
        path = split_url(seen.url).path.lower().rstrip("/")
        what = "introspection" if "introspect" in path else "revocation" if path.endswith(("/revoke", "/revocation")) else ""
        if not what or request.method not in ("POST", "GET") or scene.is_made_good(seen):
            continue
        if not seen.reply.error and seen.reply.status in (400, 401, 422):
            continue
        body, kind = request.body.lstrip(), seen.request_header("content-type").partition(";")[0].strip().lower()
        is_json, is_query = body[:1] == b"{", not body and "token" in purposes.query_of(seen.url)
        is_mislabelled = body.startswith(b"token=") and kind not in ("", "application/x-www-form-urlencoded")
        if not (is_json or is_query or is_mislabelled) or seen.reply.error == "invalid_client":
            continue
        how = "as JSON" if is_json else "in the URL's query" if is_query else f"labelled `{kind[:60]}`"
        yield Found(
            cause=f"The {what} request sends the `token` {how}: the endpoint reads its parameters from a form in the body "
            "(`application/x-www-form-urlencoded`) and finds no token.",
            help="In the client, POST `token=…` (and `token_type_hint`) form-encoded with `Content-Type: "
            "application/x-www-form-urlencoded`.",
            evidence=(seen.evidence("request.headers.Content-Type", "application/x-www-form-urlencoded", kind or "missing"),),
            certainty=Certainty.CERTAIN,
        )


@rule(Section("RFC 7662", "2.2"), explains=("introspection-client-not-allowed", "request-refused"))
def introspected_at_other_address(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token is introspected at another address of the server than the one in its issuer."""
    seen = scene.direct(jwt.held.exchange)
    asked = seen.as_(IntrospectionRequest) if seen is not None else None
    issuer = jwt.claims.get("iss")
    if (
        asked is None
        or not jwt.held.place.endswith(".token")
        or asked.reply.members.get("active") is not False
        or not isinstance(issuer, str)
    ):
        return
    end = jwt.claims.get("exp")
    if not isinstance(end, int | float) or end <= asked.exchange.started_at.timestamp() or origin(issuer) == origin(asked.url):
        return
    # After a revocation or a sign-out, no is the answer that is due.
    if any(one.id < asked.id and one.purpose in (purposes.REVOCATION, purposes.LOGOUT) for one in scene.seen):
        return
    path = split_url(issuer).path.rstrip("/")
    is_same_server = bool(path) and split_url(asked.url).path.startswith(path + "/")
    is_internal = is_internal_host(host_of(asked.url)) != is_internal_host(host_of(issuer))
    if not is_same_server and not is_internal:
        return
    there = f"{split_url(asked.url).scheme}://{split_url(asked.url).netloc}"
    cause = (
        f"The token's issuer (`iss`) is `{issuer[:160]}`, and it is introspected at `{there}`, another host: a server that derives its "
        "issuer from the address it is called by takes the token for another issuer's and says `active` false."
    )
    help_ = (
        f"At the provider, set its public host name (Keycloak: `hostname`, with `hostname-backchannel-dynamic` for internal calls), "
        "so that "
        f"the issuer is `{issuer[:120]}` whatever the address; or introspect at `{origin(issuer)}`."
    )
    yield Found(
        cause=cause,
        help=help_,
        evidence=(jwt.evidence(".claims.iss", there, issuer), asked.evidence("response.body.active", "true", "false")),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("The server takes itself for another issuer at this address.", "Set its public host name."),
            Candidate("The caller may not ask about this token.", "Ask with the API resource's own credentials."),
        ),
        probe=f"Introspect the same token at `{origin(issuer)}`.",
    )


@rule(Section("RFC 7662", "2.1"), explains=("server-error", "api-call-refused", "api-rejects-valid-token"))
def introspection_refused_to_api(scene: Scene) -> Iterator[Found]:
    """The API's own credentials are refused where it asks about tokens."""
    said = _OF_INTROSPECTION.search(scene.given.local_error)
    if said is None or any(isinstance(seen.sent, IntrospectionRequest) for seen in scene.seen):
        return
    call = next((seen for seen in scene.each(ApiRequest) if seen.reply.failed), None)
    yield Found(
        cause="The API asks the provider about each token (introspection), and the provider refuses the API itself: the client credentials "
        "that the API introspects with are wrong, missing or sent in another way than the provider takes. The caller's token was not "
        "judged.",
        help="In the API's configuration, correct the client ID and secret of the introspection (a confidential client of that provider) "
        "and their method (`client_secret_basic` or `client_secret_post`), and the introspection URL.",
        evidence=(
            Evidence(None, "given.local_error", "200", said[0][:200]),
            *((call.evidence("response.status", got=str(call.reply.status)),) if call is not None else ()),
        ),
        certainty=Certainty.LIKELY,
    )


@rule(Section("OIDC Core", "5.3.2"))
def userinfo_answer_is_page(asked: Seen[ApiRequest]) -> Iterator[Found]:
    """Userinfo is answered with a page."""
    problem = asked.reply.answer.problem
    if asked.purpose != purposes.USERINFO or asked.reply.status != 200 or not problem.startswith(("an HTML", "an XML")):
        return
    yield Found(
        cause=f"The userinfo request to `{asked.url[:200]}` brought {problem} with status 200 instead of JSON: that URL is no userinfo "
        "endpoint but a page (a sign-in page, a start page that answers every path).",
        help="In the client, take the URL from `userinfo_endpoint` of the provider's metadata; at the provider, let no sign-in page or "
        "proxy stand in front of it.",
        evidence=(asked.evidence("response.body", "JSON with `sub`", problem),),
    )


@rule(Section("RFC 7662", "2.2"))
def introspection_answer_is_page(asked: Seen[IntrospectionRequest]) -> Iterator[Found]:
    """The introspection is answered with a page."""
    if asked.reply.status != 200 or not asked.reply.answer.problem.startswith(("an HTML", "an XML")):
        return
    yield Found(
        cause=f"The introspection request to `{asked.url[:200]}` brought {asked.reply.answer.problem} with status 200 instead of "
        "JSON: that URL "
        "is no introspection endpoint but a page (a sign-in page, a start page that answers every path).",
        help="In the API's configuration, take the URL from `introspection_endpoint` of the provider's metadata, and let no sign-in "
        "or proxy "
        "stand in front of it.",
        evidence=(asked.evidence("response.body", "JSON with `active`", asked.reply.answer.problem),),
    )
