"""The page of one run: live state of every step, logs, errors with what to do, and what each step made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import streamlit as st

from marketplace.errors import RunNotFound
from marketplace.store.records import RunRecord
from scheduler.errors import SchedulerError
from scheduler.runs import StepView
from scheduler.states import ENDED_RUN, ENDED_STEP
from ui.example_pipelines import examples
from ui.views.quantities import readable_seconds
from ui.views.runs import document_of, duration, failed_steps, finished_share, run_view
from ui.web import places
from ui.web.application import application
from ui.web.clock import local_time
from ui.web.pages.graph import node_title, show_graph
from ui.web.pages.step import show_step
from ui.web.speech import t
from ui.web.states import badge, dot

LIVE_SECONDS = 1.0
VIEWS = ("steps", "graph", "document")


def show() -> None:
    """Show the run that the address names."""
    id = st.query_params.get("id", "")
    places.link("runs", f"← {t('ui.runs.title')}")
    try:
        run = application().runs.get(id)
    except RunNotFound as error:
        st.error(str(error))
        return
    live = run.state not in ENDED_RUN
    st.fragment(_head, run_every=LIVE_SECONDS if live else None)(id, live)
    view = st.segmented_control(
        t("ui.run.view"),
        VIEWS,
        default="steps",
        required=True,
        key=f"view.{id}",
        label_visibility="collapsed",
        format_func=lambda each: t(f"ui.run.view.{each}"),
    )
    if view == "document":
        st.code(run.document, language="json", height=600)
    elif view == "graph":
        st.fragment(_graph, run_every=LIVE_SECONDS if live else None)(run)
    else:
        _steps(run, live)


def _head(id: str, live: bool) -> None:
    run = application().runs.get(id)
    if live and run.state in ENDED_RUN:
        # What is below was drawn for a run that goes on.
        st.rerun()
    view = run_view(run)
    steps = application().runs.steps(id)
    done, count = finished_share([step.record.state for step in steps])
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.title(run.name, width="content", anchor=False)
        badge(run.state)
        with st.container(horizontal=True, horizontal_alignment="right"):
            _actions(run)
    facts = [t("ui.run.steps_done", done=done, count=count), readable_seconds(view["seconds"])]
    facts += [local_time(run.created), run.by, f"`{id}`"]
    st.caption(" · ".join(fact for fact in facts if fact))
    if run.state == "running":
        st.progress(_share(steps))
    if run.error:
        st.error(run.error)
    if run.state == "failed":
        names = ", ".join(f"**{step.step.title}**" for step in failed_steps(steps))
        st.error(t("ui.run.failed_about", names=names))


def _share(steps: Any) -> float:
    total = sum(1.0 if step.record.state in ENDED_STEP else step.record.progress for step in steps)
    return min(total / max(len(steps), 1), 1.0)


def _actions(run: RunRecord) -> None:
    runs = application().runs
    if run.state not in ENDED_RUN:
        if st.button(t("ui.run.cancel"), disabled=run.cancel_requested):
            runs.cancel(run.id)
            st.rerun()
        return
    if run.state != "done" and st.button(t("ui.run.resume"), type="primary", help=t("ui.run.resume_help")):
        _try(lambda: runs.resume(run.id))
        st.rerun()
    if st.button(t("ui.run.again"), help=t("ui.run.again_help")):
        _again(run)


def _again(run: RunRecord) -> None:
    from scheduler.plan import PlanOptions
    from ui.web.account import current_account

    options = msgspec.json.decode(run.options, type=PlanOptions)
    base = next((each.path.parent for each in examples() if each.pipeline.name == run.name), None)
    again = _try(
        lambda: application().runs.submit(
            document_of(run),
            params=options.params,
            to=options.to,
            seed=options.seed,
            base=base,
            by=current_account(),
            project=run.project,
        )
    )
    if again is not None:
        places.go("run", id=again.id)


def _try(call: Any) -> Any:
    try:
        return call()
    except SchedulerError as error:
        st.error(str(error))
        return None


def _graph(run: RunRecord) -> None:
    states = {step.record.node: step.record.state for step in application().runs.steps(run.id)}
    show_graph(document_of(run), f"graph.{run.id}", states)


def _steps(run: RunRecord, live: bool) -> None:
    document = document_of(run)
    titles = {node.id: node_title(node) for node in document.nodes}
    steps = {step.record.node: step for step in application().runs.steps(run.id)}
    chosen = steps.get(_chosen(run.id, list(steps.values())))
    left, right = st.columns([2, 5], gap="large")
    with left:
        drawn = (chosen.record.node, chosen.record.state) if chosen else None
        st.fragment(_step_list, run_every=LIVE_SECONDS if live else None)(run.id, titles, drawn)
    with right:
        if chosen is not None:
            show_step(run, chosen, titles[chosen.record.node], live)


def _chosen(id: str, steps: list[StepView]) -> str:
    """The step that the visitor chose, else the first that failed or runs, else the last that has something to show."""
    kept = st.session_state.get(f"step.{id}") or st.query_params.get("step")
    if kept in {step.record.node for step in steps}:
        return str(kept)
    for states in ({"failed"}, {"running"}):
        found = [step.record.node for step in steps if step.record.state in states]
        if found:
            return found[0]
    finished = [step.record.node for step in steps if step.result and step.result.outputs]
    return (finished or [step.record.node for step in steps] or [""])[-1]


def _step_list(id: str, titles: Mapping[str, str], drawn: tuple[str, str] | None) -> None:
    """A line for each step. When the step that is shown beside has moved on, the whole page is drawn again."""
    steps = application().runs.steps(id)
    chosen = _chosen(id, list(steps))
    with st.container(gap="xsmall"):
        for step in steps:
            _step_line(id, step, titles[step.record.node], step.record.node == chosen)
    now = next(((step.record.node, step.record.state) for step in steps if step.record.node == chosen), None)
    if now != drawn:
        st.rerun()


def _step_line(id: str, step: StepView, title: str, chosen: bool) -> None:
    record = step.record
    name, state = st.columns([4, 1.5], vertical_alignment="center", gap="small")
    label = f"{dot(record.state)} {f'**{title}**' if chosen else title}"
    if name.button(label, key=f"choose.{id}.{record.node}", type="tertiary"):
        st.session_state[f"step.{id}"] = record.node
        st.query_params["step"] = record.node
        st.rerun()
    took = readable_seconds(duration(record.started, record.ended))
    state.caption(took if took and record.state in ("running", "done", "failed") else t(f"ui.state.{record.state}"))
    if record.state == "running" and record.progress > 0:
        st.progress(min(record.progress, 1.0), text=record.message or None)
