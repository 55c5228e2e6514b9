"""Train a classifier on a table and say how good it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from operators.builtin.features import choose_features, choose_target
from operators.errors import InputError
from operators.schemas import Column, ModelSchema, PortSchema, TableSchema

from .algorithms import estimator_for

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from operators.context import RunContext

LABELS = ("string", "boolean", "integer", "number")
IMPORTANCES = TableSchema((Column("feature", "string"), Column("importance", "number")))
MANY_CLASSES = 100


def configure(schemas: Mapping[str, PortSchema | None], params: Mapping[str, Any]) -> dict[str, PortSchema | None]:
    table = schemas["table"]
    if not isinstance(table, TableSchema):
        return {"model": None, "importances": IMPORTANCES}
    target = choose_target(table, params["target"], LABELS)
    features = choose_features(table, params["features"], target.name)
    return {"model": ModelSchema("classification", features, target), "importances": IMPORTANCES}


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: RunContext) -> dict[str, Any]:
    from operators.artifacts.table import table_schema
    from operators.builtin.features import feature_frame
    from operators.builtin.learn.assessment import (
        bounded_threads,
        importances,
        require_neighbours,
        told_warnings,
        unthreaded,
    )
    from operators.values import Model

    schema = table_schema(inputs["table"].schema)
    target = choose_target(schema, params["target"], LABELS)
    columns = choose_features(schema, params["features"], target.name)
    table = _with_labels(inputs["table"], target.name, context)
    frame, labels = feature_frame(table, columns), _labels(table, target)
    classes, smallest = _classes(labels, target.name)

    require_neighbours(params["algorithm"], len(labels), params["folds"])

    def make() -> Any:
        return estimator_for(params, columns, min(smallest, 5), context.seed)

    with told_warnings(context), bounded_threads(len(labels)):
        scores = _scores(make, frame, labels, smallest, params, context)
        pipeline = unthreaded(make().fit(frame, labels))
        weights = importances(pipeline, frame, labels, columns, context.seed)
    for name, value in scores.items():
        context.metric(name, value)
    facts = {"algorithm": dict(params["algorithm"]), "rows": table.num_rows, "scores": scores}
    return {
        "model": Model(pipeline, "classification", columns, target, classes, facts),
        "metrics": {"rows": table.num_rows, "features": len(columns), "classes": len(classes), **scores},
        "importances": weights,
    }


def _with_labels(table: pa.Table, target: str, context: RunContext) -> pa.Table:
    """The rows whose target is known."""
    import pyarrow.compute as compute

    known = table.filter(compute.is_valid(table[target]))
    if known.num_rows < table.num_rows:
        missing = table.num_rows - known.num_rows
        context.logger.warning("%d rows without a value in %r are left out.", missing, target)
    return known


def _labels(table: pa.Table, target: Column) -> np.ndarray:
    import numpy as np

    if target.type == "string":
        return np.array(table[target.name].to_pylist(), dtype=str)
    labels: np.ndarray = table[target.name].to_numpy()
    if labels.dtype.kind == "f" and not np.equal(np.mod(labels, 1), 0).all():
        raise InputError(
            f"The target {target.name!r} holds numbers with decimals, which are no classes. Train a regressor on it,"
            " or make classes of it first."
        )
    return labels.astype(bool) if labels.dtype == object else labels


def _classes(labels: np.ndarray, target: str) -> tuple[list[Any], int]:
    """The classes, sorted, and the number of rows in the smallest."""
    import numpy as np

    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2:
        found = f"only {classes[0].item()!r}" if len(classes) else "no rows"
        raise InputError(f"The target {target!r} must have at least two classes; found {found}.")
    if len(classes) > MANY_CLASSES and len(classes) * 2 > len(labels):
        raise InputError(
            f"The target {target!r} has {len(classes)} different values in {len(labels)} rows, so hardly two rows share"
            " a class. Choose another column, or train a regressor if it is a number."
        )
    return classes.tolist(), int(counts.min())


def _scores(
    make: Any, frame: Any, labels: np.ndarray, smallest: int, params: Mapping[str, Any], context: RunContext
) -> dict[str, float]:
    from sklearn.model_selection import StratifiedKFold

    from operators.builtin.learn.assessment import cross_validation

    folds = min(params["folds"], smallest)
    if folds < params["folds"]:
        context.logger.warning("The smallest class has %d rows, so there are at most that many folds.", smallest)
    if folds < 2:
        return {}
    scorings = {"accuracy": "accuracy", "balanced_accuracy": "balanced_accuracy", "f1_macro": "f1_macro"}
    if hasattr(make().named_steps["model"], "predict_proba"):
        scorings |= {"roc_auc": "roc_auc_ovr", "log_loss": "neg_log_loss"}
    splitter = StratifiedKFold(folds, shuffle=True, random_state=context.seed)
    return cross_validation(make, frame, labels, splitter, scorings, context)
