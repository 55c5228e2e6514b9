"""Polars frames and what is known of them: schemas both ways, and SQL expressions that are checked before they run.

For operators that work on tables. Polars is imported inside the functions, so that importing this costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from operators.errors import ColumnMissing, ParameterError
from operators.schemas import Column, TableSchema

if TYPE_CHECKING:
    import polars as pl

_OPAQUE = ("unknown", "list", "struct")


def known_table(schemas: Mapping[str, Any], port: str) -> TableSchema | None:
    """What is known of the table on `port` before the run: None where it is not known, or not wired."""
    schema = schemas.get(port)
    return schema if isinstance(schema, TableSchema) else None


def schema_of(frame: pl.LazyFrame | pl.DataFrame) -> TableSchema:
    """The columns of a frame with their coarse types. Costs no data."""
    return TableSchema(tuple(Column(name, coarse_type(dtype)) for name, dtype in frame.collect_schema().items()))


def coarse_type(dtype: Any) -> str:
    """The coarse type (one of `form_specs.columns.COLUMN_TYPES`) of a Polars data type."""
    import polars as pl

    if dtype.is_integer():
        return "integer"
    if dtype.is_numeric():
        return "number"
    kinds: dict[Any, str] = {
        pl.Boolean: "boolean",
        pl.String: "string",
        pl.Categorical: "string",
        pl.Enum: "string",
        pl.Date: "date",
        pl.Datetime: "datetime",
        pl.Time: "time",
        pl.Duration: "duration",
        pl.Binary: "binary",
        pl.List: "list",
        pl.Array: "list",
        pl.Struct: "struct",
    }
    return kinds.get(dtype.base_type(), "unknown")


def polars_type(coarse: str) -> Any:
    """A Polars data type that stands for a coarse type; `Null` where the type is not known."""
    import polars as pl

    kinds: dict[str, Any] = {
        "integer": pl.Int64(),
        "number": pl.Float64(),
        "boolean": pl.Boolean(),
        "string": pl.String(),
        "date": pl.Date(),
        "datetime": pl.Datetime("us"),
        "time": pl.Time(),
        "duration": pl.Duration("us"),
        "binary": pl.Binary(),
        "list": pl.List(pl.Null()),
        "struct": pl.Struct([]),
    }
    return kinds.get(coarse, pl.Null())


@lru_cache(maxsize=64)
def empty_frame(schema: TableSchema) -> pl.LazyFrame:
    """A table without rows that has these columns. Kept, as many nodes of a pipeline see the same columns."""
    import polars as pl

    return pl.LazyFrame(schema={column.name: polars_type(column.type) for column in schema.columns})


def parse_expression(text: str, pointer: str) -> pl.Expr:
    """The Polars expression that a SQL expression means.

    Raises:
        ParameterError: it is not one expression; led to `pointer`.
    """
    import polars as pl

    try:
        return pl.sql_expr(text)
    except pl.exceptions.PolarsError as error:
        raise ParameterError(
            f"{text!r} is not a SQL expression: {_first_line(error)}. Write one expression over the columns, such as"
            ' price * 2 > 10; put names with spaces into double quotes: "unit price".',
            pointer,
        ) from error


def check_expression(expression: pl.Expr, text: str, frame: pl.LazyFrame, pointer: str) -> Any:
    """The Polars data type that an expression has over the columns of `frame`, found without its data.

    Raises:
        ColumnMissing: it names a column that is not there.
        ParameterError: its parts do not fit together, such as a text and a number that are added.
    """
    import polars as pl

    columns = frame.collect_schema()
    names = expression.meta.root_names()
    for name in names:
        if name not in columns:
            raise ColumnMissing(name, list(columns), pointer)
    try:
        # Collecting the empty table finds what the schema alone does not: a text compared with a number.
        empty = pl.LazyFrame(schema={name: columns[name] for name in names}).select(expression.alias("result"))
        return empty.collect().schema["result"]
    except pl.exceptions.PolarsError as error:
        if any(coarse_type(columns[name]) in _OPAQUE for name in names):
            return pl.Null()
        types = ", ".join(f"{name} ({coarse_type(columns[name])})" for name in dict.fromkeys(names)) or "none"
        raise ParameterError(
            f"{text!r} does not fit its columns: {_first_line(error)}. Its columns are {types}."
            " Convert with CAST(column AS DOUBLE), and write dates as DATE '2024-01-31'.",
            pointer,
        ) from error


def unused_name(names: Iterable[str], wanted: str) -> str:
    """`wanted`, with as many underscores as it takes to be none of `names`."""
    taken = set(names)
    while wanted in taken:
        wanted += "_"
    return wanted


def _first_line(error: Exception) -> str:
    line = next(iter(str(error).splitlines()), "")
    return re.sub(r" \(create native python .*\)$", "", line).rstrip(".: ")
