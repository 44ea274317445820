"""What an API wants beside a good token: another header, another application, a user behind it, its own environment.

Here: calls whose token is fine and that are refused all the same. Not here: scopes and lost headers (`api`), the token's own flaws
(`audience`, `token_time`, `signature`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import split_url
from oauthctl.messages.param import Message
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.environments import Environment, environment_of, issues_for, named_environment, sandbox_host
from oauthctl.rules.hosts import host_of
from oauthctl.rules.presented import lacks_scope
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.required_headers import RequiredHeader, header_wanted
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section

_USE = Section("RFC 6750", "3.1")
_NAMES_CLIENT = re.compile(r"(?:^|[-_])client-?id$|^(?:trakt-api-key|x-app-?id|application-?id)$", re.IGNORECASE)
_OF_CLIENT = re.compile(
    r"client.?id|(?:token|it) (?:was |is )?(?:not |n't )?(?:been )?issued (?:to|for)"
    r"|\b(?:another|other|different|this) (?:application|app|client)\b",
    re.IGNORECASE,
)
# APIs compare these with the token; others of such names may be for statistics.
_COMPARED = re.compile(r"^client-?id$|^trakt-api-key$|^amazon-advertising-api-clientid$", re.IGNORECASE)
_OF_USER = re.compile(
    r"app(?:lication)?[- ]?only|user[- ]context|delegated|on behalf of a user|user (?:access )?token (?:is )?(?:required|needed)"
    r"|requires? (?:a |an )?user|(?:no|without a|missing) (?:signed-?in )?user|not associated with a user"
    r"|valid user authentication|client.credentials (?:token|grant|flow)",
    re.IGNORECASE,
)
_OF_APP = re.compile(
    r"user[- ]context is (?:forbidden|not)"
    r"|(?:requires?|needs?|only (?:supports?|accepts?|allows?)) (?:an? )?app(?:lication)?[- ](?:only|access)"
    r"|app(?:lication)? access token (?:is )?(?:required|needed)|application permissions? (?:is |are )?(?:required|needed)",
    re.IGNORECASE,
)
_BOTS = re.compile(r"^/api(?:/v\d+)?/(?:guilds/\d+(?!/widget)|channels/\d+)(?:/|$)")
_GITHUB_USER = re.compile(r"^(?:/api/v3)?/user(?:/(?!installations)|$)")
_INSTALLATION = re.compile(r"/app/installations/\d+/access_tokens$")
_THE = {Environment.SANDBOX: "the sandbox", Environment.PRODUCTION: "production"}
_OF_ME = re.compile(r"/me(?:/|$)|/userinfo$|/user$|/users/@me|/current_?user", re.IGNORECASE)
_OF_TOKEN_ITSELF = re.compile(r"expired|revoked|invalid[ _](?:access[ _]|oauth[ _])?token|insufficient|scopes?\b", re.IGNORECASE)
# What Salesforce, Zoho, Questrade, DocuSign and others call it.
_SERVICE_URLS = ("instance_url", "api_domain", "api_server", "api_base_uri", "base_uri", "api_url", "service_url", "tenant_url")
_REFUSALS = (400, 401, 403)


def _is_refused(seen: Seen[ApiRequest], scene: Scene) -> bool:
    return seen.reply.verdict in _REFUSALS and seen.id in scene.failed and bool(seen.sent.raw("token"))


def _claims(seen: Seen[Message], scene: Scene) -> dict[str, object]:
    """The claims of the token that was sent; empty for an opaque one."""
    return next((held.token.claims for held, _ in scene.tokens if held.exchange == seen.id and held.token.claims), {})


@rule(_USE, explains=("api-call-refused", "request-fault-named", "token-inactive", "token-expired", "client-unknown"))
def client_header_of_another_app(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """A header names another application than the token was issued to."""
    if not _is_refused(seen, scene):
        return
    issued = scene.issued_by(str(seen.sent.raw("token")), "access_token")
    claims = _claims(seen, scene)
    named = next((value for name in ("client_id", "azp", "appid", "cid") if isinstance(value := claims.get(name), str)), "")
    owner = (proof_of(issued).client_id if issued is not None else "") or named or scene.given.client_id
    for name, value in seen.exchange.request.headers.pairs:
        if not owner or not _NAMES_CLIENT.search(name) or value.strip() == owner:
            continue
        where = f"exchange {issued.id}" if issued is not None else "its own claims" if named else "the client's configuration"
        is_said = _OF_CLIENT.search(seen.reply.words) is not None
        if not is_said and (not _COMPARED.search(name) or _OF_TOKEN_ITSELF.search(seen.reply.words)):
            continue
        yield Found(
            cause=f"The call's `{name}` header names the client ID `{value[:80]}`, and the access token was issued to `{owner[:80]}` "
            f"({where}): client ID and token belong to two applications.",
            help=f"In the client send in `{name}` the client ID that the token was obtained with (`{owner[:80]}`), or get the token with "
            "the other application's credentials.",
            evidence=(seen.evidence(f"request.headers.{name}", owner, value),),
            certainty=Certainty.CERTAIN if is_said and not (named and issued is None) else Certainty.LIKELY,
        )
        return


@rule(
    _USE,
    explains=("api-call-refused", "request-fault-named", "scope-insufficient", "authorization-header-stripped", "api-rejects-valid-token"),
)
def required_header_missing(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The call lacks a header that the API asks for beside the token."""
    if not _is_refused(seen, scene):
        return
    wanted = header_wanted(seen)
    if wanted is None or seen.request_header(wanted.name):
        return
    works = _works_elsewhere(seen, scene)
    if not wanted.is_said and works is None and _OF_TOKEN_ITSELF.search(seen.reply.words):
        return
    same = f", while the same token is accepted in exchange {works.id}" if works is not None else ""
    yield Found(
        cause=f"The call has no `{wanted.name}` header, by which the API learns {wanted.tells}{same}: the token itself is not what is "
        "missing.",
        help=f"In the client send `{wanted.name}` with every call of this API: {wanted.source}.",
        evidence=(seen.evidence(f"request.headers.{wanted.name}", wanted.tells, "missing"),),
        certainty=_certainty(wanted, works),
    )


def _certainty(wanted: RequiredHeader, works: Seen[ApiRequest] | None) -> Certainty:
    return Certainty.CERTAIN if wanted.is_said or works is not None else Certainty.LIKELY


def _works_elsewhere(seen: Seen[ApiRequest], scene: Scene) -> Seen[ApiRequest] | None:
    """Another call at the same host that the same token was good for."""
    return next(
        (
            one
            for one in scene.each(ApiRequest)
            if one.id != seen.id
            and one.sent.raw("token") == seen.sent.raw("token")
            and host_of(one.url) == host_of(seen.url)
            and one.reply.has_answer
            and not one.reply.failed
        ),
        None,
    )


@rule(
    Section("RFC 6749", "4.4"),
    explains=("api-call-refused", "scope-insufficient", "request-fault-named", "api-rejects-valid-token", "audience-differs"),
)
def app_token_for_user_endpoint(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """An application's own token is used where the API wants a user's."""
    if not _is_refused(seen, scene):
        return
    issued = scene.issued_by(str(seen.sent.raw("token")), "access_token")
    if (of_app := _of_installation(seen, scene)) is not None:
        yield of_app
        return
    claims = _claims(seen, scene)
    is_marked = claims.get("idtyp") == "app" or claims.get("gty") == "client-credentials"
    is_by_grant = issued is not None and issued.sent.grant_type == "client_credentials"
    if not is_by_grant and not (is_marked and issued is None):
        return
    is_said, is_of_me = _OF_USER.search(seen.reply.words) is not None, _OF_ME.search(split_url(seen.url).path) is not None
    if not is_said and (not is_of_me or lacks_scope(seen)):
        return
    whence = f"it came by `client_credentials` (exchange {issued.id})" if is_by_grant and issued is not None else "its claims say so"
    yield Found(
        cause=f"The access token is the application's own ({whence}), with no user behind it, and `{split_url(seen.url).path[:100]}` acts "
        "on behalf of a user: the API wants a token in user context there.",
        help="In the client get the token by the authorization code flow (with PKCE), in which a user signs in and consents, and call this "
        "endpoint with that one; with the app's token call only endpoints that allow app-only access.",
        evidence=(
            *((issued.evidence(".grant_type", "authorization_code", "client_credentials"),) if is_by_grant and issued is not None else ()),
            seen.evidence("request.headers.Authorization", "a user's token", "the application's token"),
        ),
        certainty=Certainty.CERTAIN if is_said and is_by_grant else Certainty.LIKELY,
    )


def _of_installation(seen: Seen[ApiRequest], scene: Scene) -> Found | None:
    """GitHub's installation access tokens are the app's own, and there is no user whom `/user` could tell of."""
    if seen.reply.status != 403 or "by integration" not in seen.reply.words or not _GITHUB_USER.search(split_url(seen.url).path):
        return None
    token = seen.sent.raw("token")
    issued = next((one for one in scene.seen if _INSTALLATION.search(one.url) and one.reply.members.get("token") == token), None)
    whence = f" (exchange {issued.id})" if issued is not None else ""
    return Found(
        cause=f"The token is an installation access token{whence}: it stands for the app, with no user behind it, and "
        f"`{split_url(seen.url).path[:100]}` is about the user who signed in.",
        help="In the client call this endpoint with a user access token, which the app gets by the authorization code or device flow; with "
        "the installation's token read the app itself (`GET /app` takes the app's JWT) or its repositories "
        "(`GET /installation/repositories`).",
        evidence=(seen.evidence("request.headers.Authorization", "a user access token", "the installation's token"),),
        certainty=Certainty.CERTAIN if issued is not None else Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "4.4"), explains=("api-call-refused", "scope-insufficient", "api-rejects-valid-token"))
def user_token_for_app_endpoint(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """A user's token is used where the API wants the application's own."""
    if not _is_refused(seen, scene):
        return
    if _is_for_bots(seen):
        yield Found(
            cause=f"The access token is a user's, sent as `Bearer`, and `{split_url(seen.url).path[:100]}` is an endpoint for bots: it "
            "takes the application's bot token only.",
            help="In the client send `Authorization: Bot <bot token>` for calls about guilds, channels and members; with the user's token "
            "ask for what that user sees, such as `/users/@me/guilds` or `/users/@me/guilds/{guild}/member` (scope "
            "`guilds.members.read`).",
            evidence=(seen.evidence("request.headers.Authorization", "Bot and the bot token", "Bearer"),),
            certainty=Certainty.LIKELY,
        )
        return
    if not _OF_APP.search(seen.reply.words):
        return
    issued = scene.issued_by(str(seen.sent.raw("token")), "access_token")
    if issued is not None and issued.sent.grant_type == "client_credentials":
        return
    whence = f" (exchange {issued.id}, `{(issued.sent.grant_type or '')[:60]}`)" if issued is not None else ""
    yield Found(
        cause=f"The access token is a user's{whence}, and `{split_url(seen.url).path[:100]}` takes only the application's own (app-only) "
        "token.",
        help="In the client get a token by the `client_credentials` grant, in which the application acts for itself, and call this "
        "endpoint with that one.",
        evidence=(seen.evidence("request.headers.Authorization", "the application's token", "a user's token"),),
        certainty=Certainty.LIKELY,
    )


def _is_for_bots(seen: Seen[ApiRequest]) -> bool:
    """Whether Discord's endpoint is one that no user's token opens. Source: https://discord.com/developers/docs/resources/guild."""
    if not host_of(seen.url).endswith(("discord.com", "discordapp.com")) or str(seen.sent.raw("scheme") or "").lower() != "bearer":
        return False
    return seen.reply.status == 401 and _BOTS.search(split_url(seen.url).path) is not None


@rule(_USE, explains=("api-call-refused", "scope-insufficient", "request-fault-named", "api-rejects-valid-token"))
def token_of_another_environment(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """A token of the sandbox is used in production, or the other way round."""
    if not _is_refused(seen, scene):
        return
    host = host_of(seen.url)
    here = environment_of(host)
    issued = scene.issued_by(str(seen.sent.raw("token")), "access_token")
    source = host_of(issued.url) if issued is not None else host_of(str(_claims(seen, scene).get("iss", "")))
    if source and issues_for(source, host) and environment_of(source) is not here:
        there, why = environment_of(source), f"it was issued by `{source}`"
        evidence = seen.evidence("request.url", source, host)
    else:
        named = named_environment(scene.given)
        if named is None or named.environment is here or (here is Environment.PRODUCTION and not sandbox_host(host)):
            return
        there, why = named.environment, f"`{named.name}` is `{named.value[:40]}`"
        evidence = seen.evidence("request.url", f"the {there} host", host)
    known = sandbox_host(host) if there is Environment.SANDBOX else ""
    right = f" (`{known}`)" if known else ""
    yield Found(
        cause=f"Token and account belong to {_THE[there]} ({why}), and the call goes to the {here} host `{host}`: each environment knows "
        "only its own applications, companies and tokens.",
        help=f"In the client take the API's base URL of {_THE[there]}{right} as long as its keys and accounts are used; with the {here} "
        f"base URL use keys, account and token of {_THE[here]}.",
        evidence=(evidence,),
        certainty=Certainty.LIKELY,
    )


@rule(
    _USE, explains=("api-call-refused", "token-expired", "token-of-another-environment", "request-fault-named", "api-rejects-valid-token")
)
def service_url_ignored(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The token response says where to call, and the call goes to another host."""
    if seen.reply.status not in (*_REFUSALS, 404) or seen.id not in scene.failed:
        return
    issued = scene.issued_by(str(seen.sent.raw("token") or ""), "access_token")
    if issued is None or issued.back is None:
        return
    for name in _SERVICE_URLS:
        url = issued.back.raw(name)
        said = host_of(url if "://" in url else f"https://{url}") if isinstance(url, str) else ""
        if not said or said == host_of(seen.url):
            continue
        yield Found(
            cause=f"The token response (exchange {issued.id}) names `{name}` `{str(url)[:200]}` as the place to call, and the call goes to "
            f"another host, `{host_of(seen.url)}`, where this token is not known.",
            help=f"In the client store `{name}` with the token, build the API's URLs from it, and use the sign-in host to sign in alone.",
            evidence=(
                issued.evidence(f"response.body.{name}", got=str(url)[:200]),
                seen.evidence("request.url", said, host_of(seen.url)),
            ),
        )
        return
