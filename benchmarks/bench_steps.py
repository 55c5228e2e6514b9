"""What a step costs beyond its operator's own work, against Luigi and Kedro, as JSON: milliseconds a step.

100 steps that pass something small on, as a `chain` and as a `fan_out` (one step, 99 after it), two at a time:

- `opyard`: a running embedded engine: a process for each step, its log, key, result and every state kept. `wall` is
  from the request to the end as the caller sees it, with checks and plan; `run` from start to end in its record.
  `text` passes a file of two lines on, as the tasks of Luigi do; `table` a Parquet file of one row, with its summary;
- `luigi`: two worker processes, a process for each task, a file of two lines for each; from `luigi.build` to its end;
- `kedro`: one process, nothing kept, nothing isolated;
- `fork`: nothing but fork, exit and wait of a process that has imported what a worker has: for texts, for tables.

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
KINDS = ("text", "table")
WARM = {
    "text": ("operators.step", "operators.artifacts.text"),
    "table": ("pyarrow.parquet", "pyarrow.compute", "pandas"),
}

FORKS = """
import importlib, os, statistics, sys, time

def fork():
    began = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return (time.perf_counter() - began) * 1000

for module in sys.argv[2:]:
    importlib.import_module(module)
print(statistics.median(fork() for _ in range(int(sys.argv[1]))))
"""


def main() -> None:
    """Measure and print; fails where Opyard needs more than 0.8 of Luigi's time."""
    peers = peer_python()
    times: dict[str, dict[str, list[float]]] = {shape: {} for shape in SHAPES}
    with House(WORKERS, operator_folders=(HERE / "operators",)) as house:
        for kind in KINDS:
            house.run(example("chain", kind, 4), fresh=True)
        for _ in range(ROUNDS):
            for shape in SHAPES:
                _turn(house, peers, shape, times[shape])
    figures = {shape: {name: middle(values, 3) for name, values in times[shape].items()} for shape in SHAPES}
    forked = {kind: fork_milliseconds(kind) for kind in KINDS}
    table = {
        "steps": STEPS,
        "workers": WORKERS,
        "rounds": ROUNDS,
        "milliseconds_a_step": figures,
        "fork_milliseconds": forked,
        "ratio_to_luigi": {
            shape: _ratios(figures[shape], dict.fromkeys(KINDS, figures[shape]["luigi"])) for shape in SHAPES
        },
        "ratio_to_fork": {shape: _ratios(figures[shape], forked) for shape in SHAPES},
        "goal": GOAL,
        "versions": versions("pyarrow", "sqlalchemy") | _peer_versions(peers),
        "machine": machine(),
    }
    print(json.dumps(table, indent=2))
    sys.exit(any(ratios["text_wall"] > GOAL for ratios in table["ratio_to_luigi"].values()))


def example(shape: str, kind: str, steps: int = STEPS) -> Pipeline:
    """Steps in a row, or one and all others after it."""
    nodes = [Node(f"n{n}", f"benchmark.pass_{kind}", "1.0.0", params={"number": n}) for n in range(steps)]
    before = [n - 1 if shape == "chain" else 0 for n in range(1, steps)]
    edges = [Edge(End(f"n{source}", kind), End(f"n{n}", kind)) for n, source in enumerate(before, start=1)]
    return Pipeline(name=shape, nodes=tuple(nodes), edges=tuple(edges))


def peer_python() -> Path:
    """The interpreter of the environment that Luigi and Kedro live in."""
    python = PEERS / "bin" / "python"
    if not (PEERS / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS], check=True, stdout=sys.stderr)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEER_PACKAGES], check=True, stdout=sys.stderr)
        (PEERS / "installed").touch()
    return python


def fork_milliseconds(kind: str, rounds: int = 200) -> float:
    """The median of a fork, exit and wait of a fresh process that has imported what a worker for `kind` has."""
    modules = WARM["text"] + (WARM["table"] if kind == "table" else ())
    done = subprocess.run(
        [sys.executable, "-c", FORKS, str(rounds), *modules], check=True, capture_output=True, text=True
    )
    return round(float(done.stdout), 3)


def _turn(house: House, peers: Path, shape: str, times: dict[str, list[float]]) -> None:
    found: dict[str, float] = {}
    for kind in KINDS:
        began = time.perf_counter()
        record = house.run(example(shape, kind), fresh=True)
        found[f"{kind}_wall"] = time.perf_counter() - began
        if record.started is None or record.ended is None:
            raise RuntimeError("The run has ended without its times.")
        found[f"{kind}_run"] = record.ended - record.started
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


def _ratios(figures: dict[str, float], others: dict[str, float]) -> dict[str, float]:
    names = [(f"{kind}_{part}", others[kind]) for kind in KINDS for part in ("wall", "run")]
    return {name: round(figures[name] / other, 3) for name, other in names}


def _peer_versions(python: Path) -> dict[str, str]:
    ask = "import importlib.metadata as m; print(m.version('luigi'), m.version('kedro'))"
    luigi, kedro = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.split()
    return {"luigi": luigi, "kedro": kedro}


if __name__ == "__main__":
    main()
