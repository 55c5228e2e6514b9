"""Measure how good predictions are, and show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from operators.builtin.learn.labels import PROBABILITY
from operators.errors import InputError, ParameterError
from operators.schemas import Column, PortSchema, TableSchema

if TYPE_CHECKING:
    import pyarrow as pa

    from operators.context import RunContext

DETAILS = {
    "classification": TableSchema(
        (
            Column("class", "string"),
            Column("precision", "number"),
            Column("recall", "number"),
            Column("f1", "number"),
            Column("rows", "integer"),
        )
    ),
    "regression": TableSchema(
        (
            Column("from", "number"),
            Column("to", "number"),
            Column("rows", "integer"),
            Column("mean_error", "number"),
            Column("mae", "number"),
            Column("rmse", "number"),
        )
    ),
}


def configure(schemas: Mapping[str, PortSchema | None], params: Mapping[str, Any]) -> dict[str, PortSchema | None]:
    table = schemas["predictions"]
    if isinstance(table, TableSchema):
        return {"details": DETAILS[_task(table, params)]}
    return {"details": DETAILS.get(params["task"])}


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: RunContext) -> dict[str, Any]:
    from operators.artifacts.table import table_schema

    task = _task(table_schema(inputs["predictions"].schema), params)
    table = _judged_rows(inputs["predictions"], params, context)
    if task == "classification":
        from . import classification

        metrics, report, details = classification.assess(table, params)
    else:
        from . import regression

        metrics, report, details = regression.assess(table, params, context.seed)
    for name, value in metrics.items():
        context.metric(name, value)
    return {"metrics": metrics, "report": report, "details": details}


def _task(schema: TableSchema, params: Mapping[str, Any]) -> str:
    """What the predictions are: as asked for, or as the columns tell."""
    target = schema.column(params["target"], "/target")
    prediction = schema.column(params["prediction"], "/prediction")
    numbers = {"integer", "number"}
    if params["task"] == "regression":
        for column, pointer in ((target, "/target"), (prediction, "/prediction")):
            if column.type not in (*numbers, "unknown"):
                raise ParameterError(f"{column.name!r} holds {column.type} values; errors need numbers.", pointer)
        return "regression"
    if params["task"] == "classification" or any(name.startswith(PROBABILITY) for name in schema.names):
        return "classification"
    real = {target.type, prediction.type} <= numbers and "number" in (target.type, prediction.type)
    return "regression" if real else "classification"


def _judged_rows(table: pa.Table, params: Mapping[str, Any], context: RunContext) -> pa.Table:
    """The rows in which both the truth and the prediction are known."""
    import pyarrow.compute as compute

    target, prediction = params["target"], params["prediction"]
    known = table.filter(compute.and_(compute.is_valid(table[target]), compute.is_valid(table[prediction])))
    if not known.num_rows:
        raise InputError(f"There is no row in which both {target!r} and {prediction!r} have a value.")
    if known.num_rows < table.num_rows:
        missing = table.num_rows - known.num_rows
        context.logger.warning("%d rows without a truth or a prediction are left out.", missing)
    return known
