"""The form of a token: whole or cut, bare or wrapped, readable or not.

Here: what can be told before any key is tried. Not here: signatures (`signature`), claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import split_url
from oauthctl.jose.jwt import Kind
from oauthctl.record.tokens import Role
from oauthctl.rules.presented import exchange_of, is_at_stake, is_new_id_token, is_pasted, is_received, refusing, words_about
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_USE = Section("RFC 6750", "2.1")
_EXPLAINED = ("token-opaque", "token-truncated", "token-not-base64url", "signature-invalid", "token-altered", "api-call-refused")
_WRAPPED = {
    "quotes": (
        "The token stands in quotes, which became part of it; in `Authorization: Bearer` it must be bare.",
        "In the client, strip the quotes when the token is read (of JSON take the parsed string, of a shell variable the bare value).",
    ),
    "name": (
        "The name of a parameter (`access_token=`) stands in front of the token behind `Bearer`.",
        "In the client, take the parameter's value alone out of the form or URL that the token came in.",
    ),
    "json": (
        "The whole token response, a JSON text, was taken for the token behind `Bearer`.",
        "In the client, parse the token response and pass on its member `access_token` alone.",
    ),
}
_OWNERS = {
    "google": re.compile(r"google|youtube|gmail|firebase"),
    "github": re.compile(r"github|copilot"),
    "gitlab": re.compile(r"gitlab"),
    "slack": re.compile(r"slack"),
}


@rule(Section("RFC 7515", "5.2"), explains=("signature-invalid", "token-altered", "expiry-missing"))
def token_truncated(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token was cut off."""
    if not is_at_stake(jwt, scene) or jwt.held.token.kind is Kind.JWE:
        return
    characters = jwt.facts.get("characters")
    flaws = str(jwt.facts.get("flaws", "")).split()
    if jwt.facts.get("kind") not in ("JWS", "unreadable") or "hmac" in str(jwt.facts.get("signature_reason")):
        return
    # Whoever writes an example shortens tokens: what is shown to an API was one if it has a token's length.
    is_long = is_pasted(jwt) or (isinstance(characters, int) and characters >= 100)
    is_short_from_source = is_new_id_token(jwt, scene) and jwt.facts.get("signature_reason") == "too-short"
    if (is_received(jwt, scene) and not is_short_from_source) or "not-base64url" in flaws or not is_long:
        return
    limit = _limit(characters if isinstance(characters, int) else 0)
    lack = _lack(jwt, flaws, may_be_any=limit or is_pasted(jwt))
    if lack is None:
        return
    why, expected, got = lack
    yield Found(
        cause=f"The token was cut off: {why}.{f' Its length of {characters} characters is a typical limit of storage.' if limit else ''} "
        "Its signature is incomplete, hence it can't be verified.",
        help="Store and pass on the whole token: a wider database column, a session on the server or split cookies instead of one "
        "cookie of 4096 bytes, no copy from a terminal that cuts lines.",
        evidence=(jwt.evidence("", expected, got),),
    )


def _lack(jwt: Jwt, flaws: list[str], *, may_be_any: bool) -> tuple[str, str, str] | None:
    """What a cut token lacks, in words, and what of it was expected and got; None when it lacks nothing that can be told.

    `may_be_any` is for a token whose key nobody knows, so that its algorithm alone says how long a signature is.
    """
    octets, due, dots = (jwt.facts.get(name) for name in ("signature_octets", "signature_octets_expected", "dots"))
    kind, alg = jwt.facts.get("kind"), jwt.held.token.alg
    got = f"a signature of {octets} bytes"
    if jwt.facts.get("signature_reason") == "too-short":
        return f"its signature has {octets} bytes and the key makes {due}", f"a signature of {due} bytes", got
    if _is_short(octets, alg) and may_be_any:
        return f"its signature has {octets} bytes, too few for `{alg}`", f"a signature of at least {_shortest(alg)} bytes", got
    if kind == "unreadable" and isinstance(dots, int) and dots < 2 and "parts" in flaws:
        return f"it has {dots + 1} of three parts", "three parts", f"{dots + 1} part{'s' if dots else ''}"
    if kind == "JWS" and dots == 1 and "parts" in flaws:
        return "it has two of three parts, the signature is missing", "three parts", "two parts"
    return None


@rule(_USE, explains=_EXPLAINED)
def bearer_prefix_doubled(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The word Bearer stands twice in front of the token."""
    if jwt.facts.get("wrapped") != "scheme" or not _matters(jwt, scene):
        return
    found = (
        "The word `Bearer` stands there twice: the string that was passed on as the token already contains the scheme as its prefix."
        if jwt.held.place == "request.headers.Authorization"
        else "The string that is taken for a token already contains the scheme (`Bearer`) as its prefix."
    )
    yield Found(
        cause=f"{found} Reading begins at the wrong character, although the token itself is whole.",
        help="In the client, strip the scheme and white space before the token is stored, and let one place only put `Bearer ` in front.",
        evidence=(jwt.evidence("", "the bare token", "scheme"),),
    )


@rule(_USE, explains=_EXPLAINED)
def token_percent_encoded(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token is percent-encoded where it must stand as it is."""
    if jwt.facts.get("wrapped") != "percent-encoding" or not _matters(jwt, scene):
        return
    is_in_header = jwt.held.place.startswith("request.headers")
    where = "in the `Authorization` header, which nobody decodes" if is_in_header else "and nobody decoded it, or it was encoded twice"
    yield Found(
        cause=f"The token is percent-encoded (URL-encoded: `%2E` for a dot, `%2B` for a plus) {where}: the server reads other characters "
        "than the token has, although the token itself is whole.",
        help="In the client, decode the value once when it comes from a URL, a cookie or a form (`decodeURIComponent`), and don't "
        "URL-encode it before it is put into the `Authorization` header.",
        evidence=(jwt.evidence("", "the token as it was issued", "percent-encoding"),),
    )


@rule(_USE, explains=_EXPLAINED)
def token_wrapped(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """Something that is no part of the token stands around it."""
    wrapped = jwt.facts.get("wrapped") or ("quotes" if jwt.facts.get("quoted") else None)
    if wrapped not in _WRAPPED or not _matters(jwt, scene):
        return
    cause, todo = _WRAPPED[str(wrapped)]
    yield Found(
        cause=f"{cause} Reading begins at the wrong character, although the token itself is whole.",
        help=todo,
        evidence=(jwt.evidence("", "the bare token", str(wrapped)),),
    )


@rule(Section("RFC 7515", "3.1"), explains=("signature-invalid", "token-opaque", "token-truncated", "api-call-refused"))
def token_with_blanks(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token has white space or line breaks inside."""
    if "whitespace-inside" not in str(jwt.facts.get("flaws", "")).split() or "wrapped" in jwt.facts or not is_at_stake(jwt, scene):
        return
    is_new = is_new_id_token(jwt, scene)
    if jwt.facts.get("kind") not in ("JWS", "unsecured", "JWE") or (is_received(jwt, scene) and not is_new):
        return
    # Whoever pastes a token takes the terminal's line breaks along: they count where somebody could not read it.
    if not is_new and not re.search(
        r"padding|malformed|base64|decod|segments|white.?space|new.?line|illegal|invalid character|parse|header|\bjws\b|control character",
        words_about(jwt, scene),
    ):
        return
    yield Found(
        cause="The token has white space inside (line breaks or spaces): it was folded over several lines, as a terminal, a mail or a "
        "base64 "
        "tool does, and a JWT is one line of text. Without them it can be read.",
        help="Where the token is copied or stored, take it as one line (`tr -d '\\n'`, `base64 -w0`), and strip white space when it is "
        "read.",
        evidence=(jwt.evidence("", "one line", "white space inside"),),
    )


@rule(Section("RFC 7515", "2"), explains=("signature-invalid", "token-altered"))
def token_not_base64url(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A part of the token is not base64url."""
    flaws = set(str(jwt.facts.get("flaws", "")).split()) & {"base64-alphabet", "padding", "not-base64url"}
    if not flaws or jwt.facts.get("kind") not in ("JWS", "unsecured", "JWE"):
        return
    if not (is_pasted(jwt) or refusing(jwt, scene) or is_new_id_token(jwt, scene)):
        return
    if "not-base64url" in flaws:
        made = "characters in its parts that base64url does not have: a part was damaged, or is no base64url at all"
    else:
        what = "the characters `+` or `/`" if "base64-alphabet" in flaws else "padding (`=`)"
        made = f"{what} in its parts: it was made with standard base64, and a JWT is base64url without padding"
    yield Found(
        cause=f"The token has {made}.",
        help="In the code that makes the token encode each part with base64url (`-` and `_`) and leave out `=`, or let a JWT library "
        "do it.",
        evidence=(jwt.evidence("", "base64url without padding", " ".join(sorted(flaws))),),
    )


@rule(Section("RFC 6749", "1.4"), explains=("audience-differs",))
def token_opaque(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """An opaque token is read as a JWT."""
    if jwt.facts.get("kind") != "opaque" or "wrapped" in jwt.facts or jwt.held.role is Role.REFRESH_TOKEN:
        return
    if not is_at_stake(jwt, scene) or is_received(jwt, scene):
        return
    words = words_about(jwt, scene)
    is_read_as_jwt = re.search(
        r"\bjwt\b|malformed|segments|not enough parts|well.?formed|decod|three parts|dots|jws|header is not|base64|idx12709|idx14100",
        words,
    )
    expects_jwt = is_pasted(jwt) and (scene.given.issuer or scene.given.audiences or scene.given.algorithms)
    prefix = str(jwt.facts.get("prefix", ""))
    seen = refusing(jwt, scene)
    is_foreign = prefix in _OWNERS and seen is not None and not _OWNERS[prefix].search(split_url(seen.url).hostname or "")
    if not (is_read_as_jwt or expects_jwt or is_foreign):
        return
    owner = f" Its beginning marks it as one of {prefix.capitalize()}'s." if prefix else ""
    yield Found(
        cause="The token is opaque, not a JWT: it has no parts to decode, and only the server that issued it can read it. Nothing is "
        f"damaged.{owner}",
        help="In the API ask the issuer about it (introspection, userinfo, or the provider's API) instead of decoding it; or let the "
        "client request a JWT access token, with your API's `audience` or `resource`.",
        evidence=(jwt.evidence("", "three parts with dots between", f"{jwt.facts.get('characters')} characters, opaque"),),
    )


@rule(Section("RFC 7516", "3.1"), explains=("token-truncated", "audience-differs"))
def token_encrypted(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token is encrypted for somebody else."""
    if jwt.held.token.kind is not Kind.JWE or jwt.held.role not in (Role.ACCESS_TOKEN, Role.UNKNOWN, Role.ID_TOKEN):
        return
    is_wanted = is_pasted(jwt) and (scene.given.issuer or scene.given.audiences or scene.given.algorithms or scene.given.local_error)
    if not (is_wanted or refusing(jwt, scene)):
        return
    attempt = scene.attempt_of(jwt.held.exchange)
    asked = attempt.asked if attempt is not None else None
    names_none = asked is not None and not any(name in asked.sent for name in ("audience", "resource"))
    alg, enc = str(jwt.header.get("alg", ""))[:30], str(jwt.header.get("enc", ""))[:30]
    own = jwt.header.get("iss") and alg == "dir"
    why = " The authorization request named no `audience`," if names_none else " It was probably requested without an `audience`,"
    unasked = f"{why} so the provider made a token that only its own userinfo endpoint reads." if names_none or own else ""
    yield Found(
        cause=f"The token is encrypted: five parts, a JWE with `alg` `{alg}` and `enc` `{enc}`, and not a signed JWT for your "
        f"API.{unasked}",
        help="In the client request the token with `audience` (or `resource`) set to your API's identifier as the provider has it; if "
        "the token is meant for this API, decrypt it with the API's private key first.",
        evidence=(
            jwt.evidence(".header.enc", "a signed token of three parts", enc),
            *((asked.evidence(".audience", "the API's identifier", "missing"),) if asked is not None and names_none else ()),
        ),
        certainty=Certainty.CERTAIN if names_none else Certainty.LIKELY,
    )


def _matters(jwt: Jwt, scene: Scene) -> bool:
    """Whether the form of this token matters: of a call whose answer nobody saw, it may be why somebody shows it."""
    seen = exchange_of(jwt, scene)
    is_open = seen is not None and not seen.reply.has_answer and not seen.reply.failure and jwt.held.place.startswith("request.headers")
    return is_open or is_at_stake(jwt, scene)


def _is_short(octets: object, alg: str) -> bool:
    """Whether a signature begins like one of this algorithm and is not whole: fewer than 16 bytes are no signature but a placeholder."""
    return isinstance(octets, int) and 16 <= octets < _shortest(alg) and not (alg[:2] in ("RS", "PS") and octets == 128)


def _shortest(alg: str) -> int:
    """The bytes of the shortest signature that this algorithm makes. Source: RFC 7518 section 3.3, 3.4."""
    if alg[:2] in ("RS", "PS"):
        return 256
    return {"ES256": 64, "ES384": 96, "ES512": 132, "EdDSA": 64, "HS256": 32, "HS384": 48, "HS512": 64}.get(alg, 0)


def _limit(characters: int) -> bool:
    """Whether a length is one at which columns, cookies and buffers end."""
    return characters in (128, 255, 256, 500, 511, 512, 1000, 1023, 1024, 2000, 2047, 2048, 3999, 4000, 4093, 4095, 4096, 8191, 8192)
