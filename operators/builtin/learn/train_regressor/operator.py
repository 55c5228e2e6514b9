"""Train a regressor on a table and say how good it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from operators.builtin.features import NUMBERS, choose_features, choose_target
from operators.errors import InputError
from operators.schemas import Column, ModelSchema, PortSchema, TableSchema

from .algorithms import estimator_for

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from operators.context import RunContext

IMPORTANCES = TableSchema((Column("feature", "string"), Column("importance", "number")))
SCORINGS = {
    "r2": "r2",
    "mae": "neg_mean_absolute_error",
    "rmse": "neg_root_mean_squared_error",
    "median_absolute_error": "neg_median_absolute_error",
}


def configure(schemas: Mapping[str, PortSchema | None], params: Mapping[str, Any]) -> dict[str, PortSchema | None]:
    table = schemas["table"]
    if not isinstance(table, TableSchema):
        return {"model": None, "importances": IMPORTANCES}
    target = choose_target(table, params["target"], NUMBERS)
    features = choose_features(table, params["features"], target.name)
    return {"model": ModelSchema("regression", features, target), "importances": IMPORTANCES}


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
    target = choose_target(schema, params["target"], NUMBERS)
    columns = choose_features(schema, params["features"], target.name)
    table, values = _known(inputs["table"], target.name, context)
    frame = feature_frame(table, columns)

    require_neighbours(params["algorithm"], len(values), params["folds"])

    def make() -> Any:
        return estimator_for(params, columns, context.seed)

    with told_warnings(context), bounded_threads(len(values)):
        scores = _scores(make, frame, values, params["folds"], context)
        pipeline = unthreaded(make().fit(frame, values))
        weights = importances(pipeline, frame, values, columns, context.seed)
    for name, value in scores.items():
        context.metric(name, value)
    facts = {"algorithm": dict(params["algorithm"]), "rows": len(values), "scores": scores}
    return {
        "model": Model(pipeline, "regression", columns, target, None, facts),
        "metrics": {"rows": len(values), "features": len(columns), **scores},
        "importances": weights,
    }


def _known(table: pa.Table, target: str, context: RunContext) -> tuple[pa.Table, np.ndarray]:
    """The rows whose target is a finite number, and these numbers."""
    import numpy as np
    import pyarrow as pa

    numbers = np.asarray(table[target].cast(pa.float64()).to_numpy(), float)
    finite = np.isfinite(numbers)
    if finite.sum() < 2:
        raise InputError(f"The target {target!r} must have at least two numbers; found {int(finite.sum())}.")
    if not finite.all():
        context.logger.warning("%d rows without a number in %r are left out.", int((~finite).sum()), target)
        table, numbers = table.filter(pa.array(finite)), numbers[finite]
    return table, numbers


def _scores(make: Any, frame: Any, values: np.ndarray, folds: int, context: RunContext) -> dict[str, float]:
    from sklearn.model_selection import KFold

    from operators.builtin.learn.assessment import cross_validation

    # A fold needs two rows: of one row alone no R² can be said.
    possible = min(folds, len(values) // 2)
    if possible < folds:
        context.logger.warning("There are %d rows, so there are at most %d folds.", len(values), possible)
    if possible < 2:
        return {}
    splitter = KFold(possible, shuffle=True, random_state=context.seed)
    return cross_validation(make, frame, values, splitter, SCORINGS, context)
