"""A run that the embedded engine works on: which step may start, what came of each, and when all is over.

Knows no process and no database: changes are gathered in a `Journal`, which the engine writes.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from marketplace.store.records import NewEvent, RunRecord, RunUpdate, StepRecord, StepUpdate
from operators.documents import Artifact, StepResult, decode_result
from scheduler.plan import Plan, Step, decode_plan
from scheduler.states import (
    ENDED_STEP,
    FINISHED_STEP,
    RUN_TRANSITIONS,
    STEP_TRANSITIONS,
    check_transition,
    run_outcome,
)


class Journal:
    """Changes that are to be written together."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, str], dict[str, Any]] = {}
        self.runs: list[RunUpdate] = []
        self.events: list[NewEvent] = []

    def __bool__(self) -> bool:
        return bool(self._steps or self.runs or self.events)

    @property
    def steps(self) -> list[StepUpdate]:
        """The changes of steps, alike ones together."""
        updates = [StepUpdate(run, node, values) for (run, node), values in self._steps.items()]
        return sorted(updates, key=lambda update: tuple(update.values))

    def step(self, run: str, node: str, values: Mapping[str, Any]) -> None:
        """A step's columns change; a later change of the same column counts."""
        self._steps.setdefault((run, node), {}).update(values)

    def clear(self) -> None:
        """All of it has been written."""
        self._steps, self.runs, self.events = {}, [], []

    def event(self, run: str, kind: str, node: str, data: Mapping[str, Any]) -> None:
        self.events.append(NewEvent(run, kind, node, msgspec.json.encode(data).decode(), time.time()))


class ActiveRun:
    """One run in the engine's hands. `claimed` says which keys other runs are computing just now."""

    def __init__(self, record: RunRecord, steps: Iterable[StepRecord], journal: Journal) -> None:
        self.id = record.id
        self.plan: Plan = decode_plan(record.plan)
        self.cancelled = False
        self.outputs: dict[str, dict[str, Artifact]] = {}
        self.attempts: dict[str, int] = {}
        self.ready: dict[str, None] = {}
        self._journal = journal
        self._state = record.state
        self.suspects: set[str] = set()
        self._steps: dict[str, Step] = {step.node: step for step in self.plan.steps}
        self._states: dict[str, str] = {}
        self._open: dict[str, set[str]] = {}
        self._followers: dict[str, list[str]] = {node: [] for node in self._steps}
        for step in self.plan.steps:
            for feeder in step.needs:
                self._followers[feeder].append(step.node)
        self._restore(steps)

    @property
    def over(self) -> bool:
        return all(state in ENDED_STEP for state in self._states.values())

    def step(self, node: str) -> Step:
        return self._steps[node]

    def begin(self) -> None:
        """The engine takes the run into its hands."""
        if self._state == "queued":
            self._move_run("running", started=time.time())

    def unfinished(self) -> list[Step]:
        """Steps that have not ended, in the order of the plan."""
        return [step for step in self.plan.steps if self._states[step.node] not in ENDED_STEP]

    def reuse(self, node: str, result: bytes) -> None:
        """The step's result is there already. Call `settle_ready` when all such steps have been told."""
        decoded = decode_result(result)
        self.outputs[node] = decoded.outputs
        # A step that ran when the engine was killed has finished by itself; any other was found finished.
        state = "done" if self._states[node] == "running" else "reused"
        now = time.time()
        times = {"ended": now} if state == "done" else {"started": now, "ended": now}
        self.ready.pop(node, None)
        self._move(node, state, {**times, "progress": 1.0, "result": result.decode()}, {})
        for follower in self._followers[node]:
            self._open[follower].discard(node)

    def settle_ready(self) -> None:
        """Queue every step whose inputs are all there."""
        for step in self.plan.steps:
            if self._states[step.node] in ("waiting", "queued") and not self._open[step.node]:
                self._queue(step.node)
        self._end_if_over()

    def take_back(self) -> None:
        """Queue again what ran in an engine that has gone, and its processes with it: that attempt does not count."""
        for node in [node for node, state in self._states.items() if state == "running"]:
            self.attempts[node] -= 1
            self._move(node, "queued", {"reason": "The engine was restarted."}, {})

    def start(self, node: str) -> int:
        """The step starts; says the number of the attempt."""
        self.ready.pop(node)
        self.attempts[node] = attempt = self.attempts[node] + 1
        values = {
            "attempt": attempt,
            "started": time.time(),
            "ended": None,
            "reason": "",
            "progress": 0.0,
            "message": "",
        }
        self._move(node, "running", values, {"attempt": attempt})
        return attempt

    def say(self, node: str, message: Mapping[str, Any]) -> None:
        """A running step told of progress or a metric."""
        if "progress" in message:
            fraction, text = float(message["progress"]), str(message.get("message", ""))
            self._journal.step(self.id, node, {"progress": fraction, "message": text})
            self._journal.event(self.id, "progress", node, {"fraction": fraction, "message": text})
        elif "metric" in message:
            self._journal.event(self.id, "metric", node, message)

    def finish(self, node: str, encoded: bytes) -> float | None:
        """The step's attempt has ended. Gives the seconds to wait before it shall be tried again, or None."""
        result = decode_result(encoded)
        if result.state == "done":
            self.outputs[node] = result.outputs
            self._move(node, "done", {"ended": time.time(), "progress": 1.0, "result": encoded.decode()}, {})
            self._settle(node)
            return None
        lost = result.error is not None and result.error.kind == "WorkerLost"
        if lost and not self.cancelled and node not in self.suspects:
            self._take_back_lost(node)
            return None
        retries, attempt = self._steps[node].retries, self.attempts[node]
        if result.state != "cancelled" and not self.cancelled and attempt <= retries.count:
            return self._try_again(node, result, retries.wait(attempt), encoded)
        state = "cancelled" if result.state == "cancelled" else "failed"
        error = msgspec.to_builtins(result.error)
        reason = result.error.message if result.error else ""
        values = {"ended": time.time(), "reason": reason, "result": encoded.decode()}
        self._move(node, state, values, {"error": error, "outcome": result.state})
        self._skip_followers(node, state)
        self._end_if_over()
        return None

    def retry_now(self, node: str) -> None:
        """The wait before the next attempt is over."""
        if self._states[node] == "queued":
            self.ready[node] = None

    def cancel(self) -> list[str]:
        """Cancel the run; gives the nodes that run and must be stopped."""
        self.cancelled = True
        running = []
        for node, state in list(self._states.items()):
            if state == "running":
                running.append(node)
            elif state not in ENDED_STEP:
                self.ready.pop(node, None)
                self._move(node, "cancelled", {"ended": time.time(), "reason": "The run was cancelled."}, {})
        self._end_if_over()
        return running

    def _restore(self, records: Iterable[StepRecord]) -> None:
        for record in records:
            self._states[record.node] = record.state
            self.attempts[record.node] = record.attempt
            if record.state in FINISHED_STEP:
                self.outputs[record.node] = decode_result(record.result.encode()).outputs
        for step in self.plan.steps:
            self._open[step.node] = {node for node in step.needs if self._states[node] not in FINISHED_STEP}

    def _take_back_lost(self, node: str) -> None:
        """Start a step again whose process was killed from outside, as one beside it can do; this time alone."""
        self.suspects.add(node)
        self.attempts[node] -= 1
        self._move(node, "queued", {"reason": "Its process was killed from outside; it is started again, alone."}, {})
        self.ready[node] = None

    def _try_again(self, node: str, result: StepResult, wait: float, encoded: bytes) -> float:
        why = result.error.message if result.error else result.state
        attempt, most = self.attempts[node], self._steps[node].retries.count + 1
        reason = f"Attempt {attempt} of {most} failed ({why}); the next one starts in {wait:g} s."
        self._move(node, "queued", {"reason": reason, "result": encoded.decode()}, {"wait": wait})
        return wait

    def _settle(self, node: str) -> None:
        """A step has finished: those that waited for it alone may start."""
        for follower in self._followers[node]:
            self._open[follower].discard(node)
            if not self._open[follower] and self._states[follower] == "waiting":
                self._queue(follower)
        self._end_if_over()

    def _queue(self, node: str) -> None:
        if self._states[node] == "waiting":
            self._move(node, "queued", {"reason": ""}, {})
        self.ready[node] = None

    def _skip_followers(self, node: str, state: str) -> None:
        title = self._steps[node].title
        verb = "was cancelled" if state == "cancelled" else "failed"
        stack = list(self._followers[node])
        while stack:
            follower = stack.pop()
            if self._states[follower] in ("waiting", "queued"):
                self.ready.pop(follower, None)
                self._move(follower, "skipped", {"reason": f"{title!r} {verb} before it."}, {})
                stack += self._followers[follower]

    def _end_if_over(self) -> None:
        if self._state == "running" and self.over:
            outcome = run_outcome(self._states.values(), self.cancelled)
            failed = [step.title for step in self.plan.steps if self._states[step.node] == "failed"]
            error = f"Failed: {', '.join(failed)}." if failed else ""
            self._move_run(outcome, ended=time.time(), error=error)

    def _move(self, node: str, state: str, values: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        check_transition(STEP_TRANSITIONS, self._states[node], state)
        self._states[node] = state
        self._journal.step(self.id, node, {"state": state, **values})
        reason = {"reason": values["reason"]} if values.get("reason") else {}
        self._journal.event(self.id, "step", node, {"state": state, **reason, **data})

    def _move_run(self, state: str, **values: Any) -> None:
        check_transition(RUN_TRANSITIONS, self._state, state)
        self._state = state
        self._journal.runs.append(RunUpdate(self.id, {"state": state, **values}))
        self._journal.event(self.id, "run", "", {"state": state, "error": values.get("error", "")})
