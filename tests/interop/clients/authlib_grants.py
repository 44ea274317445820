"""The grants of PyPI's Authlib without a browser of its own: `python authlib_grants.py`, then the protocol of ../foreign.py."""

from __future__ import annotations

import os
import time
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from foreign_order import done, read_order, shown

# Authlib wants https, but for those who say that they know what they do.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
SCOPE = "openid items.read"


def device(session: OAuth2Session, order: dict[str, Any]) -> dict[str, Any]:
    data = {"client_id": order["client_id"], "client_secret": order["secret"], "scope": SCOPE}
    asked = session.request("POST", f"{order['issuer']}/device_authorization", withhold_token=True, data=data).json()
    shown(asked["verification_uri"], asked["user_code"])
    while True:
        time.sleep(asked["interval"])
        try:
            return used(session, order, session.fetch_token(grant_type=DEVICE, device_code=asked["device_code"]))
        except OAuthError as error:
            if error.error != "authorization_pending":
                raise


def exchange(session: OAuth2Session, order: dict[str, Any]) -> dict[str, Any]:
    own = session.fetch_token(grant_type="client_credentials", scope="items.read")
    kind = "urn:ietf:params:oauth:token-type:access_token"
    traded = session.fetch_token(
        grant_type=EXCHANGE, subject_token=own["access_token"], subject_token_type=kind, resource=f"{order['issuer']}/api/items"
    )
    return used(session, order, traded) | {"issued": traded["issued_token_type"].rpartition(":")[2]}


def password(session: OAuth2Session, order: dict[str, Any]) -> dict[str, Any]:
    return used(session, order, session.fetch_token(username="alice", password="alice", scope=SCOPE))


def service(session: OAuth2Session, order: dict[str, Any]) -> dict[str, Any]:
    return used(session, order, session.fetch_token(grant_type="client_credentials", scope="items.read"))


def used(session: OAuth2Session, order: dict[str, Any], token: dict[str, Any]) -> dict[str, Any]:
    """What the token opens."""
    session.token = token
    return {"items": session.get(f"{order['issuer']}/api/items").status_code}


order = read_order()
session = OAuth2Session(
    order["client_id"], order["secret"], token_endpoint_auth_method="client_secret_post", token_endpoint=f"{order['issuer']}/token"
)
done(**{"device": device, "exchange": exchange, "password": password, "service": service}[order["flow"]](session, order))
