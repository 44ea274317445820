"""What an assertion must say, and how its header names the certificate.

Here: claims that are missing, thumbprints in a wrong spelling. Not here: claims that have a wrong value (`client_assertion`), times
(`assertion_times`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.jose.jwt import Kind
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message, texts
from oauthctl.record.tokens import Role
from oauthctl.rules.assertion_held import ERRORS, Assertion, assertion_of
from oauthctl.rules.given import Given
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused, says
from oauthctl.specs import Section

_REQUIRED: tuple[str, ...] = ("iss", "sub", "aud", "exp")
_WHAT = {
    "iss": "who issued it",
    "sub": "whom it is about",
    "aud": "for whom it is",
    "exp": "when it ends",
    "iat": "when it was made",
    "jti": "its own unique identifier",
    "scope": "what the token shall be good for",
}
_GOOGLE = ("oauth2.googleapis.com", "www.googleapis.com", "accounts.google.com")
_THUMBPRINTS = {"x5t": (20, 27), "x5t#S256": (32, 43)}


@rule(
    Section("RFC 7523", "3"),
    explains=(
        "assertion-issuer-not-client",
        "assertion-audience-wrong",
        "assertion-key-unknown",
        "client-secret-wrong",
        "token-request-refused",
    ),
)  # fmt: skip
def assertion_claim_missing(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The assertion lacks a claim that it must have."""
    held = assertion_of(seen, scene, errors=(*ERRORS, "invalid_scope"))
    missing = _missing(held, seen) if held is not None else ()
    if held is None or not missing:
        return
    if seen.reply.error == "invalid_scope" and "scope" not in missing:
        return
    listed = " and ".join(f"`{name}` ({_WHAT[name]})" for name in missing)
    is_google = host_of(seen.url) in _GOOGLE and held.name == "assertion"
    whose = "Google takes the scopes of a service account from this claim, not from the form" if is_google and "scope" in missing else ""
    yield Found(
        cause=f"The {held.words} has no {listed}: without it the server must refuse it{f'. {whose}' if whose else ''}.",
        help=f"In the client, set {' and '.join(f'`{name}`' for name in missing)} when the {held.words} is made; a JWT library adds "
        "only what "
        "it is told.",
        evidence=tuple(seen.evidence(f".{held.name}.claims.{name}", expected=_WHAT[name], got="missing") for name in missing),
        certainty=Certainty.CERTAIN if is_google or _is_needed(missing, held) else Certainty.LIKELY,
    )


def _is_needed(missing: tuple[str, ...], held: Assertion) -> bool:
    """Whether every server refuses an assertion without these; some take a grant's assertion without `sub` for the issuer's own."""
    return missing[0] in _REQUIRED and not (held.name == "assertion" and missing == ("sub",))


def _missing(held: Assertion, seen: Seen[Message]) -> tuple[str, ...]:
    """The claims that are due and not there. Source: RFC 7523 section 3; Google's page on service accounts; Apple's on client secrets."""
    due = _REQUIRED
    if held.name == "assertion" and host_of(seen.url) in _GOOGLE:
        due = ("iss", "aud", "exp", "iat", *(() if "target_audience" in held.claims else ("scope",)))
    found = tuple(name for name in due if not held.claims.get(name))
    return found or tuple(name for name in ("jti", "iat") if name not in held.claims and says(seen, rf"\b{name}\b"))


@rule(
    Section("RFC 7523", "3"), Section("RFC 7521", "4"), explains=("assertion-key-unknown", "token-request-refused", "client-secret-wrong")
)
def assertion_not_jwt(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """What is sent as an assertion is no JWT."""
    seen = scene.direct(jwt.held.exchange)
    if jwt.held.role not in (Role.CLIENT_ASSERTION, Role.ASSERTION) or seen is None or not is_refused(seen, scene):
        return
    said = f"{seen.sent.raw('client_assertion_type')} {seen.sent.raw('grant_type')}"
    if jwt.facts.get("kind") not in (Kind.OPAQUE, Kind.UNREADABLE) or "saml" in said.lower() or "jwt" not in said:
        return
    if seen.reply.error not in ("invalid_client", "invalid_grant", "invalid_request", "invalid_client_assertion"):
        return
    around = {"quotes": "stands in quotes", "json": "stands inside of a JSON text", "percent-encoding": "is percent-encoded twice"}
    how = around.get(str(jwt.facts.get("wrapped")), "can't be read as one: it is not three parts of base64url with dots between")
    name = "client_assertion" if jwt.held.role is Role.CLIENT_ASSERTION else "assertion"
    yield Found(
        cause=f"What is sent as `{name}` must be a signed JWT, and it {how}. Often the private key itself (PEM), the unsigned JSON of the "
        "claims, or the path of a file is sent in its place.",
        help=f"In the client, make a JWT with the claims, sign it with the client's private key, and send that as `{name}`; never send the "
        "private key: replace it if that has happened.",
        evidence=(seen.evidence(f".{name}", expected="a signed JWT", got="no JWT"),),
        certainty=Certainty.CERTAIN if says(seen, r"assertion|\bjwt\b|\bjws\b|pars|malformed|decod") else Certainty.LIKELY,
    )


@rule(
    Section("RFC 8414", "2"),
    Section("RFC 7523", "3"),
    explains=("assertion-key-unknown", "token-request-refused", "client-auth-method-mismatch"),
)
def assertion_algorithm_refused(seen: Seen[Message], scene: Scene, given: Given, published: ProviderMetadata | None) -> Iterator[Found]:
    """The client assertion is signed with an algorithm that the server doesn't take."""
    held = assertion_of(seen, scene)
    if held is None or held.name != "client_assertion":
        return
    alg = str(held.header.get("alg", ""))
    listed = texts(published.raw("token_endpoint_auth_signing_alg_values_supported")) if published is not None else None
    registered = given.text("token_endpoint_auth_signing_alg")
    accepted = (registered,) if registered else listed or ()
    is_named = says(seen, r"\balg(orithm)?\b")
    if alg in accepted or (not accepted and not is_named):
        return
    takes = ", ".join(f"`{one}`" for one in accepted[:8]) or "another, as it says"
    shared = " `HS…` is made with the client's secret (client_secret_jwt), the others with its private key." if alg.startswith("HS") else ""
    yield Found(
        cause=f"The client assertion is signed with `{alg[:20]}` (`alg`), and the server supports {takes} for it.{shared}",
        help="In the client, sign the assertion with an algorithm that the server takes and that the client's registered key is for; or "
        "change "
        "`token_endpoint_auth_signing_alg` in its registration.",
        evidence=(seen.evidence(".client_assertion.header.alg", expected=" ".join(accepted)[:200], got=alg[:20]),),
        certainty=Certainty.CERTAIN if registered or is_named else Certainty.LIKELY,
    )


@rule(Section("RFC 7515", "4.1.4"), explains=("assertion-key-unknown", "token-request-refused", "client-secret-wrong"))
def assertion_key_unnamed(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The assertion does not name the key that signed it."""
    held = assertion_of(seen, scene)
    if held is None or any(held.header.get(name) for name in ("kid", "x5t", "x5t#S256", "x5c", "jwk")):
        return
    is_apple = host_of(seen.url) == "appleid.apple.com" and held.name == "client_secret"
    if not is_apple and not says(seen, r"\bkid\b|key.?id|x5t|thumbprint"):
        return
    whose = " Apple finds the key by its 10-character Key ID alone." if is_apple else ""
    yield Found(
        cause=f"The header of the {held.words} has no `kid`: the key that signed it is not named, and the server can't tell which of the "
        f"registered keys to verify it with.{whose}",
        help="In the client, set `kid` in the JWT's header to the identifier of the signing "
        f"key{' (the Key ID in the developer account)' if is_apple else ''}.",
        evidence=(seen.evidence(f".{held.name}.header.kid", expected="the key's identifier", got="missing"),),
        certainty=Certainty.CERTAIN if is_apple else Certainty.LIKELY,
    )


@rule(Section("RFC 7515", "4.1.7"), explains=("assertion-key-unknown", "token-request-refused"))
def assertion_thumbprint_malformed(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The thumbprint in the assertion's header is spelled wrong."""
    held = assertion_of(seen, scene)
    if held is None:
        return
    for name, (octets, characters) in _THUMBPRINTS.items():
        written = held.header.get(name)
        how = _spelling(written, octets) if isinstance(written, str) else ""
        if not how or re.fullmatch(rf"[A-Za-z0-9_-]{{{characters}}}", str(written)):
            continue
        yield Found(
            cause=f"The header of the {held.words} names its certificate by `{name}`, and that thumbprint is {how}: it must be the "
            "base64url of "
            f"the {octets} bytes ({characters} characters), so the server finds no certificate of this name.",
            help=f"In the client, turn the hexadecimal thumbprint that the console shows into its {octets} bytes, and base64url-encode "
            "those for "
            f"`{name}`; better, let a library make the assertion from the certificate.",
            evidence=(
                seen.evidence(f".{held.name}.header.{name}", expected=f"{characters} characters of base64url", got=str(written)[:100]),
            ),
        )
        return


def _spelling(written: str, octets: int) -> str:
    bare = re.sub(r"[:\s-]", "", written)
    if re.fullmatch(rf"[0-9A-Fa-f]{{{2 * octets}}}", bare):
        return "in hexadecimal"
    if re.search(r"[+/=]", written):
        return "in standard base64 (with `+`, `/` or `=`)"
    if len(written) > octets * 2:
        return "the base64url of its hexadecimal text"
    return ""
