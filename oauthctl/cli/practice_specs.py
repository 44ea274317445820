"""Clients and users as whoever starts `serve` describes them.

Here: what their values may be, and what becomes of them; secrets come from files and the environment. Not here: the language of SPECs
(`practice_words`), the practice set, which `provider.client` has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from oauthctl.cli import practice_algs
from oauthctl.cli.practice_algs import read_algs
from oauthctl.cli.practice_words import METHOD, Values, single
from oauthctl.cli.serve_fields import choice
from oauthctl.cli.toml_place import Place, placed
from oauthctl.errors import ConfigError
from oauthctl.http import has_user_info, is_http_url
from oauthctl.messages.client_attestation import METHOD as ATTESTING
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

_OPTION = Place("--client")
_LONGEST_SECRET = 4096


def client_of(
    values: Values,
    environ: Mapping[str, str],
    *,
    place: Place = _OPTION,
    api: Iterable[str] = API_PARTS,
    algs: Iterable[str] = practice_algs.SIGNING,
    keys: tuple[Jwk, ...] = (),
    has_keys_elsewhere: bool = False,
) -> Client:
    """The client that these values describe, which stand at `place`; `ConfigError` when it can't be one.

    `api` are the paths of the API's parts, `algs` what the provider signs with, `keys` those that the client has beside a file of its own.
    With `has_keys_elsewhere` there are more, which are fetched when they are needed.
    """
    id_, method = single(values, "id"), single(values, METHOD)
    if not id_ or not id_.isprintable():
        raise ConfigError(f"the `--client` has no id: `{_shown(values)}`", help="write `--client id=NAME,redirect=URL`")
    redirects = _redirects(values, id_, place=place)
    secret = _secret(values, id_, environ, place=place)
    with placed(place.at("keys-file")):
        keys = (*keys, *_keys(single(values, "keys-file")))
    has_keys = bool(keys) or has_keys_elsewhere
    with placed(place.at(METHOD)):
        auth_methods = _auth_methods(method, id_, has_secret=bool(secret), has_keys=has_keys)
    answers = {name: single(values, name) for name in practice_algs.KEYS}
    return Client(
        id_,
        single(values, "name") or id_,
        secret,
        auth_methods=auth_methods,
        keys=keys,
        resources=_resources(values, id_, known=(API_PATH, *api), place=place),
        speaks_for_users=single(values, "asserts-users") == "yes",
        redirect_uris=redirects,
        request_uris=_request_uris(values, id_, place=place),
        scopes=tuple(" ".join(values.get("scope", ())).split()) or tuple(SCOPES),
        grant_types=_grants(values, id_, has_secret=bool(secret) or has_keys or method == ATTESTING, place=place),
        is_native=any(takes_any_port(uri) for uri in redirects),
        **read_algs(answers, id_, place=place, has_keys=has_keys, signing=(*algs, "HS256")),
    )


def user_of(values: Values, environ: Mapping[str, str], *, place: Place = _OPTION) -> User:
    """The user that these values describe, which stand at `place`; the password is the name unless the environment has another.

    Raises: ConfigError.
    """
    username = single(values, "username")
    if not username or "=" in username or not username.isprintable():
        problem, help_ = "the `--user` does not begin with a name", "write `--user NAME` or `--user NAME,password-env=VARIABLE`"
        raise ConfigError(problem, where=place.at("username").where, help=help_)
    variable = single(values, "password-env")
    with placed(place.at("password-env")):
        password = _of_environment(variable, environ) if variable else ""
    return person(username, single(values, "name"), password=password)


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


def _redirects(values: Values, id_: str, *, place: Place) -> tuple[str, ...]:
    found = tuple(values.get("redirect", ()))
    for number, uri in enumerate(found, 1):
        # Whoever starts the provider may have the client in another container; one that registers itself may not say so.
        if not is_redirect_uri(uri, takes_http=True) or has_user_info(uri):
            raise ConfigError(
                f"the redirect URI `{uri}` of the client `{id_}` is no absolute URI without a fragment",
                notes=("its scheme is https, http, or a private one with a period",),
                slug="redirect-uri-unusable",
                where=place.at("redirect", number).where,
                spec="RFC 6749 section 3.1.2",
            )
    return found


def _auth_methods(method: str, id_: str, *, has_secret: bool, has_keys: bool) -> tuple[str, ...]:
    """The one way in which the client proves itself; empty where all are good that it can."""
    if not method:
        return ()
    if method not in (*METHODS, ATTESTING):
        problem = f"the client `{id_}` has the `{METHOD}` `{method[:40]}`, which the provider does not do"
        raise ConfigError(problem, help=f"{choice(method, METHODS)}; with `--experimental` also {ATTESTING}")
    if method in SECRET_METHODS and not has_secret:
        raise ConfigError(f"the client `{id_}` has no secret for `{method}`", help="give `secret-env=NAME` or `secret-file=FILE`")
    if method == "private_key_jwt" and not has_keys:
        raise ConfigError(f"the client `{id_}` has no keys for `{method}`", help="give `keys-file=FILE`")
    if method == "none" and has_secret:
        raise ConfigError(f"the client `{id_}` has a secret, and `none` shows nothing", help=f"leave the secret or `{METHOD}` out")
    return (method,)


def _resources(values: Values, id_: str, *, known: tuple[str, ...], place: Place) -> tuple[str, ...]:
    """The paths of the API that the client serves, so that it may trade the tokens that come there."""
    paths = tuple(values.get("resource", ()))
    for number, path in enumerate(paths, 1):
        if path not in known:
            problem = f"`{path[:60]}` is no part of the API for the client `{id_}`"
            raise ConfigError(problem, where=place.at("resource", number).where, help=choice(path, known))
    return paths


def _shown(values: Values) -> str:
    return ",".join(f"{key}=…" for key in values)


def _secret(values: Values, id_: str, environ: Mapping[str, str], *, place: Place) -> str:
    variable, path = single(values, "secret-env"), single(values, "secret-file")
    with placed(place.at("secret-file" if path else "secret-env")):
        if variable and path:
            raise ConfigError(f"the client `{id_}` has both `secret-env=` and `secret-file=`", help="give one of them")
        return _of_environment(variable, environ) if variable else _of_file(path) if path else ""


def _of_file(path: str) -> str:
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


def _grants(values: Values, id_: str, *, has_secret: bool, place: Place) -> tuple[str, ...]:
    # No endpoint of its own takes `implicit`: it is how registrations name tokens that come by the browser.
    grant_types = (*GRANT_TYPES, "implicit")
    known = {short_grant(one): one for one in grant_types} | {one: one for one in grant_types}
    asked = [known.get(name, name) for name in values.get("grant", ())]
    for number, name in enumerate(asked, 1):
        at = place.at("grant", number)
        if name not in grant_types:
            problem = f"the client `{id_}` has the unknown grant `{name}`"
            raise ConfigError(problem, where=at.where, help=choice(name, map(short_grant, grant_types)))
        if name == "client_credentials" and not has_secret:
            raise ConfigError(
                f"the client `{id_}` has no secret, and `client_credentials` is for clients that have one",
                where=at.where,
                spec="RFC 6749 section 4.4",
                help="give `secret-env=NAME` or `secret-file=FILE`",
            )
    return tuple(dict.fromkeys(asked)) or ("authorization_code", "refresh_token", *(("client_credentials",) if has_secret else ()))


def _request_uris(values: Values, id_: str, *, place: Place) -> tuple[str, ...]:
    found = tuple(values.get("request-uri", ()))
    for number, uri in enumerate(found, 1):
        if not is_request_uri(uri):
            raise ConfigError(
                f"the request URI `{uri}` of the client `{id_}` is not https, nor http on this machine",
                slug="request-uri-unusable",
                where=place.at("request-uri", number).where,
                spec="RFC 9101 section 5.2",
            )
    return found
