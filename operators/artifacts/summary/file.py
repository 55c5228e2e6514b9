"""The summary of a Parquet file: exact where its footer says, else from a sample spread over its row groups."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operators.artifacts.json_values import json_value
from operators.artifacts.summary.column import summarize_column
from operators.artifacts.summary.table import FULL_COLUMNS, SAMPLE_LIMIT, describe, left_out, rows, summarize_table

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq


def summarize_file(path: Path, table: pa.Table | None = None) -> tuple[pa.Schema, dict[str, Any]]:
    """The schema of a Parquet file and its summary, of the form that `summarize_table` gives.

    Files of up to 100,000 rows are summarized exactly. For others ``"exact"`` is false and ``"sampled_rows"`` says how
    many rows the statistics come from; rows, nulls, least and greatest values are those of the whole file as far as
    its footer has them. `table` is what was written, where it is in memory still.
    """
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, memory_map=True) as file:
        schema = file.schema_arrow
        if file.metadata.num_rows <= SAMPLE_LIMIT:
            return schema, summarize_table(file.read() if table is None else table)
        sample = _from_table(table) if table is not None else _from_file(file)
        return schema, _summary(file.metadata, sample)


def _summary(metadata: pq.FileMetaData, sample: pa.Table) -> dict[str, Any]:
    leaves = {metadata.schema.column(place).path: place for place in range(metadata.num_columns)}
    columns = []
    for place, (field, column) in enumerate(zip(sample.schema, sample.columns, strict=True)):
        facts = _of_sample(column) if place < FULL_COLUMNS else {}
        nulls, ends = _of_footer(metadata, leaves.get(field.name), field.type)
        columns.append(describe(field, nulls, {**facts, **ends} if "min" in facts else facts))
    return {
        "rows": metadata.num_rows,
        "exact": False,
        "sampled_rows": sample.num_rows,
        "columns": columns,
        **left_out(len(columns)),
        "sample": rows(sample),
    }


def _of_sample(column: pa.ChunkedArray) -> dict[str, Any]:
    facts = summarize_column(column)
    if "distinct" in facts:
        facts["distinct_at_least"] = facts.pop("distinct")
    return facts


def _of_footer(metadata: pq.FileMetaData, leaf: int | None, arrow: pa.DataType) -> tuple[int | None, dict[str, Any]]:
    """Nulls, least and greatest value of a column; what the footer does not say of every row group is left out."""
    if leaf is None:
        return None, {}
    groups = [metadata.row_group(place).column(leaf).statistics for place in range(metadata.num_row_groups)]
    if any(group is None or not group.has_null_count for group in groups):
        return None, {}
    nulls = sum(group.null_count for group in groups)
    ends = [group for group in groups if group.has_min_max]
    if len(ends) < sum(bool(group.num_values) for group in groups) or not ends:
        return nulls, {}
    return nulls, _ends(ends, arrow)


def _ends(groups: list[pq.Statistics], arrow: pa.DataType) -> dict[str, Any]:
    try:
        low, high = min(group.min for group in groups), max(group.max for group in groups)
    except (ValueError, OverflowError, TypeError):
        return {}
    return {"min": json_value(low), "max": json_value(high)}


def _from_table(table: pa.Table) -> pa.Table:
    """Rows at even distances, the first one among them."""
    import pyarrow as pa

    return table.take(pa.array(_even(table.num_rows, SAMPLE_LIMIT)))


def _even(count: int, wanted: int) -> Any:
    import numpy as np

    return np.arange(wanted, dtype=np.int64) * count // wanted


def _from_file(file: pq.ParquetFile) -> pa.Table:
    import pyarrow as pa

    return pa.concat_tables(_slices(file)).combine_chunks()


def _slices(file: pq.ParquetFile) -> Iterator[pa.Table]:
    """A share of each row group, at even distances, in proportion to its rows."""
    groups, total = file.num_row_groups, file.metadata.num_rows
    for place in range(groups):
        here = file.metadata.row_group(place).num_rows
        wanted = max(1, here * SAMPLE_LIMIT // total)
        yield file.read_row_group(place).take(_even(here, wanted))
