"""Running 100 finished steps again, as JSON: seconds from the request to the end as its caller sees it.

The same chain of 100 steps is asked for again and again of a running engine: each time it is checked, planned, queued,
taken up, and every step is found to be finished. `run` is the part from its start to its end in the run's record.
"""

from __future__ import annotations

import json
import sys
import time

from bench_steps import HERE, STEPS, example
from measure import House, machine, middle, versions

ROUNDS = 15
GOAL = 0.3


def main() -> None:
    """Measure and print; fails where it takes 0.3 seconds or more."""
    walls, runs = [], []
    with House(operator_folders=(HERE / "operators",)) as house:
        pipeline = example("chain", "table")
        house.run(pipeline)
        for _ in range(ROUNDS):
            began = time.perf_counter()
            record = house.run(pipeline)
            walls.append(time.perf_counter() - began)
            runs.append((record.ended or 0) - (record.started or 0))
        states = {view.record.state for view in house.application.runs.steps(record.id)}
    if states != {"reused"}:
        raise RuntimeError(f"The steps were not reused: they are {sorted(states)}.")
    figures = {
        "steps": STEPS,
        "rounds": ROUNDS,
        "seconds": {"wall": middle(walls), "run": middle(runs), "worst": round(max(walls), 4)},
        "goal": GOAL,
        "versions": versions("sqlalchemy"),
        "machine": machine(),
    }
    print(json.dumps(figures, indent=2))
    sys.exit(middle(walls) >= GOAL)


if __name__ == "__main__":
    main()
