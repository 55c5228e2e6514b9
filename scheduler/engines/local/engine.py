"""The embedded engine's loop: takes runs out of the metadata store, starts steps in warm workers, writes what happens.

What has been written is true: a step is done in the store only after its outputs are in the artifact store, so an
engine that is killed at any moment is followed by one that goes on where it was.
"""

from __future__ import annotations

import heapq
import os
import socket
import sys
import time

from marketplace.errors import RunNotFound, StoreError
from marketplace.settings import Settings
from marketplace.store import Store
from marketplace.store.lease import Lease
from operators.artifacts.store import ArtifactStore
from operators.documents import RESULT_FILE, InputRef, StepDocument
from operators.errors import ArtifactError
from operators.supervisor import Ended, Order, sweep_scratch
from operators.workers.pool import Job, WorkerPool
from scheduler.engines.local.active import ActiveRun, Journal
from scheduler.engines.local.logs import log_path
from scheduler.errors import LeaseLost
from scheduler.plan import Step

POLL = 0.05
LEASE_CHECK = 1.0
WORKERS_KEPT = 300.0
STORE_RETRY = 1.0
EVENTS_PER_STEP = 2_000


class LocalEngine:
    """Carries out the runs of one metadata store on this machine.

    Args:
        idle_exit: leave after so many seconds without any run; None: never.
    """

    def __init__(
        self, settings: Settings, store: Store, artifacts: ArtifactStore, idle_exit: float | None = None
    ) -> None:
        self._settings = settings
        self._store = store
        self._artifacts = artifacts
        self._idle_exit = idle_exit
        self._stopping = False
        self._runs: dict[str, ActiveRun] = {}
        self._jobs: dict[Job, tuple[ActiveRun, Step]] = {}
        self._told: dict[Job, int] = {}
        self._retries: list[tuple[float, str, str]] = []
        self._journal = Journal()
        self._last_poll = 0.0
        self._lease: Lease | None = None
        self._lease_checked = 0.0
        self._last_work = time.monotonic()
        self._pool = WorkerPool(settings.workers)

    def serve(self) -> None:
        """Carry out runs until `stop` is called, or nothing has come for `idle_exit` seconds.

        Raises:
            EngineAlreadyRunning: another engine serves this database.
            LeaseLost: the lease went with its connection to the server; running steps were killed, and nothing more
                was written, as another engine may be at work by now.
        """
        details = {"host": socket.gethostname(), "pid": os.getpid(), "since": time.time(), "engine": "local"}
        with self._store.engine_lease(details) as self._lease:
            self._artifacts.sweep()
            sweep_scratch()
            self._pool.warm(("pyarrow",))
            try:
                self._take_up([record.id for record in self._store.runs.unfinished()])
                while not self._stopping and not self._idle_too_long():
                    self._turn()
            except LeaseLost:
                self._journal = Journal()  # the next engine finds out from the artifacts
                raise
            finally:
                self._write(self._journal)
                self._pool.close()

    def stop(self) -> None:
        """Leave after the present turn. Running steps are killed; their runs go on in the next engine."""
        self._stopping = True

    def _turn(self) -> None:
        if time.monotonic() - self._lease_checked >= LEASE_CHECK:
            self._require_lease()
        self._poll_store()
        self._start_retries()
        self._start_steps()
        self._write(self._journal)
        self._forget_ended_runs()
        self._wait()

    def _require_lease(self) -> None:
        if self._lease is not None and not self._lease.held():
            raise LeaseLost(
                f"This engine lost its hold of the database {self._store.name}, as its connection broke off. It leaves,"
                " so that the next one can go on with its runs."
            )
        self._lease_checked = time.monotonic()

    def _poll_store(self) -> None:
        now = time.monotonic()
        if now - self._last_poll < POLL:
            return
        self._last_poll = now
        try:
            wanted = self._store.runs.wanted(self._runs)
        except StoreError as error:
            _complain("The metadata store does not answer", error)
            return
        self._take_up(wanted.new)
        for run_id in wanted.cancelled:
            run = self._runs.get(run_id)
            if run is not None and not run.cancelled:
                self._cancel(run)

    def _take_up(self, run_ids: list[str]) -> None:
        """Take runs into hand; what has finished already is not run again."""
        for run_id in run_ids:
            try:
                run = ActiveRun(self._store.runs.get(run_id), self._store.runs.steps(run_id), self._journal)
            except RunNotFound:
                continue  # deleted meanwhile
            self._runs[run_id] = run
            run.begin()
            for step in run.unfinished():
                self._reuse(run, step)
            run.take_back()
            run.settle_ready()
            for requirements in sorted({step.requirements for step in run.unfinished()}, key=len):
                self._pool.warm(requirements)

    def _reuse(self, run: ActiveRun, step: Step) -> bool:
        try:
            result = self._artifacts.read(f"{self._artifacts.step_uri(step.key)}/{RESULT_FILE}")
        except ArtifactError as error:
            _complain(f"The result of {step.title!r} cannot be read, so the step runs again", error)
            result = None
        if result is not None:
            run.reuse(step.node, result)
        return result is not None

    def _start_steps(self) -> None:
        """Start steps while workers are free, one of each run in turn, so that no run holds up the others."""
        if self._start_suspect():
            return
        computing = {step.key for _, step in self._jobs.values()}
        progress = True
        while progress and self._pool.free:
            progress = False
            for run in list(self._runs.values()):
                node = next((name for name in run.ready if run.step(name).key not in computing), None)
                if node is None or not self._pool.free:
                    continue
                progress = True
                computing.add(run.step(node).key)
                self._start(run, run.step(node))

    def _start_suspect(self) -> bool:
        """A step whose process was killed runs alone: dies it again, it has itself to blame. True while one does."""
        if any(step.node in run.suspects for run, step in self._jobs.values()):
            return True
        waiting = [(run, node) for run in self._runs.values() for node in run.ready if node in run.suspects]
        if waiting and not self._jobs:
            run, node = waiting[0]
            self._start(run, run.step(node))
        return bool(waiting)

    def _start(self, run: ActiveRun, step: Step) -> None:
        # Another run may have made it while this one waited.
        if self._runs_beside(run) and self._reuse_ready(run, step):
            return
        attempt = run.start(step.node)
        document = self._document(run, step, attempt)
        log = log_path(self._settings.logs, run.id, step.node, attempt)
        order = Order(document, str(log), self._settings.log_bytes, self._settings.artifact_options)
        job = self._pool.start(order, step.requirements)
        self._jobs[job] = (run, step)
        self._told[job] = 0

    def _runs_beside(self, run: ActiveRun) -> bool:
        return len(self._runs) > 1 or len({step.key for step in run.plan.steps}) < len(run.plan.steps)

    def _reuse_ready(self, run: ActiveRun, step: Step) -> bool:
        reused = self._reuse(run, step)
        if reused:
            run.settle_ready()
        return reused

    def _document(self, run: ActiveRun, step: Step, attempt: int) -> StepDocument:
        inputs = {
            port: [
                InputRef(self._artifacts.step_uri(run.step(source.node).key), run.outputs[source.node][source.port])
                for source in sources
                if source.port in run.outputs[source.node]
            ]
            for port, sources in step.inputs.items()
        }
        return StepDocument(
            operator=step.operator,
            store=self._artifacts.root,
            output=self._artifacts.step_uri(step.key),
            attempt=self._artifacts.attempt_uri(run.id, step.node, attempt),
            params=step.params,
            inputs={port: references for port, references in inputs.items() if references},
            seed=step.seed,
            limits=step.limits,
            gpu=step.gpu,
            secrets=step.secrets,
            run=run.id,
            node=step.node,
        )

    def _wait(self) -> None:
        """Wait for what running steps say, but no longer than until the next thing is due."""
        until = self._last_poll + POLL
        if self._retries:
            until = min(until, self._retries[0][0])
        if any(run.ready for run in self._runs.values()) and self._pool.free:
            # Only a step that waits for an equal one of another run is left over; that one's end wakes us.
            until = min(until, time.monotonic() + POLL)
        for job, event in self._pool.wait(max(0.0, until - time.monotonic())):
            run, step = self._jobs[job]
            if isinstance(event, Ended):
                del self._jobs[job], self._told[job]
                self._end(run, step, event.result)
            elif self._told[job] < EVENTS_PER_STEP:
                self._told[job] += 1
                run.say(step.node, event.content)

    def _end(self, run: ActiveRun, step: Step, result: bytes) -> None:
        wait = run.finish(step.node, result)
        if wait is not None:
            heapq.heappush(self._retries, (time.monotonic() + wait, run.id, step.node))

    def _start_retries(self) -> None:
        while self._retries and self._retries[0][0] <= time.monotonic():
            _, run_id, node = heapq.heappop(self._retries)
            if run_id in self._runs:
                self._runs[run_id].retry_now(node)

    def _cancel(self, run: ActiveRun) -> None:
        running = set(run.cancel())
        for job, (owner, step) in self._jobs.items():
            if owner is run and step.node in running:
                job.cancel()

    def _write(self, journal: Journal) -> None:
        """Write what has happened. While the store refuses (a full disk), it is kept, and tried again later."""
        if not journal:
            return
        self._last_work = time.monotonic()
        while True:
            try:
                self._store.runs.apply(journal.steps, journal.runs, journal.events)
                break
            except StoreError as error:
                _complain("What happened cannot be written to the metadata store; trying again", error)
                self._require_lease()
                time.sleep(STORE_RETRY)
                if self._stopping:
                    return
        journal.clear()

    def _forget_ended_runs(self) -> None:
        for run_id in [run_id for run_id, run in self._runs.items() if run.over]:
            del self._runs[run_id]

    def _idle_too_long(self) -> bool:
        if self._runs:
            return False
        idle = time.monotonic() - self._last_work
        if idle > WORKERS_KEPT:
            self._pool.trim()
        return self._idle_exit is not None and idle > self._idle_exit


def _complain(what: str, error: Exception) -> None:
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {what}: {error}", file=sys.stderr, flush=True)
