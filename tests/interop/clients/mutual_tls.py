"""PyPI's requests_oauth2client with a TLS certificate, as a client of the practice provider: the protocol of ../foreign.py."""

from __future__ import annotations

import requests
from foreign_order import done, read_order
from requests_oauth2client import OAuth2Client, PublicApp

order = read_order()
session = requests.Session()
session.verify, session.cert = order["authority"], order["certificate"]
metadata = session.get(f"{order['issuer']}/.well-known/openid-configuration", timeout=10).json()
aliases = metadata["mtls_endpoint_aliases"]
client = OAuth2Client(
    token_endpoint=aliases["token_endpoint"],
    introspection_endpoint=aliases["introspection_endpoint"],
    # RFC 8705 section 2: beside the certificate the client says its name alone, as a public one does.
    auth=PublicApp(order["client_id"]),
    session=session,
)
token = client.client_credentials(scope="items.read")
api = aliases["token_endpoint"].removesuffix("/token") + "/api/items"
told = client.introspect_token(token)
bare = requests.get(api, auth=token, verify=order["authority"], timeout=10)
done(items=session.get(api, auth=token, timeout=10).status_code, confirmed=told["cnf"], without=bare.status_code)
