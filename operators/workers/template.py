"""A process that steps are forked from: it has imported what they need, so that they share it and start at once.

It runs no operator code, and between forks it does nothing, so that its memory stays shared. It takes commands as JSON
datagrams: `{"step": number}` with three descriptors forks a process for a step, `{"template": [requirement, …]}` with a
socket makes a template that has imported these packages too, `{"import": [module, …]}` imports what steps were seen to
need, `{"keep": folder}` looks at an operator's package. It tells `{"step": number, "pid": …}` when a step's process is
there, and `{"ended": pid, "status": …, "peak": …}` when it has gone.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.metadata
import os
import select
import signal
import socket
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from operators.artifacts.formats import read_value, write_value
from operators.discovery import discover
from operators.kept import keep
from operators.processes import adopt_orphans, children, kill_tree, reap_strays
from operators.spec import PortSpec
from operators.step import is_installed
from operators.step_process import fork_step

# What every step needs, and no more: the less a template holds, the sooner it has forked.
_BASE = (
    "operators.step",
    "operators.artifacts.file",
    "operators.artifacts.metrics",
    "operators.artifacts.report",
    "operators.artifacts.text",
    "operators.artifacts.summary.file",
)

# What steps on tables need beside pyarrow itself. Where pandas is installed, pyarrow imports it to make an array of a
# list, which takes longer than most steps.
_FOR_TABLES = (
    "operators.artifacts.table",
    "operators.artifacts.summary.table",
    "pyarrow.parquet",
    "pyarrow.compute",
    "pandas",
)


class _Forks:
    """What this process has forked. Other children of it are what steps that died have left behind."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._steps: set[int] = set()
        self._templates: set[int] = set()
        # A handler alone could miss a child that ends just before this process begins to wait; a pipe misses none.
        self.deaths, told = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(told, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def step(self, number: int, descriptors: list[int]) -> None:
        task, output, frames = descriptors
        pid = fork_step(task, output, frames, close=(self._control.fileno(),))
        self._steps.add(pid)
        self._tell({"step": number, "pid": pid})

    def template(self, requirements: list[str], descriptor: int) -> None:
        pid = os.fork()
        if pid:
            self._templates.add(pid)
            return
        code = 1
        try:
            self._control.close()
            for requirement in requirements:
                is_installed(requirement)  # remembers it for all steps
            serve_forks(socket.socket(fileno=descriptor), modules_of(requirements))
            code = 0
        finally:
            os._exit(code)

    def end_all(self) -> None:
        """The pool has gone: nothing that was forked here may outlive it."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for pid in children(os.getpid()):
            if pid not in self._templates:
                kill_tree(pid)

    def reap(self) -> None:
        """Tell of the steps that have ended."""
        with contextlib.suppress(BlockingIOError):
            os.read(self.deaths, 4096)
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            self._templates.discard(pid)
            if pid in self._steps:
                self._steps.discard(pid)
                self._tell({"ended": pid, "status": status, "peak": usage.ru_maxrss * 1024})
                if status:
                    # A step that ends well has cleared up after itself; what this one left has come to us.
                    reap_strays(frozenset(self._steps | self._templates))

    def _tell(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the pool has gone, which the next command that does not come will say
            self._control.send(msgspec.json.encode(message))


def serve_forks(control: socket.socket, modules: Iterable[str]) -> None:
    """Import `modules`, then fork what is asked for until the pool has gone."""
    adopt_orphans()
    forks = _Forks(control)
    import_quietly(modules)
    for package in discover().packages:
        keep(package.source)
    if "pyarrow" in sys.modules:
        import_quietly(_FOR_TABLES)
        _exercise_tables()
    _freeze()
    while True:
        ready, _, _ = select.select([control.fileno(), forks.deaths], [], [])
        if forks.deaths in ready:
            forks.reap()
        if control.fileno() in ready and not _obey_next(control, forks):
            forks.end_all()
            return


def _obey_next(control: socket.socket, forks: _Forks) -> bool:
    """Do what the next command says; False when the pool has gone."""
    try:
        data, descriptors, _, _ = socket.recv_fds(control, 1 << 20, 3)
    except ConnectionResetError:
        return False
    if not data or _has_hung_up(control):
        return False
    command = msgspec.json.decode(data)
    if "step" in command:
        forks.step(command["step"], descriptors)
    elif "template" in command:
        forks.template(command["template"], descriptors[0])
    elif "keep" in command:
        keep(command["keep"])
    else:
        import_quietly(command["import"])
        _freeze()
    for descriptor in descriptors:
        os.close(descriptor)
    return True


def _has_hung_up(control: socket.socket) -> bool:
    """Whether the pool has gone, even if what it sent is still to be read."""
    poll = select.poll()
    poll.register(control, 0)
    return any(events & select.POLLHUP for _, events in poll.poll(0))


def _freeze() -> None:
    """Keep the collector of the forked processes from touching, and so copying, what they share."""
    gc.collect()
    gc.freeze()


def _exercise_tables() -> None:
    """Write and read a table once, without threads: what is made on first use is then made before the fork."""
    import pyarrow as pa

    port = PortSpec("table", "table")
    table = pa.table({"number": [1, 2], "text": ["a", None], "share": [0.5, 1.5], "flag": [True, False]})
    with tempfile.TemporaryDirectory(prefix="opyard-warm-") as name:
        folder = Path(name)
        for value in (table, table.slice(1)):
            artifact = write_value(port, value, folder, "table")
        read_value(artifact, folder / artifact.path, port)


def import_quietly(modules: Iterable[str]) -> None:
    """Import what can be imported. What cannot is for the step that needs it to say."""
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def modules_of(requirements: Iterable[str]) -> list[str]:
    """The importable top-level names of the packages that satisfy `requirements` here."""
    from packaging.requirements import Requirement

    names: list[str] = []
    for requirement in requirements:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            names += _top_level(importlib.metadata.distribution(Requirement(requirement).name))
    return names


def _top_level(distribution: importlib.metadata.Distribution) -> list[str]:
    listed = distribution.read_text("top_level.txt")
    if listed:
        return listed.split()
    files = distribution.files or ()
    return sorted({file.parts[0] for file in files if len(file.parts) == 2 and file.name == "__init__.py"})


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve_forks(socket.socket(fileno=int(sys.argv[1])), _BASE)
