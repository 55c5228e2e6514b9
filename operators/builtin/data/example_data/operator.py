"""The small real data sets that scikit-learn carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operators.schemas import Column, TableSchema

from .columns import DATA_SETS


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    import pyarrow as pa
    from sklearn import datasets

    name = params["name"]
    described = DATA_SETS[name]
    # Diabetes comes scaled unless it is asked for as it was measured.
    loaded = getattr(datasets, f"load_{name}")(**({"scaled": False} if name == "diabetes" else {}))
    columns = {column: loaded.data[:, index] for index, column in enumerate(described.features)}
    targets = loaded.target if loaded.target.ndim == 2 else loaded.target.reshape(-1, 1)
    for index, column in enumerate(described.targets):
        columns[column] = _target(targets[:, index], loaded, _written_out(name, params))
    return {"table": pa.table(columns), "about": loaded.DESCR}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    described = DATA_SETS[params["name"]]
    target_type = "string" if _written_out(params["name"], params) else described.target_type
    features = [Column(name, "number") for name in described.features]
    return {"table": TableSchema((*features, *(Column(name, target_type) for name in described.targets)))}


def _written_out(name: str, params: Mapping[str, Any]) -> bool:
    return bool(params["labels"]) and DATA_SETS[name].classes


def _target(values: Any, loaded: Any, written_out: bool) -> Any:
    return [str(loaded.target_names[value]) for value in values] if written_out else values
