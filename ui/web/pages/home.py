"""The first page: what to do first where nothing is there yet; else what runs, what failed, what came out."""

from __future__ import annotations

import streamlit as st

from ui.example_pipelines import examples
from ui.views.runs import run_view
from ui.web import places
from ui.web.application import application
from ui.web.pages.examples import example_card
from ui.web.pages.runs import run_rows
from ui.web.speech import t

LIVE_SECONDS = 2.0
SHOWN = 6


def show() -> None:
    """Show the first page."""
    if application().runs.list(limit=1):
        _overview()
    else:
        _first_steps()


def _first_steps() -> None:
    st.title(t("ui.home.welcome"), anchor=False)
    st.markdown(t("ui.home.first"))
    for column, each in zip(st.columns(3), examples()[:3], strict=False):
        with column, st.container(border=True, height="stretch"):
            example_card(each)
    with st.container(horizontal=True, gap="large"):
        places.link("catalogue", t("ui.home.look", count=len(application().catalogue.ids)))
        places.link("examples", t("ui.home.more_examples"))
    st.markdown(t("ui.home.terminal"))


def _overview() -> None:
    st.title(t("ui.home.title"), anchor=False)
    _live()


@st.fragment(run_every=LIVE_SECONDS)
def _live() -> None:
    runs = application().runs
    if application().store.engine_holder() is None:
        st.warning(t("ui.home.no_engine"))
    for head, states in (
        ("ui.home.running", ("running", "queued")),
        ("ui.home.failed", ("failed",)),
        ("ui.home.done", ("done", "cancelled")),
    ):
        found = runs.list(states=states, limit=SHOWN)
        if found or head == "ui.home.running":
            st.markdown(f"### {t(head)}")
            run_rows([run_view(run) for run in found], key=head, empty=t("ui.home.idle"))
    with st.container(horizontal=True, gap="large"):
        places.link("runs", t("ui.home.all_runs"))
        places.link("examples", t("ui.home.more_examples"))
        places.link("catalogue", t("ui.home.look", count=len(application().catalogue.ids)))
