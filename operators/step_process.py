"""The process of one step: forked from a warm one, told what to do through a pipe, gone with all that it started.

Its parent gives it three descriptors: one to read its task from, one that is its standard output and error, one to tell
frames over (that it begins, which modules it had to import, its result). Nothing it does reaches another process but
these bytes and the folder it writes.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from operators.artifacts.store import ArtifactStore
from operators.documents import OperatorRef, StepDocument, StepResult, encode
from operators.frames_of_steps import BEGUN, MODULES, RESULT, frame
from operators.messages import step_logger
from operators.package import import_file
from operators.processes import adopt_orphans, die_with_parent, reap_strays
from operators.secrets import variable_of
from operators.step import execute


class Task(Struct, frozen=True):
    """What a step's process is told.

    Its document, the store's options, the two folders that are its own, and the secrets that its parameters name: they
    are all that it gets to know.
    """

    document: StepDocument
    staged: str
    scratch: str
    store_options: dict[str, Any] = {}
    secrets: dict[str, str] = {}


_tasks = msgspec.json.Decoder(Task)
_EMPTY_TASK = encode(Task(StepDocument(OperatorRef("", "", "", ""), "", "", ""), "", ""))


# Its only line is its docstring.
_EMPTY_MODULE = Path(__file__).parent / "workers" / "__init__.py"


def fork_step(task: int, output: int, result: int, close: Sequence[int] = ()) -> int:
    """Fork a process that waits for its task; gives its process id.

    The descriptors stay open in this process; those in `close` are closed in the child.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            for descriptor in close:
                os.close(descriptor)
            _live(parent, task, output, result)
        finally:
            os._exit(70)
    return pid


def _live(parent: int, task: int, output: int, result: int) -> None:
    die_with_parent(parent)
    adopt_orphans()
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, standard in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(descriptor, standard)
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", closefd=False, buffering=1)  # noqa: SIM115
    _rehearse()
    data = _read_all(task)
    if data:
        _do(_tasks.decode(data), result)
    os._exit(0)


def _rehearse() -> None:
    """Touch, while there is nothing else to do, some of what every step touches: a first touch copies memory."""
    step_logger()
    _tasks.decode(_EMPTY_TASK)
    encode(StepResult("done", timings={"total": 0.0}))
    del sys.modules[import_file(_EMPTY_MODULE, "opyard_operator_rehearsal").__name__]


def _do(task: Task, result: int) -> None:
    before = len(sys.modules)
    os.write(result, frame(BEGUN))
    os.environ.update({variable_of(name): value for name, value in task.secrets.items()})
    store = ArtifactStore(task.document.store, task.store_options)
    outcome = execute(task.document, store, Path(task.staged), Path(task.scratch))
    sys.stdout.flush()
    sys.stderr.flush()
    reap_strays(frozenset())
    if os.path.lexists(task.scratch):
        shutil.rmtree(task.scratch, ignore_errors=True)
    told = frame(MODULES, " ".join(_imported_since(before)).encode()) + frame(RESULT, encode(outcome))
    while told:
        told = told[os.write(result, told) :]


def _imported_since(count: int) -> Sequence[str]:
    """The modules that were imported after the first `count`, in the order of their import.

    Looks at the last ones only: each name that is looked at is a page of memory no longer shared with the parent.
    """
    newest = list(islice(reversed(sys.modules), max(0, len(sys.modules) - count)))
    return [name for name in reversed(newest) if name.isascii() and " " not in name]


def _read_all(descriptor: int) -> bytes:
    chunks = []
    while chunk := os.read(descriptor, 1 << 18):
        chunks.append(chunk)
    return b"".join(chunks)
