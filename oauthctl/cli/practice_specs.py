"""Clients and users as `serve` takes them on the command line: `id=shop,redirect=URL,secret-env=NAME`.

Here: reading them; secrets come from files and the environment. Not here: the practice set, which `provider.client` has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from oauthctl.cli import practice_algs
from oauthctl.cli.practice_algs import read_algs
from oauthctl.errors import ConfigError
from oauthctl.http import has_user_info, is_http_url
from oauthctl.messages.client_attestation import METHOD as ATTESTING
from oauthctl.messages.registration import RegistrationRequest
from oauthctl.provider.api_parts import API_PARTS
from oauthctl.provider.client import Client, User, person, short_grant
from oauthctl.provider.client_auth import METHODS
from oauthctl.provider.client_metadata import SECRET_METHODS, is_redirect_uri
from oauthctl.provider.request_reference import is_request_uri
from oauthctl.provider.resources import API_PATH
from oauthctl.provider.state import SCOPES
from oauthctl.provider.token import GRANT_TYPES

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk

METHOD = "token_endpoint_auth_method"
_URIS = ("redirect", "request-uri", "resource")
_OWN_KEYS = ("id", "name", *_URIS, "scope", "grant", "secret-env", "secret-file", "keys-file", "asserts-users")
CLIENT_KEYS = (*_OWN_KEYS, METHOD, *practice_algs.KEYS)
USER_KEYS = ("username", "name", "password-env")
REPEATABLE = (*_URIS, "scope", "grant")
_LONGEST_SECRET = 4096

Values: TypeAlias = Mapping[str, list[str]]
"""What a client or a user is said to be: the values of each key."""


def client_values(spec: str) -> Values:
    """What a `--client` says, not judged yet; `ConfigError` where it is not in its language."""
    return _values(spec, "--client", CLIENT_KEYS)


def client_of(
    values: Values,
    environ: Mapping[str, str],
    *,
    api: Iterable[str] = API_PARTS,
    algs: Iterable[str] = practice_algs.SIGNING,
    keys: tuple[Jwk, ...] = (),
) -> Client:
    """The client that these values describe; `ConfigError` when it can't be one.

    `api` are the paths of the API's parts, `algs` what the provider signs with, `keys` those that the client has beside a file of its own.
    """
    id_ = _one(values, "id")
    if not id_ or not id_.isprintable():
        raise ConfigError(f"the `--client` has no id: `{_shown(values)}`", help="write `--client id=NAME,redirect=URL`")
    redirects = tuple(values.get("redirect", ()))
    for uri in redirects:
        # Whoever starts the provider may have the client in another container; one that registers itself may not say so.
        if not is_redirect_uri(uri, takes_http=True) or has_user_info(uri):
            raise ConfigError(
                f"the redirect URI `{uri}` of the client `{id_}` is no absolute URI without a fragment",
                notes=("its scheme is https, http, or a private one with a period",),
                slug="redirect-uri-unusable",
                spec="RFC 6749 section 3.1.2",
            )
    secret, keys = _secret(values, id_, environ), (*keys, *_keys(_one(values, "keys-file")))
    return Client(
        id_,
        _one(values, "name") or id_,
        secret,
        auth_methods=_auth_methods(_one(values, METHOD), id_, has_secret=bool(secret), has_keys=bool(keys)),
        keys=keys,
        resources=_resources(values, id_, known=(API_PATH, *api)),
        speaks_for_users=_one(values, "asserts-users") == "yes",
        redirect_uris=redirects,
        request_uris=_request_uris(values, id_),
        scopes=tuple(" ".join(values.get("scope", ())).split()) or tuple(SCOPES),
        grant_types=_grants(values, id_, has_secret=bool(secret or keys) or _one(values, METHOD) == ATTESTING),
        is_native=any(takes_any_port(uri) for uri in redirects),
        **read_algs({name: _one(values, name) for name in practice_algs.KEYS}, id_, has_keys=bool(keys), signing=(*algs, "HS256")),
    )


def user_values(spec: str) -> Values:
    """What a `--user` says, not judged yet; `ConfigError` where it is not in its language."""
    username, _, rest = spec.partition(",")
    return {"username": [username.strip()]} | (_values(rest, "--user", USER_KEYS[1:]) if rest else {})


def user_of(values: Values, environ: Mapping[str, str]) -> User:
    """The user that these values describe; the password is the name unless the environment has another."""
    username = _one(values, "username")
    if not username or "=" in username or not username.isprintable():
        raise ConfigError("the `--user` does not begin with a name", help="write `--user NAME` or `--user NAME,password-env=VARIABLE`")
    variable = _one(values, "password-env")
    return person(username, _one(values, "name"), password=_of_environment(variable, environ) if variable else "")


def read_trust(spec: str, flag: str = "--trust") -> tuple[str, tuple[Jwk, ...]]:
    """The issuer of a `--trust` or `--trust-attester`, and its public keys; `ConfigError` when it can't be one."""
    issuer, equals, path = spec.partition("=")
    if not equals or not path or not is_http_url(issuer):
        raise ConfigError(f"`{flag}` takes an issuer and a file with its keys", help=f"write `{flag} https://idp.example=keys.json`")
    return issuer, _keys(path)


def _keys(path: str) -> tuple[Jwk, ...]:
    """The public keys of a file; none without one."""
    if not path:
        return ()
    from oauthctl.cli.token_input import read_bytes
    from oauthctl.jose.jwk import load_key

    found = tuple(key.public() for key in load_key(read_bytes(path)) if key.kty != "oct")
    if not found:
        raise ConfigError(f"`{path}` holds no public key", slug="no-key", help="give a JWKS, a JWK or PEM")
    return found


def takes_any_port(redirect_uri: str) -> bool:
    """Whether the redirect URI stands for all ports: a loopback IP without one.

    Source: RFC 8252 section 7.3: the port is the client's choice at the time of the request.
    """
    return redirect_uri.partition("?")[0].startswith(("http://127.0.0.1/", "http://[::1]/"))


def _values(spec: str, flag: str, known: tuple[str, ...]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for number, part in enumerate(spec.split(","), 1):
        key, equals, value = part.partition("=")
        key = key.strip()
        # Neither value nor unknown key is repeated in the error: it may be a secret in the wrong place.
        if key in ("secret", "password"):
            raise ConfigError(
                f"`{flag}` takes no {key}: other users see command lines (`ps`), and your shell keeps them",
                slug="secret-in-argv",
                help=f"name an environment variable with `{key}-env=NAME`",
            )
        if not equals or key not in known:
            which = f"the {_ordinal(number)} part of `{flag}`"
            problem = (
                f"`{key}`, {which}, can't be set here"
                if key in RegistrationRequest.params()
                else f"{which} is not `KEY=VALUE` with a known key"
            )
            raise ConfigError(problem, help=f"the keys are {', '.join(known)}")
        values.setdefault(key, []).append(value.strip())
    return values


def _ordinal(number: int) -> str:
    return f"{number}{({1: 'st', 2: 'nd', 3: 'rd'} if number not in (11, 12, 13) else {}).get(number % 10, 'th')}"


def _auth_methods(method: str, id_: str, *, has_secret: bool, has_keys: bool) -> tuple[str, ...]:
    """The one way in which the client proves itself; empty where all are good that it can."""
    if not method:
        return ()
    known = (*METHODS, ATTESTING)
    if method not in known:
        raise ConfigError(f"`{METHOD}` is `{method[:40]}`, which the provider does not do", help=f"it is one of {', '.join(known)}")
    if method in SECRET_METHODS and not has_secret:
        raise ConfigError(f"the client `{id_}` has no secret for `{method}`", help="give `secret-env=NAME` or `secret-file=FILE`")
    if method == "private_key_jwt" and not has_keys:
        raise ConfigError(f"the client `{id_}` has no keys for `{method}`", help="give `keys-file=FILE`")
    if method == "none" and has_secret:
        raise ConfigError(f"the client `{id_}` has a secret, and `none` shows nothing", help=f"leave the secret or `{METHOD}` out")
    return (method,)


def _resources(values: Mapping[str, list[str]], id_: str, *, known: tuple[str, ...]) -> tuple[str, ...]:
    """The paths of the API that the client serves, so that it may trade the tokens that come there."""
    paths = tuple(values.get("resource", ()))
    unknown = next((path for path in paths if path not in known), None)
    if unknown is not None:
        raise ConfigError(f"`{unknown[:60]}` is no part of the API for the client `{id_}`", help=f"the parts are {', '.join(known)}")
    return paths


def _one(values: Mapping[str, list[str]], key: str) -> str:
    given = values.get(key, [""])
    if len(given) > 1:
        raise ConfigError(f"`{key}=` is given {len(given)} times in one SPEC", help="give it once")
    return given[0]


def _shown(values: Mapping[str, list[str]]) -> str:
    return ",".join(f"{key}=…" for key in values)


def _secret(values: Mapping[str, list[str]], id_: str, environ: Mapping[str, str]) -> str:
    variable, path = _one(values, "secret-env"), _one(values, "secret-file")
    if variable and path:
        raise ConfigError(f"the client `{id_}` has both `secret-env=` and `secret-file=`", help="give one of them")
    if variable:
        return _of_environment(variable, environ)
    if not path:
        return ""
    try:
        with Path(path).open(encoding="utf-8") as file:
            secret = file.read(_LONGEST_SECRET).strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror or "unknown").lower() if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ConfigError(f"`{path}` can't be read: {why}", help="give a text file with the secret alone") from None
    if not secret:
        raise ConfigError(f"`{path}` is empty", help="give a text file with the secret alone")
    return secret


def _of_environment(variable: str, environ: Mapping[str, str]) -> str:
    value = environ.get(variable, "")
    if not value:
        raise ConfigError(f"the environment variable `{variable}` is not set", help=f"set it first: `export {variable}=…`")
    return value


def _grants(values: Mapping[str, list[str]], id_: str, *, has_secret: bool) -> tuple[str, ...]:
    # No endpoint of its own takes `implicit`: it is how registrations name tokens that come by the browser.
    grant_types = (*GRANT_TYPES, "implicit")
    known = {short_grant(one): one for one in grant_types} | {one: one for one in grant_types}
    asked = tuple(dict.fromkeys(known.get(name, name) for name in values.get("grant", ())))
    for name in asked:
        if name not in grant_types:
            names = ", ".join(short_grant(one) for one in grant_types)
            raise ConfigError(f"the client `{id_}` has the unknown grant `{name}`", help=f"the grants are {names}")
    if "client_credentials" in asked and not has_secret:
        raise ConfigError(
            f"the client `{id_}` has no secret, and `client_credentials` is for clients that have one",
            spec="RFC 6749 section 4.4",
            help="give `secret-env=NAME` or `secret-file=FILE`",
        )
    return asked or ("authorization_code", "refresh_token", *(("client_credentials",) if has_secret else ()))


def _request_uris(values: Mapping[str, list[str]], id_: str) -> tuple[str, ...]:
    found = tuple(values.get("request-uri", ()))
    for uri in found:
        if not is_request_uri(uri):
            raise ConfigError(
                f"the request URI `{uri}` of the client `{id_}` is not https, nor http on this machine",
                slug="request-uri-unusable",
                spec="RFC 9101 section 5.2",
            )
    return found
