"""Runs and their steps, as the ways in show them. Times are seconds since the epoch, durations seconds."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from marketplace.pipelines.document import Pipeline, read_pipeline
from marketplace.store.records import EventRecord, RunRecord, RunSummary
from operators.documents import Artifact
from scheduler.runs import StepView
from scheduler.states import FINISHED_STEP


def run_view(run: RunRecord | RunSummary) -> dict[str, Any]:
    """A run without its document and plan."""
    return {
        "id": run.id,
        "name": run.name,
        "state": run.state,
        "project": run.project,
        "pipeline": run.pipeline,
        "revision": run.revision,
        "by": run.by,
        "created": run.created,
        "started": run.started,
        "ended": run.ended,
        "seconds": duration(run.started, run.ended),
        "cancel_requested": run.cancel_requested,
        "error": run.error,
    }


def step_view(step: StepView) -> dict[str, Any]:
    """A step with what it made; the summaries of its artifacts are asked for one by one."""
    record, result = step.record, step.result
    return {
        "node": record.node,
        "title": step.step.title,
        "operator": f"{step.step.operator.id}@{step.step.operator.version}",
        "state": record.state,
        "attempt": record.attempt,
        "reason": record.reason,
        "progress": record.progress,
        "message": record.message,
        "started": record.started,
        "ended": record.ended,
        "seconds": duration(record.started, record.ended),
        "peak_memory": result.peak_memory if result else None,
        "metrics": result.metrics if result else {},
        "timings": result.timings if result else {},
        "error": msgspec.to_builtins(result.error) if result and result.error else None,
        "outputs": {port: artifact_line(artifact) for port, artifact in result.outputs.items()} if result else {},
    }


def artifact_line(artifact: Artifact) -> dict[str, Any]:
    """An artifact in short: without its summary."""
    return {"type": artifact.type, "format": artifact.format, "bytes": artifact.bytes}


def event_view(event: EventRecord) -> dict[str, Any]:
    """An event with its data decoded."""
    data = msgspec.json.decode(event.data) if event.data else {}
    return {"id": event.id, "time": event.time, "kind": event.kind, "node": event.node, "data": data}


def duration(started: float | None, ended: float | None) -> float | None:
    """Seconds from start to end, or to now; None for what has not started."""
    return None if started is None else max((ended or time.time()) - started, 0.0)


def finished_share(states: Sequence[str]) -> tuple[int, int]:
    """How many steps have finished, and how many there are."""
    counts = Counter(states)
    return sum(counts[state] for state in FINISHED_STEP), len(states)


def failed_steps(steps: Iterable[StepView]) -> list[StepView]:
    """The steps that made the run fail, in order."""
    return [step for step in steps if step.record.state == "failed"]


def document_of(run: RunRecord) -> Pipeline:
    """The pipeline that a run was made from."""
    return read_pipeline(run.document, f"the pipeline of the run {run.id}")
