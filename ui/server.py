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
from pathlib import Path
from typing import TYPE_CHECKING

from marketplace.settings import Settings
from ui.access.addresses import LOOPBACK_NAMES, is_loopback
from ui.errors import ExtraMissing, PortInUse, ServerFailed

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from scheduler.application import Application
    from ui.access.login import Login

SCRIPT = Path(__file__).parent / "web" / "entry" / "app.py"
BACKLOG = 128
SHUTDOWN_SECONDS = 2

# Called with "setup" and the setup link where there is no account yet, then with "ready" and the address.
Announce = Callable[[str, str], None]

# What Streamlit is told. Nothing may leave this machine, and nothing on it be watched or printed.
STREAMLIT = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "global.developmentMode": False,
    "logger.level": "warning",
    # A full garbage collection after every rerun took most of a rerun's time on the server.
    "runner.postScriptGC": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "theme.baseFontSize": 15,
    "theme.baseRadius": "5px",
    "theme.primaryColor": "#2563a8",
    "theme.light.secondaryBackgroundColor": "#f4f5f7",
    "theme.dark.backgroundColor": "#14171c",
    "theme.dark.primaryColor": "#5b9ee6",
    "theme.dark.secondaryBackgroundColor": "#1c2027",
}


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


def build_app(application: Application) -> tuple[ASGIApp, Login | None]:
    """The ASGI app with all that is served, behind its gate, and the login of that gate if it asks for one."""
    import streamlit
    from starlette.middleware import Middleware
    from starlette.routing import Mount
    from streamlit.web.bootstrap import load_config_options

    from ui.access.gate import Gate
    from ui.access.login import Login
    from ui.api.app import PREFIX, create_api
    from ui.switch import route as language_switch
    from ui.web.application import share
    from ui.web.failures import explain

    load_config_options(STREAMLIT)
    share(application)
    login = None if is_loopback(application.settings.host) else Login(application.store.people)
    names = None if login else LOOPBACK_NAMES | {application.settings.host.strip("[]").lower()}

    app = streamlit.App(
        SCRIPT,
        routes=[Mount(PREFIX, create_api(application)), language_switch],
        middleware=[Middleware(Gate, names=names, login=login)],
        on_script_error=explain,
    )
    return app, login


def address_of(listener: socket.socket) -> str:
    """The URL under which a listening socket is reached."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{host}:{port}"


def _serve_with_engine(application: Application, listener: socket.socket, announce: Announce) -> None:
    import uvicorn

    from ui.engine_child import EngineChild

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
