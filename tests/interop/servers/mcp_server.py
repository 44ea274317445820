"""An MCP server with an authorization server, by the MCP Python SDK 2.3: `python mcp_server.py PORT REDIRECT_URI…`.

The SDK does metadata, registration, client authentication, PKCE and the bearer checks; only the storage below is ours.
There is no sign-in page: the authorization endpoint redirects at once, for alice. The resource is /mcp, its tool `whoami`.
"""

from __future__ import annotations

import secrets
import socket
import sys
import threading
import time

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken, AuthorizationCode, AuthorizationParams, RefreshToken, construct_redirect_uri
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions, RevocationOptions
from mcp.server.mcpserver import MCPServer
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

METHODS = {"public": "none", "post": "client_secret_post", "basic": "client_secret_basic"}
TOKEN_SECONDS = 600
CODE_SECONDS = 60


class Storage:
    """Clients, codes and tokens in memory."""

    def __init__(self, issuer: str, redirect_uris: list[str]) -> None:
        self.issuer = issuer
        self.codes: dict[str, AuthorizationCode] = {}
        self.access: dict[str, AccessToken] = {}
        self.refresh: dict[str, RefreshToken] = {}
        self.clients = {
            client_id: OAuthClientInformationFull(
                client_id=client_id,
                client_secret=None if method == "none" else "dev-secret",
                redirect_uris=redirect_uris,
                token_endpoint_auth_method=method,
                grant_types=["authorization_code", "refresh_token"],
                response_types=["code"],
                scope="read write",
            )
            for client_id, method in METHODS.items()
        }

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        return self.clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        self.clients[client_info.client_id] = client_info

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        code = secrets.token_urlsafe(32)
        self.codes[code] = AuthorizationCode(
            code=code,
            scopes=params.scopes or ["read"],
            expires_at=time.time() + CODE_SECONDS,
            client_id=client.client_id,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
            subject="alice",
        )
        return construct_redirect_uri(str(params.redirect_uri), code=code, state=params.state, iss=self.issuer)

    async def load_authorization_code(self, client: OAuthClientInformationFull, authorization_code: str) -> AuthorizationCode | None:
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode) -> OAuthToken:
        del self.codes[authorization_code.code]
        return self._issue(client, authorization_code.scopes, authorization_code.resource)

    async def load_refresh_token(self, client: OAuthClientInformationFull, refresh_token: str) -> RefreshToken | None:
        return self.refresh.get(refresh_token)

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        del self.refresh[refresh_token.token]
        return self._issue(client, scopes or refresh_token.scopes, refresh_token.resource)

    async def load_access_token(self, token: str) -> AccessToken | None:
        known = self.access.get(token)
        return known if known and known.expires_at and known.expires_at > time.time() else None

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        self.access.pop(token.token, None)
        self.refresh.pop(token.token, None)

    def _issue(self, client: OAuthClientInformationFull, scopes: list[str], resource: str | None) -> OAuthToken:
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        granted = {"client_id": client.client_id, "scopes": scopes, "resource": resource, "subject": "alice"}
        self.access[access] = AccessToken(token=access, expires_at=int(time.time()) + TOKEN_SECONDS, **granted)
        self.refresh[refresh] = RefreshToken(token=refresh, **granted)
        return OAuthToken(access_token=access, refresh_token=refresh, expires_in=TOKEN_SECONDS, scope=" ".join(scopes))


def whoami() -> str:
    """Tell who called."""
    token = get_access_token()
    return f"{token.subject} via {token.client_id} with {' '.join(token.scopes)}" if token else "nobody"


def announce(issuer: str, port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            print(f"READY {issuer}", flush=True)
            return


def main() -> None:
    port, redirect_uris = int(sys.argv[1]), sys.argv[2:]
    issuer = f"http://127.0.0.1:{port}"
    registration = ClientRegistrationOptions(enabled=True, valid_scopes=["read", "write"], default_scopes=["read"])
    auth = AuthSettings(
        issuer_url=issuer,
        resource_server_url=f"{issuer}/mcp",
        required_scopes=["read"],
        validate_token_resource=True,
        client_registration_options=registration,
        revocation_options=RevocationOptions(enabled=True),
    )
    server = MCPServer("probe", log_level="WARNING", auth_server_provider=Storage(issuer, redirect_uris), auth=auth)
    server.tool()(whoami)
    threading.Thread(target=announce, args=(issuer, port), daemon=True).start()
    server.run("streamable-http", host="127.0.0.1", port=port)


if __name__ == "__main__":
    main()
