"""What a step costs beyond its operator's own work, against Luigi and Kedro, as JSON: milliseconds a step.

100 steps that pass a table of one row on, as a `chain` and as a `fan_out` (one step, 99 after it), two at a time:

- `opyard`: a running embedded engine: a process for each step, its log, key, result and every state kept. `wall` is
  from the request to the end as the caller sees it, with checks and plan; `run` from start to end in its record;
- `luigi`: two worker processes, a process for each task, a file for each output; from `luigi.build` to its end;
- `kedro`: one process, nothing kept, nothing isolated;
- `fork`: nothing but fork, exit and wait of a process that has imported what a worker has.

All take turns, and the figures are medians over the rounds. Luigi and Kedro live in an environment of their own,
`.venv-peers`, that is made when it is not there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from measure import House, machine, middle, versions

from marketplace.pipelines.document import Edge, End, Node, Pipeline

STEPS = 100
WORKERS = 2
ROUNDS = 5
GOAL = 0.8
HERE = Path(__file__).parent
PEERS = HERE.parent / ".venv-peers"
PEER_PACKAGES = ("luigi>=3.8,<3.9", "kedro>=1,<2")
SHAPES = ("chain", "fan_out")


def main() -> None:
    """Measure and print; fails where Opyard needs more than 0.8 of Luigi's time."""
    peers = peer_python()
    times: dict[str, dict[str, list[float]]] = {shape: {} for shape in SHAPES}
    with House(WORKERS, operator_folders=(HERE / "operators",)) as house:
        house.run(example("chain", 4), fresh=True)
        for _ in range(ROUNDS):
            for shape in SHAPES:
                _turn(house, peers, shape, times[shape])
    figures = {shape: {name: middle(values, 3) for name, values in times[shape].items()} for shape in SHAPES}
    forked = fork_milliseconds()
    table = {
        "steps": STEPS,
        "workers": WORKERS,
        "rounds": ROUNDS,
        "milliseconds_a_step": figures,
        "fork_milliseconds": forked,
        "ratio_to_luigi": {shape: _ratios(figures[shape], figures[shape]["luigi"]) for shape in SHAPES},
        "ratio_to_fork": {shape: _ratios(figures[shape], forked) for shape in SHAPES},
        "goal": GOAL,
        "versions": versions("pyarrow", "sqlalchemy") | _peer_versions(peers),
        "machine": machine(),
    }
    print(json.dumps(table, indent=2))
    sys.exit(any(ratios["opyard_wall"] > GOAL for ratios in table["ratio_to_luigi"].values()))


def example(shape: str, steps: int = STEPS) -> Pipeline:
    """Steps in a row, or one and all others after it."""
    nodes = [Node(f"n{n}", "benchmark.pass_on", "1.0.0", params={"number": n}) for n in range(steps)]
    before = [n - 1 if shape == "chain" else 0 for n in range(1, steps)]
    edges = [Edge(End(f"n{source}", "table"), End(f"n{n}", "table")) for n, source in enumerate(before, start=1)]
    return Pipeline(name=shape, nodes=tuple(nodes), edges=tuple(edges))


def peer_python() -> Path:
    """The interpreter of the environment that Luigi and Kedro live in."""
    python = PEERS / "bin" / "python"
    if not (PEERS / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS], check=True, stdout=sys.stderr)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEER_PACKAGES], check=True, stdout=sys.stderr)
        (PEERS / "installed").touch()
    return python


def fork_milliseconds(rounds: int = 200) -> float:
    """The median of a fork, exit and wait of a process that has imported what workers have imported."""
    for module in ("pandas", "pyarrow.compute", "pyarrow.parquet", "operators.step"):
        import_module(module)
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
        times.append((time.perf_counter() - began) * 1000)
    return middle(times, 3)


def _turn(house: House, peers: Path, shape: str, times: dict[str, list[float]]) -> None:
    began = time.perf_counter()
    record = house.run(example(shape), fresh=True)
    found = {"opyard_wall": time.perf_counter() - began}
    if record.started is None or record.ended is None:
        raise RuntimeError("The run has ended without its times.")
    found["opyard_run"] = record.ended - record.started
    with tempfile.TemporaryDirectory(prefix="opyard-bench-") as folder:
        found["luigi"] = _peer(peers, "luigi_steps.py", shape, STEPS, WORKERS, folder)
    found["kedro"] = _peer(peers, "kedro_steps.py", shape, STEPS)
    for name, seconds in found.items():
        times.setdefault(name, []).append(seconds / STEPS * 1000)


def _peer(python: Path, script: str, *arguments: object) -> float:
    command = [python, "-W", "ignore", HERE / "peers" / script, *map(str, arguments)]
    environment = {**os.environ, "KEDRO_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return float(done.stdout.splitlines()[-1])


def _ratios(figures: dict[str, float], other: float) -> dict[str, float]:
    return {name: round(figures[name] / other, 3) for name in ("opyard_wall", "opyard_run")}


def _peer_versions(python: Path) -> dict[str, str]:
    ask = "import importlib.metadata as m; print(m.version('luigi'), m.version('kedro'))"
    luigi, kedro = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.split()
    return {"luigi": luigi, "kedro": kedro}


if __name__ == "__main__":
    main()
