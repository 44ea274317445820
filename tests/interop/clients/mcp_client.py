"""The MCP Python SDK's OAuth client at an API that it knows nothing of: `python mcp_client.py`, then the protocol of ../foreign.py."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

from foreign_order import done, opened, read_order
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider, TokenStorage
from mcp.client.streamable_http import create_mcp_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken


class Memory(TokenStorage):
    """What the client keeps."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


async def main() -> None:
    order = read_order()
    memory, returned = Memory(), []

    async def go(url: str) -> None:
        returned.append(await asyncio.to_thread(opened, url))

    async def came() -> AuthorizationCodeResult:
        back = {name: values[0] for name, values in parse_qs(urlsplit(returned[-1]).query).items()}
        return AuthorizationCodeResult(code=back["code"], state=back.get("state"), iss=back.get("iss"))

    metadata = OAuthClientMetadata(
        redirect_uris=[order["redirect_uri"]],
        client_name="MCP app",
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
        token_endpoint_auth_method=order["method"],
    )
    url = f"{order['issuer']}/api/items"
    document = order.get("client_metadata_url")
    auth = OAuthClientProvider(url, metadata, memory, redirect_handler=go, callback_handler=came, client_metadata_url=document)
    async with create_mcp_http_client(auth=auth) as client:
        first = await client.get(url)
        # Another run with what was kept, and a token that is worth nothing by now.
        assert memory.tokens is not None
        assert memory.client is not None
        second = await client.get(url)
    done(first=first.json(), second=second.status_code, client_id=memory.client.client_id, asked=len(returned), scope=memory.tokens.scope)


asyncio.run(main())
