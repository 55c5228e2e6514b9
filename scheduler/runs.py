"""Runs: what pages, the command line and the API can ask for. All of it goes through the metadata store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from msgspec import Struct

from marketplace.catalogue import Catalogue
from marketplace.errors import RunNotFound
from marketplace.pipelines.document import Pipeline, write_pipeline
from marketplace.pipelines.flow import SchemaFlow
from marketplace.pipelines.parameters import resolve_parameters
from marketplace.pipelines.validation import validate
from marketplace.settings import Settings
from marketplace.store import Store
from marketplace.store.records import EventRecord, NewEvent, RunRecord, RunSummary, RunUpdate, StepRecord, StepUpdate
from operators.artifacts.store import ArtifactStore
from operators.documents import InputRef, Limits, StepResult, decode_result
from operators.logs import LogChunk
from scheduler.engines.contract import LogSource
from scheduler.errors import ArtifactAbsent, NodeUnknown, NotResumable, PipelineInvalid
from scheduler.plan import Defaults, PlanOptions, Step, decode_plan, make_plan
from scheduler.states import ENDED_RUN, FINISHED_STEP

FOLLOW_INTERVAL = 0.03
ENGINE_CHECK = 2.0


class StepView(Struct, frozen=True):
    """A step of a run: what the plan says of it, its record, and what came of its last attempt that has ended."""

    step: Step
    record: StepRecord
    result: StepResult | None


class Runs:
    """The verbs on runs. Cheap to make; any thread may use it.

    Args:
        engine_needed: called after a run was asked for, so that an engine is there to take it.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        catalogue: Catalogue,
        artifacts: ArtifactStore,
        flow: SchemaFlow,
        logs: LogSource,
        engine_needed: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._store = store
        self._catalogue = catalogue
        self._artifacts = artifacts
        self._flow = flow
        self._logs = logs
        self._engine_needed = engine_needed

    def submit(
        self,
        pipeline: Pipeline,
        *,
        params: Mapping[str, Any] | None = None,
        to: Sequence[str] = (),
        only: Sequence[str] = (),
        base: Path | None = None,
        seed: int = 0,
        by: str = "",
        project: str = "default",
        fresh: bool = False,
        saved_as: tuple[str, int] | None = None,
    ) -> RunRecord:
        """Check a pipeline, plan it, and ask for it to be run.

        Args:
            params: values of the pipeline's parameters.
            to: run up to these nodes; `only`: these nodes anew, and what they need if that is not there yet.
            base: the folder that relative paths in parameters start from (default: the setting `files`).
            fresh: run everything anew.
            saved_as: name and revision of the saved pipeline that this is.

        Raises:
            PipelineInvalid: it has problems; lists all of them.
            PipelineParametersWrong: a value that the pipeline's parameters refuse.
            NodeUnknown: `to` or `only` names none of its nodes.
        """
        base = (base or self._settings.files).absolute()
        checked = pipeline if not params else resolve_parameters(pipeline, params)
        problems = validate(checked, self._catalogue, self._flow, base=base)
        errors = [problem for problem in problems if problem.severity == "error"]
        if errors:
            raise PipelineInvalid(pipeline.name, errors)
        run_id = new_run_id()
        options = PlanOptions(dict(params or {}), tuple(to), tuple(only), seed, fresh)
        limits = Limits(self._settings.step_seconds, self._settings.step_memory)
        plan = make_plan(pipeline, self._catalogue, options, run_id, Defaults(base, limits))
        name, revision = saved_as or (None, None)
        record = RunRecord(
            id=run_id,
            project=project,
            pipeline=name,
            revision=revision,
            name=pipeline.name,
            state="queued",
            created=time.time(),
            started=None,
            ended=None,
            by=by,
            document=write_pipeline(pipeline).decode(),
            plan=msgspec.json.encode(plan).decode(),
            options=msgspec.json.encode(options).decode(),
            cancel_requested=False,
            error="",
        )
        steps = [_new_step(run_id, position, step, self._artifacts) for position, step in enumerate(plan.steps)]
        self._store.runs.create(record, steps, [_event(run_id, "queued")])
        self._engine_needed()
        return record

    def list(self, **filters: Any) -> list[RunSummary]:
        """Runs, the newest first; filters as in `marketplace.store.runs.Runs.list`."""
        return self._store.runs.list(**filters)

    def get(self, run_id: str) -> RunRecord:
        """One run; raises `RunNotFound`."""
        return self._store.runs.get(run_id)

    def steps(self, run_id: str) -> Sequence[StepView]:
        """The steps of a run, in the order of its plan."""
        planned = {step.node: step for step in decode_plan(self.get(run_id).plan).steps}
        return [StepView(planned[record.node], record, _result(record)) for record in self._store.runs.steps(run_id)]

    def cancel(self, run_id: str) -> bool:
        """Ask for a run to be cancelled; False where it had ended already."""
        asked = self._store.runs.request_cancel(run_id)
        if asked:
            self._engine_needed()
        return asked

    def resume(self, run_id: str) -> RunRecord:
        """Go on with a run that failed or was cancelled: what has finished stays, the rest is tried again.

        Raises:
            NotResumable: it goes on already, or is done.
        """
        record = self.get(run_id)
        if record.state not in ("failed", "cancelled"):
            raise NotResumable(f"The run {run_id} is {record.state}; only a failed or cancelled one can be resumed.")
        again = {"state": "waiting", "reason": "", "started": None, "ended": None, "progress": 0.0, "attempt": 0}
        steps = [
            StepUpdate(run_id, step.node, again)
            for step in self._store.runs.steps(run_id, with_results=False)
            if step.state not in FINISHED_STEP
        ]
        run = RunUpdate(run_id, {"state": "queued", "cancel_requested": False, "ended": None, "error": ""})
        self._store.runs.apply(steps, [run], [_event(run_id, "queued")])
        self._engine_needed()
        return self.get(run_id)

    def wait(self, run_id: str, timeout: float | None = None) -> RunRecord:
        """Wait until a run has ended, or `timeout` seconds; gives it as it then is."""
        until = None if timeout is None else time.monotonic() + timeout
        pause = _Pause(self._engine_needed)
        while (record := self.get(run_id)).state not in ENDED_RUN:
            if until is not None and time.monotonic() >= until:
                break
            pause.take()
        return record

    def events(self, run_id: str, after: int = 0) -> Sequence[EventRecord]:
        """What has happened in a run since the event with the id `after`."""
        return self._store.runs.events(run_id, after)

    def follow(self, run_id: str, after: int = 0) -> Iterator[EventRecord]:
        """The events of a run as they come, until it has ended."""
        ended = False
        pause = _Pause(self._engine_needed)
        while True:
            events = self.events(run_id, after)
            yield from events
            if events:
                after = events[-1].id
            elif ended:
                return
            else:
                # One more look after the end, for what was written with it.
                ended = self.get(run_id).state in ENDED_RUN
                if not ended:
                    pause.take()

    def log(self, run_id: str, node: str, attempt: int | None = None, after: int = 0) -> LogChunk:
        """Lines of the log of a step's attempt (default: the last one) from an offset on."""
        if attempt is None:
            attempt = self._step(run_id, node).attempt
        return self._logs.read(run_id, node, attempt, after)

    def artifact(self, run_id: str, node: str, port: str) -> InputRef:
        """What a run made on an output port.

        Raises:
            NodeUnknown: the run has no such step.
            ArtifactAbsent: the step has not finished, or has no such output.
        """
        record = self._step(run_id, node)
        result = _result(record)
        if record.state not in FINISHED_STEP or result is None:
            raise ArtifactAbsent(f"The step {node!r} of the run {run_id} is {record.state}; it has no outputs yet.")
        if port not in result.outputs:
            there = ", ".join(result.outputs) or "none"
            raise ArtifactAbsent(f"The step {node!r} of the run {run_id} made no {port!r}. Its outputs: {there}.")
        return InputRef(self._artifacts.step_uri(record.key), result.outputs[port])

    def _step(self, run_id: str, node: str) -> StepRecord:
        try:
            return self._store.runs.step(run_id, node)
        except RunNotFound as error:
            nodes = ", ".join(step.node for step in self._store.runs.steps(run_id, with_results=False))
            raise NodeUnknown(f"The run {run_id} has no step {node!r}. Its steps are {nodes}.") from error


class _Pause:
    """The pauses of who waits for a run: now and then it is seen to that an engine is there, as one may be killed."""

    def __init__(self, engine_needed: Callable[[], None]) -> None:
        self._engine_needed = engine_needed
        self._checked = time.monotonic()

    def take(self) -> None:
        time.sleep(FOLLOW_INTERVAL)
        if time.monotonic() - self._checked >= ENGINE_CHECK:
            self._engine_needed()
            self._checked = time.monotonic()


def new_run_id() -> str:
    """An id that no other run has, and that sorts by time."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{uuid4().hex[:6]}"


def _new_step(run_id: str, position: int, step: Step, artifacts: ArtifactStore) -> StepRecord:
    return StepRecord(
        run=run_id,
        node=step.node,
        position=position,
        state="waiting",
        attempt=0,
        key=step.key,
        output=artifacts.step_uri(step.key),
        reason="",
        started=None,
        ended=None,
        progress=0.0,
        message="",
        result="",
    )


def _event(run_id: str, state: str) -> NewEvent:
    return NewEvent(run_id, "run", "", msgspec.json.encode({"state": state}).decode(), time.time())


def _result(record: StepRecord) -> StepResult | None:
    return decode_result(record.result.encode()) if record.result else None
