"""Validation and schema flow of a pipeline of 500 nodes, as JSON: seconds, cold and warm.

`cold` is the first check of a fresh process: it starts the process that asks operators, which imports Polars. `warm`
checks the same pipeline again, `edited` after one parameter half-way down has changed.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from marketplace.catalogue import Catalogue, load_catalogue
from marketplace.pipelines.document import Edge, End, Node, Pipeline
from marketplace.pipelines.flow import SchemaFlow
from marketplace.pipelines.validation import validate
from marketplace.settings import load_settings
from operators.configure import ConfigureProcess

NODES = 500
BRANCHES = 10

# What the nodes of a branch do, over and over; the columns are those of the breast cancer data.
STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("opyard.table.filter_rows", {"expression": "mean_radius > {number}"}),
    ("opyard.table.derive_column", {"columns": [{"name": "size_{number}", "expression": "mean_radius * mean_area"}]}),
    ("opyard.table.select_columns", {"mode": "drop", "columns": ["size_{number}"]}),
    ("opyard.table.split", {"stratify": "diagnosis"}),
)


def example(catalogue: Catalogue, nodes: int = NODES) -> Pipeline:
    """A source and branches of steps, each wired to the one before."""
    made = [_node(catalogue, "source", "opyard.data.example_data", {"name": "breast_cancer"})]
    edges = []
    for number in range(nodes - 1):
        at = number // BRANCHES
        operator, params = STEPS[at % len(STEPS)]
        known = number - number % BRANCHES - BRANCHES * (at % len(STEPS)) + number % BRANCHES
        filled = json.loads(json.dumps(params).replace("{number}", str(known)))
        node = _node(catalogue, f"n{number}", operator, filled)
        before = made[number - BRANCHES + 1] if number >= BRANCHES else made[0]
        output = catalogue.get(before.operator).spec.outputs[0].name
        edges.append(Edge(End(before.id, output), End(node.id, "table")))
        made.append(node)
    return Pipeline(name="five hundred", nodes=tuple(made), edges=tuple(edges))


def main() -> None:
    """Print the figures; fails where the pipeline has an error or the cold check takes a second."""
    catalogue = load_catalogue(load_settings({}))
    pipeline = example(catalogue)
    process = ConfigureProcess()
    flow = SchemaFlow(process)
    figures: dict[str, Any] = {"nodes": len(pipeline.nodes)}
    figures["cold_seconds"], problems = _timed(pipeline, catalogue, flow)
    figures["warm_seconds"], _ = _timed(pipeline, catalogue, flow)
    figures["edited_seconds"], _ = _timed(_edited(pipeline), catalogue, flow)
    schemas = flow.run(pipeline, catalogue).schemas
    figures["schemas_known"] = sum(schema is not None for ports in schemas.values() for schema in ports.values())
    figures["errors"] = [problem.message for problem in problems if problem.severity == "error"]
    figures["peak_memory_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    process.close()
    print(json.dumps(figures, indent=2))
    sys.exit(bool(figures["errors"]) or figures["cold_seconds"] >= 1.0)


def _node(catalogue: Catalogue, id: str, operator: str, params: dict[str, Any]) -> Node:
    return Node(id=id, operator=operator, version=catalogue.get(operator).spec.version, params=params)


def _edited(pipeline: Pipeline) -> Pipeline:
    nodes = list(pipeline.nodes)
    middle = next(at for at in range(len(nodes) // 2, len(nodes)) if "expression" in nodes[at].params)
    nodes[middle] = msgspec.structs.replace(nodes[middle], params={"expression": "mean_radius > -1"})
    return msgspec.structs.replace(pipeline, nodes=tuple(nodes))


def _timed(pipeline: Pipeline, catalogue: Catalogue, flow: SchemaFlow) -> tuple[float, Any]:
    began = time.perf_counter()
    problems = validate(pipeline, catalogue, flow, base=Path("/"))
    return round(time.perf_counter() - began, 4), problems


if __name__ == "__main__":
    main()
