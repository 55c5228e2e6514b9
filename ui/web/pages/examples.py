"""The example pipelines, each started by one click."""

from __future__ import annotations

import streamlit as st

from form_specs.text import localized
from scheduler.errors import PipelineInvalid
from ui.example_pipelines import Example, examples
from ui.views.pipelines import pipeline_title
from ui.web import places
from ui.web.account import current_account
from ui.web.application import application
from ui.web.pages.graph import show_graph
from ui.web.problems import show_problems
from ui.web.speech import language, t


def show() -> None:
    """Show every example with its graph."""
    st.title(t("ui.examples.title"), anchor=False)
    st.markdown(t("ui.examples.about"))
    for each in examples():
        with st.container(border=True):
            example_card(each)
            with st.expander(t("ui.examples.graph", nodes=len(each.pipeline.nodes))):
                show_graph(each.pipeline, f"example.{each.name}")


def example_card(each: Example) -> None:
    """Title, description and the button that starts the example."""
    st.markdown(f"### {pipeline_title(each.pipeline, language())}")
    st.markdown(localized(each.pipeline.description, language()))
    if st.button(t("ui.examples.run"), key=f"run.{each.name}", type="primary"):
        start(each)


def start(each: Example) -> None:
    """Submit the example and go to its run."""
    opened = application()
    try:
        run = opened.runs.submit(each.pipeline, base=each.path.parent, by=current_account())
    except PipelineInvalid as error:
        show_problems(error.problems)
        return
    places.go("run", id=run.id)
