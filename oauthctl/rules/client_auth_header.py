"""The `Authorization` header by which a client proves who it is: whether it can be read, and whether it arrives.

Here: the header of requests to the token endpoint and its kin. Not here: the secret itself (`client_secret`), methods (`client_auth`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.messages.auth_scheme import UNKNOWN
from oauthctl.messages.token import ClientCredentials
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.dialects import said_by_provider
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused, refuses_client, says
from oauthctl.specs import Section

_MISSING = r"missing|required|not (?:found|provided|present|included|specified|set|sent)|absent|empty|blank"
SAYS_NO_PROOF = (
    r"no client (auth|credential)"
    rf"|({_MISSING}|\bno\b|without|must (contain|include)).{{0,80}}(client.?secret|client.?assertion|client.?auth)"
    r"|(missing|no|invalid|without)[^.]{0,30}authorization header"
    rf"|(client.?(secret|credentials?|auth\w*|assertion)|authorization(?! (code|grant|request|session))( header)?).{{0,40}}({_MISSING})"
)
"""How servers say that they saw no credentials."""
SAYS_NOT_BASIC = r"\b(not|instead of|rather than|but) (by |with |using |as )?.?client_secret_basic"
_NO_PARAMETER = (
    # "Another client (client_id)" is said of a client that was read well.
    rf"({_MISSING}|(?<!\ba)no|must (contain|include)).{{0,60}}\bclient_?(secret|id)\b|\bclient_?(secret|id)\b.{{0,40}}({_MISSING})"
    r"|bad_client_secret|invalid_client_id|bad_client_id"
)
_SAYS_UNREADABLE = (
    r"\bbasic\b.{0,60}(?:can.?t|can ?not|could not|unable to|failed to)( be)? (?:decode|read|parse)"
    r"|(?:malformed|undecodable)[^.]{0,30}\bbasic\b"
)
_PROBLEMS = {
    "not-encoded": "the identifier and the secret stand there as they are, without Base64",
    "scheme-twice": "the word `Basic` stands there twice, so that the second one is taken for the beginning of the credentials",
    "no-colon": "the Base64 text holds no colon: it is the client_id or the secret alone, without the other",
    "encoded-twice": "it was Base64-encoded twice, so that decoding it gives Base64 again",
    "base64url": "it is written in base64url (`-` and `_`), not in standard Base64",
    "unreadable": "it holds no Base64 text",
}


@rule(Section("RFC 7617", "2"), explains=("client-secret-wrong",), decisive=True)
def basic_header_malformed(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found]:
    """The Authorization: Basic header can't be read."""
    # Of credentials that can't be told from hidden ones only the server knows.
    is_said = seen.facts.get("auth_scheme") == "basic" and says(seen, _SAYS_UNREADABLE)
    if not (is_said or proof_of(seen).basic.get("is_readable") is False) or not is_refused(seen, scene):
        return
    problem = _PROBLEMS.get(str(proof_of(seen).basic.get("problem")), _PROBLEMS["unreadable"])
    yield Found(
        cause=f"The `Authorization: Basic` header must hold the Base64 of `client_id:client_secret`, and the server can't read credentials "
        f"from this one: {problem}.",
        help="In the client, write the header as `Basic ` and the Base64 of the identifier, a colon and the secret: encoded once, without "
        "line breaks.",
        evidence=(seen.evidence("request.headers.Authorization", expected="Basic base64(client_id:client_secret)", got="unreadable"),),
        certainty=Certainty.LIKELY if is_said else Certainty.CERTAIN,
    )


@rule(Section("RFC 6749", "2.3.1"), explains=("client-secret-wrong", "client-auth-missing", "token-request-refused"))
def client_auth_scheme_wrong(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found]:
    """The Authorization header of the token request has a scheme that proves no client."""
    scheme = seen.facts.get("auth_scheme")
    if (
        not isinstance(scheme, str)
        or scheme == "basic"
        or not is_refused(seen, scene)
        or not (refuses_client(seen) or says(seen, SAYS_NO_PROOF))
    ):
        return
    if "client_secret_post" in proof_of(seen).methods or seen.sent.raw("client_assertion"):
        return
    word = {"bearer": "Bearer", "dpop": "DPoP"}.get(scheme, scheme)
    carried = f"`Authorization: {word}`" if scheme != UNKNOWN else "an `Authorization` header that begins with another word"
    yield Found(
        cause=f"The request carries {carried}, which is how tokens are shown to an API: the endpoint takes a client's "
        "credentials as `Authorization: Basic` or as form parameters, and sees no client authentication here.",
        help="In the client, send `Authorization: Basic` with the Base64 of `client_id:client_secret` (client_secret_basic), or both in "
        "the form body (client_secret_post).",
        evidence=(seen.evidence("request.headers.Authorization", expected="Basic base64(client_id:client_secret)", got=word),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 9110", "11.6.2"), explains=("client-secret-wrong", "client-auth-method-mismatch"))
def authorization_header_stripped_at_token(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found]:
    """The Authorization header is sent, but the token endpoint never sees it."""
    proof = proof_of(seen)
    if "client_secret_basic" not in proof.methods or "client_secret_post" in proof.methods or not is_refused(seen, scene):
        return
    # A server that names the method which it does not take has seen the header.
    if not says(seen, SAYS_NO_PROOF) or _is_header_ignored(seen) or says(seen, SAYS_NOT_BASIC):
        return
    if any(entry.rule == "client-secret-wrong" for entry, _ in said_by_provider(seen)):
        # Doorkeeper's sentence names a missing proof as one of three causes; a proof that was sent leaves the others.
        return
    via = seen.reply.header("via")
    yield Found(
        cause="The request carries an `Authorization: Basic` header, yet the server says that there is no client authentication: a proxy "
        f"or gateway in front of the token endpoint{f' (`Via: {via[:60]}`)' if via else ''} strips the Authorization header.",
        help='Let the proxy pass `Authorization` on (nginx: no `proxy_set_header Authorization ""`; Apache: `WSGIPassAuthorization On` '
        "or `CGIPassAuth On`), or let the client use client_secret_post.",
        evidence=(
            seen.evidence("request.headers.Authorization", got="Basic, sent"),
            seen.evidence("response", expected="an answer to these credentials", got=seen.reply.description[:200] or seen.reply.error),
        ),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("A proxy or gateway removes the Authorization header.", "Let it pass the header on."),
            Candidate("The server does not read the header at all.", "Send the credentials in the form body (client_secret_post)."),
        ),
        probe="Send the same credentials as `client_id` and `client_secret` in the form: if that works, the header does not arrive.",
    )


@rule(Section("RFC 6749", "2.3.1"), explains=("client-secret-wrong", "client-unknown", "client-auth-method-mismatch"))
def client_secret_in_ignored_header(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found]:
    """The secret is in the Basic header, and this endpoint reads the form only."""
    proof = proof_of(seen)
    if "client_secret_basic" not in proof.methods or "client_secret_post" in proof.methods or not is_refused(seen, scene):
        return
    if not _is_header_ignored(seen):
        return
    yield Found(
        cause="The client sends its credentials in an `Authorization: Basic` header, but this endpoint ignores that header: it looks for "
        "`client_id` and `client_secret` among the form parameters.",
        help="In the client, send `client_id` and `client_secret` in the form body (client_secret_post) to this provider.",
        evidence=(
            seen.evidence("request.headers.Authorization", got="Basic, sent"),
            seen.evidence(".client_secret", expected="the secret", got="missing"),
        ),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "2.3.1"), explains=("client-secret-wrong",))
def client_id_mismatch(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found]:
    """Header and form name different clients."""
    header, form = proof_of(seen).basic.get("client_id"), seen.sent.client_id
    if not header or not form or header == form or not is_refused(seen, scene):
        return
    yield Found(
        cause=f"The `Authorization: Basic` header names the client `{header[:80]}`, and the form's `client_id` is `{form[:80]}`: the "
        "server can't tell which of the two is meant.",
        help="In the client's configuration, use one `client_id` for both, or leave it out of the form.",
        evidence=(
            seen.evidence("request.headers.Authorization", got=header[:200]),
            seen.evidence(".client_id", expected=header[:200], got=form[:200]),
        ),
    )


def _is_header_ignored(seen: Seen[ClientCredentials]) -> bool:
    """Whether the server asks for parameters by their names, and doesn't offer Basic itself."""
    offers = any("basic" in value.lower() for value in (seen.reply.header("www-authenticate"),))
    return says(seen, _NO_PARAMETER) and not offers
