"""How an access token travels to an API: the header, its scheme, the URL.

Here: a token that is missing or stands in the wrong place or form. Not here: one that was sent and got lost, and scopes (`api`), what is
wrong with the token itself (`audience`, `token_time`, `signature`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import split_url
from oauthctl.messages.auth_scheme import known_scheme
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.record import purposes
from oauthctl.record.purposes import query_of
from oauthctl.rules.api import NONE_SEEN
from oauthctl.rules.presented import exchange_of, listed
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, PageRequest, Preflight, Seen
from oauthctl.specs import Section

_USE = Section("RFC 6750", "2.1")
_SCHEMES = ("bearer", "dpop", "basic", "negotiate", "ntlm", "digest", "aws4-hmac-sha256", "hawk", "signature", "apikey", "gnap")
# A scheme begins a challenge; what follows a comma without `=` begins the next.
_SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z][\w-]*)(?=\s+[^=\s,]|\s*$|\s*,)")
_OF_TOKEN = re.compile(r"token|jwt|bearer|expired|signature|scope", re.IGNORECASE)
_OF_SIGNATURE = re.compile(
    r"IncompleteSignatureException|MissingAuthenticationTokenException|not a valid key=value pair \(missing equal-sign\)"
    r"|Authorization header requires '(?:Credential|Signature)'"
)


def _has_token(seen: Seen[ApiRequest]) -> bool:
    return bool(seen.request_header("authorization").strip())


def _refused(seen: Seen[Message], scene: Scene) -> bool:
    return seen.reply.verdict in (401, 403) and seen.id in scene.failed


@rule(_USE, explains=("api-call-refused",))
def token_not_sent(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The API is called without the token."""
    if _has_token(seen) or not _refused(seen, scene) or "access_token" in query_of(seen.url):
        return
    if not seen.exchange.request.headers.pairs:
        # A log or an answer alone: that no header is known doesn't mean that none was sent.
        return
    names = ("cookie", "x-api-key", "x-auth-token", "x-access-token", "dpop", "x-amzn-oidc-data", "private-token")
    others = [name for name in names if seen.request_header(name)]
    issued = [one for one in scene.before(seen.id, TokenRequest) if isinstance(one.back, TokenResponse) and one.back.access_token]
    if scene.after(seen.id, TokenRequest):
        return
    if not issued:
        yield from _alone(seen, scene)
        return
    instead = f" It carries {listed(others)} instead." if others else ""
    yield Found(
        cause=f"The API call has no `Authorization` header, though an access token was issued before (exchange {issued[-1].id}).{instead}",
        help="In the client send `Authorization: Bearer <access token>` with every call of the API; look at interceptors that add it "
        "only for some hosts or paths.",
        evidence=(seen.evidence("request.headers.Authorization", "Bearer and the access token", "missing"),),
    )


def _alone(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """A call that is all there is: with a sign-in or a way to one around it, it is how a client begins."""
    challenge = seen.reply.challenge
    others = [one for one in scene.seen if one.id != seen.id and one.purpose and not isinstance(one.sent, ApiRequest | Preflight)]
    is_hidden = seen.reply.verdict == 401 != seen.reply.status and not seen.request_header("cookie")
    if others or seen.reply.verdict != 401 or (challenge is None and not is_hidden):
        return
    if challenge and challenge.get("error") and not NONE_SEEN.search(seen.reply.words):
        return
    if challenge and challenge.get("resource_metadata") and len(scene.seen) > 1:
        return
    if any(_has_token(one) or one.reply.status // 100 == 3 for one in scene.each(ApiRequest)):
        return
    yield Found(
        cause="The API wants a bearer token, and the call has no `Authorization` header: no access token was sent.",
        help="In the client send `Authorization: Bearer <access token>`; if it does, look for a redirect or proxy between that "
        "removes the header.",
        evidence=(seen.evidence("request.headers.Authorization", "Bearer and the access token", "missing"),),
        certainty=Certainty.LIKELY,
    )


@rule(_USE, decisive=True, explains=("api-call-refused", "authorization-header-stripped"))
def authorization_scheme_wrong(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The Authorization header lacks the scheme Bearer."""
    header = seen.request_header("authorization").strip()
    scheme, space, _ = header.partition(" ")
    if not header or not _refused(seen, scene) or (scheme.lower().rstrip(":") in _SCHEMES and not scheme.endswith(":")):
        return
    challenge = seen.reply.challenge
    asks = challenge is not None and challenge.scheme.lower() == "bearer"
    is_bare_jwt = not space and header.startswith("ey") and header.count(".") == 2
    if not asks and not (challenge is None and is_bare_jwt and NONE_SEEN.search(seen.reply.words)):
        return
    named = known_scheme(scheme) if space else ""
    got = f"begins with `{named}`" if named else "begins with another word" if space else "is the bare token"
    yield Found(
        cause=f"The API {'asks for' if asks else 'looks for'} the scheme `Bearer`, and the `Authorization` header {got}: without "
        "that word in front the token is "
        "not seen.",
        help="In the client send `Authorization: Bearer <access token>`: the word Bearer, one space, the token.",
        evidence=(seen.evidence("request.headers.Authorization", "Bearer and the access token", named or "no scheme"),),
        certainty=Certainty.CERTAIN if asks else Certainty.LIKELY,
    )


@rule(_USE, explains=("api-call-refused", "authorization-header-stripped", "api-rejects-valid-token", "audience-differs"))
def bearer_not_taken(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The place that is called takes another kind of credentials than bearer tokens."""
    if not _refused(seen, scene) or str(seen.sent.raw("scheme") or "").lower() != "bearer":
        return
    is_aws = _OF_SIGNATURE.search(f"{seen.reply.header('x-amzn-errortype')} {seen.reply.words}") is not None
    asked = _schemes_asked_for(seen)
    if not is_aws and (
        not asked or {"bearer", "dpop", "oauth"} & {one.lower() for one in asked} or _OF_TOKEN.search(f"{seen.reply.answer.fields}")
    ):
        # A server with several schemes may name the first alone, and say what is wrong with the token.
        return
    path = split_url(seen.url).path[:100]
    if is_aws:
        cause = (
            f"The `Authorization` header was read as an AWS signature (SigV4), and it is a bearer token: the route that the gateway found "
            f"for `{path}` is authorized by IAM, or there is no such route (path, method, stage), which is answered alike. Nobody "
            "looked at the token."
        )
        todo = (
            "Compare path, method and stage of the call with the API's deployed routes; on the right route attach the JWT (or Cognito) "
            "authorizer instead of IAM and deploy the stage again."
        )
    else:
        cause = (
            f"The API asks for {listed(asked)} at `{path}` (`WWW-Authenticate`), and the call sends a bearer token: at this path another "
            "authorization scheme is set up, so the token is not looked at."
        )
        todo = (
            f"In the client write `Authorization: {asked[0]} <token>` if that is only the API's own word for its tokens; else set up "
            "bearer tokens for this path at the server (or the proxy before it), or call a path that takes them."
        )
    yield Found(
        cause=cause,
        help=todo,
        evidence=(seen.evidence("request.headers.Authorization", "AWS4-HMAC-SHA256" if is_aws else " ".join(asked), "Bearer"),),
        certainty=Certainty.LIKELY,
    )


def _schemes_asked_for(seen: Seen[ApiRequest]) -> tuple[str, ...]:
    """The schemes of the challenges."""
    response = seen.exchange.response
    lines = response.headers.all("www-authenticate") if response else ()
    found = [name for line in lines for name in _SCHEME.findall(line)]
    return tuple(dict.fromkeys(found))


@rule(_USE, explains=("api-call-refused", "token-opaque", "authorization-header-stripped"))
def token_is_placeholder(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A word is sent where the token should be."""
    word, seen = jwt.facts.get("placeholder"), exchange_of(jwt, scene)
    if (
        not isinstance(word, str)
        or seen is None
        or not jwt.held.place.startswith("request.headers")
        or seen.reply.status not in (400, 401, 403)
    ):
        return
    is_object = word.startswith("[object")
    why = "an object was put there, and not its member `access_token`" if is_object else "the variable was empty or not filled in when the"
    yield Found(
        cause=f"The `Authorization` header carries the word `{word}` in the place of an access token: {why}"
        f"{'' if is_object else ' request was made'}.",
        help="In the client wait until the token is there (after the sign-in, after it is read from storage) before the call is made, "
        "and look at the name under which it is stored.",
        evidence=(seen.evidence("request.headers.Authorization", "Bearer and the access token", word),),
    )


@rule(Section("RFC 6750", "2.3"), explains=("api-call-refused", "token-not-sent"))
def token_in_query(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The access token is sent in the URL and the API does not read it there."""
    if seen.purpose not in (purposes.API, purposes.USERINFO, "") or "access_token" not in query_of(seen.url):
        return
    if seen.reply.status not in (400, 401, 403) or seen.request_header("authorization") or scene.is_made_good(seen):
        return
    if not isinstance(seen.sent, ApiRequest | PageRequest):
        return
    yield Found(
        cause="The access token is in the URL's query (`access_token=`), and the API refuses it there: most read it from the "
        "`Authorization` header alone.",
        help="In the client send `Authorization: Bearer <access token>` and take the token out of the URL, where logs keep it.",
        evidence=(seen.evidence("request.query.access_token", "in the Authorization header", "in the query"),),
        certainty=Certainty.LIKELY,
    )
