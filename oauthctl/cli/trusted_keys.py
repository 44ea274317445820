"""Against whose keys a token is checked: those that were given by hand, or those of the issuer.

Here: reading and fetching them, and recording what was asked. Not here: which of them fits the token (`jose.verify`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oauthctl.errors import BadAnswer, ConfigError, NoAnswer, OauthctlError, Unreachable
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import Kind, Token

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.flows.issuer_keys import IssuerKeys


_MAX_ISSUERS = 16


@dataclass(frozen=True, slots=True)
class Trust:
    """What the person says about the token beforehand."""

    issuer: str = ""
    profile: str = ""
    jwks: str = ""
    keys: tuple[str, ...] = ()
    secret_env: str = ""
    audience: str = ""
    algs: tuple[str, ...] = ()
    kind: str = ""
    nonce: str = ""
    leeway_seconds: float = 60.0
    at: str = ""
    timeout_seconds: float = 30.0
    trace: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys to check with, and where they came from in words; or why there are none.

    `fetched` are further ones that came over the network, and `doubt` says why those prove nothing, if so.
    """

    given: tuple[Jwk, ...] = ()
    source: str = ""
    problem: OauthctlError | None = None
    announced_algs: tuple[str, ...] = ()
    fetched: tuple[Jwk, ...] = ()
    doubt: str = ""

    @property
    def keys(self) -> tuple[Jwk, ...]:
        """All of them."""
        return (*self.given, *self.fetched)


class Keyring:
    """The keys for many tokens of one run: the same issuer is asked once, and not more than a few that the tokens themselves name."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._known: dict[tuple[object, ...], Keys] = {}

    def keys_for(self, token: Token, trust: Trust) -> Keys:
        """The keys to check this token with."""
        issuer = trust.issuer or token.claim_text("iss")
        asked = (issuer, trust.jwks, trust.keys, trust.secret_env, _needs_keys(token))
        if asked not in self._known:
            if len(self._known) >= _MAX_ISSUERS:
                return Keys(problem=ConfigError(f"the tokens name more than {_MAX_ISSUERS} issuers", help="name one with `--issuer URL`"))
            self._known[asked] = trusted_keys(self._out, token, trust)
        return self._known[asked]


def trusted_keys(out: Output, token: Token, trust: Trust) -> Keys:
    """The keys that were given by hand; else those of the issuer that was named; else those of the issuer that the token names."""
    given = [key for path in trust.keys for key in _keys_of_file(path)]
    names = [f"`{path}`" for path in trust.keys]
    if trust.secret_env:
        given.append(_environment_secret(out, trust.secret_env))
        names.append(f"${trust.secret_env}")
    is_url = trust.jwks.startswith(("https://", "http://"))
    if trust.jwks and not is_url:
        given += _key_set_of_file(out, trust.jwks)
        names.append(f"`{trust.jwks}`")
    if given and not is_url:
        return Keys(tuple(given), ", ".join(names))
    issuer = trust.issuer or token.claim_text("iss")
    if not _needs_keys(token) or not (is_url or issuer):
        return Keys(tuple(given), ", ".join(names))
    try:
        fetched = _fetch(out, issuer, trust=trust)
    except (Unreachable, NoAnswer, BadAnswer) as error:
        return Keys(tuple(given), ", ".join(names), error)
    except ConfigError as error:
        if error.slug != "issuer-not-asked":
            raise
        return Keys(problem=error)
    announced = fetched.metadata.id_token_signing_alg_values_supported or ()
    for remark in fetched.remarks:
        out.warn(remark)
    source = ", ".join([*names, fetched.jwks_uri])
    return Keys(tuple(given), source, announced_algs=announced, fetched=fetched.keys, doubt=fetched.doubt)


def _needs_keys(token: Token) -> bool:
    """Whether any key could tell something: not for a token that is refused unseen, nor for one that hides what signed it."""
    return token.kind is Kind.JWS and bool(token.alg) and "crit" not in (token.header or {})


def _fetch(out: Output, issuer: str, *, trust: Trust) -> IssuerKeys:
    from oauthctl.cli.session import Session
    from oauthctl.flows.issuer_keys import issuer_keys, named_keys

    with Session(out, "verify", issuer=issuer, trace=trust.trace, timeout_seconds=trust.timeout_seconds) as session:
        if trust.jwks:
            return session.run(named_keys(trust.jwks))
        return session.run(issuer_keys(issuer, is_trusted=bool(trust.issuer)))


def _keys_of_file(path: str) -> tuple[Jwk, ...]:
    """The keys of a file; what is neither JSON nor PEM is a shared secret, without its last line break."""
    from oauthctl.cli.token_input import read_bytes
    from oauthctl.jose.jwk import load_key

    content = read_bytes(path)
    if content.lstrip()[:1] in (b"{", b"[") or b"-----BEGIN " in content:
        try:
            return load_key(content)
        except OauthctlError as error:
            error.notes = (*error.notes, f"read from {path}")
            raise
    secret = content.removesuffix(b"\n").removesuffix(b"\r")
    _refuse_public(secret, f"`{path}`")
    if not secret:
        raise ConfigError(f"`{path}` is empty, and no secret is")
    return (_symmetric(secret),)


def _key_set_of_file(out: Output, path: str) -> tuple[Jwk, ...]:
    from oauthctl.cli.token_input import read_bytes
    from oauthctl.jose.json_object import read_json
    from oauthctl.jose.jwk import load_key

    content = read_bytes(path)
    for flaw in read_json(content, f"`{path}`").flaws:
        if flaw.slug == "duplicate-member":
            out.warn(flaw.sentence.replace("is shown", "was used"))
    try:
        return load_key(content)
    except OauthctlError as error:
        error.notes = (*error.notes, f"read from {path}") if path not in error.message else error.notes
        raise


def _environment_secret(out: Output, name: str) -> Jwk:
    secret = out.terminal.environ.get(name, "")
    if not secret:
        raise ConfigError(f"the environment variable `{name}` is empty or not set")
    _refuse_public(secret.encode(), f"`{name}`")
    return _symmetric(secret.encode())


def _refuse_public(secret: bytes, place: str) -> None:
    from oauthctl.jose.jwk import is_key_in_disguise

    if is_key_in_disguise(secret):
        raise ConfigError(
            f"{place} holds a key, which is no shared secret: whoever knows a public key could forge tokens with it",
            slug="public-key-as-secret",
            spec="RFC 8725 section 2.1",
            help="give public keys with `--key FILE` as PEM, JWK or JWKS in UTF-8 (`openssl pkey -pubin -inform DER` converts)",
        )


def _symmetric(secret: bytes) -> Jwk:
    from base64 import urlsafe_b64encode

    return Jwk((("kty", "oct"), ("k", urlsafe_b64encode(secret).rstrip(b"=").decode())))
