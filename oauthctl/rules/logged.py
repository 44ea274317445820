"""What a log or a refusal tells of two values that were compared: the one in a token and the one that was expected.

Here: issuers and audiences that stand in words alone. Not here: tokens that are at hand (`audience`, `issuer`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from oauthctl.findings import Certainty, Evidence
from oauthctl.record import purposes
from oauthctl.rules.presented import (
    Use,
    audience_of,
    client_ids,
    expected_audiences,
    is_to_be_verified,
    issuer_difference,
    listed,
    use_of,
    words_about,
)
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_LIMIT = 4000
_VERIFYING = (purposes.CALLBACK, purposes.API, purposes.USERINFO)
_VALUE = (
    r"(?:map)?(?:\[(?P<{0}_list>[^\[\]\n]{{1,300}})\]|['\"`(<]+(?P<{0}_quoted>[^'\"`()<>\n]{{1,300}})['\"`)>]+"
    r"|(?P<{0}>[^\s'\"`\[\]<>;,]{{1,300}}))"
)
_GOT, _EXPECTED = _VALUE.format("got"), _VALUE.format("expected")
# Where no word says which of both came: a word of the sentence is no value.
_LIKE_ONE = r"(?=[\['\"`(<]|map\[|[^\s'\"`\[\]<>;,]*[.:/_\d-])" + _GOT
_AFTER = rf"[,;.]? *(?:but |and )?(?:instead )?(?:got|found|received|was|actual):? {_GOT}"
_UNLIKE = r"(?:!==?|<>|is not equal to|does(?: not|n't) (?:equal|match)|differs from|instead of)"
_ORDERS = (
    rf"value {_GOT} does(?: not|n't) match [^\n\[]{{0,80}}? (?=(?:map)?\[){_EXPECTED}",
    rf"{_EXPECTED} provided in the configuration[^\n\"']{{0,40}} did not match [^\n\"']{{0,40}}{_GOT}",
    rf"expected:?(?: an?)?(?: audience| issuer| one of| to be| value)*:? {_EXPECTED}{_AFTER}",
    rf"{_LIKE_ONE}[,;.]? (?:but )?(?:we )?expected:?(?: one of| to be)? {_EXPECTED}",
    rf"{_LIKE_ONE} *{_UNLIKE} *(?:the )?(?:expected )?(?:(?:value|ones?):? )?{_EXPECTED}",
    rf"(?:Audiences?|Issuer): {_GOT}\. Did not match: (?:[\w.]*Valid(?:Audience|Issuer): 'null' or )?[\w.]*Valid(?:Audience|Issuer)s?: "
    rf"{_EXPECTED}",
    rf"{_GOT} is not (?:in|one of) (?:the )?(?:allowed|configured|expected|accepted|valid)[^\n'\"`\[]{{0,30}} {_EXPECTED}",
)
# What stands in the place of a value where none is told.
_NO_VALUE = re.compile(
    r"\(?(?:null|none|nil|undefined)\)?|invalid|allowed|expected|audiences?|issuers?|value|claim|mismatch|match|the|a|is|not|of|in|to|token|and|or|with|any",
    re.IGNORECASE,
)
# A verifier without a setting expects nothing that could differ.
_NONE_EXPECTED = re.compile(r"no expected (?:audience|issuer)|expected one of \[\]", re.IGNORECASE)
_SUBJECTS = re.compile(r"\b(?:aud|audiences?|iss|issuers?|issued by)\b", re.IGNORECASE)
_MISMATCH = re.compile(
    r"mismatch|match|differ|invalid|expected|unexpected|wrong|fail|!==?|not (?:equal|valid|allowed|accepted)|refus|incorrect", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two values of a comparison that failed, and where that stands."""

    got: tuple[str, ...]
    expected: tuple[str, ...]
    exchange: int | None
    words: str

    def evidence(self, scene: Scene) -> tuple[Evidence, ...]:
        """Where it stands, and for a log the refusal that the person saw."""
        place = "given.local_error" if self.exchange is None else "response"
        own = Evidence(self.exchange, place, " ".join(self.expected), " ".join(self.got))
        if self.exchange is not None:
            return (own,)
        seen = next((one for one in scene.failures if one.purpose in _VERIFYING and one.reply.has_answer), None)
        return (own, seen.evidence("response.status", got=str(seen.reply.status))) if seen is not None else (own,)


def _compared(scene: Scene, subject: str) -> Compared | None:
    """The first comparison of this subject (`aud|audience`) in the log or a refusal."""
    said: list[tuple[int | None, str]] = [(None, scene.given.local_error)]
    said += [(seen.id, seen.reply.words) for seen in scene.seen if seen.is_direct and seen.reply.status >= 400]
    for exchange, words in said:
        # Structured logs quote what they quote.
        for line in words[:_LIMIT].replace('\\"', '"').splitlines():
            if _NONE_EXPECTED.search(line):
                continue
            start = re.search(rf"\b(?:{subject})\b", line, re.IGNORECASE)
            rest = line[max(0, start.start() - 40) :] if start else ""
            for order in _ORDERS:
                match = re.search(order, rest, re.IGNORECASE) if rest else None
                if match and _is_about(subject, rest[: match.start()]) and (pair := _pair(match, exchange)) is not None:
                    return pair
    return None


def _is_about(subject: str, before: str) -> bool:
    """Whether the values belong to this subject: of several that a line speaks of, it is the last one before them."""
    named = _SUBJECTS.findall(before)
    return not named or re.fullmatch(subject, named[-1], re.IGNORECASE) is not None


def _pair(match: re.Match[str], exchange: int | None) -> Compared | None:
    got, expected = _values(match, "got"), _values(match, "expected")
    if not got or not expected or set(got) & set(expected):
        return None
    return Compared(got, expected, exchange, match[0])


def _values(match: re.Match[str], name: str) -> tuple[str, ...]:
    text = match[f"{name}_list"] or match[f"{name}_quoted"] or match[name]
    found = (one.strip("'\"`.:(){}").removesuffix(":{}") for one in re.split(r"[,\s]+", text))
    return tuple(one for one in found if one and not _NO_VALUE.fullmatch(one))


@rule(Section("RFC 7519", "4.1.3"), explains=("audience-differs", "api-call-refused", "api-rejects-valid-token"))
def audience_compared_as_text(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token's audience is a list, and the verifier compares it with one string."""
    value = jwt.claims.get("aud")
    if not isinstance(value, list) or not is_to_be_verified(jwt, scene):
        return
    audiences, words = audience_of(jwt), words_about(jwt, scene)
    known = (*expected_audiences(jwt, scene), *(client_ids(jwt, scene) if use_of(jwt, scene.given) is Use.ID_TOKEN else ()))
    start = re.search(r"\baud\b|audience", words)
    if start is None or not _MISMATCH.search(words):
        return
    matching = [
        one for one in audiences if one in known or (not known and re.search(rf"(?<![\w./:-]){re.escape(one.lower())}(?![\w/-])", words))
    ]
    named = _compared(scene, "aud|audiences?")
    if not matching or (not known and len(audiences) < 2) or (named is not None and not set(named.expected) & set(audiences)):
        return
    yield Found(
        cause=f"The token's `aud` is an array ({listed(audiences)}) that does contain the expected audience {listed(matching[:1])}: the "
        "verifier compares the whole list with one string, instead of looking whether one element is equal.",
        help="In the verifier accept `aud` as a string or as an array, and check whether the expected audience is one of its elements "
        "(a JWT library does it when the audience is passed to it).",
        evidence=(jwt.evidence(".claims.aud", matching[0], " ".join(audiences)),),
        certainty=Certainty.LIKELY,
    )


@rule(
    Section("RFC 7519", "4.1.3"),
    explains=("api-call-refused", "server-error", "request-fault-named", "audience-differs", "id-token-audience-differs"),
)
def logged_audience_differs(scene: Scene) -> Iterator[Found]:
    """A log says that a token is for another audience than the configured one."""
    compared = _compared(scene, "aud|audiences?")
    if compared is None or _is_refuted(scene, compared, "aud"):
        return
    if compared.got == ("account",):
        why = " Keycloak puts `account` into every access token and the client only where an audience mapper says so."
        todo = (
            "In Keycloak add an audience mapper (in the client's dedicated client scope) that puts "
            f"{listed(compared.expected)} into `aud`; or let the application allow the audience `account` as well."
        )
    else:
        why = ""
        todo = (
            f"In the client ask for a token for {listed(compared.expected)} (`audience`, `resource`, or that API's scopes; at the provider "
            f"an audience mapper), or let the verifier's configuration name {listed(compared.got)} if that is what it is."
        )
    yield Found(
        cause=f"The token is for {listed(compared.got)} (`aud`), and the application that verifies it takes only "
        f"{listed(compared.expected)}: the audience differs.{why}",
        help=todo,
        evidence=compared.evidence(scene),
        certainty=Certainty.LIKELY,
    )


@rule(
    Section("RFC 7519", "4.1.1"),
    explains=("api-call-refused", "server-error", "request-fault-named", "metadata-issuer-differs", "token-issuer-differs"),
)
def logged_issuer_differs(scene: Scene) -> Iterator[Found]:
    """A log says that a token or document is of another issuer than the configured one."""
    compared = _compared(scene, "iss|issuers?|issued by")
    if compared is None or _is_refuted(scene, compared, "iss"):
        return
    got, expected = compared.got[0], compared.expected[0]
    if re.search(r"\{\w+\}", got):
        yield Found(
            cause=f"`{expected}` is configured, an address for many tenants, and the issuer there is the template `{got}`: its placeholder "
            "stands for the tenant of each token, so the two never match.",
            help="In the client configure the one tenant's own issuer (its identifier in that place) if only one signs in; for many, let "
            "the library fill the placeholder with the token's tenant (`tid`), and check the tenant against a list.",
            evidence=compared.evidence(scene),
            certainty=Certainty.LIKELY,
        )
        return
    how = {
        "slash": "a trailing slash alone",
        "scheme": "http and https alone",
        "case": "upper and lower case alone",
        "version": "the version (v1.0 or v2.0)",
        "internal": "host or port, one of them internal",
        "tenant": "the tenant or realm",
    }.get(issuer_difference(got, expected), "the server")
    yield Found(
        cause=f"The issuer is `{got}` and `{expected}` is configured: they differ in {how}, and issuers must match character by character.",
        help=f"In the verifier's configuration write the issuer exactly as tokens and metadata have it, `{got}`, if that is the right "
        "provider; where the provider names itself by an internal host or by http, set its public URL.",
        evidence=compared.evidence(scene),
        certainty=Certainty.LIKELY,
    )


def _is_refuted(scene: Scene, compared: Compared, claim: str) -> bool:
    """Whether a token or metadata at hand has what was expected, or is itself what the rules on tokens judge."""
    for held, _ in scene.tokens:
        value = (held.token.claims or {}).get(claim)
        values = value if isinstance(value, list) else [value]
        if set(compared.expected) & {one for one in values if isinstance(one, str)}:
            return True
    return claim == "iss" and any(document.issuer in compared.expected for document, _ in scene.metadata)
