"""The issuer that metadata and APIs name, against the one that was asked for.

Here: two spellings of one server, and one server in another's place. Not here: where the metadata lies (`metadata`), an `iss` in a token
(`audience`, `id_token`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import is_loopback, origin, split_url
from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.messages.metadata import issuer_of_url
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.rules.hosts import host_of, may_name_itself
from oauthctl.rules.metadata import members_of, severity_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import MetadataRequest, Seen
from oauthctl.specs import Section

# These publish one document for many tenants, or name a tenant by its number where the URL has its name.
_ONE_FOR_MANY = (
    "login.microsoftonline.",
    "login.windows.net",
    "sts.windows.net",
    "login.partner.microsoftonline.",
    ".b2clogin.com",
    ".ciamlogin.com",
)

_PLACEHOLDER = re.compile(r"\{[A-Za-z_]{2,30}\}")
_OF_MISMATCH = re.compile(
    r"\bissuer\b[^\n]{0,200}(?:mismatch|match|differ|expected|invalid|not equal|unexpected)"
    r"|(?:mismatch|unexpected|invalid)[^\n]{0,40}\bissuer\b",
    re.IGNORECASE,
)


def _compared(asked: Seen[MetadataRequest], scene: Scene) -> tuple[str, str] | None:
    """The issuer that is expected and the one that the document names, when they differ in more than what providers may."""
    issuer, given = members_of(asked).get("issuer"), scene.given.issuer
    if not isinstance(issuer, str) or not issuer:
        return None
    is_given = bool(given) and origin(given) == origin(asked.url)
    expected = given if is_given else issuer_of_url(asked.url)
    if issuer == expected or ("well-known" in expected and not is_given):
        return None
    if "{" in issuer or any(name in host_of(asked.url) for name in _ONE_FOR_MANY):
        return None
    # Microsoft's v1 documents name this issuer at each of its hosts: so does a stand-in on this machine, and its client went on knowingly.
    went_on = any(seen.purpose == purposes.AUTHORIZATION for seen in scene.seen if seen.id > asked.id)
    if host_of(issuer) == "sts.windows.net" and is_loopback(asked.url) and went_on:
        return None
    # Where the final slash goes can't be seen from a metadata URL.
    if not is_given and issuer.rstrip("/") == expected.rstrip("/"):
        return None
    return expected, issuer


def _named_in_callback(asked: Seen[MetadataRequest], scene: Scene) -> Seen[AuthorizationResponse] | None:
    """The callback whose `iss` is this document's issuer but for a slash at the end."""
    issuer = members_of(asked).get("issuer")
    for back in scene.each(AuthorizationResponse):
        iss = back.sent.raw("iss")
        if isinstance(iss, str) and isinstance(issuer, str) and iss != issuer and iss.rstrip("/") == issuer.rstrip("/"):
            return back
    return None


@rule(Section("OIDC Discovery", "4.3"), explains=("issuer-mixed-up", "token-issuer-trailing-slash", "id-token-issuer-differs"))
def metadata_issuer_trailing_slash(asked: Seen[MetadataRequest], scene: Scene) -> Iterator[Found]:
    """The configured issuer and the provider's own differ by a trailing slash."""
    pair = _compared(asked, scene)
    named = None if pair else _named_in_callback(asked, scene)
    if named is not None:
        issuer = str(members_of(asked).get("issuer"))
        yield Found(
            cause=f"The provider names itself in two ways that differ by a trailing slash alone: `{issuer}` in its metadata (`issuer`) and "
            f"`{named.sent.raw('iss')}` in the callback (`iss`). Issuers are compared character by character.",
            help="At the provider, write the issuer in one way everywhere: metadata, callback and tokens; the client refuses rightly.",
            evidence=(asked.evidence("response.body.issuer", got=issuer), named.evidence(".iss", issuer, str(named.sent.raw("iss")))),
        )
        return
    if pair is None or pair[0].rstrip("/") != pair[1].rstrip("/"):
        return
    expected, issuer = pair
    yield Found(
        cause=f"The configured issuer `{expected}` and the provider's issuer `{issuer}` differ by a trailing slash alone, and issuers are "
        "compared character by character.",
        help=f"In the client, configure the issuer exactly as the metadata spells it: `{issuer}`; take a slash away only to build the "
        "metadata URL.",
        evidence=(asked.evidence("response.body.issuer", expected, issuer),),
        severity=severity_of(scene, asked),
    )


@rule(Section("OIDC Discovery", "4.3"), explains=("token-issuer-scheme-differs",))
def metadata_issuer_over_http(asked: Seen[MetadataRequest], scene: Scene) -> Iterator[Found]:
    """The metadata came over one of http and https, yet names its issuer with the other."""
    pair = _compared(asked, scene)
    if pair is None or not _differ_in_scheme(*pair):
        return
    expected, issuer = pair
    came, says = split_url(expected).scheme, split_url(issuer).scheme
    is_behind_proxy = says == "http"
    what = "scheme differs" if _same_ports(expected, issuer) else "scheme (and with it the port) differs"
    yield Found(
        cause=f"The metadata of `{expected}` names the issuer `{issuer}`: only the {what}, {came} in one and {says} in the other. "
        + (
            "A proxy ends TLS before the server, and the server does not know of that, so it builds all its URLs with http."
            if is_behind_proxy
            else "The client's address of the server is the plain http one, and the server's issuer is its https address."
        ),
        help="On the proxy, pass on `X-Forwarded-Proto`, `X-Forwarded-Host` and `X-Forwarded-Port`, and make the server trust them; or "
        "configure the server's public https host name (Keycloak: `hostname` and `proxy-headers`)."
        if is_behind_proxy
        else f"In the client, configure the issuer with https as the metadata spells it, `{issuer}`, and fetch the metadata over https; "
        "where the server has no TLS (a test), configure its own issuer with http.",
        evidence=(asked.evidence("response.body.issuer", expected, issuer),),
        severity=None if _is_in_a_token(expected, scene) else severity_of(scene, asked),
    )


@rule(Section("OIDC Discovery", "4.3"))
def metadata_issuer_internal_name(asked: Seen[MetadataRequest], scene: Scene) -> Iterator[Found]:
    """The metadata names its issuer by another host, one of both internal."""
    pair = _compared(asked, scene)
    if pair is None or not _is_by_another_name(asked, *pair):
        return
    yield Found(
        cause=f"The metadata of `{pair[0]}` names the issuer `{pair[1]}`: the same server under another host name, one of them internal "
        "(a container, a cluster, localhost), the other what browsers use. The server takes its issuer from the host name by which it is "
        "asked.",
        help="On the server, configure one fixed public host name (Keycloak: `hostname`); in the backend, expect that public issuer, and "
        "fetch keys over the internal URL by a setting of its own.",
        evidence=(asked.evidence("response.body.issuer", pair[0], pair[1]),),
        severity=severity_of(scene, asked),
    )


@rule(Section("OIDC Discovery", "4.3"))
def metadata_issuer_differs(asked: Seen[MetadataRequest], scene: Scene) -> Iterator[Found]:
    """The metadata is that of another issuer."""
    pair = _compared(asked, scene)
    if pair is None or pair[0].rstrip("/") == pair[1].rstrip("/") or _is_by_another_name(asked, *pair):
        return
    expected, issuer = pair
    if _differ_in_scheme(expected, issuer):
        return
    what = _difference(expected, issuer)
    yield Found(
        cause=f"The metadata was asked of the issuer `{expected}`, yet names the issuer `{issuer}`: the {what} differs, and the two must "
        "be identical.",
        help="In the client, configure the issuer as the provider's own document spells it, if that is the tenant or realm that is "
        "meant; else correct the URL. Where a server publishes another one's metadata, it must point clients to that issuer instead.",
        evidence=(asked.evidence("response.body.issuer", expected, issuer),),
        severity=severity_of(scene, asked),
    )


@rule(Section("OIDC Discovery", "4.3"), explains=("metadata-issuer-differs", "logged-issuer-differs"))
def metadata_issuer_is_template(asked: Seen[MetadataRequest], scene: Scene) -> Iterator[Found]:
    """The metadata serves many tenants, and its issuer is a template."""
    issuer, given = members_of(asked).get("issuer"), scene.given.issuer
    placeholder = _PLACEHOLDER.search(issuer) if isinstance(issuer, str) else None
    if placeholder is None or given == issuer:
        return
    shared = next((one for one in split_url(asked.url).path.split("/") if one), "")
    is_configured = bool(given) and shared in split_url(given).path.split("/") and origin(given) == origin(asked.url)
    if not is_configured and not _OF_MISMATCH.search(scene.given.local_error):
        return
    yield Found(
        cause=f"The metadata under `{shared}` serves every tenant, so its issuer `{issuer}` is a template with the placeholder "
        f"`{placeholder[0]}`; it never equals {f'the configured `{given}`' if given else 'an issuer that is compared literally'}. Tokens "
        "carry the tenant's own identifier in that place.",
        help="In the client, configure the one tenant's issuer if only one signs in (its identifier in the place of "
        f"`{shared}`); for many tenants put each token's tenant (`tid`) in for the placeholder, compare `iss` with that, and check the "
        "tenant against a list.",
        evidence=(asked.evidence("response.body.issuer", given, str(issuer)),),
        certainty=Certainty.CERTAIN if is_configured else Certainty.LIKELY,
        severity=severity_of(scene, asked),
    )


def _is_in_a_token(issuer: str, scene: Scene) -> bool:
    """Whether tokens name this issuer: then a client refuses them for the metadata's sake, although the token endpoint answered."""
    return any(held.token.claim_text("iss") == issuer for held, _ in scene.tokens)


def _same_paths(one: str, other: str) -> bool:
    return split_url(one).path.rstrip("/") == split_url(other).path.rstrip("/")


def _same_ports(one: str, other: str) -> bool:
    return split_url(one).port == split_url(other).port


def _differ_in_scheme(one: str, other: str) -> bool:
    """Whether both name the same path of the same host, one with http and the other with https; their ports follow from that."""
    schemes = {split_url(one).scheme, split_url(other).scheme}
    return schemes == {"http", "https"} and host_of(one) == host_of(other) and _same_paths(one, other)


def _is_by_another_name(asked: Seen[MetadataRequest], expected: str, issuer: str) -> bool:
    """Whether the document is the server's own, which names itself by another host, one of both internal."""
    endpoints = (value for name, value in members_of(asked).items() if name.endswith("_endpoint") and isinstance(value, str))
    return may_name_itself(expected, issuer, is_at_home=host_of(issuer) in map(host_of, endpoints))


def _difference(one: str, other: str) -> str:
    first, second = split_url(one), split_url(other)
    if one.lower() == other.lower():
        return "letter case"
    if host_of(one) != host_of(other):
        return "host"
    if origin(one) != origin(other):
        return "port" if first.scheme == second.scheme else "scheme"
    if first.path.rstrip("/") == second.path.rstrip("/") and first.query != second.query:
        return "query (an issuer has none)"
    return "path (tenant or realm)"


@rule(Section("RFC 9068", "4"), explains=("token-issuer-differs",))
def issuer_named_by_another_host(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """An API refuses a token's issuer that is the configured one under another host name."""
    expected = scene.given.issuer
    if not expected or not seen.purpose or seen.reply.status not in (400, 401, 403, 500) or "iss" not in seen.reply.words.lower():
        return
    for url in re.findall(r"https?://[^\s'\"<>,;)\\]+", seen.reply.words[:4000]):
        issuer = url.rstrip(".")
        if issuer != expected and may_name_itself(expected, issuer):
            yield Found(
                cause=f"The token's issuer is `{issuer}`, and the API expects `{expected}`: the same server under an internal and an "
                "external host name. It takes its issuer (`iss`) from the host name by which it was asked.",
                help="On the server, configure one fixed public host name (Keycloak: `hostname`); in the API, expect that public issuer, "
                "and fetch keys over the internal URL by a setting of its own.",
                evidence=(seen.evidence("response.headers.WWW-Authenticate", expected, issuer),),
            )
            return
