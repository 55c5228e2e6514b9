"""Which columns an estimator reads, and how they are given to it; for every operator that learns from a table.

Everything here but `feature_frame` works on schemas alone, so that `configure` can use it without data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from operators.errors import ColumnMissing, InputError, ParameterError
from operators.schemas import Column, TableSchema

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

NUMBERS = ("integer", "number")
USABLE = (*NUMBERS, "boolean", "string")


def choose_features(
    schema: TableSchema, chosen: Sequence[str], target: str | None = None, pointer: str = "/features"
) -> tuple[Column, ...]:
    """The columns to learn from: those `chosen`, or all that can be used where none are; never the target.

    Raises:
        ColumnMissing: one of `chosen` does not come in.
        ParameterError: one of `chosen` is the target or of a type that no model reads, or nothing is left.
    """
    if chosen:
        return tuple(_chosen(schema, name, target, f"{pointer}/{index}") for index, name in enumerate(chosen))
    columns = tuple(column for column in schema.columns if column.type in USABLE and column.name != target)
    if not columns:
        raise ParameterError(
            "No column is left to learn from. Let numbers, texts or true/false columns come in beside the target.",
            pointer,
        )
    return columns


def _chosen(schema: TableSchema, name: str, target: str | None, pointer: str) -> Column:
    column = schema.column(name, pointer)
    if name == target:
        raise ParameterError(f"{name!r} is the target, so it cannot be learned from. Take it off the list.", pointer)
    if column.type not in (*USABLE, "unknown"):
        raise ParameterError(
            f"{name!r} holds {column.type} values; a model reads numbers, texts and true/false."
            " Derive a number from it.",
            pointer,
        )
    return column


def choose_target(schema: TableSchema, name: str, types: Sequence[str], pointer: str = "/target") -> Column:
    """The column to predict; `ParameterError` where it is of none of `types`."""
    column = schema.column(name, pointer)
    if column.type not in (*types, "unknown"):
        expected = ", ".join(types)
        raise ParameterError(f"{name!r} holds {column.type} values; expected one of {expected}.", pointer)
    return column


def require_features(names: Sequence[str], features: Sequence[Column]) -> None:
    """`ColumnMissing` where one of the `features` of a model is not among the columns `names`."""
    for column in features:
        if column.name not in names:
            raise ColumnMissing(column.name, names)


def feature_frame(table: pa.Table, columns: Sequence[Column]) -> pl.DataFrame:
    """The feature columns as the pipelines of this family read them: numbers and true/false as float64, texts as text.

    Raises:
        ColumnMissing: a column does not come in.
        InputError: a number is infinite, or a column cannot be read as the model's.
    """
    import polars as pl

    require_features(table.column_names, columns)
    frame = pl.DataFrame(pl.from_arrow(table.select([column.name for column in columns])))
    try:
        frame = frame.select(_as_feature(column) for column in columns)
    except pl.exceptions.PolarsError as error:
        raise InputError(f"A column is not of the type that the model was trained with: {error}") from error
    _refuse_infinite(frame)
    return frame


def _as_feature(column: Column) -> pl.Expr:
    import polars as pl

    return pl.col(column.name).cast(pl.String if column.type == "string" else pl.Float64)


def _refuse_infinite(frame: pl.DataFrame) -> None:
    import polars as pl
    import polars.selectors as select

    infinite = frame.select(select.float().is_infinite().sum()) if frame.height else pl.DataFrame()
    for column in infinite.columns:
        count = infinite[column][0]
        if count:
            raise InputError(
                f"The column {column!r} holds {count} infinite numbers. Replace them first, as with 'derive a column'."
            )
