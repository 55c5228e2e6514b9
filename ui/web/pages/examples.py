"""The example pipelines, each started by one click."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from form_specs.form import Form
from form_specs.text import localized
from marketplace.errors import PipelineParametersWrong
from scheduler.errors import PipelineInvalid
from ui.example_pipelines import Example, examples, saved_as
from ui.views.pipelines import pipeline_title
from ui.web import places
from ui.web.account import current_account
from ui.web.application import application
from ui.web.form import show_form
from ui.web.pages.graph import show_graph
from ui.web.problems import show_problems
from ui.web.speech import language, t


def show() -> None:
    """Show every example with its parameters and its graph."""
    st.title(t("ui.examples.title"), anchor=False)
    st.markdown(t("ui.examples.about"))
    for each in examples():
        with st.container(border=True):
            _describe(each)
            params = _params(each)
            _start_button(each, params)
            box = st.expander(t("ui.examples.graph", nodes=len(each.pipeline.nodes)), on_change="rerun")
            # What is drawn in a closed box has no size, and stays so when it is opened.
            if box.open:
                with box:
                    show_graph(each.pipeline, f"example.{each.name}")


def example_card(each: Example) -> None:
    """Title, description and the button that starts the example as it is."""
    _describe(each)
    _start_button(each, {})


def start(each: Example, params: Mapping[str, Any]) -> None:
    """Submit the example and go to its run."""
    opened = application()
    try:
        run = opened.runs.submit(
            each.pipeline,
            params=params,
            base=each.path.parent,
            by=current_account(),
            saved_as=saved_as(opened.store, each.pipeline),
        )
    except PipelineInvalid as error:
        show_problems(error.problems)
    except PipelineParametersWrong as error:
        st.error(str(error))
    else:
        places.go("run", id=run.id)


def _describe(each: Example) -> None:
    st.markdown(f"### {pipeline_title(each.pipeline, language())}")
    st.markdown(localized(each.pipeline.description, language()))


def _params(each: Example) -> dict[str, Any]:
    """What the visitor gives for the pipeline's parameters."""
    form = Form.from_schema(each.pipeline.parameters or {"type": "object", "additionalProperties": False})
    if not form.fields():
        return {}
    with st.expander(t("ui.examples.parameters")):
        values = form.dump(show_form(form, f"example.{each.name}.params", language()))
    return values if isinstance(values, dict) else {}


def _start_button(each: Example, params: Mapping[str, Any]) -> None:
    if st.button(t("ui.examples.run"), key=f"run.{each.name}", type="primary"):
        start(each, params)
