"""PyPI's requests_oauth2client as a client of the practice provider: `python requests_oauth2client_client.py`, then the protocol of
../foreign.py."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from secrets import token_urlsafe
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import urlsplit

import requests
from foreign_order import decided, done, opened, read_order, shown
from requests_oauth2client import (
    BackChannelAuthenticationPoolingJob,
    ClientSecretBasic,
    ClientSecretJwt,
    ClientSecretPost,
    DeviceAuthorizationPoolingJob,
    InvalidGrant,
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


class Ear(BaseHTTPRequestHandler):
    """The client's notification endpoint, by its owner's hand: the library sends the token and leaves the listening to its user."""

    heard: ClassVar[Queue[tuple[str, str]]] = Queue()

    def do_POST(self) -> None:
        named = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["auth_req_id"]
        self.heard.put((self.headers["Authorization"], named))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


def ciba(client: OAuth2Client, order: dict[str, Any]) -> dict[str, Any]:
    place = order.get("notified_at")
    secret = token_urlsafe(32) if place else None
    if place:
        server = ThreadingHTTPServer(("127.0.0.1", urlsplit(place).port or 0), Ear)
        Thread(target=server.serve_forever, daemon=True).start()
    asked = client.backchannel_authentication_request(
        "openid profile items.read", login_hint="alice", binding_message="W4SCT", client_notification_token=secret
    )
    decided(f"{order['issuer']}/approvals")
    told = None
    if place:
        bearer, named = Ear.heard.get(timeout=20)
        told = (bearer, named) == (f"Bearer {secret}", asked.auth_req_id)
    job, token = BackChannelAuthenticationPoolingJob(client, asked), None
    while token is None:
        token = job()
    return {"sub": token.id_token.sub, "told": told}


def password(client: OAuth2Client, order: dict[str, Any]) -> dict[str, Any]:
    token = client.resource_owner_password("alice", "alice", scope="openid items.read")
    return {"items": requests.get(f"{order['issuer']}/api/items", auth=token, timeout=10).status_code}


def chain(client: OAuth2Client, order: dict[str, Any]) -> dict[str, Any]:
    """An identity assertion (ID-JAG) of the server where the person signed in, redeemed at another one."""
    asked = client.authorization_request(scope="openid")
    token = client.authorization_code(asked.validate_callback(opened(str(asked))))
    kind = "urn:ietf:params:oauth:token-type:"
    # Its answer is no access token (`N_A`), which the library's token classes do not know: taken as it comes.
    answer = requests.post(
        str(client.token_endpoint),
        data={
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": str(token.id_token),
            "subject_token_type": f"{kind}id_token",
            "requested_token_type": f"{kind}id-jag",
            "audience": order["other"],
            "scope": "items.read",
        },
        auth=client.auth,
        timeout=10,
    ).json()
    other = OAuth2Client(f"{order['other']}/token", proof_of(order), issuer=order["other"], testing=True)
    redeemed = other.jwt_bearer(answer["access_token"], scope="items.read")
    items = requests.get(f"{order['other']}/api/items", auth=redeemed, timeout=10)
    return {"issued": answer["issued_token_type"].rpartition(":")[2], "for": items.json()["for"]}


def rotation(client: OAuth2Client, _order: dict[str, Any]) -> dict[str, Any]:
    """A refresh token that is used twice takes its whole family along."""
    asked = client.authorization_request(scope=SCOPE)
    first = client.authorization_code(asked.validate_callback(opened(str(asked))))
    second = client.refresh_token(first)
    ends = []
    for token in (first, second):
        try:
            client.refresh_token(token)
            ends.append("")
        except InvalidGrant as error:
            ends.append(error.error)
    return {"rotated": first.refresh_token != second.refresh_token, "ends": ends}


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
        # It does not read these from the metadata.
        device_authorization_endpoint=f"{order['issuer']}/device_authorization",
        backchannel_authentication_endpoint=f"{order['issuer']}/bc-authorize",
        testing=True,
    )
    flows = {"code": code, "device": device, "service": service, "ciba": ciba, "password": password, "rotation": rotation, "chain": chain}
    done(**flows[order["flow"]](client, order))


main()
