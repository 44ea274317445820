"""Verifying one token: which one, as what, with which expectations.

Here: what the options of `verify` set off. Not here: the checks (`jose.verify`, `messages`), the keys (`trusted_keys`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from oauthctl.cli.trusted_keys import Keys, Trust, trusted_keys
from oauthctl.errors import CheckFailed
from oauthctl.findings import Outcome, Verdict
from oauthctl.jose.jwt import Found, Kind, Token, find_tokens, take_apart

if TYPE_CHECKING:
    from datetime import datetime

    from oauthctl.cli.output import Output


def verify(out: Output, given: str, *, trust: Trust, json: bool) -> int:
    """Check the token, print every verdict, give the exit code."""
    from oauthctl.cli.clock import clock
    from oauthctl.cli.token_input import token_text
    from oauthctl.views.verdicts import overall

    now = clock(trust.at)
    found = chosen(find_tokens(token_text(out, given, command="verify")), trust.kind)
    token = take_apart(found.token_text)
    kind = trust.kind or kind_of(token, found.where)
    trust = _with_profile(out, replace(trust, kind=kind), token)
    keys = trusted_keys(out, token, trust)
    verdicts = judged(token, keys, trust=trust, now=now)
    if json:
        _print_json(out, token, found.where, verdicts=verdicts, keys=keys, kind=kind)
    else:
        _print(out, token, found.where, verdicts=verdicts, keys=keys, kind=kind)
    return {Outcome.FAIL: 1, Outcome.UNCLEAR: 3}.get(overall(verdicts), 0)


def chosen(found: tuple[Found, ...], kind: str) -> Found:
    """The token to check out of those that a text holds: the one of the wanted kind, else the first that is a JWT, else the first."""
    if not found:
        raise CheckFailed(
            "no token was found in the text", slug="no-token", help="give the token alone, such as `oauthctl verify @token.txt`"
        )
    name = {"id": "id_token", "access": "access_token"}.get(kind, "")
    named = [one for one in found if name and one.where.startswith(name)]
    readable = [one for one in found if take_apart(one.token_text).is_jwt]
    return (named or readable or list(found))[0]


def kind_of(token: Token, where: str) -> str:
    """`id`, `access` or `jwt`: what the token looks like."""
    claims = token.claims or {}
    if token.typ == "at+jwt" or where.startswith(("access_token", "Authorization", "Bearer", "DPoP")):
        return "access"
    if where.startswith("id_token") or any(name in claims for name in ("nonce", "at_hash", "c_hash", "auth_time")):
        return "id"
    return "access" if any(name in claims for name in ("scope", "scp", "client_id")) else "jwt"


def judged(token: Token, keys: Keys, *, trust: Trust, now: datetime) -> tuple[Verdict, ...]:
    """The signature's verdict, then those of the claims."""
    from oauthctl.jose.verify import check_signature
    from oauthctl.messages.access_token import AccessTokenExpectations, check_access_token
    from oauthctl.messages.id_token import IdTokenExpectations, check_id_token

    signature = check_signature(token, keys.keys, allowed_algs=trust.algs)
    if signature.outcome is Outcome.UNCLEAR and keys.problem is not None and token.kind is Kind.JWS:
        signature = replace(signature, why=f"the issuer's keys could not be had: {keys.problem.message}")
    if trust.kind == "id":
        expected = IdTokenExpectations(
            now,
            issuer=trust.issuer,
            client_id=trust.audience,
            nonce=trust.nonce or None,
            leeway_seconds=trust.leeway_seconds,
            algs=trust.algs or keys.announced_algs,
        )
        claims = check_id_token(token, expected)
    else:
        claims = check_access_token(
            token,
            AccessTokenExpectations(
                now,
                issuer=trust.issuer,
                audience=trust.audience,
                leeway_seconds=trust.leeway_seconds,
                algs=trust.algs,
                is_access_token=trust.kind == "access",
            ),
        )
    return (signature, *(_reworded(verdict, trust) for verdict in claims))


def _reworded(verdict: Verdict, trust: Trust) -> Verdict:
    """What was compared with nothing, with the option that would tell."""
    if verdict.check == "issuer" and verdict.outcome is Outcome.UNCLEAR:
        return replace(verdict, why="`iss` is the token's own word, compared with nothing: name the issuer with `--issuer URL`")
    if verdict.check == "audience" and not trust.audience and verdict.outcome in (Outcome.UNCLEAR, Outcome.SKIPPED):
        return replace(verdict, outcome=Outcome.SKIPPED, why="`aud` was compared with nothing: name the audience with `--audience NAME`")
    if verdict.check == "authorized-party" and verdict.outcome is Outcome.UNCLEAR:
        return replace(verdict, outcome=Outcome.SKIPPED)
    return verdict


def _with_profile(out: Output, trust: Trust, token: Token) -> Trust:
    """What the profile knows where no option says it; only a profile that was named counts."""
    if not trust.profile:
        return trust
    from oauthctl.store.locations import locations
    from oauthctl.store.profiles import load

    profile = load(locations(out.terminal.environ), trust.profile)
    is_symmetric = token.alg.startswith("HS") and not (trust.keys or trust.secret_env)
    return replace(
        trust,
        issuer=trust.issuer or profile.expect_issuer or profile.issuer,
        audience=trust.audience or (profile.client_id if trust.kind == "id" else profile.audience),
        jwks=trust.jwks or profile.endpoint("jwks_uri"),
        keys=(profile.client_secret_file,) if is_symmetric and profile.client_secret_file else trust.keys,
        secret_env=profile.client_secret_env if is_symmetric and not profile.client_secret_file else trust.secret_env,
    )


_KINDS = {"id": "ID token", "access": "access token", "jwt": "JWT"}


def _print(out: Output, token: Token, where: str, *, verdicts: tuple[Verdict, ...], keys: Keys, kind: str) -> None:
    from oauthctl.views.lines import Span, line, literals
    from oauthctl.views.verdicts import SIGNS, overall, verdict_lines, verdict_table

    out.say(*literals(f"checked as {_article(_KINDS[kind])} ({where})" + (f", with the keys of {keys.source}" if keys.source else "")))
    if out.width:
        out.lines(verdict_lines(verdicts, width=out.width))
    else:
        out.table(verdict_table(verdicts))
    outcome = overall(verdicts)
    summary = {
        Outcome.PASS: "every check that could be made passed",
        Outcome.FAIL: "do not accept this token",
        Outcome.UNCLEAR: "it can't be told whether the token is good",
    }[outcome]
    out.say(*line(Span(SIGNS[outcome][0], SIGNS[outcome][1]), ": ", summary))
    if keys.problem is not None and keys.problem.help:
        out.say(*line(Span("help", "bold"), ": "), *literals(keys.problem.help))


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiouI' else 'a'} {noun}"


def _print_json(out: Output, token: Token, where: str, *, verdicts: tuple[Verdict, ...], keys: Keys, kind: str) -> None:
    from oauthctl.views.verdicts import overall, verdict_document

    document: dict[str, object] = {
        "outcome": overall(verdicts).value,
        "type": kind,
        "where": where,
        "alg": token.alg,
        "kid": token.kid,
        "issuer": token.claim_text("iss"),
        "keys": keys.source,
        "verdicts": [verdict_document(verdict) for verdict in verdicts],
    }
    if keys.problem is not None:
        document["keys_problem"] = {"message": keys.problem.message, "slug": keys.problem.slug, "help": keys.problem.help}
    out.json(document)
