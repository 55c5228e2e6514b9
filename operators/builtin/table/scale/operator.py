"""Brings columns of numbers to a common scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operators.builtin.features import feature_frame
from operators.errors import InputError, ParameterError
from operators.frames import known_table
from operators.schemas import Column, ModelSchema, TableSchema

NUMBERS = ("integer", "number")


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    import pyarrow as pa

    from operators.artifacts.table import table_schema
    from operators.values import Model

    table = inputs["table"]
    columns = _columns(table_schema(table.schema), params)
    if table.num_rows == 0:
        raise InputError("The table has no rows, so there is no scale to find. Let some rows come in.")
    scaler = _scaler(params)
    values = scaler.fit_transform(feature_frame(table, columns))
    scaled = {column.name: pa.array(values[:, index], from_pandas=True) for index, column in enumerate(columns)}
    made = {name: scaled.get(name, table[name]) for name in table.column_names}
    facts = {"method": params["method"], "rows": table.num_rows}
    return {"table": pa.table(made), "model": Model(scaler, "transform", columns, facts=facts)}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    _check_range(params)
    schema = known_table(schemas, "table")
    if schema is None:
        return {"table": None, "model": ModelSchema("transform")}
    columns = _columns(schema, params)
    scaled = schema.with_columns(Column(column.name, "number") for column in columns)
    return {"table": scaled, "model": ModelSchema("transform", columns)}


def _columns(schema: TableSchema, params: Mapping[str, Any]) -> tuple[Column, ...]:
    _check_range(params)
    if not params["columns"]:
        columns = tuple(column for column in schema.columns if column.type in NUMBERS)
        if not columns:
            raise ParameterError("The table has no column of numbers. Let one come in.", "/columns")
        return columns
    columns = tuple(schema.column(name, f"/columns/{index}") for index, name in enumerate(params["columns"]))
    for index, column in enumerate(columns):
        if column.type not in (*NUMBERS, "unknown"):
            raise ParameterError(
                f"{column.name!r} is a {column.type} column; only numbers can be scaled.", f"/columns/{index}"
            )
    return columns


def _check_range(params: Mapping[str, Any]) -> None:
    if params["method"] == "min_max" and params["high"] <= params["low"]:
        raise ParameterError(
            f"The range ends at {params['high']} and begins at {params['low']}: its end must be larger.", "/high"
        )


def _scaler(params: Mapping[str, Any]) -> Any:
    from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

    if params["method"] == "min_max":
        return MinMaxScaler(feature_range=(params["low"], params["high"]))
    return {"standard": StandardScaler, "robust": RobustScaler, "max_abs": MaxAbsScaler}[params["method"]]()
