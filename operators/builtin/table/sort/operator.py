"""Puts rows in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operators.errors import ParameterError
from operators.frames import known_table, schema_of
from operators.schemas import TableSchema

WITHOUT_ORDER = ("list", "struct", "binary")


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    frame = inputs["table"]
    _check(schema_of(frame), params)
    ordered = frame.sort(
        [entry["column"] for entry in params["by"]],
        descending=[entry["descending"] for entry in params["by"]],
        nulls_last=params["missing"] == "last",
        maintain_order=True,
    )
    return {"table": ordered if params["limit"] is None else ordered.head(params["limit"])}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    schema = known_table(schemas, "table")
    if schema is not None:
        _check(schema, params)
    return {"table": schema}


def _check(schema: TableSchema, params: Mapping[str, Any]) -> None:
    for index, entry in enumerate(params["by"]):
        column = schema.column(entry["column"], f"/by/{index}/column")
        if column.type in WITHOUT_ORDER:
            raise ParameterError(
                f"{column.name!r} is a {column.type} column, whose values have no order. Choose another column.",
                f"/by/{index}/column",
            )
