"""The notification of CIBA's ping mode: what is sent to a client when its person has decided.

Here: the request, and what may be asked for. Not here: when it is due (`backchannel`), sending it (`shell.running_provider`).
"""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from oauthctl.http import JSON, Headers, Request, is_http_url, is_loopback_host
from oauthctl.provider.records import BackchannelRequest, Outgoing

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{22,1024}=*")
"""What may stand in an `Authorization: Bearer`, with room for 128 bits, up to 1024 characters. Source: CIBA Core section 7.1."""


def notification(item: BackchannelRequest, endpoint: str) -> Outgoing:
    """Source: OpenID Connect CIBA Core 1.0 section 10.2."""
    headers = Headers.of({"Authorization": f"Bearer {item.notification_token}", "Content-Type": JSON})
    body = json.dumps({"auth_req_id": item.auth_req_id}).encode()
    return Outgoing(item.client_id, Request("POST", endpoint, headers, body))


def is_notification_token(text: str) -> bool:
    """Whether a client may want to be shown this."""
    return _TOKEN.fullmatch(text) is not None and len(text) <= 1024


def is_notification_endpoint(url: str) -> bool:
    """Whether clients may be told something there: https, as section 4 wants it, or http on this machine."""
    if not is_http_url(url) or any(char in url for char in "#@\\ "):
        return False
    parts = urlsplit(url)
    return parts.scheme == "https" or is_loopback_host(parts.hostname or "")
