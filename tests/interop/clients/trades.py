"""PyPI's requests_oauth2client and Authlib trade tokens and assertions at the practice provider: `python trades.py`, then the protocol of
../foreign.py."""

from __future__ import annotations

import os

from authlib.integrations.requests_client import AssertionSession
from foreign_order import done, read_order
from requests_oauth2client import OAuth2Client

# Authlib wants https, but for those who say that they know what they do.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"


def exchanged(order: dict[str, str]) -> None:
    client = OAuth2Client(f"{order['issuer']}/token", (order["client_id"], order["secret"]), issuer=order["issuer"], testing=True)
    kind = "urn:ietf:params:oauth:token-type:jwt"
    first = client.token_exchange(subject_token=order["subject"], subject_token_type=kind, scope="items.read")
    own = client.client_credentials(scope="items.read")
    second = client.token_exchange(subject_token=first, actor_token=own, scope="items.read", resource=f"{order['issuer']}/api/items")
    assertion = client.jwt_bearer(order["assertion"], scope="items.read")
    done(
        scope=first.scope,
        issued=first.issued_token_type.rpartition(":")[2],
        token=str(second.access_token),
        by_assertion=str(assertion.access_token),
    )


def asserted(order: dict[str, str]) -> None:
    endpoint = f"{order['issuer']}/token"
    session = AssertionSession(
        token_endpoint=endpoint,
        issuer=order["client_id"],
        subject=order["person"],
        audience=endpoint,
        key=order["key"],
        header={"alg": "ES256", "kid": "own"},
        grant_type=AssertionSession.JWT_BEARER_GRANT_TYPE,
        scope="items.read",
    )
    done(**{"for": session.get(f"{order['issuer']}/api/items").json()["for"]})


def main() -> None:
    order = read_order()
    (exchanged if order["flow"] == "exchange" else asserted)(order)


main()
