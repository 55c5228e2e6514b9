"""What `bench_steps.py` compares with: steps of Kedro, one after the other in one process, tables in memory.

`python kedro_steps.py (chain|fan_out) STEPS` prints the seconds that the runner took.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import node, pipeline
from kedro.runner import SequentialRunner


def pass_on(table: Any) -> Any:
    """Pass a table on."""
    return table


if __name__ == "__main__":
    shape, steps = sys.argv[1], int(sys.argv[2])
    sources = [f"t{number if shape == 'chain' else min(number, 1)}" for number in range(steps)]
    nodes = [node(pass_on, sources[number], f"t{number + 1}", name=f"n{number}") for number in range(steps)]
    work = pipeline(nodes)
    catalog = DataCatalog({"t0": MemoryDataset({"value": [1]})})
    began = time.perf_counter()
    SequentialRunner().run(work, catalog)
    print(time.perf_counter() - began)
