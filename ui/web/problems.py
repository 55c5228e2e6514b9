"""A pipeline's problems as a list: where, what, how to mend it."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from marketplace.pipelines.validation import Problem
from ui.views.pipelines import problem_place, problem_view
from ui.web.speech import language, t


def show_problems(problems: Iterable[Problem]) -> None:
    """Show every problem, errors first."""
    views = sorted((problem_view(each, language()) for each in problems), key=lambda view: view["severity"] != "error")
    for view in views:
        place = problem_place(view)
        text = f"**{place}** — {view['message']}" if place else view["message"]
        if view["mend"]:
            text += f"  \n{t('ui.problem.mend')} {view['mend']}"
        (st.error if view["severity"] == "error" else st.warning)(text)
