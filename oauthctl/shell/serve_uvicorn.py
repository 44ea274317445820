"""uvicorn as it is used here.

Here: its configuration, waiting until it answers. Not here: the application (`serve_app`), connections (`serve_protocol`).
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from oauthctl.shell.serve_app import Application
from oauthctl.shell.serve_deadlines import CONNECTIONS, IDLE_SECONDS, Deadlines

if TYPE_CHECKING:
    import uvicorn

_START_TRIES = 5000


def uvicorn_server(app: Application, **tls: Any) -> uvicorn.Server:
    """uvicorn for this application, with the options of `tls_options` where it speaks TLS; it does not run yet."""
    import uvicorn

    from oauthctl.shell.serve_protocol import KnownConnection

    config = uvicorn.Config(
        app,
        http=partial(KnownConnection, tell=app.tell, deadlines=Deadlines()),  # type: ignore[arg-type]  # uvicorn does nothing but call it
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
        timeout_keep_alive=int(IDLE_SECONDS),
        timeout_graceful_shutdown=1,
        # Those that keep us waiting make room long before: this is for as many that are all being answered.
        limit_concurrency=2 * CONNECTIONS,
    )
    return uvicorn.Server(config)


def wait_for_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    """Wait for the other thread in small slices; uvicorn has no event to wait for."""
    for _ in range(_START_TRIES):
        if server.started:
            return
        thread.join(0.002)
    raise RuntimeError("the server did not start")
