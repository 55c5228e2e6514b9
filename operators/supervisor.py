"""Gives a step a process of its own: forked in advance, bounded in time and memory, and gone without a trace after.

A `Supervisor` keeps one *spare*: a forked child that waits for a document. While a step runs, the next spare is forked,
so the cost of forking is off the way of a chain of steps; and a step's result is told before its process has been
cleared away. The child shares the warm modules of its parent, and nothing it does reaches the parent but bytes.
"""

from __future__ import annotations

import gc
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from msgspec import Struct

from operators.artifacts.store import ArtifactStore
from operators.context import read_secret
from operators.documents import (
    RESULT_FILE,
    StepDocument,
    StepError,
    StepResult,
    StepState,
    decode_document,
    decode_result,
    encode,
)
from operators.errors import OperatorsError, SecretMissing
from operators.logs import DEFAULT_BYTES, LogWriter
from operators.processes import (
    adopt_orphans,
    descendants,
    die_with_parent,
    kill_tree,
    private_memory,
    reap_strays,
    send,
)
from operators.step import describe, execute, keep_attempt, prepare

LOG_FILE = "log.jsonl"
GRACE = 0.5
MEMORY_POLL = 0.02
HEAD_START = 0.001


class Order(Struct, frozen=True):
    """A step to run: its document, where its log goes (None: dropped), how long that may grow, the store's options."""

    document: StepDocument
    log: str | None = None
    log_bytes: int = DEFAULT_BYTES
    store_options: dict[str, Any] = {}


class _Task(Struct, frozen=True):
    """What the spare is told: the order, and the two folders that its parent clears if it cannot."""

    order: Order
    staged: str
    scratch: str


class Finished(Struct, frozen=True):
    """How a step ended: its encoded `StepResult`, and which modules it imported that its parent had not."""

    result: bytes
    modules: tuple[str, ...] = ()


class _Spare:
    """A forked child and this side's ends of its pipes."""

    def __init__(self, pid: int, order: int, output: int, result: int) -> None:
        self.pid = pid
        self.order = order
        self.output = output
        self.result = result
        self.handle = os.pidfd_open(pid)

    def close(self) -> None:
        for descriptor in (self.order, self.output, self.result, self.handle):
            if descriptor >= 0:
                os.close(descriptor)

    def tell(self, task: bytes) -> None:
        try:
            view = memoryview(task)
            while view:
                view = view[os.write(self.order, view) :]
        except BrokenPipeError:
            pass  # it has died: the wait for its result says how
        os.close(self.order)
        self.order = -1


class Supervisor:
    """Runs steps one after the other, each in a forked child. Single-threaded; owns every child of this process.

    Args:
        asked_to_stop: a descriptor that becomes readable when the running step shall be cancelled, or None.
        echo: pass on all that steps print to this process's standard output.
    """

    def __init__(self, asked_to_stop: int | None = None, echo: bool = False) -> None:
        adopt_orphans()
        gc.collect()
        gc.freeze()
        self._asked_to_stop = asked_to_stop
        self._echo = echo
        self._spare: _Spare | None = _fork_spare()

    def run(
        self,
        order: Order,
        on_message: Callable[[Mapping[str, Any]], None],
        on_end: Callable[[Finished], None],
    ) -> None:
        """Run one step. `on_message` is told of progress and metrics as they come, `on_end` once how it ended.

        Comes back when nothing of the step is left, which may be a little after `on_end`.
        """
        store = ArtifactStore(order.document.store, order.store_options)
        try:
            finished = store.read(f"{order.document.output}/{RESULT_FILE}")
            if finished is not None:
                # Another engine's worker was quicker: what has finished is never run again.
                on_end(Finished(finished))
                return
            order = msgspec.structs.replace(order, document=prepare(order.document))
            staged = store.stage()
        except (OperatorsError, OSError) as error:
            on_end(_not_started(order.document, store, error))
            return
        spare = self._take_spare()
        scratch = Path(tempfile.gettempdir(), f"opyard-scratch-{uuid4().hex}")
        spare.tell(msgspec.json.encode(_Task(order, str(staged), str(scratch))))
        # Let the child begin before this process is busy with the next fork: they were on one core just now.
        select.select([spare.result], [], [], HEAD_START)
        self._spare = _fork_spare()
        secrets = _secrets_of(order.document)
        log = LogWriter(Path(order.log) if order.log else None, on_message, order.log_bytes, secrets)
        feed = _echoing(log) if self._echo else log.feed

        def end(finished: Finished) -> None:
            log.close()  # whoever is told of the end may read all of the log
            on_end(finished)

        try:
            _Watch(spare, order.document, feed, self._asked_to_stop, store, end).until_it_ends()
        finally:
            reap_strays(frozenset({self._spare.pid}))
            spare.close()
            log.close()
            store.discard(staged)
            shutil.rmtree(scratch, ignore_errors=True)

    def close(self) -> None:
        """End the spare."""
        if self._spare is not None:
            send(self._spare.pid, signal.SIGKILL)
            os.waitpid(self._spare.pid, 0)
            self._spare.close()
            self._spare = None

    def _take_spare(self) -> _Spare:
        spare, self._spare = self._spare, None
        if spare is not None and not select.select([spare.handle], [], [], 0)[0]:
            return spare
        if spare is not None:
            os.waitpid(spare.pid, 0)
            spare.close()
        return _fork_spare()


class _Watch:
    """Waits for one running step: passes on what it prints, and ends it when it must end."""

    def __init__(
        self,
        spare: _Spare,
        document: StepDocument,
        feed: Callable[[bytes], None],
        asked_to_stop: int | None,
        store: ArtifactStore,
        on_end: Callable[[Finished], None],
    ) -> None:
        self._spare = spare
        self._document = document
        self._feed = feed
        self._asked_to_stop = asked_to_stop
        self._store = store
        self._on_end = on_end
        self._told = False
        self._started = time.time()
        limit = document.limits.seconds
        self._deadline = time.monotonic() + limit if limit else None
        self._kill_at: float | None = None
        self._ended_for: tuple[StepState, str] | None = None
        self._result = b""
        self._base_memory = private_memory(os.getpid())
        self._peak = 0

    def until_it_ends(self) -> None:
        poll = select.poll()
        for descriptor in (self._spare.output, self._spare.result, self._spare.handle):
            poll.register(descriptor, select.POLLIN | select.POLLHUP)
        if self._asked_to_stop is not None:
            poll.register(self._asked_to_stop, select.POLLIN | select.POLLHUP)
        while True:
            events = dict(poll.poll(self._wait_milliseconds()))
            ready = set(events)
            self._read(ready, poll)
            if self._spare.handle in ready:
                break
            if self._asked_to_stop in ready:
                poll.unregister(self._asked_to_stop)
                self._end("cancelled", "The step was cancelled.")
                if events[self._asked_to_stop] & select.POLLHUP:
                    # The engine has gone, and the next one may be starting the same step.
                    kill_tree(self._spare.pid)
            self._enforce_limits()
        self._finish()

    def _read(self, ready: set[int], poll: select.poll) -> None:
        for descriptor in ready & {self._spare.output, self._spare.result}:
            data = os.read(descriptor, 1 << 18)
            if not data:
                poll.unregister(descriptor)
                if descriptor == self._spare.result:
                    self._take_result()
            elif descriptor == self._spare.output:
                self._feed(data)
            else:
                self._result += data

    def _wait_milliseconds(self) -> float | None:
        now = time.monotonic()
        waits = [moment - now for moment in (self._deadline, self._kill_at) if moment is not None]
        if self._document.limits.memory:
            waits.append(MEMORY_POLL)
        return max(0.0, min(waits) * 1000) if waits else None

    def _enforce_limits(self) -> None:
        now = time.monotonic()
        limits = self._document.limits
        if self._kill_at is not None and now >= self._kill_at:
            kill_tree(self._spare.pid)
            self._kill_at = None
        elif self._deadline is not None and now >= self._deadline:
            self._deadline = None
            self._end("timed_out", f"The step ran longer than its time limit of {limits.seconds:g} seconds.")
        elif limits.memory and self._memory() > limits.memory:
            kill_tree(self._spare.pid)
            reason = f"The step used more memory than its limit of {limits.memory / 2**20:,.0f} MiB."
            self._ended_for = self._ended_for or ("out_of_memory", reason)

    def _memory(self) -> int:
        own = max(0, private_memory(self._spare.pid) - self._base_memory)
        used = own + sum(private_memory(pid) for pid in descendants(self._spare.pid))
        self._peak = max(self._peak, used)
        return used

    def _end(self, state: StepState, reason: str) -> None:
        if self._ended_for is None:
            self._ended_for = (state, reason)
            self._kill_at = time.monotonic() + GRACE
            send(self._spare.pid, signal.SIGTERM)

    def _take_result(self) -> None:
        """The child has said all of its result: tell it at once, if it may be told."""
        result, _, modules = self._result.partition(b"\n")
        if result and self._is_final(result):
            self._drain_output()
            self._tell(Finished(result, tuple(modules.decode().split())))

    def _tell(self, finished: Finished) -> None:
        if not self._told:
            self._told = True
            self._on_end(finished)

    def _finish(self) -> None:
        _, status, usage = os.wait4(self._spare.pid, 0)
        reap_strays_of(self._spare.pid)
        self._result += b"".join(_waiting_in(self._spare.result))
        self._take_result()
        self._drain_output()
        if self._told:
            return
        # A child that was killed after it renamed its folder has finished all the same.
        committed = self._store.read(f"{self._document.output}/{RESULT_FILE}")
        self._tell(Finished(committed) if committed else self._without_result(status, usage.ru_maxrss * 1024))

    def _is_final(self, result: bytes) -> bool:
        return self._ended_for is None or decode_result(result).state == "done"

    def _without_result(self, status: int, peak: int) -> Finished:
        state, reason = self._ended_for or ("failed", _death(status))
        kind = {"timed_out": "TimeLimit", "out_of_memory": "MemoryLimit", "cancelled": "Cancelled"}.get(state, "Died")
        timings = {"total": time.time() - self._started}
        peak = max(peak, self._peak)
        result = StepResult(state, {}, {}, timings, peak, StepError(kind, reason), self._started)
        keep_attempt(self._store, self._document, result)
        return Finished(encode(result))

    def _drain_output(self) -> None:
        """Take what is still in the pipe, without waiting for descendants that hold it open."""
        for data in _waiting_in(self._spare.output):
            self._feed(data)


def _waiting_in(pipe: int) -> Iterator[bytes]:
    """What can be read from a pipe at once."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    while any(events & select.POLLIN for _, events in poll.poll(0)):
        data = os.read(pipe, 1 << 18)
        if not data:
            return
        yield data


def reap_strays_of(pid: int) -> None:
    """Kill what a step that has ended left running in its own process group."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _fork_spare() -> _Spare:
    order_read, order_write = os.pipe()
    output_read, output_write = os.pipe()
    result_read, result_write = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            for descriptor in (order_write, output_read, result_read):
                os.close(descriptor)
            _be_a_step(parent, order_read, output_write, result_write)
        finally:
            os._exit(70)
    for descriptor in (order_read, output_write, result_write):
        os.close(descriptor)
    return _Spare(pid, order_write, output_read, result_read)


def _be_a_step(parent: int, order: int, output: int, result: int) -> None:
    """The child's whole life."""
    die_with_parent(parent)
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", closefd=False, buffering=1)  # noqa: SIM115
    chunks = []
    while chunk := os.read(order, 1 << 18):
        chunks.append(chunk)
    if not chunks:
        os._exit(0)
    before = set(sys.modules)
    task = msgspec.json.decode(b"".join(chunks), type=_Task)
    store = ArtifactStore(task.order.document.store, task.order.store_options)
    outcome = execute(task.order.document, store, Path(task.staged), Path(task.scratch))
    imported = sorted(name for name in set(sys.modules) - before if name.isascii() and " " not in name)
    sys.stdout.flush()
    sys.stderr.flush()
    with open(result, "wb") as pipe:
        pipe.write(encode(outcome) + b"\n" + " ".join(imported).encode())
    os._exit(0)


def _death(status: int) -> str:
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        hint = " Probably the machine ran out of memory." if name == "SIGKILL" else " Native code crashed."
        return f"The operator's process was ended by {name} before `run` returned.{hint}"
    code = os.WEXITSTATUS(status)
    return f"The operator's process ended by itself with exit code {code} before `run` returned (as os._exit does)."


def _secrets_of(document: StepDocument) -> tuple[bytes, ...]:
    """The values that must not stand in a log, as they are written inside JSON."""
    values = []
    for name in document.secrets:
        try:
            values.append(msgspec.json.encode(read_secret(name))[1:-1])
        except SecretMissing:
            continue  # the step itself says so
    return tuple(values)


def _echoing(log: LogWriter) -> Callable[[bytes], None]:
    def feed(data: bytes) -> None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        log.feed(data)

    return feed


def _not_started(document: StepDocument, store: ArtifactStore, error: OperatorsError | OSError) -> Finished:
    result = StepResult("failed", error=describe(error), started=time.time())
    keep_attempt(store, document, result)
    return Finished(encode(result))


def main(arguments: list[str]) -> int:
    """`python -m operators.step DOCUMENT`: run a step, its output passed on to standard output."""
    try:
        if len(arguments) != 1:
            raise OperatorsError("Usage: python -m operators.step DOCUMENT (a path, a URI, or - for standard input)")
        source = arguments[0]
        data = sys.stdin.buffer.read() if source == "-" else ArtifactStore(source.rpartition("/")[0]).read(source)
        if data is None:
            raise OperatorsError(f"There is no step document {source}.")
        document = decode_document(data)
    except OperatorsError as error:
        print(error, file=sys.stderr)
        return 2
    result = _run_and_echo(document)
    if result.error is not None:
        print(result.error.traceback or f"{result.error.kind}: {result.error.message}", file=sys.stderr)
    return 0 if result.state == "done" else 1


def _run_and_echo(document: StepDocument) -> StepResult:
    """Run a step for a cluster: SIGTERM cancels it, and its log is kept in the artifact store when it has ended."""
    asked_to_stop, ask = os.pipe()
    signal.signal(signal.SIGTERM, lambda *_: os.write(ask, b"x"))
    store = ArtifactStore(document.store)
    supervisor = Supervisor(asked_to_stop, echo=True)
    ended: list[Finished] = []
    with tempfile.TemporaryDirectory(prefix="opyard-log-") as folder:
        log = Path(folder, LOG_FILE)
        try:
            supervisor.run(Order(document, str(log)), lambda message: None, ended.append)
        finally:
            supervisor.close()
        if log.exists():
            store.write(f"{document.attempt}/{LOG_FILE}", log.read_bytes())
    return decode_result(ended[0].result)
