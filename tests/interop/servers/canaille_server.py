"""Canaille 0.3 on loopback: `python canaille_server.py PORT REDIRECT_URI…`, with its database in the current folder.

Alice signs in with correct-horse-9, on two pages, and consents on a third. Redirect URIs match exactly, port included.

SQLite, not the "memory" backend: that one's queries match any filter, so that one unused code breaks later exchanges.
ES256, not the default: access tokens are JWTs without `jti`, so that with RSA two grants of one user and client in the
same second are the same token, and the second is an HTTP 500. Client `post` keeps the default, RS512.

Assertions of the grant JWT bearer are verified with the first of the server's own keys, whatever client they name as their
issuer; hence `server-key.json` in the current folder, with which a test signs them.

Clients `referring` and `key-jwt` have the key in `client-key.json`. Canaille says that it fetches request objects, and leaves the question
from where to Authlib, which answers that of old with "from nowhere"; here it is answered with "from this machine".
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.oidc.provider import JWTAuthenticationRequest
from joserfc.jwk import ECKey, OKPKey, RSAKey
from werkzeug.serving import make_server

METHODS = {"public": "none", "referring": "none", "trusted": "none", "basic": "client_secret_basic", "post": "client_secret_post"}
METHODS |= {"key-jwt": "private_key_jwt"}
WITH_KEY = ("referring", "key-jwt")
TRUSTED_DOMAIN = "trusted.test"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def configuration(port: int) -> dict:
    keys = (
        RSAKey.generate_key(2048, auto_kid=True),
        ECKey.generate_key("P-256", auto_kid=True),
        OKPKey.generate_key("Ed25519", auto_kid=True),
    )
    Path("server-key.json").write_text(json.dumps(keys[0].as_dict(private=True)), "utf-8")
    return {
        "SECRET_KEY": os.urandom(16).hex(),
        "SERVER_NAME": f"127.0.0.1:{port}",
        "PREFERRED_URL_SCHEME": "http",
        "SESSION_COOKIE_SECURE": False,
        "CANAILLE": {
            "DATABASE": "sql",
            "ENABLE_REGISTRATION": False,
            "CAPTCHA_ENABLED": False,
            "JAVASCRIPT": False,
            "HTMX": False,
            "SMTP": None,
        },
        "CANAILLE_SQL": {"DATABASE_URI": f"sqlite:///{Path.cwd()}/canaille.sqlite", "PASSWORD_SCHEMES": "plaintext"},
        "CANAILLE_OIDC": {
            "DYNAMIC_CLIENT_REGISTRATION_OPEN": True,
            "REQUIRE_NONCE": False,
            "ACTIVE_JWKS": [key.as_dict(private=True) for key in keys],
            "TRUSTED_DOMAINS": [TRUSTED_DOMAIN],
        },
    }


def add_alice() -> None:
    alice = models.User(
        user_name="alice",
        family_name="Doe",
        given_name="Alice",
        formatted_name="Alice Doe",
        emails=["alice@example.test"],
        password="correct-horse-9",
    )
    Backend.instance.save(alice)


def add_client(client_id: str, method: str, redirect_uris: list[str], key: ECKey) -> None:
    client = models.Client(
        client_id=client_id,
        client_secret="dev-secret" if method.startswith("client_secret") else None,
        client_name=client_id,
        client_id_issued_at=datetime.now(UTC),
        # A client of a trusted domain gets no consent page.
        client_uri=f"https://{TRUSTED_DOMAIN if client_id == 'trusted' else 'other.test'}",
        redirect_uris=redirect_uris,
        post_logout_redirect_uris=redirect_uris,
        grant_types=["authorization_code", "refresh_token", "client_credentials", "password", "implicit", JWT_BEARER],
        response_types=["code", "token", "id_token", "id_token token", "code id_token", "code token", "code id_token token"],
        scope=["openid", "profile", "email", "groups", "address", "phone"],
        token_endpoint_auth_method=method,
        jwks=json.dumps({"keys": [key.as_dict(private=False)]}) if client_id in WITH_KEY else None,
        id_token_signed_response_alg=None if client_id == "post" else "ES256",
    )
    Backend.instance.save(client)
    # Introspection asks that the client is in the token's audience.
    client.audience = [client]
    Backend.instance.save(client)


def main() -> None:
    port, redirect_uris = int(sys.argv[1]), sys.argv[2:]
    JWTAuthenticationRequest.validate_request_uri = lambda _self, uri, _client: uri.startswith("http://127.0.0.1:")
    app = create_app(configuration(port))
    with app.app_context(), Backend.instance.session():
        add_alice()
        key = ECKey.generate_key("P-256", auto_kid=True)
        Path("client-key.json").write_text(json.dumps(key.as_dict(private=True)), "utf-8")
        for client_id, method in METHODS.items():
            add_client(client_id, method, redirect_uris, key)
    server = make_server("127.0.0.1", port, app, threaded=True)
    print(f"READY http://127.0.0.1:{port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
