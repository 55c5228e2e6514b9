"""A pool of warm workers, as an engine or a test uses it.

Workers are forked from templates, one for each set of requirements, and kept for the next step that has the same.
At most `size` of them run at once. The pool never blocks: an engine waits on the jobs' descriptors.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from operators.documents import StepDocument, StepError, StepResult, decode_result, encode
from operators.supervisor import Order
from operators.workers.frames import CANCEL, MESSAGE, MODULES, ORDER, RESULT, FrameBuffer, send_frame

Requirements = tuple[str, ...]

# More modules than any library has are no library's.
LEARNED = 4000


class Message(Struct, frozen=True):
    """What a running step said: progress or a metric."""

    content: dict[str, Any]


class Ended(Struct, frozen=True):
    """A step has ended, with its encoded `StepResult`."""

    result: bytes


class _Worker:
    """The pool's side of one worker process."""

    def __init__(self, connection: socket.socket, requirements: Requirements) -> None:
        self.connection = connection
        self.requirements = requirements
        self.frames = FrameBuffer()
        self.outdated = False


class Job:
    """A step that runs in a worker. Wait until `fileno()` is readable, then call `receive`."""

    def __init__(self, pool: WorkerPool, worker: _Worker, order: Order) -> None:
        self.order = order
        self._pool = pool
        self._worker = worker

    def fileno(self) -> int:
        return self._worker.connection.fileno()

    def receive(self) -> list[Message | Ended]:
        """What has come in; the last one is `Ended` when the step has ended, and the job is then over."""
        try:
            data = self._worker.connection.recv(1 << 18)
        except (BlockingIOError, InterruptedError):
            return []
        except ConnectionResetError:
            data = b""
        if not data:
            self._pool._forget(self)
            return [Ended(encode(_lost(self.order.document)))]
        received: list[Message | Ended] = []
        for kind, payload in self._worker.frames.feed(data):
            if kind == MESSAGE:
                received.append(Message(msgspec.json.decode(payload)))
            elif kind == MODULES:
                self._pool._learn(self._worker.requirements, payload.decode().split())
            elif kind == RESULT:
                self._pool._release(self)
                received.append(Ended(payload))
        return received

    def cancel(self) -> None:
        """Ask the step to stop; it is killed if it has not half a second later. `receive` tells when it is over."""
        try:
            send_frame(self._worker.connection, CANCEL)
        except OSError:
            return  # the worker has gone; `receive` says so


class WorkerPool:
    """Warm workers for up to `size` steps at once. For one thread; they end by `close`, and with their owner."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._templates: dict[Requirements, socket.socket] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._idle: list[_Worker] = []
        self._running: dict[Job, _Worker] = {}
        self._known: dict[Requirements, set[str]] = {}

    def warm(self) -> None:
        """Start what workers are forked from, so that the first step does not wait for it."""
        self._template(())

    @property
    def free(self) -> int:
        """How many more steps may be started now."""
        return self.size - len(self._running)

    def start(self, order: Order, requirements: Iterable[str] = ()) -> Job:
        """Start a step whose operator needs the packages `requirements`. Call it only while `free` is above 0."""
        wanted = tuple(sorted(requirements))
        worker = self._take(wanted)
        job = Job(self, worker, order)
        self._running[job] = worker
        worker.connection.setblocking(True)
        with contextlib.suppress(OSError):  # a worker that died while idle: `receive` reports it as lost
            send_frame(worker.connection, ORDER, msgspec.json.encode(order))
        worker.connection.setblocking(False)
        return job

    def run(self, document: StepDocument, requirements: Iterable[str] = (), log: Path | None = None) -> StepResult:
        """Run one step and wait for it."""
        job = self.start(Order(document, str(log) if log else None), requirements)
        while True:
            select.select([job], [], [])
            for event in job.receive():
                if isinstance(event, Ended):
                    return decode_result(event.result)

    def trim(self) -> None:
        """End the idle workers that need more than the base, and the templates that they came from."""
        for worker in [worker for worker in self._idle if worker.requirements]:
            self._idle.remove(worker)
            worker.connection.close()
        busy = {worker.requirements for worker in self._running.values()}
        for requirements in [key for key in self._templates if key and key not in busy]:
            self._templates.pop(requirements).close()

    def close(self) -> None:
        """End all workers. Steps that still run are killed."""
        for worker in [*self._idle, *self._running.values()]:
            worker.connection.close()
        self._idle, self._running = [], {}
        self._drop_templates()

    def _take(self, requirements: Requirements) -> _Worker:
        # The one that ended longest ago comes first: it has cleared up after its last step.
        for worker in self._idle:
            if worker.requirements == requirements:
                self._idle.remove(worker)
                return worker
        if len(self._idle) >= self.size:
            self._idle.pop(0).connection.close()
        return self._new_worker(requirements)

    def _new_worker(self, requirements: Requirements) -> _Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._command({"make": "worker"}, self._template(requirements), theirs)
            except OSError:
                # A template was killed from outside: begin again with new ones.
                self._drop_templates()
                self._command({"make": "worker"}, self._template(requirements), theirs)
        return _Worker(ours, requirements)

    def _drop_templates(self) -> None:
        for template in self._templates.values():
            template.close()
        self._templates = {}
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _template(self, requirements: Requirements) -> socket.socket:
        if requirements in self._templates:
            return self._templates[requirements]
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            if requirements:
                self._command({"make": "template", "requirements": requirements}, self._template(()), theirs)
            else:
                self._process = _start_base(theirs)
        self._templates[requirements] = ours
        return ours

    def _command(
        self, command: Mapping[str, Any], template: socket.socket, passed: socket.socket | None = None
    ) -> None:
        socket.send_fds(template, [msgspec.json.encode(command)], [passed.fileno()] if passed else [])

    def _learn(self, requirements: Requirements, modules: list[str]) -> None:
        """Let the next workers of this kind have imported what this step had to import."""
        known = self._known.setdefault(requirements, set())
        # The operator's own modules stay out: no operator code runs in a template.
        new = [name for name in modules[:LEARNED] if not name.startswith("opyard_operator_") and name not in known]
        if not requirements or not new or requirements not in self._templates:
            return
        known |= set(new)
        with contextlib.suppress(OSError):  # a template that was killed is replaced when it is needed
            self._command({"import": new}, self._templates[requirements])
        for worker in [*self._idle, *self._running.values()]:
            worker.outdated = worker.outdated or worker.requirements == requirements
        self._retire()

    def _retire(self) -> None:
        for worker in [worker for worker in self._idle if worker.outdated]:
            self._idle.remove(worker)
            worker.connection.close()

    def _release(self, job: Job) -> None:
        self._idle.append(self._running.pop(job))
        self._retire()

    def _forget(self, job: Job) -> None:
        self._running.pop(job).connection.close()


def _start_base(control: socket.socket) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "operators.workers.template", str(control.fileno())]
    # OpenMP and BLAS threads do not survive a fork; one thread a step is also what `cpu: 1` means.
    environment = {**os.environ, "PYTHONUNBUFFERED": "", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    return subprocess.Popen(command, pass_fds=[control.fileno()], env=environment, stdin=subprocess.DEVNULL)


def _lost(document: StepDocument) -> StepResult:
    message = (
        f"The worker process of {document.operator.id} was killed from outside. Nothing of the step was kept;"
        " run it again."
    )
    return StepResult("failed", error=StepError("WorkerLost", message))
