"""What the benchmarks share: a house with a running engine, the memory of a process tree, and the machine's facts."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any

from marketplace.pipelines.document import Pipeline
from marketplace.settings import load_settings
from marketplace.store.records import RunRecord
from scheduler.application import Application, open_application
from scheduler.engines.local.process import start_engine

SAMPLING = 0.05


class House:
    """An Opyard of its own in a temporary folder, with a running engine."""

    def __init__(self, workers: int = 2, **settings: Any) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="opyard-bench-"))
        self.settings = load_settings({}, home=self.folder / "home", workers=workers, **settings)
        self.application: Application = open_application(self.settings, start_engine=False)
        self.engine: subprocess.Popen[bytes] = start_engine(self.settings)
        while self.application.store.engine_holder() is None:
            if self.engine.poll() is not None:
                raise RuntimeError((self.settings.logs / "engine.log").read_text())
            time.sleep(0.01)

    def __enter__(self) -> House:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.engine.terminate()
        self.engine.wait(30)
        self.application.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, pipeline: Pipeline, timeout: float = 120, **options: Any) -> RunRecord:
        """Submit a pipeline and wait for its end, asking every 2 ms; raises where it is not done."""
        runs = self.application.runs
        record = runs.submit(pipeline, **options)
        until = time.monotonic() + timeout
        while record.state not in ("done", "failed", "cancelled") and time.monotonic() < until:
            time.sleep(0.002)
            record = runs.get(record.id)
        if record.state != "done":
            raise RuntimeError(f"The run is {record.state}: {record.error} {self._troubles(record)}")
        return record

    def _troubles(self, record: RunRecord) -> list[Any]:
        views = self.application.runs.steps(record.id)
        states = [(view.record.node, view.record.state, view.result and view.result.error) for view in views]
        log = (self.settings.logs / "engine.log").read_text()
        return [*states, f"engine's exit code: {self.engine.poll()}", log]

    def forget_artifacts(self) -> None:
        """Delete what the runs so far have made."""
        shutil.rmtree(self.folder / "home" / "artifacts" / "steps", ignore_errors=True)


class MemoryPeak:
    """The greatest memory in bytes that the trees of some processes had while the block ran.

    Attributes:
        shared_once: proportional set size, so that a page that n processes share counts as one n-th in each of them.
        private: the same without pages that stand in files, which the kernel may drop at any time.
    """

    def __init__(self, roots: Sequence[int]) -> None:
        self.shared_once = 0
        self.private = 0
        self._roots = roots
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> MemoryPeak:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.is_set():
            total, private = tree_memory(self._roots)
            self.shared_once = max(self.shared_once, total)
            self.private = max(self.private, private)
            self._stop.wait(SAMPLING)


def tree_memory(roots: Sequence[int]) -> tuple[int, int]:
    """The proportional set size of the processes and their descendants, in bytes: whole, and without files' pages."""
    whole = private = 0
    for pid in tree(roots):
        facts = _rollup(pid)
        whole += facts.get("Pss", 0)
        private += facts.get("Pss_Anon", 0) + facts.get("Pss_Shmem", 0)
    return whole, private


def tree_seconds(roots: Sequence[int]) -> float:
    """The processor time in seconds that the processes, their descendants and those that have ended have had."""
    ticks = sum(sum(map(int, fields[11:15])) for fields in map(_stat, tree(roots)) if fields)
    return ticks / os.sysconf("SC_CLK_TCK")


def tree(roots: Sequence[int]) -> list[int]:
    """The processes and all their descendants."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found, waiting = [], list(roots)
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def _parents() -> Iterator[tuple[int, int]]:
    for entry in os.listdir("/proc"):  # noqa: PTH208 - names only, many times a second
        if entry.isdecimal() and (fields := _stat(int(entry))):
            yield int(entry), int(fields[1])


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the command's name; none where the process has ended."""
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def _rollup(pid: int) -> dict[str, int]:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return {}
    fields = (line.split() for line in lines)
    return {field[0].rstrip(":"): int(field[1]) * 1024 for field in fields}


@contextmanager
def stopwatch(times: list[float]) -> Iterator[None]:
    """Add the seconds that the block took to `times`."""
    began = time.perf_counter()
    yield
    times.append(time.perf_counter() - began)


def middle(values: Sequence[float], digits: int = 4) -> float:
    """The median, rounded."""
    return round(median(values), digits)


def machine() -> dict[str, Any]:
    """Cores, memory and system, and how busy the machine was when the benchmark ended."""
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def versions(*packages: str) -> dict[str, str]:
    """Versions of Python and of installed packages."""
    return {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in packages}}
