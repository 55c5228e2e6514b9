"""The ASGI app: pages, REST API and the language switch on Streamlit's server, behind the gate."""

from __future__ import annotations

from pathlib import Path

import streamlit
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import ASGIApp
from streamlit.web.bootstrap import load_config_options

from scheduler.application import Application
from ui.access.addresses import LOOPBACK_NAMES, is_loopback
from ui.access.gate import Gate
from ui.access.login import Login
from ui.api.app import PREFIX, create_api
from ui.switch import route as language_switch
from ui.web.application import share
from ui.web.failures import explain

SCRIPT = Path(__file__).parent / "entry" / "app.py"

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


def build_app(application: Application) -> tuple[ASGIApp, Login | None]:
    """The app, and the login of its gate if it asks for one: it does unless it listens on loopback."""
    host = application.settings.host
    login = None if is_loopback(host) else Login(application.store.people)
    names = None if login else LOOPBACK_NAMES | {host.strip("[]").lower()}
    load_config_options(STREAMLIT)
    share(application)
    app = streamlit.App(
        SCRIPT,
        routes=[Mount(PREFIX, create_api(application)), language_switch],
        middleware=[Middleware(Gate, names=names, login=login)],
        on_script_error=explain,
    )
    return app, login
