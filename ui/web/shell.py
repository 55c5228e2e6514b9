"""The frame around every page: who is there, navigation, language, style."""

from __future__ import annotations

from html import escape
from pathlib import Path

import streamlit as st

from ui.web import places
from ui.web.account import current_account
from ui.web.pages import catalogue, examples, home, operator, run, runs
from ui.web.speech import switch_link, t

HERE = Path(__file__).parent


def show() -> None:
    """Show the page that was asked for."""
    st.set_page_config(page_title="Opyard", page_icon=str(HERE / "icon.svg"), layout="wide", initial_sidebar_state=230)
    st.html(HERE / "style.css")
    account = current_account()
    st.logo(str(HERE / "logo.svg"), icon_image=str(HERE / "icon.svg"), size="large")
    page = st.navigation(_pages(), position="sidebar")
    page.run()
    _footer(account)


def _pages() -> list[st.Page]:
    found = {
        "home": st.Page(home.show, title=t("ui.home.title"), url_path="", default=True),
        "catalogue": st.Page(catalogue.show, title=t("ui.catalogue.title"), url_path="catalogue"),
        "runs": st.Page(runs.show, title=t("ui.runs.title"), url_path="runs"),
        "examples": st.Page(examples.show, title=t("ui.examples.title"), url_path="examples"),
        "operator": st.Page(operator.show, title=t("ui.operator.title"), url_path="operator", visibility="hidden"),
        "run": st.Page(run.show, title=t("ui.run.title"), url_path="run", visibility="hidden"),
    }
    places.remember(found)
    return list(found.values())


def _footer(account: str) -> None:
    links = [switch_link(_here()), f'<a class="opyard-quiet" href="/api/docs" target="_blank">{t("ui.nav.api")}</a>']
    if account:
        links.append(
            f'<a class="opyard-quiet" href="/logout" target="_self">{t("ui.nav.logout", name=escape(account))}</a>'
        )
    with st.sidebar:
        st.html(f"<div>{''.join(links)}</div>")


def _here() -> str:
    from urllib.parse import urlsplit

    parts = urlsplit(st.context.url or "/")
    query = "&".join(f"{name}={value}" for name, value in st.query_params.items())
    return (parts.path or "/") + (f"?{query}" if query else "")
