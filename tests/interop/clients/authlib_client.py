"""PyPI's Authlib as a client of the practice provider: `python authlib_client.py`, then the protocol of ../foreign.py."""

from __future__ import annotations

import os

from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from foreign_order import done, opened, read_order
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

# Authlib wants https, but for those who say that they know what they do.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"


def session_of(order: dict[str, object], metadata: dict[str, str]) -> OAuth2Session:
    method = str(order["method"])
    secret = ECKey.import_key(order["key"]) if method == "private_key_jwt" else order["secret"] if method != "none" else None
    shared = {"scope": "openid profile items.read offline_access", "redirect_uri": order["redirect_uri"], "code_challenge_method": "S256"}
    methods = {"token_endpoint_auth_method": method, "revocation_endpoint_auth_method": method}
    session = OAuth2Session(str(order["client_id"]), secret, **methods, **shared)
    if method == "private_key_jwt":
        session.register_client_auth_method(PrivateKeyJWT(metadata["token_endpoint"], alg="ES256"))
    if method == "client_secret_jwt":
        session.register_client_auth_method(ClientSecretJWT(metadata["token_endpoint"]))
    return session


def main() -> None:
    order = read_order()
    issuer = str(order["issuer"])
    metadata = OAuth2Session().request("GET", f"{issuer}/.well-known/openid-configuration", withhold_token=True).json()
    session = session_of(order, metadata)
    verifier, nonce = generate_token(64), generate_token()
    url, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
    back = opened(url)
    token = session.fetch_token(metadata["token_endpoint"], authorization_response=back, code_verifier=verifier, state=state)
    keys = KeySet.import_key_set(session.get(metadata["jwks_uri"]).json())
    decoded = jwt.decode(token["id_token"], keys)
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        {"iss": {"value": issuer}, "aud": {"value": order["client_id"]}, "nonce": {"value": nonce}},
        {"access_token": token["access_token"], "nonce": nonce, "client_id": order["client_id"]},
    )
    claims.validate()
    userinfo = session.get(metadata["userinfo_endpoint"]).json()
    items = session.get(f"{issuer}/api/items")
    refreshed = session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    answers = []
    if order["method"] != "none":
        for revoked in (False, True):
            if revoked:
                session.revoke_token(metadata["revocation_endpoint"], refreshed["access_token"]).raise_for_status()
            answers.append(session.introspect_token(metadata["introspection_endpoint"], refreshed["access_token"]).json()["active"])
    done(sub=claims["sub"], name=userinfo["name"], items=items.status_code, introspected=answers)


main()
