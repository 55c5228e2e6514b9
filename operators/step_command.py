"""`python -m operators.step DOCUMENT`: one step as a command, for a pod or a task of another scheduler.

The step's output goes to standard output. SIGTERM cancels it. Its log is kept in the artifact store when it has ended,
so it outlives the machine.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import tempfile
import time
from pathlib import Path

from operators.artifacts.store import ArtifactStore
from operators.documents import RESULT_FILE, StepDocument, StepResult, decode_document, decode_result
from operators.errors import OperatorsError, StepDocumentError
from operators.processes import adopt_orphans, private_memory, reap_strays
from operators.step import failure, keep_attempt, prepare
from operators.step_process import fork_step
from operators.supervisor import Order, Supervision

LOG_FILE = "log.jsonl"


def main(arguments: list[str]) -> int:
    """Run the step; 0: done, 1: not done, 2: there was no step document."""
    try:
        document = _read(arguments)
    except OperatorsError as error:
        print(error, file=sys.stderr)
        return 2
    store = ArtifactStore(document.store)
    try:
        # What has finished is never run again: a pod may have been lost after its step was done.
        finished = store.read(f"{document.output}/{RESULT_FILE}")
        result = decode_result(finished) if finished else _run(prepare(document), store)
    except (OperatorsError, OSError) as error:
        result = failure(error)
        keep_attempt(store, document, result)
    if result.error is not None:
        print(result.error.traceback or f"{result.error.kind}: {result.error.message}", file=sys.stderr)
    return 0 if result.state == "done" else 1


def _read(arguments: list[str]) -> StepDocument:
    if len(arguments) != 1:
        raise StepDocumentError("Usage: python -m operators.step DOCUMENT (a path, a URI, or - for standard input)")
    source = arguments[0]
    data = sys.stdin.buffer.read() if source == "-" else ArtifactStore(source.rpartition("/")[0]).read(source)
    if data is None:
        raise StepDocumentError(f"There is no step document {source}.")
    return decode_document(data)


def _run(document: StepDocument, store: ArtifactStore) -> StepResult:
    """Run a prepared step in a forked child of this process, which has no other children."""
    adopt_orphans()
    asked_to_stop, ask = os.pipe()
    signal.signal(signal.SIGTERM, lambda *_: os.write(ask, b"x"))
    with tempfile.TemporaryDirectory(prefix="opyard-log-") as folder:
        log = Path(folder, LOG_FILE)
        supervision = _start(Order(document, str(log)))
        try:
            _watch(supervision, asked_to_stop)
        finally:
            supervision.close()
        if log.exists():
            store.write(f"{document.attempt}/{LOG_FILE}", log.read_bytes())
    assert supervision.end is not None  # noqa: S101 - `_watch` returns only then
    return decode_result(supervision.end.result)


def _start(order: Order) -> Supervision:
    task_read, task_write = os.pipe()
    output_read, output_write = os.pipe()
    frames_read, frames_write = os.pipe()
    base = private_memory(os.getpid())
    supervision = Supervision(order, output_read, frames_read, lambda message: None, base, echo=sys.stdout.fileno())
    # The child must not hold our end of its task's pipe, or it would wait for ever.
    pid = fork_step(task_read, output_write, frames_write, close=(task_write,))
    with os.fdopen(task_write, "wb") as pipe:
        pipe.write(supervision.task())
    for descriptor in (task_read, output_write, frames_write):
        os.close(descriptor)
    supervision.told_pid(pid)
    return supervision


def _watch(supervision: Supervision, asked_to_stop: int) -> None:
    pid = supervision.pid
    assert pid is not None  # noqa: S101 - told when it was forked
    gone = os.pidfd_open(pid)
    poll = select.poll()
    readers = {supervision.output: supervision.read_output, supervision.frames: supervision.read_frames}
    for descriptor in (*readers, gone, asked_to_stop):
        poll.register(descriptor, select.POLLIN)
    while True:
        due = supervision.due()
        ready = {fd for fd, _ in poll.poll(None if due is None else max(0.0, due - time.monotonic()) * 1000)}
        for descriptor in ready & readers.keys():
            if not readers[descriptor]():
                poll.unregister(descriptor)
        if asked_to_stop in ready:
            poll.unregister(asked_to_stop)
            supervision.cancel()
        if gone in ready:
            break
        supervision.enforce()
    os.close(gone)
    _, status, usage = os.wait4(pid, 0)
    supervision.ended(status, usage.ru_maxrss * 1024)
    reap_strays(frozenset())
