"""What a token is for, whether anything depends on it here, and what its recipient expects of it.

Here: questions that the rules on tokens share. Not here: judging (`id_token`, `token_time`, `signature`, `audience` …).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from enum import StrEnum

from oauthctl.http import split_url
from oauthctl.messages.metadata import ResourceMetadata
from oauthctl.messages.param import Message, texts
from oauthctl.record import purposes
from oauthctl.record.tokens import HeldToken, Role
from oauthctl.rules.given import Given
from oauthctl.rules.hosts import may_name_itself
from oauthctl.rules.registry import Jwt
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen

_JUDGED = (Role.ACCESS_TOKEN, Role.ID_TOKEN, Role.UNKNOWN)
_ID_CLAIMS = ("nonce", "at_hash", "c_hash", "auth_time", "s_hash")
_ACCESS_CLAIMS = ("scope", "scp", "scopes", "client_id", "cid", "appid", "roles", "cnf", "permissions", "realm_access")
_ENTRA = (
    "sts.windows.net",
    "login.microsoftonline.com",
    "login.windows.net",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
)
# An application whose decoder throws answers 500 and prints why.
_OF_TOKENS = re.compile(r"\bjwt|token|bearer|signature|\bjwk", re.IGNORECASE)


class Use(StrEnum):
    """What a token is by what it says of itself."""

    ID_TOKEN = "ID token"
    ACCESS_TOKEN = "access token"
    OTHER = "token"


def use_of(jwt: Jwt, given: Given) -> Use:
    """What a token is: its claims decide, and what it was handed over as where they don't.

    Source: RFC 9068 section 2, OIDC Core section 2.
    """
    token, claims = jwt.held.token, jwt.claims
    if token.typ == "at+jwt" or claims.get("token_use") == "access" or claims.get("typ") == "Bearer":
        return Use.ACCESS_TOKEN
    if claims.get("token_use") == "id" or claims.get("typ") == "ID":
        return Use.ID_TOKEN
    has_access, has_id = any(name in claims for name in _ACCESS_CLAIMS), any(name in claims for name in _ID_CLAIMS)
    if has_access != has_id:
        return Use.ACCESS_TOKEN if has_access else Use.ID_TOKEN
    if jwt.held.role is Role.ID_TOKEN:
        return Use.ID_TOKEN
    if jwt.held.role is Role.ACCESS_TOKEN:
        return Use.ACCESS_TOKEN
    is_for_client = given.client_id in audience_of(jwt) and (len(audience_of(jwt)) == 1 or "azp" in claims or not given.audiences)
    return Use.ID_TOKEN if given.client_id and is_for_client else Use.OTHER


def audience_of(jwt: Jwt) -> tuple[str, ...]:
    """For whom the token is, as a list."""
    value = jwt.claims.get("aud")
    return (value,) if isinstance(value, str) else texts(value) or ()


def is_pasted(jwt: Jwt) -> bool:
    """Whether the token came without an exchange."""
    return jwt.held.exchange is None and jwt.held.role in _JUDGED


def is_received(jwt: Jwt, scene: Scene) -> bool:
    """Whether the token is one that a provider just handed out, in an answer or through the browser."""
    seen = exchange_of(jwt, scene)
    if seen is None or jwt.held.role not in _JUDGED:
        return False
    return jwt.held.place.startswith("response.") or seen.purpose == purposes.CALLBACK


def refusing(jwt: Jwt, scene: Scene, *, even_for_scope: bool = False) -> Seen[Message] | None:
    """The exchange in which the token was shown to an API and not taken; None when nothing refused it, or only for what it allows."""
    if jwt.held.role not in _JUDGED or not jwt.held.place.startswith("request."):
        return None
    seen = exchange_of(jwt, scene)
    if seen is None or seen.purpose not in (purposes.API, purposes.USERINFO):
        return None
    if seen.id not in scene.failed or (lacks_scope(seen) and not even_for_scope):
        return None
    is_about_it = seen.reply.verdict in (400, 401, 403) or (seen.reply.status >= 422 and _OF_TOKENS.search(seen.reply.words))
    return seen if is_about_it else None


def is_at_stake(jwt: Jwt, scene: Scene) -> bool:
    """Whether it matters if this token is good: it was pasted, just received, or refused by an API."""
    return is_pasted(jwt) or is_received(jwt, scene) or refusing(jwt, scene) is not None


def is_to_be_verified(jwt: Jwt, scene: Scene) -> bool:
    """Whether somebody here has to verify it: as `is_at_stake`, yet an access token that was received is the API's to verify."""
    return is_at_stake(jwt, scene) and not (is_received(jwt, scene) and jwt.held.role is not Role.ID_TOKEN)


def is_new_id_token(jwt: Jwt, scene: Scene) -> bool:
    """Whether it is an ID token as the provider's own answer to the client has it: what is wrong with it is wrong at its source."""
    seen = exchange_of(jwt, scene)
    is_answered = seen is not None and seen.purpose == purposes.TOKEN and jwt.held.place.startswith("response.")
    return is_answered and jwt.held.role is Role.ID_TOKEN


def lacks_scope(seen: Seen[Message]) -> bool:
    """Whether the token was good and only allows too little. Source: RFC 6750 section 3.1."""
    return seen.reply.error.lower() == "insufficient_scope" or "insufficient_scope" in seen.reply.header("www-authenticate").lower()


def exchange_of(jwt: Jwt, scene: Scene) -> Seen[Message] | None:
    """The exchange that the token was seen in."""
    return scene.direct(jwt.held.exchange)


def held_by(seen: Seen[Message], scene: Scene, role: Role) -> HeldToken | None:
    """The token in this role that an exchange holds; None when there is none."""
    return next((held for held, _ in scene.tokens if held.exchange == seen.id and held.role is role), None)


def words_about(jwt: Jwt, scene: Scene) -> str:
    """What whoever refused the token said, and what the client printed, in lower case."""
    seen = refusing(jwt, scene)
    return f"{seen.reply.words if seen else ''} {scene.given.local_error}".lower()


def server_time(seen: Seen[Message]) -> float | None:
    """When the server answered by its own clock; None when it didn't say, or when the answer comes from a cache."""
    if seen.reply.header("age").strip() not in ("", "0"):
        return None
    try:
        return parsedate_to_datetime(seen.reply.header("date")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def judged_at(jwt: Jwt, scene: Scene) -> float | None:
    """The moment at which the token is to be good: the server's where it was shown to one; None when nobody knows the time."""
    seen = exchange_of(jwt, scene)
    if seen is None:
        return scene.now.timestamp() if scene.now.year > 1970 else None
    return server_time(seen) or (seen.exchange.started_at.timestamp() if seen.exchange.started_at.year > 1970 else None)


def number_of(jwt: Jwt, claim: str) -> float | None:
    """A claim that is a number."""
    value = jwt.claims.get(claim)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and -1e15 < value < 1e15 else None


def expected_issuer(jwt: Jwt, scene: Scene) -> str:
    """The issuer that the token's recipient trusts; empty when that isn't known.

    For a token that was received it is the one of the provider's metadata, `{tenantid}` filled in as Entra means it.
    """
    seen = exchange_of(jwt, scene)
    if seen is not None and is_received(jwt, scene):
        metadata = scene.metadata_for(seen.url)
        issuer = (metadata.issuer or "") if metadata is not None else ""
        tenant = jwt.held.token.claim_text("tid")
        return issuer.replace("{tenantid}", tenant) if issuer else scene.given.issuer
    if scene.given.issuer:
        return scene.given.issuer
    trusted = _announced(jwt, scene)
    servers = (trusted.authorization_servers or ()) if trusted is not None else ()
    return servers[0] if len(servers) == 1 else ""


def expected_audiences(jwt: Jwt, scene: Scene) -> tuple[str, ...]:
    """The names that the API goes by; empty when they aren't known."""
    if scene.given.audiences:
        return scene.given.audiences
    announced = _announced(jwt, scene)
    return (announced.resource,) if announced is not None and announced.resource else ()


def client_ids(jwt: Jwt, scene: Scene) -> tuple[str, ...]:
    """The client that an ID token should be for, as it was given or as it signed in; empty when nobody knows."""
    if scene.given.client_id:
        return (scene.given.client_id,)
    attempt = scene.attempt_of(jwt.held.exchange)
    found = [attempt.asked.sent.client_id] if attempt is not None and attempt.asked is not None else []
    seen = exchange_of(jwt, scene)
    if seen is not None:
        basic = seen.facts.get("basic")
        found += [seen.sent.raw("client_id"), basic.get("client_id") if isinstance(basic, dict) else None]
    return tuple(dict.fromkeys(one for one in found if isinstance(one, str) and one))


def _announced(jwt: Jwt, scene: Scene) -> ResourceMetadata | None:
    """The metadata of the API that the token was shown to."""
    if jwt.held.exchange is None:
        return None
    found = [seen.back for seen in scene.seen if isinstance(seen.back, ResourceMetadata)]
    return found[0] if len(found) == 1 else None


def issuer_difference(written: str, expected: str) -> str:
    """How two issuers differ: `same`, `version`, `slash`, `scheme`, `internal`, `case`, `tenant`, or `other`."""
    if written == expected or {written, expected} == {"accounts.google.com", "https://accounts.google.com"}:
        return "same"
    one, other = split_url(written), split_url(expected)
    hosts = (one.hostname or "").lower(), (other.hostname or "").lower()
    if all(host in _ENTRA for host in hosts):
        same_tenant = one.path.strip("/").partition("/")[0] == other.path.strip("/").partition("/")[0]
        if same_tenant and one.path.strip("/").endswith("v2.0") != other.path.strip("/").endswith("v2.0"):
            return "version"
        return "slash" if written.rstrip("/") == expected.rstrip("/") else "tenant"
    if written.rstrip("/") == expected.rstrip("/"):
        return "slash"
    if written.rstrip("/").lower() == expected.rstrip("/").lower():
        return "case"
    paths = one.path.rstrip("/"), other.path.rstrip("/")
    if paths[0] == paths[1]:
        if hosts[0] == hosts[1] and one.scheme != other.scheme:
            return "scheme"
        if hosts[0] == hosts[1] or may_name_itself(expected, written):
            return "internal"
        return "other"
    return "tenant" if hosts[0] == hosts[1] else "other"


def listed(values: Iterable[str]) -> str:
    """Values in backticks, as a sentence lists them."""
    return ", ".join(f"`{value[:120]}`" for value in values) or "nothing"
