"""Turns categories into numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from operators.builtin.features import feature_frame
from operators.errors import InputError, ParameterError
from operators.frames import known_table
from operators.schemas import Column, ModelSchema, TableSchema

CATEGORIES = ("string", "boolean", "integer", "unknown")


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    import pyarrow as pa

    from operators.artifacts.table import table_schema
    from operators.values import Model

    table = inputs["table"]
    columns = _columns(table_schema(table.schema), params)
    if table.num_rows == 0:
        raise InputError("The table has no rows, so there are no categories to find. Let some rows come in.")
    frame = feature_frame(table, columns)
    encoder = _encoder(params, frame)
    try:
        values = encoder.fit_transform(frame)
    except ValueError as error:
        raise InputError(f"The categories do not fit the order that is set: {error}. Add what is missing.") from error
    names = [str(name) for name in encoder.get_feature_names_out()]
    made = {name: pa.array(values[:, index], from_pandas=True) for index, name in enumerate(names)}
    read = {column.name for column in columns}
    kept = {name: table[name] for name in table.column_names if name in made or name not in read}
    model = Model(encoder, "transform", columns, facts={"method": params["method"], "columns": names[:100]})
    return {"table": pa.table(kept | made), "model": model}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    schema = known_table(schemas, "table")
    if schema is None:
        return {"table": None, "model": ModelSchema("transform")}
    columns = _columns(schema, params)
    # Which categories there are shows only in the data.
    encoded = [Column(column.name, "number") for column in columns]
    table = schema.with_columns(encoded) if params["method"] == "ordinal" else None
    return {"table": table, "model": ModelSchema("transform", columns)}


def _columns(schema: TableSchema, params: Mapping[str, Any]) -> tuple[Column, ...]:
    """The columns to encode. All are read as text, so that a number is a category by its digits."""
    if params["columns"]:
        chosen = [schema.column(name, f"/columns/{index}") for index, name in enumerate(params["columns"])]
    else:
        chosen = [column for column in schema.columns if column.type == "string"]
    if not chosen:
        raise ParameterError("The table has no text column. Choose the columns to encode.", "/columns")
    for index, column in enumerate(chosen):
        if column.type not in CATEGORIES:
            raise ParameterError(
                f"{column.name!r} is a {column.type} column; categories are texts, integers or true and false.",
                f"/columns/{index}",
            )
    _check_order([column.name for column in chosen], params)
    return tuple(Column(column.name, "string") for column in chosen)


def _check_order(names: Sequence[str], params: Mapping[str, Any]) -> None:
    for name in params["order"] if params["method"] == "ordinal" else ():
        if name not in names:
            raise ParameterError(
                f"{name!r} is not among the columns that are encoded ({', '.join(names)}). Add it there, or take its"
                " order away.",
                "/order/" + name.replace("~", "~0").replace("/", "~1"),
            )


def _encoder(params: Mapping[str, Any], frame: Any) -> Any:
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

    ignore = params["unknown"] == "ignore"
    if params["method"] == "one_hot":
        return OneHotEncoder(
            handle_unknown="infrequent_if_exist" if ignore else "error",
            max_categories=params["max_categories"],
            drop=None if params["drop"] == "none" else params["drop"],
            sparse_output=False,
        )
    unknown = {"handle_unknown": "use_encoded_value", "unknown_value": -1} if ignore else {"handle_unknown": "error"}
    if params["order"]:
        # Rare categories cannot be put together where the worth of each is set.
        return OrdinalEncoder(**unknown, categories=[_ordered(column, params["order"]) for column in frame])
    return OrdinalEncoder(**unknown, max_categories=params["max_categories"])


def _ordered(column: Any, order: Mapping[str, list[str]]) -> Any:
    """The categories of a column from low to high: as they are set, else by the alphabet. None is the missing one."""
    import numpy as np

    known = order.get(column.name) or sorted(column.drop_nulls().unique())
    return np.array([*known, None], dtype=object)
