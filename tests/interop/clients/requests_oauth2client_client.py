"""PyPI's requests_oauth2client as a client of the practice provider: `python requests_oauth2client_client.py`, then the protocol of
../foreign.py."""

from __future__ import annotations

from typing import Any

import requests
from foreign_order import done, opened, read_order, shown
from requests_oauth2client import (
    ClientSecretBasic,
    ClientSecretJwt,
    ClientSecretPost,
    DeviceAuthorizationPoolingJob,
    OAuth2Client,
    PrivateKeyJwt,
    PublicApp,
)

SCOPE = "openid profile items.read offline_access"


def proof_of(order: dict[str, Any]) -> Any:
    client_id, secret = order["client_id"], order["secret"]
    match order["method"]:
        case "client_secret_basic":
            return ClientSecretBasic(client_id, secret)
        case "client_secret_post":
            return ClientSecretPost(client_id, secret)
        case "client_secret_jwt":
            return ClientSecretJwt(client_id, secret)
        case "private_key_jwt":
            return PrivateKeyJwt(client_id, order["key"])
        case _:
            return PublicApp(client_id)


def code(client: OAuth2Client, order: dict[str, Any]) -> dict[str, Any]:
    more = {"dpop": True, "dpop_alg": "ES256"} if order.get("dpop") else {}
    # With a bound token it can't validate an ID token (1.8.0: its `DPoPToken` wants a key that it does not hand on).
    asked = client.authorization_request(scope="items.read offline_access" if more else SCOPE, **more)
    back = opened(str(client.pushed_authorization_request(asked)) if order.get("par") else str(asked))
    token = client.authorization_code(asked.validate_callback(back), validate=not more)
    items = requests.get(f"{order['issuer']}/api/items", auth=token, timeout=10)
    userinfo = {} if more else requests.get(str(client.userinfo_endpoint), auth=token, timeout=10).json()
    refreshed = client.refresh_token(token)
    answers = []
    if order["method"] != "none":
        answers.append(client.introspect_token(refreshed)["active"])
        client.revoke_access_token(refreshed)
        answers.append(client.introspect_token(refreshed)["active"])
    told = {} if more else {"sub": token.id_token.sub, "name": userinfo["name"]}
    return {**told, "items": items.status_code, "introspected": answers, "token": type(refreshed).__name__}


def device(client: OAuth2Client, _order: dict[str, Any]) -> dict[str, Any]:
    asked = client.authorize_device(scope=SCOPE)
    shown(str(asked.verification_uri), str(asked.user_code))
    job, token = DeviceAuthorizationPoolingJob(client, asked), None
    while token is None:
        token = job()
    return {"sub": token.id_token.sub}


def service(client: OAuth2Client, order: dict[str, Any]) -> dict[str, Any]:
    token = client.client_credentials(scope="items.read", resource=f"{order['issuer']}/api")
    return {"scope": token.scope, "items": requests.get(f"{order['issuer']}/api/items", auth=token, timeout=10).status_code}


def main() -> None:
    order = read_order()
    url = f"{order['issuer']}/.well-known/openid-configuration"
    client = OAuth2Client.from_discovery_endpoint(
        url,
        issuer=order["issuer"],
        auth=proof_of(order),
        redirect_uri=order["redirect_uri"],
        # It does not read this one from the metadata.
        device_authorization_endpoint=f"{order['issuer']}/device_authorization",
        testing=True,
    )
    done(**{"code": code, "device": device, "service": service}[order["flow"]](client, order))


main()
