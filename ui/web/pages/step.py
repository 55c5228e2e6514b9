"""One step of a run: what it made, its log, its parameters, or why it failed and what to do."""

from __future__ import annotations

from html import escape

import streamlit as st

from marketplace.store.records import RunRecord
from operators.documents import StepError
from operators.logs import LogLine
from scheduler.runs import StepView
from scheduler.states import ENDED_STEP
from ui.views.quantities import readable_bytes, readable_seconds, readable_value
from ui.views.runs import duration
from ui.web import places
from ui.web.application import application
from ui.web.artifacts.show import show_artifact
from ui.web.clock import local_time
from ui.web.speech import t
from ui.web.states import badge

LIVE_SECONDS = 1.0
SHOWN_LINES = 2000
PARTS = ("result", "log", "parameters", "facts")


def show_step(run: RunRecord, step: StepView, title: str, live: bool) -> None:
    """Show one step; its log follows while it runs."""
    record = step.record
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(title, width="content", anchor=False)
        badge(record.state)
        places.link("operator", step.step.operator.id, id=step.step.operator.id, version=step.step.operator.version)
    if record.reason and record.state != "failed":
        st.caption(record.reason)
    if step.result and step.result.error and record.state in ("failed", "queued"):
        _error(step.result.error)
    part = st.segmented_control(
        t("ui.step.part"),
        PARTS,
        default="log" if record.state in ("failed", "running") else "result",
        required=True,
        # Another choice once the step has ended: who followed its log then sees what it made.
        key=f"part.{run.id}.{record.node}.{record.state in ENDED_STEP}",
        label_visibility="collapsed",
        format_func=lambda each: t(f"ui.step.{each}"),
    )
    if part == "result":
        _results(run, step)
    elif part == "log":
        st.fragment(_log, run_every=LIVE_SECONDS if live and record.state not in ENDED_STEP else None)(
            run.id, record.node
        )
    elif part == "parameters":
        st.json(step.step.params)
    else:
        _facts(step)


def _error(error: StepError) -> None:
    where = f" ({error.pointer})" if error.pointer else ""
    st.error(f"**{error.kind}**{where}: {error.message}")
    st.markdown(t(_advice(error.kind)))
    if error.traceback:
        with st.expander(t("ui.step.traceback"), expanded=True):
            st.code(error.traceback, language="python")


def _advice(kind: str) -> str:
    """The code of the text that says what to do about an error of that kind."""
    known = {
        "ParameterError": "parameter",
        "ColumnMissing": "parameter",
        "InputError": "input",
        "RequirementMissing": "requirement",
        "SecretMissing": "secret",
        "TimedOut": "time",
        "OutOfMemory": "memory",
    }
    return f"ui.advice.{known.get(kind, 'code')}"


def _results(run: RunRecord, step: StepView) -> None:
    outputs = step.result.outputs if step.result else {}
    if step.record.state not in ("done", "reused") or not outputs:
        st.caption(t("ui.step.nothing_yet" if step.record.state not in ENDED_STEP else "ui.step.nothing"))
        return
    for port, artifact in outputs.items():
        show_artifact(run.id, step.record.node, port, artifact, alone=len(outputs) == 1)


def _log(id: str, node: str) -> None:
    chunk = application().runs.log(id, node)
    if not chunk.lines:
        st.caption(t("ui.step.no_log"))
        return
    lines = chunk.lines[-SHOWN_LINES:]
    if len(chunk.lines) > len(lines):
        st.caption(t("ui.step.log_cut", count=len(lines)))
    with st.container(height=480, autoscroll=True):
        st.html(f'<pre class="opyard-log">{"".join(map(_log_line, lines))}</pre>')


def _log_line(line: LogLine) -> str:
    clock = f'<span class="time">{local_time(line.time)}</span>'
    return f'{clock}<span class="{escape(line.level)}">{escape(line.text)}</span>\n'


def _facts(step: StepView) -> None:
    record, result = step.record, step.result
    pairs = [
        (t("ui.step.operator"), f"{step.step.operator.id}@{step.step.operator.version}"),
        (t("ui.step.attempt"), str(record.attempt or "")),
        (t("ui.step.started"), local_time(record.started)),
        (t("ui.run.duration"), readable_seconds(duration(record.started, record.ended))),
        (t("ui.step.memory"), readable_bytes(result.peak_memory) if result and result.peak_memory else ""),
        (t("ui.step.seed"), str(step.step.seed)),
        (t("ui.step.key"), record.key),
        *((name, readable_seconds(seconds)) for name, seconds in (result.timings if result else {}).items()),
        *((name, readable_value(value)) for name, value in (result.metrics if result else {}).items()),
    ]
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs if value)
    st.html(f'<dl class="opyard-facts">{rows}</dl>')
