"""Group the rows of a table by likeness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from operators.builtin.features import NUMBERS, choose_features
from operators.errors import ParameterError
from operators.schemas import Column, ModelSchema, PortSchema, TableSchema

from .algorithms import CAN_PREDICT, check_rows, estimator_for

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    import pyarrow as pa

    from operators.context import RunContext

JUDGED_ROWS = 5_000


def configure(schemas: Mapping[str, PortSchema | None], params: Mapping[str, Any]) -> dict[str, PortSchema | None]:
    table = schemas["table"]
    if not isinstance(table, TableSchema):
        return {"table": None, "clusters": None, "model": None}
    _refuse_taken(table, params["column"])
    features = choose_features(table, params["features"])
    column = Column(params["column"], "integer")
    means = tuple(Column(name, "number") for name in _averaged(features, params["column"]))
    clusters = (column, Column("rows", "integer"), Column("share", "number"), *means)
    predicts = params["algorithm"]["kind"] in CAN_PREDICT
    return {
        "table": TableSchema((*table.columns, column)),
        "clusters": TableSchema(clusters),
        "model": ModelSchema("clustering", features) if predicts else None,
    }


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: RunContext) -> dict[str, Any]:
    import pyarrow as pa

    from operators.artifacts.table import table_schema
    from operators.builtin.features import feature_frame
    from operators.builtin.learn.assessment import bounded_threads, told_warnings

    table = inputs["table"]
    schema = table_schema(table.schema)
    _refuse_taken(schema, params["column"])
    columns = choose_features(schema, params["features"])
    frame = feature_frame(table, columns)
    check_rows(params["algorithm"], frame.height)
    pipeline = estimator_for(params, columns, context.seed)
    with told_warnings(context), bounded_threads(frame.height):
        labels = pipeline.fit_predict(frame)
        metrics = _metrics(pipeline, frame, labels, context)
    return {
        "table": table.append_column(params["column"], pa.array(labels, pa.int64())),
        "clusters": _clusters(frame, labels, columns, params["column"]),
        "model": _model(pipeline, columns, params, metrics),
        "metrics": metrics,
    }


def _refuse_taken(schema: TableSchema, column: str) -> None:
    if column in schema.names:
        raise ParameterError(f"The table has a column {column!r} already. Choose another name.", "/column")


def _averaged(features: Sequence[Column], column: str) -> list[str]:
    """The features whose mean is given for each cluster."""
    return [feature.name for feature in features if feature.type in NUMBERS and feature.name not in ("rows", "share")]


def _metrics(pipeline: Any, frame: pl.DataFrame, labels: np.ndarray, context: RunContext) -> dict[str, float]:
    """Counts, and how compact and apart the clusters are (rows that DBSCAN calls noise, -1, are left out)."""
    import numpy as np

    found = np.unique(labels[labels >= 0])
    metrics: dict[str, float] = {"rows": len(labels), "clusters": len(found), "noise_rows": int((labels < 0).sum())}
    model = pipeline.named_steps["model"]
    if hasattr(model, "inertia_"):
        metrics["inertia"] = float(model.inertia_)
    if hasattr(model, "bic"):
        metrics["bic"] = float(model.bic(pipeline.named_steps["prepare"].transform(frame)))
    return metrics | _judged(pipeline.named_steps["prepare"], frame, labels, context.seed)


def _judged(prepare: Any, frame: pl.DataFrame, labels: np.ndarray, seed: int) -> dict[str, float]:
    import numpy as np
    from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

    inside = np.flatnonzero(labels >= 0)
    rows = np.sort(np.random.default_rng(seed).permutation(inside)[:JUDGED_ROWS])
    chosen = labels[rows]
    if not 2 <= len(np.unique(chosen)) < len(chosen):
        return {}
    points = prepare.transform(frame[rows])
    return {
        "silhouette": float(silhouette_score(points, chosen)),
        "davies_bouldin": float(davies_bouldin_score(points, chosen)),
        "calinski_harabasz": float(calinski_harabasz_score(points, chosen)),
    }


def _clusters(frame: pl.DataFrame, labels: np.ndarray, columns: Sequence[Column], name: str) -> pa.Table:
    """One row a cluster: its number, rows, share of all rows, and the mean of every number."""
    import polars as pl

    means = [pl.col(feature).mean() for feature in _averaged(columns, name)]
    counts = [pl.len().cast(pl.Int64).alias("rows"), (pl.len() / len(labels)).alias("share")]
    keyed = frame.with_columns(pl.Series("\0cluster", labels, pl.Int64))
    grouped = keyed.group_by("\0cluster").agg(*counts, *means).sort("\0cluster")
    return grouped.rename({"\0cluster": name}).to_arrow()


def _model(pipeline: Any, columns: Sequence[Column], params: Mapping[str, Any], metrics: dict[str, float]) -> Any:
    from operators.values import Model

    if params["algorithm"]["kind"] not in CAN_PREDICT:
        return None
    return Model(pipeline, "clustering", columns, facts={"algorithm": dict(params["algorithm"]), "scores": metrics})
