"""The summary of a table that is in memory: every number in it is exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from operators.artifacts.arrow_types import column_type
from operators.artifacts.summary.cells import cells
from operators.artifacts.summary.column import summarize_column

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLE_LIMIT = 100_000
"""Tables of more rows are summarized from a sample of this many."""
SAMPLE_ROWS = 20
FULL_COLUMNS = 200


def summarize_table(table: pa.Table) -> dict[str, Any]:
    """Rows, columns with their statistics, and the first rows.

    ``{"rows", "exact", "columns": [{"name", "type", "arrow_type", "nulls", …}], "sample": [[…]]}``, and
    ``"columns_left_out"``, the number of columns after the first 200, which have no statistics.
    """
    columns = [
        describe(field, column.null_count, summarize_column(column) if place < FULL_COLUMNS else {})
        for place, (field, column) in enumerate(zip(table.schema, table.columns, strict=True))
    ]
    return {"rows": table.num_rows, "exact": True, "columns": columns, **left_out(len(columns)), "sample": rows(table)}


def summarize_attributes(table: pa.Table) -> dict[str, Any]:
    """``"columns"``, ``"sample"`` and ``"exact"`` of what travels beside pictures or vectors (first 100,000)."""
    summary = summarize_table(table.slice(0, SAMPLE_LIMIT))
    whole = table.num_rows <= SAMPLE_LIMIT
    del summary["rows"]
    return summary if whole else {**summary, "exact": False, "sampled_rows": SAMPLE_LIMIT}


def describe(field: pa.Field, nulls: int | None, facts: dict[str, Any]) -> dict[str, Any]:
    """The entry of one column."""
    about = {"name": field.name, "type": column_type(field.type), "arrow_type": str(field.type)}
    return {**about, "nulls": nulls, **facts}


def left_out(columns: int) -> dict[str, int]:
    """How many columns have no statistics, where there are such."""
    return {"columns_left_out": columns - FULL_COLUMNS} if columns > FULL_COLUMNS else {}


def rows(table: pa.Table | pa.RecordBatch) -> list[list[Any]]:
    """The first rows as JSON values."""
    first = table.slice(0, SAMPLE_ROWS)
    return [list(row) for row in zip(*(cells(column) for column in first.columns), strict=True)]
