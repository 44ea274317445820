"""Who an ID token is from, about and for: `iss`, `sub`, `aud`, `azp`.

Here: these claims against what the client expects. Not here: the other claims (`id_token_times`, `id_token_bindings`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from oauthctl.findings import Outcome, Verdict
from oauthctl.messages.claim_values import same, shown
from oauthctl.messages.id_token_expectations import IdTokenExpectations
from oauthctl.messages.param import texts
from oauthctl.specs import Section

_VALIDATION = Section("OIDC Core", "3.1.3.7")
_MAX_SUB = 255


def check_issuer(claims: dict[str, Any], expected: IdTokenExpectations) -> Iterator[Verdict]:
    """Whether the token is from the issuer."""
    section = _VALIDATION
    got = claims.get("iss")
    if not isinstance(got, str) or not got:
        yield Verdict("issuer", Outcome.FAIL, "there is no `iss`", expected.issuer, shown(got), section)
    elif expected.issuer and got != expected.issuer:
        why = f"`iss` differs from the issuer {issuer_difference(expected.issuer, got)}"
        yield Verdict("issuer", Outcome.FAIL, why, expected.issuer, shown(got), section)
    elif expected.issuer:
        yield Verdict("issuer", Outcome.PASS, "`iss` is the issuer", expected.issuer, got, section)
    else:
        yield Verdict("issuer", Outcome.UNCLEAR, "`iss` was compared with nothing", "", shown(got), section)


def check_subject(claims: dict[str, Any], expected: IdTokenExpectations) -> Verdict:
    """Whether the token is about somebody, and about whom it was before."""
    section = Section("OIDC Core", "2")
    sub = claims.get("sub")
    if not isinstance(sub, str) or not sub:
        return Verdict("subject", Outcome.FAIL, "there is no `sub`", "a string", shown(sub), section)
    if len(sub) > _MAX_SUB or not sub.isascii():
        why = f"`sub` is no string of at most {_MAX_SUB} ASCII characters"
        return Verdict("subject", Outcome.FAIL, why, f"at most {_MAX_SUB} ASCII characters", f"{len(sub)} characters", section)
    if expected.subject and not same(sub, expected.subject):
        why = "`sub` is another user than before"
        return Verdict("subject", Outcome.FAIL, why, expected.subject, sub, Section("OIDC Core", "12.2"))
    return Verdict("subject", Outcome.PASS, "`sub` is there", "", sub, section)


def check_audience(claims: dict[str, Any], expected: IdTokenExpectations) -> Iterator[Verdict]:
    """Whether the token is for this client, and was issued to it."""
    section = _VALIDATION
    audiences = texts(claims.get("aud")) or ()
    got, client_id = " ".join(audiences), expected.client_id
    if not audiences:
        yield Verdict("audience", Outcome.FAIL, "there is no `aud`", client_id, shown(claims.get("aud")), section)
    elif client_id and client_id not in audiences:
        yield Verdict(
            "audience", Outcome.FAIL, "`aud` does not name this client: the token is for somebody else", client_id, shown(got), section
        )
    elif client_id:
        others = [audience for audience in audiences if audience not in {client_id, *expected.trusted_audiences}]
        if others and expected.trusted_audiences:
            why = "`aud` names audiences that are not trusted"
            yield Verdict("audience", Outcome.FAIL, why, " ".join((client_id, *expected.trusted_audiences)), shown(got), section)
        else:
            yield Verdict("audience", Outcome.PASS, "`aud` names this client", client_id, shown(got), section)
    else:
        yield Verdict("audience", Outcome.UNCLEAR, "`aud` was compared with nothing", "", shown(got), section)
    yield from _authorized_party(claims, audiences, client_id)


def issuer_difference(expected: str, got: str) -> str:
    """How two issuers differ, in a few words: `by a trailing slash`; they are compared as exact strings."""
    if expected.rstrip("/") == got.rstrip("/"):
        return "by a trailing slash"
    if expected.lower() == got.lower():
        return "in upper and lower case"
    try:
        ours, theirs = urlsplit(expected), urlsplit(got)
        ports = ours.port, theirs.port
    except ValueError:
        return "altogether"
    if ours[1:] == theirs[1:]:
        return "in the scheme" if theirs.scheme else "by a missing scheme"
    if not theirs.scheme and expected.partition("://")[2].rstrip("/") == got.rstrip("/"):
        return "by a missing scheme"
    if ours.hostname == theirs.hostname:
        return "in the port" if ports[0] != ports[1] else "in the path"
    return "in the host" if ours.path.rstrip("/") == theirs.path.rstrip("/") and theirs.netloc else "altogether"


def _authorized_party(claims: dict[str, Any], audiences: tuple[str, ...], client_id: str) -> Iterator[Verdict]:
    section, azp = _VALIDATION, claims.get("azp")
    if azp is None:
        if len(audiences) > 1:
            why = "there are several audiences and no `azp` to say for whom the token was issued"
            yield Verdict("authorized-party", Outcome.FAIL, why, client_id, "", section)
        return
    if not client_id:
        yield Verdict("authorized-party", Outcome.UNCLEAR, "`azp` was compared with nothing", "", shown(azp), section)
    elif azp == client_id:
        yield Verdict("authorized-party", Outcome.PASS, "`azp` is this client", client_id, client_id, section)
    else:
        yield Verdict("authorized-party", Outcome.FAIL, "`azp` is another client", client_id, shown(azp), section)
