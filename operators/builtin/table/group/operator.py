"""Puts rows of equal keys together and summarises each group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from operators.errors import ParameterError
from operators.frames import coarse_type, known_table, polars_type, schema_of
from operators.schemas import Column, TableSchema

SUMMARIES: dict[str, Callable[[Any], Any]] = {
    "count_values": lambda column: column.count(),
    "count_distinct": lambda column: column.drop_nulls().n_unique(),
    "sum": lambda column: column.sum(),
    "mean": lambda column: column.mean(),
    "median": lambda column: column.median(),
    "min": lambda column: column.min(),
    "max": lambda column: column.max(),
    "std": lambda column: column.std(),
    "var": lambda column: column.var(),
    "first": lambda column: column.first(),
    "last": lambda column: column.last(),
}
COUNTED = ("count", "count_values", "count_distinct")
OF_NUMBERS = ("sum", "mean", "median", "std", "var")
ORDERED = ("integer", "number", "string", "boolean", "date", "datetime", "time", "duration")


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    import polars as pl

    frame = inputs["table"]
    _check(schema_of(frame), params)
    keys = params["keys"]
    summaries = [_summary(entry).alias(_name(entry)) for entry in params["aggregations"]]
    if not keys:
        return {"table": frame.select(summaries)}
    # The groups come in any order; sorted by their keys they come in one that is always the same.
    return {"table": frame.group_by(pl.col(keys)).agg(summaries).sort(keys)}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    schema = known_table(schemas, "table")
    _check_names(params)
    if schema is None:
        return {"table": None}
    _check(schema, params)
    keys = [schema.column(key) for key in params["keys"]]
    return {"table": TableSchema((*keys, *(_described(entry, schema) for entry in params["aggregations"])))}


def _summary(entry: Mapping[str, Any]) -> Any:
    import polars as pl

    return pl.len() if entry["function"] == "count" else SUMMARIES[entry["function"]](pl.col(entry["column"]))


def _name(entry: Mapping[str, Any]) -> str:
    default = "rows" if entry["function"] == "count" else f"{entry['column']}_{entry['function']}"
    return str(entry.get("name") or default)


def _described(entry: Mapping[str, Any], schema: TableSchema) -> Column:
    """The column that a summary makes, with the type that Polars gives it."""
    import polars as pl

    if entry["function"] in COUNTED:
        return Column(_name(entry), "integer")
    source = polars_type(schema.column(entry["column"]).type)
    made = pl.LazyFrame(schema={entry["column"]: source}).select(_summary(entry)).collect_schema()
    return Column(_name(entry), coarse_type(made[entry["column"]]))


def _check(schema: TableSchema, params: Mapping[str, Any]) -> None:
    _check_names(params)
    for index, key in enumerate(params["keys"]):
        schema.column(key, f"/keys/{index}")
    for index, entry in enumerate(params["aggregations"]):
        if entry["function"] == "count":
            continue
        pointer = f"/aggregations/{index}/column"
        column = schema.column(entry["column"], pointer)
        if not _takes(entry["function"], column.type):
            raise ParameterError(
                f"The {entry['function']} of {column.name!r} cannot be computed: it is a {column.type} column. Choose"
                " a column of numbers, or another function.",
                pointer,
            )


def _takes(function: str, column_type: str) -> bool:
    if column_type == "unknown" or function in (*COUNTED, "first", "last"):
        return True
    if function in OF_NUMBERS:
        return column_type in ("integer", "number", "boolean", "duration")
    return column_type in ORDERED


def _check_names(params: Mapping[str, Any]) -> None:
    taken = set(params["keys"])
    for index, entry in enumerate(params["aggregations"]):
        name = _name(entry)
        if name in taken:
            raise ParameterError(
                f"Two columns of the result would be called {name!r}. Give this summary another name.",
                f"/aggregations/{index}/name",
            )
        taken.add(name)
