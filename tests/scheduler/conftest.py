"""A real engine over a store and folders of its own, and pipelines of small operators that behave and misbehave."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from marketplace.pipelines.document import Edge, End, Node, NodeResources, Pipeline, Retries
from marketplace.settings import Settings, load_settings
from marketplace.store.records import RunRecord
from scheduler.application import Application, open_application
from scheduler.engines.local.process import start_engine
from scheduler.runs import StepView

OPERATORS = Path(__file__).parent / "operators"


class House:
    """Settings, an application over them, and an engine process that can be started, killed and started again."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.application: Application = open_application(settings, start_engine=False)
        self.engine: subprocess.Popen[bytes] | None = None

    @property
    def runs(self):
        return self.application.runs

    def start(self) -> None:
        self.engine = start_engine(self.settings)
        until = time.monotonic() + 20
        while self.application.store.engine_holder() is None:
            assert self.engine.poll() is None, self.engine_log()
            assert time.monotonic() < until, "the engine did not take its lease"
            time.sleep(0.02)

    def kill(self) -> None:
        """End the engine as a power cut would."""
        assert self.engine is not None
        self.engine.send_signal(signal.SIGKILL)
        self.engine.wait()
        self.engine = None

    def stop(self) -> int:
        assert self.engine is not None
        self.engine.terminate()
        code = self.engine.wait(20)
        self.engine = None
        return code

    def close(self) -> None:
        if self.engine is not None:
            self.kill()
        self.application.close()

    def engine_log(self) -> str:
        path = self.settings.logs / "engine.log"
        return path.read_text() if path.exists() else ""

    def run(self, pipeline: Pipeline, timeout: float = 30, **options: Any) -> RunRecord:
        record = self.runs.wait(self.runs.submit(pipeline, **options).id, timeout)
        assert record.state in ("done", "failed", "cancelled"), (record.state, self.engine_log())
        return record

    def steps(self, run_id: str) -> dict[str, StepView]:
        return {view.record.node: view for view in self.runs.steps(run_id)}

    def states(self, run_id: str) -> dict[str, str]:
        return {node: view.record.state for node, view in self.steps(run_id).items()}

    def log(self, run_id: str, node: str) -> list[str]:
        return [line.text for line in self.runs.log(run_id, node).lines]

    def wait_until(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, self.engine_log()
            time.sleep(0.02)


@pytest.fixture
def idle_house(tmp_path: Path) -> Iterator[House]:
    """A house without an engine."""
    house = House(load_settings({}, home=tmp_path / "home", operator_folders=(OPERATORS,), workers=2))
    yield house
    house.close()


@pytest.fixture
def house(idle_house: House) -> House:
    """A house with its engine."""
    idle_house.start()
    return idle_house


def node(name: str, operator: str, /, **more: Any) -> Node:
    """A node of a test operator; parameters are what is not a field of a node."""
    fields = {key: more.pop(key) for key in list(more) if key in Node.__struct_fields__}
    return Node(id=name, operator=f"test.behaviour.{operator}", version="1.0.0", params=more, **fields)


def pipeline(*nodes: Node, wires: Mapping[str, str] | list[tuple[str, str]] = ()) -> Pipeline:
    """A pipeline whose wires go from the port `table` of one to the port `tables` of another."""
    pairs = wires.items() if isinstance(wires, Mapping) else wires
    edges = tuple(Edge(End(source, "table"), End(target, "tables")) for source, target in pairs)
    return Pipeline(name="test", nodes=nodes, edges=edges)


def bad(name: str, how: str, **more: Any) -> Node:
    return node(name, "bad", how=how, **more)


def processes_with(mark: str) -> list[int]:
    """The ids of processes whose command line has `mark` in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                if mark.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


__all__ = ["House", "NodeResources", "Retries", "bad", "node", "pipeline", "processes_with"]
