"""Whose visit this is."""

from __future__ import annotations

import streamlit as st

from ui.access.addresses import is_loopback
from ui.access.login import COOKIE
from ui.web.application import application
from ui.web.speech import t


def current_account() -> str:
    """The visitor's account, empty where no login is asked for. Stops the page where the session is over.

    The gate looked when the socket was opened; a socket stays open when a session ends, so every rerun looks again.
    """
    opened = application()
    if is_loopback(opened.settings.host):
        return ""
    session = opened.store.people.lookup(st.context.cookies.get(COOKIE, ""))
    if session is None:
        st.html('<meta http-equiv="refresh" content="0; url=/login">')
        st.markdown(f"[{t('ui.login.title')}](/login)")
        st.stop()
    return session.account
