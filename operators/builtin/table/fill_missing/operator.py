"""Puts something in place of missing values, or takes out the rows that have some."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from operators.errors import ParameterError
from operators.frames import coarse_type, empty_frame, known_table, polars_type, schema_of
from operators.schemas import Column, TableSchema

NUMBERS = ("integer", "number")
ORDERED = (*NUMBERS, "string", "boolean", "date", "datetime", "time", "duration")
# The types that a way of filling can be used on; every type where it is not named.
FITS = {
    "mean": NUMBERS,
    "median": NUMBERS,
    "interpolate": NUMBERS,
    "min": ORDERED,
    "max": ORDERED,
    "most_frequent": ORDERED,
}

FILLS: dict[str, Callable[[Any], Any]] = {
    "mean": lambda column: column.fill_null(column.mean()),
    "median": lambda column: column.fill_null(column.median()),
    # Of values that are equally frequent the smallest, so that the same table always gives the same result.
    "most_frequent": lambda column: column.fill_null(column.drop_nulls().mode().sort().first()),
    "min": lambda column: column.fill_null(column.min()),
    "max": lambda column: column.fill_null(column.max()),
    "previous": lambda column: column.forward_fill(),
    "next": lambda column: column.backward_fill(),
    "interpolate": lambda column: column.interpolate(),
}


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    return {"table": _filled(inputs["table"], params)}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    schema = known_table(schemas, "table")
    if schema is None:
        return {"table": None}
    filled = schema_of(_filled(empty_frame(schema), params))
    # A stand-in for a column whose type is not known says nothing of it.
    unknown = [column for column in schema.columns if column.type not in ORDERED]
    return {"table": filled.with_columns(unknown)}


def _filled(frame: Any, params: Mapping[str, Any]) -> Any:
    for index, rule in enumerate(params["rules"]):
        frame = _apply(_nan_as_null(frame), rule, f"/rules/{index}")
    return frame


def _apply(frame: Any, rule: Mapping[str, Any], pointer: str) -> Any:
    import polars as pl

    strategy = rule["strategy"]
    columns = _columns(schema_of(frame), rule, pointer)
    if strategy == "drop_rows":
        return frame.drop_nulls([column.name for column in columns])
    if strategy == "value":
        return frame.with_columns(_value(rule, column, frame, pointer) for column in columns)
    return frame.with_columns(FILLS[strategy](pl.col(column.name)) for column in columns)


def _columns(schema: TableSchema, rule: Mapping[str, Any], pointer: str) -> list[Column]:
    """The columns a rule is for: those it names, or all that its strategy can be used on."""
    fits = FITS.get(rule["strategy"])
    if not rule["columns"]:
        chosen = [column for column in schema.columns if fits is None or column.type in fits]
        return [column for column in chosen if rule["strategy"] != "value" or _fits_value(rule["value"], column.type)]
    columns = [schema.column(name, f"{pointer}/columns/{index}") for index, name in enumerate(rule["columns"])]
    for index, column in enumerate(columns):
        if fits is not None and column.type not in (*fits, "unknown"):
            raise ParameterError(
                f"{column.name!r} is a {column.type} column, which cannot be filled with the {rule['strategy']}. Choose"
                " another way to fill it.",
                f"{pointer}/columns/{index}",
            )
    return columns


def _fits_value(value: Any, column_type: str) -> bool:
    if isinstance(value, bool):
        return column_type == "boolean"
    if isinstance(value, str):
        return column_type == "string"
    return column_type in NUMBERS


def _value(rule: Mapping[str, Any], column: Column, frame: Any, pointer: str) -> Any:
    import polars as pl

    value, dtype = rule["value"], frame.collect_schema()[column.name]
    if column.type == "integer" and isinstance(value, float) and not value.is_integer():
        dtype = polars_type("number")
    try:
        filled = pl.Series([value]).cast(dtype)
        if coarse_type(dtype) == "boolean" and not isinstance(value, bool):
            raise pl.exceptions.InvalidOperationError("true or false is expected")
    except pl.exceptions.PolarsError as error:
        raise ParameterError(
            f"{value!r} does not fit the column {column.name!r}, which is of type {column.type}. Write a value of that"
            " type.",
            f"{pointer}/value",
        ) from error
    return pl.col(column.name).cast(dtype).fill_null(pl.lit(filled.item(), dtype=dtype))


def _nan_as_null(frame: Any) -> Any:
    import polars as pl
    import polars.selectors as select

    return frame.with_columns(select.by_dtype(pl.Float32, pl.Float64).fill_nan(None))
