"""uvicorn as it is used here.

Here: its configuration, waiting until it answers. Not here: the application (`serve_app`), connections (`serve_connection`).
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from oauthctl.shell.serve_connection import protocol
from oauthctl.shell.serve_delivery import Emit, Receive

if TYPE_CHECKING:
    import uvicorn

_START_TRIES = 5000


def uvicorn_server(app: Callable[[Mapping[str, Any], Receive, Emit], Awaitable[None]], **tls: Any) -> uvicorn.Server:
    """uvicorn for this application, with the options of `tls_options` where it speaks TLS; it does not run yet."""
    import uvicorn

    config = uvicorn.Config(
        app,
        http=protocol(),
        **tls,
        ws="none",
        interface="asgi3",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
        limit_concurrency=256,
    )
    return uvicorn.Server(config)


def wait_for_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    """Wait for the other thread in small slices; uvicorn has no event to wait for."""
    for _ in range(_START_TRIES):
        if server.started:
            return
        thread.join(0.002)
    raise RuntimeError("the server did not start")
