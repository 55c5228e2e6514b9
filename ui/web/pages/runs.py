"""The list of runs with filters."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.views.quantities import readable_seconds
from ui.views.runs import finished_share, run_view
from ui.web import places
from ui.web.application import application
from ui.web.clock import local_time
from ui.web.speech import t
from ui.web.states import badge

STATES = ("queued", "running", "done", "failed", "cancelled")
PAGE = 25
LIVE_SECONDS = 2.0
WIDTHS = (4, 1.4, 2, 1.6, 1.6, 2)


def show() -> None:
    """Show filters and the runs that match, live."""
    st.title(t("ui.runs.title"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        states = st.pills(
            t("ui.run.state"),
            STATES,
            selection_mode="multi",
            key="runs.states",
            format_func=lambda state: t(f"ui.state.{state}"),
        )
        words = st.text_input(t("ui.runs.search"), key="runs.words", width=280, placeholder=t("ui.runs.search_hint"))
    _list(tuple(states), words.strip().lower())


@st.fragment(run_every=LIVE_SECONDS)
def _list(states: tuple[str, ...], words: str) -> None:
    shown = st.session_state.get("runs.shown", PAGE)
    # Names are looked at here: the store's list is short and this keeps its query on an index.
    limit = 500 if words else shown + 1
    found = [run_view(run) for run in application().runs.list(states=states, limit=limit)]
    matching = [view for view in found if words in f"{view['name']} {view['id']} {view['by']}".lower()]
    run_rows(matching[:shown], key="runs", empty=t("ui.runs.nothing"))
    if len(matching) > shown and st.button(t("ui.runs.more")):
        st.session_state["runs.shown"] = shown + PAGE
        st.rerun(scope="fragment")


def run_rows(views: list[dict[str, Any]], key: str, empty: str) -> None:
    """A row for each run: name, state, steps, start, duration, who."""
    if not views:
        st.caption(empty)
        return
    with st.container(border=True, gap="xsmall", key=f"rows.{key}".replace(".", "-")):
        for view in views:
            _row(view)


def _row(view: dict[str, Any]) -> None:
    name, state, steps, created, took, by = st.columns(WIDTHS, vertical_alignment="center")
    with name:
        places.link("run", view["name"], id=view["id"])
    with state:
        badge(view["state"])
    done, count = finished_share(
        [step.state for step in application().store.runs.steps(view["id"], with_results=False)]
    )
    steps.caption(t("ui.run.steps_done", done=done, count=count))
    created.caption(local_time(view["created"]))
    took.caption(readable_seconds(view["seconds"]))
    by.caption(view["by"])
