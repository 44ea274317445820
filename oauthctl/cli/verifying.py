"""Verifying tokens: which ones, as what, with which expectations.

Here: what the options of `verify` set off. Not here: the checks (`jose.verify`, `messages`), the keys (`trusted_keys`), how it is shown
(`verified`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from oauthctl.cli.trusted_keys import Keyring, Keys, Trust
from oauthctl.cli.verified import Checked, exit_code, print_checked, print_json
from oauthctl.errors import CheckFailed, ConfigError
from oauthctl.findings import Outcome, Verdict
from oauthctl.jose.jwt import Found, Kind, Token, take_apart
from oauthctl.specs import Section

if TYPE_CHECKING:
    from datetime import datetime

    from oauthctl.cli.output import Output
    from oauthctl.cli.token_lines import Piece
    from oauthctl.store.profiles import Profile


def verify(out: Output, given: str, *, trust: Trust, json: bool) -> int:
    """Check every token of the text, print every verdict, give the exit code of the worst."""
    from oauthctl.cli.clock import clock
    from oauthctl.cli.token_input import token_text
    from oauthctl.cli.token_lines import pieces

    now = clock(trust.at)
    inputs = pieces(token_text(out, given, command="verify"))
    if not any(piece.found for piece in inputs):
        raise CheckFailed(
            "no token was found in the text", slug="no-token", help="give the token alone, such as `oauthctl verify @token.txt`"
        )
    keyring, profile = Keyring(out), _profile(out, trust)
    checked = [(piece, _checked(piece, keyring, trust=trust, profile=profile, now=now)) for piece in inputs]
    if json:
        print_json(out, checked)
    else:
        print_checked(out, checked)
    return exit_code([one for _, some in checked for one in some])


def selected(found: tuple[Found, ...], kind: str) -> tuple[Found, ...]:
    """The tokens to check out of those that one input holds: those of the wanted kind, else all; what can be read comes first."""
    name = {"id": "id_token", "access": "access_token"}.get(kind, "")
    named = [one for one in found if name and one.where.startswith(name)]
    return tuple(sorted(named or found, key=lambda one: not take_apart(one.token_text).is_jwt))


def kind_of(token: Token, where: str) -> str:
    """`id`, `access` or `jwt`: what the token looks like."""
    claims = token.claims or {}
    if token.typ == "at+jwt" or where.startswith(("access_token", "Authorization", "Bearer", "DPoP")):
        return "access"
    if where.startswith("id_token") or any(name in claims for name in ("nonce", "at_hash", "c_hash", "auth_time")):
        return "id"
    return "access" if any(name in claims for name in ("scope", "scp", "client_id")) else "jwt"


def _checked(piece: Piece, keyring: Keyring, *, trust: Trust, profile: Profile | None, now: datetime) -> tuple[Checked, ...]:
    """What is to be said of the tokens of one input."""
    chosen = selected(piece.found, trust.kind)
    tokens = [(one.where, take_apart(one.token_text)) for one in chosen]
    has_readable = any(token.is_jwt for _, token in tokens)
    checked: list[Checked] = []
    for where, token in tokens:
        kind, label = trust.kind or kind_of(token, where), piece.label(where)
        if kind == "jwt" and trust.nonce:
            # Only an ID token has a nonce: one that was given is never passed over in silence.
            kind = "id"
        if has_readable and token.kind is Kind.OPAQUE:
            # An answer's opaque tokens say nothing about those beside them.
            verdict = Verdict("form", Outcome.SKIPPED, "an opaque token: only the server that issued it can check it (introspection)")
            checked.append(Checked(token, kind, where, label, (verdict,), Keys()))
            continue
        expected = _with_profile(replace(trust, kind=kind), profile, token)
        keys = keyring.keys_for(token, expected)
        beside = _access_token_beside(where, piece.found)
        checked.append(Checked(token, kind, where, label, judged(token, keys, trust=expected, now=now, access_token=beside), keys))
    return tuple(checked)


def _access_token_beside(where: str, found: tuple[Found, ...]) -> str:
    """The access token of the same answer as an ID token: what its `at_hash` is about."""
    name, _, carrier = where.partition(" of ")
    if name != "id_token" or not carrier:
        return ""
    return next((one.token_text for one in found if one.where == f"access_token of {carrier}"), "")


def judged(token: Token, keys: Keys, *, trust: Trust, now: datetime, access_token: str = "") -> tuple[Verdict, ...]:
    """The signature's verdict, that on keys which the token brings along, then those of the claims."""
    from oauthctl.jose.verify import check_embedded_keys
    from oauthctl.messages.access_token import AccessTokenExpectations, check_access_token
    from oauthctl.messages.id_token import IdTokenExpectations, check_id_token

    signature = _signature(token, keys, trust)
    if trust.kind == "id":
        expected = IdTokenExpectations(
            now,
            issuer=trust.issuer,
            client_id=trust.audience,
            nonce=trust.nonce or None,
            leeway_seconds=trust.leeway_seconds,
            access_token=access_token,
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
    # Keys that were to be had and could not are no reason to call the token forged.
    unreached = keys.problem is not None and not isinstance(keys.problem, ConfigError)
    has_trust = bool(keys.keys or trust.issuer or trust.jwks) or unreached
    embedded = check_embedded_keys(token, signature, has_trust=has_trust)
    return (signature, *embedded, *_twice(token), *(_reworded(verdict, trust) for verdict in claims))


def _signature(token: Token, keys: Keys, trust: Trust) -> Verdict:
    """The signature's verdict; where the keys could not be had, or could have been replaced on their way, it can't be told."""
    from oauthctl.jose.verify import check_signature

    signature = check_signature(token, keys.keys, allowed_algs=trust.algs)
    if signature.outcome is Outcome.UNCLEAR and keys.problem is not None and token.kind is Kind.JWS:
        return replace(signature, why=f"the issuer's keys could not be had: {keys.problem.message}")
    if not keys.doubt or signature.outcome is not Outcome.PASS:
        return signature
    by_hand = check_signature(token, keys.given, allowed_algs=trust.algs)
    if by_hand.outcome is Outcome.PASS:
        return by_hand
    return replace(signature, outcome=Outcome.UNCLEAR, why=f"{signature.why}, but {keys.doubt}: give them as a file with `--jwks FILE`")


def _twice(token: Token) -> tuple[Verdict, ...]:
    """Members that are there twice: one reader takes the first and another the last (RFC 7519 section 4: names must be unique)."""
    return tuple(
        Verdict("form", Outcome.FAIL, flaw.sentence.replace("is shown", "was checked"), section=Section("RFC 7519", "4"))
        for flaw in token.flaws
        if flaw.slug == "duplicate-member"
    )


def _reworded(verdict: Verdict, trust: Trust) -> Verdict:
    """What was compared with nothing, with the option that would tell."""
    if verdict.outcome is not Outcome.UNCLEAR:
        return verdict
    match verdict.check:
        case "issuer" if verdict.got:
            return replace(verdict, why="`iss` is the token's own word, compared with nothing: name the issuer with `--issuer URL`")
        case "audience" if trust.kind == "id":
            return replace(verdict, why=f"{verdict.why}: name the client with `--audience CLIENT`")
        case "audience" if verdict.got:
            return replace(verdict, why=f"{verdict.why}: name the audience with `--audience NAME`")
        case "audience":
            return replace(verdict, why=f"{verdict.why}; with `--audience NAME` it is refused")
        case "authorized-party":
            return replace(verdict, why=f"{verdict.why}: name the client with `--audience CLIENT`")
        case "nonce":
            return replace(verdict, why=f"{verdict.why}: give the request's with `--nonce VALUE`")
        case _:
            return verdict


def _profile(out: Output, trust: Trust) -> Profile | None:
    """What the environment says, and below it the profile that was named; the default one does not count: it may be for another issuer.

    What is for another issuer than the one that an option names is set aside with all that it knows. Raises `ConfigError` when environment
    and profile are for different ones.
    """
    from oauthctl.cli.settings import given_values, overlaid, same_issuer, settings
    from oauthctl.store.locations import locations
    from oauthctl.store.profiles import Profile, load

    environ = out.terminal.environ
    given = given_values(environ, {})
    server = given.get("issuer", "")
    if trust.issuer and server and not same_issuer(trust.issuer, server):
        return load(locations(environ), trust.profile) if trust.profile else None
    if trust.profile or environ.get("OAUTHCTL_PROFILE") or server:
        found = settings(out, profile=trust.profile, by_default=False).profile
    else:
        found = overlaid(Profile(name=""), given)
    names = [name for name in (found.issuer, found.expect_issuer) if name]
    is_anothers = names and trust.issuer and not trust.profile and not any(same_issuer(trust.issuer, name) for name in names)
    return None if is_anothers else found


def _with_profile(trust: Trust, profile: Profile | None, token: Token) -> Trust:
    """What the profile knows where no option says it."""
    if profile is None:
        return trust
    is_symmetric = token.alg.startswith("HS") and not (trust.keys or trust.secret_env)
    return replace(
        trust,
        issuer=trust.issuer or profile.expect_issuer or profile.issuer,
        audience=trust.audience or (profile.client_id if trust.kind == "id" else _api(profile, token)),
        jwks=trust.jwks or profile.endpoint("jwks_uri"),
        keys=(profile.client_secret_file,) if is_symmetric and profile.client_secret_file else trust.keys,
        secret_env=profile.client_secret_env if is_symmetric and not profile.client_secret_file else trust.secret_env,
    )


def _api(profile: Profile, token: Token) -> str:
    """The audience that the profile asks tokens for: of several resources the one that the token names, else the first."""
    from oauthctl.messages.param import texts

    wanted = (profile.audience,) if profile.audience else profile.resource
    named = texts((token.claims or {}).get("aud")) or ()
    return next((one for one in wanted if one in named), next(iter(wanted), ""))
