"""The summary of a table of many rows: exact where a Parquet footer says so, else from rows spread over all of it.

The rows of a sample are the same each time. Their distances are uneven, for even ones would see one side only of what
repeats: they follow the golden ratio, whose multiples fill every stretch evenly and fall into step with no period.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from operators.artifacts.buffers import to_arrow
from operators.artifacts.json_values import json_value
from operators.artifacts.summary.column import summarize_column
from operators.artifacts.summary.table import (
    FULL_COLUMNS,
    SAMPLE_LIMIT,
    SAMPLE_ROWS,
    describe,
    left_out,
    rows,
    summarize_table,
)

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq


_WHOLE = 2**32
_GOLDEN = 2654435769  # 2**32 divided by the golden ratio


def summarize_big_table(table: pa.Table) -> dict[str, Any]:
    """The summary of a table in memory, of the form that `summarize_table` gives, from about 100,000 of its rows.

    ``"exact"`` is false and ``"sampled_rows"`` says how many rows the statistics come from. What the sample alone
    cannot know is named so: ``"distinct_at_least"``. Rows and nulls are those of the whole table.
    """
    sample = table.select(range(min(FULL_COLUMNS, table.num_columns))).take(_places(table.num_rows))
    summary = _summary(table.schema, table.num_rows, sample)
    for about, column in zip(summary["columns"], table.columns, strict=True):
        about["nulls"] = column.null_count
    return {**summary, "sample": rows(table)}


def summarize_file(path: Path) -> tuple[pa.Schema, dict[str, Any]]:
    """The schema and the summary of a Parquet file that polars has written; small files are summarized exactly."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, memory_map=True) as file:
        schema, total = file.schema_arrow, file.metadata.num_rows
        if total <= SAMPLE_LIMIT:
            return schema, summarize_table(file.read())
        summary = _summary(schema, total, _spread_rows(path, schema.names[:FULL_COLUMNS], total))
        first = next(file.iter_batches(SAMPLE_ROWS))
        return schema, {**with_footer(summary, file.metadata), "sample": rows(first)}


def with_footer(summary: dict[str, Any], metadata: pq.FileMetaData) -> dict[str, Any]:
    """The summary with the nulls, least and greatest values of the whole file, as far as its footer has them."""
    leaves = {metadata.schema.column(place).path: place for place in range(metadata.num_columns)}
    columns = [{**about, **_of_footer(metadata, leaves.get(about["name"]), about)} for about in summary["columns"]]
    return {**summary, "columns": columns}


def _summary(schema: pa.Schema, total: int, sample: pa.Table) -> dict[str, Any]:
    facts = [_of_sample(column) for column in sample.columns]
    facts += [{}] * (len(schema) - len(facts))
    return {
        "rows": total,
        "exact": False,
        "sampled_rows": sample.num_rows,
        "columns": [describe(field, None, known) for field, known in zip(schema, facts, strict=True)],
        **left_out(len(schema)),
    }


def _of_sample(column: pa.ChunkedArray) -> dict[str, Any]:
    facts = summarize_column(column)
    if "distinct" in facts:
        facts["distinct_at_least"] = facts.pop("distinct")
    return facts


def _of_footer(metadata: pq.FileMetaData, leaf: int | None, about: dict[str, Any]) -> dict[str, Any]:
    """Of one column; what the footer does not say of every row group is left out."""
    if leaf is None:
        return {}
    groups = [metadata.row_group(place).column(leaf).statistics for place in range(metadata.num_row_groups)]
    if any(group is None or not group.has_null_count for group in groups):
        return {}
    nulls = {"nulls": sum(group.null_count for group in groups)}
    ended = [group for group in groups if group.has_min_max]
    if "min" not in about or len(ended) < sum(bool(group.num_values) for group in groups):
        return nulls
    return {**nulls, **_ends(ended)}


def _ends(groups: list[pq.Statistics]) -> dict[str, Any]:
    try:
        return {
            "min": json_value(min(group.min for group in groups)),
            "max": json_value(max(group.max for group in groups)),
        }
    except (ValueError, OverflowError, TypeError):  # none, or a date that Python's calendar lacks
        return {}


def _places(total: int) -> pa.Array:
    """100,000 row numbers, one from each of as many stretches of equal length."""
    import numpy as np

    stretch = np.arange(SAMPLE_LIMIT, dtype=np.uint64)
    within = (stretch * _GOLDEN % _WHOLE) / _WHOLE
    return to_arrow(((stretch + within) * (total / SAMPLE_LIMIT)).astype(np.int64))


def _spread_rows(path: Path, names: list[str], total: int) -> pa.Table:
    """About 100,000 rows of a file, without decoding the others (polars does that, Arrow does not)."""
    import polars as pl

    number = "row"
    while number in names:
        number += "_"
    scan = pl.scan_parquet(path, glob=False, hive_partitioning=False, row_index_name=number)
    fraction = pl.col(number).cast(pl.UInt64) * _GOLDEN % _WHOLE
    frame = scan.filter(fraction < SAMPLE_LIMIT * _WHOLE // total).select(names).collect(engine="streaming")
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())
