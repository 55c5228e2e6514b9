"""Watches over one running step: passes on what it says, holds it to its limits, and clears up when it ends badly.

Event-driven, so that one thread watches over many: whoever waits on the descriptors calls `read_output` and
`read_frames` when they are readable, `enforce` when `due` has come, and `ended` when the process is gone.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from msgspec import Struct

from operators.artifacts.store import ArtifactStore
from operators.documents import RESULT_FILE, StepDocument, StepError, StepResult, StepState, decode_result, encode
from operators.frames_of_steps import BEGUN, MODULES, RESULT, FrameBuffer
from operators.logs import DEFAULT_BYTES, LogWriter
from operators.processes import descendants, kill_tree, private_memory, send
from operators.secrets import those_set, values_of
from operators.step import keep_attempt
from operators.step_process import Task

GRACE = 0.5
MEMORY_POLL = 0.02
SCRATCH_PREFIX = "opyard-scratch-"


class Order(Struct, frozen=True):
    """A step to run: its document, where its log goes (None: dropped), how long that may grow, the store's options."""

    document: StepDocument
    log: str | None = None
    log_bytes: int = DEFAULT_BYTES
    store_options: dict[str, Any] = {}


class Ended(Struct, frozen=True):
    """How a step ended: its encoded `StepResult`, and which modules it imported that its parent had not."""

    result: bytes
    modules: tuple[str, ...] = ()


class Supervision:
    """One step from its order to its end.

    Args:
        output, frames: this side's ends of the step's pipes; closed by `close`.
        base_memory: private bytes of the process that the step was forked from; they do not count as the step's.
        on_message: told of progress and metrics.
        echo: a descriptor that gets all that the step prints, too, but for its secrets.

    Raises:
        ArtifactError, OSError: the artifact store cannot be written to.
    """

    def __init__(
        self,
        order: Order,
        output: int,
        frames: int,
        on_message: Callable[[Mapping[str, Any]], None],
        base_memory: int = 0,
        echo: int | None = None,
    ) -> None:
        self.order = order
        self.output = output
        self.frames = frames
        self.end: Ended | None = None
        self.pid: int | None = None
        self._document = order.document
        self._store = ArtifactStore(order.document.store, order.store_options)
        self._staged = self._store.stage()
        self._scratch = Path(tempfile.gettempdir(), f"{SCRATCH_PREFIX}{os.getpid()}-{uuid4().hex}")
        log = Path(order.log) if order.log else None
        self._log = LogWriter(log, on_message, order.log_bytes, values_of(order.document.secrets), echo)
        self._buffer = FrameBuffer()
        self._modules: tuple[str, ...] = ()
        self._started = time.time()
        self._deadline: float | None = None
        self._kill_at: float | None = None
        self._ending_for: tuple[StepState, str] | None = None
        self._base_memory = base_memory
        self._peak = 0

    def task(self) -> bytes:
        """What to tell the step's process."""
        folders = (str(self._staged), str(self._scratch))
        return encode(Task(self._document, *folders, self.order.store_options, those_set(self._document.secrets)))

    def read_output(self) -> bool:
        """Take what the step has printed; False when there is no more to come."""
        data = os.read(self.output, 1 << 18)
        self._log.feed(data)
        return bool(data)

    def read_frames(self) -> bool:
        """Take what the step has told; False when there is no more to come."""
        data = os.read(self.frames, 1 << 18)
        for kind, payload in self._buffer.feed(data):
            if kind == BEGUN and self._document.limits.seconds:
                self._deadline = time.monotonic() + self._document.limits.seconds
            elif kind == MODULES:
                self._modules = tuple(payload.decode().split())
            elif kind == RESULT:
                self._take_result(payload)
        return bool(data)

    def due(self) -> float | None:
        """When `enforce` must be called next, on the clock of `time.monotonic`."""
        moments = [moment for moment in (self._deadline, self._kill_at) if moment is not None]
        if self._document.limits.memory and self.pid is not None:
            moments.append(time.monotonic() + MEMORY_POLL)
        return min(moments, default=None)

    def enforce(self) -> None:
        """Hold the step to its limits."""
        if self.pid is None or self.end is not None:
            return
        now = time.monotonic()
        limits = self._document.limits
        if self._kill_at is not None and now >= self._kill_at:
            self._kill_at = None
            kill_tree(self.pid)
        elif self._deadline is not None and now >= self._deadline:
            self._deadline = None
            self._stop("timed_out", f"The step ran longer than its time limit of {limits.seconds:g} seconds.")
        elif limits.memory and self._memory(self.pid) > limits.memory:
            reason = f"The step used more memory than its limit of {limits.memory / 2**20:,.0f} MiB."
            self._ending_for = self._ending_for or ("out_of_memory", reason)
            kill_tree(self.pid)

    def cancel(self) -> None:
        """Ask the step to stop; `enforce` kills it if it has not half a second later."""
        self._stop("cancelled", "The step was cancelled.")

    def told_pid(self, pid: int) -> None:
        """The step's process is there."""
        self.pid = pid
        if self._ending_for is not None:
            send(pid, signal.SIGTERM)

    def ended(self, status: int, peak: int) -> None:
        """The step's process has gone, with this wait status and peak memory in bytes."""
        self.pid = None
        for data in _waiting_in(self.output):
            self._log.feed(data)
        while self.end is None and select.select([self.frames], [], [], 0)[0] and self.read_frames():
            continue
        if self.end is None:
            # A process that was killed after it renamed its folder has finished all the same.
            committed = self._store.read(f"{self._document.output}/{RESULT_FILE}")
            self._finish(Ended(committed) if committed else self._without_result(_death(status), "Died", peak))

    def lost(self) -> None:
        """The process that the step was forked from was killed, and the step with it."""
        if self.end is None:
            name = self._document.operator.id
            reason = f"The worker process of {name} was killed from outside. Nothing was kept; run the step again."
            self._finish(self._without_result(reason, "WorkerLost", self._peak))

    def close(self) -> None:
        """Close this side of the pipes."""
        os.close(self.output)
        os.close(self.frames)

    def _take_result(self, result: bytes) -> None:
        if self._ending_for is None or decode_result(result).state == "done":
            for data in _waiting_in(self.output):
                self._log.feed(data)
            self._finish(Ended(result, self._modules))

    def _finish(self, end: Ended) -> None:
        self._log.close()
        if os.path.lexists(self._staged):
            self._store.discard(self._staged)
        if os.path.lexists(self._scratch):
            shutil.rmtree(self._scratch, ignore_errors=True)
        self.end = end

    def _stop(self, state: StepState, reason: str) -> None:
        if self._ending_for is None:
            self._ending_for = (state, reason)
            self._kill_at = time.monotonic() + GRACE
            if self.pid is not None:
                send(self.pid, signal.SIGTERM)

    def _memory(self, pid: int) -> int:
        own = max(0, private_memory(pid) - self._base_memory)
        used = own + sum(private_memory(child) for child in descendants(pid))
        self._peak = max(self._peak, used)
        return used

    def _without_result(self, reason: str, kind: str, peak: int) -> Ended:
        state: StepState = "failed"
        if self._ending_for is not None:
            state, reason = self._ending_for
            kind = {"timed_out": "TimeLimit", "out_of_memory": "MemoryLimit"}.get(state, "Cancelled")
        timings = {"total": time.time() - self._started}
        error = StepError(kind, reason)
        result = StepResult(state, {}, {}, timings, max(peak, self._peak), error, self._started)
        keep_attempt(self._store, self._document, result)
        return Ended(encode(result))


def sweep_scratch() -> None:
    """Delete the scratch folders of supervisors on this machine that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH_PREFIX}*"):
        owner = folder.name.removeprefix(SCRATCH_PREFIX).partition("-")[0]
        if owner.isdecimal() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _waiting_in(pipe: int) -> Iterator[bytes]:
    """What can be read from a pipe at once, without waiting for processes that hold it open."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    while any(events & select.POLLIN for _, events in poll.poll(0)):
        data = os.read(pipe, 1 << 18)
        if not data:
            return
        yield data


def _death(status: int) -> str:
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        hint = " Probably the machine ran out of memory." if name == "SIGKILL" else " Native code crashed."
        return f"The operator's process was ended by {name} before `run` returned.{hint}"
    code = os.WEXITSTATUS(status)
    return f"The operator's process ended by itself with exit code {code} before `run` returned (as os._exit does)."
