"""Computes columns from the others by SQL expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operators.errors import ParameterError
from operators.frames import check_expression, coarse_type, empty_frame, known_table, parse_expression, polars_type
from operators.schemas import Column


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    frame = inputs["table"]
    for index in range(len(params["columns"])):
        frame = _derived(frame, params["columns"][index], f"/columns/{index}")
    return {"table": frame}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    schema = known_table(schemas, "table")
    if schema is None:
        for index, column in enumerate(params["columns"]):
            parse_expression(column["expression"], f"/columns/{index}/expression")
        return {"table": None}
    for index, column in enumerate(params["columns"]):
        derived = _derived(empty_frame(schema), column, f"/columns/{index}").collect_schema()
        schema = schema.with_columns([Column(column["name"], coarse_type(derived[column["name"]]))])
    return {"table": schema}


def _derived(frame: Any, column: Mapping[str, Any], pointer: str) -> Any:
    text = column["expression"]
    expression = parse_expression(text, f"{pointer}/expression")
    found = check_expression(expression, text, frame, f"{pointer}/expression")
    if column["type"] != "as_is":
        expression = _converted(expression, found, column["type"], pointer)
    return frame.with_columns(expression.alias(column["name"]))


def _converted(expression: Any, found: Any, wanted: str, pointer: str) -> Any:
    import polars as pl

    target = polars_type(wanted)
    if found == pl.String and wanted in ("date", "datetime"):
        return expression.str.to_date() if wanted == "date" else expression.str.to_datetime(time_unit="us")
    try:
        pl.DataFrame(schema={"value": found}).select(pl.col("value").cast(target))
    except pl.exceptions.PolarsError as error:
        raise ParameterError(
            f"A value of type {coarse_type(found)} cannot become one of type {wanted}. Choose another type, or change"
            " the expression.",
            f"{pointer}/type",
        ) from error
    return expression.cast(target)
