"""A pool of warm processes for steps, as an engine or a test uses it.

Steps are forked from templates, one for each set of requirements; templates from templates that have fewer. A template
always has one process forked in advance, which waits for the next step of its kind, so that forking is off the way of a
chain of steps. One thread waits for all.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from operators.documents import StepDocument, StepResult, decode_result
from operators.processes import private_memory
from operators.step import failure, prepare
from operators.supervisor import Ended, Order, Supervision

Requirements = tuple[str, ...]

# More modules than any library has are no library's.
LEARNED = 4000
_CONTROL_BYTES = 1 << 20


class Message(Struct, frozen=True):
    """What a running step said: progress or a metric."""

    content: dict[str, Any]


class Job:
    """A step that the pool runs."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.supervision: Supervision | None = None

    def cancel(self) -> None:
        """Ask the step to stop; it is killed if it has not half a second later. `WorkerPool.wait` tells its end."""
        if self.supervision is not None:
            self.supervision.cancel()


Event = tuple[Job, Message | Ended]


class _Spare(Struct):
    """Our ends of the pipes of a process that is, or will soon be, forked; its id when that is known."""

    number: int
    task: int
    output: int
    frames: int
    pid: int | None = None


class _Template:
    """A template process, the processes forked from it, and what they have been seen to import."""

    def __init__(self, control: socket.socket, requirements: Requirements) -> None:
        self.control = control
        self.requirements = requirements
        self.spare: _Spare | None = None
        self.jobs: dict[int, Job] = {}
        self.spares: dict[int, _Spare] = {}
        self.pids: dict[int, int] = {}
        self.learned: set[str] = set()
        self.kept: set[str] = set()
        self.memory: int | None = None


class WorkerPool:
    """Warm processes for up to `size` steps at once. For one thread; they end by `close`, and with their owner.

    Descriptor: `fileno()` is readable when `wait` has something to do.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._templates: dict[Requirements, _Template] = {}
        self._base: subprocess.Popen[bytes] | None = None
        self._running: set[Job] = set()
        self._wanting_spares: set[_Template] = set()
        self._numbers = count(1)
        self._events: deque[Event] = deque()
        self._poll = select.epoll()
        self._readers: dict[int, Callable[[], None]] = {}

    @property
    def free(self) -> int:
        """How many more steps may be started now."""
        return self.size - len(self._running)

    def warm(self, requirements: Iterable[str] = ()) -> None:
        """Start what steps with these requirements are forked from, so that the first one waits less for it."""
        self._have_spare(self._template(tuple(sorted(requirements))))

    def start(self, order: Order, requirements: Iterable[str] = ()) -> Job:
        """Start a step that `operators.step.prepare` has nothing against. Call it only while `free` is above 0."""
        job = Job(order)
        self._running.add(job)
        template = self._template(tuple(sorted(requirements)))
        spare = self._have_spare(template)
        template.spare = None
        try:
            supervision = self._supervise(job, spare, template)
        except Exception as error:
            # The store cannot be written to: the process goes unused.
            self._discard(spare)
            self._over(job, Ended(msgspec.json.encode(failure(error))))
            return job
        job.supervision = supervision
        template.jobs[spare.number] = job
        self._keep(template, order.document.operator.folder)
        self._watch(supervision.output, lambda: self._read(job, supervision.output, supervision.read_output))
        self._watch(supervision.frames, lambda: self._read(job, supervision.frames, supervision.read_frames))
        with contextlib.suppress(BrokenPipeError), os.fdopen(spare.task, "wb") as pipe:
            pipe.write(supervision.task())
        if spare.pid is not None:
            supervision.told_pid(spare.pid)
        self._wanting_spares.add(template)
        return job

    def wait(self, seconds: float | None = None) -> list[Event]:
        """Wait until a step says something or ends, but no longer than `seconds`; gives what happened."""
        until = None if seconds is None else time.monotonic() + seconds
        self._fork_spares()
        while not self._events:
            due = min((at for job in self._running if (at := _due(job)) is not None), default=None)
            moments = [moment for moment in (until, due) if moment is not None]
            timeout = max(0.0, min(moments) - time.monotonic()) if moments else -1
            for descriptor, _ in self._poll.poll(timeout):
                reader = self._readers.get(descriptor)
                if reader is not None:
                    reader()
            for job in list(self._running):
                if job.supervision is not None:
                    job.supervision.enforce()
            if until is not None and time.monotonic() >= until:
                break
        events = list(self._events)
        self._events.clear()
        return events

    def run(self, document: StepDocument, requirements: Iterable[str] = (), log: Path | None = None) -> StepResult:
        """Check one step, run it and wait for it. For callers that run nothing else in this pool."""
        try:
            prepared = prepare(document)
        except Exception as error:
            return failure(error)
        job = self.start(Order(prepared, str(log) if log else None), requirements)
        while True:
            for other, event in self.wait():
                if other is job and isinstance(event, Ended):
                    return decode_result(event.result)

    def trim(self) -> None:
        """End the templates that have imported more than the base and that no running step came from."""
        for template in [each for each in self._templates.values() if each.requirements and not each.jobs]:
            self._drop(template)

    def close(self) -> None:
        """End all processes. Steps that still run are killed."""
        for template in list(self._templates.values()):
            self._drop(template)
        self._running.clear()
        if self._base is not None:
            self._base.wait()
            self._base = None
        self._poll.close()

    def _fork_spares(self) -> None:
        """Have the next processes forked, now that this one is about to wait: a core is free for it."""
        for template in self._wanting_spares:
            if self._templates.get(template.requirements) is template:
                self._have_spare(template)
        self._wanting_spares.clear()

    def _supervise(self, job: Job, spare: _Spare, template: _Template) -> Supervision:
        def on_message(message: Mapping[str, Any]) -> None:
            self._events.append((job, Message(dict(message))))

        memory = self._memory_of(template, spare) if job.order.document.limits.memory else 0
        return Supervision(job.order, spare.output, spare.frames, on_message, memory)

    def _memory_of(self, template: _Template, spare: _Spare) -> int:
        """What a process has before its step begins: it does not count as the step's."""
        if spare.pid is not None:
            template.memory = private_memory(spare.pid)
        return template.memory or 0

    def _read(self, job: Job, descriptor: int, read: Callable[[], bool]) -> None:
        if not read():
            self._unwatch(descriptor)
        self._tell_end(job)

    def _tell_end(self, job: Job) -> None:
        if job in self._running and job.supervision is not None and job.supervision.end is not None:
            self._over(job, job.supervision.end)

    def _over(self, job: Job, end: Ended) -> None:
        self._running.discard(job)
        self._events.append((job, end))

    def _template(self, requirements: Requirements) -> _Template:
        if requirements in self._templates:
            return self._templates[requirements]
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _CONTROL_BYTES)
        with theirs:
            if requirements:
                self._command(self._nearest(requirements), {"template": requirements}, [theirs.fileno()])
            else:
                self._base = _start_base(theirs)
        template = self._templates[requirements] = _Template(ours, requirements)
        self._watch(ours.fileno(), lambda: self._hear(template))
        return template

    def _keep(self, template: _Template, folder: str) -> None:
        """Let the template look at the operator's package once, so that the next steps need not."""
        if folder and folder not in template.kept:
            template.kept.add(folder)
            self._command(template, {"keep": folder}, [])

    def _nearest(self, requirements: Requirements) -> _Template:
        """The template that has imported most of what these requirements need, and nothing else."""
        base = self._template(())
        fitting = [each for each in self._templates.values() if set(each.requirements) < set(requirements)]
        return max(fitting, key=lambda each: len(each.requirements), default=base)

    def _have_spare(self, template: _Template) -> _Spare:
        """The process forked in advance; asks for one where there is none."""
        if template.spare is not None:
            return template.spare
        task_read, task = os.pipe()
        output, output_write = os.pipe()
        frames, frames_write = os.pipe()
        spare = _Spare(next(self._numbers), task, output, frames)
        theirs = [task_read, output_write, frames_write]
        template.spares[spare.number] = template.spare = spare
        try:
            self._command(template, {"step": spare.number}, theirs)
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        return spare

    def _command(self, template: _Template, command: Mapping[str, Any], descriptors: list[int]) -> None:
        # A template that has been killed is heard of by its control socket, with all its steps.
        with contextlib.suppress(OSError):
            socket.send_fds(template.control, [msgspec.json.encode(command)], descriptors)

    def _hear(self, template: _Template) -> None:
        try:
            data = template.control.recv(_CONTROL_BYTES)
        except ConnectionResetError:
            data = b""
        if not data:
            self._drop(template)
            return
        message = msgspec.json.decode(data)
        if "pid" in message:
            self._hear_begin(template, message["step"], message["pid"])
        else:
            self._hear_end(template, message)

    def _hear_begin(self, template: _Template, number: int, pid: int) -> None:
        template.pids[pid] = number
        spare = template.spares.get(number)
        if spare is not None:
            spare.pid = pid
        job = template.jobs.get(number)
        if job is not None and job.supervision is not None:
            job.supervision.told_pid(pid)

    def _hear_end(self, template: _Template, message: Mapping[str, Any]) -> None:
        number = template.pids.pop(message["ended"])
        spare = template.spares.pop(number)
        job = template.jobs.pop(number, None)
        if template.spare is spare:
            template.spare = None
            self._discard(spare)
        if job is None or job.supervision is None:
            return
        job.supervision.ended(message["status"], message["peak"])
        self._part(job.supervision)
        self._tell_end(job)
        if job.supervision.end is not None:
            self._learn(template, job.supervision.end.modules)

    def _part(self, supervision: Supervision) -> None:
        self._unwatch(supervision.output)
        self._unwatch(supervision.frames)
        supervision.close()

    def _learn(self, template: _Template, modules: Iterable[str]) -> None:
        """Let the next steps of this kind find imported what this one had to import."""
        # The operator's own modules stay out: no operator code runs in a template.
        new = [name for name in modules if not name.startswith("opyard_operator_") and name not in template.learned]
        if not template.requirements or not new or len(template.learned) + len(new) > LEARNED:
            return
        template.learned |= set(new)
        self._command(template, {"import": new}, [])
        if template.spare is not None:
            # Forked before the import: the next one comes after it.
            self._discard(template.spare)
            template.spare = None
            self._have_spare(template)

    def _drop(self, template: _Template) -> None:
        """A template has gone, or shall go; its steps go with it."""
        self._unwatch(template.control.fileno())
        template.control.close()
        if self._templates.get(template.requirements) is template:
            del self._templates[template.requirements]
        if template.spare is not None:
            self._discard(template.spare)
        for job in template.jobs.values():
            if job.supervision is not None:
                job.supervision.lost()
                self._part(job.supervision)
                self._tell_end(job)
        template.jobs.clear()

    def _discard(self, spare: _Spare) -> None:
        """Close the pipes of a process that has no step: it ends by itself."""
        for descriptor in (spare.task, spare.output, spare.frames):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _watch(self, descriptor: int, reader: Callable[[], None]) -> None:
        self._readers[descriptor] = reader
        self._poll.register(descriptor, select.EPOLLIN)

    def _unwatch(self, descriptor: int) -> None:
        if self._readers.pop(descriptor, None) is not None:
            self._poll.unregister(descriptor)


def _due(job: Job) -> float | None:
    return None if job.supervision is None else job.supervision.due()


def _start_base(control: socket.socket) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "operators.workers.template", str(control.fileno())]
    # Settings and secrets are the engine's: a step is told those of its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPYARD_")}
    return subprocess.Popen(command, pass_fds=[control.fileno()], stdin=subprocess.DEVNULL, env=environment)
