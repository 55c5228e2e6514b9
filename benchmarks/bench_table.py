"""A table of 10 million rows and 10 columns through read, filter, derive and group, against Polars scripts, as JSON.

The same work is done, in turns, by

- `opyard`: a run of four steps in a running engine, each in a process of its own, that keeps and summarizes results;
- `kept`: one Polars script that keeps every result as Parquet, as Opyard does (lazy, streaming, uncompressed);
- `eager`: one Polars script that holds every result in memory and keeps the last;
- `lazy`: one Polars script that is a single query, reads only the columns it needs and keeps but the last result.

Seconds are wall time: of a script from the start of its process to its end, of Opyard from the request to the end as
its caller sees it; `cpu_seconds` are processor time. Memory is the greatest proportional set size of the whole process
tree, sampled every 50 ms (`private`: without the pages of files). Figures are medians over the rounds. The input is
made once, under the temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from measure import House, MemoryPeak, machine, middle, tree_seconds, versions

from marketplace.pipelines.document import Edge, End, Node, Pipeline

ROWS = 10_000_000
CHUNK = 1_000_000
ROUNDS = 5
SCRIPTS = ("kept", "eager", "lazy")
READERS = {"csv": "read_csv", "parquet": "read_parquet"}
GOALS = {"seconds": 1.3, "memory": 1.5}

CONDITION = "quantity > 15 AND rating >= 1.5"
REVENUE = "price * quantity * (1 - discount)"
SUMMARIES = (
    {"function": "count"},
    {"function": "sum", "column": "revenue"},
    {"function": "mean", "column": "rating"},
    {"function": "max", "column": "day"},
)


def main() -> None:
    """Measure and print; fails where the ratio to `kept` misses a goal."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=ROWS)
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    arguments.add_argument("--inputs", nargs="+", choices=sorted(READERS), default=sorted(READERS))
    arguments.add_argument("--scripts", nargs="*", choices=SCRIPTS, default=SCRIPTS)
    options = arguments.parse_args()
    folder = make_input(options.rows)
    figures: dict[str, Any] = {"rows": options.rows, "columns": 10, "rounds": options.rounds}
    with House() as house:
        for kind in options.inputs:
            path = folder / f"table.{kind}"
            figures[kind] = {"bytes": path.stat().st_size, **_compare(house, kind, path, options)}
    figures |= {"goals": GOALS, "versions": versions("polars", "pyarrow"), "machine": machine()}
    print(json.dumps(figures, indent=2))
    sys.exit(any(_misses(figures[kind]) for kind in options.inputs))


def make_input(rows: int) -> Path:
    """A folder with the table as CSV and as Parquet; the same one each time."""
    folder = Path(tempfile.gettempdir(), f"opyard-bench-table-{rows}-1")
    if not (folder / "table.parquet").exists():
        folder.mkdir(exist_ok=True)
        import polars as pl

        frame = pl.concat([_chunk(start, min(CHUNK, rows - start)) for start in range(0, rows, CHUNK)])
        frame.write_csv(folder / "table.csv")
        frame.write_parquet(folder / "unfinished")
        (folder / "unfinished").rename(folder / "table.parquet")
    return folder


def _chunk(start: int, rows: int) -> Any:
    import numpy as np
    import polars as pl

    random = np.random.default_rng(start)
    regions = ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"]
    days = pl.Series(random.integers(0, 3650, rows)).cast(pl.Duration("ms")) * 86_400_000
    return pl.DataFrame(
        {
            "id": np.arange(start, start + rows),
            "customer": random.integers(1, 400_000, rows),
            "quantity": random.integers(1, 51, rows),
            "price": np.round(random.gamma(2.0, 20.0, rows), 2),
            "discount": np.round(random.random(rows) * 0.3, 3),
            "rating": np.round(1 + random.random(rows) * 4, 1),
            "region": pl.Series(regions).gather(random.integers(0, len(regions), rows)),
            "product": "P" + pl.Series(random.integers(1000, 3000, rows)).cast(pl.String),
            "code": pl.Series(random.integers(0, 2**31, rows)).cast(pl.String),
            "day": (pl.Series([0]).cast(pl.Datetime("ms")) + days).cast(pl.Date),
        }
    )


def _compare(house: House, kind: str, path: Path, options: argparse.Namespace) -> dict[str, Any]:
    pipeline = example(kind, path)
    measured: dict[str, list[dict[str, Any]]] = {name: [] for name in ("opyard", *options.scripts)}
    for _ in range(options.rounds):
        measured["opyard"].append(_run(house, pipeline))
        for name in options.scripts:
            measured[name].append(_script(name, kind, path))
    results = [entry.pop("groups") for entries in measured.values() for entry in entries]
    if any(result != results[0] for result in results):
        raise RuntimeError("The results differ.")
    table = {name: _medians(entries) for name, entries in measured.items()}
    table["ratios"] = {name: _ratios(table["opyard"], table[name]) for name in options.scripts}
    return table


def example(kind: str, path: Path) -> Pipeline:
    """Read, filter, derive, group."""
    steps: dict[str, tuple[str, dict[str, Any]]] = {
        "read": (f"data.{READERS[kind]}", {"path": str(path)}),
        "filter": ("table.filter_rows", {"expression": CONDITION}),
        "derive": ("table.derive_column", {"columns": [{"name": "revenue", "expression": REVENUE}]}),
        "group": ("table.group", {"keys": ["region", "product"], "aggregations": list(SUMMARIES)}),
    }
    nodes = [
        Node(id=name, operator=f"opyard.{steps[name][0]}", version="1.0.0", params=steps[name][1]) for name in steps
    ]
    edges = [Edge(End(before, "table"), End(after, "table")) for before, after in pairwise(steps)]
    return Pipeline(name="table", nodes=tuple(nodes), edges=tuple(edges))


def _run(house: House, pipeline: Pipeline) -> dict[str, Any]:
    house.forget_artifacts()
    with MemoryPeak([house.engine.pid]) as peak:
        worked = tree_seconds([house.engine.pid])
        began = time.perf_counter()
        record = house.run(pipeline, fresh=True)
        seconds = time.perf_counter() - began
        worked = tree_seconds([house.engine.pid]) - worked
    views = {view.record.node: view for view in house.application.runs.steps(record.id)}
    steps = {name: {k: round(v, 3) for k, v in view.result.timings.items()} for name, view in views.items()}
    folder = Path(views["group"].record.output.removeprefix("file://"))
    return {
        "seconds": seconds,
        "cpu_seconds": worked,
        "engine_seconds": record.ended - record.started,
        "memory": peak.shared_once,
        "private": peak.private,
        "steps": steps,
        "groups": _digest(folder / "table.parquet"),
    }


def _script(name: str, kind: str, path: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="opyard-bench-") as folder:
        script = Path(__file__).with_name("peers") / "polars_scripts.py"
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, script, name, kind, path, folder])
        with MemoryPeak([process.pid]) as peak:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"The script {name} ended with {process.returncode}.")
        return {
            "seconds": seconds,
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "memory": peak.shared_once,
            "private": peak.private,
            "groups": _digest(Path(folder, "group.parquet")),
        }


def _digest(path: Path) -> list[Any]:
    """What the groups add up to, rounded: sums of floats differ in their last digits."""
    import polars as pl

    frame = pl.read_parquet(path)
    return [
        frame.height,
        frame["rows"].sum(),
        f"{frame['revenue_sum'].sum():.9e}",
        f"{frame['rating_mean'].mean():.9e}",
        str(frame["day_max"].max()),
    ]


def _medians(entries: list[dict[str, Any]]) -> dict[str, Any]:
    summary = {key: middle([entry[key] for entry in entries], 3) for key in entries[0] if key != "steps"}
    summary["seconds_each"] = [round(entry["seconds"], 2) for entry in entries]
    if "steps" in entries[0]:
        summary["steps"] = entries[-1]["steps"]
    return summary


def _ratios(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, float]:
    return {key: round(ours[key] / theirs[key], 3) for key in ("seconds", "cpu_seconds", "memory", "private")}


def _misses(table: dict[str, Any]) -> bool:
    return "kept" in table["ratios"] and any(table["ratios"]["kept"][key] > goal for key, goal in GOALS.items())


if __name__ == "__main__":
    main()
