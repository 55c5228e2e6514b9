"""`opyard up`: pages, API and event streams on one port, and the engine beside them."""

from __future__ import annotations

import errno
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from marketplace.settings import Settings
from ui.errors import ExtraMissing, PortInUse, ServerFailed

if TYPE_CHECKING:
    from scheduler.application import Application

BACKLOG = 128
SHUTDOWN_SECONDS = 2

# Called with "setup" and the setup link where there is no account yet, then with "ready" and the address.
Announce = Callable[[str, str], None]


def serve(settings: Settings, announce: Announce) -> None:
    """Serve until SIGINT or SIGTERM; then the engine that was started here stops as well.

    Args:
        announce: is told the address once it answers.

    Raises:
        PortInUse: something else listens there.
        ServerFailed: the server or the engine did not start.
        ExtraMissing: the packages of the pages are not installed.
    """
    from scheduler.application import open_application

    _require_web()
    listener = listen(settings.host, settings.port)
    signal.signal(signal.SIGTERM, _leave)
    with listener:
        application = open_application(settings, start_engine=False)
        try:
            _serve_with_engine(application, listener, announce)
        finally:
            application.close()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port`; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"Something else listens on {host}:{port} already, perhaps another Opyard."
                f" Stop it, or choose another port: opyard up --port {port + 1}"
            ) from error
        raise ServerFailed(
            f"Cannot listen on {host}:{port}: {error.strerror}. Choose another --host or --port."
        ) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """The URL under which a listening socket is reached."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{host}:{port}"


def _serve_with_engine(application: Application, listener: socket.socket, announce: Announce) -> None:
    import uvicorn

    from ui.engine_child import EngineChild
    from ui.web.host import build_app

    with EngineChild(application):
        app, login = build_app(application)
        address = address_of(listener)
        if login and login.setup_token:
            announce("setup", f"{address}/setup?token={login.setup_token}")
        config = uvicorn.Config(
            app,
            access_log=False,
            log_level="warning",
            ws="websockets-sansio",
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        server = uvicorn.Server(config)
        _announce_when_answering(address, announce)
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])
        if not server.started:
            raise ServerFailed("The web server did not start. What it printed above says why.")


def _announce_when_answering(address: str, announce: Announce) -> None:
    """Print the address from a thread once a request has really been answered."""

    def wait() -> None:
        from urllib.error import HTTPError, URLError
        from urllib.request import urlopen

        for _ in range(600):
            try:
                urlopen(f"{address}/api/health", timeout=10).close()  # noqa: S310
            except HTTPError:
                break  # asks for a login: it answers
            except (URLError, OSError):
                time.sleep(0.05)
            else:
                break
        announce("ready", address)

    threading.Thread(target=wait, daemon=True, name="announce").start()


def _leave(*_: object) -> None:
    # uvicorn stops first and then raises the signal again; leaving by an exception lets every `finally` run.
    sys.exit(0)


def _require_web() -> None:
    from importlib.util import find_spec

    missing = [name for name in ("streamlit", "fastapi", "uvicorn", "streamlit_flow") if find_spec(name) is None]
    if missing:
        raise ExtraMissing(f"The pages need {', '.join(missing)}. Install them: pip install 'opyard[web]'")
