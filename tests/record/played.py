"""A recorded sign-in with an API, an expired token and a refresh, made by hand: fixtures of the record's and the views' tests."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

from oauthctl.flows.pkce import challenge
from oauthctl.http import Headers, Params, Request, Response, form_request, get_request, with_query
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.record.exchange import Channel, Exchange, Recording

AT = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
OP = "http://127.0.0.1:9400"
REDIRECT_URI = "http://127.0.0.1:51234/callback"
JSON_TYPE = Headers((("Content-Type", "application/json"),))

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CODE = "SplxlOBeZQQYbYS6WxSbIA+/~"
CLIENT_SECRET = "7Fjfp0ZBr1KtDRbnfVdmIw/%+ü"
REFRESH_TOKEN = "tGzv3JOkF0XG5Qx2TlKWIA"
PASSWORD = "correct horse&battery"
COOKIE = "a8f5f167f44f4964e6c998dee827110c"
SECRETS = (VERIFIER, CODE, CLIENT_SECRET, REFRESH_TOKEN, PASSWORD, COOKIE)


def jwt(claims: dict[str, object], signature: bytes = b"a signature of thirty-two octets") -> str:
    """A JWT whose signature is nobody's."""
    parts = (json.dumps({"alg": "RS256", "kid": "1", "typ": "JWT"}).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


ACCESS_TOKEN = jwt({"iss": OP, "sub": "alice", "aud": "api", "scope": "items.read", "exp": 1772366700})
ID_TOKEN = jwt(
    {"iss": OP, "sub": "alice", "aud": "app", "nonce": "n-0S6_WzA2Mj", "iat": 1772366400, "exp": 1772366700},
    b"another signature of 32 octets!!",
)
SIGNATURES = (ACCESS_TOKEN.rpartition(".")[2], ID_TOKEN.rpartition(".")[2])


def body(document: object) -> bytes:
    """The document as JSON."""
    return json.dumps(document).encode()


def played() -> Recording:
    """The run: an API call without a token, discovery, sign-in, the API again, the refresh, a failure."""
    bearer = Headers((("Authorization", f"Bearer {ACCESS_TOKEN}"),))
    client = Headers((("Authorization", basic_credentials("app", CLIENT_SECRET)),))
    refused = Headers((("WWW-Authenticate", 'Bearer error="invalid_token", error_description="the token has expired"'),))
    authorize = with_query(
        f"{OP}/authorize",
        Params.of(
            {
                "response_type": "code",
                "client_id": "app",
                "redirect_uri": REDIRECT_URI,
                "scope": "openid offline_access items.read",
                "state": "af0ifjsldkj",
                "nonce": "n-0S6_WzA2Mj",
                "code_challenge": challenge(VERIFIER),
                "code_challenge_method": "S256",
            }
        ),
    )
    callback = with_query(REDIRECT_URI, Params.of({"code": CODE, "state": "af0ifjsldkj", "iss": OP}))
    token = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 300, "refresh_token": REFRESH_TOKEN, "id_token": ID_TOKEN}
    redeem = Params.of({"grant_type": "authorization_code", "code": CODE, "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER})
    refresh = Params.of({"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN})
    page = f"<html><p>You can close this tab.<a href='?code={CODE}'>{PASSWORD.replace('&', '&amp;')}</a></html>".encode()
    sign_in = Params.of({"username": "alice", "password": PASSWORD})
    cookies = Headers((("Set-Cookie", f"session={COOKIE}; HttpOnly; Path=/"), ("Location", callback)))
    keys = {"keys": [{"kty": "RSA", "alg": "RS256", "kid": "1", "n": "AQAB", "e": "AQAB"}, {"kty": "EC", "alg": "ES256", "kid": "2"}]}
    metadata = {"issuer": OP, "token_endpoint": f"{OP}/token", "authorization_endpoint": f"{OP}/authorize", "not_a_member": [1]}
    seen: list[tuple[str, Channel, Request, Response | None]] = [
        ("api", Channel.WIRE, get_request(f"{OP}/api/items"), Response(401, Headers((("WWW-Authenticate", "Bearer"),)))),
        ("discovery", Channel.WIRE, get_request(f"{OP}/.well-known/oauth-authorization-server"), Response(200, JSON_TYPE, body(metadata))),
        ("authorization", Channel.BROWSER, Request("GET", authorize), None),
        ("jwks", Channel.WIRE, get_request(f"{OP}/jwks"), Response(200, JSON_TYPE, body(keys))),
        ("sign-in", Channel.WIRE, form_request(f"{OP}/sign-in", sign_in), Response(302, cookies)),
        ("callback", Channel.CALLBACK, Request("GET", callback), Response(200, Headers((("Content-Type", "text/html"),)), page)),
        ("token", Channel.WIRE, form_request(f"{OP}/token", redeem, headers=client), Response(200, JSON_TYPE, body(token))),
        ("api", Channel.WIRE, get_request(f"{OP}/api/items", headers=bearer), Response(200, JSON_TYPE, body({"items": [{"name": "a"}]}))),
        ("api", Channel.WIRE, get_request(f"{OP}/api/items", headers=bearer), Response(401, refused)),
        ("token", Channel.WIRE, form_request(f"{OP}/token", refresh, headers=client), Response(200, JSON_TYPE, body(token))),
        (
            "token",
            Channel.WIRE,
            form_request(f"{OP}/token", redeem, headers=client),
            Response(400, JSON_TYPE, body({"error": "invalid_grant", "error_description": f"the code {CODE} was used before"})),
        ),
        ("revocation", Channel.WIRE, form_request(f"{OP}/revoke", Params.of({"token": REFRESH_TOKEN}), headers=client), None),
    ]
    exchanges = tuple(
        Exchange(
            id=number,
            purpose=purpose,
            channel=channel,
            request=request,
            started_at=AT + timedelta(seconds=number),
            seconds=0.012 * number if response else 0.0,
            response=response,
            failure="connection refused" if response is None and channel is Channel.WIRE else "",
        )
        for number, (purpose, channel, request, response) in enumerate(seen, 1)
    )
    return Recording(exchanges, "1.0", OP, "demo")
